"""Fingerprints of photos: which hazards have a photo that is nearly the same, found by an index.

A difference hash has 64 bits. Two photos that differ in at most nine of them agree, in at least one of five parts
of the hash, but for one bit (nine changes cannot put two into each part): so the parts are what is indexed, and a
photo is looked for by its parts with no bit or one bit changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

from sqlalchemy import Table, bindparam, select

from models.hazards.tables import HazardPhoto, HazardPrint
from models.media import Media, find_media
from models.session import Session
from models.upsert import insert_new

BITS = 64
PARTS = 5
FARTHEST = 2 * PARTS - 1  # Bits in which two photos may differ and are found for certain.
MANY = 50_000  # Rows looked at: bounds what a picture costs that looks like thousands of others.
_ALL = (1 << BITS) - 1
# Every fifth bit: neighbouring points of a picture are alike (the sky), and a part of them alone would tell little.
_MASKS = tuple(sum(1 << bit for bit in range(part, BITS, PARTS)) for part in range(PARTS))


@dataclass(frozen=True, slots=True)
class Alike:
    """A photo of a hazard that is nearly one of the new ones (`mine`). `bits`: in how many of 64 they differ."""

    hazard_id: int
    sha: str
    mine: str
    bits: int


def _signed(value: int) -> int:
    return value - (1 << BITS) if value >> (BITS - 1) else value


def _unsigned(value: int) -> int:
    return value & _ALL


def parts_of(dhash: int) -> list[int]:
    """The parts of a hash, as they are stored; two without a bit are one."""
    return list(dict.fromkeys(_signed(_unsigned(dhash) & mask) for mask in _MASKS))


def near_parts(dhash: int) -> set[int]:
    """The five parts of a hash, and each with one bit changed."""
    bare = _unsigned(dhash)
    found = set(parts_of(dhash))
    for mask in _MASKS:
        found |= {_signed((bare & mask) ^ (1 << bit)) for bit in range(BITS) if mask >> bit & 1}
    return found


def distance(one: int, other: int) -> int:
    """In how many bits two hashes differ."""
    return (_unsigned(one) ^ _unsigned(other)).bit_count()


def tells_nothing(dhash: int, bits: int) -> bool:
    """Tell whether a picture is so even (night, fog, a white wall) that every other even one is like it."""
    ones = _unsigned(dhash).bit_count()
    return not bits < ones < BITS - bits


def do_print(session: Session, hazard_id: int, shas: Sequence[str]) -> None:
    """Index the photos of a hazard."""
    hashes = {media.dhash for media in find_media(session, shas).values() if media.dhash is not None}
    rows = [
        {"part": part, "hazard_id": hazard_id, "dhash": dhash} for dhash in sorted(hashes) for part in parts_of(dhash)
    ]
    insert_new(session, HazardPrint, rows, key=("part", "hazard_id", "dhash"))


_SAME = (
    select(HazardPhoto.hazard_id, HazardPhoto.sha)
    .where(HazardPhoto.sha.in_(bindparam("shas", expanding=True)))
    .order_by(HazardPhoto.id.desc())
    .limit(MANY)
)
_PRINTS = cast("Table", HazardPrint.__table__)  # Not the class: it would be a third of the cost of a row.
_NEAR = (
    select(_PRINTS.c.part, _PRINTS.c.hazard_id, _PRINTS.c.dhash)
    .where(_PRINTS.c.part.in_(bindparam("parts", expanding=True)))
    .limit(MANY)
)
_NOTHING = (BITS + 1, "")


def find_alike(session: Session, shas: Iterable[str], *, bits: int) -> dict[int, Alike]:
    """The hazards with a photo like one of these, or its mirror image; of each the photo that comes closest.

    Nobody's right to see them has been looked at. At most four queries, none without photos.
    """
    wanted = list(dict.fromkeys(shas))
    if not wanted:
        return {}
    found: dict[int, Alike] = {}
    for hazard_id, sha in session.execute(_SAME, {"shas": wanted}):
        found.setdefault(hazard_id, Alike(hazard_id, sha, sha, 0))
    looks = [
        (look, sha)
        for sha, media in find_media(session, wanted).items()
        for look in (media.dhash, media.mirror_hash)
        if look is not None and not tells_nothing(look, bits)
    ]
    if not looks:
        return found
    asking: dict[int, list[tuple[int, str]]] = {}
    for pair in looks:
        for part in near_parts(pair[0]):
            asking.setdefault(part, []).append(pair)
    near: dict[tuple[int, int], tuple[int, str]] = {}
    for part, hazard_id, dhash in session.execute(_NEAR, {"parts": sorted(asking)}):
        for look, mine in asking[part]:  # thousands of times: no call, no generator
            differing = ((look ^ dhash) & _ALL).bit_count()
            if differing <= bits and differing < near.get((hazard_id, dhash), _NOTHING)[0]:
                near[hazard_id, dhash] = differing, mine
    near = {key: match for key, match in near.items() if key[0] not in found}
    return found | _with_photos(session, near)


def _with_photos(session: Session, near: dict[tuple[int, int], tuple[int, str]]) -> dict[int, Alike]:
    """Which photos those are, the closest of each hazard."""
    if not near:
        return {}
    rows = session.execute(_PHOTOS, {"hazards": list({hazard_id for hazard_id, _dhash in near})})
    found: dict[int, Alike] = {}
    for hazard_id, sha, dhash in rows:
        if dhash is None or (match := near.get((hazard_id, dhash))) is None:
            continue
        alike = Alike(hazard_id, sha, match[1], match[0])
        if hazard_id not in found or alike.bits < found[hazard_id].bits:
            found[hazard_id] = alike
    return found


_PHOTOS = (
    select(HazardPhoto.hazard_id, HazardPhoto.sha, Media.dhash)
    .join(Media, Media.sha == HazardPhoto.sha)
    .where(HazardPhoto.hazard_id.in_(bindparam("hazards", expanding=True)))
    .order_by(HazardPhoto.id)
)
