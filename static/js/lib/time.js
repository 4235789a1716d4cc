// Times in words on the reader's clock, the same as fluxboard/accounts/times.py says them.

const zone = document.body.dataset.zone || undefined;
const parts = new Intl.DateTimeFormat("en-GB", {
  timeZone: zone,
  weekday: "short",
  day: "2-digit",
  month: "2-digit",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
const DAY = 86400000;

const read = (at) => Object.fromEntries(parts.formatToParts(at).map(({ type, value }) => [type, value]));
const noon = (at) => {
  const p = read(at);
  return Date.UTC(p.year, p.month - 1, p.day);
};

export function age(at, now = new Date()) {
  const minutes = Math.floor((now - at) / 60000);
  if (minutes < 1) return "now";
  if (minutes < 60) return `${minutes} min`;
  return minutes < 1440 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1440)} d`;
}

/** `["Thu", "05", "Nov", "2026", …]`: the standard fixes this form. */
const inWords = (day) => new Date(day).toUTCString().split(/,? /);

function dayWords(day, today) {
  const [name, date, month, year] = inWords(day);
  const words = `${name} ${Number(date)} ${month}`;
  return year === inWords(today)[3] ? words : `${words} ${Number(year)}`;
}

export function when(at, now = new Date()) {
  const p = read(at);
  const days = Math.round((noon(at) - noon(now)) / DAY);
  const clock = `${p.hour}:${p.minute}`;
  if (days === 0) return clock;
  if (Math.abs(days) === 1) return `${days < 0 ? "yesterday" : "tomorrow"} ${clock}`;
  return Math.abs(days) < 7 ? `${inWords(noon(at))[0]} ${clock}` : dayWords(noon(at), noon(now));
}

/** The day and the hour, however long ago. */
function exact(at, now = new Date()) {
  const p = read(at);
  return `${dayWords(noon(at), noon(now))} ${p.hour}:${p.minute}`;
}

/** A due date (`2026-10-15`) as words and weight; dates only, so that no zone moves them. */
export function due(date, now = new Date()) {
  const day = Date.parse(`${date}T00:00:00Z`);
  const days = Math.round((day - noon(now)) / DAY);
  if (days < 0) return [`Overdue ${-days} d`, "late"];
  if (days < 2) return [days ? "Tomorrow" : "Today", "due"];
  return [dayWords(day, noon(now)), ""];
}

function fill(element, now) {
  const value = element.getAttribute("datetime");
  const { as, stale } = element.dataset;
  let words;
  let weight = "";
  if (as === "due") [words, weight] = due(value, now);
  else if (as === "day") words = dayWords(Date.parse(`${value}T00:00:00Z`), noon(now));
  else {
    const at = new Date(value);
    words = { age, exact }[as]?.(at, now) ?? when(at, now);
    if (as === "age" && stale && now - at >= stale * DAY) weight = "old";
    const p = read(at);
    const title = `${p.year}-${p.month}-${p.day} ${p.hour}:${p.minute}`;
    if (element.title !== title) element.title = title;
  }
  if (element.textContent !== words) element.textContent = words;
  for (const one of ["due", "late", "old"]) element.classList.toggle(`is-${one}`, one === weight);
  if (element.getAttribute("class") === "") element.removeAttribute("class");
}

/** Fill each `<time data-as>` under `root`, and the root itself. */
export function fillTimes(root = document, now = new Date()) {
  if (root.matches?.("time[data-as]")) fill(root, now);
  for (const element of root.querySelectorAll("time[data-as]")) fill(element, now);
}
