// Passkeys: shown where the browser can do them, and their failures said in words.

const isAble = Boolean(window.isSecureContext && window.PublicKeyCredential);

const WORDS = {
  NotAllowedError: "Nothing was signed: it was cancelled, or took too long. You can try again.",
  InvalidStateError: "This key is on your list already.",
  SecurityError: "Keys work on the address of your Fluxboard only, by https or on localhost.",
  NotSupportedError: "This device cannot make such a key.",
};

function say(text) {
  let note = document.getElementById("passkey-error");
  if (!note) {
    note = Object.assign(document.createElement("p"), {
      id: "passkey-error",
      className: "form__errors",
      tabIndex: -1,
    });
    document.querySelector("main h1").after(note);
  }
  note.textContent = text;
  note.focus();
}

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  say(WORDS[event.detail.exception?.name] ?? "The key could not be used. Try again.");
});

for (const element of document.querySelectorAll("[data-needs-passkey]")) element.hidden = !isAble;
for (const element of document.querySelectorAll("[data-without-passkey]")) element.hidden = isAble;
