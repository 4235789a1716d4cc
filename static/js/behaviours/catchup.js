// The catch-up by keys: Space says that a step has been read and goes to the next, which is an ordinary form.

import { byId } from "../lib/dom.js";

const button = () => byId("catch-up-read");

export const isHere = () => !!button() && !document.activeElement?.matches?.("a,button,summary,input");

export function readAndNext() {
  button().click();
  return true;
}
