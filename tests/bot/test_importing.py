import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.importing import print_outcome, run_import, run_import_command, run_undo, write_templates
from bot.settings import Settings
from models.demo import FOLDER
from models.enterprises.tables import Enterprise
from models.grids.tables import Grid
from models.imports import steps
from models.imports.sheets import MAX_FILE_BYTES
from models.imports.templates import Kind
from models.session import open_store
from scheduler.imports import Importer
from tests.fakes import check_here
from tests.spreadsheets import PEOPLE, csv_file, xlsx_file

ROOT = Path(__file__).resolve().parent.parent.parent
DIVISIONS = FOLDER / "divisions.csv"


class Voice:
    """Collects what is said on stdout and on stderr."""

    def __init__(self):
        self.out, self.err = [], []

    def __call__(self, message, *, err=False):
        (self.err if err else self.out).append(message)


async def count(store, table):
    return await store.read(lambda session: session.scalar(select(func.count()).select_from(table)))


@pytest.fixture
def importing(store, clock):
    """Run the command's work in this process."""

    async def run(files, **options):
        outcome = await run_import(store, files, clock=clock, worker=check_here, **{"yes": False, **options})
        voice = Voice()
        print_outcome(outcome, voice)
        return outcome, voice

    return run


async def test_dry_run_says_what_it_would_do(store, importing):
    outcome, voice = await importing([DIVISIONS])
    assert "新增 139 行" in voice.out[0]
    assert "--yes" in voice.out[-1]
    assert (outcome.written, outcome.is_refused, voice.err, await count(store, Grid)) == (False, False, [], 0)


async def test_files_in_any_order_are_imported_together(store, importing):
    files = [FOLDER / "enterprises.csv", FOLDER / "people.csv", DIVISIONS]
    outcome, voice = await importing(files, yes=True)
    assert (outcome.written, voice.err, voice.out[-1]) == (True, [], "已导入。要撤销，请执行 import --undo --yes。")
    assert (await count(store, Grid), await count(store, Enterprise)) == (139, 40)


async def test_the_same_again_changes_nothing_and_says_so(importing):
    await importing([DIVISIONS], yes=True)
    for yes in (True, False):
        _outcome, voice = await importing([DIVISIONS], yes=yes)
        assert "没有需要写入的内容" in voice.out[-1]
        assert "--yes" not in voice.out[-1]


async def test_wrong_rows_are_listed_and_written_beside_the_file(store, importing, tmp_path):
    people = tmp_path / "人员.xlsx"
    people.write_bytes(xlsx_file(PEOPLE, ["林晓梅", "1540000000", "", "网格员", "341823101201", "", "", ""]))
    for name in ("有误的行.xlsx", "有误的行(2).xlsx"):  # what may have been corrected already is not overwritten
        outcome, voice = await importing([DIVISIONS, people], yes=True, wrong_rows=tmp_path / "有误的行.xlsx")
        assert outcome.wrong_rows == tmp_path / name
        assert name in voice.err[-1]
    assert voice.err[0].startswith("人员.xlsx、工作表「表」、第2行、「手机号」列：")
    assert "什么都没有写入" in voice.err[-2]
    assert (outcome.written, outcome.is_refused, await count(store, Grid)) == (False, True, 0)


async def test_last_import_is_taken_back(store, importing, clock):
    await importing([DIVISIONS], yes=True)
    for yes, left, last in ((False, 139, "--yes"), (True, 0, "已恢复到导入之前")):
        voice = Voice()
        assert await run_undo(store, yes=yes, say=voice, clock=clock, worker=check_here)
        assert (await count(store, Grid), last in voice.out[-1]) == (left, True)
    voice = Voice()
    assert not await run_undo(store, yes=True, say=voice, clock=clock, worker=check_here)
    assert voice.err[-1] == "这次导入已经撤销过了。"


async def test_import_that_a_killed_command_left_half_way_comes_to_its_end(store, importing, clock, monkeypatch):
    monkeypatch.setattr(steps, "STEP_ROWS", 50)
    monkeypatch.setattr(Importer, "drain", lambda self: self.try_one() if self.own is None else killed(self))

    async def killed(importer):
        await importer.store.write(lambda session: steps.do_step(session, importer.own, now=clock()))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await importing([DIVISIONS], yes=True)
    assert await count(store, Grid) == 50
    clock.advance(minutes=1)
    await importing([DIVISIONS])
    assert await count(store, Grid) == 139


async def test_roster_of_thousands_does_not_block_the_loop(sqlite_database, tmp_path, brisk_loop):
    rows = [[f"人{n}", f"154{n:08d}", "", "网格员", "341823", "", "", ""] for n in range(3000)]
    people = tmp_path / "人员.csv"
    people.write_bytes(csv_file(PEOPLE, *rows, encoding="gbk"))
    store = open_store(sqlite_database)
    outcome = await run_import(store, [DIVISIONS, people], yes=True)
    await store.close()
    assert (outcome.written, outcome.summary.counts[Kind.PEOPLE].new) == (True, 3000)


async def test_huge_file_is_refused_without_being_read_whole(importing, tmp_path):
    huge = tmp_path / "大.csv"
    with huge.open("wb") as file:
        file.truncate(MAX_FILE_BYTES * 50)
    _outcome, voice = await importing([huge], yes=True)
    assert voice.err[0] == "大.csv：文件超过20MB，请拆成几个文件再导入。"


async def test_templates_are_written_into_a_folder(sqlite_database, tmp_path):
    settings = Settings(database_url=sqlite_database)
    files = await write_templates(settings, tmp_path / "模板")
    assert [file.name for file in files] == ["网格导入模板.xlsx", "人员导入模板.xlsx", "企业导入模板.xlsx"]
    assert all(file.read_bytes().startswith(b"PK") for file in files)


async def test_command_tells_whether_all_was_well(sqlite_database, tmp_path):
    settings, voice = Settings(database_url=sqlite_database), Voice()
    junk = tmp_path / "x.csv"
    junk.write_text("a,b\n1,2\n")
    assert await run_import_command(settings, [DIVISIONS], yes=True, say=voice)
    assert not await run_import_command(settings, [junk], yes=True, say=voice)
    assert "没有认出表头" in voice.err[0]


def test_command_line_ends_with_one_when_refused(sqlite_database, tmp_path):
    junk = tmp_path / "x.csv"
    junk.write_text("a,b\n1,2\n")

    def bot(*args):
        command = [sys.executable, "-m", "bot", "import", *map(str, args)]
        return subprocess.run(command, cwd=ROOT, env={"DATABASE_URL": sqlite_database, "PYTHONUTF8": "1"},
                              capture_output=True, text=True, check=False)  # fmt: skip

    refused, done = bot(junk, "--yes"), bot(DIVISIONS, "--yes")
    assert (refused.returncode, "没有认出表头" in refused.stderr) == (1, True)
    assert (done.returncode, "新增 139 行" in done.stdout) == (0, True)
