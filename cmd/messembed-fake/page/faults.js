import { post } from "./api.js";
import { $, el, fill, say } from "./dom.js";
import { dialog, press } from "./forms.js";
import { sync } from "./rows.js";

export function show(faults) {
  $("faults").hidden = faults.length === 0;
  sync($("faults-list"), faults, (fault) => fault.key, (li, fault) => {
    const disarm = el("button", { type: "button", class: "quiet", "aria-label": `Disarm: ${whatOf(fault)}, ${fault.words}` }, "×");
    press(disarm, async () => {
      await post("faults/disarm", { key: fault.key });
      const neighbour = li.nextElementSibling ?? li.previousElementSibling;
      (neighbour?.querySelector("button") ?? $("faults-arm")).focus();
    });
    fill(li, el("b", {}, whatOf(fault)), el("span", {}, fault.words), el("span", { class: "times" }, howOften(fault)), disarm);
  });
}

function whatOf({ op, about }) {
  return (op || "any operation") + (about && ` about ${about}`);
}

function howOften({ times, standing }) {
  if (standing) return "until disarmed";
  return times > 1 ? `the next ${times}` : "the next one";
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
      standing: fields.standing === "on",
    });
    say("Armed.");
  },
  { prepare: choose },
);

// choose shows the fields of the selected fault.
function choose() {
  const form = $("fault-dialog").querySelector("form");
  for (const part of form.querySelectorAll("[data-kind]")) part.hidden = part.dataset.kind !== form.elements.kind.value;
  form.elements.times.disabled = form.elements.standing.checked;
  const { kind, delay } = form.elements;
  if (kind.value === "slow" && !Number(delay.value)) delay.value = 2;
}

$("fault-dialog").addEventListener("change", choose);
for (const button of $("fault-dialog").querySelectorAll("[data-preset]")) {
  press(button, async () => {
    await post("faults/preset", { name: button.dataset.preset });
    $("fault-dialog").close();
    say("Armed.");
  });
}
$("faults-arm").addEventListener("click", arm);
press($("faults-disarm"), async () => {
  await post("faults/disarm");
  $("faults-arm").focus();
});
