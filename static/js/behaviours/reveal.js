// A button beside a password that shows what was typed.

/** `box` holds the password's input; returns what takes the button away again. */
export function start(box) {
  const input = box.querySelector("input");
  if (!input || "started" in box.dataset) return () => {};
  box.dataset.started = "";
  const button = Object.assign(document.createElement("button"), { type: "button", className: "reveal" });
  button.setAttribute("aria-controls", input.id);
  const show = (on) => {
    input.type = on ? "text" : "password";
    button.textContent = on ? "Hide" : "Show";
    button.setAttribute("aria-label", on ? "Hide the password" : "Show the password");
  };
  const hide = () => show(false);
  button.addEventListener("click", () => show(input.type === "password"));
  input.form?.addEventListener("submit", hide);
  show(false);
  box.append(button);
  return () => {
    hide();
    button.remove();
    input.form?.removeEventListener("submit", hide);
    delete box.dataset.started;
  };
}

document.querySelectorAll('[data-behaviour~="reveal"]').forEach(start);
