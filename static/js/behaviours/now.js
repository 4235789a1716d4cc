// Now, live: the streams of its boards say that something happened, and the page asks what stands now.
//
// What it asks by has the place up to which it was told, and a stream begins there, so nothing falls between two
// answers. A page opens as many streams as it shows boards, a few at most; with more boards, or where other tabs hold
// all connections, it asks every second instead. Behind it all htmx asks every few seconds.

import { $, byId, on, pause } from "../lib/dom.js";
import { takeSlot } from "../lib/slots.js";

const MOST = 3; // of the four connections that streams may take
const ASK = 1000;
const AGAIN = 500;
const REFUSED = 5000;

const ask = () => byId("now")?.dispatchEvent(new CustomEvent("news"));
const streams = () => ($("#now[data-live]")?.dataset.live ?? "").split(" ").filter(Boolean);
const shown = () =>
  new Promise((resolve) => {
    if (!document.hidden) resolve();
    else on("visibilitychange", resolve, { once: true });
  });

/** Ask on every event of a stream, until it ends or the page is out of sight; whether it was to be had at all. */
function listen(address) {
  const stream = new EventSource(address);
  let wasOpen = false;
  return new Promise((resolve) => {
    const end = () => {
      stream.close();
      document.removeEventListener("visibilitychange", end);
      resolve(wasOpen);
    };
    stream.onopen = () => {
      wasOpen = true;
    };
    stream.onmessage = ask;
    stream.onerror = end;
    for (const last of ["stream-reset", "revoked", "bye"]) stream.addEventListener(last, end);
    on("visibilitychange", end);
    addEventListener("pagehide", end, { once: true });
  });
}

async function follow(place) {
  for (;;) {
    await shown();
    const address = streams()[place];
    if (!address) return;
    const giveBack = await takeSlot();
    const wasOpen = giveBack && (await listen(address));
    giveBack?.();
    ask();
    await pause(giveBack ? (wasOpen ? AGAIN : REFUSED) * (1 + Math.random()) : ASK);
  }
}

async function keepAsking() {
  for (;;) {
    await shown();
    ask();
    await pause(ASK);
  }
}

export function start() {
  const count = streams().length;
  if (count > MOST) keepAsking();
  else for (let place = 0; place < count; place++) follow(place);
}
