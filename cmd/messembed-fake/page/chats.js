import { calmly, get, post } from "./api.js";
import { $, badge, el, fill, plural, when } from "./dom.js";
import { dialog, handle, press } from "./forms.js";
import { marked, wordsOf } from "./mark.js";
import { pager } from "./pager.js";
import { sync } from "./rows.js";

const search = $("chats-search");

const naming = (user) => user.name || user.id;
const areDeleted = (users) => users.filter((user) => user.state === "deleted").map((user) => badge(`${user.id} deleted`));

export const load = calmly(async () => {
  const q = search.value;
  const { chats, matching } = await get("chats", { q, offset: pages.offset });
  const words = wordsOf(q);
  sync($("chats-list"), chats, (chat) => chat.id, (li, chat) => render(li, chat, words), q);
  pages.show(matching);
  $("chats-empty").hidden = matching > 0;
  if (matching === 0) showEmpty();
});

const pages = pager($("chats-pages"), load);

function render(li, chat, words) {
  const unread = chat.unread[0] + chat.unread[1];
  const row = el(
    "a",
    { class: "row", href: `#/chats/${chat.id}` },
    el("span", { class: "main" }, el("span", {}, marked(`${naming(chat.first)} and ${naming(chat.second)}`, words)), areDeleted([chat.first, chat.second]), !chat.active && badge("inactive", "warn")),
    el("span", { class: "side" }, when(chat.last?.created ?? chat.created)),
    el("span", { class: "sub" }, chat.last ? marked(`${chat.last.user}: ${chat.last.content}`, words) : el("i", {}, "no messages")),
    unread > 0 && el("span", { class: "side" }, `${unread} unread`),
  );
  const focused = li.contains(document.activeElement);
  fill(li, row);
  if (focused) row.focus();
}

function showEmpty() {
  if (search.value) {
    fill($("chats-empty"), el("p", {}, "No chats match."));
    return;
  }
  fill(
    $("chats-empty"),
    el("p", {}, el("b", {}, "No chats yet.")),
    el("p", {}, "A chat is between two users. Open one here, or let your program call ", el("code", {}, "CreateChat"), "."),
  );
}

// open opens the dialog for a chat, of a user if one is given.
export const open = dialog(
  "chat-dialog",
  async (pair) => {
    const { id } = await post("chats/open", pair);
    location.hash = `#/chats/${id}`;
  },
  {
    async prepare(form, user) {
      const { first, second } = form.elements;
      first.value = user?.id ?? "";
      first.autofocus = !user;
      second.autofocus = Boolean(user);
      const { users } = await get("users").catch(() => ({ users: [] }));
      fill($("user-ids"), users.map((user) => el("option", { value: user.id }, user.name)));
    },
  },
);

search.addEventListener("input", pages.first);
$("chats-open").addEventListener("click", () => open());

// --- one chat

const messagesAtOnce = 200;
let limit = messagesAtOnce;
let chatID = "";
let chat;

export function show(id) {
  if (chatID !== id) {
    chatID = id;
    chat = undefined;
    limit = messagesAtOnce;
    fill($("chat-messages"));
    $("chat-messages").byKey = undefined;
    fill($("chat-title"), "…");
    fill($("chat-facts"));
  }
  loadChat();
}

export const loadChat = calmly(async () => {
  const id = chatID;
  if (!id) return;
  const form = $("chat-send");
  try {
    chat = await get("chat", { id, limit });
  } catch (refusal) {
    fill($("chat-title"), "Gone");
    fill($("chat-facts"), refusal.message);
    fill($("chat-messages"));
    form.hidden = $("chat-active").hidden = $("chat-earlier").hidden = true;
    return;
  }
  if (id !== chatID) return;
  const { first, second } = chat;
  form.hidden = $("chat-active").hidden = false;
  fill($("chat-title"), `${naming(first)} and ${naming(second)}`);
  $("chat-active").textContent = chat.active ? "Deactivate" : "Activate";
  const parts = [plural(chat.count ?? 0, "message")];
  $("chat-earlier").hidden = !(chat.count > chat.messages.length);
  if (chat.count > chat.messages.length) parts[0] += `, the newest ${chat.messages.length.toLocaleString("en")} here`;
  if (chat.unread[0]) parts.push(`${chat.unread[0]} unread by ${first.id}`);
  if (chat.unread[1]) parts.push(`${chat.unread[1]} unread by ${second.id}`);
  fill($("chat-facts"), areDeleted([first, second]), !chat.active && badge("inactive", "warn"), el("code", {}, chat.id), ` · ${parts.join(" · ")}`);
  showSenders([...new Set([first.id, second.id])]);
  showMessages(chat.messages);
});

function showSenders(ids) {
  const select = $("chat-send").elements.user;
  if (JSON.stringify(ids) === select.dataset.ids) return;
  select.dataset.ids = JSON.stringify(ids);
  fill(select, ids.map((id) => el("option", { value: id }, id)));
}

function showMessages(messages) {
  const list = $("chat-messages");
  const below = list.scrollHeight - list.scrollTop;
  const atEnd = below - list.clientHeight < 40;
  list.dataset.empty = messages.length === 0 ? "No messages yet. Send one as either user below." : "";
  sync(list, messages, (message) => message.id, (li, message) => {
    li.className = message.user === chat.first.id ? "first" : "second";
    fill(
      li,
      el("p", { class: "who" }, el("b", {}, message.user), when(message.created), message.read && badge("read")),
      el("p", { class: "said", tabindex: message.content.length > 1000 && "0" }, message.content || el("i", {}, "empty")),
      (message.attachments ?? []).map((attachment) => el("p", { class: "attachment" }, [attachment.type, attachment.url].filter(Boolean).join(" ") || JSON.stringify(attachment))),
    );
  });
  if (atEnd) list.scrollTop = list.scrollHeight;
  else if (earlier) list.scrollTop = list.scrollHeight - below; // what was in view stays there
  earlier = false;
}

handle($("chat-send"), async ({ user, content }) => {
  await post("messages/send", { chat: chatID, user, content });
  const field = $("chat-send").elements.content;
  field.value = "";
  field.focus();
});

let earlier = false;
press($("chat-earlier"), () => {
  limit += messagesAtOnce;
  earlier = true;
  loadChat();
});

press($("chat-active"), () => post("chats/activate", { id: chatID, active: !chat.active }));

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  if (event.target.closest?.("[data-view=chat]")) {
    const id = chatID;
    location.hash = "#/chats";
    requestAnimationFrame(() => document.querySelector(`a.row[href="#/chats/${CSS.escape(id)}"]`)?.focus());
  }
});
