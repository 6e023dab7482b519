// What the person has sent and the server has not confirmed: kept, shown, and sent in order, exactly once.
//
// An item keeps its id through every attempt, and so does each of its files; the server does each id once.
import { newId } from "./dom.js";
import { Refused } from "./link.js";
import { lang, t } from "./texts.js";
import * as vault from "./vault.js";

const AGAIN_MS = 4000;
const REFUSED_FOR_GOOD = new Set([413, 422]); // too large, no photo: these bytes are refused whenever they come

/** Emits "item" (detail: an item that is new or has changed) and "gone" (detail: its id). */
export class Outbox extends EventTarget {
  constructor(link) {
    super();
    this.link = link;
    this.items = [];
    this.chat = ""; // the server's mark of this browser's chat
    this.busy = false;
    this.timer = 0;
    link.addEventListener("mode", () => this.drain());
  }

  /** Take up what an earlier visit could not send. */
  async start() {
    for (const item of await vault.list()) {
      if (item.state === "sending") item.state = "waiting";
      this.items.push(item);
      this.tell(item);
    }
    this.drain();
  }

  /** Whose chat it is now; what was written for another is not sent without asking. */
  setChat(chat) {
    this.chat = chat;
    for (const item of this.items) {
      if (!item.chat) item.chat = chat;
      else if (item.chat !== chat && item.state !== "failed") this.fail(item, t("changed"));
    }
    this.drain();
  }

  /** Send text, files ({ blob, name, kind, width, height }) and a place as one message. */
  async add({ text = "", files = [], place = null }) {
    const item = {
      id: newId(),
      order: Date.now(),
      chat: this.chat,
      at: new Date().toISOString(),
      text,
      place,
      files: files.map((file) => ({ ...file, id: newId(), done: false })),
      state: "waiting",
      error: "",
    };
    const last = this.items[this.items.length - 1];
    if (last && last.order >= item.order) item.order = last.order + 1;
    this.items.push(item);
    this.tell(item);
    await vault.keep(item);
    this.drain();
    return item;
  }

  async retry(id) {
    const item = this.items.find((one) => one.id === id);
    if (!item) return;
    if (item.chat !== this.chat) {
      await this.remove(id);
      await this.add(item);
      return;
    }
    Object.assign(item, { state: "waiting", error: "", final: false });
    this.tell(item);
    await vault.keep(item);
    this.drain();
  }

  async remove(id) {
    this.items = this.items.filter((item) => item.id !== id);
    await vault.drop(id);
    this.dispatchEvent(new CustomEvent("gone", { detail: id }));
  }

  /** The server shows it in the history: it has certainly arrived. */
  async arrived(id) {
    const item = this.items.find((one) => one.id === id);
    if (!item) return;
    this.items = this.items.filter((one) => one !== item);
    await vault.drop(id);
  }

  async drain() {
    if (this.busy || !this.chat || this.link.mode === "down") return;
    this.busy = true;
    clearTimeout(this.timer);
    try {
      // One tab at a time: two would send the same things twice for nothing.
      const locks = navigator.locks;
      if (locks) await locks.request(`outbox:${location.pathname}`, () => this.pass());
      else await this.pass();
    } finally {
      this.busy = false;
    }
  }

  async pass() {
    for (;;) {
      const item = this.items.find((one) => one.state !== "failed");
      if (!item) return;
      if (!(await vault.has(item.id))) {
        await this.arrived(item.id); // another tab has sent it
        continue;
      }
      if (!(await this.send(item))) return;
    }
  }

  /** Send one item; false if the rest has to wait. */
  async send(item) {
    item.state = "sending";
    this.tell(item);
    let answer;
    try {
      answer = await this.attempt(item);
    } catch (error) {
      if (error instanceof Refused) {
        this.fail(item, t("lost"));
        return true;
      }
      return this.later(item, AGAIN_MS);
    }
    if (answer.t === "ack") {
      item.state = "delivered";
      this.tell(item);
      await this.arrived(item.id);
      return true;
    }
    if (answer.again) return this.later(item, answer.again * 1000 + 200, answer.text);
    this.fail(item, answer.text, Boolean(answer.final));
    return true;
  }

  /** Wait; `text`: why the server lets it wait. */
  later(item, wait, text = "") {
    if (item.state === "sending") item.state = "waiting";
    item.error = text;
    this.tell(item);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.drain(), wait);
    return false;
  }

  /** `final`: the same again would be refused again. */
  fail(item, text, final = false) {
    Object.assign(item, { state: "failed", error: text, final });
    vault.keep(item);
    this.tell(item);
  }

  async attempt(item) {
    let refusal = null;
    for (const file of item.files) {
      if (file.done) continue;
      const answer = await this.upload(item, file);
      file.done = answer.t === "ack";
      file.refused = Boolean(answer.final);
      file.error = answer.text;
      if (file.refused) refusal ||= answer;
      else if (!file.done) return answer;
    }
    if (refusal && item.files.every((file) => file.refused)) return refusal;
    if (refusal) await this.setAside(item);
    return this.link.ask({
      t: "send", id: item.id, text: item.text, uploads: item.files.map((file) => file.id), place: item.place,
      at: item.at, lang: lang(),
    });
  }

  /** What is refused does not hold up the rest: each such file becomes an item of its own that says why. */
  async setAside(item) {
    const refused = item.files.filter((file) => file.refused);
    item.files = item.files.filter((file) => !file.refused);
    for (const [index, file] of refused.entries()) {
      const error = t("refused", { name: file.name, reason: file.error });
      const aside = { ...item, id: newId(), order: item.order + (index + 1) / 100, text: "", place: null, files: [file] };
      Object.assign(aside, { state: "failed", error, final: true });
      this.items.splice(this.items.indexOf(item) + 1 + index, 0, aside);
      await vault.keep(aside);
      this.tell(aside);
    }
    await vault.keep(item);
  }

  upload(item, file) {
    const query = new URLSearchParams({ id: file.id, name: file.name, as: file.kind, lang: lang() });
    return new Promise((done, fail) => {
      const request = new XMLHttpRequest();
      request.open("POST", `api/upload?${query}`);
      request.setRequestHeader("Content-Type", "application/octet-stream");
      request.timeout = 180000;
      request.upload.onprogress = (event) => this.progress(item, file, event.loaded);
      request.onload = () => {
        try {
          const answer = JSON.parse(request.responseText);
          done({ ...answer, final: REFUSED_FOR_GOOD.has(request.status) });
        } catch {
          if (request.status === 401) fetch("./", { cache: "no-store" }); // brings a new cookie
          // No words of ours: a proxy on the way does not let the file through, today or tomorrow.
          if (request.status === 400 || request.status === 413) fail(new Refused(String(request.status)));
          else fail(new Error(String(request.status)));
        }
      };
      request.onerror = request.onabort = request.ontimeout = () => fail(new Error("down"));
      request.send(file.blob);
    });
  }

  progress(item, file, loaded) {
    file.loaded = Math.min(loaded, file.blob.size);
    const total = item.files.reduce((sum, one) => sum + one.blob.size, 0);
    const sent = item.files.reduce((sum, one) => sum + (one.done ? one.blob.size : one.loaded || 0), 0);
    item.percent = total ? Math.floor((sent / total) * 100) : 0;
    this.tell(item);
  }

  tell(item) {
    this.dispatchEvent(new CustomEvent("item", { detail: item }));
  }
}
