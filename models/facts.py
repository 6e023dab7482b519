"""Small facts that every process of the product shares: secrets made once, ids remembered for good."""

from __future__ import annotations

import secrets

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base
from models.upsert import insert_new, upsert

SECRET_BYTES = 32


class Fact(Base):
    """A named value; `value` never reaches a log or a page."""

    __tablename__ = "facts"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str] = mapped_column(String(256))


def get_or_make_secret(session: Session, name: str) -> str:
    """Give the secret of this name (256 random bits, URL-safe); whoever asks first makes it for all."""
    insert_new(session, Fact, [{"name": name, "value": secrets.token_urlsafe(SECRET_BYTES)}], key=("name",))
    return session.scalars(select(Fact.value).where(Fact.name == name)).one()


def find_fact(session: Session, name: str) -> str:
    """Give the value of a fact; empty if nobody has set it."""
    return session.scalar(select(Fact.value).where(Fact.name == name)) or ""


def do_set_fact(session: Session, name: str, value: str) -> None:
    """Set a fact for every process of the product."""
    upsert(session, Fact, {"name": name, "value": value}, key=("name",), change={"value": value})
