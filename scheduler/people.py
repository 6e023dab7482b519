"""Jobs about people: whoever left is unbound, and whoever's work changed gets the new menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.people.joining import do_forget_attempts
from models.people.leaving import try_release_one
from models.people.menus import Bound, do_renew_menu, hash_menu, list_bound

if TYPE_CHECKING:
    from models.content import Card
    from models.session import Session, Unit
    from scheduler.jobs import Services


async def release_leavers(services: Services) -> None:
    """Unbind the chats of people whose roles have all ended, one person per transaction."""
    now = services.clock()
    while await services.store.write(lambda session: try_release_one(session, now=now)):
        pass


async def forget_attempts(services: Services) -> None:
    """Delete the counts of wrong codes that no longer count."""
    now = services.clock()
    await services.store.write(lambda session: do_forget_attempts(session, now=now))


async def renew_menus(services: Services) -> None:
    """Send the menu to every chat whose person's roles or language, or the product's commands, have changed."""
    now = services.clock()
    bound = await services.store.read(lambda session: list_bound(session, now=now))
    for one in bound:
        card = services.menu_card(one.actor)
        if one.menu != hash_menu(card.menu or (), one.actor.lang):
            await services.store.write(_unit(services, one, card))


def _unit(services: Services, bound: Bound, card: Card) -> Unit[bool]:
    def unit(session: Session) -> bool:
        return do_renew_menu(session, bound, card, now=services.clock())

    return unit
