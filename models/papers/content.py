"""The papers of a case as plain texts and addresses: what is read from the store and drawn in the darkroom.

Apart from what reads it, so that a worker that draws need not know the database.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

TITLE = "隐患治理档案"
Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A part of the papers. `shares`: how the columns divide the width; `head` is empty for labels and values."""

    title: str
    head: Row
    shares: tuple[int, ...]
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo and what stands in the band under it. `path`: where the copy lies, empty if it is not there."""

    sha: str
    says: Row
    path: str = ""


@dataclass(frozen=True, slots=True)
class Beside:
    """Before and after, beside each other."""

    head: Row
    before: Photo
    after: Photo


@dataclass(frozen=True, slots=True)
class Dossier:
    """The whole document; `left_out`: photos there was no room for."""

    number: str
    state: str
    made_at: datetime
    foot: str
    facts: Table
    pairs: Sequence[Beside]
    photos: Sequence[Photo]
    left_out: int
    tables: Sequence[Table]
    seal: str


def with_paths(dossier: Dossier, paths: dict[str, str]) -> Dossier:
    """Say where the copies of the photos lie."""

    def found(photo: Photo) -> Photo:
        return replace(photo, path=paths.get(photo.sha, ""))

    return replace(
        dossier,
        photos=[found(photo) for photo in dossier.photos],
        pairs=[replace(pair, before=found(pair.before), after=found(pair.after)) for pair in dossier.pairs],
    )


def list_shas(dossier: Dossier) -> set[str]:
    """The addresses of all photos in it."""
    paired = (photo.sha for pair in dossier.pairs for photo in (pair.before, pair.after))
    return {*(photo.sha for photo in dossier.photos), *paired}
