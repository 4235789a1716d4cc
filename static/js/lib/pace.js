// How often a page asks what has become of something: soon after news of it, else now and then, and more and more
// seldom while it asks in vain.

const GAP = 1000; // ms at least from one asking to the next
const LONGEST = 30000; // ms at most from one asking in vain to the next

/** How long to wait after so many tries in vain: `ms`, doubled each time, and not the same for every page. */
export const backOff = (ms, vain) => Math.min(ms * 2 ** vain, LONGEST) * (1 + Math.random() / 4);

/**
 * Calls `ask()` every `period()` ms. `soon()` says that there is news: then within a second, however often it is said.
 * `failed()` says that it was asked in vain, and returns how often by now; from then on news makes no difference, until
 * `done()` says that there was an answer.
 */
export function pace(ask, period) {
  let timer = 0;
  let due = 0;
  let last = 0;
  let vain = 0;

  const rest = () => (vain ? backOff(GAP, vain) : period());

  function plan(ms) {
    clearTimeout(timer);
    due = Date.now() + ms;
    timer = setTimeout(run, ms);
  }

  function run() {
    last = Date.now();
    plan(rest());
    ask();
  }

  plan(rest());
  return {
    soon() {
      if (vain) return;
      const at = Math.max(Date.now(), last + GAP);
      if (at === Date.now()) run();
      else if (at < due) plan(at - Date.now());
    },
    failed() {
      vain += 1;
      plan(rest());
      return vain;
    },
    done() {
      if (!vain) return;
      vain = 0;
      plan(rest());
    },
  };
}
