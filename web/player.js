// SPDX-License-Identifier: Apache-2.0
// The sound: plays the live stream, notices when it stops and connects again until told to pause.

const WATCH = 1000; // ms between two looks at whether the sound moves
const PATIENCE = 8; // looks without sound, then it connects anew
const LONGEST_PAUSE = 15000; // ms between two attempts

export class Player {
  #audio;
  #tell;
  #wanted = false;
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
    if (this.#wanted && !this.#audio.getAttribute('src')) this.#connect();
  }

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
    this.#tell('connecting', this.#attempts ? 'The connection was lost; connecting again…' : 'Connecting…');
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
    if (moved && this.#audio.currentTime > 5) this.#attempts = 0;
    if (this.#still >= PATIENCE) this.#lost();
  }

  #lost() {
    if (!this.#wanted || !this.#audio.getAttribute('src')) return;
    this.#disconnectQuietly();
    const pause = Math.min(1000 * 2 ** this.#attempts, LONGEST_PAUSE);
    this.#attempts += 1;
    this.#tell('connecting', 'The connection was lost; trying again…');
    this.#retry = setTimeout(() => this.#connect(), pause);
  }
}
