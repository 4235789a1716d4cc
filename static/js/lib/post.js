// One change to the server: a form's fields by POST, once, however often the network makes us ask.

import { $, $$, call, pause, tell, token, uuid } from "./dom.js";
import { expect, forget } from "./own.js";
import { isAway, keep } from "./kept.js";
import { isLost, isUnreached } from "./reach.js";

const TRIES = 3;
const underWay = new Set(); // promises of changes whose outcome is not known yet

/** Post to the board of `root` what needs no answer, such as presence; also while the page is being closed. */
export const tellBoard = (root, part, fields) =>
  call(`${root.dataset.live}../${part}`, {
    method: "POST",
    body: new URLSearchParams({ ...fields, csrfmiddlewaretoken: token() }),
    keepalive: true,
  });

/**
 * Post `fields` (an object, FormData or URLSearchParams). The same `request_id` goes out again when the server
 * is busy or silent, so that asking again is harmless. Resolves to one of
 *   { kind: "done", html, seq }   { kind: "echoed" }          the change is made (its echo came first)
 *   { kind: "invalid" | "clash" | "refused" | "gone", html }  422, 409, 403, 404
 *   { kind: "signed-out" }        { kind: "failed", status }  5xx, or no answer after three tries
 *   { kind: "moved", url, html }                              it answered with another page
 * with the `status` of the answer where it says something by itself, 0 where there was none.
 * While the server can't be reached it is kept, behind those that were kept before, and resolves once it was sent;
 * `onKept` is called when that begins.
 */
export async function post(address, fields, { keep: behind = isAway(), onKept = () => {} } = {}) {
  const body = fields instanceof URLSearchParams ? fields : new URLSearchParams(fields);
  if (!body.get("request_id")) body.set("request_id", uuid());
  if (!body.get("csrfmiddlewaretoken")) body.set("csrfmiddlewaretoken", token());
  const request = body.get("request_id");
  const { promise: echoed, resolve: echo } = Promise.withResolvers();
  expect(request, () => echo({ kind: "echoed" }));
  const keepIt = () => {
    onKept();
    return keep(address, body, ask);
  };
  const asked = behind
    ? keepIt()
    : ask(address, body).then((answer) => (isLost() && isUnreached(answer.status) ? keepIt() : answer));
  const known = Promise.race([asked, echoed]).catch(() => {});
  underWay.add(known);
  known.finally(() => underWay.delete(known));
  const result = await Promise.race([
    asked,
    echoed.then(async (answer) => {
      await pause(1500);
      return answer;
    }),
  ]);
  forget(request);
  return { request, ...result };
}

/** Wait for the outcome of all changes that were sent; resolves to whether there were any. */
export async function quiet() {
  const waits = underWay.size > 0;
  await Promise.all(underWay);
  return waits;
}

async function ask(address, body) {
  for (let tries = 1; ; tries++) {
    let answer;
    try {
      const response = await call(address, { method: "POST", body });
      answer = await understand(response);
    } catch {
      answer = { kind: "failed", status: 0 };
    }
    if (answer.html?.includes("data-stale-token") && tries === 1) {
      const who = await whoIsHere();
      body.set("csrfmiddlewaretoken", token());
      if (who === "me") continue;
      answer = who ? { kind: "signed-out", status: 401 } : { kind: "failed", status: 0 };
    }
    if (answer.kind === "signed-out") tell("signed-out");
    const isOver = isUnreached(answer.status) ? isLost() : answer.status !== 429;
    if (isOver || tries === TRIES) return answer;
    if (answer.status === 0 && tries === 1) tell("doubt");
    await pause(400 * tries + Math.random() * 300);
  }
}

/**
 * Who is signed in now: "me", "other", "nobody", or "" when the server does not say, or not in time. After a sign-in in
 * another tab the old CSRF token is void: every form of this page gets the new one.
 */
export async function whoIsHere() {
  let html;
  try {
    const response = await call("/me/", { headers: {}, redirect: "manual" });
    if (response.type === "opaqueredirect") return "nobody";
    if (!response.ok) return "";
    html = await response.text();
  } catch {
    return "";
  }
  const { me, csrf } = read(html).body.dataset; // both undefined on a captive portal's page
  if (me !== document.body.dataset.me) return me && "other";
  document.body.dataset.csrf = csrf;
  for (const field of $$("[name=csrfmiddlewaretoken]")) field.value = csrf;
  return "me";
}

const ACTION = /(\/c\/[A-Z0-9]+-\d+\/).*do\/[^/]+\/$/;

async function understand(response) {
  if (response.status === 401 || (response.redirected && response.url.includes("/accounts/login")))
    return { kind: "signed-out", status: 401 };
  const html = await response.text();
  const { status } = response;
  const kind = { 422: "invalid", 409: "clash", 403: "refused", 404: "gone" }[status];
  if (kind) return { kind, status, html };
  if (!response.ok) return { kind: "failed", status };
  // A form of a card that has another key by now was done there: what it was sent to is no page.
  if (response.redirected) return { kind: "moved", url: response.url.replace(ACTION, "$1"), html };
  return { kind: "done", status, html, seq: Number(response.headers.get("X-Flux-Seq")) || 0 };
}

/** Whether an answer says that the change is made. */
export const isMade = ({ kind }) => ["done", "echoed"].includes(kind);

const WHY = {
  failed: "The server did not answer.",
  "signed-out": "You are signed out.",
  clash: "Somebody changed the same since.",
  refused: "Your role on this board does not allow that.",
  gone: "It is not here any more.",
};

const read = (html) => new DOMParser().parseFromString(html, "text/html");

/** The one sentence in `content` that says why something will not do. */
export const reason = (content) =>
  $("[role=alert]:not(:empty),.field__error,.form__error,main p", content)?.textContent.trim();

/** Why a change was not made: by the answer's own words, else by its kind. */
export const whyNot = ({ kind, html = "" }) =>
  (kind !== "clash" && reason(read(html))) || (WHY[kind] ?? "This can't be saved as it is.");
