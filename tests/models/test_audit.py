"""The audit: append-only, chained, without secrets, right under concurrency."""

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from models.audit import GENESIS, AuditRow, do_audit, is_guarded, read_head, verify
from models.session import attempt, open_store

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
GUARD_OFF = {
    "sqlite": ["DROP TRIGGER audit_no_update", "DROP TRIGGER audit_no_delete"],
    "postgresql": ["ALTER TABLE audit DISABLE TRIGGER USER"],
}


def note(session, number=1, **detail):
    do_audit(session, action="hazard:closed", subject=f"hazard:{number}", person_id=None, now=NOW, detail=detail)


async def fill(store, count=5):
    for number in range(1, count + 1):
        await store.write(lambda session, number=number: note(session, number, note="通过", round=number))


async def forge(store, statement):
    """Change rows as somebody who owns the database could: with the triggers off."""

    def unit(session):
        for off in GUARD_OFF[session.get_bind().dialect.name]:
            session.execute(text(off))
        session.execute(text(statement))

    await store.write(unit)


async def test_empty_audit_is_whole(store):
    report = await store.read(verify)
    assert (report.count, report.head, report.broken) == (0, GENESIS, None)


async def test_chain_is_whole(store):
    await fill(store)
    report = await store.read(verify)
    last = await store.read(lambda session: session.scalar(select(AuditRow.hash).where(AuditRow.id == 5)))
    assert (report.count, report.head, report.broken) == (5, last, None)


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE audit SET subject = 'hazard:9' WHERE id = 3", 3),
        ('UPDATE audit SET detail = \'{"note": "退回", "round": 2}\' WHERE id = 2', 2),
        ("UPDATE audit SET at = '2026-11-23 02:00:00' WHERE id = 4", 4),
        ("DELETE FROM audit WHERE id = 1", 2),
        ("DELETE FROM audit WHERE id = 3", 4),
        ("UPDATE audit SET hash = previous WHERE id = 5", 5),
        ("UPDATE audit SET hash = 'f' || substr(hash, 2) WHERE id = 3 AND hash NOT LIKE 'f%'", 3),
        ("UPDATE audit SET subject = CASE id WHEN 2 THEN 'hazard:3' ELSE 'hazard:2' END WHERE id IN (2, 3)", 2),
    ],
)
async def test_forged_row_is_named(store, statement, broken):
    await fill(store)
    await forge(store, statement)
    report = await store.read(verify)
    assert (report.broken, report.count) == (broken, min(broken, 5) - 1 if "DELETE" not in statement else broken - 2)


async def test_cut_tail_shows_in_count_and_head(store):
    await fill(store)
    before = await store.read(verify)
    await forge(store, "DELETE FROM audit WHERE id > 3")
    after = await store.read(verify)
    assert after.broken is None
    assert (after.count, after.head) != (before.count, before.head)
    assert not await has_met(store, before.head)


async def has_met(store, written):
    return (await store.read(lambda session: verify(session, written=written))).has_met


async def test_head_that_was_written_down_is_met_again_when_the_trail_has_grown(store):
    heads = [(await store.read(read_head)).head]
    for _round in range(3):
        await fill(store, 2)
        heads.append((await store.read(read_head)).head)
    assert [await has_met(store, written) for written in [*heads, heads[1][:8], "f" * 64]] == [True] * 5 + [False]


async def test_swapped_rows_are_named(store):
    await fill(store)
    await forge(store, "UPDATE audit SET id = 99 WHERE id = 2")
    await store.write(lambda session: session.execute(text("UPDATE audit SET id = 2 WHERE id = 3")))
    await store.write(lambda session: session.execute(text("UPDATE audit SET id = 3 WHERE id = 99")))
    report = await store.read(verify)
    assert (report.broken, report.count) == (2, 1)


@pytest.mark.parametrize("statement", ["UPDATE audit SET subject = 'x'", "DELETE FROM audit", "TRUNCATE audit"])
async def test_database_itself_refuses_changes(store, statement):
    if store.is_sqlite and statement.startswith("TRUNCATE"):
        statement = "DELETE FROM audit WHERE id = 1"
    await fill(store, 2)
    with pytest.raises(DBAPIError, match="append-only"):
        await store.write(lambda session: session.execute(text(statement)))
    assert (await store.read(verify)).count == 2


async def test_lost_guards_are_noticed(store):
    assert await store.read(is_guarded)
    await forge(store, "SELECT 1")
    assert not await store.read(is_guarded)


async def test_missing_table_is_unguarded(tmp_path):
    store = open_store(f"sqlite+aiosqlite:///{tmp_path}/empty.db")
    assert not await store.read(is_guarded)
    await store.close()


async def test_many_at_once_make_one_chain(store):
    await asyncio.gather(*(store.write(lambda session, n=n: note(session, n)) for n in range(1, 41)))
    report = await store.read(verify)
    assert (report.count, report.broken) == (40, None)


async def test_refused_units_between_others_leave_no_gap(store):
    """On SQLite they share a commit, each in its savepoint."""

    def refused(session):
        note(session, 7)
        raise ValueError("refused")

    def unit(number):
        return refused if number % 3 == 0 else lambda session: note(session, number)

    outcomes = await asyncio.gather(*(store.write(unit(n)) for n in range(30)), return_exceptions=True)
    assert sum(isinstance(outcome, ValueError) for outcome in outcomes) == 10
    report = await store.read(verify)
    assert (report.count, report.broken) == (20, None)


async def test_savepoint_that_is_rolled_back_takes_its_rows_with_it(store):
    def refused(session):
        note(session, 2)
        raise ValueError("refused")

    def unit(session):
        attempt(session, lambda inner: note(inner, 1))
        with pytest.raises(ValueError, match="refused"):
            attempt(session, refused)
        attempt(session, lambda inner: attempt(inner, lambda innermost: note(innermost, 3)))

    await store.write(unit)
    subjects = await store.read(lambda s: s.scalars(select(AuditRow.subject).order_by(AuditRow.id)).all())
    assert subjects == ["hazard:1", "hazard:3"]
    assert (await store.read(verify)).broken is None


async def test_refused_unit_leaves_no_gap(store):
    def refused(session):
        note(session, 7)
        raise ValueError("refused")

    await fill(store, 2)
    with pytest.raises(ValueError, match="refused"):
        await store.write(refused)
    await fill(store, 1)
    assert (await store.read(verify)).count == 3


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("13812345678", "[…]"),
        ("电话+8613812345678。", "电话[…]。"),
        (13812345678, "[…]"),
        ("342529198001011234", "[…]"),
        ("123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0", "[…]"),
        ("ABCD-EFGH-JKMN-PQRS", "[…]"),
        (["13812345678", 3], ["[…]", 3]),
        ({"phone": "13812345678"}, {"phone": "[…]"}),
        ("YH20261123-0001 云岭镇\x00", "YH20261123-0001 云岭镇"),
        (1.5, "1.5"),
        (None, None),
        (True, True),
        (NOW, str(NOW)),
    ],
)
async def test_detail_is_kept_without_secrets(store, value, kept):
    await store.write(lambda session: note(session, value=value))
    detail = await store.read(lambda session: session.scalar(select(AuditRow.detail)))
    assert detail == {"value": kept}
    assert (await store.read(verify)).count == 1


async def test_verify_walks_long_chains_in_pages(store, monkeypatch):
    monkeypatch.setattr("models.audit.PAGE", 3)
    await fill(store, 10)
    assert (await store.read(verify)).count == await store.read(
        lambda session: session.scalar(select(func.count()).select_from(AuditRow))
    )
