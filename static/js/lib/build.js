// Elements made by a script. Words go in as text, never as HTML from outside.

import { $, byId, parse } from "./dom.js";

export const make = (html) => parse(html).firstElementChild;

/** A fresh copy of what the page's `<template>` of this id holds. */
export const copyOf = (id) => byId(id).content.firstElementChild.cloneNode(true);

/** `1 change`, `3 changes`. */
export const counted = (number, word) => `${number} ${word}${number === 1 ? "" : "s"}`;

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
