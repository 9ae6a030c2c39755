// SPDX-License-Identifier: Apache-2.0
// The page's files for a time without a network. Each is asked of the station first, so that an update is never held up;
// only where the station is out of reach does the copy serve. The sound and the API never come through here.

const CACHE = 'infinara';
const FILES = ['./', 'api.js', 'art.js', 'dial.js', 'favicon.svg', 'icon-192.png', 'icon-512.png', 'live.js',
  'manifest.webmanifest', 'page.js', 'picture.js', 'player.js', 'sound.js', 'station.js', 'store.js', 'stream.js',
  'style.css', 'timeline.js', 'views.js'];
const urls = new Set(FILES.map((file) => new URL(file, registration.scope).href));

addEventListener('install', (event) => {
  skipWaiting();
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll([...urls])));
});

addEventListener('activate', (event) => event.waitUntil(clients.claim()));

async function fetched(request, url) {
  const cache = await caches.open(CACHE);
  try {
    const response = await fetch(request);
    if (response.ok) await cache.put(url, response.clone());
    return response;
  } catch (error) {
    const copy = await cache.match(url);
    if (copy) return copy;
    throw error;
  }
}

addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  url.search = '';
  url.hash = '';
  if (request.method === 'GET' && urls.has(url.href)) event.respondWith(fetched(request, url.href));
});
