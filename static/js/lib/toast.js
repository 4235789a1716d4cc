// Notices at the bottom left: at most three, paused under the pointer, under focus and in a hidden tab.

import { $$, alarm, byId } from "./dom.js";
import { build, button, icon } from "./build.js";

const LIFE = 8000;

/** The columns end above the notices, so that their last cards can be scrolled into sight. */
const makeRoom = (region) => byId("columns")?.style.setProperty("--toasts", `${region.offsetHeight}px`);

/**
 * Show `words` (text or nodes). `kind` is "good", "bad" or "". `action` is an element (a link or a button); `retry`
 * stands for a button that takes the notice away and does it again, as the key R does.
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
  for (const old of $$(".toast", region).slice(0, -3)) old.remove();
  makeRoom(region);
  const timer = setInterval(() => {
    if (document.hidden || notice.matches(":hover,:focus-within")) return;
    life -= 250;
    if (life <= 0) remove();
  }, 250);
  function remove() {
    clearInterval(timer);
    notice.remove();
    makeRoom(region);
  }
  return remove;
}

function again(retry, remove) {
  const element = button("btn btn--line", remove, "Retry");
  element.addEventListener("click", retry);
  element.dataset.retry = "";
  return element;
}

/** What went wrong, shown and said at once; returns what takes the notice away. */
export function warn(words, options) {
  alarm(words);
  return toast(words, { kind: "bad", ...options });
}
