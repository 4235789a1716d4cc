// Small words that every behaviour uses.

import { focusOn } from "./focus.js";

export const $ = (selector, root = document) => root?.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
export const byId = (id) => document.getElementById(id);
export const cardNamed = (key) => $(`#board .card[data-card="${CSS.escape(key)}"]`);
export const linkIn = (card) => $(".card__link", card);
export const boxOf = (element) => element.getBoundingClientRect();
export const on = (type, run, options) => document.addEventListener(type, run, options);

export const FIELD = "input:not([type=hidden]),textarea,select,[contenteditable]";
/** A random UUID; `crypto.randomUUID` is missing where the page came over plain HTTP from another host. */
export const uuid = () =>
  "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (digit) =>
    (digit ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (digit / 4)))).toString(16),
  );

export function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

/** Whether a modifier key is held, with which a click or key means something else. */
export const isHeldWith = (event) => event.shiftKey || isChord(event);
export const isChord = (event) => event.ctrlKey || event.metaKey || event.altKey;

function say(region, text) {
  if (!region) return;
  region.textContent = "";
  // A screen reader reads the same words again only where the region was empty in between.
  setTimeout(() => (region.textContent = text), 30);
}
/** When something was last said in the polite region, in ms since 1970. */
export const saidAt = { time: 0 };
export function announce(text) {
  saidAt.time = Date.now();
  say(byId("announce"), text);
}
export const alarm = (text) => say(byId("alert"), text);

/** Move a node without losing focus or scroll inside it, where the browser can. */
export function moveBefore(parent, node, before) {
  const focused = node.contains(document.activeElement) ? document.activeElement : null;
  try {
    parent.moveBefore(node, before);
  } catch {
    parent.insertBefore(node, before);
  }
  if (focused && document.activeElement !== focused) focusOn(focused);
}

/** What a POST has to bring along. */
export const token = () => document.body.dataset.csrf;

const PATIENCE = 10000; // ms until a request without a whole answer fails

/**
 * A request of a script: the server answers with a part of a page, and never with the page to sign in on. Rejects where
 * no answer comes, also in the midst of one; `signal` gives it up earlier.
 */
export function call(address, { signal, ...options } = {}) {
  const late = AbortSignal.timeout(PATIENCE);
  return fetch(address, {
    headers: { "HX-Request": "true" },
    cache: "no-store",
    ...options,
    signal: signal ? AbortSignal.any([signal, late]) : late,
  });
}

/** Where one signs in, to come back to this page. */
export const loginAddress = () =>
  `/accounts/login/?next=${encodeURIComponent(location.pathname + location.search)}`;

export const tell = (name, detail) => document.dispatchEvent(new CustomEvent(`flux:${name}`, { detail }));
export const hear = (name, run, signal) => on(`flux:${name}`, (event) => run(event.detail), { signal });
export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
