// The numbers on the filter chips follow the cards that come, change and go.

import { $, $$ } from "./dom.js";

export const marks = (card) => ({
  mine: card.dataset.assignee === document.body.dataset.me && !card.matches(".card--done"),
  blocked: !!$(".card__blocked", card),
  unready: !!$(".card__unready", card),
  quiet: !!$(".card__top time.is-old", card),
});

export function countChips(was, is) {
  for (const chip of $$("#board [data-filter]")) {
    const name = chip.dataset.filter;
    const by = Number(!!is[name]) - Number(!!was?.[name]);
    const number = by && $(".num", chip);
    if (number) number.textContent = Math.max(0, Number(number.textContent) + by);
  }
}
