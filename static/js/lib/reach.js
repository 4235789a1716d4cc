// Whether the server can be reached. The word in the top bar, the keeping of changes, their sending and the links all
// ask here, so that none of them says what another does not do. The stream tells it, whatever the browser believes.

import { $, $$, on, tell } from "./dom.js";

const WORDS = {
  live: "Live",
  "catching-up": "Reconnecting…",
  offline: "Offline, changes kept",
  ended: "Not connected",
};
let state = ""; // "ended": nobody is signed in any more, or the board is closed to them
let timers = null; // the words to come, since the stream was lost

export function show(next) {
  state = next;
  for (const place of $$("[data-connection]")) {
    place.dataset.connection = state === "ended" ? "offline" : state;
    const text = $(".txt", place);
    if (text && text.textContent !== WORDS[state]) text.textContent = WORDS[state];
  }
  tell("reach");
}

function turn(next) {
  timers?.forEach(clearTimeout);
  timers = null;
  show(next);
}

export const found = () => turn("live");
export const end = () => turn("ended");
/** It has been asked in vain: what is changed from now on is kept. */
export const giveUp = () => turn("offline");

/** The stream is gone. It often is back at once, so the word waits a little. */
export function lost() {
  if (!isLost()) timers = [setTimeout(show, 3000, "catching-up"), setTimeout(giveUp, 15000)];
}

export const isLive = () => navigator.onLine && state === "live";
/** The word says that changes are kept. */
export const isOut = () => !navigator.onLine || state === "offline";
/** Nothing says that the server can be reached, though the word may not say so yet. */
export const isLost = () => isOut() || !!timers;

/** Nobody answered, or a proxy did in the server's place. */
export const isUnreached = (status) => [0, 502, 503, 504].includes(status);

/** When to ask again: as soon as the stream knows more, else in 2 to 4 s, so that not all ask at once. */
export const nextTry = () =>
  new Promise((resolve) => {
    const over = new AbortController();
    const timer = setTimeout(go, 2000 + Math.random() * 1900);
    on("flux:reach", go, { signal: over.signal });
    function go() {
      clearTimeout(timer);
      over.abort();
      resolve();
    }
  });

/** What is said of `address` when it can't be had. */
export const cannot = (address) =>
  `${/\/c\/(\w+-\d+)\//.exec(address)?.[1] ?? "This page"} can't be opened until you are back online.`;
