// SPDX-License-Identifier: Apache-2.0
// The sound: plays the live stream, notices when it stops and connects again until told to pause.
import { refusal } from './api.js';

const WATCH = 1000; // ms between two looks at whether the sound moves
const PATIENCE = 8; // looks without sound, then it connects anew
const LONGEST_PAUSE = 15000; // ms between two attempts

export class Player {
  #audio;
  #tell;
  #wanted = false;
  #wasHeard = false; // since it was wanted
  #attempts = 0;
  #retry = 0;
  #watch = 0;
  #heard = 0;
  #still = 0;

  // tell(state, message): state is 'paused', 'connecting' or 'playing'.
  constructor(audio, tell) {
    this.#audio = audio;
    this.#tell = tell;
    this.#audio.addEventListener('playing', () => this.#tell('playing', ''));
    this.#audio.addEventListener('error', () => this.#lost());
    this.#audio.addEventListener('ended', () => this.#lost());
    this.#audio.addEventListener('pause', () => {
      // Someone else paused it: a headset, another app.
      if (this.#wanted && this.#audio.currentSrc && !this.#audio.ended && !this.#audio.error) this.pause();
    });
    addEventListener('online', () => this.#wanted && this.#still > 1 && this.#connect());
  }

  get wanted() { return this.#wanted; }
  set volume(part) { this.#audio.volume = part; }

  play() {
    this.#wanted = true;
    this.#wasHeard = false;
    this.#attempts = 0;
    this.#connect();
  }

  pause() {
    this.#wanted = false;
    this.#disconnect();
    this.#tell('paused', '');
  }

  // The station answers again: the pause before the next attempt is over.
  hurry() {
    if (this.#waits) this.#connect();
  }

  get #waits() { return this.#wanted && !this.#audio.getAttribute('src'); }

  #disconnect() {
    clearTimeout(this.#retry);
    clearInterval(this.#watch);
    this.#audio.pause();
    // A paused live stream would go on loading, and resume in the past.
    this.#audio.removeAttribute('src');
    this.#audio.load();
  }

  #connect() {
    this.#disconnectQuietly();
    this.#tell('connecting', this.#wasHeard ? 'The connection was lost; connecting again…' : 'Connecting…');
    this.#audio.src = `stream?${Date.now()}`; // never a cached piece of the past
    this.#heard = this.#still = 0;
    this.#audio.play().catch((error) => {
      if (error.name === 'NotAllowedError') {
        this.pause();
        this.#tell('paused', 'The browser wants you to press play.');
      } else if (error.name !== 'AbortError') {
        this.#lost();
      }
    });
    this.#watch = setInterval(() => this.#look(), WATCH);
  }

  #disconnectQuietly() {
    const wanted = this.#wanted;
    this.#wanted = false;
    this.#disconnect();
    this.#wanted = wanted;
  }

  #look() {
    const moved = this.#audio.currentTime > this.#heard;
    this.#heard = this.#audio.currentTime;
    this.#still = moved ? 0 : this.#still + 1;
    this.#wasHeard ||= moved;
    if (moved && this.#audio.currentTime > 5) this.#attempts = 0;
    if (this.#still >= PATIENCE) this.#lost();
  }

  #lost() {
    if (!this.#wanted || !this.#audio.getAttribute('src')) return;
    this.#disconnectQuietly();
    const pause = Math.min(1000 * 2 ** this.#attempts, LONGEST_PAUSE);
    this.#attempts += 1;
    const say = (why) => this.#tell('connecting', `${why}; trying again…`);
    say(this.#wasHeard ? 'The connection was lost' : 'There is no sound yet');
    this.#retry = setTimeout(() => this.#connect(), pause);
    // What an audio element is refused with it does not tell.
    refusal('stream').then((why) => why && this.#waits && say(why));
  }
}
