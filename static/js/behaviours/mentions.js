// `@` in a text field completes to the handle of someone on this board.

import { $, $$, call, on } from "../lib/dom.js";
import { avatar, build } from "../lib/build.js";
import { isTyping, typed } from "../lib/focus.js";
import { place } from "../lib/popover.js";

const WORD = /(^|[\s(])@([\p{L}\p{N}_.-]{0,30})$/u;
const MOST = 8;
const box = build("ul", "mentions");
let people = null; // a promise of all of them, once one has been asked for
let active = null; // { field, from, length, index, hits }

function load() {
  people ??= call(`/b/${$("[data-board]").dataset.board}/people.json`)
    .then((answer) => answer.json())
    .catch(() => {
      people = null;
      return { people: [] };
    });
  return people;
}

const begins = (text, query) => text.toLocaleLowerCase().startsWith(query);
const fits = ({ handle, name }, query) =>
  begins(handle, query) || name.split(/\s+/).some((word) => begins(word, query));

async function look(field) {
  const head = field.value.slice(0, field.selectionStart);
  const word = WORD.exec(head)?.[2];
  const query = word?.toLocaleLowerCase();
  const hits = query === undefined ? [] : (await load()).people.filter((person) => fits(person, query));
  if (document.activeElement !== field) return;
  if (!hits.length) {
    close();
    return;
  }
  const length = word.length + 1;
  active = { field, from: head.length - length, length, index: 0, hits: hits.slice(0, MOST) };
  draw();
}

function draw() {
  const { field, hits, index } = active;
  box.replaceChildren(
    ...hits.map((person, i) => {
      const handle = build("span", "mentions__handle", `@${person.handle}`);
      const option = build("li", "mentions__option", avatar(person), build("span", "", person.name), handle);
      return Object.assign(option, { id: `mention-${i}`, role: "option", ariaSelected: i === index });
    }),
  );
  // Shown anew each time, so that it is above a menu or dialog that was opened later.
  if (box.matches(":popover-open")) box.hidePopover();
  box.showPopover();
  place(box, field);
  field.setAttribute("aria-controls", box.id);
  field.setAttribute("aria-activedescendant", `mention-${index}`);
}

function close() {
  if (!active) return;
  active.field.removeAttribute("aria-activedescendant");
  active = null;
  box.hidePopover();
}

function choose(index) {
  const { field, from, length, hits } = active;
  field.setRangeText(`@${hits[index].handle} `, from, from + length, "end");
  close();
  typed(field);
  field.focus();
}

function onKey(event) {
  if (!active || event.target !== active.field) return;
  const size = active.hits.length;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    active.index = (active.index + (event.key === "ArrowDown" ? 1 : size - 1)) % size;
    draw();
  } else if ((event.key === "Enter" || event.key === "Tab") && !event.ctrlKey && !event.metaKey)
    choose(active.index);
  else if (event.key === "Escape") close();
  else return;
  event.preventDefault();
  event.stopImmediatePropagation();
}

const takes = (field) => field.matches?.("textarea") && field.form?.matches("[data-verb]") && isTyping(field);

export function start() {
  Object.assign(box, {
    id: "mentions",
    role: "listbox",
    ariaLabel: "People on this board",
    popover: "manual",
  });
  box.addEventListener("pointerdown", (event) => {
    const option = event.target.closest("[role=option]");
    event.preventDefault();
    if (option) choose($$("[role=option]", box).indexOf(option));
  });
  document.body.append(box);
  on("input", ({ target }) => {
    if (takes(target)) look(target);
  });
  on("keydown", onKey, true);
  on("focusout", ({ target }) => {
    if (active?.field === target) setTimeout(close, 100);
  });
}
