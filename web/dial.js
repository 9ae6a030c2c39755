// SPDX-License-Identifier: Apache-2.0
// The dial: the genres along a radio's scale, from calm and acoustic to fast and electric, joined by arcs where the DJ may
// walk. A press travels there now; a long press, Shift or the menu key puts it after the queue.

export const SCALE = ['bossa nova', 'acoustic folk', 'jazz', 'lofi hip hop', 'chillwave', 'ambient', 'classical', 'cinematic',
  'synthwave', 'indie rock', 'rock', 'disco funk', 'electronic', 'drum and bass'];
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

export class Dial {
  #root;
  #list;
  #arcs;
  #label;
  #choose;
  #edges = [];
  #order = [];
  #upright = matchMedia('(max-width: 40rem)');
  #shown = {};

  // choose(genre, when, button): when is 'now' or 'queue'.
  constructor(root, label, choose) {
    this.#root = root;
    this.#list = root.querySelector('ol');
    this.#arcs = root.querySelector('svg');
    this.#label = label;
    this.#choose = choose;
    this.#upright.addEventListener('change', () => this.#draw());
    this.#list.addEventListener('keydown', (event) => this.#step(event));
  }

  // Pairs of genres that are neighbours.
  set edges(pairs) {
    this.#edges = pairs;
    this.#draw();
  }

  // here: on air; ahead: where the DJ stands; from: on air before.
  show({ genres, here, ahead, from }) {
    const order = inOrder(genres);
    if (order.join('\n') !== this.#order.join('\n')) this.#build(order);
    const next = this.#edges.filter((edge) => edge.includes(here)).map(([a, b]) => (a === here ? b : a));
    for (const button of this.#buttons) {
      const genre = button.value;
      const coming = genre !== here && genre === ahead;
      button.setAttribute('aria-current', String(genre === here));
      button.classList.toggle('coming', coming);
      button.classList.toggle('near', next.includes(genre));
      const part = genre === here ? 'on air' : coming ? 'coming up' : next.includes(genre) ? 'the DJ may go there' : '';
      button.title = `${part}${part ? '; ' : ''}press: now, long press: after the queue`;
      button.tabIndex = genre === here || (!order.includes(here) && button === this.#buttons[0]) ? 0 : -1;
    }
    if (this.#shown.here !== here || this.#shown.ahead !== ahead || this.#shown.from !== from) {
      this.#shown = { here, ahead, from };
      this.#draw();
    }
  }

  get #buttons() { return [...this.#list.querySelectorAll('button')]; }

  #build(order) {
    this.#order = order;
    this.#list.replaceChildren(...order.map((genre) => {
      const item = document.createElement('li');
      const button = document.createElement('button');
      button.type = 'button';
      button.value = genre;
      button.textContent = this.#label(genre);
      this.#listen(button);
      item.append(button);
      return item;
    }));
    this.#draw();
  }

  #listen(button) {
    let timer = 0, queued = false;
    const queue = () => {
      queued = true;
      this.#choose(button.value, 'queue', button);
    };
    button.addEventListener('pointerdown', () => {
      queued = false;
      timer = setTimeout(queue, LONG_PRESS);
    });
    for (const end of ['pointerup', 'pointerleave', 'pointercancel']) button.addEventListener(end, () => clearTimeout(timer));
    button.addEventListener('contextmenu', (event) => {
      event.preventDefault();
      clearTimeout(timer);
      if (!queued) queue();
    });
    button.addEventListener('click', (event) => {
      if (queued) queued = false;
      else this.#choose(button.value, event.shiftKey ? 'queue' : 'now', button);
    });
  }

  #step(event) {
    const buttons = this.#buttons, at = buttons.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (to === undefined || at < 0) return;
    event.preventDefault();
    buttons[(to + buttons.length) % buttons.length].focus();
  }

  #draw() {
    const { here, ahead, from } = this.#shown;
    const is = ([a, b], one, other) => (a === one && b === other) || (a === other && b === one);
    this.#arcs.replaceChildren(...this.#edges
      .filter((edge) => edge.every((genre) => this.#order.includes(genre)))
      .map((edge) => {
        const path = document.createElementNS(SVG, 'path');
        const [a, b] = edge.map((genre) => this.#order.indexOf(genre));
        path.setAttribute('d', arc(a, b, this.#order.length, this.#upright.matches));
        path.setAttribute('class', is(edge, here, ahead) ? 'coming' : is(edge, here, from) ? 'came' : edge.includes(here) ? 'near' : '');
        return path;
      }));
  }
}
