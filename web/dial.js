// SPDX-License-Identifier: Apache-2.0
// The dial: the genres along a radio's scale, from calm and acoustic to fast and electric, joined by arcs where the DJ may
// walk. A press travels there now; a long press, Shift or the menu key puts it after the queue.

// The genres in their order on the dial, and what art.js paints for each. hue: degrees; motif: what stands before the sky.
export const LOOKS = {
  'bossa nova': { hue: 152, motif: 'waves' },
  'acoustic folk': { hue: 96, motif: 'ridges' },
  'jazz': { hue: 348, motif: 'skyline' },
  'lofi hip hop': { hue: 30, motif: 'skyline' },
  'chillwave': { hue: 178, motif: 'waves' },
  'ambient': { hue: 200, motif: 'waves' },
  'classical': { hue: 44, motif: 'ridges' },
  'cinematic': { hue: 252, motif: 'ridges' },
  'synthwave': { hue: 312, motif: 'grid' },
  'indie rock': { hue: 22, motif: 'ridges' },
  'rock': { hue: 0, motif: 'ridges' },
  'disco funk': { hue: 332, motif: 'orbits' },
  'electronic': { hue: 276, motif: 'orbits' },
  'drum and bass': { hue: 8, motif: 'skyline' },
};
export const SCALE = Object.keys(LOOKS);
const LONG_PRESS = 550; // ms
const SVG = 'http://www.w3.org/2000/svg';

// The genres in their order on the dial; those that it does not know come last.
export function inOrder(genres) {
  const place = (genre) => (SCALE.includes(genre) ? SCALE.indexOf(genre) : SCALE.length);
  return [...genres].sort((a, b) => place(a) - place(b));
}

// The arc between two genres as an SVG path in a box of 100 by 100, along the box's foot or, if upright, its left side.
export function arc(from, to, count, upright) {
  const a = ((from + 0.5) / count) * 100, b = ((to + 0.5) / count) * 100;
  const rise = Math.min(130, 8 + Math.abs(a - b) * 2.1);
  return upright ? `M0,${a} C${rise},${a} ${rise},${b} 0,${b}` : `M${a},100 C${a},${100 - rise} ${b},${100 - rise} ${b},100`;
}

// Where the DJ may go: to any neighbour, and back only where there is no other way.
export function waysFrom(edges, here, from) {
  const ways = edges.filter((edge) => edge.includes(here)).map(([a, b]) => (a === here ? b : a));
  return ways.length > 1 ? ways.filter((genre) => genre !== from) : ways;
}

// What a genre is in the walk: 'here', 'coming', 'near', 'came' or ''. near: where the DJ may go.
export function partOf(genre, { here, ahead, from, near }) {
  if (genre === here) return 'here';
  if (genre === ahead) return 'coming';
  if (near.includes(genre)) return 'near';
  return genre === from ? 'came' : '';
}

const PARTS = { 'here': 'on air', 'coming': 'comes next', 'near': 'may follow', 'came': 'before', '': '' };

export class Dial {
  #root;
  #list;
  #arcs;
  #label;
  #choose;
  #edges = [];
  #order = [];
  #upright = matchMedia('(max-width: 40rem)');
  #shown = '';
  #here = '';
  #queued = false; // the press that is under way was long: what it ends with is no click
  #draw = null; // the arcs, for the dial as it stands

  // choose(genre, when, button): when is 'now' or 'queue'.
  constructor(root, label, choose) {
    this.#root = root;
    this.#list = root.querySelector('ol');
    this.#arcs = root.querySelector('svg');
    this.#label = label;
    this.#choose = choose;
    this.#upright.addEventListener('change', () => {
      this.#draw?.();
      this.#centre('instant');
    });
    this.#list.addEventListener('keydown', (event) => this.#step(event));
  }

  // Pairs of genres that are neighbours.
  set edges(pairs) {
    this.#edges = pairs;
  }

  // here: on air; ahead: where the DJ stands; from: on air before; walks: whether the DJ goes on by itself.
  show({ genres, here, ahead, from, walks }) {
    const order = inOrder(genres);
    if (order.join('\n') !== this.#order.join('\n')) this.#build(order);
    const shown = JSON.stringify([here, ahead, from, walks, this.#edges.length, order]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    const near = walks && here === ahead ? waysFrom(this.#edges, here, from) : [];
    for (const button of this.#buttons) {
      const part = partOf(button.value, { here, ahead, from, near });
      button.setAttribute('aria-current', String(part === 'here'));
      for (const one of ['coming', 'near', 'came']) button.classList.toggle(one, part === one);
      button.querySelector('.part').textContent = PARTS[part];
      button.tabIndex = button.value === here || (!order.includes(here) && button === this.#buttons[0]) ? 0 : -1;
    }
    this.#root.style.setProperty('--at', (order.indexOf(here) + 0.5) / order.length);
    if (this.#here === '') void this.#root.offsetWidth; // the needle begins where it belongs, and glides from then on
    this.#root.classList.toggle('tuned', order.includes(here));
    this.#draw = () => this.#drawArcs(here, ahead, from, near);
    this.#draw();
    if (here !== this.#here) this.#centre(this.#here === '' ? 'instant' : 'smooth');
    this.#here = here;
  }

  // Upright the scale is longer than its place on most phones: what is on air stays in sight.
  #centre(behavior) {
    const here = this.#list.querySelector('[aria-current=true]');
    if (!here || this.#root.scrollHeight <= this.#root.clientHeight) return;
    const row = here.getBoundingClientRect(), place = this.#root.getBoundingClientRect();
    this.#root.scrollBy({ top: row.top + row.height / 2 - place.top - place.height / 2, behavior });
  }

  get #buttons() { return [...this.#list.querySelectorAll('button')]; }

  #build(order) {
    this.#order = order;
    const part = (name, content) => Object.assign(document.createElement('span'), { className: name, textContent: content });
    this.#list.replaceChildren(...order.map((genre) => {
      const item = document.createElement('li');
      const button = document.createElement('button');
      button.type = 'button';
      button.value = genre;
      button.title = 'press: now, long press: after the queue';
      button.append(part('name', this.#label(genre)), ' ', part('part', ''));
      this.#listen(button);
      item.append(button);
      return item;
    }));
  }

  #listen(button) {
    let timer = 0;
    const queue = () => {
      this.#queued = true;
      this.#choose(button.value, 'queue', button);
    };
    button.addEventListener('pointerdown', () => {
      this.#queued = false;
      timer = setTimeout(queue, LONG_PRESS);
    });
    for (const end of ['pointerup', 'pointerleave', 'pointercancel']) button.addEventListener(end, () => clearTimeout(timer));
    button.addEventListener('contextmenu', (event) => {
      event.preventDefault();
      clearTimeout(timer);
      if (!this.#queued) queue();
    });
    button.addEventListener('click', (event) => {
      if (this.#queued) this.#queued = false;
      else this.#choose(button.value, event.shiftKey ? 'queue' : 'now', button);
    });
  }

  #step(event) {
    this.#queued = false;
    const buttons = this.#buttons, at = buttons.indexOf(document.activeElement);
    if (event.key === 'Enter' && event.shiftKey && at >= 0) {
      event.preventDefault(); // Firefox tells a click nothing of Shift
      this.#choose(buttons[at].value, 'queue', buttons[at]);
    }
    const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (to === undefined || at < 0) return;
    event.preventDefault();
    buttons[(to + buttons.length) % buttons.length].focus();
  }

  #drawArcs(here, ahead, from, near) {
    const is = ([a, b], one, other) => (a === one && b === other) || (a === other && b === one);
    this.#arcs.replaceChildren(...this.#edges
      .filter((edge) => edge.every((genre) => this.#order.includes(genre)))
      .map((edge) => {
        const path = document.createElementNS(SVG, 'path');
        const [a, b] = edge.map((genre) => this.#order.indexOf(genre));
        path.setAttribute('d', arc(a, b, this.#order.length, this.#upright.matches));
        path.setAttribute('class', is(edge, here, ahead) ? 'coming' : is(edge, here, from) ? 'came' : near.some((genre) => is(edge, here, genre)) ? 'near' : '');
        return path;
      }));
  }
}
