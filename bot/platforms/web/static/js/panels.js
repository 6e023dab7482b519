// What opens above the keyboard: the person's commands, the attach sheet, the settings.
import { byId, el, icon } from "./dom.js";
import { isBig, setBig } from "./prefs.js";
import { lang, t } from "./texts.js";

const demo = document.documentElement.dataset;

export class Panels {
  /** `room`: menu, who, say, join, sendPlace, setLanguage, composer, sendSample. */
  constructor(room) {
    this.room = room;
    this.panel = byId("panel");
    this.open = "";
    this.openers = { menu: byId("menu"), attach: byId("attach"), more: byId("more") };
    for (const [name, button] of Object.entries(this.openers)) {
      button.setAttribute("aria-controls", "panel");
      button.addEventListener("click", () => this.toggle(name));
    }
    byId("text").addEventListener("focus", () => this.close());
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.open) return;
      const opener = this.openers[this.open];
      this.close();
      opener.focus();
    });
    byId("scroller").addEventListener("pointerdown", () => this.close());
    for (const name of ["lang", "size"]) document.addEventListener(name, () => this.draw());
  }

  toggle(name) {
    this.open = this.open === name ? "" : name;
    this.draw();
    const first = this.open && this.panel.querySelector("button");
    if (first) first.focus({ preventScroll: true });
  }

  close() {
    if (!this.open) return;
    this.open = "";
    this.draw();
  }

  draw() {
    for (const [name, button] of Object.entries(this.openers)) button.setAttribute("aria-expanded", String(name === this.open));
    this.panel.hidden = !this.open;
    const build = { menu: () => this.commands(), attach: () => this.sheet(), more: () => this.settings() }[this.open];
    this.panel.replaceChildren(...(build ? build() : []));
    this.panel.setAttribute("aria-label", this.open ? t(this.open === "more" ? "settings" : this.open) : "");
  }

  commands() {
    const entries = this.room.menu;
    if (!entries.length) return [el("p.fine", {}, t("noMenu"))];
    const tiles = entries.map((entry) => el("button.button", {
      type: "button",
      onclick: () => { this.close(); this.room.say(`/${entry.name}`); },
    }, entry.help));
    return [el("div.commands", {}, ...tiles)];
  }

  sheet() {
    const { composer } = this.room;
    const tiles = [
      this.tile("camera", () => composer.pick({ accept: "image/*", capture: "environment" }, "photo")),
      this.tile("album", () => composer.pick({ accept: "image/*" }, "photo")),
      this.tile("place", () => this.room.sendPlace()),
      this.tile("file", () => composer.pick({}, "file")),
    ];
    if (demo.demo) tiles.unshift(this.tile("sample", () => this.room.sendSample()));
    return [el("div.tiles", {}, ...tiles)];
  }

  tile(name, act) {
    const node = el(`button.tile.tile-${name}`, { type: "button", onclick: () => { this.close(); act(); } });
    node.append(el("span", {}, icon(name)), el("span", {}, t(name)));
    return node;
  }

  settings() {
    const choice = (label, options) => el("div.setting", { role: "group", "aria-label": label },
      el("span", {}, label),
      el("div.choice", {}, ...options.map(([name, on, act]) =>
        el("button.button", { type: "button", "aria-pressed": String(on), onclick: act }, name))),
    );
    const rows = [
      choice(t("size"), [[t("normal"), !isBig(), () => setBig(false)], [t("big"), isBig(), () => setBig(true)]]),
      choice(t("language"), [
        ["中文", lang() === "zh", () => this.room.setLanguage("zh")],
        ["English", lang() === "en", () => this.room.setLanguage("en")],
      ]),
    ];
    if (!this.room.who) {
      rows.push(el("button.button", { type: "button", onclick: () => { this.close(); this.room.join(); } }, icon("key"), t("enterCode")));
    }
    return [el("h2", {}, t("settings")), el("div.settings", {}, ...rows), el("p.fine", {}, t("kept"))];
  }
}
