// What the page knows. Views read it and are told by name what changed.

export const state = {
  bot: { id: 0, name: "topicd", username: "" },
  writers: [],
  writer: null,
  chats: new Map(),
  messages: new Map(), // "chat/id" → message
  commands: [],
  weather: {},
  process: null,
  groupPerMinute: 20,
  selected: null, // { chat_id, thread_id }
  unread: new Map(), // topic key → count
  typing: new Map(), // topic key → { until, action }
  drafts: new Map(), // topic key → { until, text, can_stop, … }
  spent: new Map(), // chat id → [{ at, outcome }]
  replyTo: null,
  quote: "",
  forwarding: [],
  opened: new Set(), // expanded quotes and spoilers, which live edits must not close
};

export const DRAFT_MS = 30_000; // as long as Telegram shows one after its last frame
export const topicKey = (chatId, threadId) => `${chatId}/${threadId ?? "-"}`;
export const messageKey = (message) => `${message.chat_id}/${message.message_id}`;

export function isSelected(chatId, threadId) {
  const now = state.selected;
  return now !== null && now.chat_id === chatId && (now.thread_id ?? null) === (threadId ?? null);
}

export function topicOf(chatId, threadId) {
  return state.chats.get(chatId)?.topics.find((topic) => topic.thread_id === threadId) ?? null;
}

export function messagesOf(chatId, threadId) {
  const found = [];
  for (const message of state.messages.values()) {
    if (message.chat_id === chatId && (message.thread_id ?? null) === (threadId ?? null)) found.push(message);
  }
  return found.sort((a, b) => a.message_id - b.message_id);
}

export function writerIsIn(chat) {
  return state.writer !== null && (chat.kind === "private" ? chat.id === state.writer.id : chat.members.includes(state.writer.id));
}

export function keepDraft(draft) {
  state.drafts.set(topicKey(draft.chat_id, draft.thread_id), { ...draft, until: Date.now() + DRAFT_MS });
}

export function load(snapshot) {
  state.bot = snapshot.bot;
  state.writers = snapshot.writers;
  state.writer = state.writers.find((each) => each.key === state.writer?.key) ?? state.writers[0] ?? null;
  state.chats = new Map(snapshot.chats.map((chat) => [chat.id, chat]));
  state.messages = new Map(snapshot.messages.map((message) => [messageKey(message), message]));
  state.drafts = new Map();
  for (const draft of snapshot.drafts) keepDraft(draft);
  state.commands = snapshot.commands;
  state.weather = snapshot.weather;
  state.process = snapshot.process;
  state.groupPerMinute = snapshot.group_per_minute;
  const now = Date.now();
  state.spent = new Map(Object.entries(snapshot.spent).map(([id, n]) => [Number(id), Array.from({ length: n }, () => ({ at: now, outcome: "ok" }))]));
}
