"""The phones of the stories: what they send arrives, and they show what a person would see."""

import pytest

from handlers.registry import Registry
from models.content import Button, Card, MenuEntry, Place, say
from models.errors import Throttled
from models.texts import When, _
from tests import photos


@pytest.fixture
def registry():
    """A bot that says what it got, and a card that changes when it is pressed."""
    registry = Registry()
    registry.stranger = lambda _request: say(_("您还没有加入网格。"))

    def echo(request):
        incoming = request.incoming
        parts = [incoming.text, *(f"{item.kind}:{item.mime}" for item in incoming.attachments)]
        parts += [f"{incoming.place.lat},{incoming.place.lon}"] if incoming.place else []
        return Card(lines=(" ".join(parts), When(request.now, "clock")), buttons=((Button("改", "note:1:change"),),))

    registry.fallback(echo)
    registry.command("menu", ("菜单",), _("菜单"))(lambda _request: Card(menu=(MenuEntry("menu", "菜单"),)))
    registry.press("note")(lambda _request, ident, action: say(f"{action} {ident}"))
    return registry


async def test_message_arrives_with_all_its_parts(lin):
    await lin.sends(photos.jpeg(), "卸油口", Place(30.5, 118.2), ("单.pdf", b"%PDF-1.7"))
    lin.sees("卸油口 photo:image/jpeg file:application/pdf 30.5,118.2\n09:00")


async def test_pressed_card_changes_in_place(lin):
    await lin.sends("静电接地线脱落")
    await lin.taps("改")
    assert [(message.text, message.edited) for message in lin.screen] == [("change 1", True)]
    assert lin.actions == 2


async def test_each_person_has_a_screen_of_their_own(lin, chen, he):
    await lin.sends("静电接地线脱落")
    await he.sends("静电接地线脱落")
    he.sees("您还没有加入网格。")
    chen.sees_nothing_of("静电")
    he.sees_nothing_of("静电")


async def test_menu_alone_shows_no_message(lin):
    await lin.sends("菜单")
    assert lin.menu == ("menu",)
    assert lin.screen == []


async def test_missing_button_tells_what_is_there(lin):
    await lin.sends("静电")
    with pytest.raises(AssertionError, match=r"no button '提交'[^\0]*静电"):
        await lin.taps("提交")
    with pytest.raises(AssertionError, match="不在"):
        lin.sees("不在")
    with pytest.raises(AssertionError, match="静电"):
        lin.sees_nothing_of("静电")


async def test_throttled_answer_comes_later(county, lin, clock):
    county.platform.fails["lin"] = [Throttled("flood", retry_after_s=3)]
    await lin.sends("静电")
    assert lin.screen == []
    clock.advance(seconds=5)
    await county.settle()
    lin.sees("静电")


async def test_same_event_twice_is_answered_once(county, lin):
    event = lin.message("静电")
    await county.happens(event, event)
    await county.happens(event)
    assert len(lin.screen) == 1
