// Lists of rows: kept in step with data, expandable, and walked through by keyboard.

import { el, fill } from "./dom.js";

// sync makes a list show the items, each in its own <li>, which is kept, with its focus and expanded state, as long as the item's key stays the
// same. A row is rendered again when its item or the version changes.
export function sync(list, items, keyOf, render, version = "") {
  const known = (list.byKey ??= new Map());
  const wanted = new Set(items.map(keyOf));
  for (const [key, li] of known) {
    if (!wanted.has(key)) {
      li.remove();
      known.delete(key);
    }
  }
  let next = list.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    let li = known.get(key);
    if (!li) known.set(key, (li = el("li")));
    const now = version + JSON.stringify(item);
    if (li.shown !== now) {
      li.shown = now;
      render(li, item);
    }
    if (li === next) next = next.nextElementSibling;
    else list.insertBefore(li, next);
  }
}

// disclose fills an <li> with a button, whose content can change, and a part that it expands and collapses.
export function disclose(li, summary, details) {
  if (!li.button) {
    li.content = el("div", { class: "details", id: `details-${++serial}`, hidden: true });
    li.button = el("button", { type: "button", class: "row", "aria-expanded": "false", "aria-controls": li.content.id, onclick: () => toggle(li) });
    li.append(li.button, li.content);
  }
  li.details = details;
  fill(li.button, summary);
  if (!isOpen(li)) return;
  const hadFocus = li.content.contains(document.activeElement);
  details(li.content);
  if (hadFocus && !li.contains(document.activeElement)) li.button.focus();
}
let serial = 0;

const isOpen = (li) => li.button?.getAttribute("aria-expanded") === "true";

function toggle(li, open = !isOpen(li)) {
  li.button.setAttribute("aria-expanded", String(open));
  li.content.hidden = !open;
  if (open) li.details(li.content);
  else li.content.replaceChildren();
}

// move moves the focus to the next (1) or previous (-1) row, from anywhere in a row; from elsewhere, to the pane's first row.
export function move(by, pane) {
  const li = document.activeElement?.closest(".rows > li");
  const to = li ? (by > 0 ? li.nextElementSibling : li.previousElementSibling) : [...pane.querySelectorAll(".rows > li")].find((row) => row.checkVisibility());
  const row = to?.querySelector(".row");
  row?.focus();
  row?.scrollIntoView({ block: "nearest" });
}

// Escape collapses the part around the focus; arrow keys move from row to row.
document.addEventListener("keydown", (event) => {
  const li = event.target.closest?.(".rows > li");
  if (!li || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  if (event.key === "Escape" && isOpen(li)) {
    event.preventDefault();
    toggle(li, false);
    li.button.focus();
  }
  if ((event.key === "ArrowDown" || event.key === "ArrowUp") && event.target.matches(".row")) {
    event.preventDefault();
    move(event.key === "ArrowDown" ? 1 : -1);
  }
});
