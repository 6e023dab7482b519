"""What a dry run finds: counts per kind, wrong rows, remarks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from models.imports.batch import Batch, Record, Remark, Wrong, where
from models.imports.templates import Kind
from models.texts import Joined, Line, Text, _

T = TypeVar("T")
_IN_LIST = 1000  # Values per IN (…): well below what SQLite and PostgreSQL take as parameters.


class Effect(StrEnum):
    """What importing a row does to the store."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(slots=True)
class Counts:
    """Rows of one kind; their sum is the number of rows in the files."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    wrong: int = 0


class RowRefused(Exception):
    """A row that cannot be imported, because of what stands in the column with this key."""

    def __init__(self, key: str, reason: Text) -> None:
        super().__init__(reason.msgid)
        self.key = key
        self.reason = reason


@dataclass(slots=True)
class Report:
    """The outcome of a dry run, in the order of the files."""

    counts: dict[Kind, Counts] = field(default_factory=lambda: {kind: Counts() for kind in Kind})
    wrong: list[Wrong] = field(default_factory=list)
    notes: list[Remark] = field(default_factory=list)

    @classmethod
    def of(cls, batch: Batch) -> Report:
        """Begin with what was wrong in the files themselves."""
        report = cls(wrong=list(batch.wrong), notes=list(batch.notes))
        for record in {id(wrong.record): wrong.record for wrong in batch.wrong if wrong.record}.values():
            report.counts[record.table.kind].wrong += 1
        return report

    @property
    def has_changes(self) -> bool:
        """Tell whether a row is new or says something else than the store."""
        return any(counts.new or counts.changed for counts in self.counts.values())

    def sort(self) -> None:
        """Bring what was found into the order of the files and their rows."""
        spots = [*(wrong.spot for wrong in self.wrong), *(note.spot for note in self.notes)]
        files = {spot.file: place for place, spot in enumerate(reversed(spots))}

        def place(remark: Wrong | Remark) -> tuple[int, str, int]:
            return -files[remark.spot.file], remark.spot.sheet, remark.spot.row

        self.wrong.sort(key=place)
        self.notes.sort(key=place)

    def count(self, kind: Kind, effect: Effect) -> None:
        """Count a row that can be imported."""
        counts = self.counts[kind]
        setattr(counts, effect, getattr(counts, effect) + 1)

    def refuse(self, kind: Kind, record: Record, refusal: RowRefused) -> None:
        """Count a row that cannot be imported, and say why."""
        self.counts[kind].wrong += 1
        self.wrong.append(Wrong(record.at(refusal.key), refusal.reason, record, refusal.key))

    def note(self, record: Record, key: str, text: Text) -> None:
        """Remark on a cell without refusing its row."""
        self.notes.append(Remark(record.at(key), text))


def is_repeated(record: Record, first: Record, report: Report) -> bool:
    """Tell whether a row says the same as an earlier one, and remark on it."""
    if record.values != first.values:
        return False
    report.note(record, "", _("与{place}相同，只算一行。", place=said(first)))
    return True


def contradicts(first: Record) -> Text:
    """The refusal of a row that says something else about the same thing than an earlier one."""
    return _("与{place}重复，但内容不同，请只留一行。", place=said(first))


def said(record: Record) -> Joined:
    """The place of a row, within a sentence."""
    return Joined(tuple(where(record.spot)))


def merged(effects: Sequence[Effect]) -> Effect:
    """The effect of a row that touches several things: a new thing counts as a change of the row's own."""
    return Effect.UNCHANGED if all(effect is Effect.UNCHANGED for effect in effects) else Effect.CHANGED


def in_lists(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Cut a sequence into pieces for IN (…)."""
    for start in range(0, len(values), _IN_LIST):
        yield values[start : start + _IN_LIST]


def count_lines(report: Report) -> list[Line]:
    """One line per kind of which there are rows."""
    return [
        _(
            "{kind}：新增 {new} 行，变更 {changed} 行，不变 {unchanged} 行，有误 {wrong} 行。",
            kind=Text(kind.label),
            new=counts.new,
            changed=counts.changed,
            unchanged=counts.unchanged,
            wrong=counts.wrong,
        )
        for kind, counts in report.counts.items()
        if counts != Counts()
    ]


def remark_line(remark: Remark | Wrong) -> Line:
    """One remark with its place."""
    return _("{place}：{reason}", place=Joined(tuple(where(remark.spot))), reason=remark.reason)
