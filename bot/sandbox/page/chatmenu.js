// What can be done to a chat itself: the bot's rights there, General, becoming a forum.

import { post } from "./api.js";
import { guarded } from "./conversation.js";
import { ask, el } from "./dom.js";
import { state } from "./state.js";

export function chatMenu(chat, onSelect) {
  if (!chat || chat.kind === "private") return [];
  const deed = async (action, extra = {}) => {
    const done = await guarded(post("chat", { writer: state.writer.key, chat_id: chat.id, action, ...extra }));
    if (done?.chat_id) onSelect({ chat_id: done.chat_id, thread_id: null });
  };
  const item = (label, action) => el("button", { type: "button", "data-testid": `chat-${action.replaceAll("_", "-")}`, onclick: () => deed(action) }, label);
  const speak = async () => {
    const text = await ask("Say as an anonymous admin", { value: "", yes: "Say" });
    if (text) await deed("anonymous", { text });
  };
  const general = chat.general?.is_closed ? ["Reopen General", "general_reopen"] : ["Close General", "general_close"];
  const hidden = chat.general?.is_hidden ? ["Show General", "general_show"] : ["Hide General", "general_hide"];
  const items = [
    ...(chat.has_topics ? [item(...general), item(...hidden)] : []),
    ...(chat.kind === "group" ? [item("Turn topics on", "topics_on")] : []),
    item("Bot: administrator", "bot_admin"),
    ...(chat.has_topics ? [item("Bot: may not manage topics", "bot_no_topics")] : []),
    item("Bot: member", "bot_member"),
    item("Bot: mute", "bot_mute"),
    item("Bot: remove", "bot_remove"),
    el("button", { type: "button", "data-testid": "chat-anonymous", onclick: speak }, "Speak as the group"),
    item("New group", "found_group"),
  ];
  return [
    el("details", { class: "menu" }, el("summary", { "aria-label": "Chat", "data-testid": "chat-menu" }, "⋯"), el("div", { class: "menu-items" }, ...items)),
  ];
}
