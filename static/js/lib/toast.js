// Notices at the bottom left: at most three, paused under the pointer, under focus and in a hidden tab.

import { $$, build, byId, icon } from "./dom.js";

const LIFE = 8000;

/** The columns end above the notices, so that their last cards can be scrolled into sight. */
const makeRoom = (region) => byId("columns")?.style.setProperty("--toasts", `${region.offsetHeight}px`);

/**
 * Show `words` (text or nodes). `kind` is "good", "bad" or "". `action` is an element (a link or a button).
 * Returns a function that takes the notice away.
 */
export function toast(words, { kind = "", action = null, life = LIFE } = {}) {
  const region = byId("toasts");
  if (!region) return () => {};
  const text = build("span", "", ...[words].flat());
  const notice = build("div", `toast${kind && ` toast--${kind}`}`, icon({ good: "check", bad: "alert" }[kind] ?? "comment"), text);
  if (action) notice.append(action);
  const close = build("button", "icon-btn", icon("x"));
  Object.assign(close, { type: "button", ariaLabel: "Dismiss" });
  close.addEventListener("click", () => remove());
  notice.append(close);
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

/** A button for what did not get through; the key R presses it too. */
export const again = (run) => { const element = button("Retry", run); element.dataset.retry = ""; return element; };

export function button(words, run) {
  const element = build("button", "btn btn--line", words);
  element.type = "button";
  element.addEventListener("click", run);
  return element;
}
