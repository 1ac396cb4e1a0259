// Text with entities as DOM. Offsets count UTF-16 units, as JavaScript's strings do. Nothing becomes HTML.

import { el, toast } from "./dom.js";
import { state } from "./state.js";

const SIMPLE = { bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code" };

export function formatted(text, entities, { key, onCommand }) {
  const sorted = entities
    .map((entity, index) => ({ ...entity, index, end: entity.offset + entity.length }))
    .sort((a, b) => a.offset - b.offset || b.end - a.end || rank(a) - rank(b));
  return build(text, 0, text.length, sorted, { key, onCommand });
}

// Of entities on the same range, the block is outside.
const rank = (entity) => (entity.type.endsWith("blockquote") ? 0 : entity.type === "pre" ? 1 : 2);

function build(text, from, to, entities, context) {
  const fragment = document.createDocumentFragment();
  let at = from;
  let i = 0;
  while (i < entities.length) {
    const entity = entities[i];
    const start = Math.max(entity.offset, at);
    const end = Math.min(entity.end, to);
    i += 1;
    if (end <= start) continue;
    const inside = [];
    while (i < entities.length && entities[i].offset < end) inside.push(entities[i++]);
    if (start > at) fragment.append(plain(text.slice(at, start), isBlock(entity)));
    fragment.append(element(entity, text.slice(start, end), build(text, start, end, inside, context), context));
    // What reaches over the end of this one goes on behind it.
    const rest = inside.filter((each) => each.end > end);
    entities = [...rest, ...entities.slice(i)];
    i = 0;
    at = end;
    for (let newlines = 0; isBlock(entity) && newlines < 2 && text[at] === "\n"; newlines += 1) at += 1;
  }
  if (at < to) fragment.append(text.slice(at, to));
  return fragment;
}

const isBlock = (entity) => entity.type === "pre" || entity.type.endsWith("blockquote");

// A block breaks the line by itself.
const plain = (piece, beforeBlock) => (beforeBlock && piece.endsWith("\n") ? piece.slice(0, -1) : piece);

function element(entity, covered, inner, context) {
  if (entity.type in SIMPLE) return el(SIMPLE[entity.type], {}, inner);
  switch (entity.type) {
    case "pre":
      return block(entity, covered, inner);
    case "blockquote":
      return el("blockquote", {}, inner);
    case "expandable_blockquote":
      return expandable(entity, covered, inner, context);
    case "spoiler":
      return spoiler(entity, inner, context);
    case "text_link":
      return link(entity.url, inner);
    case "url":
      return link(covered, inner);
    case "bot_command":
      return el("button", { class: "command-link", type: "button", onclick: () => context.onCommand(covered) }, inner);
    case "mention":
    case "hashtag":
    case "text_mention":
      return el("span", { class: "mention" }, inner);
    default:
      return el("span", {}, inner);
  }
}

function block(entity, covered, inner) {
  const copy = el("button", { class: "copy", type: "button", "aria-label": "Copy the code", onclick: () => copyText(covered) }, "Copy");
  const head = el("div", { class: "pre-head" }, el("span", {}, entity.language || "text"), copy);
  return el("div", { class: "pre", "data-testid": "pre", "data-language": entity.language || null }, head, el("pre", {}, el("code", {}, inner)));
}

export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast("Copied");
  } catch {
    toast("The browser did not let the page copy", { bad: true });
  }
}

function expandable(entity, covered, inner, { key }) {
  const name = `${key}#${entity.index}`;
  const isShort = covered.split("\n").length <= 3 && covered.length < 160;
  const node = el("blockquote", { class: isShort || state.opened.has(name) ? "expandable open" : "expandable", "data-testid": "expandable" }, inner);
  if (isShort) return node;
  const toggle = el(
    "button",
    {
      class: "unfold",
      type: "button",
      "aria-expanded": String(state.opened.has(name)),
      onclick: () => {
        const isOpen = node.classList.toggle("open");
        toggle.setAttribute("aria-expanded", String(isOpen));
        toggle.textContent = isOpen ? "Show less" : "Show more";
        isOpen ? state.opened.add(name) : state.opened.delete(name);
      },
    },
    state.opened.has(name) ? "Show less" : "Show more",
  );
  node.append(toggle);
  return node;
}

function spoiler(entity, inner, { key }) {
  const name = `${key}#${entity.index}`;
  const show = () => { state.opened.add(name); node.classList.add("open"); };
  const node = el("span", { class: state.opened.has(name) ? "spoiler open" : "spoiler", role: "button", tabindex: "0", title: "Show", "data-testid": "spoiler", onclick: show, onkeydown: (event) => { if (event.key === "Enter") show(); } }, inner);
  return node;
}

function link(address, inner) {
  const url = /^[a-z][a-z0-9+.-]*:/i.test(address) ? address : `http://${address}`;
  if (!/^https?:/i.test(url)) return el("span", { class: "mention" }, inner);
  return el("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, inner);
}
