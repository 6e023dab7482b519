// Building elements. Text is only ever set as text: nothing a person or the bot wrote becomes markup.

/** el("button.primary", { type: "button", onclick }, "text", child, …) */
export function el(kind, props = {}, ...children) {
  const [tag, ...classes] = kind.split(".");
  const node = document.createElement(tag || "div");
  if (classes.length) node.className = classes.join(" ");
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name.startsWith("--")) node.style.setProperty(name, value);
    else if (name === "value" || name === "disabled" || name === "hidden") node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

export const icon = (name) => el(`span.icon.${name}`, { "aria-hidden": "true" });
export const spinner = () => el("span.spinner", { "aria-hidden": "true" });
export const byId = (id) => document.getElementById(id);

/** A random id; `crypto.randomUUID` is there on https and localhost only. */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

let timer = 0;

/** Say something for a few seconds. */
export function toast(text) {
  const node = byId("toast");
  node.textContent = text;
  node.hidden = false;
  clearTimeout(timer);
  timer = setTimeout(() => { node.hidden = true; }, Math.max(5000, text.length * 200));
}
