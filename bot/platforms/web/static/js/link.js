// The line to the server: a socket that comes back by itself, plain requests where sockets do not get through.
import { lang } from "./texts.js";

const FIRST_WAIT_MS = 800;
const LONGEST_WAIT_MS = 30000;
const DEAD_MS = 45000; // The server says something at least every 20 s.
const ANSWER_MS = 15000;
const POLL_MS = 4000;
const SOCKET_AGAIN_MS = 60000;

/** The server has refused for good: sending the same again would not help. */
export class Refused extends Error {}
class SignedOut extends Error {}

/** Emits "frame" (detail: a frame), "mode" (detail: "open", "polling" or "down"). */
export class Link extends EventTarget {
  constructor() {
    super();
    this.mode = "down";
    this.since = null;
    this.socket = null;
    this.tries = 0;
    this.unopened = 0;
    this.heard = 0;
    this.pending = new Map();
    this.timer = 0;
    window.addEventListener("online", () => { this.unopened = 0; this.now(); });
    window.addEventListener("offline", () => this.drop());
    document.addEventListener("visibilitychange", () => this.checkAlive());
    setInterval(() => this.checkAlive(), 15000);
  }

  start() {
    this.connect();
  }

  /** Begin anew: the next page frame brings the last messages. */
  restart() {
    this.since = null;
    if (this.mode === "open") this.hello();
    else this.now();
  }

  now() {
    clearTimeout(this.timer);
    this.tries = 0;
    if (this.mode === "down" && !this.socket) this.connect();
  }

  connect() {
    clearTimeout(this.timer);
    if (this.socket) return;
    const url = new URL("api/socket", location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    url.hash = "";
    const socket = new WebSocket(url);
    this.socket = socket;
    let opened = false;
    socket.onopen = () => {
      opened = true;
      this.unopened = 0;
      this.hello();
    };
    socket.onmessage = (event) => this.take(JSON.parse(event.data));
    socket.onclose = () => {
      if (this.socket !== socket) return;
      this.socket = null;
      if (!opened) this.unopened += 1;
      if (this.mode === "open") this.setMode("down");
      this.failAll();
      this.again();
    };
  }

  hello() {
    this.heard = Date.now();
    this.socket.send(JSON.stringify({ t: "hello", since: this.since, lang: lang() }));
  }

  again() {
    if (this.mode === "polling") return;
    if (this.unopened >= 2 && navigator.onLine) {
      this.poll();
      return;
    }
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.tries) * (0.5 + Math.random());
    this.tries += 1;
    this.timer = setTimeout(() => this.connect(), wait);
  }

  /** Ask every few seconds; look now and then whether a socket gets through after all. */
  async poll() {
    let since = Date.now();
    for (;;) {
      let answer;
      try {
        answer = await this.get(`api/news?lang=${lang()}` + (this.since === null ? "" : `&since=${this.since}`));
      } catch (error) {
        this.setMode("down");
        this.timer = setTimeout(() => this.connect(), error instanceof SignedOut ? 300 : LONGEST_WAIT_MS / 3);
        return;
      }
      this.setMode("polling");
      for (const frame of answer.frames) this.take(frame);
      if (answer.more) continue;
      if (Date.now() - since > SOCKET_AGAIN_MS) {
        since = Date.now();
        this.connect();
      }
      await new Promise((done) => { setTimeout(done, POLL_MS); });
      if (this.mode === "open") return;
    }
  }

  take(frame) {
    this.heard = Date.now();
    const waiter = this.pending.get(frame.id);
    if ((frame.t === "ack" || frame.t === "refused") && waiter) {
      this.pending.delete(frame.id);
      waiter.done(frame);
      return;
    }
    if (frame.t === "page" || frame.t === "changes") this.since = frame.rev;
    this.dispatchEvent(new CustomEvent("frame", { detail: frame }));
    if (this.socket && this.socket.readyState === WebSocket.OPEN) {
      this.tries = 0;
      this.setMode("open");
    }
  }

  /** Send a frame and give its answer ("ack" or "refused"). Throws when the line breaks before the answer. */
  ask(frame) {
    if (this.mode === "polling") return this.post("api/send", JSON.stringify(frame));
    if (this.mode !== "open") return Promise.reject(new Error("down"));
    return new Promise((done, fail) => {
      const timer = setTimeout(() => this.drop(), ANSWER_MS);
      const settle = (end) => (value) => { clearTimeout(timer); end(value); };
      this.pending.set(frame.id, { done: settle(done), fail: settle(fail) });
      this.socket.send(JSON.stringify(frame));
    });
  }

  async get(path) {
    return this.read(await fetch(path, { cache: "no-store" }));
  }

  async post(path, body) {
    return this.read(await fetch(path, { method: "POST", body, headers: { "Content-Type": "application/json" } }));
  }

  async read(response) {
    if (response.status === 401) {
      await fetch("./", { cache: "no-store" }); // the page brings a new cookie
      throw new SignedOut();
    }
    if (response.status === 400) throw new Refused("400");
    if (!response.ok) throw new Error(String(response.status));
    return response.json();
  }

  /** Give up the socket: it is silent, or the network says it is gone. */
  drop() {
    const socket = this.socket;
    this.socket = null;
    if (socket) {
      socket.onclose = null;
      socket.close();
    }
    this.failAll();
    if (this.mode === "open") this.setMode("down");
    if (socket) this.again();
  }

  checkAlive() {
    if (document.hidden) return;
    const silent = Date.now() - this.heard;
    if (this.mode === "open" && silent > DEAD_MS) this.drop();
    else if (this.mode === "open" && silent > 5000) this.socket.send(JSON.stringify({ t: "ping" }));
    else if (this.mode === "down") this.now();
  }

  failAll() {
    const waiters = [...this.pending.values()];
    this.pending.clear();
    for (const waiter of waiters) waiter.fail(new Error("down"));
  }

  setMode(mode) {
    if (this.mode === mode) return;
    this.mode = mode;
    this.dispatchEvent(new CustomEvent("mode", { detail: mode }));
  }
}
