// The standup's feed by keys, from change to change. htmx loads what is new and what is earlier.

import { $, $$, byId, call, on, token } from "../lib/dom.js";
import { bringNear, focusOn } from "../lib/focus.js";
import { warn } from "../lib/toast.js";
import { addAlso, addKeys } from "./keys.js";

const root = () => byId("standup");
const entries = () => $$("[data-entry]", root());
const articles = () => $$(".feed > article[tabindex='0']", root());
const here = () => document.activeElement?.closest?.("#standup [data-entry]");

const isHere = () => !!root();

function go(to) {
  if (!to) return false;
  const folded = to.closest("details:not([open])");
  if (folded) folded.open = true;
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

/** Focus the first element after the feed (1), or the last one before it (-1). */
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
  const link = here() && $("h3 a, .outcome__card", here());
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
  else warn("Not marked as read. The server did not answer.");
}

/** Earlier changes were loaded: number them on, keep the quiet people at the end, focus the first new one. */
function cameEarlier({ detail: { ctx } }) {
  if (ctx.sourceElement?.id !== "feed-earlier" && ctx.target?.id !== "feed") return;
  const feed = byId("feed");
  const quiet = $(":scope > .quiet", feed);
  if (quiet) feed.append(quiet);
  const all = $$(":scope > article", feed);
  const came = all.filter((article, at) => Number(article.ariaPosInSet) !== at + 1);
  for (const [at, article] of all.entries()) {
    article.ariaPosInSet = at + 1;
    article.ariaSetSize = byId("feed-earlier") ? -1 : all.length;
  }
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
  root().addEventListener("htmx:after:swap", cameEarlier);
  const print = $("[data-print]");
  if (print) {
    print.hidden = false;
    print.addEventListener("click", () => window.print());
  }
}
