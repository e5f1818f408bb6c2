import { calmly, get, post } from "./api.js";
import { open as openChat } from "./chats.js";
import { $, badge, el, fill, say, when } from "./dom.js";
import { dialog, press } from "./forms.js";
import { foundIn, json, marked, missingIn, wordsOf } from "./mark.js";
import { pager } from "./pager.js";
import { disclose, sync } from "./rows.js";
import { askToDelete, edit, mintToken } from "./user.js";

const search = $("users-search");

export const load = calmly(async () => {
  const q = search.value;
  const { users, matching } = await get("users", { q, offset: pages.offset });
  const words = wordsOf(q);
  sync($("users-list"), users, (user) => JSON.stringify(user.document._id), (li, user) => render(li, user, words), q);
  pages.show(matching);
  $("users-empty").hidden = matching > 0;
  if (matching === 0) showEmpty();
});

const pages = pager($("users-pages"), load);

function render(li, user, words) {
  disclose(
    li,
    [
      el("span", { class: "main" }, el("span", { class: "id" }, user.id ? marked(user.id, words) : "(no id)"), user.state && badge(user.state, user.state === "blocked" ? "warn" : "")),
      el("span", { class: "side" }, when(user.created)),
      el("span", { class: "sub" }, user.name ? marked(user.name, words) : el("i", {}, "no name")),
      elsewhere(user, words),
    ],
    (part) => fill(part, json(user.document, words), user.id && actions(li, user)),
  );
}

// elsewhere shows what was found in neither the id nor the name.
function elsewhere({ id, name, document }, words) {
  const { externalMetadata, privateExternalMetadata, blockStatus } = document;
  const found = foundIn({ externalMetadata, privateExternalMetadata, blockStatus }, missingIn(words, id, name));
  return found && el("span", { class: "sub found" }, `${found.path}: `, marked(found.text, words));
}

function actions(li, user) {
  const button = (text, action) => {
    const node = el("button", { type: "button" }, text);
    press(node, action);
    return node;
  };
  if (user.state === "deleted") {
    return el(
      "div",
      { class: "actions" },
      button("Token…", () => mintToken(user)),
      el("small", {}, "Deleted as the SDK does it: tokens are still minted, and stay valid."),
    );
  }
  return el(
    "div",
    { class: "actions" },
    button("Edit…", () => edit(user)),
    button("Open a chat…", () => openChat(user)),
    button("Token…", () => mintToken(user)),
    button(user.state === "blocked" ? "Unblock" : "Block", async () => {
      await post("users/block", { id: user.id, blocked: user.state !== "blocked" });
      li.button.focus();
    }),
    button("Delete…", () => askToDelete(user)),
  );
}

function showEmpty() {
  if (search.value) {
    fill($("users-empty"), el("p", {}, "No users match."), el("p", {}, "Ids, names and all other values of the metadata are searched."));
    return;
  }
  fill(
    $("users-empty"),
    el("p", {}, el("b", {}, "No users yet.")),
    el("p", {}, "Add one here, let your program call ", el("code", {}, "CreateUser"), ", or start the fake with ", el("code", {}, "-seed users.csv"), "."),
  );
}

const add = dialog("user-dialog", async (user) => {
  await post("users/add", user);
  say(`Added ${user.id}.`);
});

search.addEventListener("input", pages.first);
$("users-add").addEventListener("click", () => add());
