"""What a dry run finds: counts per kind, wrong rows, remarks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any, TypeVar

from models.imports.batch import Batch, Record, Remark, Wrong, where
from models.imports.templates import Kind
from models.texts import Joined, Line, Text, _

T = TypeVar("T")
_IN_LIST = 1000  # Values per IN (…): well below what SQLite and PostgreSQL take as parameters.


class Effect(StrEnum):
    """What importing a row does to the store; a repeated one says the same as an earlier row."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REPEATED = "repeated"


@dataclass(slots=True)
class Counts:
    """Rows of one kind; their sum is the number of rows in the files."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    wrong: int = 0
    repeated: int = 0

    def to_json(self) -> dict[str, int]:
        """Plain JSON values; rows that are there twice are rare, and named only where there are some."""
        return {name: count for name, count in asdict(self).items() if count or name != "repeated"}


class RowRefused(Exception):
    """A row that cannot be imported, because of what stands in the column with this key."""

    def __init__(self, key: str, reason: Text) -> None:
        super().__init__(reason.msgid)
        self.key = key
        self.reason = reason


@dataclass(slots=True)
class Report:
    """The outcome of a dry run, in the order of the files; `is_single`: they hold one table between them."""

    counts: dict[Kind, Counts] = field(default_factory=lambda: {kind: Counts() for kind in Kind})
    wrong: list[Wrong] = field(default_factory=list)
    notes: list[Remark] = field(default_factory=list)
    is_single: bool = False

    @classmethod
    def of(cls, batch: Batch) -> Report:
        """Begin with what was wrong in the files themselves."""
        spots = [record.spot for records in batch.records.values() for record in records]
        spots += [wrong.spot for wrong in batch.wrong] + [note.spot for note in batch.notes]
        is_single = len({(spot.file, spot.sheet) for spot in spots}) == 1
        report = cls(wrong=list(batch.wrong), notes=list(batch.notes), is_single=is_single)
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
    report.note(record, "", _("与{place}相同，只算一行。", place=said(first, record)))
    return True


def contradicts(record: Record, first: Record) -> Text:
    """The refusal of a row that says something else about the same thing than an earlier one."""
    return _("与{place}重复，但内容不同，请只留一行。", place=said(first, record))


def said(record: Record, beside: Record) -> Joined:
    """The place of a row, within a sentence about another one; in the same table its number is enough."""
    is_near = record.table is beside.table
    return Joined(tuple(where(replace(record.spot, file="", sheet="") if is_near else record.spot)))


def merged(effects: Sequence[Effect]) -> Effect:
    """The effect of a row that touches several things: a new thing counts as a change of the row's own."""
    return Effect.UNCHANGED if all(effect is Effect.UNCHANGED for effect in effects) else Effect.CHANGED


def in_lists(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Cut a sequence into pieces for IN (…)."""
    for start in range(0, len(values), _IN_LIST):
        yield values[start : start + _IN_LIST]


def count_lines(report: Report) -> list[Line]:
    """One line per kind of which there are rows."""
    lines: list[Line] = []
    for kind, counts in report.counts.items():
        known: dict[str, Any] = {"kind": Text(kind.label), **asdict(counts)}
        if counts.repeated:
            lines.append(
                _(
                    "{kind}：新增 {new} 行，变更 {changed} 行，不变 {unchanged} 行，"
                    "重复 {repeated} 行，有误 {wrong} 行。",
                    **known,
                )
            )
        elif counts != Counts():
            lines.append(_("{kind}：新增 {new} 行，变更 {changed} 行，不变 {unchanged} 行，有误 {wrong} 行。", **known))
    return lines


def remark_line(remark: Remark | Wrong, *, is_single: bool = False) -> Line:
    """One remark with its place; with a single table, the file and the worksheet go without saying."""
    spot = replace(remark.spot, file="", sheet="") if is_single and remark.spot.row else remark.spot
    return _("{place}：{reason}", place=Joined(tuple(where(spot))), reason=remark.reason)
