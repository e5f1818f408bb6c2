import { calmly, get } from "./api.js";
import { $, badge, el, fill, when } from "./dom.js";
import { marked, missingIn, wordsOf } from "./mark.js";
import { pager } from "./pager.js";
import { duration, showWhole, status } from "./request.js";
import { disclose, sync } from "./rows.js";

const search = $("requests-search");
const filters = { status: $("requests-status"), op: $("requests-op") };

// The first page follows the log. The others stand still: they hold the requests up to the one that was the newest when the first was left.
let newest = 0;

export const load = calmly(async () => {
  const q = search.value;
  const query = { q, status: filters.status.value, op: filters.op.value, offset: pages.offset, upTo: pages.offset > 0 ? newest : 0 };
  const page = await get("requests", query);
  if (query.offset === 0) newest = page.newest;
  const words = wordsOf(q);
  sync($("requests-list"), page.requests, (request) => request.number, (li, request) => render(li, request, words), q);
  settle();
  pages.show(page.matching, page.newest > newest ? `, ${(page.newest - newest).toLocaleString("en")} newer` : "");
  const isEnd = query.offset + page.requests.length >= page.matching;
  $("requests-more").hidden = !(isEnd && page.requests.length > 0 && page.oldest > 1);
  $("requests-empty").hidden = page.requests.length > 0;
  if (page.requests.length === 0) showEmpty(page.newest > 0);
});

const pages = pager($("requests-pages"), load);

function render(li, request, words) {
  li.className = request.number > seen ? "new" : "";
  const { method, path, op, fault, status: code } = request;
  const inBody = missingIn(words, method, path, op, fault, String(code)).length > 0;
  disclose(
    li,
    [
      status(request),
      el("span", { class: "main" }, el("b", { class: "method" }, method), el("span", { class: "path" }, marked(path, words))),
      el("span", { class: "side took" }, duration(request)),
      el(
        "span",
        { class: "sub" },
        op ? el("span", {}, marked(op, words)) : el("i", {}, "unknown route"),
        request.attempt > 1 && badge(`attempt ${request.attempt}`, "warn"),
        fault && badge(`fault: ${fault}`, "bad"),
        inBody && badge("found inside", "found"),
      ),
      el("span", { class: "side wide-only" }, when(request.time, { millis: true })),
    ],
    (part) => showWhole(part, request, words),
  );
}

// Requests that exist when the page opens are not new.
let seen = Infinity;
function settle() {
  if (seen === Infinity) seen = newest;
}

// forget is called when the page reconnects, perhaps to a different fake.
export function forget() {
  seen = Infinity;
  pages.first();
}

function showEmpty(areOthers) {
  if (areOthers) {
    fill($("requests-empty"), el("p", {}, "No requests match."), el("p", {}, "Paths, operations, statuses, request ids and the values in bodies are searched."));
    return;
  }
  fill(
    $("requests-empty"),
    el("p", {}, el("b", {}, "No requests yet.")),
    el("p", {}, "Point a client at this fake, with the password that the fake was started with. Without ", el("code", {}, "-password"), " it is “password”."),
    el("pre", {}, `messembed.New("${$("base-url").textContent}",\n\tmessembed.WithBasicAuth("admin", password))`),
  );
}

export function setOperations(names) {
  filters.op.append(...names.map((name) => el("option", { value: name }, name)), el("option", { value: "-" }, "unknown route"));
}

search.addEventListener("input", pages.first);
for (const filter of Object.values(filters)) filter.addEventListener("change", pages.first);
