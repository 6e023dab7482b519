"""How many SQL statements a step of a conversation takes, counted on the write connection."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, event

from benchmarks.town import in_town
from models.vocabulary.index import do_index_names
from tests.fakes import County

_BORING = re.compile(r"BEGIN|SAVEPOINT|RELEASE|ROLLBACK|PRAGMA")


@contextmanager
def counted() -> Iterator[list[str]]:
    """Collect the statements that are executed meanwhile."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not _BORING.match(statement):
            seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def count_statements() -> dict[str, int]:
    """From the inbox to the commit of the answer, for each message of a report; sending comes on top."""

    async def work(county: County, _people: dict[str, int]) -> dict[str, int]:
        while await county.store.write(do_index_names):  # as the job at the start has done
            pass
        lin = county.phone("lin")
        found: dict[str, int] = {}
        for words in ("/report", "跳过", "靠山加油站", "卸油口静电接地线脱落", "提交"):
            with counted() as seen:
                await county.dispatcher.receive([lin.message(words)])
                await county.dispatcher.settle()
            found[words] = len(seen)
            await county.settle()
        return found

    return in_town(work)
