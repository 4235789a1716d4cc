// A button beside a password that shows what was typed, until the form is sent.

function begin(box) {
  const input = box.querySelector("input");
  if (!input) return;
  const button = Object.assign(document.createElement("button"), { type: "button", className: "reveal" });
  button.setAttribute("aria-controls", input.id);
  const show = (on) => {
    input.type = on ? "text" : "password";
    button.textContent = on ? "Hide" : "Show";
    button.setAttribute("aria-label", on ? "Hide the password" : "Show the password");
  };
  button.addEventListener("click", () => show(input.type === "password"));
  input.form?.addEventListener("submit", () => show(false));
  show(false);
  box.append(button);
}

document.querySelectorAll('[data-behaviour~="reveal"]').forEach(begin);
