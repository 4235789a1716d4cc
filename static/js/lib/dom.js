// Small words that every behaviour uses.

export const $ = (selector, root = document) => root?.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
export const byId = (id) => document.getElementById(id);
export const cardNamed = (key) => $(`#board .card[data-card="${CSS.escape(key)}"]`);
export const linkIn = (card) => $(".card__link", card);
export const boxOf = (element) => element.getBoundingClientRect();
export const on = (type, run, options) => document.addEventListener(type, run, options);

export const FIELD = "input:not([type=hidden]),textarea,select,[contenteditable]";
export const isTyping = (element = document.activeElement) =>
  !!element?.matches?.(
    "textarea,select,[contenteditable],input:not([type=checkbox],[type=radio],[type=button],[type=submit])",
  );

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

export const make = (html) => parse(html).firstElementChild;

/** `1 change`, `3 changes`. */
export const counted = (number, word) => `${number} ${word}${number === 1 ? "" : "s"}`;

/** Fill text into a fresh element: never HTML from outside. */
export function build(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

export function button(className, run, ...children) {
  const element = build("button", className, ...children);
  element.type = "button";
  element.addEventListener("click", run);
  return element;
}

/** The button that takes away what it stands in. */
export function cross(label, run) {
  const element = button("icon-btn", run, icon("x"));
  element.ariaLabel = label;
  return element;
}

export function linkTo(href, words, className = "btn btn--line") {
  const element = build("a", className, words);
  element.href = href;
  return element;
}

/** The disc that stands for a person. */
export function avatar({ hue, initials }, extra = "") {
  const disc = build("span", `avatar p${hue} ${extra}`);
  disc.dataset.i = initials;
  disc.ariaHidden = "true";
  return disc;
}

/** An icon out of the sprite whose address the page already uses. */
export function icon(name) {
  const sprite = $("svg.icon use")?.getAttribute("href")?.split("#")[0] ?? "";
  return make(`<svg class="icon" aria-hidden="true"><use href="${sprite}#i-${name}"/></svg>`);
}

/** Whatever there is to focus or to bring into sight may be missing: then nothing happens. */
export const focusOn = (element) => element?.focus({ preventScroll: true });
export const bringNear = (element) => element?.scrollIntoView({ block: "nearest" });

/** What a person's hand does to a field, when a script has changed its text. */
export const typed = (field) => field.dispatchEvent(new Event("input", { bubbles: true }));

/** A click or key that means something else than it does alone. */
export const isHeldWith = (event) => event.shiftKey || isChord(event);
export const isChord = (event) => event.ctrlKey || event.metaKey || event.altKey;

function say(region, text) {
  if (!region) return;
  region.textContent = "";
  // The same words twice are only read twice when the region was empty in between.
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

/**
 * Remove a dialog that has closed. Chromium hands the focus back but leaves the caret in the dialog, and with it
 * removed no key reaches the field any more: so the field is focused anew first.
 */
export function takeAway(dialog) {
  const field = document.activeElement;
  if (field && field !== document.body && !dialog.contains(field)) {
    field.blur();
    focusOn(field);
  }
  dialog.remove();
}

/** A request of a script: the server answers with a part of a page, and never with the page to sign in on. */
export const call = (address, options) =>
  fetch(address, { headers: { "HX-Request": "true" }, cache: "no-store", ...options });

export const tell = (name, detail) => document.dispatchEvent(new CustomEvent(`flux:${name}`, { detail }));
export const hear = (name, run, signal) => on(`flux:${name}`, (event) => run(event.detail), { signal });
export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
