// One request whole: the request and its response, side by side where there is room.

import { get } from "./api.js";
import { copyButton } from "./copy.js";
import { badge, el, fill, plural, when } from "./dom.js";
import { json } from "./mark.js";

export function status({ status, ended }) {
  if (!status) return ended ? el("span", { class: "status bad", title: "no response" }, "none") : el("span", { class: "status", title: "no response yet" }, "…");
  return el("span", { class: `status ${status >= 500 ? "bad" : status >= 400 ? "warn" : "good"}` }, String(status));
}

export function duration({ status, ended, duration }) {
  if (!ended) return status === 101 ? "open" : "…";
  if (duration >= 10_000) return `${(duration / 1000).toFixed(1)} s`;
  if (duration >= 100) return `${Math.round(duration)} ms`;
  return duration >= 1 ? `${duration.toFixed(1)} ms` : `${Math.round(duration * 1000)} µs`;
}

export async function showWhole(part, { number }, words) {
  let whole;
  try {
    whole = await get("request", { number });
  } catch (refusal) {
    fill(part, el("p", { class: "note" }, refusal.message));
    return;
  }
  fill(
    part,
    el("p", { class: "target" }, el("b", {}, whole.method), " ", whole.target),
    el("div", { class: "note facts-line" }, el("span", {}, when(whole.time, { millis: true }), whole.ended ? `, ${duration(whole)}` : ", not ended"), whole.fault && badge(`fault: ${whole.fault}`, "bad"), whole.curl && copyButton("Copy as curl", whole.curl)),
    el("div", { class: "halves" }, half("request", ["Request"], whole, words), answer(whole, words)),
  );
}

function answer(whole, words) {
  const title = ["Response ", status(whole), whole.answer ? ` ${whole.answer.text}` : ""];
  if (whole.answer) return half("answer", title, whole.answer, words);
  const why = whole.ended ? "None was sent." : "None yet.";
  return el("section", { class: "answer" }, el("h3", {}, title), el("p", { class: "note" }, why));
}

// half shows the header and the body of either.
function half(name, title, { header, hidden, body, size, note }, words) {
  return el(
    "section",
    { class: name },
    el("h3", {}, title),
    header?.length > 0 && el("dl", {}, header.map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)])),
    hidden?.length > 0 && el("p", { class: "note" }, `Not shown: ${hidden.join(", ")}.`),
    el("p", { class: "note" }, [size > 0 && plural(size, "byte"), note].filter(Boolean).join(", ")),
    body && json(body, words),
  );
}
