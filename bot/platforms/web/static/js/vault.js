// What is not sent yet, photos included, kept in the browser's database. Without one it lasts as long as the page.
import { own } from "./prefs.js";

const unsaved = new Map();
const TRAY = "tray";
const opening = new Map();

/** Open one of the two databases, "outbox" and "tray"; null where the browser has none. */
function open(name) {
  if (opening.has(name)) return opening.get(name);
  const opened = new Promise((done) => {
    let request;
    try {
      request = indexedDB.open(own(name), 1);
    } catch {
      done(null);
      return;
    }
    request.onupgradeneeded = () => request.result.createObjectStore("items", { keyPath: "id" });
    request.onsuccess = () => done(request.result);
    request.onerror = () => done(null);
  });
  opening.set(name, opened);
  return opened;
}

async function run(mode, work, name = "outbox") {
  const base = await open(name);
  if (!base) return null;
  return new Promise((done, fail) => {
    const transaction = base.transaction("items", mode, mode === "readwrite" ? { durability: "strict" } : undefined);
    const request = work(transaction.objectStore("items"));
    transaction.oncomplete = () => done(request.result);
    transaction.onerror = () => fail(transaction.error);
    transaction.onabort = () => fail(transaction.error);
  });
}

/** Keep an item; true if it survives the page. */
export async function keep(item) {
  unsaved.set(item.id, item);
  try {
    if ((await run("readwrite", (items) => items.put(item))) === null) return false;
  } catch {
    return false; // the disk is full, or a private window: it is still sent from memory
  }
  unsaved.delete(item.id);
  return true;
}

export async function drop(id) {
  unsaved.delete(id);
  try {
    await run("readwrite", (items) => items.delete(id));
  } catch {
    // Sent again after the next start: the server knows its id and answers without doing it twice.
  }
}

export async function has(id) {
  if (unsaved.has(id)) return true;
  return (await run("readonly", (items) => items.getKey(id)).catch(() => id)) !== undefined;
}

/** All items, oldest first. */
export async function list() {
  const items = (await run("readonly", (all) => all.getAll()).catch(() => null)) ?? [];
  return items.sort((a, b) => a.order - b.order);
}

/** Keep what is picked and not yet sent; nothing picked empties it. */
export async function keepTray(files, place) {
  const kept = files.map(({ blob, name, kind, width, height }) => ({ blob, name, kind, width, height }));
  const work = kept.length || place
    ? (all) => all.put({ id: TRAY, files: kept, place })
    : (all) => all.delete(TRAY);
  await run("readwrite", work, TRAY).catch(() => null); // no room: it lasts as long as the page
}

/** What was picked when the page went away. */
export async function takeTray() {
  return run("readonly", (all) => all.get(TRAY), TRAY).catch(() => null);
}
