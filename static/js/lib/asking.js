// Requests of htmx on pages without a board: none by itself while the page is hidden. Where a link or form fails (an
// error, a sign-in, no server), the browser goes to its address instead.

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
