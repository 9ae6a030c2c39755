// SPDX-License-Identifier: Apache-2.0
// When the page asks the station for its status, and how it learns that the station is out of reach.
import { at } from './api.js';

const POLL = 2000; // ms, and as soon as a fade is due: then the next title is known in time
const POLL_UNSEEN = 10000; // for the lock screen's title while playing
const POLL_LOST = 10000; // of a station that has not answered for a minute, while nobody waits for its sound
const TITLE_FIRST = 250; // ms before and after a title is due, in which nothing else is done

// The seconds until the fade out of the track on air is due, by its length; it may come earlier.
export const untilFade = (status) => status.duration - status.position - status.config.crossfade;

// Until the next question, ms; 0: none, until the page is seen or played again. status: the last one; lostFor: ms since the
// station stopped answering, or null while it answers; wanted: the page plays or tries to; hidden: nobody sees it.
export function pauseOf({ status, lostFor, wanted, hidden }) {
  if (lostFor !== null) {
    if (wanted) return POLL;
    return hidden ? 0 : lostFor < 60000 ? POLL : POLL_LOST;
  }
  if (hidden) return wanted ? POLL_UNSEEN : 0;
  const fade = untilFade(status) * 1000 + 150;
  return fade > 100 ? Math.min(POLL, fade) : POLL;
}

// Until a question does not come between a title and the ear, ms. due: when the title is heard, or 0; now: ms.
export function untilClear(due, now) {
  const wait = due - now;
  return Math.abs(wait) > TITLE_FIRST ? 0 : wait + TITLE_FIRST;
}

export class Station {
  #page;
  #timer = 0;
  #asked = 0; // questions so far
  #answered = 0; // the newest question whose end is known
  #status = null;
  #lostAt = 0; // ms; 0: it answers
  #events = null;
  titleDue = 0; // when the next title is heard, ms; 0: not known

  // page: {ask(), a promise of the status; listening(), {wanted, live, hidden}: the page plays or tries to, by WebRTC, and
  // nobody sees it; answered(status, wasLost); lost(ms), once an outage; onAir(event)}.
  constructor(page) {
    this.#page = page;
  }

  // Resolves when the answer is on the page, or the outage. An answer that is overtaken by a later one's is left out.
  async ask() {
    clearTimeout(this.#timer);
    const number = ++this.#asked;
    const status = await this.#page.ask().catch(() => null);
    if (number < this.#answered) return;
    this.#answered = number;
    try {
      if (status) this.#hear(status);
      else if (!this.#lostAt) this.#page.lost(this.#lostAt = performance.now());
    } finally {
      this.#askLater();
    }
  }

  // As soon as that does not delay a title. By WebRTC the station tells that one is on air 50 ms before it is heard.
  askSoon() {
    const wait = untilClear(this.titleDue, performance.now());
    if (wait === 0) return void this.ask();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.ask(), wait);
  }

  // Asks, and tells whether the station may answer: it is out of reach only where that is known.
  isReached() {
    return Promise.race([
      this.ask().then(() => !this.#lostAt),
      new Promise((resolve) => { setTimeout(resolve, POLL, true); }),
    ]);
  }

  // By WebRTC the ear is less than a tenth of a second behind the station, so what changes must be known at once. A stream's
  // delay is longer than the pause between two polls: it does without, and so leaves the browser its few connections.
  followEvents() {
    const { live, hidden } = this.#page.listening();
    const wanted = live && !hidden && !this.#lostAt;
    if (wanted === (this.#events !== null)) return;
    this.#events?.close();
    this.#events = wanted ? new EventSource(at('api/events')) : null;
    this.#events?.addEventListener('fade', () => this.askSoon());
    this.#events?.addEventListener('on_air', (event) => {
      this.#page.onAir(JSON.parse(event.data));
      this.askSoon();
    });
    this.#events?.addEventListener('error', () => { // it would ask again and again by itself
      this.#events?.close();
      this.#events = null;
      this.ask();
    });
  }

  #hear(status) {
    const wasLost = this.#lostAt > 0;
    this.#status = status;
    this.#lostAt = 0;
    this.#page.answered(status, wasLost);
  }

  #askLater() {
    clearTimeout(this.#timer);
    const { wanted, hidden } = this.#page.listening();
    const lostFor = this.#lostAt ? performance.now() - this.#lostAt : null;
    const pause = pauseOf({ status: this.#status, lostFor, wanted, hidden });
    if (pause) this.#timer = setTimeout(() => this.askSoon(), pause);
  }
}
