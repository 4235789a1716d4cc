// What htmx asks for on a page without a board: nothing while nobody looks, and where an answer is no part of this page
// (an error, the sign-in, no server) the browser goes to the address itself.

import { on } from "./dom.js";

const UNASKED = ["every", "visibilitychange", "news"];

function spare(event) {
  if (document.hidden && UNASKED.includes(event.detail.ctx.sourceEvent?.type)) event.preventDefault();
}

function goThere({ detail: { ctx } }) {
  if (ctx?.sourceElement.matches("a,form") && ctx.request.method === "GET")
    location.assign(ctx.request.action);
}

export function start() {
  on("htmx:config:request", spare);
  for (const failure of ["htmx:response:error", "htmx:error"]) on(failure, goThere);
}
