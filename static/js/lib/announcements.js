// Changes by others: highlighted on their card, and announced to screen readers, several at once and at most every ten
// seconds, so that each is told in the end.

import { $, $$, announce, saidAt } from "./dom.js";
import { build, counted } from "./build.js";
import { isTyping } from "./focus.js";

const PAUSE = 10000; // ms from one telling to the next
const GATHER = 400; // ms in which changes are gathered into one announcement
const OWN = 1500; // ms that an announcement about one's own change gets first
const AT_ONCE = 5; // changes in one telling
const MOST = 20; // more than that are only counted
const untold = [];
let timer = 0;
let told = 0;

function tellSoon(ms) {
  if (!timer)
    timer = setTimeout(() => {
      timer = 0;
      tellNow();
    }, ms);
}

function tellNow() {
  const wait = Math.max(told + PAUSE, saidAt.time + OWN) - Date.now();
  if (wait > 0 || isTyping()) {
    tellSoon(Math.max(wait, OWN));
    return;
  }
  const now = untold.splice(0, AT_ONCE);
  if (untold.length > MOST) now.push(`${counted(untold.splice(0).length, "other change")}.`);
  announce(now.join(" "));
  told = Date.now();
  if (untold.length) tellSoon(PAUSE);
}

/** Tell one frame's change, now or with those that come until the next telling. */
export function mention({ dataset: { actorName, told } }) {
  untold.push(`${actorName || "Someone"} ${told}.`);
  tellSoon(GATHER);
}

// ---- on the card itself ----------------------------------------------------------------------------------

/** Say on the card, for six seconds or until it is looked at, who changed it and how. */
export function pointOut(card, frame) {
  const top = $(".card__top", card);
  if (!top) return;
  unmark(card);
  card.classList.add("card--changed");
  top.append(build("span", "card__who", `${frame.dataset.actorName} ${frame.dataset.words} just now`));
  top.classList.add("card__top--told");
  const end = () => {
    clearTimeout(over);
    card.removeEventListener("pointerenter", end);
    unmark(card);
  };
  const over = setTimeout(end, 6000);
  card.addEventListener("pointerenter", end);
}

function unmark(card) {
  card.classList.remove("card--changed");
  $(".card__top", card)?.classList.remove("card__top--told");
  $$(".card__who", card).forEach((who) => who.remove());
}
