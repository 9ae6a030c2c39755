// SPDX-License-Identifier: Apache-2.0
// The picture of a track: a landscape drawn from its genre and a seed. The same two give the same picture.

import { LOOKS } from './dial.js';

const LAYERS = 6;
const HORIZON = 0.6; // of a grid's picture, in parts of the height
const TAU = 2 * Math.PI;

export const hueOf = (genre) => (LOOKS[genre] ?? LOOKS.ambient).hue;

// FNV-1a over the text's UTF-16 units: an unsigned 32-bit number.
export function hash(text) {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return value;
}

// Numbers from 0 to 1: the generator "mulberry32".
function numbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}

// What is drawn, in parts of the width and the height.
export function scene(genre, seed) {
  const next = numbers(seed);
  const { hue, motif } = LOOKS[genre] ?? LOOKS.ambient;
  return {
    hue, motif,
    disc: { x: 0.68 + 0.16 * next(), y: 0.26 + 0.2 * next(), size: 0.07 + 0.05 * next() },
    layers: Array.from({ length: LAYERS }, (_, depth) => ({
      base: 0.56 + 0.075 * depth,
      waves: Array.from({ length: 3 }, (__, i) => ({
        rate: (1.2 + 2.4 * next()) * (i + 1), phase: next(), height: (0.05 - 0.005 * depth) / (i + 1),
      })),
      blocks: Array.from({ length: 40 }, () => ({ width: 0.5 + next(), height: next(), lit: next() })),
    })),
  };
}

const ridge = (x) => 1 - 2 * Math.abs(2 * (x - Math.floor(x)) - 1);

function outline(layer, motif, x, drift) {
  let y = layer.base;
  for (const wave of layer.waves) {
    const at = x * wave.rate + wave.phase + drift;
    y -= wave.height * (motif === 'waves' ? Math.sin(TAU * at) : ridge(at));
  }
  return y;
}

function hills(paint, width, height, layer, motif, drift) {
  paint.beginPath();
  paint.moveTo(0, height);
  const steps = 90;
  for (let i = 0; i <= steps; i += 1) paint.lineTo((width * i) / steps, height * outline(layer, motif, i / steps, drift));
  paint.lineTo(width, height);
  paint.fill();
}

function houses(paint, width, height, layer, light, glow) {
  const unit = width / 34;
  let x = -unit * layer.waves[0].phase;
  const lit = [];
  for (const block of layer.blocks) {
    const top = height * (layer.base + 0.04 - 0.2 * block.height ** 2 * (1.4 - layer.base));
    const wide = unit * block.width;
    paint.fillRect(x, top, wide + 1, height - top);
    for (let row = 0; row < 5; row += 1) {
      const chance = (block.lit * 977 * (row + 1)) % 1;
      if (chance < 0.22) lit.push([x + wide * (0.2 + chance * 2), top + unit * 0.3 * (row + 1)]);
    }
    x += wide;
  }
  if (light) return;
  const before = paint.fillStyle;
  paint.fillStyle = glow;
  for (const [left, top] of lit) paint.fillRect(left, top, Math.max(1, unit * 0.08), Math.max(1, unit * 0.12));
  paint.fillStyle = before;
}

function floor(paint, width, height, drift) {
  const horizon = height * HORIZON, middle = width * 0.6;
  paint.beginPath();
  for (let i = -16; i <= 16; i += 1) {
    paint.moveTo(middle + i * width * 0.02, horizon);
    paint.lineTo(middle + i * width * 0.22, height);
  }
  for (let i = 0; i < 12; i += 1) {
    const y = horizon + (height - horizon) * ((i + (drift * 9) % 1) / 12) ** 2;
    paint.moveTo(0, y);
    paint.lineTo(width, y);
  }
  paint.stroke();
}

function rings(paint, width, height, view, drift) {
  const x = width * view.disc.x, y = height * view.disc.y;
  view.layers.forEach((layer, i) => {
    const radius = height * (0.22 + 0.13 * i);
    paint.beginPath();
    paint.arc(x, y, radius, 0, TAU);
    paint.stroke();
    const angle = TAU * (layer.waves[0].phase + drift * (2 - i * 0.2));
    paint.beginPath();
    paint.arc(x + radius * Math.cos(angle), y + radius * Math.sin(angle), height * 0.008 * (1 + layer.blocks[0].height), 0, TAU);
    paint.fill();
  });
}

// Where the picture begins under the sky: on an upright page text stands above it, and takes more of a short one.
function skyOf(width, height) {
  const ratio = height / width;
  return ratio > 1.2 ? height * Math.min(0.5, Math.max(0.3, 0.36 + (2.16 - ratio) * 0.4)) : 0;
}

// The sun in the units of the width and the height: {x, y, radius}.
export function sunOf({ disc }, width, height) {
  const sky = skyOf(width, height), ground = height - sky;
  return { x: width * disc.x, y: sky + ground * disc.y, radius: Math.min(width, ground) * disc.size * 2 };
}

const coloursOf = ({ hue }, light) => (turn, saturation, dark, bright, opacity = 1) =>
  `hsl(${hue + turn} ${saturation}% ${light ? bright : dark}% / ${opacity})`;

// Draws it on a 2D context: first what stands still, then what moves. light: for a page with a light ground.
export function drawSky(paint, width, height, view, light = false) {
  const colour = coloursOf(view, light);
  const sky = paint.createLinearGradient(0, 0, 0, height);
  sky.addColorStop(0, colour(12, 30, 7, 96));
  sky.addColorStop(1, colour(-8, 42, 19, 84));
  paint.fillStyle = sky;
  paint.fillRect(0, 0, width, height);

  const sun = sunOf(view, width, height);
  const glow = paint.createRadialGradient(sun.x, sun.y, sun.radius * 0.9, sun.x, sun.y, sun.radius * 2.6);
  glow.addColorStop(0, colour(6, 70, 46, 78, 0.34));
  glow.addColorStop(1, colour(6, 70, 46, 78, 0));
  paint.fillStyle = glow;
  paint.fillRect(0, 0, width, height);
  const disc = paint.createLinearGradient(0, sun.y - sun.radius, 0, sun.y + sun.radius);
  disc.addColorStop(0, colour(5, 68, 56, 84));
  disc.addColorStop(1, colour(-12, 62, 38, 72));
  paint.fillStyle = disc;
  paint.beginPath();
  paint.arc(sun.x, sun.y, sun.radius, 0, TAU);
  paint.fill();
}

// seconds: how far its slow motion is.
export function drawLand(paint, width, height, view, light = false, seconds = 0) {
  const above = skyOf(width, height);
  paint.save();
  paint.translate(0, above);
  land(paint, width, height - above, view, { drift: seconds / 400, light, colour: coloursOf(view, light), line: Math.max(1, height / 700) });
  paint.restore();
}

function land(paint, width, height, view, { drift, light, colour, line }) {
  if (view.motif === 'orbits') {
    paint.strokeStyle = colour(0, 40, 30, 74);
    paint.fillStyle = colour(10, 60, 60, 60);
    paint.lineWidth = line;
    rings(paint, width, height, view, drift);
  } else if (view.motif === 'grid') {
    paint.fillStyle = colour(-5, 34, 15, 80);
    hills(paint, width, height, view.layers[0], 'ridges', 0);
    paint.fillStyle = colour(0, 40, 9, 88);
    paint.fillRect(0, height * HORIZON, width, height);
    paint.strokeStyle = colour(0, 60, 40, 68);
    paint.lineWidth = line;
    floor(paint, width, height, drift);
  } else {
    view.layers.forEach((layer, depth) => {
      paint.fillStyle = colour(-5 * depth, 34 - 2 * depth, 17 - 2.2 * depth, 82 - 4 * depth);
      if (view.motif === 'skyline') houses(paint, width, height, layer, light, colour(14, 80, 62, 60));
      else hills(paint, width, height, layer, view.motif, drift * (1 + depth * 0.5));
    });
  }
}
