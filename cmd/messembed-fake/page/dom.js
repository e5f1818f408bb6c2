// DOM helpers. Data is inserted as text only; no code writes HTML.

export const $ = (id) => document.getElementById(id);

// el creates an element. Properties that begin with "on" are listeners, the others attributes; a child that is not a node becomes text.
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  fill(node, ...children);
  return node;
}

// fill replaces the children of an element; empty children are omitted.
export function fill(node, ...children) {
  node.replaceChildren(...children.flat(Infinity).filter((child) => child != null && child !== false && child !== ""));
}

// sync makes a list show the items, each in its own <li>, which is kept, with its focus and expanded state, as long as the item's key stays the
// same.
export function sync(list, items, keyOf, render) {
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
    const now = JSON.stringify(item);
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
  if (isOpen(li)) details(li.content);
}
let serial = 0;

const isOpen = (li) => li.button?.getAttribute("aria-expanded") === "true";

function toggle(li, open = !isOpen(li)) {
  li.button.setAttribute("aria-expanded", String(open));
  li.content.hidden = !open;
  if (open) li.details(li.content);
  else li.content.replaceChildren();
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
    const next = event.key === "ArrowDown" ? li.nextElementSibling : li.previousElementSibling;
    next?.querySelector(".row")?.focus();
  }
});

export const badge = (text, kind = "") => el("span", { class: `badge ${kind}` }, text);

export const plural = (n, one, many = one + "s") => `${n.toLocaleString("en")} ${n === 1 ? one : many}`;

const pad = (n, width = 2) => String(n).padStart(width, "0");

// when shows a time of day, with the date unless it is today.
export function when(ms, { millis = false } = {}) {
  if (!ms) return "";
  const t = new Date(ms);
  let text = `${pad(t.getHours())}:${pad(t.getMinutes())}:${pad(t.getSeconds())}`;
  if (millis) text += `.${pad(t.getMilliseconds(), 3)}`;
  if (t.toDateString() !== new Date().toDateString()) {
    const day = `${t.getFullYear()}-${pad(t.getMonth() + 1)}-${pad(t.getDate())}`;
    text = millis ? `${day} ${text}` : day;
  }
  return el("time", { datetime: t.toISOString(), title: t.toLocaleString() }, text);
}

export function json(value) {
  return el("pre", { tabindex: "0" }, typeof value === "string" ? value : JSON.stringify(value, null, 2));
}

// say announces to screen readers what is visible on the page.
export function say(text) {
  $("said").textContent = text;
}

// toast shows what is not visible otherwise.
let fading;
export function toast(text, kind = "") {
  $("toast").textContent = text;
  $("toast").className = `toast shown ${kind}`;
  clearTimeout(fading);
  fading = setTimeout(untoast, 4000);
}

export function untoast() {
  $("toast").className = "toast";
}
