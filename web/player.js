// SPDX-License-Identifier: Apache-2.0
// The sound, whichever way it comes: by WebRTC where that connects within three seconds, else by the stream. It connects
// again until told to pause. Beside them an element plays silence: a headset finds the page by it, also in a pause.
import { position, refusal } from './api.js';
import { Live } from './live.js';
import { pathOf, Stream } from './stream.js';

const LIVE_PATIENCE = 3000; // ms until WebRTC must play
const UPGRADE_PATIENCE = 15000; // the same while the stream plays: nobody waits for it
const LIVE_AGAIN = 90000; // ms of the stream until WebRTC is tried again
const LONGEST_PAUSE = 15000; // ms between two attempts
const LOCATE = 60000; // ms between two looks at where the sound is
const CHANGE = 250; // ms of the fade from the stream to WebRTC

// The difference of two RTP time stamps, which have 32 bits.
const wrapped = (difference) => difference - 2 ** 32 * Math.round(difference / 2 ** 32);

export class Player {
  #audio; // {live, stream, quiet}
  #live;
  #stream;
  #tell;
  #isReached;
  #wanted = false;
  #wasHeard = false; // since it was wanted
  #way = ''; // 'live', 'stream' or '' while neither plays
  #turn = 0; // of the last attempt
  #attempts = 0;
  #retry = 0;
  #waits = false; // for a station that is out of reach
  #hurried = false;
  #volume = 1;
  #gain = 1;
  #sound = 'auto';
  #place = null; // what the station told of where the sound is: {programme, rtp, listener}
  #locating = 0;
  #captured = null; // what plays of the stream, as a MediaStream
  #hasLive = Live.isPossible;
  #isLiveOffered = true;

  // tell(state, message): state is 'paused', 'connecting' or 'playing'. isReached(): asks the station, and tells whether
  // anything may answer; while nothing does, hurry() is expected once it does.
  constructor(audio, tell, isReached) {
    this.#audio = audio;
    this.#tell = tell;
    this.#isReached = isReached;
    this.#live = new Live(audio.live, (why) => this.#lost('live', why));
    this.#stream = new Stream(audio.stream, (why, late) => this.#lost('stream', why, late));
    addEventListener('online', () => this.hurry());
    // The browser or another app paused it.
    for (const way of ['live', 'stream'])
      audio[way].addEventListener('pause', () => {
        const element = audio[way];
        if (this.#wanted && this.#way === way && (element.srcObject || element.currentSrc) && !element.ended && !element.error
            && (way === 'live' || element.getAttribute('src'))) this.pause();
      });
  }

  get wanted() { return this.#wanted; }
  // How the sound comes: 'live', 'stream' or '' while it does not.
  get way() { return this.#way; }

  // 0 to 1.
  set volume(part) {
    this.#volume = part;
    this.#audio.live.volume = this.#audio.stream.volume = this.#loud;
  }
  // A second volume, for a timer that fades out: 0 to 1.
  set gain(part) {
    if (part === this.#gain) return;
    this.#gain = part;
    this.volume = this.#volume;
  }
  get #loud() { return this.#volume * this.#gain; }
  set muted(muted) { this.#audio.live.muted = this.#audio.stream.muted = muted; }

  // False if the station offers no WebRTC: then it is not tried.
  set isLiveOffered(offered) { this.#isLiveOffered = offered; }

  get playsOpus() { return this.#stream.playsOpus; }
  // 'auto': WebRTC first; 'mp3' or 'opus': that stream alone.
  set sound(sound) {
    if (sound === this.#sound) return;
    this.#sound = sound;
    if (this.#wanted) this.#connect('Connecting…');
  }

  // The output position that is heard, and its programme; null while it is not known.
  get ear() {
    if (!this.#place) return null;
    const { programme, rtp, listener } = this.#place;
    const heard = this.#way === 'live' ? this.#live.heardAt : this.#stream.heardAt;
    if (heard === null) return null;
    if (this.#way === 'live') return rtp && { programme, position: rtp.position + wrapped(heard - rtp.timestamp) };
    return listener === null ? null : { programme, position: listener + heard * 48000 };
  }

  // What is heard, for looking at; null while there is nothing, or where the browser cannot tell.
  tap() {
    if (this.#way === 'live') return this.#audio.live.srcObject;
    if (this.#way === 'stream') return (this.#captured ??= this.#audio.stream.captureStream?.() ?? null);
    return null;
  }
  // False if the system alone sets the volume, as on iOS.
  get setsVolume() {
    const { stream } = this.#audio, before = stream.volume;
    stream.volume = 0.5;
    const sets = stream.volume === 0.5;
    stream.volume = before;
    return sets;
  }

  play() {
    this.#wanted = true;
    this.#wasHeard = false;
    this.#attempts = 0;
    this.#connect('Connecting…');
    const turn = this.#turn;
    this.#audio.quiet.play().catch((error) => {
      // A browser that refuses silence refuses the sound: known before anything connects. Else the page plays without it.
      if (error.name === 'NotAllowedError' && turn === this.#turn) this.#failed(error);
    });
  }

  pause() {
    this.#wanted = false;
    this.#disconnect();
    this.#audio.quiet.pause();
    this.#tell('paused', '');
  }

  // The station answers again: the pause before the next attempt is over.
  hurry() {
    if (!this.#wanted || this.#way) return;
    if (this.#retry || this.#waits) this.#connect('Connecting again…');
    else this.#hurried = true; // an attempt is under way; if it fails, the next follows at once
  }

  #disconnect() {
    this.#turn += 1;
    this.#way = '';
    clearTimeout(this.#retry);
    clearTimeout(this.#locating);
    this.#retry = 0;
    this.#waits = false;
    this.#place = null;
    this.#captured = null;
    this.#live.close();
    this.#stream.close();
  }

  // Connects once the station is there. One question tells that: a refused request is a line in the browser's console, and
  // each way that is tried in vain would be one or two.
  async #connectAgain(message) {
    this.#disconnect();
    const turn = this.#turn;
    this.#tell('connecting', message);
    const isThere = await this.#isReached();
    if (turn !== this.#turn) return;
    if (isThere) {
      this.#connect(message);
    } else {
      this.#waits = true;
      this.#tell('connecting', `${this.#wasHeard ? 'The connection was lost' : 'There is no sound yet'}; trying again…`);
    }
  }

  async #connect(message) {
    this.#disconnect();
    const turn = this.#turn;
    this.#tell('connecting', message);
    const triesLive = this.#isLiveOffered && this.#hasLive && this.#sound === 'auto';
    if (triesLive && await this.#tryLive(turn)) return;
    if (turn !== this.#turn) return;
    const path = pathOf(this.#sound, navigator.connection?.saveData ?? false, this.playsOpus);
    try {
      await this.#stream.open(path);
      if (turn !== this.#turn) return;
      this.#plays('stream');
      if (this.#sound === 'auto') this.#retry = setTimeout(() => this.#upgrade(turn), LIVE_AGAIN);
    } catch (error) {
      if (turn === this.#turn) this.#failed(error, path);
    }
  }

  // True if it plays by WebRTC now, or if the attempt was overtaken.
  async #tryLive(turn) {
    try {
      await this.#live.open(LIVE_PATIENCE);
    } catch (error) {
      if (error.never) this.#hasLive = false;
      if (error.name === 'NotAllowedError' && turn === this.#turn) {
        this.#failed(error);
        return true;
      }
      return turn !== this.#turn;
    }
    if (turn === this.#turn) this.#plays('live');
    return true;
  }

  // From the stream to WebRTC, which plays under it until it is heard: no hole, and no echo longer than the fade.
  async #upgrade(turn) {
    this.#audio.live.volume = 0;
    try {
      if (!this.#isLiveOffered || !this.#hasLive || turn !== this.#turn) return;
      await this.#live.open(UPGRADE_PATIENCE);
    } catch {
      this.#audio.live.volume = this.#loud;
      if (turn === this.#turn) this.#retry = setTimeout(() => this.#upgrade(turn), LIVE_AGAIN);
      return;
    }
    this.#way = 'live';
    this.#place = null;
    this.locate();
    this.#tell('playing', '');
    const began = performance.now(), change = this.setsVolume ? CHANGE : 0;
    const step = () => {
      if (turn !== this.#turn) return;
      const part = change ? Math.min(1, (performance.now() - began) / change) : 1;
      this.#audio.live.volume = this.#loud * part;
      this.#audio.stream.volume = this.#loud * (1 - part);
      if (part < 1) return void setTimeout(step, 20);
      this.#stream.close();
      this.volume = this.#volume;
      return undefined;
    };
    step();
  }

  #plays(way) {
    this.#way = way;
    this.#wasHeard = true;
    this.#attempts = 0;
    this.locate();
    this.#tell('playing', '');
  }

  // Asks the station where the sound is: when a connection begins, now and then after, and when a new programme begins.
  async locate() {
    clearTimeout(this.#locating);
    const turn = this.#turn, way = this.#way;
    if (!way) return;
    const place = await position(way === 'stream' ? this.#stream.key : '').catch(() => null);
    if (turn !== this.#turn || way !== this.#way) return;
    this.#place = place ?? this.#place;
    if (place && way === 'stream' && this.ear) this.#stream.delay = (place.output - this.ear.position) / 48000;
    this.#tell('playing', '');
    this.#locating = setTimeout(() => this.locate(), LOCATE);
  }

  #lost(way, why, late = false) {
    if (!this.#wanted || this.#way !== way) return;
    if (late) this.#connect('');
    else this.#connectAgain(`${why}; connecting again…`);
  }

  #failed(error, path = 'stream') {
    if (error.name === 'AbortError') return;
    if (error.name === 'NotAllowedError') {
      this.pause();
      this.#tell('paused', 'The browser wants you to press play.');
      return;
    }
    const turn = this.#turn;
    const say = (why) => { if (turn === this.#turn) this.#tell('connecting', `${why}; trying again…`); };
    say(this.#wasHeard ? 'The connection was lost' : error.message);
    const pause = this.#hurried ? 0 : Math.min(1000 * 2 ** this.#attempts, LONGEST_PAUSE);
    this.#hurried = false;
    this.#retry = setTimeout(() => this.#connectAgain('Connecting again…'), pause);
    this.#attempts += 1;
    // What an audio element is refused with it does not tell.
    refusal(path).then((why) => why && say(why));
  }
}
