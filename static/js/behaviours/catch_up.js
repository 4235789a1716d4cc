// The catch-up by keys: Space says that a step has been read and goes to the next, which is an ordinary form.

import { byId } from "../lib/dom.js";
import { addKeys } from "./keys.js";

const button = () => byId("catch-up-read");
const isFree = () => !document.activeElement?.matches?.("a,button,summary,input");

export function start() {
  if (button()) addKeys([["space", "Read, and the next step", button, () => isFree() && button().click()]]);
}
