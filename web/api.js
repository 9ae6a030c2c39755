// SPDX-License-Identifier: Apache-2.0
// The station's API as functions: its answers, or an Error to be read.

// A path of the station as a URL. A page that was opened as http://user:password@host/ has these in each relative URL, and
// browsers refuse to fetch such a one.
export function at(path) {
  const page = new URL(location.href);
  page.username = page.password = '';
  return new URL(path, page).href;
}

async function ask(path, options) {
  let response;
  try {
    response = await fetch(at(path), { ...options, signal: AbortSignal.timeout(8000) });
  } catch {
    throw new Error('The station does not answer.');
  }
  const answer = await response.json().catch(() => null);
  if (!response.ok || answer === null) {
    throw Object.assign(new Error(answer?.error ?? `The station answered ${response.status}.`), { status: response.status });
  }
  return answer;
}

export const status = () => ask('api/status', { cache: 'no-store' });

// Which rights the station gives to this browser.
export const access = () => ask('api/access', { cache: 'no-store' });

// What maps a player's time to output positions (docs/api.md). key: what the stream was asked for with.
export const position = (key) => ask(`api/position?listener=${key}`, { cache: 'no-store' });

// The last tracks, the newest first; before: a track's id, for those that came before it.
export const history = (limit, before = '') =>
  ask(`api/history?limit=${limit}${before && `&before=${before}`}`, { cache: 'no-store' });

// The mood graph: pairs of genres that are neighbours.
export async function map() {
  const { genres } = await ask('api/genres');
  return genres.flatMap(({ name, neighbours }) => neighbours.filter((other) => name < other).map((other) => [name, other]));
}

// token: the control token, if this browser has one.
export const post = (what, body = {}, token = '') =>
  ask(`api/${what}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
  });

// Why a stream is not given out; nothing if it is.
export async function refusal(path) {
  const enough = new AbortController();
  const timeout = setTimeout(() => enough.abort(), 8000);
  try {
    const response = await fetch(at(path), { cache: 'no-store', signal: enough.signal });
    return response.ok ? '' : (await response.json()).error;
  } catch {
    return '';
  } finally {
    clearTimeout(timeout);
    enough.abort();
  }
}
