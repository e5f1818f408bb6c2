// What a search has found is marked where it is shown.

import { el } from "./dom.js";

export const wordsOf = (search) => search.toLowerCase().split(/\s+/).filter(Boolean);

// marked returns a text with the words in it marked.
export function marked(text, words) {
  if (words.length === 0) return [text];
  const any = new RegExp(`(${words.map((word) => word.replace(/[^\p{L}\p{N}]/gu, "\\$&")).join("|")})`, "gi");
  return text.split(any).map((part, i) => (i % 2 === 1 ? el("mark", {}, part) : part));
}

// missingIn returns the words that do not occur in any of the texts.
export function missingIn(words, ...texts) {
  const text = texts.join("\n").toLowerCase();
  return words.filter((word) => !text.includes(word));
}

// foundIn returns where in a value one of the words occurs: the path of keys to it, and the text there, from a little before the word.
export function foundIn(value, words, path = "") {
  if (words.length === 0 || value == null) return undefined;
  if (typeof value === "object") {
    for (const [key, inner] of Object.entries(value)) {
      const found = foundIn(inner, words, path ? `${path}.${key}` : key);
      if (found) return found;
    }
    return undefined;
  }
  const text = String(value);
  const at = Math.max(...words.map((word) => text.toLowerCase().indexOf(word)));
  if (at < 0) return undefined;
  return { path, text: at > 30 ? `…${text.slice(at - 20)}` : text };
}

// json shows a value, or a text that may be JSON. Keys are not searched, so they are not marked.
export function json(value, words = []) {
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  if (words.length === 0) return el("pre", { tabindex: "0" }, text);
  const parts = [];
  let end = 0;
  for (const key of text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/g)) {
    if (!key[1]) continue;
    parts.push(marked(text.slice(end, key.index), words), key[0]);
    end = key.index + key[0].length;
  }
  return el("pre", { tabindex: "0" }, parts, marked(text.slice(end), words));
}
