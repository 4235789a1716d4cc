// Search in a dialog: `/` and Ctrl K. The same hits as on /search/, from the same address, while one types.

import { $, $$, bringNear, build, button, call, cross, icon, on, parse, takeAway } from "../lib/dom.js";

const CHIPS = [
  "by:me",
  "is:decision",
  "is:question",
  "is:blocked",
  "is:mine",
  "label:",
  "in:",
  "after:",
  "before:",
];
const OPTION = "a.found,a.found__more";
let dialog;

/** Open the dialog, once. */
export function openSearch() {
  if (dialog) return true;
  if ($("dialog[open]")) return false;
  const input = build("input", "");
  Object.assign(input, {
    type: "search",
    name: "q",
    autocomplete: "off",
    maxLength: 300,
    role: "combobox",
    ariaLabel: "Search or jump to",
    ariaExpanded: "true",
    ariaAutoComplete: "list",
  });
  input.setAttribute("aria-controls", "finder-hits");
  const form = build(
    "form",
    "search",
    build("div", "search__field", icon("search"), input),
    cross("Close", () => dialog.close()),
  );
  form.role = "search";
  const hits = build("div", "finder__hits");
  Object.assign(hits, { id: "finder-hits", role: "listbox", ariaLabel: "Found" });
  // What is said about the hits stands outside of the list, which has nothing but options.
  const said = build("div", "finder__said");
  said.role = "status";
  const chips = build(
    "div",
    "finder__chips",
    ...CHIPS.map((words) => {
      const chip = button(
        "",
        () => {
          input.value = `${input.value.trimEnd()}${input.value.trim() ? " " : ""}${words}${words.endsWith(":") ? "" : " "}`;
          input.focus();
          look();
        },
        words,
      );
      chip.tabIndex = -1;
      return chip;
    }),
  );
  const whole = build("a", "", "Whole page");
  dialog = build(
    "dialog",
    "dialog finder",
    form,
    chips,
    build("div", "results", said, hits),
    build("footer", "", build("span", "hint", "Enter opens, Ctrl Enter in a tab"), whole),
  );
  dialog.ariaLabel = "Search";
  let asking = new AbortController();
  let timer;
  const addressNow = () => `/search/?${new URLSearchParams({ q: input.value })}`;
  const stop = () => {
    clearTimeout(timer);
    asking.abort();
  };

  async function look() {
    stop();
    asking = new AbortController();
    const { signal } = asking;
    const address = addressNow();
    whole.href = address;
    try {
      const answer = await call(address, { signal });
      if (answer.status === 401) {
        location.assign(answer.headers.get("X-Flux-Login") ?? address);
        return;
      }
      if (!answer.ok) throw new Error(`answered with ${answer.status}`);
      const html = await answer.text();
      if (!signal.aborted) fill(html);
    } catch (problem) {
      if (problem.name === "AbortError") return;
      said.replaceChildren(build("p", "found__how", "The server did not answer. Enter tries again."));
      hits.replaceChildren();
      hits.hidden = true;
      choose();
    }
  }

  function fill(html) {
    const found = parse(html);
    said.replaceChildren(...$$(".found__how:not(:empty),.empty", found));
    for (const words of $$("[role=status]", said)) words.removeAttribute("role");
    hits.replaceChildren(...$$(".found__group", found));
    hits.hidden = !hits.children.length;
    for (const group of $$(".found__group", hits)) group.role = "group";
    for (const around of $$("h2,ul,li,p", hits)) around.role = "presentation";
    for (const [place, option] of $$(OPTION, hits).entries()) {
      Object.assign(option, { id: `finder-hit-${place}`, tabIndex: -1, role: "option" });
    }
    choose($(OPTION, hits));
  }

  function choose(option) {
    for (const other of $$("[aria-selected]", hits)) other.ariaSelected = null;
    if (!option) {
      input.removeAttribute("aria-activedescendant");
      return;
    }
    option.ariaSelected = "true";
    bringNear(option);
    input.setAttribute("aria-activedescendant", option.id);
  }

  const chosen = () => $("[aria-selected]", hits);
  function step(by) {
    const options = $$(OPTION, hits);
    if (options.length) choose(options[(options.indexOf(chosen()) + by + options.length) % options.length]);
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, 120);
  });
  input.addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) {
      event.preventDefault();
      step(by);
    }
    // A search field would only empty itself.
    if (event.key === "Escape") {
      event.preventDefault();
      dialog.close();
    }
    if (event.key !== "Enter") return;
    event.preventDefault();
    const address = chosen()?.href ?? addressNow();
    if (event.ctrlKey || event.metaKey) window.open(address, "_blank", "noopener");
    else {
      dialog.close();
      location.assign(address);
    }
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest(OPTION)) dialog.close();
  });
  dialog.addEventListener("close", () => {
    stop();
    takeAway(dialog);
    dialog = undefined;
  });
  document.body.append(dialog);
  dialog.showModal();
  input.focus();
  look();
  return true;
}

export function start() {
  on("click", (event) => {
    const link = event.target.closest?.("a.jump");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    if (openSearch()) event.preventDefault();
  });
  on("keydown", (event) => {
    if (
      event.key.toLowerCase() !== "k" ||
      !(event.ctrlKey || event.metaKey) ||
      event.shiftKey ||
      event.altKey ||
      event.defaultPrevented
    )
      return;
    if (openSearch()) event.preventDefault();
  });
}
