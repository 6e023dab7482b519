"""The guides under docs/howto are true: their modules are read out of the page and run."""

import re
from pathlib import Path
from types import ModuleType
from zoneinfo import ZoneInfo

import pytest

from bot.platforms.base import Outgoing
from handlers import build_registry
from handlers.hazards.moving import make_flow
from models.content import Button, Card
from models.errors import Unfetchable
from models.hazards import flow
from models.hazards.access import may_see
from models.media import open_media
from models.people.tables import Role
from models.texts import Reader
from tests import factories
from tests.fakes import County

ROOT = Path(__file__).resolve().parent.parent


def code_in(guide, name):
    """The block whose first line names a file."""
    blocks = re.findall(
        r"```python\n# (\S+)[^\n]*\n(.*?)```", (ROOT / "docs/howto" / guide).read_text("utf-8"), re.DOTALL
    )
    return dict(blocks)[name]


def module_in(guide, name):
    module = ModuleType(name.removesuffix(".py").replace("/", "."))
    exec(compile(code_in(guide, name), name, "exec"), module.__dict__)  # noqa: S102 - our own documents
    return module


@pytest.fixture
async def county(store, clock, tmp_path):
    county = County(
        store, media=open_media(tmp_path), clock=clock, registry=build_registry(), checks={"hazard": may_see}
    )
    county.ids = await store.write(lambda session: factories.cast(session, clock()))
    yield county
    await county.stop()
    await county.media.close()


async def test_command_of_the_guide_answers(county, lin, he):
    module_in("add-command.md", "handlers/people/hotline.py").register(county.registry)
    await lin.sends("值班室")
    lin.sees("今天没有登记值班员")
    duty = (Role.DUTY, factories.COUNTY)
    await county.store.write(
        lambda session: factories.add_person(session, "何值守", "19900000041", duty, now=county.clock())
    )
    await lin.sends("/hotline")
    lin.sees("何值守")
    await he.sends("/hotline")
    he.sees_nothing_of("何值守")


def rows_in_guide():
    """The rows of MOVES in the guide: one without questions, one with."""
    guide = (ROOT / "docs/howto/add-step.md").read_text("utf-8")
    return re.findall(r"```python\n# models/hazards/flow.py[^\n]*\n(.*?)```", guide, re.DOTALL)


def test_row_of_the_guide_is_a_move():
    urge = eval(rows_in_guide()[0], vars(flow))  # noqa: S307 - our own documents
    assert (urge.action, urge.asks, urge.target) == ("urge", (), flow.State.RECTIFYING)
    assert flow.find_move("urge") is None


def test_row_of_the_guide_that_asks_has_a_conversation():
    consult = eval(rows_in_guide()[1], vars(flow))  # noqa: S307 - our own documents
    made = make_flow(consult)
    assert (made.name, [step.key for step in made.steps]) == ("hazard-consult", ["photos", "note"])


async def test_platform_of_the_guide_shows_a_card_and_reads_a_press(capsys):
    terminal = module_in("add-platform.md", "bot/platforms/terminal.py").build(None)
    card = Card(title="靠山加油站", lines=("接地线脱落",), buttons=((Button("提交", "draft:1:submit"),),))
    await terminal.send(Outgoing("terminal", card, Reader("zh", ZoneInfo("Asia/Shanghai"))))
    assert capsys.readouterr().out == "靠山加油站\n接地线脱落\n[#1 提交]\n"
    press, text = terminal.read_line("#1"), terminal.read_line("#2")
    assert (press.kind, press.data, text.text) == ("press", "draft:1:submit", "#2")
    with pytest.raises(Unfetchable):
        await terminal.fetch(None)
