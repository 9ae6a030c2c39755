// SPDX-License-Identifier: Apache-2.0
// What the station says, put on the page; what a person clicks, told to the station.
import { map, post, status } from './api.js';
import { hueOf } from './art.js';
import { Dial } from './dial.js';
import { Picture } from './picture.js';
import { Player } from './player.js';

const POLL = 2000; // ms
const POLL_UNSEEN = 10000; // for the lock screen's title while playing

const $ = (id) => document.getElementById(id);
const say = (id, text) => { if ($(id).textContent !== text) $(id).textContent = text; };

const label = (genre) => genre.replace(/\b(?!and\b)[a-z]/g, (letter) => letter.toUpperCase());
const clock = (seconds) => {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
};
const aboutMinutes = (seconds) => {
  const minutes = Math.round(seconds / 60);
  return minutes < 1 ? 'in less than a minute' : minutes === 1 ? 'in about a minute' : `in about ${minutes} minutes`;
};

// --- what the station says ----------------------------------------------------------------------

let now = null; // the last status
let seenAt = 0; // when it came, ms
let silentSince = 0; // when the station stopped answering, ms; 0: it answers
let polling = 0;
let before = ''; // the genre that was on air before this one

async function poll() {
  clearTimeout(polling);
  try {
    const last = now;
    now = await status();
    if (last && last.genre !== now.genre) before = last.genre;
    seenAt = performance.now();
    if (silentSince) player.hurry();
    silentSince = 0;
    show();
  } catch {
    silentSince ||= performance.now();
    lost();
  }
  clearTimeout(polling);
  if (!document.hidden) polling = setTimeout(poll, POLL);
  else if (player.wanted) polling = setTimeout(poll, POLL_UNSEEN);
}

// Said once, however long it lasts: a screen reader reads each change.
function lost() {
  document.body.classList.add('stale');
  say('trouble', 'The station does not answer. Trying again…');
  $('trouble').hidden = false;
}

function show() {
  document.body.classList.remove('stale');
  $('trouble').hidden = true;
  const playing = now.track_id !== '';
  say('title', playing ? now.track_name : 'Silence');
  say('genre', playing ? label(now.genre) : 'The first track is on its way');
  say('next', now.next ? `${now.next.track_name} · ${label(now.next.genre)}` : 'being made');
  const listeners = now.http_listeners + now.webrtc_listeners;
  say('listeners', listeners === 1 ? '1 listener' : `${listeners} listeners`);
  document.documentElement.style.setProperty('--hue', hueOf(now.genre));
  const size = now.track_name.length;
  $('title').className = size > 48 ? 'longest' : size > 24 ? 'long' : '';
  picture.show(now.genre, `${now.track_id} ${now.track_name}`);
  document.title = playing ? `${now.track_name} · Infinara` : 'Infinara';

  $('auto-dj').setAttribute('aria-checked', String(now.auto_dj));
  say('dwell', !now.auto_dj ? `stays with ${label(now.dj_genre)}`
    : now.dwell_remaining > 0 ? `moves on ${aboutMinutes(now.dwell_remaining)}` : 'moves on soon');
  showGenres();
  showTime();
  showToSystem();
}

function showGenres() {
  dial.show({ genres: now.genres, here: now.genre, ahead: now.dj_genre, from: before });
}

function showTime() {
  if (!now) return;
  const since = silentSince ? silentSince : performance.now();
  const position = now.track_id === '' ? 0
    : Math.min(now.duration, now.position + Math.max(0, since - seenAt) / 1000);
  say('position', clock(position));
  say('duration', clock(now.duration));
  $('heard').style.transform = `scaleX(${now.duration > 0 ? position / now.duration : 0})`;
  const into = now.fade && [now.next, now].find((track) => track && track.track_id === now.fade.to);
  say('fade', into && into !== now ? `blending into ${into.track_name}` : now.fade ? 'blending' : '');
}

function showToSystem() {
  if (!('mediaSession' in navigator) || now.track_id === '') return;
  const { metadata } = navigator.mediaSession;
  if (metadata?.title === now.track_name) return;
  navigator.mediaSession.metadata =
    new MediaMetadata({ title: now.track_name, artist: now.artist || label(now.genre), album: 'Infinara',
      artwork: [{ src: picture.cover(), sizes: '512x512', type: 'image/png' }] });
}

// --- what a person wants ------------------------------------------------------------------------

let answerFades = 0;
function answer(text, bad = false) {
  say('answer', text);
  $('answer').classList.toggle('bad', bad);
  clearTimeout(answerFades);
  answerFades = setTimeout(() => say('answer', ''), bad ? 10000 : 5000);
}

// Sends a wish; the button rests meanwhile. Says what came of it, good or bad.
async function wish(button, what, body, done) {
  button.disabled = true;
  try {
    await post(what, body);
    answer(done);
  } catch (error) {
    answer(`That did not work: ${error.message}`, true);
  } finally {
    button.disabled = false;
    button.focus({ preventScroll: true });
  }
  await poll();
}

const aboutQueue = () => {
  const tracks = now.queue_size;
  const seconds = now.duration - now.position + Math.max(0, tracks - 1) * now.duration;
  return tracks > 0 ? `after ${tracks === 1 ? 'one track' : `${tracks} tracks`}, ${aboutMinutes(seconds)}` : 'with the next track';
};

const dial = new Dial($('dial'), label, (genre, when, button) => {
  wish(button, 'genre', { genre, when },
    when === 'now' ? `${label(genre)} is coming now.` : `${label(genre)} comes ${aboutQueue()}.`);
});
const picture = new Picture($('art'));

const skip = () => wish($('skip'), 'skip', {}, 'Skipped.');

const player = new Player({ live: $('live'), stream: $('streamed'), quiet: $('quiet') }, (state, message) => {
  const wanted = state !== 'paused';
  $('play').setAttribute('aria-pressed', String(wanted));
  $('play').setAttribute('aria-label', wanted ? 'Pause' : 'Play');
  $('play').classList.toggle('waiting', state === 'connecting');
  say('player-says', message);
  $('player-says').classList.toggle('bad', /again|press/.test(message));
  if ('mediaSession' in navigator) navigator.mediaSession.playbackState = wanted ? 'playing' : 'paused';
});
$('loudness').hidden = !player.setsVolume;

const toggle = () => (player.wanted ? player.pause() : player.play());

$('play').addEventListener('click', toggle);
$('skip').addEventListener('click', skip);
$('auto-dj').addEventListener('click', () => {
  const enabled = $('auto-dj').getAttribute('aria-checked') !== 'true';
  wish($('auto-dj'), 'autodj', { enabled }, enabled ? 'The DJ walks on by itself.' : 'The DJ stays where it is.');
});

const remembered = (() => { try { return localStorage.getItem('volume'); } catch { return null; } })();
if (remembered !== null) $('volume').value = remembered;
const setVolume = () => {
  player.volume = $('volume').valueAsNumber / 100;
  try { localStorage.setItem('volume', $('volume').value); } catch { /* private windows */ }
};
$('volume').addEventListener('input', setVolume);
setVolume();

// Space always plays and pauses, whatever was pressed last.
addEventListener('keydown', (event) => {
  if (event.code !== 'Space' || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  if (!event.repeat) toggle();
});
addEventListener('keyup', (event) => { if (event.code === 'Space') event.preventDefault(); });

if ('mediaSession' in navigator) {
  for (const [action, handler] of [
    ['play', () => player.play()], ['pause', () => player.pause()], ['stop', () => player.pause()], ['nexttrack', skip],
  ]) {
    try { navigator.mediaSession.setActionHandler(action, handler); } catch { /* not known here */ }
  }
}

map().then((edges) => { dial.edges = edges; }, () => { /* the dial works without its arcs */ });
$('stream').textContent = $('stream').href;
document.addEventListener('visibilitychange', poll);
addEventListener('online', poll);
setInterval(showTime, 250);
poll();
