// Lines of text with what can be tapped in them (numbers of ours, phone numbers, links), and with what stays on one
// line (marks, dates, durations, names). Built from text nodes.
import { el } from "./dom.js";

// Our numbers (two letters, the day, a running number) | links | telephone numbers of the mainland.
const PARTS = /\b([A-Z]{2}\d{8}-\d{3,6})\b|(https?:\/\/[^\s<>"'\uff0c\u3002\uff1b\uff09\u300d]+)|(1[3-9]\d{9}|0\d{2,3}-\d{7,8})(?![\d-])/g;
// "地点：" at the beginning of a line, with either colon, is the name of what follows.
const LABEL = /^([^\s\d:,.!?\uff1a\uff0c\u3002\uff01\uff1f]{1,8}[:\uff1a])(?!\/\/)(?=\s*\S)/;
// What is not broken at the end of a line.
const WORDS = new RegExp([
  /\u300c[^\u300c\u300d\s]{1,8}\u300d/, // a mark in 「」
  /\d{4}\u5e74\d{1,2}\u6708\d{1,2}\u65e5(?: \d{1,2}:\d{2})?/, // a day, with its time: 年月日
  /\b\d{1,2} [A-Z][a-z]{2} \d{4}(?: \d{1,2}:\d{2})?\b/,
  /(?:\u5df2\u8d85\u671f|\u5269)?(?:\d{1,4}\u5929)?\d{1,4}(?:\u5929|\u5c0f\u65f6|\u5206\u949f)/, // 已超期, 剩; 天, 小时, 分钟
  /\b(?:overdue by )?(?:\d{1,4} d )?\d{1,4} (?:d|h|min)(?: left)?\b/,
  /\p{Script=Han}+/u, // perhaps a name, see below
].map((pattern) => pattern.source).join("|"), "gu");
const RUN = /^\p{Script=Han}+$/u;
const LONGEST = 6; // Characters of a name or word that stays whole; more would leave the line before it half empty.

/** Give the nodes of a text in which short words, standing by themselves, are not broken at the end of a line. */
export function whole(text) {
  const nodes = [];
  let from = 0;
  for (const found of text.matchAll(WORDS)) {
    const end = found.index + found[0].length;
    if (RUN.test(found[0])) {
      const alone = !/\w/.test(text.charAt(found.index - 1) + text.charAt(end));
      if (!alone || [...found[0]].length > LONGEST) continue;
    }
    nodes.push(text.slice(from, found.index), el("span.whole", {}, found[0]));
    from = end;
  }
  nodes.push(text.slice(from));
  return nodes.filter((node) => node !== "");
}

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
    nodes.push(...whole(rest.slice(from, found.index)), part(found, onNumber));
    from = found.index + found[0].length;
  }
  nodes.push(...whole(rest.slice(from)));
  return nodes;
}

function part([text, number, url, phone], onNumber) {
  if (number) return el("button.word", { type: "button", onclick: () => onNumber(number) }, text);
  if (phone) return el("a.word", { href: `tel:${phone.replace("-", "")}` }, text);
  return el("a.word", { href: url, target: "_blank", rel: "noopener noreferrer" }, text);
}
