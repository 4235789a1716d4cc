// One change to the server: a form's fields by POST, once, however often the network makes us ask.

import { $$, pause, uuid } from "./dom.js";
import { expect, forget } from "./apply.js";
import { isAway, keep } from "./kept.js";

const PATIENCE = 10000;
const TRIES = 3;
const underWay = new Set();   // promises of changes that are neither answered nor echoed yet

export const token = () => document.body.dataset.csrf;

/** Tell the board of `root` (by its stream's address) something that nobody waits for, also on the way out. */
export const tellBoard = (root, part, fields) => fetch(`${root.dataset.live}../${part}`, {
  method: "POST", body: new URLSearchParams({ ...fields, csrfmiddlewaretoken: token() }), headers: { "X-Flux": "1" }, keepalive: true,
});

/**
 * Post `fields` (an object, FormData or URLSearchParams). The same `request_id` goes out again when the server
 * is busy or silent, so that asking again is harmless. Resolves to one of
 *   { kind: "done", html, seq }   { kind: "echoed" }          the change is made (its echo came first)
 *   { kind: "invalid" | "clash" | "refused" | "gone", html }  422, 409, 403, 404
 *   { kind: "signed-out" }        { kind: "failed", status }  5xx, or no answer after three tries
 *   { kind: "moved", url, html }                              it answered with another page
 * Without a network it is kept, behind those that were kept before, and resolves once it was sent.
 */
export async function post(address, fields, { keep: behind = isAway() } = {}) {
  const body = fields instanceof URLSearchParams ? fields : new URLSearchParams(fields instanceof FormData ? [...fields] : Object.entries(fields));
  if (!body.get("request_id")) body.set("request_id", uuid());
  if (!body.get("csrfmiddlewaretoken")) body.set("csrfmiddlewaretoken", token());
  const request = body.get("request_id");
  let echo;
  const echoed = new Promise((resolve) => { echo = () => resolve({ kind: "echoed" }); });
  expect(request, echo);
  const asked = behind ? keep(address, body, ask) : askOrKeep(address, body);
  const known = Promise.race([asked, echoed]).catch(() => {});
  underWay.add(known);
  known.finally(() => underWay.delete(known));
  const result = await Promise.race([asked, echoed.then(async (answer) => { await pause(1500); return answer; })]);
  forget(request);
  return { request, ...result };
}

async function askOrKeep(address, body) {
  const answer = await ask(address, body);
  return answer.kind === "failed" && answer.status === 0 && !navigator.onLine ? keep(address, body, ask) : answer;
}

/** Once all that was sent is known to be done or not: whether anything was still under way. */
export async function quiet() {
  const waits = underWay.size > 0;
  await Promise.all(underWay);
  return waits;
}

async function ask(address, body) {
  for (let tries = 1; ; tries++) {
    let answer;
    try {
      const response = await fetch(address, {
        method: "POST", body, headers: { "X-Flux": "1" }, cache: "no-store", signal: AbortSignal.timeout(PATIENCE),
      });
      answer = await understand(response);
    } catch {
      answer = { kind: "failed", status: 0 };
    }
    if (answer.html?.includes("data-stale-token") && tries === 1) {
      const fresh = await freshToken();
      if (!fresh) return { kind: "signed-out" };
      body.set("csrfmiddlewaretoken", fresh);
      continue;
    }
    if (answer.kind !== "failed" || ![0, 429, 502, 503, 504].includes(answer.status) || tries === TRIES) return answer;
    if (!navigator.onLine) return answer;
    await pause(400 * tries + Math.random() * 300);
  }
}

/** After a sign-in in another tab the old token is void: take the new one, for every form of this page. */
async function freshToken() {
  const response = await fetch(location.href, { cache: "no-store" });
  if (response.redirected && response.url.includes("/accounts/login")) return null;
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html").body.dataset;
  if (fresh.me !== document.body.dataset.me) return null;
  document.body.dataset.csrf = fresh.csrf;
  for (const field of $$("[name=csrfmiddlewaretoken]")) field.value = fresh.csrf;
  return fresh.csrf;
}

async function understand(response) {
  if (response.status === 401 || (response.redirected && response.url.includes("/accounts/login"))) return { kind: "signed-out" };
  const html = await response.text();
  const kind = { 422: "invalid", 409: "clash", 403: "refused", 404: "gone" }[response.status];
  if (kind) return { kind, html };
  if (!response.ok) return { kind: "failed", status: response.status };
  if (response.redirected) return { kind: "moved", url: response.url, html };
  return { kind: "done", html, seq: Number(response.headers.get("X-Flux-Seq")) || 0 };
}

/** The one sentence in a refusal's HTML that says why. */
export function reasonIn(html, fallback) {
  const page = new DOMParser().parseFromString(html ?? "", "text/html");
  const place = page.querySelector("[role=alert]:not(:empty),.field__error,.form__error,main p");
  return place?.textContent.trim() || fallback;
}

export const loginAddress = () => `/accounts/login/?next=${encodeURIComponent(location.pathname + location.search)}`;
