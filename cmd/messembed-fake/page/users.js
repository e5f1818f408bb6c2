import { calmly, get, post } from "./api.js";
import { $, badge, disclose, el, fill, json, plural, say, sync, when } from "./dom.js";
import { dialog, press } from "./forms.js";

const search = $("users-search");

export const load = calmly(async () => {
  const { users, matching } = await get("users", { q: search.value });
  sync($("users-list"), users, (user) => JSON.stringify(user.document._id), render);
  $("users-more").hidden = matching <= users.length;
  $("users-more").textContent = `Showing the newest ${users.length} of ${plural(matching, "user")}. Search for the others.`;
  $("users-empty").hidden = users.length > 0;
  if (users.length === 0) showEmpty();
});

function render(li, user) {
  disclose(
    li,
    [
      el("span", { class: "main" }, el("span", { class: "id" }, user.id || "(no id)"), user.state && badge(user.state, user.state === "blocked" ? "warn" : "")),
      el("span", { class: "side" }, when(user.created)),
      el("span", { class: "sub" }, user.name || el("i", {}, "no name")),
    ],
    (part) => {
      const block = el("button", { type: "button" }, user.state === "blocked" ? "Unblock" : "Block");
      press(block, async () => {
        await post("users/block", { id: user.id, blocked: user.state !== "blocked" });
        li.button.focus();
      });
      fill(part, json(user.document), user.id && user.state !== "deleted" && el("div", { class: "actions" }, block));
    },
  );
}

function showEmpty() {
  if (search.value) {
    fill($("users-empty"), el("p", {}, "No users match."));
    return;
  }
  fill(
    $("users-empty"),
    el("p", {}, el("b", {}, "No users yet.")),
    el("p", {}, "Add one here, let your program call ", el("code", {}, "CreateUser"), ", or start the fake with ", el("code", {}, "-seed users.jsonl"), "."),
  );
}

const add = dialog("user-dialog", async (user) => {
  await post("users/add", user);
  say(`Added ${user.id}.`);
});

search.addEventListener("input", load);
$("users-add").addEventListener("click", add);
