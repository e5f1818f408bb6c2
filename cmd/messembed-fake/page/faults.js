import { post } from "./api.js";
import { $, el, fill, say, sync } from "./dom.js";
import { dialog, press } from "./forms.js";

export function show(faults) {
  $("faults").hidden = faults.length === 0;
  sync($("faults-list"), faults, (fault) => fault.key, (li, fault) => {
    const disarm = el("button", { type: "button", class: "quiet", "aria-label": `Disarm: ${fault.op || "any operation"}, ${fault.words}` }, "×");
    press(disarm, async () => {
      await post("faults/disarm", { key: fault.key });
      const neighbour = li.nextElementSibling ?? li.previousElementSibling;
      (neighbour?.querySelector("button") ?? $("faults-arm")).focus();
    });
    fill(li, el("b", {}, fault.op || "any operation"), el("span", {}, fault.words), fault.times > 1 && el("span", { class: "times" }, `${fault.times}×`), disarm);
  });
}

export function setOperations(names) {
  const select = $("fault-dialog").querySelector("select");
  select.append(...names.map((name) => el("option", { value: name }, name)));
}

const arm = dialog(
  "fault-dialog",
  async (fields) => {
    await post("faults/arm", {
      ...fields,
      status: Number(fields.status),
      delay: Number(fields.delay),
      times: Number(fields.times),
      applied: fields.applied === "on",
    });
    say("Armed.");
  },
  { prepare: choose },
);

// choose shows the fields of the selected fault.
function choose() {
  const form = $("fault-dialog").querySelector("form");
  for (const part of form.querySelectorAll("[data-kind]")) part.hidden = part.dataset.kind !== form.elements.kind.value;
}

$("fault-dialog").addEventListener("change", choose);
$("faults-arm").addEventListener("click", arm);
press($("faults-disarm"), async () => {
  await post("faults/disarm");
  $("faults-arm").focus();
});
