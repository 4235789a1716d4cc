// Over HTTP/1.1 a browser opens six connections to a host, for all of its tabs. Streams take at most four of them.

const SLOTS = 4;
const name = (i) => `fluxboard-stream-${i}`;

/** Take a slot; returns a function that gives it back, or null when all are taken. */
export async function takeSlot() {
  if (isMultiplexed()) return () => {};
  return navigator.locks ? takeLock() : takeLease();
}

const isMultiplexed = () =>
  /^h[23]/.test(performance.getEntriesByType("navigation")[0]?.nextHopProtocol ?? "");

async function takeLock() {
  for (let i = 0; i < SLOTS; i++) {
    const { promise: held, resolve: giveBack } = Promise.withResolvers();
    const isMine = await new Promise((answer) => {
      navigator.locks.request(name(i), { ifAvailable: true }, (lock) => {
        answer(!!lock);
        return lock && held;
      });
    });
    if (isMine) return giveBack;
  }
  return null;
}

/** Without locks (plain HTTP from another host): a lease that is renewed while the page lives. */
function takeLease() {
  const me = Math.random().toString(36).slice(2);
  for (let i = 0; i < SLOTS; i++) {
    try {
      const [, until] = (localStorage.getItem(name(i)) ?? "").split(" ");
      if (Number(until) > Date.now()) continue;
      const renew = () => localStorage.setItem(name(i), `${me} ${Date.now() + 6000}`);
      renew();
      const timer = setInterval(renew, 2000);
      return () => {
        clearInterval(timer);
        if (localStorage.getItem(name(i))?.startsWith(me)) localStorage.removeItem(name(i));
      };
    } catch {
      return () => {};
    }
  }
  return null;
}
