// Where one writes: text, and a tray of photos, files and a place that go out together as one message.
import { readable } from "./bubble.js";
import { byId, el, icon, toast } from "./dom.js";
import { own, recall, remember } from "./prefs.js";
import { t } from "./texts.js";
import * as vault from "./vault.js";

const MAX_FILES = 9;
const MAX_BYTES = 20 * 1024 * 1024;
const MAX_CHARS = 8000; // Source: frames.py, TEXT_CHARS
const PICTURE = /^image\//;

export class Composer {
  /** `send` takes { text, files, place }. */
  constructor(send) {
    this.send = send;
    this.text = byId("text");
    this.tray = byId("tray");
    this.files = [];
    this.place = null;
    this.text.value = recall(own("text")) || "";
    this.text.addEventListener("input", () => this.typed());
    this.text.addEventListener("keydown", (event) => this.key(event));
    this.text.addEventListener("paste", (event) => this.pasted(event));
    // The field keeps the focus, and the phone its keyboard, while one message follows another.
    byId("send").addEventListener("pointerdown", (event) => event.preventDefault());
    byId("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    byId("camera").addEventListener("click", () => this.pick({ accept: "image/*", capture: "environment" }, "photo"));
    document.addEventListener("dragover", (event) => event.preventDefault());
    document.addEventListener("drop", (event) => this.dropped(event));
    document.addEventListener("lang", () => this.draw());
    document.addEventListener("size", () => this.grow());
    window.addEventListener("resize", () => this.grow());
    this.typed();
    this.resume();
  }

  /** Take up what was picked before the page was loaded again: opening the camera may cost a phone the page. */
  async resume() {
    const kept = await vault.takeTray();
    this.resumed = true;
    if (!kept) return;
    this.files.push(...kept.files.map((file) => ({ ...file, url: URL.createObjectURL(file.blob) })));
    this.place ||= kept.place;
    this.draw();
  }

  /** Put a message that could not be sent back, without the files that were refused. */
  takeBack({ text, files, place }) {
    const good = files.filter((file) => !file.refused).slice(0, MAX_FILES - this.files.length);
    for (const { blob, name, kind, width, height } of good) {
      this.files.push({ blob, name, kind, width, height, url: URL.createObjectURL(blob) });
    }
    this.text.value = [text, this.text.value].filter(Boolean).join("\n");
    this.place ||= place;
    this.draw();
  }

  typed() {
    remember(own("text"), this.text.value);
    const something = Boolean(this.text.value.trim() || this.files.length || this.place);
    byId("send").hidden = !something;
    byId("camera").hidden = something;
    this.grow(); // last: the field is narrower beside 发送
  }

  grow() {
    this.text.style.height = "";
    if (!this.text.offsetParent) return; // a phone of the demo that is not shown has no height to measure
    this.text.style.height = "auto";
    this.text.style.height = `${this.text.scrollHeight + 2}px`;
  }

  key(event) {
    // While Chinese is being composed, Enter chooses a word.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.submit();
  }

  submit() {
    const message = { text: this.text.value.trim(), files: this.files, place: this.place };
    if (!message.text && !message.files.length && !message.place) return;
    if (message.text.length > MAX_CHARS) {
      toast(t("tooLong", { limit: MAX_CHARS, count: message.text.length }));
      return;
    }
    for (const file of this.files) URL.revokeObjectURL(file.url);
    this.text.value = "";
    this.files = [];
    this.place = null;
    this.send(message);
    this.draw();
  }

  /** Put words into the text field, ready to be changed or sent. */
  fill(text) {
    this.text.value = text;
    this.typed();
  }

  /** Let the person choose files; `kind` is "photo" or "file". */
  pick(attributes, kind) {
    const input = el("input", { type: "file", multiple: !attributes.capture, hidden: true, ...attributes });
    input.dataset.kind = kind;
    input.addEventListener("change", () => {
      this.add([...input.files], kind);
      input.remove();
    });
    document.body.append(input); // Safari forgets an input that is not in the page
    input.click();
  }

  async add(chosen, kind) {
    for (const file of chosen) {
      if (this.files.length >= MAX_FILES) {
        toast(t("tooMany"));
        break;
      }
      const problem = file.size > MAX_BYTES ? "tooBig" : file.size === 0 && "empty";
      if (problem) {
        toast(t(problem, { name: file.name }));
        continue;
      }
      await this.addOne(file, kind === "file" && PICTURE.test(file.type) ? "file" : kind);
    }
    this.draw();
  }

  // The bytes are read at once: what a camera hands over may be gone a minute later.
  async addOne(file, kind) {
    try {
      const blob = new Blob([await file.arrayBuffer()], { type: file.type });
      const picked = { blob, name: file.name, kind, url: URL.createObjectURL(blob), width: 0, height: 0 };
      this.files.push(picked);
      if (kind === "photo") Object.assign(picked, await measure(picked.url));
    } catch {
      toast(t("empty", { name: file.name }));
    }
  }

  pasted(event) {
    const files = [...(event.clipboardData ? event.clipboardData.files : [])];
    if (!files.length) return;
    event.preventDefault();
    this.sort(files);
  }

  dropped(event) {
    event.preventDefault();
    this.sort([...(event.dataTransfer ? event.dataTransfer.files : [])]);
  }

  async sort(files) {
    await this.add(files.filter((file) => PICTURE.test(file.type)), "photo");
    await this.add(files.filter((file) => !PICTURE.test(file.type)), "file");
  }

  /** True if there is something a place can travel with. */
  get hasFiles() {
    return this.files.length > 0;
  }

  setPlace(place) {
    this.place = place;
    this.draw();
  }

  draw() {
    this.tray.hidden = !this.files.length && !this.place;
    this.tray.replaceChildren(...this.files.map((file) => this.thumb(file)));
    if (this.place) {
      const chip = el("div.chip", {}, icon("place"), t("place"));
      this.tray.append(this.removable(chip, t("place"), () => { this.place = null; }));
    }
    if (this.files.length && this.files.length < MAX_FILES && this.files.some((file) => file.kind === "photo")) {
      const add = el("button", { type: "button", "aria-label": t("addMore"), onclick: () => this.pick({ accept: "image/*" }, "photo") });
      add.append(el("div.chip", {}, icon("plus")));
      this.tray.append(el("div.picked.add", {}, add));
    }
    this.typed();
    if (this.resumed) vault.keepTray(this.files, this.place);
  }

  thumb(file) {
    const shown = file.kind === "photo"
      ? el("img", { src: file.url, alt: file.name })
      : el("div.chip", {}, icon("file"), el("span", {}, file.name.slice(0, 14)), el("span", {}, readable(file.blob.size)));
    return this.removable(shown, file.name, () => {
      URL.revokeObjectURL(file.url);
      this.files = this.files.filter((one) => one !== file);
    });
  }

  removable(shown, name, remove) {
    const away = el("button", { type: "button", "aria-label": t("takeAway", { name }), onclick: () => { remove(); this.draw(); } });
    away.append(icon("close"));
    return el("div.picked", {}, shown, away);
  }
}

async function measure(url) {
  const image = new Image();
  image.src = url;
  try {
    await image.decode();
    return { width: image.naturalWidth, height: image.naturalHeight };
  } catch {
    return {}; // a kind this browser does not show (HEIC): the server does
  }
}
