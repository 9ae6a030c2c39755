// SPDX-License-Identifier: Apache-2.0
// The page's state: one plain object, changed by set() alone, and the views that follow it. And what the browser remembers.

export class Store {
  #state;
  #views = [];

  constructor(state) { this.#state = state; }

  get state() { return this.#state; }

  set(changes) {
    this.#state = { ...this.#state, ...changes };
    for (const view of this.#views) view(this.#state);
  }

  // view(state): called now and after each change.
  watch(view) {
    this.#views.push(view);
    view(this.#state);
  }
}

const KEPT = {
  volume: { usual: 80, is: (x) => typeof x === 'number' && x >= 0 && x <= 100 },
  muted: { usual: false, is: (x) => typeof x === 'boolean' },
  sound: { usual: 'auto', is: (x) => ['auto', 'mp3', 'opus'].includes(x) },
  motion: { usual: true, is: (x) => typeof x === 'boolean' },
  token: { usual: '', is: (x) => typeof x === 'string' },
  letters: { usual: true, is: (x) => typeof x === 'boolean' },
};

// A person's choices out of what an earlier visit wrote; what is missing or spoilt is as usual.
export function choicesOf(text) {
  let kept = null;
  try { kept = JSON.parse(text); } catch { /* spoilt */ }
  return Object.fromEntries(Object.entries(KEPT).map(([name, { usual, is }]) =>
    [name, is(kept?.[name]) ? kept[name] : usual]));
}

const PLACE = 'infinara';

// Both do without where a private window has no storage.
export function recall() {
  try { return choicesOf(localStorage.getItem(PLACE)); } catch { return choicesOf(null); }
}

export function keep(choices) {
  try { localStorage.setItem(PLACE, JSON.stringify(choices)); } catch { /* not kept */ }
}
