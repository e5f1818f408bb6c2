// What can be done with one user, each in a dialog.

import { post } from "./api.js";
import { copy } from "./copy.js";
import { $, say } from "./dom.js";
import { dialog, press } from "./forms.js";

const indented = (metadata) => (metadata == null ? "" : JSON.stringify(metadata, null, 2));

export const edit = dialog(
  "edit-dialog",
  async ({ external, private: secret }, user) => {
    await post("users/edit", { id: user.id, external, private: secret });
    say(`Changed ${user.id}.`);
  },
  {
    prepare(form, user) {
      $("edit-dialog-title").textContent = `Edit ${user.id}`;
      form.elements.external.value = indented(user.document.externalMetadata);
      form.elements.private.value = indented(user.document.privateExternalMetadata);
    },
  },
);

export const askToDelete = dialog(
  "delete-dialog",
  async (_, user) => {
    await post("users/delete", { id: user.id });
    say(`Deleted ${user.id}.`);
  },
  {
    prepare(_, user) {
      $("delete-dialog-title").textContent = `Delete ${user.id}?`;
    },
  },
);

export async function mintToken(user) {
  const { accessToken } = await post("users/token", { id: user.id });
  $("token-dialog-title").textContent = `Access token of ${user.id}`;
  $("token-text").value = accessToken;
  $("token-dialog").showModal();
}

press($("token-copy"), () => copy($("token-text").value));
$("token-dialog").addEventListener("click", (event) => {
  if (event.target === $("token-dialog") || event.target.matches("[data-close]")) $("token-dialog").close();
});
$("token-dialog").addEventListener("close", () => ($("token-text").value = ""));
