// Where people write: as whom, in answer to what, with commands suggested and files attached.

import { post, postFiles } from "./api.js";
import { guarded } from "./conversation.js";
import { avatar, byId, el } from "./dom.js";
import { state, topicOf } from "./state.js";

const text = byId("text");
const popup = byId("commands");
let active = 0;

export function showWriters(onSwitch) {
  const buttons = state.writers.map((writer) =>
    el(
      "button",
      { class: "writer", type: "button", role: "radio", "aria-checked": String(writer.key === state.writer?.key), "data-testid": `writer-${writer.key}`, onclick: () => onSwitch(writer) },
      avatar(writer.name, writer.id),
      writer.name,
    ),
  );
  byId("writers").replaceChildren(el("span", { class: "as" }, "Write as"), ...buttons);
}

export function showComposer() {
  if (state.selected === null) return;
  const topic = topicOf(state.selected.chat_id, state.selected.thread_id);
  const isClosed = topic?.is_closed ?? false;
  text.disabled = isClosed;
  text.placeholder = isClosed ? "This topic is closed" : `Message as ${state.writer?.name ?? "…"}`;
  showReplying();
}

function showReplying() {
  const bar = byId("replying");
  if (state.forwarding.length) return showForwarding(bar);
  const target = state.replyTo === null ? null : state.messages.get(`${state.selected.chat_id}/${state.replyTo}`);
  bar.hidden = !target;
  if (!target) return;
  bar.replaceChildren(
    el("span", { class: "replying-words" }, el("strong", {}, `Reply to ${target.sender.name}`), el("span", {}, (state.quote || target.text || target.media?.name || "").slice(0, 120))),
    el("button", { class: "icon-button", type: "button", "aria-label": "Do not reply", onclick: () => { state.replyTo = null; showReplying(); } }, "✕"),
  );
  text.focus();
}

function showForwarding(bar) {
  const count = state.forwarding.length;
  const words = count === 1 ? "Forward this message" : `Forward ${count} messages`;
  bar.hidden = false;
  bar.replaceChildren(
    el("span", { class: "replying-words" }, el("strong", {}, words), el("span", {}, "Open a topic, add a comment if you like, and send")),
    el("button", { class: "icon-button", type: "button", "aria-label": "Do not forward", onclick: () => { state.forwarding = []; showReplying(); } }, "✕"),
  );
  text.focus();
}

async function forward(said) {
  const { writer, selected, forwarding } = state;
  state.forwarding = [];
  text.value = "";
  grow();
  showReplying();
  const ids = forwarding.map((each) => each.message_id);
  await guarded(post("forward", { writer: writer.key, ...selected, text: said, from_chat_id: forwarding[0].chat_id, message_ids: ids }));
}

async function send() {
  const said = text.value.trim();
  if (state.forwarding.length && state.selected !== null) return forward(said);
  if (!said || state.selected === null) return;
  const body = { writer: state.writer.key, ...state.selected, text: said, reply_to: state.replyTo, quote: state.quote };
  text.value = "";
  state.replyTo = null;
  state.quote = "";
  grow();
  showReplying();
  hideCommands();
  await guarded(post("say", body));
}

async function attach(files) {
  if (!files?.length || state.selected === null) return;
  const fields = { writer: state.writer.key, ...state.selected, text: text.value.trim(), reply_to: state.replyTo };
  text.value = "";
  state.replyTo = null;
  grow();
  showReplying();
  await guarded(postFiles(fields, files));
}

function grow() {
  text.style.height = "auto";
  text.style.height = `${Math.min(text.scrollHeight, 220)}px`;
}

// Commands

function suggestions() {
  const match = /^\/(\w*)$/.exec(text.value);
  return match === null ? [] : state.commands.filter((each) => each.command.startsWith(match[1].toLowerCase()));
}

function showCommands() {
  const found = suggestions();
  popup.hidden = found.length === 0;
  active = Math.min(active, Math.max(found.length - 1, 0));
  popup.replaceChildren(
    ...found.map((each, at) =>
      el(
        "button",
        { class: at === active ? "command active" : "command", type: "button", role: "option", "aria-selected": String(at === active), "data-testid": "command", onclick: () => take(each) },
        el("strong", {}, `/${each.command}`),
        el("span", {}, each.description),
      ),
    ),
  );
  popup.querySelector(".active")?.scrollIntoView({ block: "nearest" });
}

function hideCommands() {
  popup.hidden = true;
  active = 0;
}

function take(command) {
  text.value = `/${command.command} `;
  hideCommands();
  text.focus();
}

function onKey(event) {
  const found = popup.hidden ? [] : suggestions();
  if (found.length && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    event.preventDefault();
    active = (active + (event.key === "ArrowDown" ? 1 : -1) + found.length) % found.length;
    showCommands();
  } else if (found.length && event.key === "Tab") {
    event.preventDefault();
    take(found[active]);
  } else if (event.key === "Escape") {
    hideCommands();
  } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    // A command that is typed out is meant; one that is only begun is completed.
    if (found.length && text.value !== `/${found[active].command}`) take(found[active]);
    else send();
  }
}

text.addEventListener("input", () => { grow(); active = 0; showCommands(); });
text.addEventListener("keydown", onKey);
byId("composer").addEventListener("submit", (event) => { event.preventDefault(); send(); });
byId("file").addEventListener("change", async (event) => { await attach([...event.target.files]); event.target.value = ""; });
document.addEventListener("replying", showReplying);
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => { event.preventDefault(); attach([...(event.dataTransfer?.files ?? [])]); });
