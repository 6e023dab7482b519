"""What every platform makes of what people send and press: complete events, and files that can be fetched."""

import pytest

from bot.platforms.base import Outgoing
from models.content import Attachment, Button, Card, Incoming, Place
from models.errors import Unfetchable
from models.texts import Reader
from tests import photos


async def test_text_comes_in(rig):
    await rig.sends("靠山加油站 <静电> 接地线脱落 🔴")
    [incoming] = rig.received
    assert (incoming.kind, incoming.chat, incoming.text) == ("message", rig.chat, "靠山加油站 <静电> 接地线脱落 🔴")
    assert incoming.platform == rig.platform.name
    assert not incoming.attachments


async def test_photo_comes_in_with_its_words(rig):
    await rig.sends("卸油口", photo=photos.jpeg())
    [incoming] = rig.received
    assert (incoming.text, [item.kind for item in incoming.attachments]) == ("卸油口", ["photo"])
    assert (await rig.platform.fetch(incoming.attachments[0])).startswith(b"\xff\xd8\xff")


async def test_file_comes_in_as_it_is(rig):
    data = b"%PDF-1.7 " + bytes(range(256))
    await rig.sends(file=("整改单.pdf", data))
    [item] = rig.received[0].attachments
    assert (item.kind, item.name) == ("file", "整改单.pdf")
    assert await rig.platform.fetch(item) == data


async def test_place_comes_in(rig):
    await rig.sends(place=Place(30.6894, 118.4123))
    place = rig.received[0].place
    assert (round(place.lat, 4), round(place.lon, 4)) == (30.6894, 118.4123)


async def test_events_have_ids_of_their_own(rig):
    for text in ("一", "二", "一"):
        await rig.sends(text)
    assert len({incoming.event_id for incoming in rig.received}) == 3


async def test_press_names_its_button_and_its_card(rig):
    card = Card("YH-1", buttons=((Button("接收", "hazard:1:accept"), Button("退回", "hazard:1:return")),))
    await rig.platform.send(Outgoing(rig.chat, card, Reader()))
    await rig.platform.send(Outgoing(rig.chat, Card(lines=("另一条",)), Reader()))
    await rig.presses("退回")
    [incoming] = rig.received
    assert (incoming.kind, incoming.chat, incoming.data) == ("press", rig.chat, "hazard:1:return")
    done = Card("YH-1 已退回")
    await rig.platform.send(Outgoing(rig.chat, done, Reader(), placing="edit", previous=incoming.message))
    assert [seen.text for seen in await rig.screen()] == ["YH-1 已退回", "另一条"]


async def test_event_survives_the_inbox(rig):
    await rig.sends("卸油口", photo=photos.jpeg())
    [incoming] = rig.received
    assert Incoming.from_json(incoming.to_json()) == incoming


async def test_unknown_file_is_unfetchable(rig):
    with pytest.raises(Unfetchable):
        await rig.platform.fetch(Attachment("photo", "0" * 64))


async def test_platform_is_ready_and_links_carry_the_code(rig):
    await rig.sends("在吗")
    assert rig.platform.ready
    assert "ABCD-2345" in await rig.platform.link("ABCD-2345")
