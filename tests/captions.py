"""The corpus of captions, and how well they are understood: each goes through the real handlers as photo + caption.

`right`, `asked` and `wrong` are defined in docs/vocabulary.md. What the files are, and what a first measuring is, too.
"""

import tomllib
from collections import Counter
from pathlib import Path

from sqlalchemy import select

from models.content import Place
from models.drafts import Draft
from models.enterprises.tables import Enterprise
from models.hazards.places import Spot
from models.people.tables import Account, Person
from tests import factories, photos

FOLDER = Path(__file__).parent / "data" / "captions"


def read_captions(name):
    return tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))["caption"]


class Measure:
    """One county in which everybody of the corpus has a phone."""

    def __init__(self, county):
        self.county = county
        self.photo = photos.jpeg()
        self.counts = Counter()
        self.causes = Counter()

    async def run(self, entries):
        await self.county.store.write(lambda session: self._bind(session, {entry["by"] for entry in entries}))
        for entry in entries:
            cause = await self.judge(entry)
            self.counts[cause.partition(" ")[0]] += 1
            self.causes[cause] += 1
        return self

    def _bind(self, session, names):
        bound = set(session.scalars(select(Account.chat)))
        for ident, name in session.execute(select(Person.id, Person.name).where(Person.name.in_(names))):
            if name not in bound:
                factories.bind(session, ident, name, now=self.county.clock())

    async def judge(self, entry):
        phone = self.county.phone(entry["by"])
        phone.clears()
        pin = [Place(*entry["pin"])] if "pin" in entry else []
        await phone.sends(self.photo, entry["text"], *pin)
        draft = await self._draft(entry["by"])
        try:
            return _verdict(entry, draft, phone, await self._names())
        finally:
            if draft is not None:
                await phone.presses(f"draft:{draft.id}:cancel")

    async def _draft(self, chat):
        find = select(Draft).where(Draft.chat == chat, Draft.status == "open")
        return await self.county.store.read(lambda session: session.scalars(find).one_or_none())

    async def _names(self):
        if not hasattr(self, "_by_id"):
            rows = select(Enterprise.id, Enterprise.name)
            self._by_id = await self.county.store.read(lambda session: dict(map(tuple, session.execute(rows))))
        return self._by_id

    def line(self, name):
        total = self.counts.total()
        right = 100 * self.counts["right"] / total
        causes = ", ".join(f"{cause} {count}" for cause, count in sorted(self.causes.items()) if cause != "right")
        return (
            f"{name}: {total} captions, right {right:.1f} %, asked {self.counts['asked']}, "
            f"silently wrong {self.counts['wrong']} ({causes or 'nothing else'})"
        )


def _verdict(entry, draft, phone, names):
    """`right`, or `asked` or `wrong` with what about: place, category, level, days, kind."""
    if draft is None:
        return _unopened(entry, phone)
    if entry["kind"] == "chatter":
        return "asked chatter" if draft.step or "unsure" in draft.answers else "wrong chatter"
    if entry["kind"] == "several" and draft.step == "split":
        return "right" if len(draft.answers["parts"]) == entry["hazards"] else "asked number"
    if entry["kind"] == "several":
        return "asked several" if draft.step else "wrong several"
    if wrong := _filled_badly(entry, draft.answers):
        return f"wrong {wrong}"
    asked = _asked(entry, draft, phone, names)
    return f"asked {asked}" if asked else "right"


def _asked(entry, draft, phone, names):
    """What is open of a report that should not be; "" if nothing is."""
    if draft.step == "place" and not isinstance(entry["place"], list):
        return "place among candidates" if entry["place"] in _offered(phone, names) else "place"
    if draft.step == "place" and not set(entry["place"]) <= _offered(phone, names):
        return "candidates"
    if "unsure" in draft.answers:
        return "category"
    return "" if draft.step == "place" else draft.step


def _unopened(entry, phone):
    if entry["kind"] == "chatter":
        return "right"
    assert "系统出错" not in phone.describe()
    return "asked whether" if "没有看出这里有什么隐患" in phone.describe() else "wrong taken-for-chatter"


def _filled_badly(entry, answers):
    """What stands on the card and is not what the label says."""
    if "place" in answers:
        spot = Spot.from_json(answers["place"])
        if entry["place"] != (spot.name or spot.grid_code):
            return "place"
    if "unsure" not in answers and answers["category"] not in entry["category"]:
        return "category"
    if answers["level"] != entry["level"]:
        return "level"
    return "days" if answers["deadline"] != entry.get("days", answers["deadline"]) else ""


def _offered(phone, names):
    keys = [
        data.split(":")[2].removeprefix("pick.place.") for _label, data in phone.screen[-1].buttons if ":pick." in data
    ]
    return {names.get(int(key[1:]), "") if key.startswith("e") else key[1:] for key in keys}
