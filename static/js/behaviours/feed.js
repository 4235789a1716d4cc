// The standup's feed: from change to change by keys, and new changes behind a pill. Needs nothing to be read.

import { $, $$, bringNear, byId, call, focusOn, make, on } from "../lib/dom.js";
import { token } from "../lib/post.js";
import { addAlso, addKeys } from "./keys.js";

const EVERY = 20000;
const root = () => byId("standup");
const entries = () => $$("[data-entry]", root());
const articles = () => $$(".feed > article[tabindex='0']", root());
const here = () => document.activeElement?.closest?.("#standup [data-entry]");

const isHere = () => !!root();

function go(to) {
  if (!to) return false;
  focusOn(to);
  bringNear(to);
  return true;
}

/** To the next change (1) or the previous one (-1). */
function turnEntry(by) {
  const all = entries();
  const at = all.indexOf(here());
  if (at < 0) {
    const article = document.activeElement?.closest?.(".feed > article");
    return go(by > 0 ? ((article && $("[data-entry]", article)) ?? all[0]) : all.at(-1));
  }
  return go(all[at + by] ?? all[at]);
}

function turnArticle(by) {
  const all = articles();
  const at = all.indexOf(document.activeElement?.closest?.(".feed > article"));
  return go(at < 0 ? all[by > 0 ? 0 : all.length - 1] : all[at + by]);
}

/** Everything that can be focused after the feed, or before it. */
function leave(by) {
  const feed = byId("feed");
  const stops = $$("a[href],button:not([disabled]),summary,input,select", document).filter(
    (stop) => !feed.contains(stop) && stop.getClientRects().length,
  );
  const side = by > 0 ? Node.DOCUMENT_POSITION_FOLLOWING : Node.DOCUMENT_POSITION_PRECEDING;
  const there = stops.filter((stop) => feed.compareDocumentPosition(stop) & side);
  return go(by > 0 ? there[0] : there.at(-1));
}

function openEntry() {
  const link = here() && $("h3 a", here());
  if (link) location.assign(link.href);
  return !!link;
}

const news = () => $("[data-show-news]", root());

/** Read up to the change at hand, on its board; without one, all that the page shows. */
async function readUpToHere() {
  const upto = here()?.dataset.upto ?? root().dataset.upto;
  const body = new URLSearchParams({ upto, csrfmiddlewaretoken: token() });
  const answer = await call(root().dataset.read, { method: "POST", body }).catch(() => null);
  if (answer?.ok) location.reload();
}

async function look() {
  if (document.hidden || !root() || new URLSearchParams(location.search).has("before")) return;
  const address = `${root().dataset.news}?upto=${encodeURIComponent(root().dataset.upto)}`;
  const answer = await call(address).catch(() => null);
  if (!answer?.ok) return;
  const pill = make((await answer.text()).trim());
  if (pill.textContent.trim() === byId("feed-news").textContent.trim()) return;
  // The region stays, so that readers of the screen are told; only what it says changes.
  byId("feed-news").replaceChildren(...pill.childNodes);
}

/** The next page goes below what is there; the focus goes to its first change. */
async function showEarlier(event) {
  const link = event.target.closest?.("#feed-earlier");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const feed = byId("feed");
  feed.setAttribute("aria-busy", "true");
  const answer = await fetch(link.href, { cache: "no-store" }).catch(() => null);
  if (!answer?.ok) {
    location.assign(link.href);
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const came = $$(".feed > article", page).map((article) => document.importNode(article, true));
  for (const article of came)
    for (const heading of $$("h2[id]", article))
      heading.id = `${heading.id}-${link.href.match(/before=(\d+)/)?.[1]}`;
  for (const article of came) {
    const heading = $("h2[id]", article);
    if (heading) article.setAttribute("aria-labelledby", heading.id);
  }
  const quiet = $(":scope > .quiet", feed);
  feed.append(...came, ...(quiet ? [quiet] : []));
  const more = $("#feed-earlier", page);
  if (more) link.href = more.getAttribute("href");
  else link.closest(".feed__more").remove();
  const all = $$(":scope > article", feed);
  all.forEach((article, at) => {
    article.setAttribute("aria-posinset", at + 1);
    article.setAttribute("aria-setsize", more ? -1 : all.length);
  });
  feed.setAttribute("aria-busy", "false");
  go(came[0] && ($("[data-entry]", came[0]) ?? came[0]));
}

function onKey(event) {
  if (event.defaultPrevented || event.altKey || event.metaKey) return;
  const inFeed = event.target.closest?.("#feed");
  const done = event.ctrlKey
    ? inFeed && { End: () => leave(1), Home: () => leave(-1) }[event.key]?.()
    : inFeed && { PageDown: () => turnArticle(1), PageUp: () => turnArticle(-1) }[event.key]?.();
  if (done) event.preventDefault();
  else if (!event.ctrlKey && event.key === "Enter" && event.target.matches?.("[data-entry]") && openEntry())
    event.preventDefault();
}

export function start() {
  if (!isHere()) return;
  addKeys([
    ["j", "Next change", isHere, () => turnEntry(1)],
    ["k", "Previous change", isHere, () => turnEntry(-1)],
    ["shift u", "Read up to here", isHere, readUpToHere],
    [".", "Show new changes", news, () => news().click()],
  ]);
  addAlso([
    ["PageDown PageUp", "Next and previous group", isHere],
    ["Enter", "Open the card", isHere],
  ]);
  on("keydown", onKey);
  on("click", showEarlier);
  const print = $("[data-print]");
  if (print) {
    print.hidden = false;
    print.addEventListener("click", () => window.print());
  }
  setInterval(look, EVERY);
  on("visibilitychange", look);
}
