import { get } from "./api.js";
import { $, badge, disclose, el, fill, json, plural, sync, when } from "./dom.js";

const search = $("requests-search");
let requests = []; // oldest first

// take adds new requests and removes those that the fake no longer keeps.
export function take(changed, oldest) {
  const byNumber = new Map(requests.map((request) => [request.number, request]));
  for (const request of changed) byNumber.set(request.number, request);
  requests = [...byNumber.values()].filter((request) => request.number >= oldest).sort((a, b) => a.number - b.number);
  countAttempts();
  show();
}

// forget is called when the page reconnects to a different fake.
export function forget() {
  requests = [];
}

// countAttempts numbers the requests of each call: retries have the same request id.
function countAttempts() {
  const sent = new Map();
  for (const request of requests) {
    if (!request.id) continue;
    const key = `${request.id} ${request.method} ${request.path}`;
    request.attempt = (sent.get(key) ?? 0) + 1;
    sent.set(key, request.attempt);
  }
}

function show() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const matching = requests.filter((request) => {
    const text = `${request.method} ${request.path} ${request.op} ${request.status || ""} ${request.fault}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  sync($("requests-list"), matching.toReversed(), (request) => request.number, render);
  $("requests-more").hidden = !(matching.length > 0 && requests[0].number > 1);
  $("requests-more").textContent = `Showing the newest ${plural(requests.length, "request")}; the fake no longer keeps older ones.`;
  $("requests-empty").hidden = matching.length > 0;
  if (matching.length === 0) showEmpty();
}

function render(li, request) {
  li.className = request.number > seen ? "new" : "";
  disclose(
    li,
    [
      status(request),
      el("span", { class: "main" }, el("b", { class: "method" }, request.method), el("span", { class: "path" }, request.path)),
      el("span", { class: "side took" }, duration(request)),
      el(
        "span",
        { class: "sub" },
        request.op || el("i", {}, "no operation"),
        request.attempt > 1 && badge(`attempt ${request.attempt}`, "warn"),
        request.fault && badge(`fault: ${request.fault}`, "bad"),
      ),
      el("span", { class: "side wide-only" }, when(request.time, { millis: true })),
    ],
    (part) => showWhole(part, request),
  );
}

// Requests that exist when the page opens are not new.
let seen = Infinity;
export function settle() {
  seen = requests.at(-1)?.number ?? 0;
}

function status({ status, ended }) {
  if (!status) return ended ? el("span", { class: "status bad", title: "no response" }, "none") : el("span", { class: "status", title: "no response yet" }, "…");
  return el("span", { class: `status ${status >= 500 ? "bad" : status >= 400 ? "warn" : "good"}` }, String(status));
}

function duration({ status, ended, duration }) {
  if (!ended) return status === 101 ? "open" : "…";
  if (duration >= 10_000) return `${(duration / 1000).toFixed(1)} s`;
  if (duration >= 100) return `${Math.round(duration)} ms`;
  return duration >= 1 ? `${duration.toFixed(1)} ms` : `${Math.round(duration * 1000)} µs`;
}

async function showWhole(part, { number }) {
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
    el(
      "p",
      { class: "note" },
      when(whole.time, { millis: true }),
      whole.ended ? `, ${duration(whole)}` : ", not ended",
      whole.fault && [" ", badge(`fault: ${whole.fault}`, "bad")],
    ),
    el("dl", {}, whole.header.map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)])),
    whole.hidden?.length > 0 && el("p", { class: "note" }, `Not shown: ${whole.hidden.join(", ")}.`),
    el("p", { class: "note" }, el("b", {}, "Body"), ` ${whole.size > 0 ? plural(whole.size, "byte") : ""} ${whole.note}`),
    whole.body && json(whole.body),
  );
}

function showEmpty() {
  if (requests.length > 0) {
    fill($("requests-empty"), el("p", {}, "No requests match."));
    return;
  }
  fill(
    $("requests-empty"),
    el("p", {}, el("b", {}, "No requests yet.")),
    el("p", {}, "Point a client at this fake, with the password that the fake was started with."),
    el("pre", {}, `messembed.New("${$("base-url").textContent}",\n\tmessembed.WithBasicAuth("admin", password))`),
  );
}

search.addEventListener("input", show);
