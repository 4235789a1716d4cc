// No request of a script waits for ever: whoever asks is told, and goes on.

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { load, settled } from "./page.mjs";

const { call } = await load("lib/dom.js");
const { whoIsHere } = await load("lib/post.js");
const { refetchParts } = await load("lib/parts.js");

let late; // AbortController of the time that a request has
let waits; // ms that it has
mock.method(AbortSignal, "timeout", (ms) => {
  waits = ms;
  return late.signal;
});

/** A server that takes a request and says nothing, or begins to answer and stops in the middle. */
const silent = (_, { signal }) =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
const halting = async (_, { signal }) => {
  const body = new ReadableStream({
    start: (to) => signal.addEventListener("abort", () => to.error(signal.reason)),
  });
  return new Response(body);
};

beforeEach(() => {
  late = new AbortController();
});

test("a request without an answer fails after ten seconds, or when whoever asked gives it up", async () => {
  globalThis.fetch = silent;
  const alone = call("/parts/");
  late.abort(new DOMException("", "TimeoutError"));
  await assert.rejects(alone, { name: "TimeoutError" });
  assert.equal(waits, 10_000);
  late = new AbortController();
  const own = new AbortController();
  const other = call("/parts/", { signal: own.signal });
  own.abort();
  await assert.rejects(other, { name: "AbortError" });
});

test("so does one whose answer stops in the middle", async () => {
  globalThis.fetch = halting;
  const answer = await call("/parts/");
  const text = answer.text();
  late.abort(new DOMException("", "TimeoutError"));
  await assert.rejects(text, { name: "TimeoutError" });
});

for (const [name, fetch] of Object.entries({ silent, halting }))
  test(`who is signed in is not known from a server that is ${name}`, async () => {
    globalThis.fetch = fetch;
    const who = whoIsHere();
    await settled();
    late.abort(new DOMException("", "TimeoutError"));
    assert.equal(await who, "");
  });

test("parts whose answer stopped in the middle are asked for again", async () => {
  const detail = { id: "card-1-detail", isConnected: true, dataset: { parts: "/c/FLX-1/parts/" } };
  document.getElementById = () => ({ ...detail, querySelector: () => null });
  const asked = [];
  globalThis.fetch = async (address, options) => {
    asked.push(address);
    if (asked.length === 1) return halting(address, options);
    return new Response("", { status: 404 });
  };
  const done = refetchParts("card-1", ["why"], { spread: 0 });
  while (!asked.length) await new Promise(setImmediate);
  await new Promise(setImmediate);
  late.abort(new DOMException("", "TimeoutError"));
  for (let turns = 0; turns < 9; turns++) await new Promise(setImmediate);
  late = new AbortController();
  document.dispatchEvent(new Event("flux:reach"));
  await done;
  assert.deepEqual(asked, Array(2).fill("/c/FLX-1/parts/?names=why&from="));
});
