// Lets the page open without a network, so that what is written in a dead spot is kept and sent later.
const CACHE = "wangge-{{static}}";
const SHELL = {{shell}};

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll([...SHELL, "/"])).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = caches.keys().then((names) => names.filter((name) => name !== CACHE).map((name) => caches.delete(name)));
  event.waitUntil(old.then((all) => Promise.all(all)).then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (SHELL.includes(url.pathname)) event.respondWith(caches.match(url.pathname).then((kept) => kept || fetch(request)));
  else if (request.mode === "navigate" && url.pathname === "/") event.respondWith(openPage(request));
});

// The newest page if the network gives it, else the one that was kept.
async function openPage(request) {
  try {
    const answer = await fetch(request);
    if (answer.ok) (await caches.open(CACHE)).put("/", answer.clone());
    return answer;
  } catch {
    return (await caches.match("/")) || Response.error();
  }
}
