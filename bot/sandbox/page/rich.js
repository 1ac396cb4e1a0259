// The blocks of a rich message as DOM. Nothing becomes HTML.

import { el } from "./dom.js";

const INLINE = { bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code", marked: "mark", subscript: "sub", superscript: "sup", spoiler: "span" };

export function richBlocks(blocks) {
  const fragment = document.createDocumentFragment();
  fragment.append(...blocks.map(block));
  return fragment;
}

function block(of) {
  switch (of.type) {
    case "heading":
      return el(`h${of.size}`, {}, said(of.text));
    case "pre":
      return el("pre", { "data-language": of.language ?? null }, el("code", {}, said(of.text)));
    case "divider":
      return el("hr");
    case "blockquote":
      return el("blockquote", {}, richBlocks(of.blocks));
    case "details":
      return el("details", { open: of.is_open ?? false }, el("summary", {}, said(of.summary)), richBlocks(of.blocks));
    case "mathematical_expression":
      return el("p", { class: "formula" }, el("code", {}, of.expression));
    case "list":
      return list(of.items);
    case "table":
      return el("div", { class: "table" }, el("table", {}, ...of.cells.map((row) => el("tr", {}, ...row.map(cell)))));
    default:
      return el("p", {}, said(of.text ?? ""));
  }
}

function list(items) {
  const isOrdered = items.some((item) => item.value !== undefined);
  return el(isOrdered ? "ol" : "ul", {}, ...items.map(listItem));
}

function listItem(item) {
  const box = item.has_checkbox ? el("span", { class: "box" }, item.is_checked ? "☑ " : "☐ ") : null;
  return el("li", { value: item.value === undefined ? null : String(item.value), class: box ? "task" : null }, box, richBlocks(item.blocks));
}

const cell = (of) => el(of.is_header ? "th" : "td", { style: `text-align:${of.align}` }, said(of.text ?? ""));

function said(text) {
  if (typeof text === "string") return text;
  const fragment = document.createDocumentFragment();
  if (Array.isArray(text)) fragment.append(...text.map(said));
  else if (text.type === "url" && /^https?:/i.test(text.url)) fragment.append(el("a", { href: text.url, target: "_blank", rel: "noopener noreferrer" }, said(text.text)));
  else if (text.type === "mathematical_expression") fragment.append(el("code", { class: "formula" }, text.expression));
  else fragment.append(el(INLINE[text.type] ?? "span", {}, said(text.text)));
  return fragment;
}
