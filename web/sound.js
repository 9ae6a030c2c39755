// SPDX-License-Identifier: Apache-2.0
// The sound as numbers, and the quiet motion that they make: the ticks of the dial's scale rise with the spectrum, from low
// to high, and a halo stands around the sun. What is played is only looked at, never passed through.

const FRAME = 80; // ms
const LOWEST = 50, HIGHEST = 11000; // Hz
const TICKS = 98; // seven a genre
const STEADY = 0.86; // how slowly the analyser's numbers follow, below 1

// `count` strengths from 0 to 1, evenly spaced in pitch, out of an analyser's bytes; binWidth in Hz.
export function bands(bytes, binWidth, count) {
  return Array.from({ length: count }, (_, i) => {
    const at = (LOWEST * (HIGHEST / LOWEST) ** (i / (count - 1))) / binWidth;
    const below = Math.min(bytes.length - 1, Math.floor(at)), above = Math.min(bytes.length - 1, below + 1);
    const part = at - Math.floor(at);
    return ((bytes[below] * (1 - part) + bytes[above] * part) / 255) * (0.7 + (0.3 * i) / (count - 1)); // music falls off
  });
}

// Up within about 0.3 s, down within a second and a half.
export const follow = (before, now) => before + (now - before) * (now > before ? 0.2 : 0.045);

export class Motion {
  #dial;
  #halo;
  #player;
  #context = null;
  #analyser = null;
  #tapped = null; // {way, node}
  #bytes = null;
  #timer = 0;
  #loudness = 0;
  #wanted = true;
  #still = matchMedia('(prefers-reduced-motion: reduce)');
  #colour = '';

  // dial: a canvas along the scale; halo: an element that is scaled and faded.
  constructor(dial, halo, player) {
    this.#dial = dial;
    this.#halo = halo;
    this.#player = player;
    this.#still.addEventListener('change', () => this.follow());
    document.addEventListener('visibilitychange', () => this.follow());
  }

  set wanted(wanted) {
    this.#wanted = wanted;
    this.follow();
  }

  // The player plays, pauses or has changed its way; the colour of the page may be another.
  follow() {
    clearInterval(this.#timer);
    this.#timer = 0;
    this.#colour = getComputedStyle(this.#dial).color;
    const stream = this.#wanted && !this.#still.matches && !document.hidden ? this.#player.tap() : null;
    if (!stream) {
      this.#untap();
      this.#context?.suspend();
      this.#rest();
      return;
    }
    this.#tap(stream);
    this.#timer = setInterval(() => this.#draw(), FRAME);
  }

  #tap(stream) {
    this.#context ??= new AudioContext();
    this.#context.resume();
    if (!this.#analyser) {
      this.#analyser = new AnalyserNode(this.#context, { fftSize: 2048, smoothingTimeConstant: STEADY });
      this.#bytes = new Uint8Array(this.#analyser.frequencyBinCount);
    }
    if (this.#tapped?.stream === stream) return;
    this.#untap();
    const node = this.#context.createMediaStreamSource(stream);
    node.connect(this.#analyser);
    this.#tapped = { stream, node };
  }

  #untap() {
    this.#tapped?.node.disconnect();
    this.#tapped = null;
  }

  #rest() {
    this.#loudness = 0;
    this.#halo.style.opacity = '';
    this.#dial.getContext('2d').clearRect(0, 0, this.#dial.width, this.#dial.height);
  }

  #draw() {
    this.#analyser.getByteFrequencyData(this.#bytes);
    const strengths = bands(this.#bytes, this.#context.sampleRate / this.#analyser.fftSize, TICKS);
    const low = strengths.slice(0, TICKS / 3);
    this.#loudness = follow(this.#loudness, low.reduce((sum, x) => sum + x, 0) / low.length);
    this.#halo.style.opacity = (this.#loudness * 0.9).toFixed(3);
    this.#halo.style.transform = `scale(${(1 + 0.22 * this.#loudness).toFixed(4)})`;

    const { clientWidth, clientHeight } = this.#dial;
    const scale = Math.min(2, devicePixelRatio);
    const width = Math.round(clientWidth * scale), height = Math.round(clientHeight * scale);
    if (this.#dial.width !== width || this.#dial.height !== height) Object.assign(this.#dial, { width, height });
    const upright = height > width;
    const paint = this.#dial.getContext('2d');
    paint.clearRect(0, 0, width, height);
    paint.fillStyle = this.#colour;
    const along = (upright ? height : width) / TICKS, most = upright ? width : height;
    const thick = Math.max(1, Math.round(Math.min(scale * 2, along * 0.3)));
    strengths.forEach((strength, i) => {
      const long = Math.round(most * Math.min(1, strength ** 1.5));
      const at = Math.round((i + 0.5) * along);
      if (upright) paint.fillRect(0, at, long, thick);
      else paint.fillRect(at, height - long, thick, long);
    });
  }
}
