// What this device remembers: letter size, language, unsent text. A browser that forbids storage just forgets.
const path = location.pathname;

export function recall(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

export function remember(name, value) {
  try {
    if (value) localStorage.setItem(name, value);
    else localStorage.removeItem(name);
  } catch {
    // Private windows of some browsers: it lasts as long as the page.
  }
}

/** Names of this page alone: the demo's phones share one origin. */
export const own = (name) => `wangge:${path}:${name}`;

/** The language of the demo page, for all its phones. */
export const DEMO_LANG = "wangge:demo:lang";

export function isBig() {
  return document.documentElement.classList.contains("big");
}

export function setBig(on) {
  document.documentElement.classList.toggle("big", on);
  remember("wangge:big", on ? "1" : "");
  document.dispatchEvent(new CustomEvent("size"));
}

export function firstLang() {
  return recall(own("lang")) || ((navigator.language || "zh").toLowerCase().startsWith("zh") ? "zh" : "en");
}
