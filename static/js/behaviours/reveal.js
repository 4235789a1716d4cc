// A button beside a password that shows what was typed.
export function start(box) {
  const input = box.querySelector("input")
  if (!input || box.dataset.started) return
  box.dataset.started = "1"
  const button = document.createElement("button")
  button.type = "button"
  button.className = "reveal"
  button.setAttribute("aria-controls", input.id)
  const show = (on) => {
    input.type = on ? "text" : "password"
    button.textContent = on ? "Hide" : "Show"
    button.setAttribute("aria-label", on ? "Hide the password" : "Show the password")
  }
  button.addEventListener("click", () => show(input.type === "password"))
  input.form?.addEventListener("submit", () => show(false))
  show(false)
  box.append(button)
}

export function stop(box) {
  box.querySelector(".reveal")?.remove()
  delete box.dataset.started
}

document.querySelectorAll('[data-behaviour~="reveal"]').forEach(start)
