// SPDX-License-Identifier: Apache-2.0
// The pure parts of the page, as tables. Run by `node --test`.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hash, scene, sunOf } from '../../web/art.js';
import { arc, inOrder, partOf, waysFrom } from '../../web/dial.js';
import { bands, follow } from '../../web/sound.js';
import { choicesOf, Store } from '../../web/store.js';
import { lateBy, pathOf, speedOf } from '../../web/stream.js';
import { heard, Timeline } from '../../web/timeline.js';
import { aboutMinutes, aboutTrack, actionOf, afterQueue, clock, earlier, fading, genreBefore, KEYS, label, maker, onAir, renewed, sizeOf,
  sleepGain, sleeping } from '../../web/views.js';

const status = (changes = {}) => ({
  track_id: '7', track_name: 'Rain', artist: 'Infinara House Band', genre: 'drum and bass', caption: '', lyrics: '',
  duration: 90, position: 30, auto_dj: true, dj_genre: 'jazz', dwell_remaining: 300, queue_size: 2, next: null, fade: null,
  http_listeners: 0, webrtc_listeners: 1, servers: [], config: { model: 'housebandsrc' }, ...changes,
});

const table = (name, of, rows) => test(name, () => {
  for (const [wanted, ...given] of rows) assert.deepEqual(of(...given), wanted, JSON.stringify(given));
});

table('a genre has capitals', label, [['Drum and Bass', 'drum and bass'], ['Lofi Hip Hop', 'lofi hip hop'], ['Jazz', 'jazz']]);
table('a time', clock, [['0:00', -1], ['0:09', 9.9], ['1:00', 60], ['61:01', 3661]]);
table('about how many minutes', aboutMinutes,
  [['in less than a minute', 20], ['in about a minute', 40], ['in about a minute', 89], ['in about 2 minutes', 95]]);
table('a title is set by its length', sizeOf, [['', 'Rain'], ['long', 'x'.repeat(25)], ['longest', 'x'.repeat(49)]]);

test('what is on air', () => {
  assert.equal(onAir(null, false).title, 'Tuning in…');
  assert.equal(onAir(null, true).title, 'Out of reach');
  const view = onAir(status({ next: { track_name: 'Snow', genre: 'jazz' } }), false);
  assert.deepEqual(view, { playing: true, title: 'Rain', genre: 'Drum and Bass', dwell: 'then Jazz',
    next: 'Snow · Jazz', ready: '2 tracks ready', listeners: '1 listener' });
  assert.equal(onAir(status({ track_id: '', track_name: '' }), false).title, 'Silence');
});

const dwell = (changes) => onAir(status({ genre: 'jazz', ...changes }), false).dwell;
table('how long the DJ stays', dwell, [
  ['the DJ moves on in about 5 minutes', {}], ['the DJ moves on soon', { dwell_remaining: 0 }], ['stays', { auto_dj: false }],
  ['then Rock', { dj_genre: 'rock' }], ['then Rock', { dj_genre: 'rock', auto_dj: false }],
  ['stays with Jazz', { genre: '', auto_dj: false }],
]);

const ways = [['ambient', 'chillwave'], ['ambient', 'classical'], ['drum and bass', 'electronic']];
table('where the DJ may go', (...given) => waysFrom(ways, ...given), [
  [['chillwave', 'classical'], 'ambient', ''], [['classical'], 'ambient', 'chillwave'],
  [['electronic'], 'drum and bass', 'electronic'], [[], 'jazz', ''],
]);
const walk = { here: 'jazz', ahead: 'rock', from: 'disco funk', near: ['ambient'] };
table('what a genre is in the walk', partOf, [
  ['here', 'jazz', walk], ['coming', 'rock', walk], ['near', 'ambient', walk], ['came', 'disco funk', walk], ['', 'classical', walk],
  ['here', 'jazz', { ...walk, ahead: 'jazz' }], ['near', 'disco funk', { ...walk, near: ['disco funk'] }],
]);

const genres = (...names) => ({ tracks: names.map((genre, i) => ({ track_id: String(9 - i), genre })), before: null });
table('the genre before this one', genreBefore, [
  ['', null, '9'], ['', genres('jazz', 'jazz'), '9'], ['rock', genres('jazz', 'jazz', 'rock', 'ambient'), '9'],
  ['jazz', genres('jazz', 'rock', 'jazz'), '8'], ['', genres('jazz', 'rock'), '7'],
]);

const rows = (before, ...ids) => ({ tracks: ids.map((track_id) => ({ track_id })), before });
table('the history is renewed and does not grow', renewed, [
  [rows('8', '9', '8'), null, rows('8', '9', '8')], [rows('', '2', '1'), rows('', '1'), rows('', '2', '1')],
  [rows('8', '10', '9', '8'), rows('7', '9', '8', '7'), rows('9', '10', '9')],
  [rows('5', '9', '8', '7', '6', '5'), rows('5', '9', '8', '7', '6', '5'), rows('8', '9', '8')],
  [rows('30', '31', '30'), rows('7', '9', '8', '7'), rows('30', '31', '30')],
]);

test('on an upright page the sun stands below the text', () => {
  const view = { disc: { x: 0.75, y: 0.26, size: 0.12 } };
  for (const [width, height] of [[390, 844], [320, 568], [768, 1024]]) {
    const { x, y, radius } = sunOf(view, width, height);
    assert.ok(y > height * 0.45 && y + radius < height && x + radius < width * 1.1, `${width}×${height}: ${y}`);
  }
  assert.ok(sunOf(view, 1440, 900).y < 300);
});

table('a fade names where it leads', fading, [
  ['', null], ['', status()], ['blending', status({ fade: { from: '6', to: '7' } })],
  ['blending into Snow', status({ fade: { from: '7', to: '8', into: { track_name: 'Snow' } } })],
]);


const job = (changes) => ({ genre: 'jazz', progress: 0, wanted: true, ...changes });
const serving = (state, jobs = []) => ({ state, jobs });
table('what the generator does', maker, [
  ['', null], ['', status()],
  ['ACE-Step is making the next track, 62 %',
    status({ queue_size: 0, servers: [serving('HEALTHY', [job({ progress: 0.1 }), job({ progress: 0.62 })])] })],
  ['ACE-Step is making a track of Jazz, 5 %', status({ servers: [serving('HEALTHY', [job({ progress: 0.05 })])] })],
  ['ACE-Step is about to make a track', status({ servers: [serving('HEALTHY', [job()])] })],
  ['The house band plays while the GPU rests',
    status({ servers: [serving('HEALTHY', [job({ progress: 0.5, wanted: false })])] })],
  ['The GPU rests: tracks enough are ready', status({ servers: [serving('HEALTHY')], config: { model: 'acestepsrc' } })],
  ['ACE-Step does not answer; the house band plays', status({ servers: [serving('DOWN', [job({ progress: 0.5 })])] })],
  ['ACE-Step is loading its model; the house band stands by',
    status({ servers: [serving('DOWN'), serving('LOADING')], config: { model: 'acestepsrc' } })],
]);

test('about the track', () => {
  assert.equal(aboutTrack(null).name, 'Nothing is on air');
  assert.equal(aboutTrack(status({ caption: 'soft keys' })).caption, '');
  assert.deepEqual(aboutTrack(status({ artist: 'ACE-Step 1.5 Turbo', caption: 'soft keys', lyrics: 'la' })), {
    name: 'Rain', facts: 'by ACE-Step 1.5 Turbo · Drum and Bass · 1:30', caption: 'Made from the words: soft keys', lyrics: 'la' });
});

table('when a queued genre is heard', afterQueue, [
  ['with the next track', status({ queue_size: 0 })],
  ['after one track, in about 2 minutes', status({ queue_size: 1, next: { duration: 120 }, config: { crossfade: 18 } })],
  ['after 3 tracks, in about 6 minutes', status({ queue_size: 3, next: { duration: 120 }, config: { crossfade: 18 } })],
  ['after one track, in about a minute', status({ queue_size: 1, position: 80, config: { crossfade: 18 } })], // the fade has begun
]);

table('the sleep timer fades in its last half minute', sleepGain,
  [[1, 0, 5], [1, 60000, 0], [1, 30000, 0], [0.25, 15000, 0], [0, 1000, 1000], [0, 1000, 9000]]);
table('the sleep timer says what is left', sleeping,
  [['', 0, 5], ['stops in 15 minutes', 900000, 0], ['stops in 2 minutes', 60001, 0], ['stops within a minute', 60000, 0]]);

table('the stream that is played', pathOf, [
  ['stream', 'auto', false, true], ['stream.opus', 'auto', true, true], ['stream', 'auto', true, false],
  ['stream.opus', 'opus', false, true], ['stream', 'opus', false, false], ['stream', 'mp3', true, true],
]);

const at = (seconds) => seconds * 48000;
const positions = (changes) => ({ programme: 'p', output: 0, on_air: 0, start: 0, ...changes });
const told = (id, changes) => status({ track_id: id, track_name: `Track ${id}`, ...changes });

test('a track is heard at its position, not when it is told', () => {
  const timeline = new Timeline();
  assert.equal(timeline.at(0), null);
  timeline.hear(told('1', { positions: positions({ on_air: at(4), start: at(0) }) }));
  assert.equal(timeline.at(at(50)).track.track_name, 'Track 1');
  timeline.hear(told('2', { positions: positions({ on_air: at(90), start: at(80) }) }));
  assert.equal(timeline.at(at(90) - 1).track.track_id, '1');
  assert.equal(timeline.at(at(90)).track.track_id, '2');
  assert.equal(timeline.at(0).track.track_id, '1'); // nothing older is known
  const { after, wait, start } = timeline.at(at(88));
  assert.deepEqual([after.track_id, wait, start], ['2', 2000, 0]);
  assert.equal(timeline.at(at(95)).wait, Infinity);
  // Another programme counts anew.
  timeline.hear(told('3', { positions: positions({ programme: 'q', on_air: 0 }) }));
  assert.equal(timeline.at(at(200)).track.track_id, '3');
});

test('an event tells of a track before the status does', () => {
  const timeline = new Timeline();
  const fade = { from: '1', to: '2', begin: at(80), end: at(90), on_air: at(85) };
  const next = { track_id: '2', track_name: 'Track 2', genre: 'jazz', caption: 'soft', duration: 60 };
  timeline.hear(told('1', { fade, next, positions: positions() }));
  timeline.enter({ programme: 'q', position: at(70), start: at(69), track_id: '2', track_name: 'Track 2' });
  assert.equal(timeline.at(at(75)).track.track_id, '1'); // another programme's
  timeline.enter({ programme: 'p', position: at(82), start: at(80), track_id: '2', track_name: 'Track 2' });
  timeline.hear(told('1', { fade, positions: positions() })); // asked before the event
  assert.deepEqual([81, 82].map((s) => timeline.at(at(s)).track.track_id), ['1', '2']);
  assert.equal(timeline.at(at(82)).track.caption, 'soft');
  assert.equal(timeline.at(at(82)).start, at(80));
});

test('in a fade the next title is foreseen', () => {
  const timeline = new Timeline();
  const fade = { from: '1', to: '2', begin: at(80), end: at(90), on_air: at(84) };
  const next = { track_id: '2', track_name: 'Track 2', genre: 'jazz', caption: '', duration: 60 };
  const first = positions({ on_air: at(4) });
  timeline.hear(told('1', { next, positions: first }));
  timeline.hear(told('1', { fade, next: { ...next, track_id: '3' }, positions: first })); // already the one after
  assert.equal(timeline.at(at(83.9)).track.track_id, '1');
  assert.deepEqual([timeline.at(at(84)).track.track_name, timeline.at(at(84)).start], ['Track 2', at(80)]);
  assert.deepEqual([79, 80, 90].map((s) => timeline.fadeAt(at(s))?.into.track_name), [undefined, 'Track 2', undefined]);
  // A skip to another one makes it untrue.
  timeline.hear(told('1', { next: { ...next, track_id: '5' }, positions: first }));
  timeline.hear(told('1', { fade: { ...fade, to: '5', begin: at(82) }, next, positions: first }));
  assert.equal(timeline.at(at(100)).track.track_id, '5');
  // And the fact takes the place of what was foreseen.
  timeline.hear(told('5', { positions: positions({ on_air: at(87), start: at(82) }) }));
  assert.equal(timeline.at(at(86.5)).track.track_id, '1');
});

test('the status is that of the ear', () => {
  const timeline = new Timeline();
  timeline.hear(told('1', { positions: positions({ on_air: at(4), start: at(1) }) }));
  const now = told('2', { positions: positions({ on_air: at(90), start: at(85) }), next: { track_id: '3' }, duration: 60 });
  timeline.hear(now);
  const late = heard(now, timeline, at(86));
  assert.deepEqual([late.track_name, late.position, late.duration, late.next.track_id], ['Track 1', 85, 90, '2']);
  const live = heard(now, timeline, at(95));
  assert.deepEqual([live.track_name, live.position, live.next.track_id], ['Track 2', 10, '3']);
  assert.equal(heard(now, timeline, at(500)).position, 60);
  const silence = status({ track_id: '' });
  assert.equal(heard(silence, timeline, at(95)), silence);
});

test('the history leaves out what is still to be heard', () => {
  const past = { tracks: ['9', '8', '7'].map((id) => (
    { track_id: id, track_name: `Track ${id}`, genre: 'jazz', began: 0, rating: 0, likes: Number(id) - 7 })) };
  const rows = (id) => earlier(past, id).map((row) => [row.id, row.votes]);
  assert.deepEqual(rows('9'), [['8', '1 like'], ['7', '']]);
  assert.deepEqual(rows('8'), [['7', '']]);
  assert.deepEqual(rows('5'), [['9', '2 likes'], ['8', '1 like'], ['7', '']]);
  assert.deepEqual(earlier(null, '5'), []);
});

const key = (name, more = {}) => ({ key: name, altKey: false, ctrlKey: false, metaKey: false, ...more });
const usual = { inSheet: false, letters: true };
table('what a key does', actionOf, [
  ['toggle', key(' '), usual], ['skip', key('N'), usual], ['settings', key('?'), usual], ['', key('x'), usual],
  ['', key('n', { ctrlKey: true }), usual], ['', key(' '), { inSheet: true, letters: true }],
  ['', key('n'), { inSheet: false, letters: false }], ['toggle', key(' '), { inSheet: false, letters: false }],
]);
test('no key has two meanings', () => assert.equal(new Set(KEYS.map((one) => one.key)).size, KEYS.length));

test('choices survive, spoilt ones do not', () => {
  const usually = { volume: 80, muted: false, sound: 'auto', motion: true, token: '', letters: true };
  for (const spoilt of [null, '', '{', '7', 'null', '{"volume":"loud","sound":"tape","muted":1}', '{"volume":101}']) {
    assert.deepEqual(choicesOf(spoilt), usually);
  }
  assert.deepEqual(choicesOf('{"volume":0,"muted":true,"sound":"opus","more":1}'), { ...usually, volume: 0, muted: true, sound: 'opus' });
});

test('views follow the state', () => {
  const store = new Store({ a: 1, b: 2 }), seen = [];
  store.watch((state) => seen.push(state));
  store.set({ a: 3 });
  assert.deepEqual(seen, [{ a: 1, b: 2 }, { a: 3, b: 2 }]);
  assert.equal(store.state, seen[1]);
});

test('the spectrum is read evenly in pitch', () => {
  const silent = bands(new Uint8Array(1024), 23.4, 98);
  assert.equal(silent.length, 98);
  assert.ok(silent.every((x) => x === 0));
  const tone = new Uint8Array(1024);
  tone[43] = 255; // about 1 kHz
  const strongest = (x) => x.indexOf(Math.max(...x));
  const at = strongest(bands(tone, 23.4, 98));
  assert.ok(Math.abs(50 * 220 ** (at / 97) - 43 * 23.4) < 60, String(at));
  assert.ok(bands(new Uint8Array(1024).fill(255), 23.4, 98).every((x) => x > 0.69 && x <= 1));
});
test('motion rises faster than it falls', () => {
  assert.ok(follow(0, 1) > 1 - follow(1, 0));
  assert.equal(follow(0.4, 0.4), 0.4);
});

test('the dial knows its order and its arcs', () => {
  assert.deepEqual(inOrder(['rock', 'polka', 'jazz']), ['jazz', 'rock', 'polka']);
  assert.equal(arc(0, 1, 4, false), 'M12.5,100 C12.5,39.5 37.5,39.5 37.5,100');
  assert.match(arc(0, 1, 4, true), /^M0,12\.5 C/);
});

test('the same track has the same picture', () => {
  assert.deepEqual(scene('jazz', hash('7 Rain')), scene('jazz', hash('7 Rain')));
  assert.notDeepEqual(scene('jazz', hash('7 Rain')), scene('jazz', hash('8 Rain')));
  assert.equal(hash(''), 0x811c9dc5);
});

table('how late a stream is', lateBy, [
  [0, 3.2, 0, false], [5.5, 9, 0, false], [1.5, 4, 1.5, false], [4, 9, 0, true], [4.5, 9, 4.5, true], // it has stood still since
]);

test('a stream that stood still plays a little faster until it is where it was', () => {
  assert.equal(speedOf(1, 0, 3), 1);
  assert.equal(speedOf(1, 0.9, 3), 1); // so little is not worth it
  assert.equal(speedOf(1, 1.1, 3), 1.03);
  assert.equal(speedOf(1.03, 0.5, 3), 1.03); // on, until it has caught up
  assert.equal(speedOf(1.03, 0.1, 3), 1);
  assert.equal(speedOf(1, 3, 1.5), 1); // there is nothing to play faster
  assert.equal(speedOf(1.03, 3, 0.5), 1);
});
