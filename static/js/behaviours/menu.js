// The card's menu on the board: moves and quick edits, loaded when opened.

import { $, $$, alarm, byId, call, cardNamed, isChord, linkIn, parse } from "../lib/dom.js";
import { build } from "../lib/build.js";
import { focusOn } from "../lib/focus.js";
import { hold, release } from "../lib/parking.js";
import * as popover from "../lib/popover.js";
import { fillTimes } from "../lib/time.js";
import { canChange } from "./move.js";

const pop = () => byId("card-menu");

/**
 * Open the menu of `card`, or close it where it is open. One menu serves all cards: opening it for another card closes
 * it first, and what was asked for the card before is not put into it.
 */
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
  menu.ariaLabel = `Actions for ${card.dataset.card}`;
  menu.showPopover();
  popover.place(menu, opener ?? card, { atEnd: true });
  opener?.setAttribute("aria-expanded", "true");
  hold(card);
  const closing = new AbortController();
  const { signal } = closing;
  // Not `toggle`: that comes later, and never where the menu is opened again at once.
  menu.addEventListener(
    "beforetoggle",
    () => {
      closing.abort();
      opener?.setAttribute("aria-expanded", "false");
      release(card);
    },
    { signal },
  );
  try {
    const response = await call(`/c/${card.dataset.card}/menu/`, { signal });
    if (!response.ok || response.redirected) throw new Error(String(response.status));
    const content = parse(await response.text());
    fillTimes(content);
    menu.replaceChildren(content);
    htmx.process(menu);
    popover.place(menu, opener ?? card, { atEnd: true });
    focusOn($("button:not([disabled]),a[href],select,input:not([type=hidden])", menu));
  } catch {
    if (signal.aborted) return;
    menu.replaceChildren(build("p", "menu-pop__wait", "The menu did not load. Open the card."));
    alarm("The menu did not load.");
  }
}

/** The focus goes back to the card whose menu has closed, unless it has gone elsewhere. */
function giveBack({ newState, currentTarget: menu }) {
  if (newState !== "closed") return;
  const card = cardNamed(menu.dataset.card);
  const active = document.activeElement;
  if (menu.contains(active) || active === document.body || active === $(".card__menu", card))
    focusOn(linkIn(card ?? document));
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
  pop().addEventListener("toggle", giveBack);
}
