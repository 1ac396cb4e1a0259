// The messages of the selected topic, kept in step with what happens.

import { post } from "./api.js";
import { ask, byId, el, toast } from "./dom.js";
import { messageNode } from "./message.js";
import { formatted } from "./text.js";
import { isSelected, messageKey, messagesOf, state, topicKey, topicOf } from "./state.js";

const list = byId("messages");
const toEnd = byId("to-end");
const VERBS = { typing: "is typing", upload_document: "is sending a file", upload_photo: "is sending a photo" };

export const deeds = {
  say: (text) => guarded(post("say", { writer: state.writer.key, ...state.selected, text })),
  react: (message, emoji) => {
    const mine = message.reactions.some((each) => each.user_id === state.writer.id && each.emoji === emoji);
    return guarded(post("react", { ...addressOf(message), emoji: mine ? "" : emoji }));
  },
  remove: (message) => guarded(post("delete", addressOf(message))),
  edit: async (message) => {
    const text = await ask("Edit the message", { value: message.text, yes: "Save" });
    if (text) await guarded(post("edit", { ...addressOf(message), text }));
  },
  forward: (message) => {
    state.forwarding = [...state.forwarding.filter((each) => each.chat_id === message.chat_id), message];
    document.dispatchEvent(new CustomEvent("replying"));
  },
  reply: (message) => {
    const marked = String(document.getSelection() ?? "").trim(); // what is marked in it is quoted
    state.quote = marked && message.text.includes(marked) ? marked : "";
    state.replyTo = message.message_id;
    document.dispatchEvent(new CustomEvent("replying"));
  },
  jump: (messageId) => {
    const node = list.querySelector(`[data-id="${messageId}"]`);
    node?.scrollIntoView({ block: "center", behavior: "smooth" });
    if (node) flash(node);
  },
};

const addressOf = (message) => ({ writer: state.writer.key, chat_id: message.chat_id, message_id: message.message_id });

export async function guarded(promise) {
  try {
    return await promise;
  } catch (error) {
    toast(error.message, { bad: true });
    return null;
  }
}

const isAtEnd = () => list.scrollHeight - list.scrollTop - list.clientHeight < 80;
export const scrollToEnd = () => { list.scrollTop = list.scrollHeight; };

export function showConversation() {
  if (state.selected === null) return list.replaceChildren();
  const messages = messagesOf(state.selected.chat_id, state.selected.thread_id);
  const nodes = messages.map((message, at) => messageNode(message, messages[at - 1] ?? null, deeds));
  list.replaceChildren(...(nodes.length ? nodes : [el("p", { class: "empty" }, "Nothing has been said here yet.")]), el("div", { id: "unfinished" }));
  scrollToEnd();
  showHead();
  showUnfinished();
  return undefined;
}

export function addMessage(message) {
  const stays = isAtEnd() || message.sender.id === state.writer?.id;
  list.querySelector(".empty")?.remove();
  const all = messagesOf(message.chat_id, message.thread_id);
  const node = messageNode(message, all[all.length - 2] ?? null, deeds);
  node.classList.add("arriving");
  list.insertBefore(node, byId("unfinished"));
  if (stays) scrollToEnd();
}

export function replaceMessage(message, { isVisible }) {
  const old = list.querySelector(`[data-id="${message.message_id}"]`);
  if (old === null) return;
  const stays = isAtEnd();
  const all = messagesOf(message.chat_id, message.thread_id);
  const at = all.findIndex((each) => each.message_id === message.message_id);
  const node = messageNode(message, all[at - 1] ?? null, deeds);
  old.replaceWith(node);
  if (isVisible) flash(node);
  if (stays) scrollToEnd();
}

export function removeMessages(ids) {
  for (const id of ids) {
    const node = list.querySelector(`[data-id="${id}"]`);
    node?.classList.add("leaving");
    if (node) setTimeout(() => node.remove(), 200);
  }
}

function flash(node) {
  node.classList.remove("flash");
  void node.offsetWidth; // begins the animation again
  node.classList.add("flash");
}

// The line under the title: what the bot does now, else where we are.
export function showHead() {
  if (state.selected === null) return;
  const { chat_id, thread_id } = state.selected;
  const chat = state.chats.get(chat_id);
  const topic = topicOf(chat_id, thread_id);
  const title = chat.kind === "private" ? state.bot.name : topic?.name ?? (chat.has_topics ? "General" : chat.title);
  byId("topic-title").textContent = title;
  document.title = `${title} · topicd sandbox`;
  byId("topic-mark").style.background = topic?.color ?? "var(--accent)";
  byId("topic-mark").textContent = chat.kind === "private" ? "" : chat.has_topics ? "#" : chat.title.slice(0, 1);
  const typing = state.typing.get(topicKey(chat_id, thread_id));
  const sub = byId("topic-sub");
  if (typing && typing.until > Date.now()) {
    sub.replaceChildren(`${state.bot.name} ${VERBS[typing.action] ?? "is busy"}`, el("span", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i")));
    sub.className = "busy";
  } else {
    sub.className = "";
    const people = chat.members.length === 1 ? "1 member" : `${chat.members.length} members`;
    sub.textContent = chat.kind === "private" ? "bot" : topic?.is_closed ? `${chat.title} · closed` : chat.has_topics ? `${chat.title} · topic` : people;
  }
}

export function showUnfinished() {
  const place = byId("unfinished");
  if (place === null || state.selected === null) return;
  const draft = state.drafts.get(topicKey(state.selected.chat_id, state.selected.thread_id));
  const isShown = draft && draft.until > Date.now();
  const stays = isAtEnd();
  place.replaceChildren(...(isShown ? [draftNode(draft)] : []));
  if (isShown && stays) scrollToEnd();
}

function draftNode(draft) {
  const words = draft.text ? formatted(draft.text, draft.entities, { key: `draft/${draft.draft_id}`, onCommand: deeds.say }) : "Thinking…";
  const stop = () => guarded(post("stop_draft", { writer: state.writer.key, ...state.selected }));
  return el(
    "div",
    { class: "draft", "data-testid": "draft" },
    el("div", { class: "text", "data-testid": "draft-text" }, words),
    draft.can_stop ? el("button", { type: "button", class: "draft-stop", "data-testid": "draft-stop", title: "Stop", onclick: stop }, "■ Stop") : null,
  );
}

list.addEventListener("scroll", () => { toEnd.hidden = isAtEnd(); });
toEnd.addEventListener("click", scrollToEnd);

export { isSelected, messageKey };
