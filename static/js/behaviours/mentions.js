// `@` in a text field completes to the handle of someone on this board.

import { $, boxOf, byId, call, on } from "../lib/dom.js";
import { avatar, build } from "../lib/build.js";
import { isTyping, typed } from "../lib/focus.js";

const WORD = /(^|[\s(])@([\p{L}\p{N}_.-]{0,30})$/u;
let people = null;
let active = null; // { field, from, query, index, hits }

const list = () => byId("mentions") ?? make();

function make() {
  const box = build("ul", "mentions");
  Object.assign(box, {
    id: "mentions",
    role: "listbox",
    ariaLabel: "People on this board",
    popover: "manual",
  });
  box.addEventListener("pointerdown", (event) => {
    const option = event.target.closest("[role=option]");
    event.preventDefault();
    if (option) choose(Number(option.dataset.index));
  });
  document.body.append(box);
  return box;
}

async function load() {
  const key = $("[data-board]")?.dataset.board;
  if (!key) return [];
  people ??= call(`/b/${key}/people.json`)
    .then((answer) => answer.json())
    .then((data) => data.people)
    .catch(() => {
      people = null;
      return [];
    });
  return people;
}

async function look(field) {
  const head = field.value.slice(0, field.selectionStart);
  const match = WORD.exec(head);
  if (!match) {
    close();
    return;
  }
  const query = match[2].toLocaleLowerCase();
  const all = await load();
  if (document.activeElement !== field) return;
  const hits = all
    .filter(
      ({ handle, name }) =>
        handle.toLocaleLowerCase().startsWith(query) ||
        name
          .toLocaleLowerCase()
          .split(/\s+/)
          .some((word) => word.startsWith(query)),
    )
    .slice(0, 8);
  if (!hits.length) {
    close();
    return;
  }
  active = { field, from: head.length - match[2].length - 1, length: match[2].length + 1, index: 0, hits };
  draw();
}

function draw() {
  const box = list();
  box.replaceChildren(
    ...active.hits.map((person, i) => {
      const option = build(
        "li",
        "mentions__option",
        avatar(person),
        build("span", "", person.name),
        build("span", "mentions__handle", `@${person.handle}`),
      );
      Object.assign(option, { id: `mention-${i}`, role: "option", ariaSelected: i === active.index });
      option.dataset.index = i;
      return option;
    }),
  );
  // Anew each time: above the menu or dialog that has come since.
  if (box.matches(":popover-open")) box.hidePopover();
  box.showPopover();
  const at = boxOf(active.field);
  const height = box.offsetHeight;
  box.style.insetInlineStart = `${Math.max(8, Math.min(at.left, innerWidth - box.offsetWidth - 8))}px`;
  box.style.insetBlockStart = `${at.bottom + height + 8 > innerHeight ? Math.max(8, at.top - height - 4) : at.bottom + 4}px`;
  active.field.setAttribute("aria-controls", "mentions");
  active.field.setAttribute("aria-activedescendant", `mention-${active.index}`);
}

function close() {
  if (!active) return;
  active.field.removeAttribute("aria-activedescendant");
  active = null;
  list().hidePopover();
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
  on("input", ({ target }) => {
    if (takes(target)) look(target);
  });
  on("keydown", onKey, true);
  on("focusout", ({ target }) => {
    if (active?.field === target) setTimeout(close, 100);
  });
}
