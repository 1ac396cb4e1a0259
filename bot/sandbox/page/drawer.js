// The right column: the bot's process, Telegram's weather, what the bot spent of Telegram's limits.

import { post } from "./api.js";
import { guarded } from "./conversation.js";
import { byId, el } from "./dom.js";
import { state } from "./state.js";

const SWITCHES = [
  ["strict_limits", "Strict limits", "Refuse with 429 what is over Telegram's limits. Off: only count it."],
  ["outage", "Outage", "Telegram is gone: every connection breaks."],
  ["lost_replies", "Lost replies", "Each fourth message arrives, but the bot is not told."],
  ["bad_gateway", "502 pages", "Each fourth call gets a page of HTML."],
  ["slow", "Slow", "Messages take two seconds longer."],
  ["no_rich", "No rich messages", "As a server that is too old for them."],
  ["odd_updates", "Tomorrow's API", "Updates have fields that no one knows yet."],
];

export function showWeather() {
  const rows = SWITCHES.map(([name, title, words]) =>
    el(
      "label",
      { class: "switch" },
      el("span", { class: "switch-words" }, el("strong", {}, title), el("span", {}, words)),
      el("input", {
        type: "checkbox",
        role: "switch",
        "data-testid": `switch-${name}`,
        checked: Boolean(state.weather[name]),
        onchange: (event) => guarded(post("weather", { switch: name, on: event.target.checked })),
      }),
    ),
  );
  byId("weather-panel").replaceChildren(el("h2", {}, "Telegram's weather"), ...rows);
  const bad = SWITCHES.filter(([name]) => name !== "strict_limits" && state.weather[name]).map(([, title]) => title);
  byId("banner").hidden = bad.length === 0;
  byId("banner").textContent = `Bad weather: ${bad.join(", ")}`;
}

export function showBot() {
  const panel = byId("bot-panel");
  const process = state.process;
  panel.hidden = process === null;
  if (process === null) return;
  const isRunning = process.state === "running";
  const isDown = process.state === "stopped";
  const ended = process.exit_code === null ? "" : process.exit_code < 0 ? ` (signal ${-process.exit_code})` : ` (exit ${process.exit_code})`;
  const words = { running: `Running, pid ${process.pid}`, stopping: "Stopping…", stopped: `Not running${ended}` }[process.state];
  const drive = (action) => () => guarded(post("bot", { action }));
  panel.replaceChildren(
    el("h2", {}, "Bot"),
    el("p", { class: `bot-state ${process.state}`, "data-testid": "bot-state" }, el("i", { "aria-hidden": "true" }), words),
    el(
      "div",
      { class: "bot-keys" },
      el("button", { class: "danger", type: "button", "data-testid": "bot-kill", disabled: isDown, onclick: drive("kill") }, "Kill -9"),
      el("button", { type: "button", "data-testid": "bot-stop", disabled: !isRunning, onclick: drive("stop") }, "Stop"),
      el("button", { class: "primary", type: "button", "data-testid": "bot-start", disabled: !isDown, onclick: drive("start") }, "Start"),
    ),
  );
}

export function showMeters() {
  const now = Date.now();
  const rows = [];
  for (const chat of state.chats.values()) {
    const spent = (state.spent.get(chat.id) ?? []).filter((each) => now - each.at < 60_000);
    state.spent.set(chat.id, spent);
    const passed = spent.filter((each) => each.outcome !== 429).length;
    const refused = spent.length - passed;
    const isGroup = chat.kind === "group" || chat.kind === "supergroup";
    if (!isGroup && spent.length === 0) continue;
    const limit = isGroup ? state.groupPerMinute : 60;
    const share = Math.min(100, (100 * passed) / limit);
    rows.push(
      el(
        "div",
        { class: "meter", "data-testid": "meter", "data-chat": String(chat.id) },
        el("span", {}, chat.kind === "private" ? `${chat.title}, private` : chat.title),
        el("span", { class: "numbers" }, `${passed} / ${limit}`, refused ? el("b", {}, ` ${refused}× 429`) : null),
        el("div", { class: "bar" }, el("i", { style: `width:${share}%`, class: share > 90 ? "full" : "" })),
      ),
    );
  }
  byId("meter-panel").replaceChildren(el("h2", {}, "Messages and edits in a minute"), ...rows);
}
