"""What the documents promise exists: settings, commands, options, targets, metrics, jobs, paths, links."""

import itertools
import re
from functools import cache
from pathlib import Path

import pytest
import typer

from bot import metrics
from bot.__main__ import cli
from bot.settings import PREFIXES, SETTINGS, Settings
from handlers import build_registry
from scheduler.jobs import JOBS

ROOT = Path(__file__).resolve().parent.parent
KNOWN = {name.upper() for name in SETTINGS}
# What else looks like one of our settings, or is set for the tests alone.
OTHER_NAMES = {"WANGGE_REQUIRE_ALL", "WANGGE_CRASHES", "WANGGE_SHRINK"}
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("data/**/*.md")])
NAMES = [path.relative_to(ROOT).as_posix() for path in DOCUMENTS]

LINK = re.compile(r"\]\((?!https?:|mailto:)([^)\s]+)\)")
CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
CAPITALS = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b")
COMMAND = re.compile(r"-m bot\s+([a-z|]+)([^`\n#]*)")
TARGET = re.compile(r"\bmake\s+([a-z][a-z-]*)")
METRIC = re.compile(r"\bwangge_[a-z_]+")
CHAT_COMMAND = re.compile(r"(?<![\w./~>-])/([a-z]{2,})(?![\w/.-])")
# A path of the repository: a folder or file in backticks, perhaps with {a,b} in it.
PATH = re.compile(r"`((?:\.ci|benchmarks|bot|data|docs|handlers|locales|models|scheduler|tests|tools)/[\w./{},-]*)`")
PAGES = {"/healthz", "/readyz", "/metrics", "/demo"}
EXAMPLES = {"/newbot", "/hotline"}  # BotFather has the first, the guide to a new command the second


@cache
def text_of(name):
    return (ROOT / name).read_text("utf-8")


@cache
def code_of(name):
    """What stands in backticks and code blocks: the promises that can be typed."""
    return "\n".join(CODE.findall(text_of(name)))


def slug(heading):
    """The anchor that GitHub makes of a heading."""
    bare = re.sub(r"[`*_]|\[([^\]]*)\]\([^)]*\)", r"\1", heading.strip().lower())
    return re.sub(r"[^\w\- ]", "", bare).replace(" ", "-")


def anchors(path):
    prose = re.sub(r"```.*?```", "", path.read_text("utf-8"), flags=re.DOTALL)
    return {slug(heading) for heading in re.findall(r"^#+ +(.+)$", prose, re.MULTILINE)}


def spread(pattern):
    """`models/{a,b}.py` names two files."""
    parts = [part[1:-1].split(",") if part[:1] == "{" else [part] for part in re.split(r"(\{[^}]*\})", pattern)]
    return ["".join(choice) for choice in itertools.product(*parts)]


@cache
def commands():
    """Each command with its options."""
    found = typer.main.get_command(cli).commands
    return {name: {option for item in command.params for option in item.opts} for name, command in found.items()}


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_somewhere(name):
    broken = []
    for target in LINK.findall(text_of(name)):
        path, _hash, anchor = target.partition("#")
        goal = (ROOT / name).parent / path if path else ROOT / name
        if not goal.exists() or (anchor and anchor not in anchors(goal)):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("name", NAMES)
def test_named_settings_exist(name):
    known = KNOWN | OTHER_NAMES
    ours = {word for word in CAPITALS.findall(code_of(name)) if word.startswith((*PREFIXES, "WANGGE_"))}
    assert sorted(ours - known) == []


@pytest.mark.parametrize("name", NAMES)
def test_named_commands_exist(name):
    wrong = []
    for words, rest in COMMAND.findall(code_of(name)):
        for word in words.strip("|").split("|"):
            options = re.findall(r"--[a-z-]+", rest)
            wrong += [word] if word not in commands() else [o for o in options if o not in commands()[word]]
    assert wrong == []


@pytest.mark.parametrize("name", NAMES)
def test_named_targets_exist(name):
    targets = set(re.findall(r"^([a-z][a-z-]*):", text_of("Makefile"), re.MULTILINE))
    assert sorted(set(TARGET.findall(code_of(name))) - targets) == []


@pytest.mark.parametrize("name", NAMES)
def test_named_metrics_exist(name):
    assert sorted(set(METRIC.findall(code_of(name))) - metric_names()) == []


@pytest.mark.parametrize("name", NAMES)
def test_named_paths_exist(name):
    paths = [path for pattern in PATH.findall(text_of(name)) for path in spread(pattern)]
    written_later = ("data/media", "data/demo", "data/wangge.db")
    assert [path for path in paths if not path.startswith(written_later) and not (ROOT / path).exists()] == []


@pytest.mark.parametrize("name", NAMES)
def test_named_chat_commands_exist(name):
    inline = "\n".join(re.findall(r"`([^`\n]+)`", text_of(name)))
    known = {f"/{command}" for command in build_registry().commands} | PAGES | EXAMPLES
    asked = {f"/{word}" for word in CHAT_COMMAND.findall(inline)}
    assert sorted(word for word in asked - known if (ROOT / word[1:]).is_dir() is False) == []


def metric_names():
    families = metrics.REGISTRY.collect()
    return {f"{family.name}_total" if family.type == "counter" else family.name for family in families}


def test_every_setting_is_explained():
    table = re.findall(r"^\| `([A-Z_]+)` \|", text_of("docs/operations.md"), re.MULTILINE)
    assert sorted(table) == sorted(KNOWN)


def test_every_command_is_explained():
    explained = re.findall(r"^\| `python -m bot ([a-z]+)", text_of("docs/operations.md"), re.MULTILINE)
    assert sorted(explained) == sorted(commands())


def test_every_metric_is_explained():
    explained = re.findall(r"^\| `(wangge_\w+)` \|", text_of("docs/operations.md"), re.MULTILINE)
    assert sorted(explained) == sorted(metric_names())


def test_defaults_are_those_of_the_settings():
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| `([^`]*)` \|", text_of("docs/operations.md"), re.MULTILINE))
    settings = Settings()
    given = {name: str(getattr(settings, name.lower())) for name in rows if name not in ("WEB_BASE_URL", "PLATFORMS")}
    assert {name: rows[name] for name in given} == given


def test_readmes_say_the_same():
    """Both languages show the same pictures and commands."""
    english, chinese = text_of("README.md"), text_of("README.zh-CN.md")
    for pattern in (r"docs/images/[\w.-]+", r"-m bot [a-z]+", r"make [a-z]+", r"\b[A-Z]+_[A-Z_]+\b"):
        assert sorted(set(re.findall(pattern, english))) == sorted(set(re.findall(pattern, chinese)))


def test_jobs_that_documents_name_exist():
    named = {word for name in NAMES for word in re.findall(r"jobs? `([a-z-]+)`", text_of(name))}
    assert sorted(named - {job.name for job in JOBS}) == []
