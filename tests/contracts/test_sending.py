"""What every platform does with a card: all of it is shown, in its place, and only delivery errors come back."""

import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.platforms import PLATFORMS
from bot.platforms.base import Outgoing
from models.content import Button, Card, File, Half, MenuEntry, Picture
from models.errors import DeliveryError, Rejected, Unchangeable
from models.media import do_record
from models.texts import Reader, When, _
from tests.contracts.rigs import FAILURES, RIGS, Seen

ZH = Reader("zh")
CLOSE = ((Button("销号", "hazard:1:close"),),)


async def show(rig, card, **how):
    """Send a card to the person; the mark that names it from now on."""
    return await rig.platform.send(Outgoing(rig.chat, card, how.pop("reader", ZH), **how))


def bare(text):
    """A text without what a platform may tidy up: white space and control characters."""
    return "".join(char for char in text if not char.isspace() and unicodedata.category(char) not in {"Cc", "Cs"})


async def whole_text(rig):
    return "\n".join(seen.text for seen in await rig.screen())


async def labels(rig):
    return [label for seen in await rig.screen() for label in seen.buttons]


def test_every_platform_has_a_rig():
    assert set(RIGS) == {"memory", *PLATFORMS}


async def test_card_is_shown(rig, clock):
    card = Card(_("隐患{number}", number="YH-1"), ("靠山加油站", When(clock(), "clock")), CLOSE)
    assert await show(rig, card)
    assert await rig.screen() == [Seen("隐患YH-1\n靠山加油站\n09:00", ("销号",))]


async def test_cards_stand_in_the_order_of_sending(rig):
    for number in range(5):
        await show(rig, Card(lines=(f"第{number}条",)))
    assert [seen.text for seen in await rig.screen()] == [f"第{number}条" for number in range(5)]


async def test_edit_changes_the_card_in_place(rig):
    mark = await show(rig, Card("待整改", ("YH-1",), CLOSE))
    await show(rig, Card(lines=("另一条",)))
    mark = await show(rig, Card("已销号", ("YH-1",)), placing="edit", previous=mark)
    assert await rig.screen() == [Seen("已销号\nYH-1"), Seen("另一条")]
    await show(rig, Card("重新打开", ("YH-1",), CLOSE), placing="edit", previous=mark)
    assert await rig.screen() == [Seen("重新打开\nYH-1", ("销号",)), Seen("另一条")]


async def test_edit_to_the_same_is_no_error(rig):
    mark = await show(rig, Card("待整改", buttons=CLOSE))
    await show(rig, Card("待整改", buttons=CLOSE), placing="edit", previous=mark)
    assert await rig.screen() == [Seen("待整改", ("销号",))]


async def test_edit_of_an_unknown_card_adds_one(rig):
    for previous in ("", "999999", "a forged mark"):
        await show(rig, Card(lines=("在",)), placing="edit", previous=previous)
    assert (await rig.screen())[-1] == Seen("在")


async def test_refresh_changes_the_card_in_place(rig):
    mark = await show(rig, Card("待整改", ("YH-1",), CLOSE))
    await show(rig, Card(lines=("另一条",)))
    await show(rig, Card("已销号", ("YH-1",)), placing="refresh", previous=mark)
    assert await rig.screen() == [Seen("已销号\nYH-1"), Seen("另一条")]


async def test_refresh_of_an_unknown_card_shows_nothing(rig):
    await show(rig, Card(lines=("在",)))
    for previous in ("", "999999", "a forged mark"):
        with pytest.raises(Unchangeable):
            await show(rig, Card("已销号", ("YH-1",)), placing="refresh", previous=previous)
    assert await rig.screen() == [Seen("在")]


async def test_move_takes_the_card_to_the_end(rig):
    mark = await show(rig, Card("待整改", buttons=CLOSE))
    await show(rig, Card(lines=("另一条",)))
    await show(rig, Card("整改中", buttons=CLOSE), placing="move", previous=mark)
    screen = await rig.screen()
    assert screen[-1] == Seen("整改中", ("销号",))
    assert [seen.buttons for seen in screen[:-1]] == [()] * (len(screen) - 1)


@pytest.mark.parametrize(("before", "after"), [(0, 1), (1, 0), (1, 2), (2, 1), (0, 3), (3, 0)])
async def test_edited_card_may_gain_and_lose_photos(rig, shas, before, after):
    mark = await show(rig, Card("登记", buttons=CLOSE, pictures=tuple(Picture(sha) for sha in shas[:before])))
    pictures = tuple(Picture(sha) for sha in shas[3 : 3 + after])
    await show(rig, Card("核实", buttons=CLOSE, pictures=pictures), placing="edit", previous=mark)
    screen = await rig.screen()
    assert sum(seen.photos for seen in screen) == after
    assert [seen.text for seen in screen if seen.text] == ["核实"]
    assert await labels(rig) == ["销号"]


async def test_long_text_is_shown_whole_and_in_order(rig):
    lines = tuple(f"{number}、卸油口静电接地线脱落🔴" * 8 for number in range(120))
    mark = await show(rig, Card("台账", lines, CLOSE))
    assert bare(await whole_text(rig)) == bare("台账" + "".join(lines))
    assert (await rig.screen())[-1].buttons == ("销号",)
    await show(rig, Card("短了"), placing="edit", previous=mark)
    assert [seen.text for seen in await rig.screen() if seen.text] == ["短了"]


async def test_one_endless_line_is_shown_whole(rig):
    line = "👨‍👩‍👧隐患" * 2000
    await show(rig, Card(lines=(line,)))
    assert bare(await whole_text(rig)) == line


async def test_long_words_under_a_photo_are_shown_whole(rig, shas):
    line = "静电接地线脱落" * 300
    await show(rig, Card("YH-1", (line,), CLOSE, (Picture(shas[0]),)))
    assert bare(await whole_text(rig)) == "YH-1" + line
    assert sum(seen.photos for seen in await rig.screen()) == 1
    assert await labels(rig) == ["销号"]


async def test_many_buttons_are_all_there(rig):
    rows = tuple(tuple(Button(f"选{row}-{at}", f"pick:{row}:{at}") for at in range(3)) for row in range(20))
    await show(rig, Card("请选择", buttons=rows))
    assert await labels(rig) == [f"选{row}-{at}" for row in range(20) for at in range(3)]


async def test_buttons_without_words_have_something_to_stand_under(rig):
    await show(rig, Card(buttons=CLOSE))
    assert await labels(rig) == ["销号"]


@pytest.mark.parametrize("count", [1, 2, 9])
async def test_photos_are_all_shown(rig, shas, count):
    await show(rig, Card("现场照片", ("靠山加油站",), CLOSE, tuple(Picture(sha) for sha in shas[:count])))
    screen = await rig.screen()
    assert sum(seen.photos for seen in screen) == count
    assert [seen.text for seen in screen if seen.text] == ["现场照片\n靠山加油站"]
    assert await labels(rig) == ["销号"]


def beside(shas):
    """Pairs of these photos as one picture."""
    halves = [(Half(sha, ("整改前", "拍摄")), Half(other, ("整改后", "上传"))) for sha, other in batched(shas)]
    return Picture(halves[0][1].sha, mark=("YH-1",), pairs=tuple(halves))


def batched(shas):
    return list(zip(shas[::2], shas[1::2], strict=False))


@pytest.mark.parametrize("singles", [0, 2, 8])
async def test_photos_beside_each_other_are_one_picture(rig, shas, singles):
    pictures = (beside(shas[:4]), *(Picture(sha) for sha in shas[:singles]))
    await show(rig, Card("待复查", ("靠山加油站",), CLOSE, pictures))
    screen = await rig.screen()
    assert sum(seen.photos for seen in screen) == 1 + singles
    assert [seen.text for seen in screen if seen.text] == ["待复查\n靠山加油站"]
    assert await labels(rig) == ["销号"]


async def test_edited_card_may_gain_and_lose_photos_beside_each_other(rig, shas):
    single = (Picture(shas[0]), Picture(shas[1]))
    mark = await show(rig, Card("整改中", buttons=CLOSE, pictures=single))
    mark = await show(
        rig, Card("待复查", buttons=CLOSE, pictures=(beside(shas), *single)), placing="edit", previous=mark
    )
    assert sum(seen.photos for seen in await rig.screen()) == 3
    await show(rig, Card("整改中", buttons=CLOSE, pictures=single), placing="edit", previous=mark)
    screen = await rig.screen()
    assert sum(seen.photos for seen in screen) == 2
    assert [seen.text for seen in screen if seen.text] == ["整改中"]


async def test_qr_code_is_shown_as_a_picture(rig):
    await show(rig, Card("请扫码加入", pictures=(Picture(qr="https://chat.example/#join=1"),)))
    assert sum(seen.photos for seen in await rig.screen()) == 1


async def test_files_keep_their_names(rig, media, clock):
    kept = await media.keep_file(b"PK\x03\x04 xl/workbook")
    await rig.store.write(lambda session: do_record(session, kept, now=clock()))
    await show(rig, Card("台账", files=(File(kept.sha, "隐患台账.xlsx"), File(kept.sha, "b.xlsx"))))
    names = [name for seen in await rig.screen() for name in seen.files]
    assert names == ["隐患台账.xlsx", "b.xlsx"]


async def test_menu_alone_shows_nothing(rig):
    menu = (MenuEntry("report", _("上报隐患")), MenuEntry("help", _("帮助")))
    await show(rig, Card(menu=menu))
    await show(rig, Card(menu=()))
    assert await rig.screen() == []


async def test_reader_decides_the_language(rig, clock):
    await show(rig, Card(lines=(When(clock(), "day"),)), reader=Reader("en"))
    await show(rig, Card(lines=(When(clock(), "day"),)))
    assert [seen.text for seen in await rig.screen()] == ["23 Nov 2026", "2026年11月23日"]


async def test_repeat_is_shown_once_where_the_platform_knows_it(rig):
    await show(rig, Card(lines=("一次",)), key="outbox:1")
    await show(rig, Card(lines=("一次",)), key="outbox:1", repeat=True)
    assert len(await rig.screen()) == (1 if rig.platform.caps.idempotent else 2)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=st.text(max_size=40), line=st.text(max_size=120), label=st.text(max_size=20))
async def test_words_of_people_are_shown_as_typed(rig, title, line, label):
    await show(rig, Card(title, (line, "·"), ((Button(label, "a:1:b"),),)))
    seen = (await rig.screen())[-1]
    assert bare(seen.text) == bare(title + line + "·")
    assert len(seen.buttons) == 1


HOSTILE = [
    "<b>粗</b> &amp; </script><img src=x onerror=alert(1)>", "*粗* _斜_ [链接](https://x.example) `码` ||藏||",
    "@all @everyone /start /help", "\u202e反过来\u202c \u2066隔\u2069", "零宽\u200b\u200d\ufeff字", "🏴󠁧󠁢󠁥󠁮󠁧󠁿👨‍👩‍👧‍👦é",
    "a\x00b\x1b[31mc\x07", "行一\r\n行二\u2028行三", "{name} %s ${x}",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_words_do_no_harm(rig, text):
    await show(rig, Card(text, (text,), ((Button(text[:20], "a:1:b"),),), files=()))
    assert bare((await rig.screen())[-1].text) == bare(text + text)


@pytest.mark.parametrize("kind", FAILURES)
async def test_failure_is_the_right_delivery_error(rig, kind):
    if kind not in rig.failures:
        pytest.skip(f"cannot happen on {rig.platform.name}")
    await rig.fails(kind)
    with pytest.raises(DeliveryError) as failure:
        await show(rig, Card(lines=("在",)))
    assert type(failure.value) is FAILURES[kind]


@pytest.mark.parametrize(
    "card",
    [
        Card(),
        Card(lines=("", "  ", "\n")),
        Card("x", pictures=(Picture("0" * 64),)),
        Card("x", pictures=(Picture("../../etc/passwd"),)),
        Card("x", files=(File("0" * 64, "a.xlsx"),)),
        Card("\ud83d", ("\udc00",), buttons=((Button("\ud83d", "a:1:b"),),)),
        Card("x", buttons=((),)),
        Card("x", buttons=((Button("", "a:1:b"),),)),
        Card("x", buttons=tuple((Button(f"{n}", f"a:{n}:b"),) for n in range(150))),
        Card(menu=tuple(MenuEntry(f"c{n}", "x" * 300) for n in range(120))),
    ],
    ids=[
        "empty",
        "blank",
        "no-photo",
        "no-sha",
        "no-file",
        "half-character",
        "no-row",
        "no-label",
        "150-buttons",
        "120-commands",
    ],
)
async def test_odd_card_raises_nothing_but_a_delivery_error(rig, card):
    failure = None
    try:
        await show(rig, card)
    except DeliveryError as error:
        failure = error
    assert failure is None or type(failure) is Rejected  # anything else would be tried for ever, or blame the person
    await show(rig, Card(lines=("在",)))
    assert (await rig.screen())[-1].text == "在"
