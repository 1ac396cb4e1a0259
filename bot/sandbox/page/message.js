// One message as an element.

import { post } from "./api.js";
import { avatar, clock, el, nameColour, size, tell, toast } from "./dom.js";
import { richBlocks } from "./rich.js";
import { messageKey, state } from "./state.js";
import { copyText, formatted } from "./text.js";

export function messageNode(message, previous, deeds) {
  const key = messageKey(message);
  if (message.service) {
    return el("div", { class: "service", "data-testid": "service", "data-id": String(message.message_id) }, el("span", {}, message.service));
  }
  const isOwn = message.sender.id === state.writer?.id;
  const follows = previous !== null && !previous.service && previous.sender.id === message.sender.id && message.date - previous.date < 600;
  const bubble = el(
    "div",
    { class: "bubble" },
    follows || isOwn ? null : el("div", { class: "sender", style: `color:${message.sender.is_bot ? "var(--accent-text)" : nameColour(message.sender.id)}` }, message.sender.name, message.sender.is_bot ? el("span", { class: "tag" }, "bot") : null),
    message.forwarded_from ? el("div", { class: "forwarded" }, `Forwarded from ${message.forwarded_from}`) : null,
    quoteOf(message, deeds),
    mediaOf(message),
    bodyOf(message, key, deeds),
    reactionsOf(message, deeds),
    el(
      "div",
      { class: "meta" },
      message.is_rich ? el("span", { title: "Sent as a rich message" }, "rich") : null,
      message.is_edited ? el("span", { "data-testid": "edited" }, "edited") : null,
      message.is_silent ? el("span", { class: "silent", title: "Sent without a sound" }, "silent") : null,
      el("time", {}, clock(message.date)),
    ),
  );
  const classes = ["message", isOwn ? "own" : "", follows ? "follows" : "", message.sender.is_bot ? "by-bot" : ""];
  return el(
    "article",
    { class: classes.filter(Boolean).join(" "), "data-testid": "message", "data-id": String(message.message_id), "data-key": key },
    isOwn ? null : follows ? el("span", { class: "avatar-gap" }) : avatar(message.sender.name, message.sender.id, { isBot: message.sender.is_bot }),
    el("div", { class: "column" }, bubble, keyboardOf(message)),
    toolsOf(message, isOwn, deeds),
  );
}

function bodyOf(message, key, deeds) {
  if (message.blocks) return el("div", { class: "text rich", "data-testid": "text-of-message" }, richBlocks(message.blocks));
  if (!message.text) return null;
  return el("div", { class: "text", "data-testid": "text-of-message" }, formatted(message.text, message.is_rich ? [] : message.entities, { key, onCommand: deeds.say }));
}

function quoteOf(message, deeds) {
  if (message.reply_to === null) return null;
  const target = state.messages.get(`${message.chat_id}/${message.reply_to}`);
  const text = message.quote || target?.text || target?.media?.name || target?.service || "Deleted message";
  return el(
    "button",
    { class: "quote", type: "button", "data-testid": "quote", onclick: () => deeds.jump(message.reply_to) },
    el("strong", {}, target?.sender.name ?? "Reply"),
    el("span", {}, text.slice(0, 160)),
  );
}

function mediaOf({ media }) {
  if (!media) return null;
  if (media.kind === "photo") return el("a", { href: media.url, target: "_blank", class: "photo" }, el("img", { src: media.url, alt: media.name, loading: "lazy" }));
  if (media.kind === "sticker") return el("span", { class: "sticker" }, media.emoji);
  return el(
    "a",
    { href: media.url, download: media.name, class: "file", "data-testid": "document" },
    el("span", { class: "file-icon", "aria-hidden": "true" }, ["voice", "audio"].includes(media.kind) ? "♪" : "↓"),
    el("span", { class: "file-words" }, el("strong", {}, media.name), el("span", {}, size(media.size))),
  );
}

function reactionsOf(message, deeds) {
  if (message.reactions.length === 0) return null;
  const counted = new Map();
  for (const { emoji, user_id } of message.reactions) counted.set(emoji, [...(counted.get(emoji) ?? []), user_id]);
  const chips = [...counted].map(([emoji, who]) =>
    el(
      "button",
      { class: who.includes(state.writer?.id) ? "reaction mine" : "reaction", type: "button", "data-testid": "reaction", "aria-label": `Reaction ${emoji}`, onclick: () => deeds.react(message, emoji) },
      emoji,
      who.length > 1 ? ` ${who.length}` : who[0] === state.bot.id ? el("img", { src: "/page/icon.svg", alt: "" }) : null,
    ),
  );
  return el("div", { class: "reactions" }, ...chips);
}

function keyboardOf(message) {
  if (message.keyboard.length === 0) return null;
  const rows = message.keyboard.map((row) => el("div", { class: "keys" }, ...row.map((button) => keyOf(message, button))));
  return el("div", { class: "keyboard" }, ...rows);
}

function keyOf(message, button) {
  const node = el("button", { class: `key ${button.style ?? ""}`, type: "button", "data-testid": "key", disabled: Boolean(button.disabled) }, el("span", {}, button.text));
  node.addEventListener("click", async () => {
    if (button.url) return void window.open(button.url, "_blank", "noopener");
    if (button.copy_text) return void copyText(button.copy_text.text);
    if (!button.callback_data || node.classList.contains("waiting")) return undefined;
    node.classList.add("waiting");
    node.setAttribute("aria-busy", "true");
    try {
      const body = { writer: state.writer.key, chat_id: message.chat_id, message_id: message.message_id, data: button.callback_data };
      const answer = await post("press", body);
      if (!answer.answered) toast("The bot did not answer the button", { bad: true });
      else if (answer.text && answer.alert) tell(answer.text);
      else if (answer.text) toast(answer.text);
    } catch (error) {
      toast(error.message, { bad: true });
    }
    node.classList.remove("waiting");
    node.removeAttribute("aria-busy");
    return undefined;
  });
  return node;
}

function toolsOf(message, isOwn, deeds) {
  const tool = (label, sign, onclick, testid) => el("button", { type: "button", "aria-label": label, title: label, "data-testid": testid, onclick }, sign);
  return el(
    "div",
    { class: "tools" },
    tool("Reply", "↩", () => deeds.reply(message), "reply"),
    tool("Forward", "↪", () => deeds.forward(message), "forward"),
    tool("React with thumbs up", "👍", () => deeds.react(message, "👍"), "react"),
    isOwn ? tool("Edit", "✎", () => deeds.edit(message), "edit") : null,
    isOwn ? tool("Delete", "✕", () => deeds.remove(message), "delete") : null,
  );
}
