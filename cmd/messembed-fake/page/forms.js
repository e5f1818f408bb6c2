import { $, el, fill, toast } from "./dom.js";

// handle submits a form with the given function. A refusal is shown in the form, next to the field.
export function handle(form, send) {
  const error = form.querySelector(".error");
  let busy = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    clearError(form);
    try {
      await send(Object.fromEntries(new FormData(form)));
    } catch (refusal) {
      fill(error, refusal.message, refusal.chat && [" ", el("a", { href: `#/chats/${refusal.chat}` }, "Show it")]);
      const field = form.elements[refusal.field] ?? null;
      if (field instanceof HTMLElement) {
        field.setAttribute("aria-invalid", "true");
        field.focus();
      }
    }
    busy = false;
  });
}

function clearError(form) {
  form.querySelector(".error").textContent = "";
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
}

// dialog turns a form into a dialog and returns a function that opens it, for a subject such as a user. The browser restores the focus when it
// closes, and closes it on Escape.
export function dialog(id, send, { prepare = () => {} } = {}) {
  const node = $(id);
  const form = node.querySelector("form");
  let subject;
  handle(form, async (fields) => {
    await send(fields, subject);
    node.close();
  });
  node.querySelector("[data-close]").addEventListener("click", () => node.close());
  node.addEventListener("click", (event) => {
    if (event.target === node || event.target.closest("a")) node.close(); // outside the form, or elsewhere
  });
  return (of) => {
    subject = of;
    form.reset();
    clearError(form);
    prepare(form, subject);
    node.showModal();
  };
}

// press runs a button's action and reports a refusal.
export function press(button, action) {
  button.addEventListener("click", async () => {
    try {
      await action();
    } catch (refusal) {
      toast(refusal.message, "bad");
    }
  });
}
