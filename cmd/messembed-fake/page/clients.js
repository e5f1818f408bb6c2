import { calmly, get, post } from "./api.js";
import { $, badge, el, fill, plural, toast, when } from "./dom.js";
import { press } from "./forms.js";
import { pager } from "./pager.js";
import { sync } from "./rows.js";

// deaf says why a client receives nothing.
function deaf({ admin, frontEnd }) {
  if (admin) return undefined;
  const why = frontEnd ? badge("front-end client: the fake delivers nothing to it", "warn") : badge("wrong password: receives nothing", "bad");
  return el("span", { class: "remark" }, why);
}

export function show(clients, refuses) {
  sync($("clients-list"), clients, (client) => client.id, (li, client) => {
    fill(
      li,
      el(
        "div",
        { class: "row" },
        el("span", { class: "main" }, client.client || "unnamed client", client.stalled && badge("stalled", "warn")),
        el("span", { class: "side" }, when(client.since)),
        el("span", { class: "sub" }, [client.transport, client.address, client.id].filter(Boolean).join(" · ")),
        el("span", { class: "side" }, plural(client.events, "event")),
        deaf(client),
      ),
    );
  });
  $("clients-refuse").checked = refuses;
  $("clients-empty").hidden = clients.length > 0;
}

fill(
  $("clients-empty"),
  el("p", {}, el("b", {}, "No clients connected.")),
  el("p", {}, "A program that ranges over ", el("code", {}, "MessageEvents"), " is shown here while it is connected."),
);

press($("clients-drop"), async () => {
  await post("clients/drop");
  toast("Dropped. Clients that reconnect are shown again.");
});
press($("clients-stall"), async () => {
  await post("clients/stall");
  toast("Stalled: the clients stay connected but receive nothing more.");
});
$("clients-refuse").addEventListener("change", (event) => {
  post("clients/refuse", { refuse: event.target.checked }).catch((refusal) => toast(refusal.message, "bad"));
});

export const loadTokens = calmly(async () => {
  const { tokens, kept } = await get("tokens", { offset: pages.offset });
  const number = (i) => kept - pages.offset - i; // tokens of one second are equal
  sync($("tokens-list"), tokens.map((token, i) => ({ ...token, key: `${token.created} ${token.ending} ${number(i)}` })), (token) => token.key, (li, token) => {
    fill(
      li,
      el(
        "div",
        { class: "row" },
        el("span", { class: "main" }, el("span", { class: "id" }, token.user)),
        el("span", { class: "side" }, when(token.created)),
        el("span", { class: "sub" }, "ends in ", el("code", {}, `…${token.ending}`)),
      ),
    );
  });
  pages.show(kept);
  $("tokens-more").hidden = minted <= kept;
  $("tokens-more").textContent = `The fake keeps the newest ${kept.toLocaleString("en")} of ${plural(minted, "token")}.`;
  $("tokens-empty").hidden = kept > 0;
});

const pages = pager($("tokens-pages"), loadTokens);

let minted = 0;
export const countTokens = (count) => (minted = count);

fill(
  $("tokens-empty"),
  el("p", {}, el("b", {}, "No tokens yet.")),
  el("p", {}, el("code", {}, "CreateAccessToken"), " mints one. Only its last characters are shown here."),
);
