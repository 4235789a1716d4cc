// Where the keyboard goes, and what comes into sight with it.

export const isTyping = (element = document.activeElement) =>
  !!element?.matches?.(
    "textarea,select,[contenteditable],input:not([type=checkbox],[type=radio],[type=button],[type=submit])",
  );

/** Both do nothing where the element is missing. */
export const focusOn = (element) => element?.focus({ preventScroll: true });
export const bringNear = (element) => element?.scrollIntoView({ block: "nearest" });

/** Fire the `input` event of a field whose text a script has changed, as typing would. */
export const typed = (field) => field.dispatchEvent(new Event("input", { bubbles: true }));
