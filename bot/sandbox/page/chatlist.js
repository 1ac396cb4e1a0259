// The left column: chats, their topics, the last message of each, what is unread.

import { post } from "./api.js";
import { guarded } from "./conversation.js";
import { ask, avatar, byId, clock, el } from "./dom.js";
import { isSelected, messagesOf, state, topicKey, writerIsIn } from "./state.js";

export function showChats(onSelect) {
  const shown = [...state.chats.values()].filter(writerIsIn).sort((a, b) => order(a) - order(b));
  const nodes = shown.map((chat) => (chat.has_topics ? forum(chat, onSelect) : flat(chat, onSelect)));
  byId("chat-list").replaceChildren(...nodes);
}

// Forums first, then the private chat, then the rest.
const order = (chat) => (chat.kind === "private" ? 1 : chat.has_topics ? 0 : 2);

function forum(chat, onSelect) {
  const general = { thread_id: null, name: "General", color: "var(--accent)", is_closed: false };
  const rows = [general, ...chat.topics].map((topic) => row({ chat, topic, mark: mark(topic), title: topic.name, onSelect }));
  const create = el("button", { class: "new-topic", type: "button", "data-testid": "new-topic", onclick: () => createTopic(chat, onSelect) }, "+ New topic");
  return el(
    "section",
    { class: "forum" },
    el("h2", {}, avatar(chat.kind === "private" ? state.bot.name : chat.title, chat.id), chat.kind === "private" ? state.bot.name : chat.title),
    ...rows,
    create,
  );
}

function flat(chat, onSelect) {
  const isPrivate = chat.kind === "private";
  const title = isPrivate ? state.bot.name : chat.title;
  const face = avatar(title, chat.id, { isBot: isPrivate });
  return row({ chat, topic: { thread_id: null }, mark: face, title, onSelect });
}

const mark = (topic) => el("span", { class: "hash", style: `--tone:${topic.color}`, "aria-hidden": "true" }, "#");

function row({ chat, topic, mark: face, title, onSelect }) {
  const messages = messagesOf(chat.id, topic.thread_id);
  const last = messages[messages.length - 1];
  const unread = state.unread.get(topicKey(chat.id, topic.thread_id)) ?? 0;
  const typing = state.typing.get(topicKey(chat.id, topic.thread_id));
  const isBusy = typing && typing.until > Date.now();
  return el(
    "button",
    {
      class: isSelected(chat.id, topic.thread_id) ? "row selected" : "row",
      type: "button",
      "data-testid": "topic-row",
      "data-topic": topicKey(chat.id, topic.thread_id),
      "aria-current": isSelected(chat.id, topic.thread_id) ? "true" : null,
      onclick: () => onSelect({ chat_id: chat.id, thread_id: topic.thread_id }),
    },
    face,
    el(
      "span",
      { class: "row-words" },
      el("span", { class: "row-top" }, el("strong", {}, title), topic.is_closed ? el("span", { class: "closed", title: "Closed" }, "closed") : null, last ? el("time", {}, clock(last.date)) : null),
      el(
        "span",
        { class: "row-bottom" },
        el("span", { class: isBusy ? "preview busy" : "preview" }, isBusy ? "typing…" : preview(last)),
        unread ? el("span", { class: "badge", "data-testid": "badge", "aria-label": `${unread} unread` }, String(unread)) : null,
      ),
    ),
  );
}

function preview(message) {
  if (!message) return "No messages yet";
  if (message.service) return message.service;
  const text = message.text.replace(/\s+/g, " ").slice(0, 90) || message.media?.name || "";
  return message.sender.is_bot ? text : `${message.sender.name}: ${text}`;
}

async function createTopic(chat, onSelect) {
  const name = await ask("Name of the new topic", { value: "", yes: "Create" });
  if (!name) return;
  const made = await guarded(post("topic", { writer: state.writer.key, chat_id: chat.id, action: "create", name }));
  if (made) onSelect({ chat_id: chat.id, thread_id: made.thread_id });
}
