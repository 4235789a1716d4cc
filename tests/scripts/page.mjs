// As much of a browser as the modules without a page need: a document that hears events and finds nothing.

import { mock } from "node:test";

class Place extends EventTarget {
  body = { dataset: { me: "7", zone: "Europe/Lisbon", csrf: "token" } };
  querySelector = () => null;
  querySelectorAll = () => [];
  getElementById = () => null;
  createElement = () => ({ append: () => {}, dataset: {}, addEventListener: () => {} });
}

function storage() {
  const kept = new Map();
  return {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => kept.set(name, String(value)),
    removeItem: (name) => kept.delete(name),
  };
}

const connection = { onLine: true };
Object.defineProperty(globalThis, "navigator", { value: connection, configurable: true });
Object.assign(globalThis, {
  document: new Place(),
  addEventListener: () => {},
  htmx: { registerExtension: () => {} },
  matchMedia: () => ({ matches: false }),
  MutationObserver: class {},
  sessionStorage: storage(),
  localStorage: storage(),
});

/** The module of `static/js/` at `path`; loaded after the page is there. */
export const load = (path) => import(`../../static/js/${path}`);

/** Let everything happen that waits for no clock. */
export async function settled() {
  for (let turns = 0; turns < 20; turns++) await Promise.resolve();
}

/** Time that passes only when told to, in steps, so that what one timer begins the next one sees. */
export function clock() {
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
  return async (ms) => {
    for (let passed = 0; passed < ms; passed += 50) {
      mock.timers.tick(50);
      await settled();
    }
  };
}

/** Answers of the server, one for each request in order: `[status, html, headers]`, or null for none at all. */
export function serve(...answers) {
  const asked = [];
  globalThis.fetch = async (address, { body } = {}) => {
    asked.push({ address, fields: Object.fromEntries(body ?? []) });
    const answer = answers.shift();
    if (!answer) throw new TypeError("Failed to fetch");
    const [status, html = "", headers = {}] = answer;
    return new Response(html, { status, headers });
  };
  return asked;
}

export { connection };
