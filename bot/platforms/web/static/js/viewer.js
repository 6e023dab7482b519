// Photos opened large: swipe, keys, a tap for detail, and always a way back.
import { byId } from "./dom.js";
import { t } from "./texts.js";

const SWIPE_PX = 45;

export class Viewer {
  constructor() {
    this.dialog = byId("viewer");
    this.stage = byId("stage");
    this.image = byId("photo");
    this.photos = [];
    this.at = 0;
    this.opener = null;
    byId("viewer-close").addEventListener("click", () => this.close());
    byId("viewer-prev").addEventListener("click", () => this.step(-1));
    byId("viewer-next").addEventListener("click", () => this.step(1));
    this.dialog.addEventListener("close", () => this.closed());
    this.dialog.addEventListener("keydown", (event) => {
      if (event.key === "ArrowLeft") this.step(-1);
      if (event.key === "ArrowRight") this.step(1);
    });
    this.swiping();
  }

  open(photos, at, opener) {
    this.photos = photos;
    this.opener = opener;
    this.show(at);
    this.dialog.showModal();
    byId("viewer-close").focus();
    // The back key of a phone closes the photo, not the page.
    history.pushState({ viewer: true }, "");
    window.addEventListener("popstate", this.back);
  }

  back = () => this.dialog.close();

  close() {
    if (history.state && history.state.viewer) history.back();
    else this.dialog.close();
  }

  closed() {
    window.removeEventListener("popstate", this.back);
    if (history.state && history.state.viewer) history.back(); // closed with Escape
    this.image.removeAttribute("src");
    if (this.opener) this.opener.focus();
  }

  show(at) {
    this.at = at;
    const photo = this.photos[at];
    this.stage.classList.remove("zoomed");
    this.image.alt = photo.label;
    this.image.src = photo.thumb; // there already; the large one takes its place when it has come
    const large = new Image();
    large.onload = () => { if (this.photos[this.at] === photo) this.image.src = photo.copy; };
    large.src = photo.copy;
    const many = this.photos.length > 1;
    byId("count").textContent = many ? `${at + 1} / ${this.photos.length}` : "";
    byId("viewer-prev").hidden = !many || at === 0;
    byId("viewer-next").hidden = !many || at === this.photos.length - 1;
    this.dialog.setAttribute("aria-label", `${t("viewer")} ${at + 1}`);
  }

  step(by) {
    const next = this.at + by;
    if (next >= 0 && next < this.photos.length) this.show(next);
  }

  swiping() {
    let from = null;
    this.stage.addEventListener("pointerdown", (event) => { from = { x: event.clientX, y: event.clientY }; });
    this.stage.addEventListener("pointerup", (event) => {
      if (!from) return;
      const [x, y] = [event.clientX - from.x, event.clientY - from.y];
      from = null;
      if (this.stage.classList.contains("zoomed") || (window.visualViewport && window.visualViewport.scale > 1.05)) {
        if (Math.abs(x) + Math.abs(y) < 8) this.stage.classList.remove("zoomed");
      } else if (Math.abs(x) > SWIPE_PX && Math.abs(x) > Math.abs(y)) this.step(x < 0 ? 1 : -1);
      else if (y > SWIPE_PX * 1.5) this.close();
      else if (Math.abs(x) + Math.abs(y) < 8) this.tap(event);
    });
  }

  tap(event) {
    if (event.target !== this.image) {
      this.close();
      return;
    }
    const box = this.image.getBoundingClientRect();
    const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    this.stage.classList.add("zoomed");
    this.stage.scrollTo(x * this.stage.scrollWidth - innerWidth / 2, y * this.stage.scrollHeight - innerHeight / 2);
  }
}
