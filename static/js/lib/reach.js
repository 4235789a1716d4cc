// Whether the server can be reached. The stream decides it, not `navigator.onLine` alone. The word in the top bar, the
// offline queue and the links all ask here, so that they agree.

import { $, $$, on, tell } from "./dom.js";

const WORDS = {
  live: "Live",
  "catching-up": "Reconnecting…",
  offline: "Offline, changes kept",
  ended: "Not connected",
};
let state = ""; // "ended": nobody is signed in any more, or the board is closed to them
let timers = null; // since the stream was lost: what changes the word in the top bar later

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
/** The server did not answer: from now on changes are kept. */
export const giveUp = () => turn("offline");

/** The stream has ended. Often it is back at once, so the word in the top bar changes only after 3 s. */
export function lost() {
  if (!isLost()) timers = [setTimeout(show, 3000, "catching-up"), setTimeout(giveUp, 15000)];
}

export const isLive = () => navigator.onLine && state === "live";
/** Whether the top bar says that changes are kept. */
export const isOut = () => !navigator.onLine || state === "offline";
/** Whether the stream is down; the top bar may not say so yet. */
export const isLost = () => isOut() || !!timers;

/** Whether this status means no answer, or one by a proxy without its server. */
export const isUnreached = (status) => [0, 502, 503, 504].includes(status);

/** Resolves when it is time to ask again: when the connection changes, or after 2 to 4 s, at random. */
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

/** The words for an `address` that can't be opened now. */
export const cannot = (address) =>
  `${/\/c\/(\w+-\d+)\//.exec(address)?.[1] ?? "This page"} can't be opened until you are back online.`;
