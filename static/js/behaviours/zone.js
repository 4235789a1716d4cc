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
}

function offer(field, zone) {
  const button = Object.assign(document.createElement("button"), {
    type: "button",
    className: "text-btn",
    textContent: `Use ${zone}`,
  });
  note(field, "This browser is somewhere else. ", button);
  button.addEventListener("click", () => {
    field.value = zone;
    field.focus();
    button.parentElement.remove();
  });
}

function begin(field) {
  const zone = browserZone();
  if (!zone || isSame(zone, field.value)) return;
  const isGuess = "guess" in field.dataset && field.value === "UTC";
  if (field.value && !isGuess) offer(field, zone);
  else {
    if (field.value) note(field, "Taken from this browser. It counts once you save.");
    field.value = zone;
  }
}

document.querySelectorAll('[data-behaviour~="zone"]').forEach(begin);
