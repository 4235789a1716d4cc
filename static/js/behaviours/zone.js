// Fills an empty time-zone field with the browser's own zone, and says when it differs from a saved one.
const guess = () => {
  try { return Intl.DateTimeFormat().resolvedOptions().timeZone || "" } catch { return "" }
}

export function start(field) {
  if (field.dataset.started) return
  field.dataset.started = "1"
  const zone = guess()
  if (!field.value && zone) field.value = zone
  else if (zone && zone !== field.defaultValue && field.defaultValue) offer(field, zone)
}

export function stop(field) {
  delete field.dataset.started
  document.getElementById(`${field.id}_offer`)?.remove()
}

function offer(field, zone) {
  const hint = document.createElement("p")
  const button = document.createElement("button")
  hint.className = "field__hint"
  hint.id = `${field.id}_offer`
  button.type = "button"
  button.className = "text-btn"
  button.textContent = `Use ${zone}`
  button.addEventListener("click", () => { field.value = zone; field.focus(); hint.remove() })
  hint.append("This browser is somewhere else. ", button)
  field.closest(".field")?.append(hint)
}

document.querySelectorAll('[data-behaviour~="zone"]').forEach(start)
