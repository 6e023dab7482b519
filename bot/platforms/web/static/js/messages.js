// The list of messages: in order, edited in place, with dates between them and a mark where the new ones begin.
import { bubble, showStatus } from "./bubble.js";
import { byId, el, icon } from "./dom.js";
import { own, recall, remember } from "./prefs.js";
import { lang, t } from "./texts.js";

const GAP_MS = 5 * 60 * 1000;
const NEAR_PX = 90;

export class Messages {
  constructor(room) {
    this.room = room;
    this.log = byId("log");
    this.scroller = byId("scroller");
    this.known = new Map(); // id -> { message, node }
    this.drafts = new Map(); // id of an unsent item -> { node, urls }
    this.more = false;
    this.loading = false;
    this.stuck = true; // to the lower end
    this.unread = 0;
    this.zone = undefined;
    this.scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
    byId("latest").addEventListener("click", () => this.toEnd(true));
    // Photos, the keyboard and large letters change heights: whoever stands at the end stays there.
    const watch = new ResizeObserver(() => { if (this.stuck) { this.toEnd(); this.seen(); } });
    watch.observe(this.log);
    watch.observe(this.scroller);
    document.addEventListener("visibilitychange", () => this.seen());
    window.addEventListener("focus", () => this.seen());
    document.addEventListener("lang", () => this.rebuild());
  }

  /** The last messages, to begin with. */
  begin(frame) {
    for (const { node } of this.known.values()) node.remove();
    this.known.clear();
    this.more = frame.more;
    this.log.setAttribute("aria-busy", "true");
    for (const message of frame.messages) this.put(message, false);
    this.log.removeAttribute("aria-busy");
    this.seat();
    this.settle();
    this.divide();
    const divider = this.log.querySelector(".divider");
    if (divider && this.unread > 3) this.toTop(divider);
    else this.follow(this.log.lastElementChild);
    this.scrolled();
  }

  /** Messages that are new, edited or gone. */
  change(frame) {
    let came = 0;
    const before = this.last();
    for (const message of frame.messages) {
      if (message.gone) this.take(message.id);
      else if (!this.known.has(message.id) && this.more && message.id < this.first()) continue;
      else if (this.put(message, true) && message.from === "out") came += 1;
    }
    this.settle();
    if (came) this.arrived(came, before);
    else if (this.stuck) this.toEnd();
  }

  /** Older messages above; what is being read stays where it is. */
  prepend(frame) {
    const before = this.scroller.scrollHeight - this.scroller.scrollTop;
    this.more = frame.more;
    for (const message of frame.messages) this.put(message, false);
    this.seat();
    this.settle();
    this.scroller.scrollTop = this.scroller.scrollHeight - before;
  }

  /** True if the message is new here. */
  put(message, live) {
    const old = this.known.get(message.id);
    if (old && old.message.rev >= message.rev) return false;
    const node = bubble(message, this.room);
    this.known.set(message.id, { message, node });
    if (old) {
      node.classList.toggle("edited", live);
      old.node.replaceWith(node);
      return false;
    }
    if (live) node.classList.add("fresh");
    const after = Math.min(...[...this.known.keys()].filter((id) => id > message.id));
    this.log.insertBefore(node, after === Infinity ? this.firstPending() : this.known.get(after).node);
    if (message.cid) this.settled(message.cid, node);
    return true;
  }

  take(id) {
    const old = this.known.get(id);
    if (!old) return;
    old.node.remove();
    this.known.delete(id);
  }

  /** Show what is not sent yet; `item` comes from the outbox. */
  draft(item) {
    const known = this.drafts.get(item.id);
    if (known) {
      const again = known.failed && item.state !== "failed";
      known.failed = item.state === "failed";
      showStatus(known.node, item, this.room);
      if (again) this.log.append(known.node); // it is said now
      return;
    }
    if ([...this.known.values()].some((one) => one.message.cid === item.id)) return;
    const files = item.files.map((file) => ({ ...file, url: URL.createObjectURL(file.blob), size: file.blob.size }));
    const body = { lines: item.text ? [item.text.replace(/^(\/start\s+)\S+/, "$1••••••")] : [], place: item.place };
    const node = bubble({ from: "in", at: item.at, body, files }, this.room);
    this.drafts.set(item.id, { node, urls: files.map((file) => file.url), failed: item.state === "failed" });
    showStatus(node, item, this.room);
    node.classList.add("fresh");
    this.log.append(node);
    this.settle();
    this.toEnd();
  }

  /** The server's own copy has taken a draft's place: keep saying that it has arrived. */
  settled(cid, node) {
    const draft = this.drafts.get(cid);
    if (!draft) return;
    this.dropDraft(cid);
    for (const old of this.log.querySelectorAll(".status.delivered")) old.remove();
    showStatus(node, { state: "delivered", files: [] }, this.room);
    node.classList.remove("fresh");
  }

  dropDraft(id) {
    const draft = this.drafts.get(id);
    if (!draft) return;
    this.drafts.delete(id);
    draft.node.remove();
    setTimeout(() => draft.urls.forEach((url) => URL.revokeObjectURL(url)), 10000);
  }

  first() {
    const ids = [...this.known.keys()];
    return ids.length ? Math.min(...ids) : 0;
  }

  /** What is still on its way stands below everything; what has failed keeps its place in time. */
  firstPending() {
    return [...this.log.children].find((node) => this.pending(node)) || null;
  }

  pending(node) {
    return [...this.drafts.values()].some((draft) => draft.node === node && !draft.failed);
  }

  /** Put what failed on an earlier visit where it was said. */
  seat() {
    for (const { node } of [...this.drafts.values()].filter((draft) => draft.failed)) {
      const later = [...this.known.values()].find((one) => Date.parse(one.message.at) > Date.parse(node.dataset.at));
      this.log.insertBefore(node, later ? later.node : this.firstPending());
    }
  }

  /** Dates where time has passed between two messages. */
  settle() {
    let last = 0;
    for (const node of this.log.querySelectorAll(".message")) {
      const at = Date.parse(node.dataset.at);
      const old = node.querySelector(".when");
      const wanted = at - last > GAP_MS ? this.moment(at) : "";
      if (old && old.textContent !== wanted) old.remove();
      if (wanted && (!old || old.textContent !== wanted)) node.prepend(el("p.when", {}, wanted));
      last = Math.max(at, last);
    }
  }

  moment(at) {
    const options = { timeZone: this.zone };
    const day = (when) => new Intl.DateTimeFormat("en-CA", { ...options, dateStyle: "short" }).format(when);
    const names = lang() === "zh" ? "zh-CN" : "en-GB";
    const clock = new Intl.DateTimeFormat(names, { ...options, hour: "2-digit", minute: "2-digit", hour12: false }).format(at);
    const days = Math.round((Date.parse(day(Date.now())) - Date.parse(day(at))) / 86400000);
    if (days === 0) return clock;
    if (days === 1) return `${t("yesterday")} ${clock}`;
    const year = days > 300 ? "numeric" : undefined;
    return `${new Intl.DateTimeFormat(names, { ...options, year, month: "short", day: "numeric" }).format(at)} ${clock}`;
  }

  // ---- what has been seen

  /** Draw the line above what came since the last visit. */
  divide() {
    const last = Number(recall(own("seen")) || 0);
    const fresh = [...this.known.values()].filter((one) => one.message.id > last && one.message.from === "out");
    for (const old of this.log.querySelectorAll(".divider")) old.remove();
    if (last && fresh.length) {
      this.unread = fresh.length;
      this.log.insertBefore(el("div.divider", { role: "separator" }, t("newer")), fresh[0].node);
    }
    this.report();
  }

  arrived(count, before) {
    const hidden = this.room.isHidden();
    const first = [...this.known.values()].find((one) => one.message.id > before && one.message.from === "out");
    if (this.stuck && !hidden) {
      this.seen();
      this.follow(first && first.node);
      return;
    }
    if (hidden && !this.log.querySelector(".divider")) this.divideAt(count);
    this.unread += count;
    this.report();
    if (this.stuck) this.follow(first && first.node);
  }

  divideAt(count) {
    const fresh = [...this.known.values()].filter((one) => one.message.from === "out").slice(-count);
    if (fresh.length) this.log.insertBefore(el("div.divider", { role: "separator" }, t("newer")), fresh[0].node);
  }

  seen() {
    if (!this.stuck || this.room.isHidden()) return;
    this.unread = 0;
    const ids = [...this.known.keys()];
    if (ids.length) remember(own("seen"), String(Math.max(...ids)));
    this.report();
  }

  report() {
    const pill = byId("latest");
    pill.hidden = this.stuck;
    pill.replaceChildren(icon("down"), this.unread ? t("count", { n: this.unread }) : t("latest"));
    this.room.showUnread(this.unread);
  }

  scrolled() {
    const box = this.scroller;
    this.stuck = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_PX;
    if (this.stuck) this.seen();
    this.report();
    byId("older").hidden = !this.more;
    if (this.more && !this.loading && box.scrollTop < 200 && this.known.size) this.loadOlder();
  }

  async loadOlder() {
    this.loading = true;
    try {
      this.prepend(await this.room.older(this.first()));
    } catch {
      // Tried again at the next scroll.
    }
    this.loading = false;
    byId("older").hidden = !this.more;
  }

  last() {
    return Math.max(0, ...this.known.keys());
  }

  /** Go to the end; but what is taller than the window is read from its top. */
  follow(node) {
    const top = node ? node.getBoundingClientRect().top - this.log.getBoundingClientRect().top : 0;
    if (!node || this.log.offsetHeight - top <= this.scroller.clientHeight) {
      this.toEnd();
      return;
    }
    this.stuck = false;
    this.toTop(node);
  }

  /** Bring an element to the top of the list; `scrollIntoView` would move the page around the list as well. */
  toTop(node) {
    this.scroller.scrollTop += node.getBoundingClientRect().top - this.scroller.getBoundingClientRect().top;
  }

  toEnd(smooth = false) {
    this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior: smooth ? "smooth" : "auto" });
    this.stuck = true;
  }

  /** Build all again: the language, the name or the menu has changed. */
  rebuild() {
    for (const entry of this.known.values()) {
      const node = bubble(entry.message, this.room);
      entry.node.replaceWith(node);
      entry.node = node;
    }
    this.settle();
    this.report();
  }
}
