// SPDX-License-Identifier: Apache-2.0
// The sound by HTTP: the endless stream in an audio element. It notices when the sound stands still or falls behind.
import { at } from './api.js';

const LOOK = 1000; // ms between two looks
const PATIENCE = 8; // looks without sound: the connection is lost
const BEHIND = 4; // seconds that the sound has stood still in all: then a new connection is heard less than the delay
const CATCHES_UP = 1; // seconds of the same: then it plays a little faster, until it is where it was
const FASTER = 1.03;
const USUAL = 3.5; // seconds behind the station that its burst and its batches make

// How fast it plays. late: seconds that it has stood still in all; ahead: seconds that are loaded but not yet heard.
export function speedOf(before, late, ahead) {
  if (late < 0.2 || ahead < 1) return 1;
  return late > CATCHES_UP && ahead > 2 ? FASTER : before;
}

// Seconds late, once the delay behind the station was measured. late: by which it has stood still; spares: it is no reason
// for a new connection, since the one before began late as well.
export function lateBy(delay, late, spares) {
  return Math.max(late, Math.min(delay - USUAL, spares ? BEHIND : Infinity));
}

// Which stream is played. sound: a person's choice, 'auto', 'mp3' or 'opus'; savesData: the browser is told to save data.
export function pathOf(sound, savesData, playsOpus) {
  return playsOpus && (sound === 'opus' || (sound === 'auto' && savesData)) ? 'stream.opus' : 'stream';
}

export class Stream {
  #audio;
  #lost;
  #watch = 0;
  #still = 0;
  #at = 0;
  #began = 0; // when it began to play, ms
  #from = 0; // where, seconds
  #spares = false; // a connection that began late was given up
  #key = ''; // by which the station knows this connection
  #open = null; // the functions of open()'s promise

  // lost(why, late): called once when a stream that played ends or stands still; late: it fell behind.
  constructor(audio, lost) {
    this.#audio = audio;
    this.#lost = lost;
    audio.addEventListener('playing', () => this.#playing());
    audio.addEventListener('error', () => this.#failed('The connection was lost'));
    audio.addEventListener('ended', () => this.#failed('The connection was lost'));
  }

  get key() { return this.#key; }
  // The seconds of this connection's sound that were heard; null while nothing is.
  get heardAt() {
    const { played, currentTime } = this.#audio;
    return played.length > 0 ? currentTime - played.start(0) : null;
  }

  // How far the ear is behind the station, as measured, seconds. What came late at the beginning never stood still here.
  set delay(seconds) {
    if (!this.#began) return;
    const late = lateBy(seconds, this.#late, this.#spares);
    this.#began -= (late - this.#late) * 1000;
    this.#spares = late > BEHIND || (this.#spares && late === BEHIND);
  }

  get #late() {
    return this.#began ? (performance.now() - this.#began) / 1000 - (this.#audio.currentTime - this.#from) : 0;
  }

  get playsOpus() { return this.#audio.canPlayType('audio/ogg; codecs=opus') !== ''; }

  // Resolves when sound plays; rejects if it cannot.
  open(path) {
    this.close();
    return new Promise((resolve, reject) => {
      this.#open = { resolve, reject };
      this.#still = this.#at = this.#began = 0;
      this.#key = `${Date.now().toString(36)}${Math.random().toString(36).slice(2)}`; // new: never a cached piece of the past
      this.#audio.playbackRate = 1;
      this.#audio.src = at(`${path}?listener=${this.#key}`);
      this.#audio.play().catch((error) => {
        if (error.name !== 'AbortError') this.#failed('There is no sound yet', error);
      });
      this.#watch = setInterval(() => this.#look(), LOOK);
    });
  }

  close() {
    clearInterval(this.#watch);
    const open = this.#open;
    this.#open = null;
    this.#audio.pause();
    if (this.#audio.getAttribute('src')) {
      // A paused live stream would go on loading, and resume in the past.
      this.#audio.removeAttribute('src');
      this.#audio.load();
    }
    open?.reject(new DOMException('closed meanwhile', 'AbortError'));
  }

  #playing() {
    if (!this.#audio.getAttribute('src')) return;
    this.#open?.resolve();
    this.#open = null;
    if (!this.#began) {
      this.#began = performance.now();
      this.#from = this.#audio.currentTime;
    }
  }

  #look() {
    const moved = this.#audio.currentTime > this.#at;
    this.#at = this.#audio.currentTime;
    this.#still = moved ? 0 : this.#still + 1;
    if (this.#still >= PATIENCE) return this.#failed(this.#began ? 'The connection was lost' : 'There is no sound yet');
    const late = this.#late;
    if (moved && late > BEHIND) return this.#failed('The sound had fallen behind', null, true);
    const { buffered, currentTime, playbackRate } = this.#audio;
    const ahead = buffered.length > 0 ? buffered.end(buffered.length - 1) - currentTime : 0;
    const speed = speedOf(playbackRate, late, ahead);
    if (speed !== playbackRate) this.#audio.playbackRate = speed;
    return undefined;
  }

  #failed(why, error = null, late = false) {
    if (!this.#audio.getAttribute('src')) return;
    const open = this.#open;
    this.#open = null;
    this.close();
    if (open) open.reject(Object.assign(new Error(why), { name: error?.name ?? 'Error' }));
    else this.#lost(why, late);
  }
}
