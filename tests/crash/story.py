"""People who go on using the bot while it is being killed, and what must be true afterwards."""

import asyncio
import base64
import re
import time
from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import select

from models.content import Card
from models.hazards.besides import BESIDES
from models.hazards.flow import State
from models.hazards.history import find_mismatches
from models.hazards.tables import Hazard, HazardEvent
from models.inbox import InboxRow
from models.outbox import OutboxRow
from models.texts import Reader
from tests import photos
from tests.crash.processes import until

FIRST_UPDATE = 1001  # Of the local server.
REPEAT = "（重发）"
SMALL_TALK = {  # what is asked → how the answer begins, without any draft open
    "/help": "您可以这样用",
    "取消": "现在没有正在填写的内容",
    "/lang": "请选择语言",
    "YH20260101-9999": "没有找到",
}

ACCEPT = "确认收到"
LETTERS = dict(zip(SMALL_TALK, "abcd", strict=True))


@dataclass
class Person:
    """Somebody with a phone; `asked` is what was sent, in order."""

    chat: int
    asked: list[str] = field(default_factory=list)


async def chats(telegram, person, dice, stop):
    """Ask one thing after the other without waiting for answers."""
    while not stop.is_set():
        question = dice.choice(list(SMALL_TALK))
        await telegram.acts(person.chat, "sends", question)
        person.asked.append(question)
        await asyncio.sleep(dice.uniform(0.05, 0.45))


async def reports(telegram, person, name, stop):
    """Report hazards by photo and caption, pressing 提交 on each card, one after the other."""
    while not stop.is_set():
        number = len(person.asked) + 1
        token = f"{name}号枪漏油{number:03}"
        photo = photos.jpeg(photos.scene((320, 240), seed=number % 12))
        await telegram.acts(person.chat, "photo", base64.b64encode(photo).decode(), f"靠山加油站 {token}")
        person.asked.append(token)
        finger = Finger(telegram, person)
        await until(lambda token=token, finger=finger: finger.submits(token), f"{token} was never registered", 300)


@dataclass
class Finger:
    """Presses 提交, and presses it again when nothing happens for a while, as people do."""

    telegram: object
    person: Person
    again_at: float = 0.0

    async def submits(self, token):
        """Press if the card of the draft offers it, 仍要新建 first, as all are alike; true once it is registered."""
        for shown in await self.telegram.screen(self.person.chat):
            if token not in shown["text"]:
                continue
            offered = [label for label in ("仍要新建", "提交") if any(label in row for row in shown["buttons"])]
            if not offered and re.search(r"YH\d{8}-\d{4}", shown["text"]):
                return True
            if offered and time.monotonic() > self.again_at:
                self.again_at = time.monotonic() + 4
                await self.telegram.acts(self.person.chat, "taps", offered[0])
        return False


async def accepts(telegram, person, stop):
    """Press 确认收到 on every notice; when told to stop, go on until none is left."""
    while not stop.is_set() or await offers(telegram, person, ACCEPT):
        await telegram.acts(person.chat, "taps", ACCEPT)
        await asyncio.sleep(0.3)


async def offers(telegram, person, label):
    """Whether a button with this label can be pressed."""
    return any(label in row for shown in await telegram.screen(person.chat) for row in shown["buttons"])


async def is_quiet(telegram, store):
    """Whether everything that was sent has been confirmed, handled, and answered."""
    if (await telegram.state())["pending"]:
        return False

    def busy(session):
        events = session.scalars(select(InboxRow.id).where(InboxRow.status == "new")).all()
        waiting = select(OutboxRow.id).where(OutboxRow.status.in_(("queued", "leased")))
        return bool(events or session.scalars(waiting.where(OutboxRow.platform == "telegram")).all())

    return not await store.read(busy)


async def check_nothing_is_lost(telegram, store):
    """Every update that the server was told is received stands in the inbox, handled; return how many."""
    confirmed = set(range(FIRST_UPDATE, (await telegram.state())["confirmed_below"]))
    rows = await store.read(lambda s: s.execute(select(InboxRow.event_id, InboxRow.status)).all())
    assert confirmed - {int(row.event_id) for row in rows} == set()
    assert Counter(row.status for row in rows) == {"done": len(rows)}
    assert len(rows) == len(confirmed)
    return len(confirmed)


async def check_hazards(store, people):
    """Each report became one hazard with a number and a history of its own, and each press one move."""
    tokens = [token for person in people for token in person.asked]

    def read(session):
        hazards = session.execute(select(Hazard.id, Hazard.number, Hazard.description, Hazard.state)).all()
        events = session.execute(
            select(HazardEvent.hazard_id, HazardEvent.action).where(HazardEvent.action.not_in(BESIDES))
        ).all()
        notices = session.scalars(
            select(OutboxRow.dedupe_key).where(
                OutboxRow.subject.startswith("hazard:"), OutboxRow.dedupe_key.is_not(None)
            )
        ).all()
        return hazards, events, notices, [case for case in find_mismatches(session) if case]

    hazards, events, notices, mismatches = await store.read(read)
    assert sorted(token for token in tokens for row in hazards if token in row.description) == sorted(tokens)
    assert len({row.number for row in hazards}) == len(hazards) == len(tokens)
    assert {":".join(key.split(":")[:2]) for key in notices} == {f"hazard:{row.id}" for row in hazards}
    # Reported, dispatched and accepted once each, and nothing else; the columns say what the history says.
    assert Counter(map(tuple, events)) == {
        (row.id, action): 1 for row in hazards for action in ("report", "dispatch", "accept")
    }
    assert {row.state for row in hazards} == {State.RECTIFYING}
    assert mismatches == []
    return len(hazards)


async def check_small_talk(telegram, store, person):
    """Each question has one answer, in the order of asking, in the outbox and on the phone.

    What was under way when the bot was killed may have arrived twice, the second time marked as a repeat;
    return how many did.
    """
    wanted = "".join(LETTERS[question] for question in person.asked)
    answers = await store.read(lambda session: list_answers(session, person.chat))
    assert "".join(letter(text) for text, _uncertain in answers) == wanted
    delivered = [row["fields"]["text"] for row in await telegram.accepted(person.chat, "sendMessage")]
    spelled = "".join(letter(text).upper() if REPEAT in text else letter(text) for text in delivered)
    pattern = "".join(
        f"{one}?{one.upper()}+" if uncertain else one for one, (_text, uncertain) in zip(wanted, answers, strict=True)
    )
    assert re.fullmatch(pattern, spelled), f"asked {wanted}, delivered {spelled}"
    return len(delivered) - len(answers)


def letter(text):
    """The letter of the question that a text answers."""
    return next((LETTERS[question] for question, begin in SMALL_TALK.items() if begin in text), "?")


def list_answers(session, chat):
    """What the bot said to a chat, in order: the text, and whether it may have been delivered before."""
    rows = session.scalars(select(OutboxRow).where(OutboxRow.chat == str(chat)).order_by(OutboxRow.id))
    cards = [(Card.from_json(row.card), row.uncertain) for row in rows]
    texts = [("\n".join(map(Reader().read, (card.title, *card.lines))).strip(), flag) for card, flag in cards]
    return [(text, flag) for text, flag in texts if text]  # a card may set no more than a menu
