// A button that copies what stands beside it. Where the browser does not let a script copy, the text is selected.

import { $, $$, announce } from "../lib/dom.js";

const BACK = 4000; // ms until the button says Copy again

const keys = () =>
  `Press ${/Mac|iPhone|iPad/.test(navigator.platform) ? "⌘" : "Ctrl"} C to copy the selected text.`;

/** Copy the text of `input`; whether it was. Only https and localhost have the clipboard, and it may be refused. */
async function copy(input) {
  try {
    await navigator.clipboard.writeText(input.value);
    return true;
  } catch {
    input.focus();
    input.select();
    try {
      return document.execCommand("copy");
    } catch {
      return false;
    }
  }
}

function begin(box) {
  const [input, button, said] = [$("input", box), $("button", box), $(".copy__said", box)];
  let timer = 0;
  const say = (word, words) => {
    button.textContent = word;
    said.textContent = words;
  };
  button.hidden = false;
  button.addEventListener("click", async () => {
    clearTimeout(timer);
    if (await copy(input)) {
      button.focus();
      say("Copied", "");
      announce("The link is copied.");
      timer = setTimeout(() => say("Copy", ""), BACK);
    } else {
      say("Copy", keys());
      announce(keys());
    }
  });
  input.addEventListener("focus", () => input.select());
}

export function start() {
  $$("[data-copy]").forEach(begin);
}
