// The offline queue: changes made while the server can't be reached are kept in order, counted in the banner, and sent
// one by one when it is back.

import { $, announce, byId, hear, on, pause } from "./dom.js";
import { build, counted, icon } from "./build.js";
import { giveUp, isLive, isLost, isOut, isUnreached, nextTry } from "./reach.js";

const MOST = 50;
const STORE = "fluxboard-kept";
const kept = []; // { address, body, send, answered }, oldest first
let isSending = false;

/** Whether a change made now is kept: also while older ones are still waiting. */
export const isAway = () => isOut() || kept.length > 0;
const some = (number) => counted(number, "change");

/**
 * Keep `body` (URLSearchParams) for `address`, and call `send(address, body)` once the server can be reached.
 * Resolves to its answer; at once to a failure where 50 are kept already, which the caller has to say.
 */
export function keep(address, body, send) {
  if (kept.length >= MOST) return Promise.resolve({ kind: "failed", status: 0 });
  return new Promise((answered) => {
    kept.push({ address, body, send, answered });
    changed();
    sendAll();
  });
}

async function sendAll() {
  if (isSending) return;
  isSending = true;
  while (kept.length && navigator.onLine) {
    const { address, body, send, answered } = kept[0];
    const answer = await send(address, body);
    // Signed out: the change itself is fine, and goes out once the person has signed in again in another tab.
    if (answer.kind === "signed-out" || answer.status === 0 || (isLost() && isUnreached(answer.status))) {
      if (isLost()) giveUp();
      await nextTry();
      continue;
    }
    kept.shift();
    changed();
    answered(answer);
    await settled();
  }
  isSending = false;
}

/** Resolves when no dialog is open: one conflict is settled before the next change is sent. */
async function settled() {
  do await pause(50);
  while ($("dialog[open]"));
}

// ---- the banner, and a copy for a reload of this tab -----------------------------------------------------

function changed() {
  show();
  const me = document.body.dataset.me;
  const saved = kept.map(({ address, body }) => [
    address,
    [...body].filter(([name]) => name !== "csrfmiddlewaretoken"),
  ]);
  try {
    if (saved.length) sessionStorage.setItem(STORE, JSON.stringify({ me, saved }));
    else sessionStorage.removeItem(STORE);
  } catch {
    /* full or forbidden: they are kept as long as this page is open */
  }
}

function show() {
  const place = byId("offline-note");
  if (!place) return;
  place.hidden = !isAway();
  if (place.hidden) return;
  const here = isLive();
  const what = here
    ? `Sending ${some(kept.length)}, in order.`
    : kept.length
      ? `${some(kept.length)} kept, to be sent in order when you are back.`
      : "Reading works. What you change is kept and sent when you are back.";
  const words = here ? [what] : [build("b", "", "Not connected."), ` ${what}`];
  place.replaceChildren(icon(here ? "clock" : "off"), build("span", "", ...words));
}

/** Changes that were still kept when this tab was reloaded: `[address, fields]` each. */
export function left() {
  try {
    const { me, saved } = JSON.parse(sessionStorage.getItem(STORE)) ?? {};
    return me && me === document.body.dataset.me ? saved : [];
  } catch {
    return [];
  }
}

export function start() {
  hear("reach", show);
  on("flux:applied", show);
  addEventListener("online", () => sendAll());
  addEventListener("offline", () =>
    announce("You are offline. What you change is kept and sent when you are back."),
  );
  addEventListener("beforeunload", (event) => {
    if (kept.length) event.preventDefault();
  });
  show();
}
