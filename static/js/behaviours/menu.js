// The card's menu on the board (moves and quick edits, loaded when opened), and the `<details>` that act as menus.

import { $, $$, alarm, byId, call, cardNamed, isChord, linkIn, on, parse } from "../lib/dom.js";
import { build, make } from "../lib/build.js";
import { bringNear, focusOn } from "../lib/focus.js";
import { hold, release } from "../lib/parking.js";
import { isDirty } from "../lib/morph.js";
import * as popover from "../lib/popover.js";
import { fillTimes } from "../lib/time.js";
import { isByTab } from "./clear.js";
import { canChange } from "./move.js";

// ---- the card's menu -------------------------------------------------------------------------------

const pop = () =>
  byId("card-menu") ?? document.body.appendChild(make('<div class="menu-pop" id="card-menu" popover></div>'));

export async function openMenu(card) {
  if (!canChange()) return;
  const opener = $(".card__menu", card);
  const menu = pop();
  if (menu.matches(":popover-open")) {
    const same = menu.dataset.card === card.dataset.card;
    menu.hidePopover();
    if (same) return;
  }
  menu.dataset.card = card.dataset.card;
  menu.replaceChildren(build("p", "menu-pop__wait", "Loading…"));
  menu.role = "dialog";
  menu.ariaLabel = `Actions for ${card.dataset.card}`;
  menu.showPopover();
  popover.place(menu, opener ?? card, { atEnd: true });
  opener?.setAttribute("aria-expanded", "true");
  hold(card);
  const closing = new AbortController();
  menu.addEventListener(
    "toggle",
    (event) => {
      if (event.newState !== "closed") return;
      closing.abort();
      opener?.setAttribute("aria-expanded", "false");
      release(card);
      const active = document.activeElement;
      if (menu.contains(active) || active === document.body || active === opener)
        focusOn(linkIn(byId(card.id) ?? document));
    },
    { signal: closing.signal },
  );
  try {
    const response = await call(`/c/${card.dataset.card}/menu/`);
    if (!response.ok || response.redirected) throw new Error(String(response.status));
    const content = parse(await response.text());
    fillTimes(content);
    menu.replaceChildren(content);
    htmx.process(menu);
    popover.place(menu, opener ?? card, { atEnd: true });
    focusOn($("button:not([disabled]),a[href],select,input:not([type=hidden])", menu));
  } catch {
    menu.replaceChildren(build("p", "menu-pop__wait", "The menu did not load. Open the card."));
    alarm("The menu did not load.");
  }
}

const STOPS = "button:not([disabled]),a[href],select,input:not([type=hidden]),textarea,summary";

/** Tab at the end of the card's menu goes on from its card, as if the menu stood there. */
function leave(event) {
  if (event.key !== "Tab" || isChord(event)) return;
  const menu = event.currentTarget;
  const items = $$(STOPS, menu).filter((item) => item.checkVisibility());
  if (document.activeElement !== (event.shiftKey ? items[0] : items.at(-1))) return;
  const card = cardNamed(menu.dataset.card);
  if (event.shiftKey) event.preventDefault();
  if (card) focusOn($(event.shiftKey ? ".card__link" : ".card__menu", card));
  menu.hidePopover();
}

function walk(event) {
  if (
    !["ArrowDown", "ArrowUp", "Home", "End"].includes(event.key) ||
    event.target.matches("select,textarea,input:not([type=checkbox],[type=radio])")
  )
    return;
  const items = $$(
    "button:not([disabled]),a[href],select,input:not([type=hidden])",
    event.currentTarget,
  ).filter((item) => item.checkVisibility());
  const i = items.indexOf(document.activeElement);
  const to = { ArrowDown: i + 1, ArrowUp: i - 1, Home: 0, End: items.length - 1 }[event.key];
  items[(to + items.length) % items.length]?.focus();
  event.preventDefault();
}

export function start(board) {
  board.addEventListener("click", (event) => {
    const opener = event.target.closest(".card__menu");
    if (!opener || event.ctrlKey || event.metaKey || !canChange()) return;
    event.preventDefault();
    openMenu(opener.closest(".card"));
  });
  for (const answer of [walk, leave]) pop().addEventListener("keydown", answer);
}

// ---- details as menus and as editors ---------------------------------------------------------------

const MENU = "details.pop,details[data-behaviour~=menu]";
const OPENED = "details[data-behaviour],details.adder";
const POP = "details.pop[open],details[data-behaviour~=menu][open]";

/** What was typed in it stays, and a mark says so. */
function closeKept(details) {
  details.open = false;
  details.classList.toggle("is-kept", isDirty(details));
}

/** What goes with an open `details`: its menu in the top layer, others closed, the focus in its first field. */
function follow(details) {
  if (details.matches?.(MENU)) popover.follow(details);
  if (!details.matches?.(OPENED) || !details.open) return;
  for (const other of $$(POP))
    if (details.matches(POP) && other !== details && !other.contains(details) && !isDirty(other))
      other.open = false;
  const here = document.activeElement;
  // Safari does not focus a summary that is clicked. Where the focus is in it already, it stays.
  if (here !== document.body && (!details.contains(here) || here !== $("summary", details))) return;
  const field = $(
    "textarea,input:not([type=hidden],[type=checkbox],[type=radio]),select,button",
    details.querySelector("form") ?? details,
  );
  focusOn(field);
  if (field?.matches("textarea,input[type=text]"))
    field.setSelectionRange(field.value.length, field.value.length);
  bringNear(field);
}

/** Open `details` with all that goes with it now: what is typed the next moment is its first field's. */
export function openDetails(details) {
  details.open = true;
  follow(details);
}

/** The browser tells of what was opened a moment later, when the first letters may have been typed. */
function openAtOnce(event) {
  const summary = event.target.closest?.("summary");
  const details = summary?.parentElement;
  if (event.defaultPrevented || !details?.matches(OPENED) || details.open) return;
  event.preventDefault();
  summary.focus();
  openDetails(details);
}

/** A click elsewhere closes, and so does Tab to elsewhere; Escape closes and goes back to the summary; opening goes to the first field. */
export function startDetails() {
  on("pointerdown", ({ target }) => {
    for (const details of $$(POP)) if (!details.contains(target) && !isDirty(details)) details.open = false;
  });
  popover.start();
  on("focusout", ({ target, relatedTarget }) => {
    const details = isByTab() && target.closest?.(POP);
    if (!details || details.contains(relatedTarget)) return;
    closeKept(details);
  });
  on("toggle", ({ target }) => follow(target), true);
  on("click", openAtOnce);
  on("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    // The innermost; a menu closes also when the focus is elsewhere, before anything around it does.
    const details =
      event.target.closest?.("details[data-behaviour][open],.adder[open]") ??
      ($("dialog[open]") ? null : $$(POP).at(-1));
    if (!details) return;
    event.preventDefault();
    event.stopPropagation();
    closeKept(details);
    focusOn($("summary", details));
  });
  on("click", (event) => {
    const cancel = event.target.closest("[data-cancel],button[type=reset]");
    const details = cancel?.closest("details[open]");
    if (!details) return;
    if (!cancel.matches("[type=reset]")) event.preventDefault();
    cancel.closest("form")?.reset();
    details.open = false;
    focusOn($("summary", details));
  });
}
