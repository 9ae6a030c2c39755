// SPDX-License-Identifier: Apache-2.0
// The picture behind the page: the scene of the track on air, with a slow motion where the reader allows it.
import { draw, hash, scene } from './art.js';

const FRAME = 500; // ms between two pictures of a motion that takes minutes
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
    this.#view = scene(genre, hash(name));
    this.#move();
  }

  // The picture as a square PNG in a data: URL, for the lock screen.
  cover(size = 512) {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = size;
    if (this.#view) draw(canvas.getContext('2d'), size, size, this.#view);
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
    const { disc } = this.#view;
    const size = Math.min(wide, high) * disc.size * 4; // its diameter
    Object.assign(this.#halo.style, { width: `${size}px`, left: `${wide * disc.x - size / 2}px`, top: `${high * disc.y - size / 2}px` });
    const seconds = this.#still.matches ? 0 : performance.now() / 1000;
    draw(this.#canvas.getContext('2d'), width, height, this.#view, seconds, this.#light.matches);
  }
}
