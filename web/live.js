// SPDX-License-Identifier: Apache-2.0
// The sound by WebRTC: one WHEP session (draft-ietf-wish-whep). Very little delay, and nothing to fall behind.
import { at } from './api.js';

const LOOK = 500; // ms between two looks at whether packets come
const STILL = 2000; // ms without a packet: the connection is lost

const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

export class Live {
  #audio;
  #lost;
  #peer = null;
  #session = '';
  #watch = 0;
  #receiver = null;

  // lost(why): called once when a session that played ends by itself.
  constructor(audio, lost) {
    this.#audio = audio;
    this.#lost = lost;
  }

  static get isPossible() { return 'RTCPeerConnection' in globalThis; }

  // The RTP time stamp that is heard now; null while nothing is.
  get heardAt() {
    const [source] = this.#peer && this.#receiver ? this.#receiver.getSynchronizationSources() : [];
    if (!source) return null;
    return source.rtpTimestamp + (performance.timeOrigin + performance.now() - source.timestamp) * 48;
  }

  // Resolves when sound plays. Rejects with an Error if that takes longer than ms; `never` is set in it if the station
  // does not offer WebRTC.
  async open(ms) {
    this.close();
    const peer = this.#peer = new RTCPeerConnection();
    const until = performance.now() + ms;
    const abandoned = () => {
      if (this.#peer !== peer) throw new DOMException('closed meanwhile', 'AbortError');
      if (performance.now() > until) throw new Error('WebRTC does not connect');
    };
    try {
      const { receiver } = peer.addTransceiver('audio', { direction: 'recvonly' });
      const offer = await peer.createOffer();
      offer.sdp = offer.sdp.replace('useinbandfec=1', 'useinbandfec=1;stereo=1');
      await peer.setLocalDescription(offer);
      const answer = await fetch(at('whep'), {
        method: 'POST', body: offer.sdp, headers: { 'Content-Type': 'application/sdp' }, signal: AbortSignal.timeout(ms),
      });
      const sdp = await answer.text();
      if (!answer.ok) throw Object.assign(new Error(`WHEP: ${answer.status}`), { never: answer.status === 404 });
      const session = new URL(answer.headers.get('Location'), answer.url).href;
      if (this.#peer !== peer) this.#leave(session);
      abandoned();
      this.#session = session;
      await peer.setRemoteDescription({ type: 'answer', sdp });
      this.#audio.srcObject = new MediaStream([receiver.track]);
      const played = this.#audio.play();
      played.catch(() => { /* awaited below */ });
      const HAVE_FUTURE_DATA = 3;
      while (receiver.getSynchronizationSources().length === 0 || this.#audio.readyState < HAVE_FUTURE_DATA) {
        abandoned();
        await sleep(20);
      }
      await Promise.race([played, sleep(Math.max(0, until - performance.now()))]);
      abandoned();
      this.#receiver = receiver;
      this.#guard(peer, receiver);
    } catch (error) {
      if (this.#peer === peer) this.close();
      throw error;
    }
  }

  close() {
    clearInterval(this.#watch);
    const peer = this.#peer, session = this.#session;
    this.#peer = null;
    this.#session = '';
    this.#audio.pause();
    this.#audio.srcObject = null;
    if (session) this.#leave(session).finally(() => peer.close()); // closed first, the session would be gone already
    else peer?.close();
  }

  #leave(session) {
    return fetch(session, { method: 'DELETE', keepalive: true }).catch(() => { /* the station finds out by itself */ });
  }

  #guard(peer, receiver) {
    let last = 0, since = performance.now();
    const lost = (why) => {
      if (this.#peer !== peer) return;
      this.#session = ''; // the station has ended it, or learns of its end by the peer's; it may be out of reach
      this.close();
      this.#lost(why);
    };
    receiver.transport?.addEventListener('statechange', () => {
      if (['closed', 'failed'].includes(receiver.transport.state)) lost('The station ended the connection');
    });
    this.#watch = setInterval(() => {
      const [source] = receiver.getSynchronizationSources();
      if (source && source.timestamp !== last) {
        last = source.timestamp;
        since = performance.now();
      } else if (performance.now() - since > STILL) {
        lost('The connection was lost');
      }
    }, LOOK);
  }
}
