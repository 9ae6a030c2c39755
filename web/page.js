// SPDX-License-Identifier: Apache-2.0
// What the station says, put on the page; what a person does, told to the station.
import { access, at, history, map, post, status } from './api.js';
import { Dial } from './dial.js';
import { Player } from './player.js';
import { Station } from './station.js';
import { keep, recall, Store } from './store.js';
import { heard, Timeline } from './timeline.js';
import { aboutTrack, actionOf, afterQueue, clock, earlier, fading, genreBefore, KEYS, label, maker, onAir, renewed, sizeOf,
  SLEEP_MINUTES, sleepGain, sleeping } from './views.js';

const PAGE = 20; // tracks of the history at a time
const AFTER_TITLE = 60; // ms
const LOOKS = 5; // at the history, one a second, until it has the track on air
const SLOW = 600; // ms until a wish is said to be pending

const $ = (id) => document.getElementById(id);
const say = (id, text) => { if ($(id).textContent !== text) $(id).textContent = text; };

const store = new Store({
  status: null, // the last one
  seenAt: 0, // when it came, ms
  lostAt: 0, // when the station stopped answering, ms; 0: it answers
  before: '', // the genre that was heard before this one
  past: null, // the history, the newest first: {tracks, before}; null: the station keeps none
  playing: 'paused', // or 'connecting', 'playing'
  trouble: '', // of the player
  sleepUntil: 0, // ms by the wall clock; 0: no timer
  undo: null, // {name, wish}: takes the last wish back
  choices: recall(),
});

// --- what the station says ----------------------------------------------------------------------

const timeline = new Timeline();

const station = new Station({
  ask: status,
  listening: () => ({ wanted: player.wanted, live: player.way === 'live', hidden: document.hidden }),
  answered(now, wasLost) {
    timeline.hear(now);
    player.isLiveOffered = now.webrtc !== false;
    if (wasLost && store.state.status) answer('The station answers again.');
    store.set({ status: now, seenAt: performance.now(), lostAt: 0 });
    tick();
    if (wasLost) {
      player.hurry();
      drawArcs();
    }
    if (player.ear && player.ear.programme !== timeline.programme) player.locate();
  },
  // Said once, however long it lasts: a screen reader reads each change.
  lost(lostAt) {
    say('trouble', navigator.onLine ? 'The station does not answer. Trying again…' : 'This device is offline. Trying again…');
    if (!$('answer').classList.contains('bad')) answer(''); // what was done, and its undo
    store.set({ lostAt });
  },
  onAir(fact) {
    timeline.enter(fact);
    tick();
  },
});

// Where the programme is: in the ear while this page plays, else where it leaves the station.
function positionNow({ status: now, seenAt, lostAt }) {
  const ear = player.ear;
  if (ear?.programme === timeline.programme) return ear.position;
  return now.positions.output + ((lostAt || performance.now()) - seenAt) * 48;
}

const heardNow = (state) => state.status && heard(state.status, timeline, positionNow(state));

function showWords(now, lostAt) {
  const view = onAir(now, lostAt > 0);
  for (const part of ['title', 'genre', 'dwell', 'next', 'ready', 'listeners']) say(part, view[part]);
  $('title').className = sizeOf(view.title);
  $('lamp').hidden = !view.playing;
  document.title = view.playing ? `${view.title} · Infinara` : 'Infinara';
}

function show(state) {
  const { lostAt, before, undo } = state;
  const now = heardNow(state);
  document.body.classList.toggle('stale', lostAt > 0);
  $('trouble').hidden = lostAt === 0;
  $('undo').hidden = undo === null;
  if (undo) say('undo', undo.name);
  showWords(now, lostAt);
  say('maker', maker(now));
  showTime();
  if (!now) return;
  picture?.show(now.genre, `${now.track_id} ${now.track_name}`);
  $('auto-dj').setAttribute('aria-checked', String(now.auto_dj));
  dial.show({ genres: now.genres, here: now.genre, ahead: now.dj_genre, walks: now.auto_dj,
    from: before || genreBefore(state.past, now.track_id) });
  const about = aboutTrack(now);
  say('track-name', about.name);
  for (const part of ['facts', 'caption', 'lyrics']) say(`track-${part}`, about[part]);
  $('track-lyrics').hidden = about.lyrics === '';
  showPast(state, now);
  clearTimeout(toSystem);
  toSystem = setTimeout(() => showToSystem(now), AFTER_TITLE); // its picture takes time, which the title does not wait for
}

let shown = { track_id: '', genre: '' }; // of what is heard
let toSystem = 0; // a timer
let changes = 0; // the timer of the next title
let unlisted = 0; // looks into the history that are left for the track on air

// Each second, and where the next title is due.
function tick() {
  station.followEvents();
  const now = heardNow(store.state);
  showTime();
  if (!now) return;
  if (now.track_id !== shown.track_id) {
    const from = shown.genre && shown.genre !== now.genre ? shown.genre : store.state.before;
    const isFirst = shown.track_id === '';
    shown = now;
    showWords(now, store.state.lostAt); // in time; all that follows the title comes after it
    setTimeout(() => {
      store.set({ before: from });
      if (!isFirst) station.ask();
    });
    unlisted = LOOKS;
  }
  // It is in the history a moment later than on air.
  if (unlisted > 0 && !ratingOf(store.state.past, now.track_id)) {
    unlisted -= 1;
    remember();
  }
  clearTimeout(changes);
  const wait = timeline.at(positionNow(store.state))?.wait ?? Infinity;
  if (wait < Infinity) station.titleDue = performance.now() + wait;
  if (wait < 2000) changes = setTimeout(tick, wait + 1);
}

function showTime() {
  const { sleepUntil } = store.state;
  if (sleepUntil && Date.now() >= sleepUntil) sleepNow();
  showPlaceToSystem();
  player.gain = sleepGain(store.state.sleepUntil, Date.now());
  say('sleeps', sleeping(store.state.sleepUntil, Date.now()));
  const now = heardNow(store.state);
  if (!now) return;
  say('position', clock(now.position));
  say('duration', clock(now.duration));
  $('heard').style.transform = `scaleX(${now.duration > 0 ? (now.position / now.duration).toFixed(4) : 0})`;
  say('fade', fading(now));
}

// --- what was heard, and what people think of it ------------------------------------------------

// Asks for the newest tracks of the history.
async function remember() {
  if (!store.state.status?.memory) return;
  const page = await history(PAGE).catch(() => null);
  if (page) store.set({ past: renewed(store.state.past, page) });
}

async function rememberMore() {
  const { past } = store.state;
  const page = await history(PAGE, past.before).catch((error) => answer(error.message, { bad: true }));
  if (page) store.set({ past: { tracks: [...past.tracks, ...page.tracks], before: page.before } });
}

async function rate(id, rating, button) {
  await wish(button, 'rate', { id, rating },
    rating === 0 ? 'Your vote is taken back.' : `You ${rating > 0 ? 'like' : 'do not like'} ${ratingOf(store.state.past, id).track_name}.`);
  await remember();
  if (!button.isConnected) $('past-list').querySelector(`[data-id="${CSS.escape(id)}"]`)?.focus(); // its row was made anew
}

const ratingOf = (past, id) => past?.tracks.find(({ track_id }) => track_id === id);

function showVotes(root, track, rating) {
  for (const button of root.querySelectorAll('.vote')) {
    button.hidden = !track;
    button.dataset.id = track?.track_id ?? '';
    button.setAttribute('aria-pressed', String(Number(button.value) === rating));
  }
}

let shownPast = '';
function showPast({ past }, now) {
  const here = ratingOf(past, now.track_id);
  showVotes($('controls'), here, here?.rating ?? 0);
  const text = JSON.stringify([past, now.track_id]);
  if (text === shownPast) return;
  shownPast = text;
  const rows = earlier(past, now.track_id);
  $('past').hidden = rows.length === 0;
  $('more').hidden = !past?.before;
  $('past-list').replaceChildren(...rows.map(({ id, time, name, genre, rating, votes }) => {
    const row = document.createElement('li');
    const part = (kind, content) => {
      const one = document.createElement(kind === 'time' ? 'time' : 'span');
      one.className = kind;
      one.textContent = content;
      one.dir = 'auto';
      return one;
    };
    const like = $('like').cloneNode(true);
    like.removeAttribute('id');
    like.removeAttribute('aria-keyshortcuts');
    like.hidden = false;
    like.dataset.id = id;
    like.setAttribute('aria-label', `Like ${name}`);
    like.setAttribute('aria-pressed', String(rating > 0));
    row.append(part('time', time), part('name', name), part('genre', genre), part('votes', votes), like);
    return row;
  }));
}

function showToSystem(now) {
  if (!('mediaSession' in navigator) || now.track_id === '' || !picture) return;
  const { metadata } = navigator.mediaSession;
  if (metadata?.title === now.track_name) return;
  navigator.mediaSession.metadata =
    new MediaMetadata({ title: now.track_name, artist: now.artist || 'Infinara', album: `${label(now.genre)} · Infinara`,
      artwork: [{ src: picture.cover(), sizes: '512x512', type: 'image/png' }] });
}

// Where in the track the ear is. The system counts on by itself, so it is told when that is no longer true.
let told = null; // {track_id, playing, begin}; begin: the ms at which the track began
function showPlaceToSystem() {
  const now = heardNow(store.state);
  if (!navigator.mediaSession?.setPositionState || !now || now.track_id === '' || !now.duration) return;
  const { playing } = store.state, begin = performance.now() - now.position * 1000;
  if (told?.track_id === now.track_id && told.playing === playing && Math.abs(told.begin - begin) < 1000) return;
  told = { track_id: now.track_id, playing, begin };
  navigator.mediaSession.setPositionState({ duration: now.duration, position: Math.min(now.position, now.duration), playbackRate: 1 });
}

function showPlayer({ playing, trouble }) {
  const wanted = playing !== 'paused';
  $('play').classList.toggle('playing', wanted);
  $('play').setAttribute('aria-label', wanted ? 'Pause' : 'Play');
  $('play').classList.toggle('waiting', playing === 'connecting');
  say('player-says', trouble);
  $('player-says').classList.toggle('bad', /again|press/.test(trouble));
  if ('mediaSession' in navigator) navigator.mediaSession.playbackState = wanted ? 'playing' : 'paused';
}

// --- what a person wants of the station ---------------------------------------------------------

let answerFades = 0;
function answer(text, { bad = false, undo = null } = {}) {
  say('answer', text);
  $('answer').classList.toggle('bad', bad);
  store.set({ undo });
  clearTimeout(answerFades);
  answerFades = setTimeout(() => answer(''), bad || undo ? 12000 : 6000);
}

// Does what may need the control token; asks for the token where the station wants one, and keeps it.
let isOpen = false; // no token is needed

async function allowed(act) {
  const kept = store.state.choices.token;
  // It is asked for before the station refuses: a refusal makes browsers forget the password to listen.
  isOpen ||= !kept && await access().then((rights) => rights.may_control, () => true);
  if (kept || isOpen) {
    try {
      return await act(kept);
    } catch (error) {
      if (error.status !== 401) throw error;
    }
  }
  const token = await askForToken();
  if (!token) throw new Error('the station asks for its control token');
  const done = await act(token);
  choose({ token });
  return done;
}

function askForToken() {
  $('token').value = '';
  $('access').returnValue = '';
  $('access').showModal();
  return new Promise((resolve) => {
    $('access').addEventListener('close', () => resolve($('access').returnValue === 'ok' ? $('token').value.trim() : ''), { once: true });
  });
}

// Sends a wish; the button rests meanwhile. Says that it is pending, and what came of it, good or bad. undo: {name, wish}.
async function wish(button, what, body, done, undo = null) {
  button.disabled = true;
  const pending = setTimeout(() => answer('Asking the station…'), SLOW);
  try {
    await allowed((token) => post(what, body, token));
    clearTimeout(pending);
    answer(done, { undo });
  } catch (error) {
    clearTimeout(pending);
    answer(`That did not work: ${error.message}`, { bad: true });
  } finally {
    button.disabled = false;
    if (document.activeElement === document.body) (button.hidden ? $('play') : button).focus({ preventScroll: true });
  }
  await station.ask();
}

function chooseGenre(genre, when, button) {
  const now = heardNow(store.state);
  if (when === 'now') {
    const back = { name: `Back to ${label(now.genre)}`, wish: (undo) =>
      wish(undo, 'genre', { genre: now.genre, when }, `Back to ${label(now.genre)}.`) };
    wish(button, 'genre', { genre, when }, `${label(genre)} is coming now.`, genre === now.genre ? null : back);
  } else {
    const back = { name: 'Undo', wish: (undo) =>
      wish(undo, 'genre', { genre: now.dj_genre, when }, `${label(now.dj_genre)} stays where the DJ is.`) };
    wish(button, 'genre', { genre, when }, `${label(genre)} comes ${afterQueue(now)}.`, genre === now.dj_genre ? null : back);
  }
}

const skip = () => wish($('skip'), 'skip', {}, 'Skipped.');

function setAutoDj(enabled, button = $('auto-dj')) {
  return wish(button, 'autodj', { enabled }, enabled ? 'The DJ walks on by itself.' : 'The DJ stays where it is.',
    { name: 'Undo', wish: (undo) => wish(undo, 'autodj', { enabled: !enabled }, enabled ? 'The DJ stays where it is.' : 'The DJ walks on by itself.') });
}

// --- what a person wants of the page ------------------------------------------------------------

function choose(changes) {
  store.set({ choices: { ...store.state.choices, ...changes } });
  keep(store.state.choices);
}

function showChoices({ choices }) {
  player.volume = choices.volume / 100;
  player.muted = choices.muted;
  player.sound = choices.sound;
  if (picture) picture.moves = choices.motion;
  if (motion) motion.wanted = choices.motion;
  document.body.classList.toggle('still', !choices.motion);
  $('volume').value = choices.volume;
  $('mute').setAttribute('aria-pressed', String(choices.muted));
  $('mute').classList.toggle('muted', choices.muted);
  for (const input of $('sound').querySelectorAll('input')) input.checked = input.value === choices.sound;
  $('motion').checked = choices.motion;
  $('letters').checked = choices.letters;
}

function sleepIn(minutes) {
  store.set({ sleepUntil: minutes ? Date.now() + minutes * 60000 : 0 });
  showTime();
}

function sleepNow() {
  store.set({ sleepUntil: 0 });
  for (const input of $('sleep').querySelectorAll('input')) input.checked = input.value === '0';
  if (!player.wanted) return;
  player.pause();
  answer('The sleep timer has stopped the sound. Good night.');
}

const toggle = () => (player.wanted ? player.pause() : player.play());
const louder = (step) => choose({ muted: false, volume: Math.min(100, Math.max(0, store.state.choices.volume + step)) });
const fullScreen = () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen())
  .catch(() => answer('The browser does not show this page in full screen.', { bad: true }));

const actions = {
  toggle, skip, fullScreen,
  mute: () => choose({ muted: !store.state.choices.muted }),
  louder: () => player.setsVolume && louder(10),
  softer: () => player.setsVolume && louder(-10),
  autoDj: () => $('auto-dj').click(),
  like: () => $('like').hidden || $('like').click(),
  dislike: () => $('dislike').hidden || $('dislike').click(),
  undo: () => $('undo').hidden || $('undo').click(),
  track: () => {
    $('track').showModal();
    remember();
  },
  settings: () => $('settings').showModal(),
};

// --- the parts ----------------------------------------------------------------------------------

const dial = new Dial($('dial'), label, chooseGenre);
const player = new Player({ live: $('live'), stream: $('streamed'), quiet: $('quiet') }, (playing, trouble) => {
  store.set({ playing, trouble });
}, () => station.isReached());

// The picture and what moves come after the first title: a browser has six connections, and these files would stand before it.
let picture = null, motion = null;

const drawArcs = () => map().then((edges) => {
  dial.edges = edges;
  show(store.state);
}, () => { /* the dial works without */ });

async function decorate() {
  const [{ Picture }, { Motion }] = await Promise.all([import('./picture.js'), import('./sound.js')]);
  picture = new Picture($('art'), $('halo'));
  motion = new Motion($('spectrum'), $('halo'), player);
  showChoices(store.state);
  show(store.state);
}

$('volume').hidden = $('fades-out').hidden = !player.setsVolume;
$('has-opus').hidden = !player.playsOpus;
$('full-screen').hidden = !document.fullscreenEnabled;

for (const minutes of [0, ...SLEEP_MINUTES]) {
  const choice = document.createElement('label');
  const input = Object.assign(document.createElement('input'), { type: 'radio', name: 'sleep', value: minutes, checked: minutes === 0 });
  choice.append(input, minutes ? ` ${minutes} min` : ' Off');
  $('sleep').querySelector('.row').append(choice);
}
for (const { name, does, action } of KEYS) {
  if (!player.setsVolume && ['louder', 'softer'].includes(action)) continue;
  const [term, meaning] = [document.createElement('dt'), document.createElement('dd')];
  const key = document.createElement('kbd');
  key.textContent = name;
  term.append(key);
  meaning.textContent = does;
  $('keys').querySelector('dl').append(term, meaning);
}

$('play').addEventListener('click', toggle);
$('skip').addEventListener('click', skip);
$('auto-dj').addEventListener('click', () => setAutoDj($('auto-dj').getAttribute('aria-checked') !== 'true'));
$('undo').addEventListener('click', () => store.state.undo?.wish($('undo')));
$('mute').addEventListener('click', actions.mute);
$('more').addEventListener('click', rememberMore);
$('use-token').addEventListener('click', () => $('access').close('ok'));
$('token').addEventListener('keydown', (event) => { if (event.key === 'Enter') $('access').close('ok'); });
addEventListener('click', (event) => { // a vote; the same once more takes it back
  const button = event.target.closest('.vote');
  if (button) rate(button.dataset.id, button.getAttribute('aria-pressed') === 'true' ? 0 : Number(button.value), button);
});
$('volume').addEventListener('input', () => choose({ volume: $('volume').valueAsNumber, muted: false }));
$('open-track').addEventListener('click', actions.track);
$('open-settings').addEventListener('click', actions.settings);
$('full-screen').addEventListener('click', fullScreen);
$('motion').addEventListener('change', () => choose({ motion: $('motion').checked }));
$('letters').addEventListener('change', () => choose({ letters: $('letters').checked }));
$('sound').addEventListener('change', (event) => choose({ sound: event.target.value }));
$('sleep').addEventListener('change', (event) => sleepIn(Number(event.target.value)));
for (const sheet of document.querySelectorAll('dialog')) {
  sheet.querySelector('.close').addEventListener('click', () => sheet.close());
  sheet.addEventListener('click', (event) => { if (event.target === sheet) sheet.close(); }); // beside it
}

// Space always plays and pauses, whatever was pressed last; in a sheet it is the sheet's.
const isTyped = (event) => actionOf(event, { inSheet: Boolean(document.querySelector('dialog[open]')), letters: store.state.choices.letters });
addEventListener('keydown', (event) => {
  const action = isTyped(event);
  if (!action) return;
  event.preventDefault();
  if (!event.repeat) actions[action]();
});
addEventListener('keyup', (event) => { if (isTyped(event) === 'toggle') event.preventDefault(); });

if ('mediaSession' in navigator) {
  for (const [action, handler] of [
    ['play', () => player.play()], ['pause', () => player.pause()], ['stop', () => player.pause()], ['nexttrack', skip],
  ]) {
    try { navigator.mediaSession.setActionHandler(action, handler); } catch { /* not known here */ }
  }
}

store.watch(show);
store.watch(showPlayer);
let seenChoices = null;
store.watch((state) => {
  if (state.choices === seenChoices) return;
  seenChoices = state.choices;
  showChoices(state);
});
let seenWay = '';
store.watch(({ playing }) => {
  const way = `${playing} ${player.way} ${shown.genre}`;
  if (way === seenWay) return;
  seenWay = way;
  motion?.follow();
});

$('stream').textContent = $('stream').href;
document.addEventListener('visibilitychange', () => station.ask());
addEventListener('online', () => station.ask());
setInterval(tick, 1000);
station.ask().then(() => {
  if (new URLSearchParams(location.search).has('play')) player.play();
  drawArcs();
  decorate();
  navigator.serviceWorker?.register(at('sw.js')).catch(() => { /* the page does without */ });
});
