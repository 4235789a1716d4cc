// While the server can't be reached, no link, form or script puts the browser's error page in place of this page.

import { on } from "../lib/dom.js";
import { cannot, isLost, isUnreached } from "../lib/reach.js";
import { warn } from "../lib/toast.js";

let passed = ""; // an address that answered

const say = (address) => warn(cannot(address));

async function onNavigate(event) {
  const { url, sameDocument } = event.destination;
  const isOurs = new URL(url).origin === location.origin;
  if (sameDocument || event.navigationType === "traverse" || event.downloadRequest !== null) return;
  if (url === passed || !isLost() || (navigator.onLine && !isOurs)) return;
  event.preventDefault();
  const answer =
    isOurs &&
    !event.formData &&
    (await fetch(url, { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(4000) }).catch(
      () => null,
    ));
  if (!answer || isUnreached(answer.status)) {
    say(url);
    return;
  }
  passed = url;
  location.assign(url);
  passed = "";
}

export function start() {
  globalThis.navigation?.addEventListener("navigate", onNavigate);
  for (const moment of ["htmx:error", "htmx:response:error"])
    on(moment, ({ target }) => {
      if (target.href) say(target.href);
    });
}
