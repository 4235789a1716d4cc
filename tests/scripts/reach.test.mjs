// What the page says of its connection, and when it says it (docs/stream.md, "Without a network").

import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";
import { clock, connection, load } from "./page.mjs";

const reach = await load("lib/reach.js");
const states = () => [reach.isLive(), reach.isLost(), reach.isOut()];

afterEach(() => {
  mock.timers.reset();
  connection.onLine = true;
});

test("a stream that is back within fifteen seconds never was out", async () => {
  const pass = clock();
  reach.found();
  reach.lost();
  assert.deepEqual(states(), [true, true, false]);
  await pass(3000);
  assert.deepEqual(states(), [false, true, false]);
  await pass(11_000);
  assert.deepEqual(states(), [false, true, false]);
  reach.found();
  await pass(30_000);
  assert.deepEqual(states(), [true, false, false]);
});

test("after fifteen seconds changes are kept, however often it was lost again meanwhile", async () => {
  const pass = clock();
  reach.found();
  reach.lost();
  await pass(14_000);
  reach.lost();
  await pass(1000);
  assert.deepEqual(states(), [false, true, true]);
});

test("the browser's own word that there is no network counts at once", () => {
  reach.found();
  connection.onLine = false;
  assert.deepEqual(states(), [false, true, true]);
});

test("what waits goes on as soon as the stream knows more, else within four seconds", async () => {
  const pass = clock();
  let tries = 0;
  const wait = () => reach.nextTry().then(() => (tries += 1));
  wait();
  reach.found();
  await pass(0);
  await Promise.resolve();
  assert.equal(tries, 1);
  wait();
  await pass(1950);
  assert.equal(tries, 1);
  await pass(2000);
  assert.equal(tries, 2);
});

test("whoever has waited listens no more", async () => {
  const pass = clock();
  const signals = [];
  const listen = document.addEventListener;
  document.addEventListener = (type, run, options) => {
    signals.push(options.signal);
    listen.call(document, type, run, options);
  };
  const waits = [reach.nextTry(), reach.nextTry()];
  await pass(4000);
  await Promise.all(waits);
  document.addEventListener = listen;
  assert.deepEqual(
    signals.map(({ aborted }) => aborted),
    [true, true],
  );
});

test("a proxy that answers for the server is no answer", () => {
  assert.deepEqual(
    [0, 200, 404, 429, 500, 502, 503, 504].filter((status) => reach.isUnreached(status)),
    [0, 502, 503, 504],
  );
});
