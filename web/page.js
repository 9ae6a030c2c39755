// SPDX-License-Identifier: Apache-2.0
// What the station says, put on the page; what a person does, told to the station.
import { map, post, status } from './api.js';
import { hueOf } from './art.js';
import { Dial } from './dial.js';
import { actionOf, KEYS } from './keys.js';
import { Picture } from './picture.js';
import { Player } from './player.js';
import { Motion } from './sound.js';
import { keep, recall, Store } from './store.js';
import { aboutTrack, afterQueue, clock, fading, label, maker, onAir, positionAt, sizeOf, SLEEP_MINUTES, sleepGain, sleeping }
  from './views.js';

const POLL = 2000; // ms
const POLL_UNSEEN = 10000; // for the lock screen's title while playing
const SLOW = 600; // ms until a wish is said to be pending

const $ = (id) => document.getElementById(id);
const say = (id, text) => { if ($(id).textContent !== text) $(id).textContent = text; };

const store = new Store({
  status: null, // the last one
  seenAt: 0, // when it came, ms
  lostAt: 0, // when the station stopped answering, ms; 0: it answers
  before: '', // the genre that was on air before this one
  playing: 'paused', // or 'connecting', 'playing'
  trouble: '', // of the player
  sleepUntil: 0, // ms by the wall clock; 0: no timer
  undo: null, // {name, wish}: takes the last wish back
  choices: recall(),
});

// --- what the station says ----------------------------------------------------------------------

let polling = 0;

async function poll() {
  clearTimeout(polling);
  const { status: last, lostAt, before } = store.state;
  try {
    const now = await status();
    if (lostAt && last) answer('The station answers again.');
    store.set({
      status: now, seenAt: performance.now(), lostAt: 0,
      before: last && last.genre !== now.genre ? last.genre : before,
    });
    if (lostAt) player.hurry();
  } catch {
    // Said once, however long it lasts: a screen reader reads each change.
    if (!lostAt) {
      say('trouble', navigator.onLine ? 'The station does not answer. Trying again…' : 'This device is offline. Trying again…');
      store.set({ lostAt: performance.now() });
    }
  }
  clearTimeout(polling);
  if (!document.hidden) polling = setTimeout(poll, POLL);
  else if (player.wanted) polling = setTimeout(poll, POLL_UNSEEN);
}

function show({ status: now, lostAt, before, undo }) {
  document.body.classList.toggle('stale', lostAt > 0);
  $('trouble').hidden = lostAt === 0;
  $('undo').hidden = undo === null;
  if (undo) say('undo', undo.name);
  const view = onAir(now, lostAt > 0);
  for (const part of ['title', 'genre', 'dwell', 'next', 'listeners']) say(part, view[part]);
  $('title').className = sizeOf(view.title);
  say('maker', maker(now));
  document.title = view.playing ? `${view.title} · Infinara` : 'Infinara';
  showTime();
  if (!now) return;
  document.documentElement.style.setProperty('--hue', hueOf(now.genre));
  picture.show(now.genre, `${now.track_id} ${now.track_name}`);
  $('auto-dj').setAttribute('aria-checked', String(now.auto_dj));
  dial.show({ genres: now.genres, here: now.genre, ahead: now.dj_genre, from: before });
  const about = aboutTrack(now);
  say('track-name', about.name);
  for (const part of ['facts', 'caption', 'lyrics']) say(`track-${part}`, about[part]);
  $('track-lyrics').hidden = about.lyrics === '';
  showToSystem(now);
}

function showTime() {
  const { status: now, seenAt, lostAt, sleepUntil } = store.state;
  if (sleepUntil && Date.now() >= sleepUntil) sleepNow();
  player.gain = sleepGain(store.state.sleepUntil, Date.now());
  say('sleeps', sleeping(store.state.sleepUntil, Date.now()));
  if (!now) return;
  const position = positionAt(now, seenAt, lostAt || performance.now());
  say('position', clock(position));
  say('duration', clock(now.duration));
  $('heard').style.transform = `scaleX(${now.duration > 0 ? (position / now.duration).toFixed(4) : 0})`;
  say('fade', fading(now));
}

function showToSystem(now) {
  if (!('mediaSession' in navigator) || now.track_id === '') return;
  const { metadata } = navigator.mediaSession;
  if (metadata?.title === now.track_name) return;
  navigator.mediaSession.metadata =
    new MediaMetadata({ title: now.track_name, artist: now.artist || label(now.genre), album: 'Infinara',
      artwork: [{ src: picture.cover(), sizes: '512x512', type: 'image/png' }] });
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

// Sends a wish; the button rests meanwhile. Says that it is pending, and what came of it, good or bad. undo: {name, wish}.
async function wish(button, what, body, done, undo = null) {
  button.disabled = true;
  const pending = setTimeout(() => answer('Asking the station…'), SLOW);
  try {
    await post(what, body);
    clearTimeout(pending);
    answer(done, { undo });
  } catch (error) {
    clearTimeout(pending);
    answer(`That did not work: ${error.message}`, { bad: true });
  } finally {
    button.disabled = false;
    if (document.activeElement === document.body) (button.hidden ? $('play') : button).focus({ preventScroll: true });
  }
  await poll();
}

function chooseGenre(genre, when, button) {
  const { status: now } = store.state;
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
  picture.moves = choices.motion;
  motion.wanted = choices.motion;
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
  undo: () => $('undo').hidden || $('undo').click(),
  track: () => $('track').showModal(),
  settings: () => $('settings').showModal(),
};

// --- the parts ----------------------------------------------------------------------------------

const dial = new Dial($('dial'), label, chooseGenre);
const picture = new Picture($('art'), $('halo'));
const player = new Player({ live: $('live'), stream: $('streamed'), quiet: $('quiet') }, (playing, trouble) => {
  store.set({ playing, trouble });
});
const motion = new Motion($('spectrum'), $('halo'), player);

$('volume').hidden = !player.setsVolume;
$('has-opus').hidden = !player.playsOpus;
$('full-screen').hidden = !document.fullscreenEnabled;

for (const minutes of [0, ...SLEEP_MINUTES]) {
  const choice = document.createElement('label');
  const input = Object.assign(document.createElement('input'), { type: 'radio', name: 'sleep', value: minutes, checked: minutes === 0 });
  choice.append(input, minutes ? ` ${minutes} min` : ' Off');
  $('sleep').querySelector('.row').append(choice);
}
for (const { name, does } of KEYS) {
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
store.watch(({ playing, status: now }) => {
  const way = `${playing} ${player.way} ${now?.genre}`;
  if (way === seenWay) return;
  seenWay = way;
  motion.follow();
});

map().then((edges) => { dial.edges = edges; }, () => { /* the dial works without its arcs */ });
$('stream').textContent = $('stream').href;
document.addEventListener('visibilitychange', poll);
addEventListener('online', poll);
setInterval(showTime, 1000);
poll();
if (new URLSearchParams(location.search).has('play')) player.play();
if ('serviceWorker' in navigator) addEventListener('load', () => {
  navigator.serviceWorker.register('sw.js').catch(() => { /* the page does without */ });
});
