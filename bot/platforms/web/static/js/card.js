// The buttons of a card: pressed at once, quiet until the answer is there, never pressed twice.
import { el, icon, newId, spinner, toast } from "./dom.js";
import { whole } from "./richtext.js";
import { lang, t } from "./texts.js";

const QUIET_MS = 12000;
const SHORT = 6; // Characters of a label that fit into half a row of the smallest phone.

/** Rows of buttons; a pressed one stays marked until the card changes or another message arrives. */
export function buttons(message, rows, room) {
  const box = el("div.card-buttons");
  for (const row of rows) {
    const kind = row.length > 2 ? ".many" : row.some((one) => one.label.length > SHORT) ? ".wordy" : "";
    const line = el(`div.card-row${kind}`);
    for (const one of row) {
      const style = one.style && one.style !== "plain" ? `.${one.style}` : "";
      const node = el(`button.button${style}`, { type: "button", onclick: () => press(box, node, message, one, room) },
        el("span", {}, ...whole(one.label)));
      line.append(node);
    }
    box.append(line);
  }
  return box;
}

async function press(box, node, message, button, room) {
  if (box.dataset.busy) return;
  box.dataset.busy = "1";
  // The id stays with the button until it is confirmed: pressed again after a broken line, it still counts once.
  node.dataset.press ||= newId();
  const all = [...box.querySelectorAll("button")];
  const turning = spinner();
  node.classList.add("pressed");
  node.prepend(turning);
  for (const one of all) one.disabled = true;
  const release = () => {
    turning.remove();
    node.classList.remove("pressed");
    for (const one of all) one.disabled = false;
    delete box.dataset.busy;
  };
  try {
    const answer = await room.ask({
      t: "press", id: node.dataset.press, message: String(message.id), data: button.data, lang: lang(),
    });
    if (answer.t === "refused") {
      release();
      toast(answer.text);
      return;
    }
    delete node.dataset.press;
    room.awaitAnswer(() => { release(); }, QUIET_MS);
  } catch {
    release();
    toast(t("pressLost"));
  }
}

/** What a card asks of the device: a code (a web page cannot vouch for a telephone number) or the place. */
export function asking(kind, room) {
  if (kind === "place") {
    return el("div.ask", {}, el("button.button", { type: "button", onclick: room.sendPlace }, icon("place"), t("sendPlace")));
  }
  return el("div.ask", {},
    el("button.button.primary", { type: "button", onclick: room.join }, icon("key"), t("enterCode")),
  );
}
