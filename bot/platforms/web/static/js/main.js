// The chat page: joins its parts and keeps what they share.
import { byId, newId, toast } from "./dom.js";
import { Composer } from "./composer.js";
import { Link } from "./link.js";
import { Messages } from "./messages.js";
import { Outbox } from "./outbox.js";
import { Panels } from "./panels.js";
import { locate } from "./place.js";
import { DEMO_LANG, firstLang, isBig, own, recall, remember, setBig } from "./prefs.js";
import { setLang, t, lang } from "./texts.js";
import { Viewer } from "./viewer.js";
import { drawWelcome, takeCode } from "./welcome.js";

const THINKING_MS = 9000;
const demo = document.documentElement.dataset;

const link = new Link();
const outbox = new Outbox(link);
const viewer = new Viewer();

/** What messages, cards and panels may ask of the page. */
const room = {
  name: "",
  who: "",
  menu: [],
  state: null,
  waiting: new Set(),
  thinking: 0,
  composer: null,

  say: (text) => outbox.add({ text }),
  ask: (frame) => link.ask(frame),
  older: (before) => link.get(`api/older?before=${before}`),
  retry: (id) => outbox.retry(id),
  remove: (id) => outbox.remove(id),

  /** Take a message that was refused for good back to the field, without the file at fault. */
  async change(id) {
    const item = outbox.items.find((one) => one.id === id);
    if (!item) return;
    await outbox.remove(id);
    room.composer.takeBack(item);
  },

  openPhotos: (photos, at, opener) => viewer.open(photos, at, opener),

  async sendPlace() {
    const place = await locate();
    if (!place) return;
    if (room.composer.hasFiles) room.composer.setPlace(place);
    else outbox.add({ place });
  },

  async sendSample() {
    const answer = await fetch(new URL("../sample.jpg", import.meta.url));
    const file = new File([await answer.blob()], "sample.jpg", { type: "image/jpeg" });
    await room.composer.add([file], "photo");
    if (demo.enterprise) room.composer.fill(t("caption", { enterprise: demo.enterprise }));
  },

  join() {
    drawWelcome(join);
    byId("welcome").hidden = false;
    messages.toTop(byId("welcome"));
    byId("code").focus({ preventScroll: true });
  },

  setLanguage(name) {
    setLang(name);
    remember(own("lang"), name);
    if (room.who) room.say(`/lang ${name}`);
  },

  /** Call `done` when the bot has said something, or after `limit` ms. */
  awaitAnswer(done, limit) {
    const entry = () => { clearTimeout(timer); room.waiting.delete(entry); done(); };
    const timer = setTimeout(entry, limit);
    room.waiting.add(entry);
    think(true);
  },

  isHidden: () => document.visibilityState === "hidden" || (window.parent !== window && window.innerWidth === 0),

  showUnread(count) {
    document.title = (count ? `(${count}) ` : "") + t("title");
    if (navigator.setAppBadge && !demo.demo) navigator.setAppBadge(count).catch(() => {});
    if (window.parent !== window) window.parent.postMessage({ unread: count, phone: demo.demo }, location.origin);
  },
};

const messages = new Messages(room);

function join(code) {
  room.say(`/start ${code}`);
}

/** The dots that say "it is working on it". */
function think(on) {
  clearTimeout(room.thinking);
  byId("typing").hidden = !on;
  if (!on) return;
  if (messages.stuck) messages.toEnd();
  room.thinking = setTimeout(() => think(false), THINKING_MS);
}

function takeState(frame) {
  const first = room.state === null;
  const other = !first && (frame.who !== room.state.who || frame.chat !== room.state.chat);
  const language = frame.lang && (first || frame.lang !== room.state.lang) ? frame.lang : "";
  const shown = JSON.stringify([room.name, room.menu]);
  Object.assign(room, { state: frame, name: frame.name, who: frame.who, menu: frame.menu });
  messages.zone = frame.zone;
  byId("welcome").hidden = Boolean(frame.who);
  if (language && language !== lang()) setLang(language);
  else if (shown !== JSON.stringify([room.name, room.menu])) messages.rebuild();
  showWho();
  panels.draw();
  outbox.setChat(frame.chat);
  if (first && demo.demo) setTimeout(() => followDemo(recall(DEMO_LANG) || firstLang())); // the line is open after this frame
  // The browser speaks for somebody else now: what was on the page is not theirs.
  if (other) link.restart();
}

/** A phone of the demo speaks the language of the page around it; nobody has said anything, so nothing is said. */
function followDemo(name) {
  if (!name || !room.state || name === (room.state.lang || lang())) return;
  setLang(name);
  remember(own("lang"), name);
  const press = { t: "press", id: newId(), message: "0", data: `lang:${name}:quiet`, lang: name };
  link.ask(press).catch(() => {}); // a broken line: the next visit tries again
}

window.addEventListener("message", ({ origin, source, data }) => {
  if (demo.demo && origin === location.origin && source === window.parent && data) followDemo(data.lang);
});

function showWho() {
  const modes = { down: t(room.state ? "away" : "connecting"), polling: "", open: "" };
  byId("who").textContent = modes[link.mode] || room.name || (room.state ? t("stranger") : t("connecting"));
  const notice = byId("notice");
  notice.textContent = !navigator.onLine ? t("offline") : link.mode === "polling" ? t("slow") : "";
  notice.hidden = !notice.textContent;
}

link.addEventListener("frame", ({ detail: frame }) => {
  if (frame.t === "state") takeState(frame);
  if (frame.t === "page") {
    messages.begin(frame);
    if (frame.messages.length && frame.messages[frame.messages.length - 1].from === "out") answered();
  }
  if (frame.t === "changes") {
    messages.change(frame);
    if (frame.messages.some((message) => message.gone || message.from === "out")) answered();
  }
});

function answered() {
  think(false);
  for (const entry of [...room.waiting]) entry();
}

link.addEventListener("mode", showWho);
outbox.addEventListener("item", ({ detail: item }) => {
  messages.draft(item);
  if (item.state === "delivered") think(true);
});
outbox.addEventListener("gone", ({ detail: id }) => messages.dropDraft(id));
for (const name of ["online", "offline"]) window.addEventListener(name, showWho);

room.composer = new Composer((message) => outbox.add(message));
const panels = new Panels(room);

byId("size").addEventListener("click", () => setBig(!isBig()));
document.addEventListener("size", () => byId("size").setAttribute("aria-pressed", String(isBig())));
document.addEventListener("lang", () => { drawWelcome(join); showWho(); });
window.addEventListener("hashchange", joinByLink);

function joinByLink() {
  const code = takeCode();
  if (code) join(code);
}

/** Lets the page open without a network. Trusted types ask who vouches for the address of a script: this line. */
function keepForOffline() {
  if (!("serviceWorker" in navigator) || !window.isSecureContext) return;
  const vouch = window.trustedTypes ? window.trustedTypes.createPolicy("worker", { createScriptURL: (url) => url }) : null;
  navigator.serviceWorker.register(vouch ? vouch.createScriptURL("/sw.js") : "/sw.js", { scope: "/" }).catch(() => {});
}

/** An iPhone's keyboard covers the page instead of shrinking it: the page shrinks itself, so the field stays in sight. */
function followKeyboard() {
  const view = window.visualViewport;
  if (!view) return;
  view.addEventListener("resize", () => {
    const covered = view.scale < 1.05 && window.innerHeight - view.height > 60;
    byId("app").style.height = covered ? `${view.height}px` : "";
    if (covered) window.scrollTo(0, 0);
  });
}

setBig(recall("wangge:big") === "1");
setLang(firstLang());
outbox.start().then(joinByLink);
link.start();
keepForOffline();
followKeyboard();
window.addEventListener("unhandledrejection", () => toast(t("lost")));
