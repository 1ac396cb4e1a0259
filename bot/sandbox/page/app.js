// Puts the parts together: news in, views out.

import { listen, post } from "./api.js";
import { showChats } from "./chatlist.js";
import { chatMenu } from "./chatmenu.js";
import { showComposer, showWriters } from "./composer.js";
import { addMessage, guarded, removeMessages, replaceMessage, showConversation, showHead, showUnfinished } from "./conversation.js";
import { ask, byId, el } from "./dom.js";
import { showBot, showMeters, showWeather } from "./drawer.js";
import { DRAFT_MS, isSelected, keepDraft, load, messageKey, state, topicKey, topicOf, writerIsIn } from "./state.js";

const TYPING_MS = 5500;
const app = byId("app");

function select(place) {
  state.selected = place;
  state.replyTo = null;
  state.unread.delete(topicKey(place.chat_id, place.thread_id));
  history.replaceState(null, "", `#${topicKey(place.chat_id, place.thread_id)}`);
  app.classList.add("reading");
  showConversation();
  showComposer();
  showActions();
  list();
}

let isListDue = false;
function list() {
  if (isListDue) return;
  isListDue = true;
  requestAnimationFrame(() => { isListDue = false; showChats(select); });
}

function placeFromAddress() {
  const match = /^#(-?\d+)\/(-|\d+)$/.exec(location.hash);
  if (!match) return null;
  const place = { chat_id: Number(match[1]), thread_id: match[2] === "-" ? null : Number(match[2]) };
  return exists(place) ? place : null;
}

function exists({ chat_id, thread_id }) {
  const chat = state.chats.get(chat_id);
  return chat !== undefined && writerIsIn(chat) && (thread_id === null || topicOf(chat_id, thread_id) !== null);
}

function firstPlace() {
  const chat = [...state.chats.values()].find((each) => each.topics.length > 0 && writerIsIn(each)) ?? [...state.chats.values()].find(writerIsIn);
  return chat ? { chat_id: chat.id, thread_id: chat.topics[0]?.thread_id ?? null } : null;
}

function begin(snapshot) {
  const wasReading = app.classList.contains("reading");
  load(snapshot);
  showWriters(switchWriter);
  showWeather();
  showBot();
  showMeters();
  const kept = state.selected !== null && exists(state.selected) ? state.selected : null;
  const place = kept ?? placeFromAddress() ?? firstPlace();
  if (place) select(place);
  app.classList.toggle("reading", wasReading || location.hash !== "");
  app.dataset.ready = "true";
}

function switchWriter(writer) {
  state.writer = writer;
  showWriters(switchWriter);
  const place = state.selected !== null && exists(state.selected) ? state.selected : firstPlace();
  if (place) select(place);
  byId("text").focus();
}

function showActions() {
  const { chat_id, thread_id } = state.selected;
  const topic = topicOf(chat_id, thread_id);
  const deed = (action, extra = {}) => guarded(post("topic", { writer: state.writer.key, chat_id, thread_id, action, ...extra }));
  const button = (label, testid, onclick) => el("button", { type: "button", "data-testid": testid, onclick }, label);
  const rename = async () => {
    const name = await ask("New name of the topic", { value: topic.name, yes: "Rename" });
    if (name) await deed("rename", { name });
  };
  const remove = async () => {
    if (await ask(`Delete “${topic.name}” with all its messages?`, { yes: "Delete", danger: true })) await deed("delete");
  };
  byId("topic-actions").replaceChildren(
    ...(topic === null
      ? chatMenu(state.chats.get(chat_id), select)
      : [
          el(
            "details",
            { class: "menu" },
            el("summary", { "aria-label": "Topic", "data-testid": "topic-menu" }, "⋯"),
            el("div", { class: "menu-items" }, button("Rename", "topic-rename", rename), button(topic.is_closed ? "Reopen" : "Close", "topic-close", () => deed(topic.is_closed ? "reopen" : "close")), button("Delete", "topic-delete", remove)),
          ),
        ]),
  );
}

const HANDLERS = {
  snapshot: begin,
  posted: ({ message }) => {
    state.messages.set(messageKey(message), message);
    const key = topicKey(message.chat_id, message.thread_id);
    if (message.sender.is_bot) {
      state.typing.delete(key);
      state.drafts.delete(key);
    }
    if (isSelected(message.chat_id, message.thread_id)) {
      addMessage(message);
      showHead();
      showUnfinished();
    } else if (!message.service && message.sender.id !== state.writer?.id) {
      state.unread.set(key, (state.unread.get(key) ?? 0) + 1);
    }
    list();
  },
  edited: ({ message, is_visible }) => {
    state.messages.set(messageKey(message), message);
    if (isSelected(message.chat_id, message.thread_id)) replaceMessage(message, { isVisible: is_visible });
    list();
  },
  deleted: ({ chat_id, message_ids }) => {
    for (const id of message_ids) state.messages.delete(`${chat_id}/${id}`);
    if (state.selected?.chat_id === chat_id) removeMessages(message_ids);
    list();
  },
  chat: ({ chat }) => {
    state.chats.set(chat.id, chat);
    if (state.selected?.chat_id === chat.id) {
      if (exists(state.selected)) {
        showHead();
        showComposer();
        showActions();
      } else {
        select(firstPlace());
      }
    }
    list();
  },
  action: ({ chat_id, thread_id, action }) => {
    state.typing.set(topicKey(chat_id, thread_id), { until: Date.now() + TYPING_MS, action });
    showHead();
    list();
    setTimeout(() => { showHead(); list(); }, TYPING_MS + 50);
  },
  draft: (draft) => {
    keepDraft(draft);
    showUnfinished();
    setTimeout(showUnfinished, DRAFT_MS + 50);
  },
  draft_stopped: (draft) => {
    const key = topicKey(draft.chat_id, draft.thread_id);
    const shown = state.drafts.get(key);
    if (shown?.draft_id !== draft.draft_id) return;
    if (draft.keep_on_stop) shown.can_stop = false;
    else state.drafts.delete(key);
    showUnfinished();
  },
  commands: ({ commands }) => { state.commands = commands; },
  weather: ({ weather }) => { state.weather = weather; showWeather(); },
  bot: ({ bot }) => { state.process = bot; showBot(); },
  call: ({ chat_id, outcome, spends }) => {
    if (!spends) return;
    state.spent.set(chat_id, [...(state.spent.get(chat_id) ?? []), { at: Date.now(), outcome }]);
    showMeters();
  },
};

function connected(isUp) {
  const node = byId("link-state");
  node.textContent = isUp ? "" : "reconnecting…";
  node.className = isUp ? "link-state up" : "link-state down";
}

function setDrawer(isOpen) {
  byId("drawer").hidden = !isOpen;
  app.classList.toggle("with-drawer", isOpen);
  byId("drawer-toggle").setAttribute("aria-expanded", String(isOpen));
}

byId("drawer-toggle").addEventListener("click", () => setDrawer(byId("drawer").hidden));
byId("back").addEventListener("click", () => { app.classList.remove("reading"); history.replaceState(null, "", "#"); });
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target) || event.target.closest(".menu-items")) menu.open = false;
});
setDrawer(window.matchMedia("(min-width: 1180px)").matches);
setInterval(showMeters, 2000);
listen((event) => HANDLERS[event.type]?.(event), connected);
