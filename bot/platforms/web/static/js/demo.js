// The demo page: one phone per role, a guide, and dots for what is unread.
import { byId, el } from "./dom.js";
import { DEMO_LANG, recall, remember } from "./prefs.js";

const WORDS = {
  mark: ["演示", "Demo"],
  title: ["应急网格", "Emergency Grid"],
  note: ["人员和企业均为虚构，数据只在本机。", "People and enterprises are invented; the data stay on this machine."],
  guide: ["三步体验", "Three steps"],
  phones: ["手机", "Phones"],
  unread: ["{n} 条未读", "{n} unread"],
};
const ROLES = {
  officer: "Officer", manager: "Manager", supervisor: "Supervisor", leader: "Leader", admin: "Admin", public: "Public",
};
const STEPS = [
  ["网格员发照片", "点右下角 ⊕ → 示例照片 → 发送，再点「提交」", "The officer sends a photo", "⊕ → Sample photo → Send, then press 「提交」 (Submit)"],
  ["企业收到通知", "企业手机上马上出现整改通知", "The enterprise is notified", "The notice appears on the manager's phone at once"],
  ["监管员查台账", "在监管员手机上发送「台账」", "The supervisor looks it up", "Send 台账 or /ledger on the supervisor's phone"],
];

const phones = JSON.parse(document.documentElement.dataset.phones);
const frames = new Map();
const tabs = new Map();
let english = (recall(DEMO_LANG) || navigator.language || "zh").toLowerCase().slice(0, 2) !== "zh";
let shown = phones[0].key;

function word(name, fields = {}) {
  return WORDS[name][english ? 1 : 0].replace(/\{(\w+)\}/g, (_, field) => fields[field]);
}

function build() {
  for (const { key, title } of phones) {
    const inner = el("iframe", { src: `/demo/${key}/`, title, allow: "geolocation; camera" });
    const phone = el("section.phone", { id: `phone-${key}`, "aria-label": title },
      el("h2", {}, el("span", {}, title), el("span.dot", { hidden: true })),
      el("div.frame", {}, inner));
    byId("phones").append(phone);
    const tab = el("button", { type: "button", role: "tab", "aria-controls": phone.id, "aria-label": title, onclick: () => show(key) },
      el("span", {}, title.split(" ")[0]), el("span.dot", { hidden: true }));
    byId("tabs").append(tab);
    frames.set(key, { phone, inner, title, role: title.split(" ")[0] });
    tabs.set(key, tab);
  }
  STEPS.forEach((step, index) => {
    const act = el("button", { type: "button", onclick: () => call(index) },
      el("span.number", { "aria-hidden": "true" }, String(index + 1)),
      el("span", {}, el("strong"), el("small")));
    byId("guide").append(el("li", {}, act));
  });
}

function speak() {
  document.documentElement.lang = english ? "en" : "zh-CN";
  for (const node of document.querySelectorAll("[data-w]")) node.textContent = word(node.dataset.w);
  for (const node of document.querySelectorAll("[data-w-label]")) node.setAttribute("aria-label", word(node.dataset.wLabel));
  [...byId("guide").children].forEach((item, index) => {
    item.querySelector("strong").textContent = STEPS[index][english ? 2 : 0];
    item.querySelector("small").textContent = STEPS[index][english ? 3 : 1];
  });
  for (const key of frames.keys()) nameThem(key);
  byId("lang").textContent = english ? "中文" : "English";
  document.title = `${word("mark")} · ${word("title")}`;
}

/** Name a phone and its tab: the role in the page's language, then the person. */
function nameThem(key) {
  const entry = frames.get(key);
  const role = (english && ROLES[key]) || entry.role;
  const [, ...person] = entry.title.split(" ");
  const name = [role, ...person].join(" ");
  entry.shown = name;
  entry.phone.setAttribute("aria-label", name);
  entry.phone.querySelector("h2 span").textContent = name;
  entry.inner.title = name;
  tabs.get(key).setAttribute("aria-label", name);
  tabs.get(key).querySelector("span").textContent = role;
}

/** The phones take up the page's language: the open ones at once, others when they open. */
function tell() {
  remember(DEMO_LANG, english ? "en" : "zh");
  for (const { inner } of frames.values()) {
    if (inner.contentWindow) inner.contentWindow.postMessage({ lang: english ? "en" : "zh" }, location.origin);
  }
}

/** On a narrow screen one phone is shown at a time. */
function show(key) {
  shown = key;
  for (const [name, { phone }] of frames) {
    phone.classList.toggle("shown", name === key);
    tabs.get(name).setAttribute("aria-selected", String(name === key));
  }
}

/** A step of the guide points at its phone. */
function call(index) {
  const { key } = phones[Math.min(index, phones.length - 1)];
  show(key);
  const { phone, inner } = frames.get(key);
  for (const other of frames.values()) other.phone.classList.toggle("called", other.phone === phone);
  phone.scrollIntoView({ block: "nearest", behavior: "smooth" });
  inner.focus();
}

window.addEventListener("message", ({ origin, data }) => {
  if (origin !== location.origin || !data || !frames.has(data.phone)) return;
  const { phone, shown: title } = frames.get(data.phone);
  const tab = tabs.get(data.phone);
  for (const dot of [phone.querySelector(".dot"), tab.querySelector(".dot")]) {
    dot.hidden = !data.unread;
    dot.textContent = data.unread > 99 ? "99+" : String(data.unread);
  }
  tab.setAttribute("aria-label", data.unread ? `${title} ${word("unread", { n: data.unread })}` : title);
});
byId("lang").addEventListener("click", () => { english = !english; speak(); tell(); });

tell();
build();
speak();
show(shown);
