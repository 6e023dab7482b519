"""Which handler answers: commands, numbers, open drafts, buttons that are old, forged or somebody else's."""

from pathlib import Path

import pytest

from handlers.dialog import Flow, Step
from handlers.drafts import open_dialog
from handlers.registry import Registry, Request
from handlers.router import route
from models.access import find_actor
from models.content import Card, Incoming, say
from models.errors import Forbidden, InvalidInput, NotFound
from models.people.tables import Role
from models.rules import read_rules
from models.texts import Reader, _
from tests.factories import cast

RULES = read_rules(Path("rules.toml"))


def read_word(request, _answers):
    if len(request.incoming.text) < 2:
        raise InvalidInput(_("至少写两个字。"))
    return request.incoming.text


NOTE = Flow(
    "note", 1, _("便条"),
    (
        Step("what", _("内容"), _("写什么？"), read_word),
        Step("more", _("补充"), _("还有吗？"), read_word, optional=True),
    ),
    finish=lambda _request, answers: say(f"{answers['what']}/{answers['more']}"),
)  # fmt: skip


@pytest.fixture
def registry():
    registry = Registry()
    registry.flow(NOTE)
    registry.command("note", ("便条",), _("写便条"))(lambda request: open_dialog(request, NOTE))
    registry.command("count", ("统计",), _("统计"), roles=[Role.SUPERVISOR])(lambda _request: say("42"))
    registry.command("hello", ("你好",), _("问好"), quiet=True)(lambda request: say(request.args or "你好！"))
    registry.opener("YH")(lambda _request, number: say(number))
    registry.stranger = lambda _request: say("您还没有加入")
    return registry


class Chat:
    """One chat with the router, each event in a unit of its own; remembers the last card."""

    def __init__(self, store, clock, registry, name):
        self.store, self.clock, self.registry, self.name = store, clock, registry, name
        self.card = Card()

    async def does(self, **fields):
        incoming = Incoming("memory", self.name, "e", **fields)

        def unit(session):
            now = self.clock()
            actor = find_actor(session, "memory", self.name, now=now)
            return route(Request(session, incoming, actor, now, RULES, self.registry))

        answer = await self.store.write(unit)
        self.card = answer[0] if isinstance(answer, list) else answer
        return "\n".join(Reader().read(line) for line in (self.card.title, *self.card.lines))

    async def says(self, text):
        return await self.does(text=text)

    async def taps(self, label):
        return await self.does(kind="press", data=self.data(label))

    def data(self, label):
        buttons = [button for row in self.card.buttons for button in row]
        return next(button.data for button in buttons if Reader().read(button.label) == label)


@pytest.fixture
async def chat(store, clock, registry):
    await store.write(lambda session: cast(session, clock()))
    return lambda name: Chat(store, clock, registry, name)


async def test_command_answers_to_its_name_and_its_words(chat):
    lin = chat("lin")
    assert "世界" in await lin.says("/hello 世界")
    for text in ("/hello", "你好", " 你好 ", "/HELLO", "/hello@wangge_bot"):
        assert "你好！" in await lin.says(text)


async def test_command_of_another_role_is_refused(chat):
    assert "42" in await chat("zhou").says("统计")
    with pytest.raises(Forbidden):
        await chat("lin").says("统计")


async def test_number_opens_its_card_even_in_the_middle_of_a_draft(chat):
    lin = chat("lin")
    await lin.says("便条")
    assert "YH20261123-0001" in await lin.says("yh20261123-0001")
    with pytest.raises(NotFound):
        await lin.says("ZZ20261123-0001")


async def test_draft_goes_on_step_by_step_and_keeps_what_was_typed(chat):
    lin = chat("lin")
    assert "写什么？" in await lin.says("便条")
    assert "至少写两个字" in await lin.says("短")
    assert "还有吗？" in await lin.says("买灭火器")
    assert "写什么？" in await lin.taps("上一步")
    await lin.says("买两个灭火器")
    await lin.says("跳过")
    assert "买两个灭火器/" in await lin.says("提交")


async def test_other_command_asks_what_becomes_of_the_draft(chat):
    zhou = chat("zhou")
    await zhou.says("便条")
    await zhou.says("买灭火器")
    assert "还没有提交" in await zhou.says("统计")
    assert "还有吗？" in await zhou.taps("继续填写")
    await zhou.says("统计")
    assert "42" in await zhou.taps("放弃并开始新的")
    assert "写什么？" in await zhou.says("便条")


async def test_quiet_command_leaves_the_draft_alone(chat):
    lin = chat("lin")
    await lin.says("便条")
    assert "你好！" in await lin.says("你好")
    assert "还有吗？" in await lin.says("买灭火器")


async def test_draft_survives_a_restart(chat):
    await chat("lin").says("便条")
    assert "还有吗？" in await chat("lin").says("买灭火器")


@pytest.mark.parametrize("data", ["draft:1:submit", "draft:999:cancel", "draft::", "nothing", "x:1:y", "cmd:nope:", ""])
async def test_forged_button_is_answered_like_an_unknown_one(chat, data):
    await chat("lin").says("便条")
    with pytest.raises(NotFound):
        await chat("chen").does(kind="press", data=data)


async def test_button_of_a_finished_draft_is_unknown(chat):
    lin = chat("lin")
    await lin.says("便条")
    old = lin.data("取消")
    await lin.says("取消")
    with pytest.raises(NotFound):
        await lin.does(kind="press", data=old)


async def test_command_button_checks_the_role_again(chat):
    with pytest.raises(NotFound):
        await chat("lin").does(kind="press", data="cmd:count:")


async def test_stranger_reaches_nothing(chat):
    he = chat("he")
    for text in ("便条", "/count", "YH20261123-0001", "茂林镇", "取消"):
        assert await he.says(text) == "\n您还没有加入"
    for data in ("cmd:count:", "note:1:x"):
        assert await he.does(kind="press", data=data) == "\n您还没有加入"


async def test_words_that_fit_nothing_get_the_short_help(chat):
    lin = chat("lin")
    assert "没有听懂" in await lin.says("嗯嗯")
    assert "写什么？" in await lin.taps("便条")
