"""A person at a real browser: what they type, tap and see."""

from playwright.async_api import expect

from tests.factories import bind

PHONE = {"width": 390, "height": 844}
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Chromium says this of requests while the network is off, of a lost cookie, of a refused or too large photo.
EXPECTED = (
    "net::ERR_INTERNET_DISCONNECTED", "WebSocket connection to", "status of 401", "status of 413", "status of 422",
)  # fmt: skip

# Source: WCAG 2.2, relative luminance and contrast ratio.
CONTRAST = """() => {
  const parse = (text) => {
    const part = text.match(/[\\d.]+/g).map(Number);
    return [...part.slice(0, 3), part[3] ?? 1];
  };
  const linear = (c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => 0.2126 * linear(r / 255) + 0.7152 * linear(g / 255) + 0.0722 * linear(b / 255);
  const ground = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const rgb = parse(getComputedStyle(at).backgroundColor);
      if (rgb[3] > 0.9) return rgb;
    }
    return [255, 255, 255, 1];
  };
  const weak = [];
  for (const node of document.querySelectorAll("body *")) {
    const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
    const box = node.getBoundingClientRect();
    if (!own || !box.width || node.closest(".unseen, [hidden], dialog:not([open])") || node.disabled) continue;
    const [a, b] = [light(parse(getComputedStyle(node).color)), light(ground(node))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) weak.push(`${node.className} "${node.textContent.slice(0, 20)}" ${ratio.toFixed(2)}`);
  }
  return weak;
}"""


class Screen:
    """One browser window on one chat."""

    def __init__(self, site, context, page):
        self.site, self.context, self.page = site, context, page
        self.problems = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.problems.append(str(error)))

    def _console(self, message):
        if message.type == "error" and not any(words in message.text for words in EXPECTED):
            self.problems.append(message.text)

    async def opens(self, path="/"):
        await self.page.goto(str(self.site.server.make_url("/")).rstrip("/") + path)
        await expect(self.page.locator("#who")).not_to_have_text("正在连接…")

    async def belongs_to(self, person_id):
        """Bind this browser's chat, as joining would."""
        await self.says("你好")
        await self.sees("收到：你好")
        chat = self.site.received[-1].chat
        now = self.site.clock()
        await self.site.store.write(lambda session: bind(session, person_id, chat, platform="web", now=now))
        await self.site.platform._hub.look()
        await expect(self.page.locator("#welcome")).to_be_hidden()
        return chat

    async def says(self, text):
        await self.page.fill("#text", text)
        await self.page.keyboard.press("Enter")

    async def picks(self, *photos, tile="相册"):
        """Choose photos (bytes) from the album."""
        await self.page.click("#attach")
        async with self.page.expect_file_chooser() as chooser:
            await self.page.click(f".tile:has-text('{tile}')")
        files = [{"name": f"{n}.jpg", "mimeType": "image/jpeg", "buffer": data} for n, data in enumerate(photos)]
        await (await chooser.value).set_files(files)
        await expect(self.page.locator(".picked img")).to_have_count(len(photos))

    async def taps(self, label):
        await self.page.get_by_role("button", name=label, exact=True).last.click()

    async def sees(self, text):
        await expect(self.page.locator("#log").get_by_text(text).last).to_be_visible()

    async def words(self):
        """The texts of all messages, top to bottom."""
        return await self.page.locator(".message:not(.typing) .bubble").all_inner_texts()

    async def overflow(self):
        """By how many pixels the page is wider than its window."""
        return await self.page.evaluate("document.documentElement.scrollWidth - innerWidth")

    async def weak_contrasts(self):
        """Every visible text whose contrast is below WCAG AA."""
        return await self.page.evaluate(CONTRAST)
