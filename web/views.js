// SPDX-License-Identifier: Apache-2.0
// What the page says, as functions of its state: numbers and names in, sentences out. Nothing here knows a document.

export const label = (genre) => genre.replace(/\b(?!and\b)[a-z]/g, (letter) => letter.toUpperCase());

export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

export function aboutMinutes(seconds) {
  const minutes = Math.round(seconds / 60);
  return minutes < 1 ? 'in less than a minute' : minutes === 1 ? 'in about a minute' : `in about ${minutes} minutes`;
}

// What stands in the middle of the page. status is null until the station has answered.
export function onAir(status, isLost) {
  if (!status) {
    return { playing: false, title: isLost ? 'Out of reach' : 'Tuning in…', genre: '', dwell: '', next: '…', ready: '', listeners: '' };
  }
  const playing = status.track_id !== '';
  const listeners = status.http_listeners + status.webrtc_listeners;
  return {
    playing,
    title: playing ? status.track_name : 'Silence',
    genre: playing ? label(status.genre) : 'The first track is on its way',
    dwell: staying(status),
    next: status.next ? `${status.next.track_name} · ${label(status.next.genre)}` : 'being made',
    ready: status.queue_size > 1 ? `${status.queue_size} tracks ready` : '',
    listeners: listeners === 1 ? '1 listener' : `${listeners} listeners`,
  };
}

// How long the DJ stays. Once it has moved on, what is left of the genre on air is in the queue.
function staying({ genre, auto_dj, dj_genre, dwell_remaining }) {
  if (genre !== '' && genre !== dj_genre) return `then ${label(dj_genre)}`;
  if (!auto_dj) return genre === '' ? `stays with ${label(dj_genre)}` : 'stays';
  return `the DJ moves on ${dwell_remaining > 0 ? aboutMinutes(dwell_remaining) : 'soon'}`;
}

// The genre that was on air before the one that is heard, as far as the history tells.
export function genreBefore(past, heardId) {
  const tracks = past?.tracks ?? [];
  const here = tracks.findIndex(({ track_id }) => track_id === heardId);
  if (here < 0) return '';
  return tracks.slice(here).find(({ genre }) => genre !== tracks[here].genre)?.genre ?? '';
}

// A long title is set smaller.
export const sizeOf = (title) => (title.length > 48 ? 'longest' : title.length > 24 ? 'long' : '');

export function fading(status) {
  if (!status?.fade) return '';
  return status.fade.into ? `blending into ${status.fade.into.track_name}` : 'blending';
}

const REST = {
  LOADING: 'is loading its model',
  BUSY: 'is busy with other orders',
  SUSPECT: 'makes no headway',
  NEEDS_KEY: 'asks for a key that it was not given',
  DOWN: 'does not answer',
};

// What the generator does. The house band alone is the artist and needs no line.
export function maker(status) {
  if (!status || status.servers.length === 0) return '';
  const jobs = status.servers.flatMap((server) => (server.state === 'HEALTHY' ? server.jobs : [])).filter((job) => job.wanted);
  const running = jobs.filter((job) => job.progress > 0 && job.progress < 1).sort((a, b) => b.progress - a.progress)[0];
  const band = status.config.model === 'housebandsrc';
  if (running) {
    const what = status.queue_size === 0 ? 'the next track' : `a track of ${label(running.genre)}`;
    return `ACE-Step is making ${what}, ${Math.round(running.progress * 100)} %`;
  }
  if (jobs.length > 0) return 'ACE-Step is about to make a track';
  const works = status.servers.some((server) => server.state === 'HEALTHY');
  if (works) return band ? 'The house band plays while the GPU rests' : 'The GPU rests: tracks enough are ready';
  const why = Object.keys(REST).find((state) => status.servers.some((server) => server.state === state));
  return `ACE-Step ${REST[why] ?? 'does not work'}; the house band ${band ? 'plays' : 'stands by'}`;
}

export function aboutTrack(status) {
  if (!status || status.track_id === '') return { name: 'Nothing is on air', facts: '', caption: '', lyrics: '' };
  const facts = [status.artist && `by ${status.artist}`, label(status.genre), clock(status.duration)];
  return {
    name: status.track_name,
    facts: facts.filter(Boolean).join(' · '),
    // the house band plays by genre and seed, whatever the words
    caption: status.caption && status.artist !== 'Infinara House Band' ? `Made from the words: ${status.caption}` : '',
    lyrics: status.lyrics,
  };
}

// The history after its newest page came again: as many tracks as before, so a page that is open for days does not grow.
export function renewed(past, page) {
  const oldest = page.tracks.at(-1)?.track_id;
  const known = past?.tracks.findIndex(({ track_id }) => track_id === oldest) ?? -1;
  if (known < 0) return page;
  const all = [...page.tracks, ...past.tracks.slice(known + 1)];
  const tracks = all.slice(0, Math.max(page.tracks.length, past.tracks.length));
  return { tracks, before: tracks.length < all.length ? tracks.at(-1).track_id : past.before };
}

// The history as rows, without what is heard at this moment and what this listener has still to hear.
export function earlier(past, heardId) {
  const tracks = past?.tracks ?? [];
  const here = tracks.findIndex(({ track_id }) => track_id === heardId);
  return tracks.slice(here + 1).map((track) => ({
    id: track.track_id,
    time: new Date(track.began * 1000).toLocaleTimeString([], { hour: 'numeric', minute: '2-digit' }),
    name: track.track_name,
    genre: label(track.genre),
    rating: track.rating,
    votes: track.likes > 0 ? `${track.likes} ${track.likes === 1 ? 'like' : 'likes'}` : '',
  }));
}

// When a genre that is queued now is heard: after all tracks that are ready. The length of the next one stands for theirs.
export function afterQueue(status) {
  const tracks = status.queue_size;
  if (tracks === 0) return 'with the next track';
  const { crossfade } = status.config;
  const seconds = Math.max(0, status.duration - status.position - crossfade) + tracks * ((status.next ?? status).duration - crossfade);
  return `after ${tracks === 1 ? 'one track' : `${tracks} tracks`}, ${aboutMinutes(seconds)}`;
}

// --- sleep timer --------------------------------------------------------------------------------

export const SLEEP_MINUTES = [15, 30, 45, 60, 90];
export const SLEEP_FADE = 30; // seconds

// How loud it still is, from 1 to 0. until, now: ms; until 0: no timer.
export function sleepGain(until, now) {
  if (until === 0) return 1;
  const left = Math.max(0, until - now) / 1000;
  return left >= SLEEP_FADE ? 1 : (left / SLEEP_FADE) ** 2;
}

export function sleeping(until, now) {
  if (until === 0) return '';
  const minutes = Math.ceil((until - now) / 60000);
  return minutes > 1 ? `stops in ${minutes} minutes` : 'stops within a minute';
}

// --- keyboard -----------------------------------------------------------------------------------

export const KEYS = [
  { key: ' ', name: 'Space', action: 'toggle', does: 'Play, pause' },
  { key: 'n', name: 'N', action: 'skip', does: 'Skip' },
  { key: 'm', name: 'M', action: 'mute', does: 'Mute' },
  { key: '+', name: '+', action: 'louder', does: 'Louder' },
  { key: '-', name: '−', action: 'softer', does: 'Softer' },
  { key: 'a', name: 'A', action: 'autoDj', does: 'Auto-DJ on, off' },
  { key: 'l', name: 'L', action: 'like', does: 'Like the track' },
  { key: 'd', name: 'D', action: 'dislike', does: 'Dislike the track' },
  { key: 'u', name: 'U', action: 'undo', does: 'Undo' },
  { key: 'i', name: 'I', action: 'track', does: 'The track and those before' },
  { key: 'f', name: 'F', action: 'fullScreen', does: 'Full screen' },
  { key: '?', name: '?', action: 'settings', does: 'These settings' },
];

// What a keydown event asks for, or ''. inSheet: a dialog is open, which has keys of its own; letters: whether single
// letters count. Space always does.
export function actionOf({ key, altKey, ctrlKey, metaKey }, { inSheet, letters }) {
  if (altKey || ctrlKey || metaKey || inSheet) return '';
  if (key !== ' ' && !letters) return '';
  return KEYS.find((one) => one.key === key.toLowerCase())?.action ?? '';
}
