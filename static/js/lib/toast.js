// Notices at the bottom left. Their time stands still under the pointer, under focus and in a hidden tab. A fourth one
// replaces the oldest that has no action; a notice with an action or a retry stays until its time is up.

import { $, $$, alarm, byId } from "./dom.js";
import { build, button, icon } from "./build.js";
import { focusOn } from "./focus.js";

const LIFE = 8000; // ms
const BEAT = 250;
const MOST = 3;
const shown = new WeakMap(); // notice -> { remove, isSpare: whether it may go for a newer one }
let cameFrom = null; // what had the focus before the notices had it

/** The columns end above the notices, so that their last cards can be scrolled into sight. */
const makeRoom = (region) => byId("columns")?.style.setProperty("--toasts", `${region.offsetHeight}px`);

/**
 * Show `words` (text or nodes). `kind` is "good", "bad" or "". `action` is an element (a link or a button); `retry`
 * is called by a Retry button, which also removes the notice, as does the key R.
 * Returns a function that takes the notice away.
 */
export function toast(words, { kind = "", action = null, retry = null, life = retry ? 20000 : LIFE } = {}) {
  const region = byId("toasts");
  if (!region) return () => {};
  const text = build("span", "", ...[words].flat());
  const notice = build(
    "div",
    `toast${kind && ` toast--${kind}`}`,
    icon({ good: "check", bad: "alert" }[kind] ?? "comment"),
    text,
  );
  if (action) notice.append(action);
  if (retry) notice.append(again(retry, remove));
  const cross = button("icon-btn", remove, icon("x"));
  cross.ariaLabel = "Dismiss";
  notice.append(cross);
  region.append(notice);
  const timer = setInterval(() => {
    if (document.hidden || notice.matches(":hover,:focus-within")) return;
    life -= BEAT;
    if (life <= 0) remove();
  }, BEAT);
  function remove() {
    clearInterval(timer);
    const focused = notice.contains(document.activeElement);
    notice.remove();
    makeRoom(region);
    if (focused) focusBack(region);
  }
  notice.addEventListener("focusin", ({ relatedTarget }) => {
    if (relatedTarget && !region.contains(relatedTarget)) cameFrom = relatedTarget;
  });
  shown.set(notice, { remove, isSpare: !action && !retry && life < Infinity });
  makePlace(region);
  makeRoom(region);
  return remove;
}

/** Remove the oldest notices without an action while there are more than three; never the newest. */
function makePlace(region) {
  const notices = $$(".toast", region);
  const spare = notices.slice(0, -1).filter((notice) => shown.get(notice)?.isSpare);
  for (const old of spare.slice(0, Math.max(0, notices.length - MOST))) shown.get(old).remove();
}

/** The notice with the focus is gone: focus the newest one left, else the element that had the focus before. */
function focusBack(region) {
  const next = $$(".toast :is(a,button):not(.icon-btn)", region).at(-1);
  const back = cameFrom?.isConnected ? cameFrom : $('#board .card__link[tabindex="0"],main [tabindex="-1"]');
  focusOn(next ?? back);
}

function again(retry, remove) {
  const element = button("btn btn--line", remove, "Retry");
  element.addEventListener("click", retry);
  element.dataset.retry = "";
  return element;
}

/** Show what went wrong, and announce it at once. Returns a function that takes the notice away. */
export function warn(words, options) {
  alarm(words);
  return toast(words, { kind: "bad", ...options });
}
