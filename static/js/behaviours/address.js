// Filters, "Show more" and folding stay on the page: the address changes, the board is fetched again and morphed.

import { $, byId, isHeldWith, linkIn, on } from "../lib/dom.js";
import { focusOn } from "../lib/focus.js";
import { listOf } from "../lib/settle.js";
import { here, refetchBoard } from "../lib/board.js";
import { post } from "../lib/post.js";

const LINKS = "#board a[data-filter],#board a[data-key=X],#board a[rel=nofollow],#no-hits a";

let path = "";

async function go(address, { push = true } = {}) {
  here.address = address;
  if (push) history.pushState(null, "", address);
  if (!(await refetchBoard({ spread: 0, now: true }))) location.assign(address);
}

function onClick(event) {
  if (event.defaultPrevented || event.button !== 0 || isHeldWith(event)) return;
  const link = event.target.closest(LINKS);
  // Relative to the board: with a panel open the page's own address is the card's.
  const to = link && new URL(link.getAttribute("href"), here.address);
  if (to?.pathname !== path) return;
  event.preventDefault();
  const more = to.searchParams.get("more");
  if (!link.matches(".column__more")) {
    go(to.href);
    return;
  }
  const address = new URL(here.address);
  const [column] = more.split(":");
  const others = address.searchParams.getAll("more").filter((other) => !other.startsWith(`${column}:`));
  address.searchParams.delete("more");
  for (const value of [...others, more]) address.searchParams.append("more", value);
  const list = listOf(column);
  const last = list?.querySelector(":scope > .card:last-of-type, :scope > .card:nth-last-child(2)");
  go(address.href, { push: false }).then(() => focusOn(linkIn(last?.nextElementSibling ?? list)));
}

function onSubmit(event) {
  const form = event.target;
  if (event.defaultPrevented) return;
  if (form.matches(".filter__form")) {
    event.preventDefault();
    const kept = [...new FormData(form)].filter(([, value]) => value !== "");
    const query = new URLSearchParams(kept);
    form.closest("details").open = false;
    go(`${here.address.split("?")[0]}${kept.length ? `?${query}` : ""}`);
  } else if (form.matches('#board form[action$="/fold/"]')) {
    event.preventDefault();
    const column = form.closest(".column")?.id;
    post(form.getAttribute("action"), new FormData(form, event.submitter)).then(async (answer) => {
      if (!["done", "moved"].includes(answer.kind)) {
        location.reload();
        return;
      }
      await refetchBoard({ spread: 0, now: true });
      focusOn($("summary,button", byId(column)));
    });
  }
}

export function start() {
  path = new URL(here.address).pathname;
  on("click", onClick);
  on("submit", onSubmit);
  addEventListener("popstate", () => {
    if (location.pathname === path && location.href !== here.address) go(location.href, { push: false });
  });
}
