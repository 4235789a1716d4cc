// Time travel: the slider moves through the log without loading a page each time; the last answer wins.

import { $, byId, isHeldWith, on } from "../lib/dom.js";

const PAUSE = 150;
const PARTS = ["past-when", "past-kept", "past-steps", "past-told", "past-stage"];

export function start() {
  const slider = byId("past-seq");
  if (!slider) return;
  let timer,
    asked = new AbortController();

  async function go(address, { focus = "" } = {}) {
    clearTimeout(timer);
    asked.abort();
    const { signal } = (asked = new AbortController());
    const answer = await fetch(address, { signal, cache: "no-store" }).catch(() => null);
    if (signal.aborted) return;
    if (!answer?.ok || answer.redirected) {
      location.assign(address);
      return;
    }
    const text = await answer.text().catch(() => "");
    if (signal.aborted) return;
    const page = new DOMParser().parseFromString(text, "text/html");
    const fresh = page.getElementById("past-seq");
    const left = $(".columns")?.scrollLeft;
    for (const id of PARTS) byId(id).replaceChildren(...page.getElementById(id).childNodes);
    byId("past-stage").className = page.getElementById("past-stage").className;
    if (left) $(".columns").scrollLeft = left;
    for (const name of ["max", "aria-valuetext"]) slider.setAttribute(name, fresh.getAttribute(name));
    if (document.activeElement !== slider || focus) slider.value = fresh.value;
    document.title = page.title;
    history.replaceState(null, "", address);
    if (focus) (byId(focus) ?? slider).focus();
  }

  slider.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => go(`?${new URLSearchParams(new FormData(slider.form))}`), PAUSE);
  });
  slider.form.dataset.sliding = "";
  on("click", (event) => {
    const link = event.target.closest?.("#past a[href^='?']");
    if (!link || event.defaultPrevented || event.button !== 0 || isHeldWith(event)) return;
    event.preventDefault();
    go(link.getAttribute("href"), {
      focus: link.matches(".card__link") ? "past-close" : link.id || "past-seq",
    });
  });
  on("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || $("dialog[open],.pop[open]")) return;
    event.preventDefault();
    (byId("past-close") ?? byId("past-back")).click();
  });
}
