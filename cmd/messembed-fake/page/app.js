import { get, post } from "./api.js";
import * as chats from "./chats.js";
import * as clients from "./clients.js";
import { $, say, untoast } from "./dom.js";
import * as faults from "./faults.js";
import { dialog } from "./forms.js";
import "./keys.js";
import { setPageSize } from "./pager.js";
import * as requests from "./requests.js";
import * as users from "./users.js";

// --- which view is shown: #/users, #/chats, #/chats/<id>, #/clients, #/tokens and, where there is no room for two panes, #/requests

const roomForTwo = matchMedia("(min-width: 960px)");
let view;

function route() {
  if (location.hash && !location.hash.startsWith("#/")) return; // an anchor in the page
  const [name, id] = location.hash.slice(2).split("/");
  view = name === "chats" && id ? "chat" : name in sources ? name : "requests";
  if (view === "requests" && roomForTwo.matches) view = "users";
  document.body.dataset.view = view;
  for (const section of $("state").children) section.hidden = section.dataset.view !== view;
  for (const link of document.querySelectorAll(".tabs a")) {
    if (link.hash === `#/${view === "chat" ? "chats" : view}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  untoast();
  if (view === "chat") chats.show(decodeURIComponent(id));
  reload();
}

// --- stored data is fetched when it is visible and has changed since

const sources = {
  users: { load: users.load, of: ["users"] },
  chats: { load: chats.load, of: ["chats"] },
  chat: { load: chats.loadChat, of: ["chats", "messages"] },
  tokens: { load: clients.loadTokens, of: ["tokens"] },
  clients: { load() {}, of: [] }, // included in every state
  requests: { load: requests.load, of: ["requests"] },
};
let counts = {};

function reload() {
  if (sources[view]) refresh(sources[view]);
  if (roomForTwo.matches) refresh(sources.requests);
}

function refresh(source) {
  const revision = source.of.map((kind) => counts[kind]?.Revision).join();
  if (source.loaded === revision) return;
  source.loaded = revision;
  source.load();
}

function count(state) {
  counts = state.counts;
  for (const kind of ["users", "chats", "tokens"]) showCount(kind, counts[kind].Count);
  showCount("clients", state.clients.length);
  clients.countTokens(counts.tokens.Count);
}

function showCount(kind, n) {
  document.querySelector(`[data-count=${kind}]`).textContent = n.toLocaleString("en");
}

// --- live

function listen() {
  const source = new EventSource("api/live");
  source.addEventListener("open", () => {
    for (const source of Object.values(sources)) delete source.loaded;
    requests.forget();
    connection("live", "live");
  });
  source.addEventListener("error", () => connection("lost", "reconnecting"));
  source.addEventListener("message", (event) => {
    const state = JSON.parse(event.data);
    faults.show(state.faults);
    clients.show(state.clients, state.refuses);
    count(state);
    reload();
  });
}

function connection(state, text) {
  $("connection").dataset.state = state;
  $("connection").textContent = text;
}

// --- the rest

$("clear").addEventListener(
  "click",
  dialog("clear-dialog", async () => {
    await post("clear");
    if (view === "chat") location.hash = "#/chats";
    say("Cleared.");
  }),
);

const about = await get("about").catch(() => ({ basePath: "", operations: [], pageSize: 100 }));
setPageSize(about.pageSize);
$("base-url").textContent = location.origin + about.basePath;
faults.setOperations(about.operations);
requests.setOperations(about.operations);
addEventListener("hashchange", route);
roomForTwo.addEventListener("change", route);
route();
listen();
