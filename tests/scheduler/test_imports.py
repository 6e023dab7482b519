"""Imports under way: all or nothing after any crash, limits of the worker, and nobody else waits."""

import asyncio
import time

import pytest
from sqlalchemy import delete, func, select, update

from models.grids.tables import Grid
from models.imports import process, steps, worker
from models.imports.jobs import Asker, do_ask_undo, do_confirm, do_open
from models.imports.tables import Import, ImportChange, State
from models.imports.worker import Request
from models.people.tables import Assignment, Person, Role
from scheduler.imports import Importer
from tests.factories import COUNTY, VILLAGE, add_person, add_role
from tests.fakes import check_here
from tests.spreadsheets import PEOPLE, csv_file, row_of

MANY = 60


def roster(count=MANY, **more):
    rows = [
        row_of(PEOPLE, 姓名=f"人{n}", 手机号=f"137{n:08}", 角色="网格员", 网格编码=VILLAGE, **more)
        for n in range(count)
    ]
    return csv_file(PEOPLE, *rows)


class Story:
    """An administrator's table on its way through checks and steps, which a test may interrupt."""

    def __init__(self, store, media, clock, people):
        self.store, self.media, self.clock = store, media, clock
        self.asker = Asker(people["qian"], "memory", "qian", "zh")
        self.importer = self.fresh()
        self.id = 0

    def fresh(self, **options):
        """A driver as after a restart."""
        return Importer(self.store, self.media, self.clock, worker=check_here, **options)

    async def send(self, *tables):
        files = [await self.media.keep_file(table, name="人员.csv") for table in tables]
        named = [{"name": "人员.csv", "sha": kept.sha} for kept in files]
        self.id = await self.write(
            lambda session: do_open(session, State.CHECKING, self.asker, now=self.clock(), files=named).id
        )
        await self.importer.drain()

    async def confirm(self):
        await self.write(lambda session: do_confirm(session, self.row(session), self.asker, now=self.clock()))

    async def undo(self):
        await self.write(lambda session: do_ask_undo(session, self.row(session), self.asker, now=self.clock()))

    def row(self, session):
        return session.get_one(Import, self.id, populate_existing=True)

    async def write(self, unit):
        return await self.store.write(unit)

    async def state(self):
        return await self.store.read(lambda session: self.row(session).state)

    async def size(self, table=Person):
        return await self.store.read(lambda session: session.scalar(select(func.count()).select_from(table)))

    async def until(self, state, done=0):
        """Work until the import stands there, as if the process were killed at this moment."""
        for _turn in range(50):
            row = await self.store.read(self.row)
            if row.state is state and row.done >= done:
                return
            if row.state in (State.APPLYING, State.UNDOING, State.RETURNING):
                await self.write(lambda session: steps.do_step(session, self.id, now=self.clock()))
            else:
                await self.importer.try_one()
        raise AssertionError(f"never {state} at {done}")


@pytest.fixture
def story(store, media, clock, people, monkeypatch):
    monkeypatch.setattr(steps, "STEP_ROWS", 25)
    return Story(store, media, clock, people)


async def test_import_that_was_cut_off_is_finished(story):
    await story.send(roster())
    await story.confirm()
    await story.until(State.APPLYING, done=50)
    assert await story.size() == 7 + 50
    await story.fresh().drain()
    assert (await story.state(), await story.size()) == (State.DONE, 7 + MANY)


async def test_import_that_was_cut_off_while_written_down_begins_again(story):
    await story.send(roster())
    await story.confirm()
    await story.write(
        lambda session: steps.do_stage(session, story.id, 0, [["people", ["1"], None, {}]], now=story.clock())
    )
    await story.fresh().drain()
    assert (await story.state(), await story.size()) == (State.DONE, 7 + MANY)


async def test_undo_that_was_cut_off_is_finished(story):
    await story.send(roster())
    await story.confirm()
    await story.importer.drain()
    await story.undo()
    await story.until(State.UNDOING)
    await story.write(lambda session: steps.do_step(session, story.id, now=story.clock()))
    await story.fresh().drain()
    assert (await story.state(), await story.size(), await story.size(ImportChange)) == (State.UNDONE, 7, 0)


async def test_row_that_appears_on_the_way_takes_everything_back(story):
    await story.send(roster())
    await story.confirm()
    await story.until(State.APPLYING, done=25)
    await story.write(lambda session: add_person(session, "别人", f"137{50:08}", now=story.clock()))
    await story.importer.try_one()
    assert await story.state() is State.RETURNING
    await story.fresh().drain()
    assert (await story.state(), await story.size()) == (State.READY, 7 + 1)
    counts = await story.store.read(lambda session: story.row(session).counts["people"])
    assert (counts["new"], counts["changed"]) == (59, 1)


async def test_undo_that_meets_a_new_reference_leaves_all_as_it_was(story):
    await story.send(roster())
    await story.confirm()
    await story.importer.drain()
    await story.undo()
    await story.until(State.UNDOING)
    last = await story.store.read(lambda s: s.scalar(select(Person.id).where(Person.phone == f"137{0:08}")))
    await story.write(lambda session: add_role(session, last, Role.DUTY, COUNTY))
    await story.fresh().drain()
    assert (await story.state(), await story.size()) == (State.DONE, 7 + MANY)
    assert await story.size(Assignment) == 7 + MANY + 1


@pytest.mark.parametrize(
    "since",
    [
        lambda session, person: session.execute(update(Person).where(Person.id == person).values(unit="别处")),
        lambda session, person: add_role(session, person, Role.DUTY, COUNTY),
        lambda session, person: session.execute(
            update(Assignment).where(Assignment.person_id == person).values(ends_on=None, starts_on=None, industry="x")
        ),
    ],
    ids=["changed", "another-role", "other-role"],
)
async def test_undo_is_refused_before_it_begins_when_something_was_used(story, since):
    await story.send(roster())
    await story.confirm()
    await story.importer.drain()
    person = await story.store.read(lambda s: s.scalar(select(Person.id).where(Person.phone == f"137{7:08}")))
    await story.write(lambda session: since(session, person))
    await story.undo()
    await story.importer.try_one()
    assert (await story.state(), await story.size()) == (State.DONE, 7 + MANY)


async def test_undo_of_grids_is_refused_when_a_place_in_them_is_used(story):
    await story.send(csv_file(["code", "name"], ["341823101203", "潘村"]))
    await story.confirm()
    await story.importer.drain()
    await story.write(lambda session: session.add(Grid(code="341823101203-01", name="一区", level="zone",
                                                       parent_code="341823101203")))  # fmt: skip
    await story.undo()
    await story.importer.drain()
    assert (await story.state(), await story.size(Grid)) == (State.DONE, 6)


async def test_changed_rows_come_back_as_they_were(story):
    await story.write(lambda session: add_person(session, "人0", f"137{0:08}", unit="旧单位", now=story.clock()))
    await story.send(roster(1, 单位="新单位"))
    await story.confirm()
    await story.importer.drain()
    await story.undo()
    await story.importer.drain()
    unit = select(Person.unit).where(Person.phone == f"137{0:08}")
    assert await story.store.read(lambda session: session.scalar(unit)) == "旧单位"


async def test_one_import_at_a_time(story):
    await story.send(roster(1))
    first = story.id
    await story.send(roster(2))
    await story.confirm()
    story.id = first
    with pytest.raises(Exception, match="另一次导入正在进行"):
        await story.confirm()


async def test_import_that_another_process_has_begun_keeps_its_changes(story):
    """The command line may write an import down while the one before is still being tidied up."""
    from models.imports.jobs import COMMAND_LINE

    await story.send(roster(1))
    await story.confirm()
    await story.until(State.APPLYING, done=2)
    await story.write(lambda session: steps.do_finish(session, story.row(session), State.DONE, now=story.clock()))

    def begin(session):
        row = do_open(session, State.CONFIRMED, COMMAND_LINE, now=story.clock(), total=1)
        steps.do_stage(session, row.id, 0, [["people", ["13700000009"], None, {}]], now=story.clock())

    await story.write(begin)
    assert not await story.write(steps.do_clear_old)
    assert await story.size(ImportChange) == 2 + 1


async def test_step_that_has_lost_its_changes_is_not_taken_for_done(story):
    await story.send(roster())
    await story.confirm()
    await story.until(State.APPLYING)
    await story.write(lambda session: session.execute(delete(ImportChange).where(ImportChange.seq == 3)))
    with pytest.raises(ValueError, match="24 of 25"):
        await story.write(lambda session: steps.do_step(session, story.id, now=story.clock()))
    assert await story.size() == 7


async def test_writing_that_fails_again_and_again_is_taken_back(story, monkeypatch):
    await story.send(roster())
    await story.confirm()
    await story.until(State.APPLYING, done=50)
    await story.write(lambda session: session.execute(delete(ImportChange).where(ImportChange.seq == 55)))
    monkeypatch.setattr("scheduler.imports.POLL_S", 0)
    await story.fresh().drain()
    assert (await story.state(), await story.size(), await story.size(ImportChange)) == (State.READY, 7, 0)


async def test_import_that_is_given_up_leaves_no_phones_behind(story, monkeypatch):
    await story.send(roster())
    await story.confirm()
    await story.until(State.CONFIRMED)
    monkeypatch.setattr("scheduler.imports.POLL_S", 0)
    monkeypatch.setattr("scheduler.imports.do_begin", None)
    await story.fresh().drain()
    assert (await story.state(), await story.size(ImportChange)) == (State.REFUSED, 0)


async def test_left_over_by_a_command_line_is_taken_up_by_the_leader(story):
    from models.imports.jobs import COMMAND_LINE

    def left(session):
        row = do_open(session, State.CONFIRMED, COMMAND_LINE, now=story.clock(), total=1)
        steps.do_stage(session, row.id, 0, [["people", ["13700000000"], None, {"name": "高山", "unit": ""}]],
                       now=story.clock())  # fmt: skip
        steps.do_begin(session, row.id, total=1, now=story.clock())
        return row.id

    story.id = await story.write(left)
    assert not await story.fresh().try_one()  # the command line may still be at it
    story.clock.advance(minutes=1)
    await story.fresh().drain()
    assert (await story.state(), await story.size()) == (State.DONE, 8)


async def test_fault_of_ours_is_tried_again_and_then_said(story, monkeypatch):
    async def broken(request):
        raise RuntimeError("out of luck")

    monkeypatch.setattr("scheduler.imports.POLL_S", 0)
    story.importer.worker = broken
    await story.send(roster(1))
    assert await story.state() is State.REFUSED


@pytest.fixture(scope="module")
def large_roster():
    """Five thousand people, every fiftieth with half a phone number."""
    same = {"角色": "网格员", "网格编码": VILLAGE}
    phones = (f"137{n:08}" if n % 50 else "137" for n in range(5000))
    return csv_file(PEOPLE, *(row_of(PEOPLE, 姓名=f"人{n}", 手机号=phone, **same) for n, phone in enumerate(phones)))


async def test_five_thousand_people_with_two_percent_bad_rows(story, large_roster, brisk_loop):
    story.importer.worker = process.run_worker
    await story.send(large_roster)
    row = await story.store.read(story.row)
    assert (row.state, len(row.wrong), row.counts["people"]["wrong"]) == (State.REFUSED, 100, 100)
    assert (row.counts["people"]["new"], await story.size()) == (4900, 7)


# -- the worker --------------------------------------------------------------------------------------------


@pytest.fixture
def request_for(store, clock, people, tmp_path):
    def make(data):
        file = tmp_path / "表.xlsx"
        file.write_bytes(data)
        return Request(store.url, clock().isoformat(), "", [{"name": "表.xlsx", "path": str(file)}])

    return make


@pytest.mark.parametrize(("limit", "value"), [("CPU_S", 1), ("MEMORY_BYTES", 120 << 20), ("FILE_BYTES", 1 << 20)])
async def test_worker_that_takes_too_much_ends_with_a_sentence(request_for, limit, value):
    """The limits are real ones: the process is ended, the bot goes on."""
    code = f"import models.imports.worker as w; w.{limit} = {value}; w.main()"
    assert await run_limited(code, request_for(csv_file(PEOPLE, *[["人", n, "x" * 90] for n in range(29_000)]))) == {}


async def run_limited(code, request):
    real = asyncio.create_subprocess_exec

    async def limited(program, _m, _module, **options):
        return await real(program, "-c", code, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asyncio, "create_subprocess_exec", limited)
        async with process.checked(request) as found:
            assert found.summary.failed.msgid.startswith("表格太大或太复杂")
            return found.usage


async def test_worker_whose_database_is_away_does_not_blame_the_table(request_for):
    request = request_for(roster(1))
    with pytest.raises(process.WorkerFailed):
        await process.run_worker(Request("sqlite+aiosqlite:////dev/null/no.db", request.now, "", request.files))


async def test_worker_that_hangs_is_killed(request_for, monkeypatch):
    monkeypatch.setattr(process, "TIME_S", 0.5)
    begun = time.monotonic()
    assert await run_limited("import time; time.sleep(60)", request_for(b"x")) == {}
    assert time.monotonic() - begun < 30


async def test_worker_gets_none_of_our_secrets(monkeypatch):
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "7000000003:AAG")
    assert not [name for name in process._environment() if "TOKEN" in name or "DATABASE" in name]


async def test_worker_says_what_it_took(request_for):
    async with process.checked(request_for(roster())) as found:
        assert found.summary.counts
        assert 0 < found.usage["peak_mb"] < 250
        changes = [change async for _start, some in found.list_changes() for change in some]
    assert len(changes) == found.summary.total == 2 * MANY
    assert not found.folder.exists()


async def test_another_chat_is_answered_while_an_import_is_written(county, qian, lin, brisk_loop):
    county.importer.worker = process.run_worker
    await qian.sends(("人员.csv", roster(2000)))
    await county.imports()
    await qian.taps("确认导入")
    work = asyncio.create_task(county.importer.drain())
    answered = 0
    while not work.done():
        await lin.sends("/me")
        lin.sees("林晓梅")
        answered += 1
        await asyncio.sleep(0.01)
    await work
    assert answered > 5
    assert worker.NICENESS > 0


async def test_result_is_not_shown_to_who_is_no_administrator_any_more(county, qian):
    await qian.sends(("人员.csv", roster(1)))

    def dismiss(session):
        ids = select(Person.id).where(Person.name == "钱文静").scalar_subquery()
        session.execute(update(Assignment).where(Assignment.person_id == ids).values(role=Role.OFFICER))

    await county.store.write(dismiss)
    await county.imports()
    qian.sees_nothing_of("新增 1 行")
