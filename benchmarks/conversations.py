"""How many messages and taps each conversation costs a person, by driving the real handlers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from benchmarks.outcome import Outcome, Plan, Target
from benchmarks.town import in_town
from models.people.entries import load_entry
from models.people.invites import Invitation, do_invite
from models.session import Session
from tests.fakes import County, Phone
from tests.handlers.hazards.ways import TARGETS, report_by_name, report_fast, report_guided

People = dict[str, int]
Talk = Callable[[County, People], Awaitable[int]]


async def join(county: County, people: People) -> int:
    """The invite's link, then 是我."""
    now, rules = county.clock(), county.rules.joining

    def invite(session: Session) -> Invitation:
        entry = load_entry(session, people["lin"], now=now)
        return do_invite(session, entry, created_by=people["qian"], rules=rules, now=now)

    invitation = await county.store.write(invite)
    phone: Phone = county.phone("new-phone")
    await phone.opens_link(invitation.code)
    await phone.taps("是我")
    phone.sees("您已加入")
    return int(phone.actions)


async def fast(county: County, _people: People) -> int:
    """A photo with a caption, then 提交."""
    return await report_fast(county.phone("lin"))


async def guided(county: County, _people: People) -> int:
    """Question by question with photo and location."""
    return await report_guided(county.phone("lin"))


async def by_name(county: County, _people: People) -> int:
    """Question by question without a photo, the enterprise by its name."""
    return await report_by_name(county.phone("lin"))


async def acknowledge(county: County, _people: People) -> int:
    """The manager's 确认收到."""
    await report_fast(county.phone("lin"))
    wu = county.phone("wu")
    await wu.taps("确认收到")
    wu.sees("整改中")
    return int(wu.actions)


async def ledger_list(county: County, _people: People) -> int:
    """Words to the list."""
    await report_fast(county.phone("lin"))
    zhou = county.phone("zhou")
    await zhou.sends("茂林镇 重大")
    zhou.sees("隐患台账：1条")
    return int(zhou.actions)


async def ledger_card(county: County, people: People) -> int:
    """And from the list to the card: the tap alone."""
    await ledger_list(county, people)
    zhou = county.phone("zhou")
    await zhou.taps(next(label for label in zhou.labels if label.startswith("1. ")))
    zhou.sees("整改责任人")
    return int(zhou.actions)


TALKS: tuple[tuple[str, Talk, int], ...] = (
    ("joining by a link", join, 2),
    ("report, photo with caption", fast, TARGETS["fast"]),
    ("report, guided", guided, TARGETS["guided"]),
    ("report, guided, by name", by_name, TARGETS["guided"]),
    ("confirming a notice", acknowledge, 1),
    ("ledger: words to the list", ledger_list, 1),
    ("ledger: list to the card", ledger_card, 1),
)


def run(_plan: Plan) -> Outcome:
    """Count them all; nothing here depends on the machine."""
    outcome = Outcome("conversations: messages and taps until the job is done", ("conversation", "actions", "target"))
    for name, talk, wanted in TALKS:
        actions = in_town(talk)
        outcome.rows.append((name, str(actions), str(wanted)))
        outcome.targets.append(Target(name, actions, wanted, unit="", at_least=False))
    return outcome
