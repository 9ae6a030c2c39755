// SPDX-License-Identifier: Apache-2.0
// When the page asks the station, on a clock that the test moves. Run by `node --test`.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pauseOf, Station, untilClear, untilFade } from '../../web/station.js';

const status = (changes = {}) => ({ duration: 90, position: 30, config: { crossfade: 18 }, ...changes });

test('when a fade is due', () => {
  assert.equal(untilFade(status()), 42);
  assert.equal(untilFade(status({ position: 80, config: { crossfade: 15 } })), -5);
});

test('how long the page waits', () => {
  const seen = { status: status(), lostFor: null, wanted: false, hidden: false };
  for (const [wanted, changes] of [
    [2000, {}], [2000, { wanted: true }],
    [1150, { status: status({ position: 71 }) }], // the fade is due in a second
    [2000, { status: status({ position: 73 }) }], // it should be there: no question after another
    [0, { hidden: true }], [10000, { hidden: true, wanted: true }],
    [2000, { lostFor: 0 }], [2000, { lostFor: 59999 }], [10000, { lostFor: 60000 }], [2000, { lostFor: 60000, wanted: true }],
    [0, { lostFor: 5, hidden: true }], [2000, { lostFor: 5, hidden: true, wanted: true }], [2000, { lostFor: 5, status: null }],
  ]) assert.equal(pauseOf({ ...seen, ...changes }), wanted, JSON.stringify(changes));
});

test('no question comes between a title and the ear', () => {
  for (const [wanted, ...given] of [[0, 0, 5000], [0, 5251, 5000], [500, 5250, 5000], [250, 5000, 5000], [0.5, 4750.5, 5000], [0, 4749, 5000]])
    assert.equal(untilClear(...given), wanted, JSON.stringify(given));
});

// A page whose station answers what the test says, when it says so.
function open(t, listening = {}) {
  let now = 1000;
  const timers = new Map();
  t.mock.method(performance, 'now', () => now);
  t.mock.method(globalThis, 'setTimeout', (call, ms, ...given) => {
    const id = {};
    timers.set(id, { call: () => call(...given), at: now + ms });
    return id;
  });
  t.mock.method(globalThis, 'clearTimeout', (id) => timers.delete(id));
  const page = {
    questions: [], told: [],
    state: { wanted: false, live: false, hidden: false, ...listening },
    ask: () => new Promise((resolve, reject) => { page.questions.push({ answer: resolve, fail: () => reject(new Error('none')) }); }),
    listening: () => page.state,
    answered: ({ name }, wasLost) => page.told.push(wasLost ? `${name} again` : name),
    lost: (at) => page.told.push(`lost at ${at}`),
    onAir: ({ track_id }) => page.told.push(`on air ${track_id}`),
  };
  page.station = new Station(page);
  page.pass = async (ms) => {
    const end = now + ms;
    for (;;) {
      const [[id, next] = []] = [...timers].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at);
      if (!id) break;
      timers.delete(id);
      now = Math.max(now, next.at);
      next.call();
    }
    now = end;
    await page.settle();
  };
  page.settle = () => new Promise((resolve) => { setImmediate(resolve); });
  page.answer = (number, name) => {
    page.questions[number].answer(status({ name }));
    return page.settle();
  };
  page.fail = (number) => {
    page.questions[number].fail();
    return page.settle();
  };
  return page;
}

test('the page asks every two seconds, and tells an outage once, and its end', async (t) => {
  const page = open(t);
  page.station.ask();
  await page.answer(0, 'first');
  await page.pass(1999);
  assert.equal(page.questions.length, 1);
  await page.pass(1);
  await page.fail(1);
  await page.pass(2000);
  await page.fail(2);
  await page.pass(2000);
  await page.answer(3, 'second');
  await page.pass(2000);
  await page.answer(4, 'third');
  assert.deepEqual(page.told, ['first', 'lost at 3000', 'second again', 'third']);
});

test('an answer that is overtaken is left out', async (t) => {
  const page = open(t);
  page.station.ask();
  page.station.ask();
  await page.answer(1, 'newer');
  await page.answer(0, 'older');
  assert.deepEqual(page.told, ['newer']);
  // And a question that was lost in an outage says nothing of the station that has answered since.
  page.station.ask();
  page.station.ask();
  await page.answer(3, 'newest');
  await page.fail(2);
  assert.deepEqual(page.told, ['newer', 'newest']);
  await page.pass(2000);
  assert.equal(page.questions.length, 5); // one clock, not two
});

test('a page that fails to show an answer asks again', async (t) => {
  const page = open(t);
  page.answered = () => { throw new Error('a fault of the page'); };
  const asked = assert.rejects(page.station.ask(), /a fault of the page/);
  await page.answer(0, 'first');
  await asked;
  await page.pass(2000);
  assert.equal(page.questions.length, 2);
});

test('the page waits for a title', async (t) => {
  const page = open(t);
  page.station.titleDue = 1100;
  page.station.askSoon();
  assert.equal(page.questions.length, 0);
  await page.pass(349);
  assert.equal(page.questions.length, 0);
  await page.pass(1);
  assert.equal(page.questions.length, 1);
});

test('a station is out of reach only where that is known', async (t) => {
  const page = open(t);
  const silent = page.station.isReached();
  await page.pass(2000);
  assert.equal(await silent, true);
  const refused = page.station.isReached();
  await page.fail(1);
  assert.equal(await refused, false);
});

test('events are followed by WebRTC alone, while the page is seen and the station answers', async (t) => {
  const page = open(t);
  const sources = [];
  globalThis.location = new URL('http://u:p@radio.test/here/');
  globalThis.EventSource = class extends EventTarget {
    constructor(url) {
      super();
      sources.push(Object.assign(this, { url, isOpen: true }));
    }
    close() { this.isOpen = false; }
  };
  t.after(() => {
    delete globalThis.location;
    delete globalThis.EventSource;
  });
  const follow = (changes) => {
    Object.assign(page.state, changes);
    page.station.followEvents();
    return sources.filter((one) => one.isOpen).length;
  };
  assert.equal(follow({}), 0);
  assert.equal(follow({ live: true, wanted: true }), 1);
  assert.equal(follow({}), 1);
  assert.equal(sources[0].url, 'http://radio.test/here/api/events');
  sources[0].dispatchEvent(Object.assign(new Event('on_air'), { data: '{"track_id":"8"}' }));
  assert.deepEqual(page.told, ['on air 8']);
  assert.equal(page.questions.length, 1);
  sources[0].dispatchEvent(new Event('fade'));
  assert.equal(page.questions.length, 2);
  assert.equal(follow({ hidden: true }), 0);
  assert.equal(follow({ hidden: false }), 1);
  sources[1].dispatchEvent(new Event('error')); // the page asks what that was
  assert.equal(sources[1].isOpen, false);
  await page.fail(2);
  assert.equal(follow({}), 0);
});
