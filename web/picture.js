// SPDX-License-Identifier: Apache-2.0
// The picture behind the page: the scene of the track on air, with a slow motion where the reader allows it.
import { drawLand, drawSky, hash, hueOf, scene, sunOf } from './art.js';

const FRAME = 500; // ms between two pictures of a motion that takes minutes
const AFTER_TITLE = 60; // ms that a new picture waits: drawing it must not hold up the title
const MOST_PIXELS = 1.1e6; // of the canvas; the browser scales it up

export class Picture {
  #canvas;
  #view = null;
  #shown = '';
  #still = matchMedia('(prefers-reduced-motion: reduce)');
  #light = matchMedia('(prefers-color-scheme: light)');
  #moves = true;
  #timer = 0;
  #halo;
  #sky = document.createElement('canvas'); // what stands still
  #skyOf = '';
  #due = 0;

  // halo: an element that is kept around the sun.
  constructor(canvas, halo) {
    this.#canvas = canvas;
    this.#halo = halo;
    for (const query of [this.#still, this.#light]) query.addEventListener('change', () => this.#move());
    addEventListener('resize', () => this.#paint());
    document.addEventListener('visibilitychange', () => this.#move());
  }

  // The same genre and name have the same picture.
  show(genre, name) {
    if (this.#shown === genre + name) return;
    this.#shown = genre + name;
    document.documentElement.style.setProperty('--hue', hueOf(genre));
    this.#view = scene(genre, hash(name));
    clearTimeout(this.#due);
    this.#due = setTimeout(() => this.#move(), AFTER_TITLE);
  }

  // The picture as a square PNG in a data: URL, for the lock screen.
  cover(size = 512) {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = size;
    const paint = canvas.getContext('2d');
    if (this.#view) for (const part of [drawSky, drawLand]) part(paint, size, size, this.#view);
    return canvas.toDataURL('image/png');
  }

  // Whether it moves, as far as the reader's system allows it.
  set moves(moves) {
    this.#moves = moves;
    this.#move();
  }

  #move() {
    clearInterval(this.#timer);
    this.#paint();
    if (this.#view && this.#moves && !this.#still.matches && !document.hidden) this.#timer = setInterval(() => this.#paint(), FRAME);
  }

  #paint() {
    if (!this.#view) return;
    const { clientWidth: wide, clientHeight: high } = this.#canvas;
    const scale = Math.min(devicePixelRatio, Math.sqrt(MOST_PIXELS / Math.max(1, wide * high)));
    const width = Math.max(1, Math.round(wide * scale)), height = Math.max(1, Math.round(high * scale));
    if (this.#canvas.width !== width || this.#canvas.height !== height) Object.assign(this.#canvas, { width, height });
    const { x, y, radius } = sunOf(this.#view, wide, high);
    Object.assign(this.#halo.style, { width: `${2 * radius}px`, left: `${x - radius}px`, top: `${y - radius}px` });
    const seconds = this.#still.matches ? 0 : performance.now() / 1000;
    const paint = this.#canvas.getContext('2d'), light = this.#light.matches;
    const sky = `${this.#shown} ${width} ${height} ${light}`;
    if (sky !== this.#skyOf) {
      this.#skyOf = sky;
      Object.assign(this.#sky, { width, height });
      drawSky(this.#sky.getContext('2d'), width, height, this.#view, light);
    }
    paint.drawImage(this.#sky, 0, 0);
    drawLand(paint, width, height, this.#view, light, seconds);
  }
}
