import subprocess
import sys
from pathlib import Path

from sqlalchemy import func, select

from bot.importing import print_outcome, run_import, run_import_command
from bot.settings import Settings
from models.demo import FOLDER
from models.enterprises.tables import Enterprise
from models.grids.tables import Grid
from models.imports.sheets import MAX_FILE_BYTES
from models.imports.templates import Kind
from models.session import open_store
from models.texts import Reader
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


async def test_dry_run_says_what_it_would_do(store, clock):
    outcome = await run_import(store, [DIVISIONS], yes=False, now=clock())
    voice = Voice()
    print_outcome(outcome, voice)
    assert "新增 139 行" in voice.out[0]
    assert "--yes" in voice.out[-1]
    assert (outcome.written, outcome.is_refused, voice.err, await count(store, Grid)) == (False, False, [], 0)


async def test_files_in_any_order_are_imported_together(store, clock):
    files = [FOLDER / "enterprises.csv", FOLDER / "people.csv", DIVISIONS]
    outcome = await run_import(store, files, yes=True, now=clock())
    voice = Voice()
    print_outcome(outcome, voice)
    assert (outcome.written, voice.err, voice.out[-1]) == (True, [], "已导入。")
    assert (await count(store, Grid), await count(store, Enterprise)) == (139, 40)


async def test_the_same_again_changes_nothing_and_says_so(store, clock):
    await run_import(store, [DIVISIONS], yes=True, now=clock())
    for yes in (True, False):
        voice = Voice()
        print_outcome(await run_import(store, [DIVISIONS], yes=yes, now=clock()), voice)
        assert "没有需要写入的内容" in voice.out[-1]
        assert "--yes" not in voice.out[-1]


async def test_wrong_rows_are_listed_on_stderr_and_nothing_is_written(store, clock, tmp_path):
    people = tmp_path / "人员.xlsx"
    people.write_bytes(xlsx_file(PEOPLE, ["林晓梅", "1540000000", "", "网格员", "341823101201", "", "", ""]))
    outcome = await run_import(store, [DIVISIONS, people], yes=True, now=clock())
    voice = Voice()
    print_outcome(outcome, voice)
    assert voice.err[0].startswith("人员.xlsx、工作表「表」、第2行、「手机号」列：")
    assert "什么都没有写入" in voice.err[-1]
    assert (outcome.written, outcome.is_refused, await count(store, Grid)) == (False, True, 0)


async def test_roster_of_thousands_does_not_block_the_loop(sqlite_database, clock, tmp_path, brisk_loop):
    rows = [[f"人{n}", f"154{n:08d}", "", "网格员", "341823", "", "", ""] for n in range(3000)]
    people = tmp_path / "人员.csv"
    people.write_bytes(csv_file(PEOPLE, *rows, encoding="gbk"))
    store = open_store(sqlite_database)
    outcome = await run_import(store, [DIVISIONS, people], yes=True, now=clock())
    await store.close()
    assert outcome.report.counts[Kind.PEOPLE].new == 3000


async def test_huge_file_is_refused_without_being_read_whole(store, clock, tmp_path):
    huge = tmp_path / "大.csv"
    with huge.open("wb") as file:
        file.truncate(MAX_FILE_BYTES * 50)
    outcome = await run_import(store, [huge], yes=True, now=clock())
    assert [Reader().read(remark.reason) for remark in outcome.report.wrong] == ["文件超过20MB，请拆成几个文件再导入。"]


async def test_command_tells_whether_all_was_well(sqlite_database, tmp_path):
    settings, voice = Settings(database_url=sqlite_database, _env_file=None), Voice()
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
