// Search in a dialog: `/` and Ctrl K. The page brings it along closed, and htmx asks while one types; here is what a
// combobox does by keys, and that it opens and closes.

import { $, $$, byId, isHeldWith, on } from "../lib/dom.js";
import { build, copyOf } from "../lib/build.js";
import { openDialog } from "../lib/dialog.js";
import { bringNear, typed } from "../lib/focus.js";

const optionsOf = (dialog) => $$("[role=option]", dialog);
const chosenIn = (dialog) => $("[aria-selected]", dialog);
const fieldOf = (dialog) => $("[name=q]", dialog);
const addressOf = (dialog) => `/search/?${new URLSearchParams({ q: fieldOf(dialog).value })}`;

function choose(dialog, option) {
  for (const other of $$("[aria-selected]", dialog)) other.ariaSelected = null;
  if (!option) {
    fieldOf(dialog).removeAttribute("aria-activedescendant");
    return;
  }
  option.ariaSelected = "true";
  bringNear(option);
  fieldOf(dialog).setAttribute("aria-activedescendant", option.id);
}

function step(dialog, by) {
  const options = optionsOf(dialog);
  choose(dialog, options.at((options.indexOf(chosenIn(dialog)) + by) % options.length));
}

function onKey(event) {
  const dialog = event.currentTarget;
  if (event.target !== fieldOf(dialog) || !["ArrowDown", "ArrowUp", "Escape", "Enter"].includes(event.key))
    return;
  event.preventDefault();
  if (event.key === "ArrowDown") step(dialog, 1);
  else if (event.key === "ArrowUp") step(dialog, -1);
  // By itself Escape would only empty the search field.
  else if (event.key === "Escape") dialog.close();
  else {
    const address = chosenIn(dialog)?.href ?? addressOf(dialog);
    if (event.ctrlKey || event.metaKey) window.open(address, "_blank", "noopener");
    else {
      dialog.close();
      location.assign(address);
    }
  }
}

function onClick({ target, currentTarget: dialog }) {
  const chip = target.closest(".finder__chips button");
  if (target === dialog || target.closest("[role=option]")) dialog.close();
  if (!chip) return;
  const field = fieldOf(dialog);
  const words = chip.textContent;
  field.value = `${field.value.trimEnd()} ${words}${words.endsWith(":") ? "" : " "}`.trimStart();
  field.focus();
  typed(field);
}

function failed({ currentTarget: dialog, detail: { ctx } }) {
  if (ctx.response?.status === 401)
    location.assign(ctx.response.headers.get("X-Flux-Login") ?? addressOf(dialog));
  $(".finder__said", dialog).replaceChildren(
    build("p", "found__how", "The server did not answer. Enter tries again."),
  );
  $(".finder__hits", dialog).replaceChildren();
  choose(dialog);
}

const DOES = {
  keydown: onKey,
  click: onClick,
  "htmx:after:swap": ({ currentTarget: dialog }) => choose(dialog, optionsOf(dialog)[0]),
  "htmx:config:request": ({ currentTarget: dialog }) => {
    $("footer a", dialog).href = addressOf(dialog);
  },
  "htmx:response:error": failed,
  "htmx:error": failed,
};

/** Open the dialog, once; false where another one is open. */
export function openSearch() {
  if ($("dialog.finder")) return true;
  if ($("dialog[open]") || !byId("finder")) return false;
  const dialog = openDialog(copyOf("finder"));
  for (const [type, does] of Object.entries(DOES)) dialog.addEventListener(type, does);
  fieldOf(dialog).focus();
  htmx.process(dialog);
  return true;
}

export function start() {
  on("click", (event) => {
    if (event.button || isHeldWith(event) || !event.target.closest?.("a.jump")) return;
    if (openSearch()) event.preventDefault();
  });
  on("keydown", (event) => {
    const isK = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey);
    if (isK && !event.shiftKey && !event.altKey && !event.defaultPrevented && openSearch())
      event.preventDefault();
  });
}
