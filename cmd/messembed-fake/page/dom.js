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
