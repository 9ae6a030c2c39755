// SPDX-License-Identifier: Apache-2.0
// What is heard at an output position: the station's facts, each with the position at which it becomes true. Positions are
// samples of the programme (docs/api.md); a listener's lies behind the station's by the delay of its transport.

const MS = 48; // samples
const KEPT = 12; // facts: more than the longest delay holds

const trackOf = ({ track_id, track_name, artist, genre, caption, duration }) =>
  ({ track_id, track_name, artist: artist ?? '', genre, caption, duration });

export class Timeline {
  #programme = '';
  #tracks = []; // {at, start, track, foreseen}, by `at`
  #fades = []; // {begin, end, from, to, into}: into is the track that it leads to, or null
  #announced = new Map(); // the tracks that were told as next, by id

  get programme() { return this.#programme; }

  // A status with `positions`.
  hear({ positions, fade, next, ...now }) {
    if (positions.programme !== this.#programme) {
      this.#programme = positions.programme;
      this.#tracks = [];
      this.#fades = [];
      this.#announced.clear();
    }
    this.#tracks = this.#tracks.filter((one) => !one.foreseen);
    if (now.track_id !== '') this.#add({ at: positions.on_air, start: positions.start, track: trackOf(now), foreseen: false });
    if (next) this.#announced.delete(next.track_id);
    if (next) this.#announced.set(next.track_id, trackOf(next));
    for (const id of [...this.#announced.keys()].slice(0, -KEPT)) this.#announced.delete(id);
    if (!fade) return;
    const into = this.#announced.get(fade.to) ?? null;
    this.#fades = [...this.#fades.filter((one) => one.begin !== fade.begin), { ...fade, into }].slice(-KEPT);
    if (into && now.track_id !== fade.to && !this.#tracks.some(({ track }) => track.track_id === fade.to)) {
      this.#add({ at: fade.on_air, start: fade.begin, track: into, foreseen: true });
    }
  }

  // An event `on_air`, which comes just before a status would tell the same.
  enter({ programme, position, start, ...now }) {
    if (programme !== this.#programme) return;
    const track = this.#announced.get(now.track_id) ?? trackOf(now);
    this.#add({ at: position, start, track, foreseen: false });
  }

  #add(fact) {
    this.#tracks = [...this.#tracks.filter(({ track }) => track.track_id !== fact.track.track_id), fact]
      .sort((a, b) => a.at - b.at).slice(-KEPT);
  }

  // {track, start, after, wait}: the track heard at `position`, where its first sample was, the one after it if that is
  // known (or null), and the milliseconds until that one (or Infinity). Null before the first track.
  at(position) {
    if (this.#tracks.length === 0) return null;
    const here = Math.max(0, this.#tracks.findLastIndex(({ at }) => at <= position));
    const { track, start } = this.#tracks[here];
    const after = this.#tracks[here + 1];
    return { track, start, after: after?.track ?? null, wait: after ? Math.max(0, (after.at - position) / MS) : Infinity };
  }

  // The fade heard at `position`, or null.
  fadeAt(position) {
    return this.#fades.findLast(({ begin, end }) => begin <= position && position < end) ?? null;
  }
}

// The status as a listener hears it at `position`: the same fields, of the track in the ear.
export function heard(status, timeline, position) {
  const here = timeline.at(position);
  if (!here || status.track_id === '') return status;
  return {
    ...status, ...here.track,
    next: here.after ?? status.next,
    position: Math.min(here.track.duration, Math.max(0, (position - here.start) / 1000 / MS)),
    fade: timeline.fadeAt(position),
  };
}
