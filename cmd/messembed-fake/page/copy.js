// Copying to the clipboard.

import { el, toast } from "./dom.js";

export function copyButton(label, text) {
  return el("button", { type: "button", onclick: () => copy(text) }, label);
}

export async function copy(text) {
  const done = await navigator.clipboard?.writeText(text).then(() => true, () => false);
  const copied = done || copyBySelecting(text);
  toast(copied ? "Copied." : "The browser does not allow copying.", copied ? "" : "bad");
}

// copyBySelecting is for a page that the browser does not trust with the clipboard: one over http and not from this machine.
function copyBySelecting(text) {
  const field = el("textarea", { class: "unseen", readonly: true }, text);
  const focused = document.activeElement;
  (document.querySelector("dialog[open]") ?? document.body).append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  focused?.focus();
  return copied;
}
