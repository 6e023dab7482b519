"""What a check has found, small enough for a card: counts, the first remarks, the first wrong rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from models.imports.batch import Wrong
from models.imports.plan import Plan
from models.imports.report import Counts, Report, count_lines, remark_line
from models.imports.templates import Kind
from models.texts import Line, dump_line, load_line

REMARKS: Final = 100  # Kept of each sort; a card shows fewer, the command line all of them.
# With more wrong rows than this the whole table has to be sent again.
CORRECTED: Final = 3000


@dataclass(slots=True)
class Summary:
    """The outcome of a check, with a JSON round trip.

    `total`: how many changes; `wrong_places`: the wrong rows as [place among the files, worksheet, row]; `files`
    and `skip` as they are with those of the import that was corrected; `obstacles`: what stands against an undo;
    `failed`: why the check itself did not come to its end.
    """

    counts: dict[Kind, Counts] = field(default_factory=dict)
    notes: list[Line] = field(default_factory=list)
    more_notes: int = 0
    wrong: list[Line] = field(default_factory=list)
    more_wrong: int = 0
    total: int = 0
    digest: str = ""
    has_file: bool = False
    wrong_places: list[list[Any]] = field(default_factory=list)
    files: list[Any] = field(default_factory=list)
    skip: list[Any] = field(default_factory=list)
    obstacles: list[Line] = field(default_factory=list)
    failed: Line = ""

    @property
    def count_lines(self) -> list[Line]:
        """One line per kind of which there are rows."""
        return count_lines(Report(self.counts))

    @property
    def plain_counts(self) -> dict[str, Any]:
        """The counts as plain values, for the audit."""
        return {kind.value: counts.to_json() for kind, counts in self.counts.items() if counts != Counts()}

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        values: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__}
        values["counts"] = {kind.value: counts.to_json() for kind, counts in self.counts.items()}
        for name in ("notes", "wrong", "obstacles"):
            values[name] = [dump_line(line) for line in values[name]]
        return {**values, "failed": dump_line(self.failed)}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Summary:
        """Rebuild from `to_json`."""
        fields = dict(values)
        fields["counts"] = {Kind(kind): Counts(**counts) for kind, counts in values["counts"].items()}
        for name in ("notes", "wrong", "obstacles"):
            fields[name] = [load_line(line) for line in values[name]]
        return cls(**{**fields, "failed": load_line(values["failed"])})


def summarise(plan: Plan, *, has_file: bool) -> Summary:
    """Make the summary of a plan."""
    report = plan.report
    rows = {id(one.record): one for one in report.wrong if one.record is not None}
    # A file that cannot be read at all is wrong again next time: then everything has to be sent again.
    is_correctable = len(rows) <= CORRECTED and all(one.record is not None for one in report.wrong)
    return Summary(
        counts=report.counts,
        notes=[remark_line(note, is_single=report.is_single) for note in report.notes[:REMARKS]],
        more_notes=max(0, len(report.notes) - REMARKS),
        wrong=[remark_line(wrong, is_single=report.is_single) for wrong in report.wrong[:REMARKS]],
        more_wrong=max(0, len(report.wrong) - REMARKS),
        total=len(plan.changes),
        digest=plan.digest,
        has_file=has_file,
        wrong_places=[_place(one) for one in rows.values()] if is_correctable else [],
    )


def _place(wrong: Wrong) -> list[Any]:
    record = wrong.record
    return [record.table.number, record.table.sheet, record.row] if record else []
