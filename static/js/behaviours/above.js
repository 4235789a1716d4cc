// Cards that come in above what one sees of a column: "1 new ↑" in its head, which goes to them.

import { $, $$, byId, hear, linkIn } from "../lib/dom.js";
import { button } from "../lib/build.js";
import { bringNear, focusOn } from "../lib/focus.js";

const unseen = (list) => $$(":scope > [data-above]", list);
// By offsets: a card that is still on its way has its box elsewhere.
const top = (card, list) => card.offsetTop - (card.offsetParent === list ? 0 : list.offsetTop);
const isAbove = (card, list) => top(card, list) + card.offsetHeight <= list.scrollTop;

function count(list) {
  const head = $(".column__head", list.closest(".column"));
  const cards = unseen(list);
  const pill = $(".column__new", head);
  if (!cards.length) {
    pill?.remove();
    return;
  }
  const words = `${cards.length} new ↑`;
  if (pill) pill.textContent = words;
  else {
    $(".column__tools", head).before(button("column__new", null, words));
  }
}

function look(list) {
  for (const card of unseen(list)) if (!isAbove(card, list)) delete card.dataset.above;
  count(list);
}

function arrived({ id }) {
  const card = byId(id);
  const list = card?.closest(".column__list");
  if (!list?.scrollTop || !isAbove(card, list)) return;
  card.dataset.above = "";
  count(list);
}

export function start(board) {
  hear("arrived", arrived);
  hear("applied", () => {
    for (const list of $$(".column__list", board)) if ($(".column__new", list.closest(".column"))) look(list);
  });
  board.addEventListener(
    "scroll",
    ({ target }) => {
      if (target.matches?.(".column__list")) look(target);
    },
    { capture: true, passive: true },
  );
  board.addEventListener("click", ({ target }) => {
    const pill = target.closest(".column__new");
    if (!pill) return;
    const list = $(".column__list", pill.closest(".column"));
    const card = unseen(list).at(-1);
    bringNear(card);
    focusOn(linkIn(card));
    look(list);
  });
}
