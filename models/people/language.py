"""The language a person reads."""

from __future__ import annotations

from sqlalchemy import update

from models.access import Actor
from models.errors import NotFound
from models.people.tables import Person
from models.session import Session
from models.texts import LANGS


def do_choose_language(session: Session, actor: Actor, lang: str) -> None:
    """Set the language of a person.

    Raises: NotFound: no such language.
    """
    if lang not in LANGS:
        raise NotFound
    session.execute(update(Person).where(Person.id == actor.person_id).values(lang=lang))
