// This page's own connection to `/b/KEY/live/`: opened from the last change that the page has, watched, opened again.

import { on } from "./dom.js";
import { applied } from "./own.js";
import * as reach from "./reach.js";
import { takeSlot } from "./slots.js";
import { parseEvents, readEvents } from "./sse.js";

const SLEPT = 15000; // ms between two ticks of a one-second timer that mean that the machine slept
const SILENCE = 45000; // ms without a byte after which the connection counts as dead
const POLL = 1000;
const OPENING = 6000; // ms that a try may take to get its answer

let running = null; // AbortController of the running fetch
let giveBack = null; // gives back the slot that an open stream has
let failures = 0; // tries in vain, one after the other
let lastByte = Date.now();
let wake = () => {};

/** `{ at, seq }` since the stream was lost or the tab hidden: what happened after it comes in quietly. */
export const away = { since: null };
export function leave() {
  away.since ??= { at: Date.now(), seq: applied.seq };
}

export function lost() {
  leave();
  reach.lost();
}

/** The stream is open, and everything that was missed has come. */
export function found() {
  failures = 0;
  reach.found();
}

/** End the running try; the next one follows. */
export const drop = () => running?.abort();
export const fail = () => {
  failures += 1;
};

/** Wait `ms`, or until `goOn` is called; without `ms` only for that. */
export function wait(ms) {
  const { promise, resolve } = Promise.withResolvers();
  wake = resolve;
  if (ms) setTimeout(resolve, ms);
  return promise;
}
export const goOn = () => wake();

/** Wait until somebody can see the page. */
export async function inSight() {
  while (document.hidden) {
    leave();
    await wait();
  }
}

/**
 * Keep the page of `root` connected, until `mayTry()`, asked before each try, resolves to false. `check` gets each
 * answer, and says whether it is the stream; what it throws counts as a try in vain. `receive` gets each message;
 * `settled` resolves once all of them are in the page.
 */
export async function connect(root, listener) {
  const over = new AbortController();
  watch(over.signal);
  while (await listener.mayTry()) {
    giveBack = await takeSlot();
    running = new AbortController();
    try {
      if (giveBack) await listen(root, listener);
      else await poll(root, listener);
    } catch (error) {
      if (error.name !== "AbortError") failures += 1;
    } finally {
      giveBack?.();
      giveBack = null;
    }
    if (document.hidden) continue;
    if (failures) lost();
    const vain = Math.min(250 * 2 ** failures, 2000) * (0.5 + Math.random());
    await wait(failures ? vain : 50 + Math.random() * 200);
  }
  over.abort();
}

const from = (root) => `lastEventId=board-${root.dataset.boardId}:${applied.seq}`;

function hears({ receive }) {
  return (message) => {
    lastByte = Date.now();
    if (message) receive(message);
  };
}

async function listen(root, listener) {
  lastByte = Date.now(); // the time without a stream does not count as its silence
  const opening = setTimeout(() => running.abort(new Error("no answer")), OPENING);
  const response = await fetch(`${root.dataset.live}?${from(root)}`, {
    headers: { Accept: "text/event-stream" },
    cache: "no-store",
    signal: running.signal,
  }).finally(() => clearTimeout(opening));
  if (!listener.check(response)) return;
  failures = 0;
  await readEvents(response, hears(listener));
  failures ||= 1;
  lost();
}

/** Without a slot: fetch the same frames by short requests, ten times; then the caller looks for a free slot again. */
async function poll(root, listener) {
  for (let round = 1; !document.hidden && round <= 10; round++) {
    const response = await fetch(`${root.dataset.live}?poll=1&${from(root)}`, {
      cache: "no-store",
      signal: AbortSignal.any([running.signal, AbortSignal.timeout(10000)]),
    });
    if (!listener.check(response)) return;
    lastByte = Date.now();
    parseEvents(await response.text(), hears(listener));
    await listener.settled();
    await wait(POLL);
  }
}

// ---- what ends a try, or begins one ---------------------------------------------------------------------

/** Listen, until `signal` is aborted, for what ends or begins a try. */
function watch(signal) {
  let looked = Date.now();
  const looking = setInterval(() => {
    const slept = Date.now() - looked > SLEPT;
    looked = Date.now();
    if (document.hidden) return;
    if (slept) leave();
    if (slept || (giveBack && Date.now() - lastByte > SILENCE)) drop();
  }, 1000);
  signal.addEventListener("abort", () => clearInterval(looking));
  const seen = () => {
    if (!document.hidden) goOn();
    else {
      leave();
      drop();
    }
  };
  const online = () => {
    failures = 0;
    drop();
    goOn();
  };
  const offline = () => {
    leave();
    reach.giveUp();
    drop();
  };
  const back = ({ persisted }) => {
    if (!persisted) return;
    drop();
    goOn();
  };
  on("visibilitychange", seen, { signal });
  for (const [type, run] of Object.entries({ online, offline, pagehide: drop, pageshow: back }))
    addEventListener(type, run, { signal });
}
