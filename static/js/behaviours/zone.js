// Fills an empty or never chosen time zone with the browser's own, and offers it where another one is saved.

function browserZone() {
  try {
    return Intl.DateTimeFormat().resolvedOptions().timeZone || "";
  } catch {
    return "";
  }
}

/** Whether two names are of one zone: browsers have their own favourite, such as Asia/Calcutta for Asia/Kolkata. */
function isSame(one, other) {
  const known = (name) => Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone;
  try {
    return known(one) === known(other);
  } catch {
    return one === other;
  }
}

function note(field, ...children) {
  const hint = document.createElement("p");
  hint.className = "field__hint";
  hint.append(...children);
  field.closest(".field")?.append(hint);
  return hint;
}

function offer(field, zone) {
  const button = Object.assign(document.createElement("button"), {
    type: "button",
    className: "text-btn",
    textContent: `Use ${zone}`,
  });
  const hint = note(field, "This browser is somewhere else. ", button);
  button.addEventListener("click", () => {
    field.value = zone;
    field.focus();
    hint.remove();
  });
  return hint;
}

/** `field` is the input of a time zone; returns what takes the note away again. */
export function start(field) {
  const zone = browserZone();
  if (!zone || field.dataset.started || isSame(zone, field.value)) return () => {};
  field.dataset.started = "";
  let hint;
  if (!field.value) field.value = zone;
  else if ("guess" in field.dataset && field.value === "UTC") {
    field.value = zone;
    hint = note(field, "Taken from this browser. It counts once you save.");
  } else hint = offer(field, zone);
  return () => {
    hint?.remove();
    delete field.dataset.started;
  };
}

document.querySelectorAll('[data-behaviour~="zone"]').forEach(start);
