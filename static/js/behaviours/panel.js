// A card over its board: a plain click opens the panel, the address changes, Back closes it. Narrow: a page.

import {
  $,
  $$,
  alarm,
  announce,
  byId,
  call,
  cardNamed,
  hear,
  isHeldWith,
  linkIn,
  on,
  tell,
} from "../lib/dom.js";
import { build, copyOf, linkTo, make } from "../lib/build.js";
import { bringNear, focusOn, isTyping } from "../lib/focus.js";
import { here } from "../lib/board.js";
import { isDirty } from "../lib/dirty.js";
import { cannot, isUnreached, nextTry } from "../lib/reach.js";
import { fillTimes } from "../lib/time.js";
import { toast } from "../lib/toast.js";

const wide = matchMedia("(width >= 62rem)");
const stage = () => $(".stage") ?? byId("board");
export const panel = () => $("#board .panel, .stage > .panel");
const linkOf = (key) => linkIn(cardNamed(key));

let boardTitle = "";
let opening = null;

/** Open card `key` in the panel. `push` is false when the address says so already. */
async function open(key, { push = true, swap = false } = {}) {
  if (panel()?.dataset.card === key) {
    focusHead();
    return;
  }
  const link = linkOf(key);
  const address = link?.getAttribute("href") ?? `/c/${key}/`;
  if (push) history[swap ? "replaceState" : "pushState"]({ card: key }, "", address);
  const shown = show(sketch(key, link?.textContent.trim() ?? key));
  focusHead();
  opening?.abort();
  opening = new AbortController();
  const { signal } = opening;
  try {
    const response = await bring(address, shown, signal);
    if (!response.ok || response.redirected) {
      location.assign(address);
      return;
    }
    const part = make(await response.text());
    if (signal.aborted || !shown.isConnected) return;
    fillTimes(part);
    const head = shown.contains(document.activeElement);
    shown.replaceWith(part);
    globalThis.htmx?.process(part);
    select(key);
    document.title = `${key} ${$("h1", part)?.textContent.trim() ?? ""} · Fluxboard`;
    if (head) focusHead();
    jump(part);
    tell("opened");
  } catch (error) {
    if (error.name !== "AbortError") location.assign(address);
  }
}

/** Fetch a card. While the server can't be reached, `part` says so, and it is tried again. */
async function bring(address, part, signal) {
  for (;;) {
    const response = await call(address, { signal }).catch(() => null);
    signal.throwIfAborted();
    if (response && !isUnreached(response.status)) return response;
    if (part.ariaBusy) excuse(part, address);
    await nextTry();
  }
}

function excuse(part, address) {
  const words = cannot(address);
  part.ariaBusy = null;
  $(".panel__scroll", part).append(build("p", "form-note form-note--bad", words));
  alarm(words);
}

function sketch(key, title) {
  const part = copyOf("card-opening");
  $("b", part).textContent = part.dataset.card = key;
  $("h1", part).textContent = title;
  return part;
}

function show(part) {
  const old = panel();
  if (old) old.replaceWith(part);
  else stage().append(part);
  stage().classList.add("has-panel");
  select(part.dataset.card);
  bringNear(linkOf(part.dataset.card)?.closest(".card"));
  return part;
}

function select(key) {
  for (const card of $$("#board .card--selected")) card.classList.remove("card--selected");
  cardNamed(key)?.classList.add("card--selected");
}

const focusHead = () => focusOn($("h1", panel()));

function jump(part) {
  const target = location.hash && byId(location.hash.slice(1));
  if (target && part.contains(target)) target.scrollIntoView({ block: "center" });
}

/** Take the panel away and hand the focus back to its card, the next one, or the column's heading. */
function hide() {
  const part = panel();
  opening?.abort();
  if (!part) return;
  const key = part.dataset.card;
  const focused = part.contains(document.activeElement) || document.activeElement === document.body;
  part.remove();
  stage().classList.remove("has-panel");
  select("");
  document.title = boardTitle;
  if (focused) focusOn(linkOf(key) ?? $("#board .card__link") ?? $("#board h1"));
  tell("closed");
}

function close() {
  if (history.state?.card) history.back();
  else {
    history.replaceState(null, "", here.address);
    hide();
  }
}

/** The next (1) or previous (-1) card of the board, in the order of the page. */
export function turn(by) {
  const all = $$("#board .card").map((card) => card.dataset.card);
  const next = all[all.indexOf(panel()?.dataset.card) + by];
  if (next) open(next, { swap: true });
  else announce(by > 0 ? "This is the last card." : "This is the first card.");
}

function toggleFocus() {
  const part = panel();
  if (!part) return;
  if (part.contains(document.activeElement)) linkOf(part.dataset.card)?.focus();
  else focusHead();
}

async function copy(event) {
  const link = event.target.closest("[data-copy-link]");
  if (!link || isHeldWith(event)) return;
  event.preventDefault();
  try {
    await navigator.clipboard.writeText(link.href);
    toast("Link copied", { kind: "good", life: 3000 });
    announce("Link copied");
  } catch {
    toast(["The browser did not allow it: ", link.href], { life: 15000 });
  }
}

function onClick(event) {
  if (event.defaultPrevented || event.button !== 0) return;
  const moving = event.target.closest("#board .card[style]");
  if (moving && !event.target.closest("a,button,input,label")) {
    linkIn(moving).dispatchEvent(new MouseEvent("click", event));
    return;
  }
  if (isHeldWith(event)) return;
  const part = panel();
  const tool = part && event.target.closest("[data-panel]");
  if (tool && part.contains(tool)) {
    const act = { close, next: () => turn(1), previous: () => turn(-1) }[tool.dataset.panel];
    if (act) {
      event.preventDefault();
      act();
    }
    return;
  }
  const link = event.target.closest("#board .card__link");
  if (!link || !wide.matches) return;
  event.preventDefault();
  const key = link.closest(".card").dataset.card;
  open(key, { swap: !!part });
}

function onPop(event) {
  const key = event.state?.card ?? /^\/c\/([A-Z0-9]+-\d+)\/$/.exec(location.pathname)?.[1];
  if (key && byId("board")) open(key, { push: false });
  else hide();
}

/** Say that the card is on another board now, and where. */
export function sayLeft(card, url, life = 20000) {
  const key = /\/c\/([^/]+)\//.exec(url)?.[1] ?? "a card";
  const action = linkTo(url, `Open ${key}`);
  toast([build("b", "", card), ` is ${key} on another board now.`], { action, life });
}

function left({ card, url }) {
  if (panel()?.dataset.card !== card) return;
  sayLeft(card, url);
  close();
}

export function start() {
  boardTitle = document.title;
  hear("card-left", left);
  hear("applied", () => {
    if (panel()) select(panel().dataset.card);
  });
  startPage();
  on("click", onClick);
  addEventListener("popstate", onPop);
  on("keydown", (event) => {
    if (event.key === "F6" && panel()) {
      event.preventDefault();
      toggleFocus();
    }
    if (
      event.key !== "Escape" ||
      event.defaultPrevented ||
      !panel() ||
      $("dialog[open],[popover]:popover-open,details.pop[open]") ||
      event.target.closest?.("details[data-behaviour][open],.adder[open]")
    )
      return;
    if (isTyping() && isDirty(panel())) {
      document.activeElement.blur();
      return;
    }
    event.preventDefault();
    close();
  });
  wide.addEventListener("change", () => {
    if (!wide.matches && panel()) location.assign(location.href);
  });
}

/** On a card's own page: only the copy button. */
export const startPage = () => on("click", copy);
