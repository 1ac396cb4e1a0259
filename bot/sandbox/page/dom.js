// Small ways to build elements, and what floats over the page.

export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "style") node.style.cssText = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

export const byId = (id) => document.getElementById(id);

const COLOURS = ["#e17076", "#7b72e9", "#22a06b", "#e08f3c", "#3390d6", "#c0629c", "#1aa79c"];

export function avatar(name, id, { isBot = false } = {}) {
  if (isBot) return el("img", { class: "avatar", src: "/page/icon.svg", alt: "" });
  const colour = COLOURS[Math.abs(id) % COLOURS.length];
  return el("span", { class: "avatar", style: `--tone:${colour}`, "aria-hidden": "true" }, name.slice(0, 1).toUpperCase());
}

export const nameColour = (id) => COLOURS[Math.abs(id) % COLOURS.length];

export function toast(text, { bad = false } = {}) {
  const node = el("div", { class: bad ? "toast bad" : "toast" }, text);
  byId("toasts").append(node);
  setTimeout(() => node.classList.add("leaving"), 3600);
  setTimeout(() => node.remove(), 4000);
}

export function tell(text) {
  const dialog = byId("dialog");
  dialog.replaceChildren(
    el("p", {}, text),
    el("div", { class: "dialog-row" }, el("button", { class: "primary", onclick: () => dialog.close() }, "OK")),
  );
  dialog.showModal();
}

// Asks for a line of text (`value` given) or for a yes; resolves to the text, true, or null.
export function ask(title, { value, yes = "OK", danger = false } = {}) {
  const dialog = byId("dialog");
  return new Promise((resolve) => {
    const input = value === undefined ? null : el("input", { type: "text", value, maxlength: "128", "aria-label": title, "data-testid": "dialog-input" });
    const form = el(
      "form",
      { method: "dialog" },
      el("p", {}, title),
      input,
      el(
        "div",
        { class: "dialog-row" },
        el("button", { type: "button", onclick: () => dialog.close("") }, "Cancel"),
        el("button", { class: danger ? "danger" : "primary", value: "yes", "data-testid": "dialog-yes" }, yes),
      ),
    );
    dialog.replaceChildren(form);
    dialog.returnValue = "";
    dialog.onclose = () => resolve(dialog.returnValue === "yes" ? (input ? input.value.trim() || null : true) : null);
    dialog.showModal();
    input?.select();
  });
}

export const clock = (seconds) => new Date(seconds * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

export function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(1)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
