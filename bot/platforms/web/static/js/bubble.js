// One message as an element: whose it is, its text or card, photos, files, and how far it has got.
import { asking, buttons } from "./card.js";
import { el, icon } from "./dom.js";
import { rich } from "./richtext.js";
import { t } from "./texts.js";

// Source: the double surnames in use today (百家姓); all others have one character.
const DOUBLE = new Set(["欧阳", "上官", "司马", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "长孙", "宇文", "司徒", "夏侯", "令狐"]);
const SIZES = ["", "one", "two", "three", "four"];

/** The letters of a person's picture: the surname. */
export function initials(name) {
  const first = (name || "").trim();
  if (!first) return t("you").slice(0, 2);
  return DOUBLE.has(first.slice(0, 2)) ? first.slice(0, 2) : [...first][0];
}

/** Build the element of a message; `room` has name, menu, press, say, openPhotos, retry, remove, place, join. */
export function bubble(message, room) {
  const mine = message.from === "in";
  const body = message.body || {};
  const card = !mine && Boolean(body.title || body.buttons || body.tone || body.ask || body.qr || (message.files && body.lines));
  const node = el(`article.message.${mine ? "in" : "out"}`, { "data-id": message.id, "data-at": message.at });
  if (card) node.classList.add("wide");
  const content = card ? cardBody(message, body, room) : plainBody(message, body, room, mine);
  const column = el("div.column", {}, content);
  const letters = mine ? initials(room.name) : "";
  node.append(
    el(`span.avatar.${mine ? (letters.length > 1 ? "pair" : "mine") : "bot"}`, { "aria-hidden": "true" }, letters),
    el("span.unseen", {}, mine ? t("you") : t("bot")),
    column,
  );
  return node;
}

function cardBody(message, body, room) {
  const box = el("div.bubble.card");
  if (body.tone) box.classList.add(body.tone);
  if (body.title) {
    box.classList.add("titled");
    box.append(el("h3.card-title", {}, ...rich(body.title, room.say)));
  }
  if (body.lines) box.append(lines(body.lines, room, "card-lines", true));
  box.append(...attachments(message, room));
  for (const number of (body.qr || []).keys()) {
    box.append(el("div.qr", {}, el("img", { src: `m/${message.id}/qr/${number}`, alt: t("qr"), width: 240, height: 240 })));
  }
  if (body.ask) box.append(asking(body.ask, room));
  if (body.buttons) box.append(buttons(message, body.buttons, room));
  return box;
}

function plainBody(message, body, room, mine) {
  const said = mine ? commandName(body.lines || [], room) : body.lines || [];
  const box = el("div.bubble", {}, ...attachments(message, room));
  if (said.length) box.append(lines(said, room, "text", false));
  if (body.place) box.append(place(body.place));
  const onlyPhotos = !said.length && !body.place && (message.files || []).every((file) => file.kind === "photo");
  if (onlyPhotos) box.classList.add("bare");
  return box;
}

// A command that was tapped in the menu reads as its name there, not as "/report".
function commandName(said, room) {
  if (said.length === 1 && said[0].startsWith("/start •")) return [said[0].replace("/start", t("code"))];
  const found = said.length === 1 && /^\/(\w+)$/.exec(said[0]);
  const entry = found && room.menu.find((one) => one.name === found[1]);
  return entry ? [entry.help] : said;
}

function lines(texts, room, kind, labelled) {
  return el(`div.${kind}`, {}, ...texts.map((line) => el("p", {}, ...rich(line, room.say, labelled))));
}

function place({ lat, lon }) {
  const figures = `${Number(lat).toFixed(5)}, ${Number(lon).toFixed(5)}`;
  return el("div.spot", {}, icon("place"), el("span", {}, t("place"), el("small", {}, figures)));
}

function attachments(message, room) {
  const files = message.files || [];
  const photos = files.filter((file) => file.kind === "photo");
  const parts = files.filter((file) => file.kind !== "photo").map((file) => download(message, file));
  if (photos.length) parts.unshift(gallery(message, photos, room));
  return parts;
}

function gallery(message, photos, room) {
  const shown = photos.map((photo, index) => ({
    thumb: photo.url || `m/${message.id}/${photo.sha}/thumb`,
    copy: photo.url || `m/${message.id}/${photo.sha}/copy${photo.v ? `?v=${photo.v}` : ""}`,
    label: t("photo", { n: index + 1 }),
  }));
  const grid = el(`div.photos${photos.length < 5 ? `.${SIZES[photos.length]}` : ""}`);
  photos.forEach((photo, index) => {
    const image = el("img", { src: shown[index].thumb, alt: shown[index].label, loading: "lazy", decoding: "async" });
    // Photos beside each other are one picture as broad as the card.
    const frame = el(photo.wide ? "button.photo.wide" : "button.photo", {
      type: "button",
      "aria-label": t("openPhoto", { n: index + 1 }),
      "--shape": photo.width && photo.height ? shape(photo) : undefined,
      onclick: () => room.openPhotos(shown, index, frame),
    }, image);
    image.addEventListener("error", () => {
      frame.classList.add("broken");
      frame.dataset.broken = t("broken");
    });
    // One photo alone is shown large: the thumbnail first, the copy as soon as it is there.
    if (photos.length === 1 && !photo.url) image.srcset = `${shown[0].thumb} 360w, ${shown[0].copy} 2048w`;
    if (photos.length === 1 && !photo.url) image.sizes = "240px";
    // The copy has a band with time and place under it, so it is higher than the photo was.
    if (photos.length === 1 || photo.wide) image.addEventListener("load", () => {
      frame.style.setProperty("--shape", shape({ width: image.naturalWidth, height: image.naturalHeight }));
    });
    grid.append(frame);
  });
  return grid;
}

function shape({ width, height }) {
  return String(Math.min(1.9, Math.max(0.62, width / height)));
}

function download(message, file) {
  const size = file.size ? readable(file.size) : "";
  const inside = [
    icon("file"),
    el("span", {}, el("strong", {}, file.name || t("file")), size ? el("small", {}, size) : null),
  ];
  if (file.url || !message.id) return el("div.attachment", {}, ...inside);
  const href = `m/${message.id}/${file.sha}/file`;
  return el("a.attachment", { href, download: file.name || "", "aria-label": `${t("download")} ${file.name}` }, ...inside, icon("download"));
}

export function readable(size) {
  if (size < 1024) return `${size} B`;
  return size < 1024 * 1024 ? `${Math.round(size / 1024)} KB` : `${(size / 1024 / 1024).toFixed(1)} MB`;
}

/** Show under a message of the person's own how far it has got. */
export function showStatus(node, item, room) {
  const old = node.querySelector(".status");
  const status = el(`div.status.${item.state}`);
  if (item.state === "failed") {
    const act = (word, does) => el("button", { type: "button", onclick: () => does(item.id) }, t(word));
    const rest = item.text || item.place || item.files.some((file) => !file.refused);
    status.append(icon("failed"), el("span", {}, item.error || t("failed")));
    if (!item.final) status.append(act("retry", room.retry));
    else if (rest) status.append(act("change", room.change));
    status.append(act("remove", room.remove));
  } else {
    const busy = item.state === "sending" && item.files.length && item.percent !== undefined;
    const state = busy ? t("progress", { percent: item.percent }) : t(item.state);
    const words = item.state === "waiting" && item.error ? item.error : state;
    status.append(icon(item.state === "delivered" ? "check" : "wait"), el("span", {}, words));
  }
  if (old) old.replaceWith(status);
  else node.querySelector(".column").append(status);
}
