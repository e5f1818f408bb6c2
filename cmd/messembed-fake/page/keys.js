// The keys of the page; the dialog behind "?" lists them.

import { $ } from "./dom.js";
import { move } from "./rows.js";

// The pane that a key is for: the one with the focus, or the one that had it last, if it is shown.
let used = "state";
const pane = () => ($(used).checkVisibility() ? $(used) : $(used === "state" ? "requests" : "state"));
document.addEventListener("focusin", (event) => {
  used = event.target.closest(".pane")?.id ?? used;
});

const searchOf = (pane) => [...pane.querySelectorAll("input[type=search]")].find((field) => field.checkVisibility());

const actions = {
  "/": () => {
    const field = searchOf(pane()) ?? searchOf($("requests"));
    field?.focus();
    field?.select();
  },
  j: () => move(1, pane()),
  k: () => move(-1, pane()),
  "?": () => $("keys-dialog").showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const field = event.target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select");
  if (field) {
    if (event.key === "ArrowDown" && field.matches("[type=search]")) {
      event.preventDefault();
      move(1, field.closest(".pane"));
    }
    return;
  }
  const action = actions[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});

$("keys").addEventListener("click", actions["?"]);
$("keys-dialog").addEventListener("click", (event) => {
  if (event.target === $("keys-dialog") || event.target.matches("[data-close]")) $("keys-dialog").close();
});
