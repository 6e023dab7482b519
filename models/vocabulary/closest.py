"""Names that come closest to a mistyped word, within a person's scope; and whom a nickname means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import or_, select

from models.access import Actor, inside
from models.enterprises.directory import visible_enterprises
from models.enterprises.tables import Enterprise
from models.grids.tables import Grid
from models.session import Session
from models.vocabulary.forms import everyday_forms, grid_forms, plain_text
from models.vocabulary.hearing import Heard, hear_names
from models.vocabulary.sounds import readings
from models.vocabulary.tables import Name, Standing

SIMILAR = 60  # Of 100, rapidfuzz's ratio: one character of three or two of five may differ.


def list_closest(session: Session, actor: Actor, word: str, *, limit: int = 4) -> list[Heard]:
    """The grids and enterprises of the person's scope whose names look or sound most like a word."""
    plain = plain_text(word)
    heard = [name for name in hear_names(session, actor, plain, grids=actor.grids()) if name.is_mine]
    heard += [name for name in _grids(session, actor) if all(name.key != other.key for other in heard)]
    scored = sorted(
        ((_likeness(plain, name), -index, name) for index, name in enumerate(heard)), reverse=True, key=_rank
    )
    best = {name.key: name for score, _index, name in reversed(scored) if score >= SIMILAR}
    return [name for _score, _index, name in scored if best.get(name.key) is name][:limit]


def _rank(item: tuple[float, int, Heard]) -> tuple[float, int]:
    return item[:2]


def _grids(session: Session, actor: Actor) -> Iterable[Heard]:
    mine = [inside(Grid.code, code) for code in actor.grids()]
    rows = session.execute(select(Grid.code, Grid.name).where(or_(*mine))).all() if mine else []
    return [Heard(name, Standing.OFFICIAL, code, is_mine=True) for code, name in rows]


def _likeness(word: str, name: Heard) -> float:
    from rapidfuzz import fuzz  # 50 modules, and most words are found without

    forms = everyday_forms(name.text) if name.enterprise_id is not None else grid_forms(name.text)
    by_look = max(fuzz.ratio(word, form) for form in forms)
    by_sound = max(fuzz.ratio(_heard(word), _heard(form)) for form in forms)
    return max(by_look, by_sound - 1)


def _heard(text: str) -> Sequence[str]:
    return [readings(character)[0] for character in text]


def find_nicknamed(session: Session, actor: Actor, word: str) -> list[Enterprise]:
    """The enterprises of the person's scope that are known by this nickname."""
    known = select(Name.enterprise_id).where(Name.text == plain_text(word), Name.standing == Standing.NICKNAME)
    return list(session.scalars(visible_enterprises(actor).where(Enterprise.id.in_(known)).limit(2)))
