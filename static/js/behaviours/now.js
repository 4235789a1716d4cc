// Now and meetings, live: the streams of their boards say that something happened, and the page then asks for its newest state.
//
// Its request names the seq that it shows, and each stream begins there, so that nothing is missed in between. The page
// opens one stream for each board; with more than three boards, or where other tabs use all connections, it asks every
// second instead. While all streams are open it asks twice a minute.

import { $, loginAddress, on, pause } from "../lib/dom.js";
import { linkTo } from "../lib/build.js";
import { backOff, pace } from "../lib/pace.js";
import { takeSlot } from "../lib/slots.js";
import { warn } from "../lib/toast.js";

const MOST = 3; // of the four connections that streams may take
const WITHOUT = 1000; // ms from one asking to the next, where a stream is missing
const BEHIND = 30000; // the same while all streams are open
const AGAIN = 500; // ms until a stream that has ended is opened again

const followed = new Map(); // the path of a stream -> { over: AbortController, isOpen }

const LIVE = "[data-live][hx-get]"; // the part of the page that asks for itself

/** The streams of the boards that the page shows: path -> address. */
function streams() {
  const addresses = ($(LIVE)?.dataset.live ?? "").split(" ").filter(Boolean);
  return new Map(addresses.map((address) => [address.split("?")[0], address]));
}

const isMissing = () => streams().size > MOST || [...followed.values()].some(({ isOpen }) => !isOpen);
let asking = null; // the pace at which it asks

const shown = () =>
  new Promise((resolve) => {
    if (!document.hidden) resolve();
    else on("visibilitychange", resolve, { once: true });
  });

/** Ask on every event of a stream until it ends or the page is hidden. Resolves to whether it was ever open. */
function listen(address, one) {
  const stream = new EventSource(address);
  const ended = new AbortController();
  const { signal } = ended;
  let wasOpen = false;
  return new Promise((resolve) => {
    const end = () => {
      stream.close();
      ended.abort();
      one.isOpen = false;
      resolve(wasOpen);
    };
    stream.onopen = () => {
      wasOpen = one.isOpen = true;
    };
    stream.onmessage = asking.soon;
    stream.onerror = end;
    for (const last of ["stream-reset", "revoked", "bye"]) stream.addEventListener(last, end);
    on("visibilitychange", end, { signal });
    addEventListener("pagehide", end, { signal });
    one.over.signal.addEventListener("abort", end, { signal });
  });
}

/** Keep the stream of `path` open as long as the page shows its board. */
async function follow(path, one) {
  for (let vain = 0; ; ) {
    await shown();
    const address = streams().get(path);
    if (!address || one.over.signal.aborted) return;
    const giveBack = await takeSlot();
    if (giveBack && one.over.signal.aborted) {
      giveBack();
      return;
    }
    if (giveBack) {
      vain = (await listen(address, one)) ? 0 : vain + 1;
      giveBack();
    }
    asking.soon();
    await pause(giveBack ? backOff(AGAIN, vain) : WITHOUT);
  }
}

/** Follow the boards that the page shows by now, and no others. */
function reconcile() {
  const wanted = streams();
  if (wanted.size > MOST) wanted.clear();
  for (const [path, one] of followed)
    if (!wanted.has(path)) {
      followed.delete(path);
      one.over.abort();
    }
  for (const path of wanted.keys())
    if (!followed.has(path)) {
      const one = { over: new AbortController(), isOpen: false };
      followed.set(path, one);
      follow(path, one);
    }
}

// ---- what the server answers ------------------------------------------------------------------------------

let notice = null; // { words, close }

function say(words, action) {
  if (notice?.words === words) return;
  notice?.close();
  notice = { words, close: warn(words, { action, life: Infinity }) };
}

function failed(response) {
  const times = asking.failed();
  if (response?.status === 401) {
    say("You are signed out.", linkTo(loginAddress(), "Sign in"));
  } else if (response && [403, 404].includes(response.status))
    say("You are no longer on this board.", linkTo("/", "Home"));
  else if (times > 1) say("This page is not up to date. The server does not answer.", null);
}

function answered() {
  asking.done();
  notice?.close();
  notice = null;
}

/** A listener that runs `act` with htmx's response to a request for that part, and ignores other requests. */
const ofNow =
  (act) =>
  ({ detail: { ctx } }) =>
    ctx?.sourceElement?.matches?.(LIVE) && act(ctx.response);

export function start() {
  if (!$(LIVE)) return;
  asking = pace(
    () => $(LIVE)?.dispatchEvent(new CustomEvent("news")),
    () => (isMissing() ? WITHOUT : BEHIND),
  );
  on(
    "htmx:after:request",
    ofNow((response) => response.status < 400 && answered()),
  );
  for (const failure of ["htmx:response:error", "htmx:error"]) on(failure, ofNow(failed));
  on("htmx:after:swap", ofNow(reconcile));
  reconcile();
}
