"""What comes in can be stored on every database, whatever a phone makes of a text."""

import pytest

from models.content import Attachment, Contact, Incoming, Place
from models.inbox import do_receive, list_waiting


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("靠山加油站\x00卸油口", "靠山加油站卸油口"),
        ("半个\ud83d", "半个?"),
        ("\udc00", "?"),
        ("👨‍👩‍👧 \u202e\u200b\x1b[31m", "👨‍👩‍👧 \u202e\u200b\x1b[31m"),
        ("\U000e0067\uffff\ufffe", "\U000e0067\uffff\ufffe"),
    ],
)
async def test_event_with_odd_characters_is_stored_and_blocks_nobody(store, clock, sent, kept):
    photo = Attachment("photo", "ref", name=sent, mime=sent)
    odd = Incoming("memory", "lin", "1", text=sent, data=sent, sender=sent, lang=sent, attachments=(photo,))
    await store.write(lambda session: do_receive(session, [odd, Incoming("memory", "chen", "2")], now=clock()))
    rows = await store.read(list_waiting)
    assert [incoming.chat for _id, incoming, _at in rows] == ["lin", "chen"]
    assert rows[0][1] == odd
    assert (odd.text, odd.attachments[0].name) == (kept, kept)


def test_event_survives_json(clock):
    incoming = Incoming(
        "memory", "lin", "1", text="a", attachments=(Attachment("file", "r", name="n"),), place=Place(30.5, 118.5),
        contact=Contact("13800000001", verified=True), data="x:1:y", message="7", group="g", lang="zh", sender="林",
        sent_at=clock(),
    )  # fmt: skip
    assert Incoming.from_json(incoming.to_json()) == incoming
    assert Incoming.from_json(Incoming("memory", "lin", "1").to_json()) == Incoming("memory", "lin", "1")


@pytest.mark.parametrize(("lat", "lon"), [(91, 0), (0, 181), (float("nan"), 0), (0, float("inf"))])
def test_place_lies_on_earth(lat, lon):
    with pytest.raises(ValueError, match="not a place"):
        Place(lat, lon)
