// Lines of text with what can be tapped in them: numbers of ours, phone numbers, links. Built from text nodes.
import { el } from "./dom.js";

// Our numbers (two letters, the day, a running number) | links | telephone numbers of the mainland.
const PARTS = /\b([A-Z]{2}\d{8}-\d{3,6})\b|(https?:\/\/[^\s<>"'\uff0c\u3002\uff1b\uff09\u300d]+)|(1[3-9]\d{9}|0\d{2,3}-\d{7,8})(?![\d-])/g;
// "地点：" at the beginning of a line, with either colon, is the name of what follows.
const LABEL = /^([^\s\d:,.!?\uff1a\uff0c\u3002\uff01\uff1f]{1,8}[:\uff1a])(?!\/\/)(?=\s*\S)/;

/** Give the nodes of one line; `onNumber` is called with a number of ours that was tapped. */
export function rich(line, onNumber, labelled = false) {
  const nodes = [];
  let rest = line;
  const label = labelled && LABEL.exec(line);
  if (label) {
    nodes.push(el("span.label", {}, label[1]));
    rest = line.slice(label[1].length);
  }
  let from = 0;
  for (const found of rest.matchAll(PARTS)) {
    // Digits in the middle of a longer number are no telephone (older Safari knows no look-behind).
    if (found[3] && /[\d-]/.test(rest.charAt(found.index - 1))) continue;
    nodes.push(rest.slice(from, found.index), part(found, onNumber));
    from = found.index + found[0].length;
  }
  nodes.push(rest.slice(from));
  return nodes;
}

function part([text, number, url, phone], onNumber) {
  if (number) return el("button.word", { type: "button", onclick: () => onNumber(number) }, text);
  if (phone) return el("a.word", { href: `tel:${phone.replace("-", "")}` }, text);
  return el("a.word", { href: url, target: "_blank", rel: "noopener noreferrer" }, text);
}
