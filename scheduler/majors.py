"""Jobs about major hazards: the weekly question to the rectifier, and the weekly message to leaders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.hazards.leaders import do_enrol_leaders, try_report_one
from models.hazards.progress import try_ask_one, try_chase_one

if TYPE_CHECKING:
    from scheduler.jobs import Services


async def ask_progress(services: Services) -> None:
    """Ask whoever is due for the progress of a listed hazard, and tell of questions without answer."""
    now, rules = services.clock(), services.rules
    # The answers that are missing first: whoever was down for a week asks once, and complains of what was asked before.
    while await services.store.write(lambda session: try_chase_one(session, rules=rules, now=now)):
        pass
    while await services.store.write(lambda session: try_ask_one(session, rules=rules, now=now)):
        pass


async def report_majors(services: Services) -> None:
    """Send leaders the open major hazards of their area, weekly, one leader per transaction."""
    now, rules = services.clock(), services.rules
    await services.store.write(lambda session: do_enrol_leaders(session, rules=rules, now=now))
    while await services.store.write(lambda session: try_report_one(session, rules=rules, now=now)):
        pass
