"""The photos of a case as cards show them: each with what its watermark says, before and after beside each other."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from models.content import Half, Picture
from models.hazards.flow import State
from models.hazards.prints import distance, tells_nothing
from models.hazards.tables import Hazard, HazardPhoto, PhotoKind, Source
from models.media import Media, find_media
from models.people.tables import Person
from models.session import Session
from models.texts import Text, When

# A watermark is part of the picture, the same for everybody it is shown to, so it is in Chinese alone.
_KINDS = {PhotoKind.BEFORE: "整改前", PhotoKind.AFTER: "整改后", PhotoKind.EXTRA: "补充照片"}
_PEOPLE = {PhotoKind.BEFORE: "上报人", PhotoKind.AFTER: "整改人", PhotoKind.EXTRA: "提供人"}
_COMPARED = frozenset({State.REVIEW, State.DELISTING, State.CLOSED})
PAIRS = 3  # As many can be read on a phone, one below the other.


@dataclass(frozen=True, slots=True)
class Shot:
    """A photo of a case: when it was taken (or came, if the camera does not say), by whom, and its hashes."""

    sha: str
    kind: PhotoKind
    round: int
    by_id: int | None
    by: str
    when: Text
    hashes: tuple[int, ...] = ()


def list_shots(session: Session, hazard: Hazard) -> list[Shot]:
    """The photos of a case in the order in which they came. One query."""
    rows = session.execute(_PHOTOS, {"hazard": hazard.id})
    return [
        Shot(photo.sha, photo.kind, photo.round, photo.by_id, name, _when(media, photo.at), _hashes(media))
        for photo, name, media in rows
    ]


# Built once, as in models/access.py: it runs with every card.
_PHOTOS = (
    select(HazardPhoto, Person.name, Media)
    .join(Person, Person.id == HazardPhoto.by_id)
    .outerjoin(Media, Media.sha == HazardPhoto.sha)
    .where(HazardPhoto.hazard_id == bindparam("hazard"))
    .order_by(HazardPhoto.id)
)


def list_pictures(hazard: Hazard, shots: Iterable[Shot], place: str, *, unnamed: Collection[int]) -> list[Picture]:
    """The same with their watermarks; `place` in words, `unnamed`: who gave a tip."""
    pictures = []
    for shot in shots:
        title = f"{hazard.number} · {_KINDS[shot.kind]}"
        if shot.kind is PhotoKind.AFTER and shot.round > 1:
            title += f"（第{shot.round}次）"
        who = Text("{when} · {who}", {"when": shot.when, "who": _who(shot, unnamed)})
        pictures.append(Picture(shot.sha, mark=(title, place, who)))
    return pictures


def find_pair(hazard: Hazard, shots: Sequence[Shot], place: str) -> Picture | None:
    """Before and after of the last rectification beside each other, while it is looked at or once it is over."""
    after = last_after(shots)
    return _pair(hazard, _before(shots), after, place) if hazard.state in _COMPARED else None


def pair_picture(
    session: Session, hazard: Hazard, after_shas: Sequence[str], at: datetime, *, place: str = ""
) -> Picture | None:
    """The same for photos that are about to be handed in, at the moment `at`; None if there is nothing to compare.

    Two queries. The photos must lie in the media store.
    """
    shots = list_shots(session, hazard)
    return _pair(hazard, _before(shots), _coming(session, hazard, after_shas, at), place or hazard.place)


def last_after(shots: Sequence[Shot]) -> list[Shot]:
    """The photos of the last rectification."""
    after = [shot for shot in shots if shot.kind is PhotoKind.AFTER]
    return [shot for shot in after if shot.round == max(other.round for other in after)]


def looks_unchanged(shots: Sequence[Shot], *, bits: int) -> bool:
    """Tell whether a photo of the last rectification is nearly one from before, or its mirror image."""
    return _is_same(_before(shots), last_after(shots), bits)


def is_unchanged(session: Session, hazard: Hazard, after_shas: Sequence[str], at: datetime, *, bits: int) -> bool:
    """The same of photos that are about to be handed in."""
    return _is_same(_before(list_shots(session, hazard)), _coming(session, hazard, after_shas, at), bits)


def _coming(session: Session, hazard: Hazard, shas: Sequence[str], at: datetime) -> list[Shot]:
    known = find_media(session, shas)
    return [
        Shot(sha, PhotoKind.AFTER, hazard.round, None, "", _when(known.get(sha), at), _hashes(known.get(sha)))
        for sha in dict.fromkeys(shas)
    ]


def _before(shots: Iterable[Shot]) -> list[Shot]:
    return [shot for shot in shots if shot.kind is PhotoKind.BEFORE]


def _pair(hazard: Hazard, before: Sequence[Shot], after: Sequence[Shot], place: str) -> Picture | None:
    """In the order in which they came, each photo once; what is left over stands alone."""
    pairs = tuple((_half(left), _half(right)) for left, right in list(zip(before, after, strict=False))[:PAIRS])
    if not pairs:
        return None
    head = (f"{hazard.number} · 整改前后对比", *([place] if place else []))
    return Picture(pairs[0][1].sha, mark=head, pairs=pairs)


def _half(shot: Shot) -> Half:
    title = _KINDS[shot.kind]
    if shot.kind is PhotoKind.AFTER and shot.round > 1:
        title += f"（第{shot.round}次）"
    return Half(shot.sha, (title, shot.when))


def _is_same(before: Iterable[Shot], after: Sequence[Shot], bits: int) -> bool:
    return any(_is_like(one, other, bits) for one in before for other in after)


def _is_like(one: Shot, other: Shot, bits: int) -> bool:
    if one.sha == other.sha:
        return True
    if not one.hashes or not other.hashes or tells_nothing(one.hashes[0], bits):
        return False
    return any(distance(one.hashes[0], look) <= bits for look in other.hashes)


def _hashes(media: Media | None) -> tuple[int, ...]:
    looks = (media.dhash, media.mirror_hash) if media else ()
    return tuple(look for look in looks if look is not None)


def _when(media: Media | None, at: datetime) -> Text:
    # A camera whose clock runs ahead says nothing.
    taken = media.taken_at if media and media.taken_at and media.taken_at <= at else None
    return Text("拍摄 {at}", {"at": When(taken)}) if taken else Text("上传 {at}", {"at": When(at)})


def _who(shot: Shot, unnamed: Collection[int]) -> str:
    # A picture goes from hand to hand: whoever gave a tip must not be named on it.
    if shot.by_id in unnamed and shot.kind is not PhotoKind.AFTER:
        return Source.TIP.label
    return f"{_PEOPLE[shot.kind]} {shot.by}"
