"""The photos of a case as cards show them: each with what its watermark says (number, where, when, who)."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import bindparam, select

from models.content import Picture
from models.hazards.tables import Hazard, HazardPhoto, PhotoKind, Source
from models.media import Media
from models.people.tables import Person
from models.session import Session
from models.texts import Line, Text, When

# A watermark is part of the picture, the same for everybody it is shown to, so it is in Chinese alone.
_KINDS = {PhotoKind.BEFORE: "整改前", PhotoKind.AFTER: "整改后", PhotoKind.EXTRA: "补充照片"}
_PEOPLE = {PhotoKind.BEFORE: "上报人", PhotoKind.AFTER: "整改人", PhotoKind.EXTRA: "提供人"}


def list_pictures(session: Session, hazard: Hazard, place: str, *, unnamed: Collection[int]) -> list[Picture]:
    """The photos of a case in the order in which they came; `place` in words, `unnamed`: who gave a tip."""
    rows = session.execute(_PHOTOS, {"hazard": hazard.id})
    pictures = []
    for photo, name, taken_at in rows:
        title = f"{hazard.number} · {_KINDS[photo.kind]}"
        if photo.kind is PhotoKind.AFTER and photo.round > 1:
            title += f"（第{photo.round}次）"
        # A camera whose clock runs ahead says nothing.
        taken = taken_at if taken_at and taken_at <= photo.at else None
        when = Text("拍摄 {at}", {"at": When(taken)}) if taken else Text("上传 {at}", {"at": When(photo.at)})
        lines: tuple[Line, ...] = (
            title,
            place,
            Text("{when} · {who}", {"when": when, "who": _who(photo, name, unnamed)}),
        )
        pictures.append(Picture(photo.sha, mark=lines))
    return pictures


# Built once, as in models/access.py: it runs with every card.
_PHOTOS = (
    select(HazardPhoto, Person.name, Media.taken_at)
    .join(Person, Person.id == HazardPhoto.by_id)
    .outerjoin(Media, Media.sha == HazardPhoto.sha)
    .where(HazardPhoto.hazard_id == bindparam("hazard"))
    .order_by(HazardPhoto.id)
)


def _who(photo: HazardPhoto, name: str, unnamed: Collection[int]) -> str:
    # A picture goes from hand to hand: whoever gave a tip must not be named on it.
    if photo.by_id in unnamed and photo.kind is not PhotoKind.AFTER:
        return Source.TIP.label
    return f"{_PEOPLE[photo.kind]} {name}"
