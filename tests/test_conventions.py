"""The house rules that no linter knows, each turned into a check."""

import ast
import io
import re
import subprocess
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
FLOORS = ("bot", "handlers", "models", "scheduler")
PO = ROOT / "locales/en/LC_MESSAGES/wangge.po"
SOURCE = {".css", ".html", ".js", ".py", ".sh"}
BINARY = {".gif", ".heic", ".jpeg", ".jpg", ".mo", ".otf", ".pdf", ".png", ".ttf", ".woff2", ".xlsx"}

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
# Names that say nothing: whatever lies there belongs to a subject.
VAGUE = re.compile(r"(^|_)(utils?|helpers?|common|managers?|misc)$")
# The folders of one machine, and the hosts that packages come from: both differ from machine to machine.
MACHINE = re.compile(r"(?<![\w./])/(work|root|home|Users)/\w")
REGISTRY = re.compile(r"pypi[.]org|pythonhosted[.]org|npmjs[.](org|com)|deb[.]debian[.]org|index-url[ =]+\w")


@cache
def repository_files() -> tuple[Path, ...]:
    """Every file that is in the repository or is about to be."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    paths = (ROOT / name for name in listing.split("\0") if name)
    return tuple(sorted({path for path in paths if path.is_file()}))


def sources(*suffixes: str) -> list[Path]:
    return [path for path in repository_files() if path.suffix in (suffixes or SOURCE)]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def english() -> Catalog:
    with PO.open("rb") as file:
        return read_po(file, locale="en", domain="wangge", abort_invalid=True)


@cache
def sentences() -> frozenset[str]:
    """Every sentence that the source marks with `_` or `N_`."""
    keywords = {"_": None, "N_": None}
    found = (row for floor in FLOORS for row in extract_from_dir(ROOT / floor, keywords=keywords))
    return frozenset(str(row[2]) for row in found)


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def test_source_files_stay_short():
    lengths = {name_of(path): len(path.read_text("utf-8").splitlines()) for path in sources()}
    assert {name: length for name, length in lengths.items() if length > MAX_FILE_LINES} == {}


def test_functions_stay_short():
    long = []
    for path in sources(".py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > MAX_FUNCTION_LINES:
                    long.append(f"{name_of(path)}:{node.lineno} {node.name} has {length} lines")
    assert long == []


def test_modules_have_telling_names():
    parts = {part for path in sources(".py") for part in path.relative_to(ROOT).with_suffix("").parts}
    assert sorted(part for part in parts if VAGUE.search(part)) == []


@pytest.mark.parametrize("pattern", [MACHINE, REGISTRY], ids=["machine-path", "registry-host"])
def test_files_name_no_machine(pattern):
    texts = {path: path.read_text("utf-8") for path in repository_files() if path.suffix not in BINARY}
    hits = ((path, pattern.search(text)) for path, text in texts.items())
    assert [f"{name_of(path)}: {hit.group()}" for path, hit in hits if hit] == []


def test_hazards_are_selected_in_their_own_room_only():
    unscoped = re.compile(r"\bselect\(\s*Hazard\b")
    rooms = [path for path in sources(".py") if path.relative_to(ROOT).parts[0] in FLOORS]
    strangers = [path for path in rooms if not name_of(path).startswith("models/hazards/")]
    assert [name_of(path) for path in strangers if unscoped.search(path.read_text("utf-8"))] == []


def test_every_setting_is_in_the_example():
    if not (ROOT / "bot/settings.py").exists():
        pytest.skip("bot/settings.py does not exist yet")
    from bot.settings import SETTINGS

    names = {name.upper() for name in SETTINGS}
    example = (ROOT / ".env.example").read_text("utf-8")
    assert sorted(name for name in names if not re.search(rf"^#? ?{name}=", example, re.MULTILINE)) == []


def test_every_sentence_has_english():
    translated = {message.id for message in english() if message.id and message.string and not message.fuzzy}
    assert sorted(sentences() - translated) == []


def test_english_has_no_leftovers():
    assert sorted({str(message.id) for message in english() if message.id} - sentences()) == []


def test_english_keeps_the_fields():
    pairs = [(str(message.id), str(message.string)) for message in english() if message.id and message.string]
    assert [msgid for msgid, msgstr in pairs if fields(msgid) != fields(msgstr)] == []


def test_compiled_catalogue_is_current():
    compiled = io.BytesIO()
    write_mo(compiled, english())
    assert PO.with_suffix(".mo").read_bytes() == compiled.getvalue()
