// Shows a change before the server answers. Each function returns one that takes it back.

import { $, $$, cardNamed, linkIn } from "../lib/dom.js";
import { build, copyOf } from "../lib/build.js";
import { bringNear } from "../lib/focus.js";
import { isAway } from "../lib/kept.js";
import { formNow, putBack } from "../lib/refused.js";

const detailOf = (form) => form.closest("[id$=-detail]");

function tick(form) {
  const box = $("[type=checkbox],[role=checkbox]", form);
  const item = form.closest(".item,li");
  const was = form.dataset.verb === "item.checked";
  const list = form.closest("[id^=checklist-]");
  const set = (done) => {
    if (box?.type === "checkbox") box.checked = done;
    else if (box) box.ariaChecked = done;
    $("[data-field=text]", item)?.classList.toggle("done", done);
    if (list) count(list, done ? 1 : -1);
  };
  set(was);
  return () => set(!was);
}

function count(list, by) {
  const bar = $("progress", list);
  const text = $(".num", list);
  if (!bar) return;
  bar.value += by;
  if (text) text.textContent = `${bar.value} of ${bar.max}`;
}

function retitle(form, fields) {
  const title = fields.get("title")?.trim();
  const detail = detailOf(form);
  if (!title || !detail) return null;
  const places = [...$$("[data-field=title]", detail), linkIn(cardNamed(detail.dataset.card))].filter(
    Boolean,
  );
  const was = places.map((place) => [place, place.textContent]);
  for (const place of places) place.textContent = title;
  return () =>
    was.forEach(([place, text]) => {
      place.textContent = text;
    });
}

function comment(form, fields) {
  const text = fields.get("text"); // as it was typed: a retry knows it again by that
  const thread = fields.get("parent")
    ? form.closest(".comment")
    : $("[data-comments],.thread", detailOf(form) ?? document);
  if (!text?.trim() || !thread) return null;
  const pending = copyOf("comment-saving");
  if (isAway()) $(".aside", pending).textContent = "kept";
  $(".prose", pending).append(
    ...text
      .trim()
      .split(/\n{2,}/)
      .map((part) => build("p", "", part)),
  );
  thread.append(pending);
  bringNear(pending);
  const field = $("[name=text]", form);
  field.value = "";
  return () => {
    pending.remove();
    const now = $("[name=text]", formNow(form) ?? form);
    putBack(now, text);
  };
}

const LOOKS = {
  "item.checked": tick,
  "item.unchecked": tick,
  "card.retitled": retitle,
  "comment.posted": comment,
};

export const optimistic = (form, fields) => LOOKS[form.dataset.verb]?.(form, fields) ?? null;
