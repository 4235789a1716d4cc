// Who is here: faces in the top bar, "Kenji is editing" on a card; and telling the others where I am.

import { $, $$, byId, cardNamed, hear, on } from "../lib/dom.js";
import { avatar, build } from "../lib/build.js";
import { tellBoard } from "../lib/post.js";

const wide = matchMedia("(width >= 64rem)");
let people = [];
let said = "";

function face(person) {
  const disc = avatar(person, "here");
  const where = person.card ? `, on ${person.card}` : "";
  disc.role = "img";
  disc.ariaHidden = null;
  disc.ariaLabel = disc.title = person.name + where;
  return disc;
}

function draw() {
  const others = people.filter((person) => String(person.id) !== document.body.dataset.me);
  const group = byId("people-here");
  if (group) {
    const most = wide.matches ? 5 : 2;
    group.replaceChildren(...others.slice(0, most).map(face));
    if (others.length > most) group.append(build("span", "more", `+${others.length - most}`));
    group.hidden = !others.length;
    group.ariaLabel = `Here now: ${others.map((person) => person.name).join(", ")}`;
  }
  for (const mark of $$(".card__editing,.detail__editing")) mark.remove();
  for (const person of others.filter(({ editing, card }) => editing && card)) {
    const words = `${person.name.split(" ")[0]} is editing`;
    $(".card__top", cardNamed(person.card))?.append(build("span", "card__editing", words));
    $(`[id$=-detail][data-card="${CSS.escape(person.card)}"] .panel__bar .crumb`)?.append(
      build("span", "detail__editing", words),
    );
  }
}

/** Tell the server which card is open here, and whether it is being edited. */
function tellServer() {
  const root = $("[data-live]");
  const detail = $("[id$=-detail][data-card]");
  const card = detail?.dataset.card ?? "";
  const editing =
    !!detail &&
    !document.hidden &&
    detail.contains(document.activeElement) &&
    document.activeElement.matches("textarea,input:not([type=hidden],[type=checkbox])");
  const now = `${card} ${editing}`;
  if (!root || now === said) return;
  said = now;
  tellBoard(root, "presence/", { card, editing: editing ? "1" : "" }).catch(() => {
    said = "";
  });
}

let soon;
const tellSoon = () => {
  clearTimeout(soon);
  soon = setTimeout(tellServer, 400);
};

export function start() {
  hear("presence", (data) => {
    people = data.people ?? [];
    draw();
  });
  hear("applied", draw);
  wide.addEventListener("change", draw);
  for (const moment of ["focusin", "focusout", "visibilitychange", "flux:opened", "flux:closed"])
    on(moment, tellSoon);
  tellSoon();
}
