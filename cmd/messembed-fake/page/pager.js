// A long list is shown in pages; the fake searches, so the browser never holds all of it.

import { el, fill } from "./dom.js";

export let pageSize = 100;
export const setPageSize = (size) => (pageSize = size);

// pager fills a <nav> and calls load to show another page.
export function pager(nav, load) {
  let offset = 0;
  let matching = 0;
  const text = el("span", { role: "status" });
  const go = (to) => () => {
    offset = Math.max(0, to());
    load();
    nav.closest(".pane").scrollTop = 0;
  };
  const button = (label, name, to) => el("button", { type: "button", "aria-label": name, title: name, onclick: go(to) }, label);
  const last = () => Math.max(0, Math.ceil(matching / pageSize) - 1) * pageSize;
  const back = [button("«", "Newest", () => 0), button("‹", "Newer", () => offset - pageSize)];
  const forth = [button("›", "Older", () => Math.min(offset + pageSize, last())), button("»", "Oldest", last)];
  fill(nav, back, text, forth);
  nav.hidden = true;
  return {
    get offset() {
      return offset;
    },
    // first goes back to the first page, when the search has changed.
    first() {
      offset = 0;
      load();
    },
    // show shows where the page is among the rows that match.
    show(count, remark = "") {
      matching = count;
      if (offset > last()) {
        offset = last();
        load();
      }
      const from = matching === 0 ? 0 : offset + 1;
      const to = Math.min(offset + pageSize, matching);
      text.textContent = `${from.toLocaleString("en")}–${to.toLocaleString("en")} of ${matching.toLocaleString("en")}${remark}`;
      nav.hidden = matching <= pageSize;
      for (const button of back) button.disabled = offset === 0;
      for (const button of forth) button.disabled = offset === last();
    },
  };
}
