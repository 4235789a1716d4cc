// Where the keyboard goes, and what comes into sight with it.

export const isTyping = (element = document.activeElement) =>
  !!element?.matches?.(
    "textarea,select,[contenteditable],input:not([type=checkbox],[type=radio],[type=button],[type=submit])",
  );

/** Whatever there is to focus or to bring into sight may be missing: then nothing happens. */
export const focusOn = (element) => element?.focus({ preventScroll: true });
export const bringNear = (element) => element?.scrollIntoView({ block: "nearest" });

/** What a person's hand does to a field, when a script has changed its text. */
export const typed = (field) => field.dispatchEvent(new Event("input", { bubbles: true }));
