"""Before and after on the card: first, as one picture, while it is looked at and once it is over."""

import pytest

from models.content import Card
from models.hazards.cards import load_view, show_hazard
from models.hazards.flow import State
from models.hazards.marks import PAIRS, is_unchanged, pair_picture
from models.hazards.tables import Hazard, HazardPhoto, PhotoKind
from models.media import Kept, do_record
from models.texts import Reader
from tests.models.hazards.conftest import PHOTO, RULES
from tests.models.hazards.test_marks import adds

AFTER, SECOND = "b" * 64, "c" * 64
BUSY = 0x0F1E_2D3C_4B5A_6978  # A difference hash of a picture with something to see.
SAME = "疑似同一张照片"


async def card_of(town, hazard_id, name="zhou"):
    actor = await town.actor(name)

    def unit(session):
        view = load_view(session, session.get_one(Hazard, hazard_id), now=town.clock())
        return show_hazard(session, view, actor, rules=RULES, now=town.clock())

    return Card.from_json((await town.store.read(unit)).to_json())  # as it lies in the outbox


async def in_review(town, *after):
    """A hazard that was put right with these photos."""
    hazard_id = await town.reports()
    await town.moves("wu", hazard_id, "accept")
    await town.moves("wu", hazard_id, "submit", photos=after or (AFTER,), note="已更换")
    return hazard_id


def says(half):
    return (half.sha, *(Reader().read(line) for line in half.says))


async def test_case_in_review_shows_before_and_after_first(town):
    card = await card_of(town, await in_review(town))
    first, *singles = card.pictures
    assert [Reader().read(line) for line in first.mark] == [
        "YH20261123-0001 · 整改前后对比", "茂林镇·铜山村 靠山加油站",
    ]  # fmt: skip
    assert [[says(half) for half in pair] for pair in first.pairs] == [
        [(PHOTO, "整改前", "上传 2026年11月23日 09:00"), (AFTER, "整改后", "上传 2026年11月23日 09:00")]
    ]
    assert [picture.sha for picture in singles] == [AFTER, PHOTO]
    assert all(picture.mark and not picture.pairs for picture in singles)


@pytest.mark.parametrize(
    ("state", "is_shown"),
    [(State.RECTIFYING, False), (State.REVIEW, True), (State.DELISTING, True), (State.CLOSED, True)],
)
async def test_pair_is_shown_while_it_is_looked_at_and_once_it_is_over(town, state, is_shown):
    hazard_id = await in_review(town)
    await town.puts(hazard_id, state=state)
    card = await card_of(town, hazard_id)
    assert bool(card.pictures[0].pairs) is is_shown
    assert sum(1 for picture in card.pictures if not picture.pairs) == 2


async def test_only_the_last_rectification_is_compared(town):
    hazard_id = await in_review(town)
    await town.moves("lin", hazard_id, "fail", note="接线松动")
    await town.moves("wu", hazard_id, "submit", photos=(SECOND,), note="重新固定")
    (pair,) = (await card_of(town, hazard_id)).pictures[0].pairs
    assert [says(half)[:2] for half in pair] == [(PHOTO, "整改前"), (SECOND, "整改后（第2次）")]


async def test_many_photos_make_three_pairs_and_each_stands_once(town):
    hazard_id = await in_review(town, *(f"{number:064x}" for number in range(5)))
    for number in range(5, 9):
        await adds(town, hazard_id, f"{number:064x}", PhotoKind.BEFORE, name="lin")
    card = await card_of(town, hazard_id)
    assert len(card.pictures[0].pairs) == PAIRS
    shown = [half.sha for pair in card.pictures[0].pairs for half in pair]
    assert len(set(shown)) == 2 * PAIRS
    assert {picture.sha for picture in card.pictures[1:6]} == {f"{number:064x}" for number in range(5)}


async def test_photos_about_to_be_handed_in_are_compared(town):
    hazard_id = await town.reports()

    def unit(session):
        hazard = session.get_one(Hazard, hazard_id)
        return pair_picture(session, hazard, [AFTER, AFTER, SECOND], town.clock(), place="靠山加油站")

    picture = await town.store.read(unit)
    assert [[half.sha for half in pair] for pair in picture.pairs] == [[PHOTO, AFTER]]
    assert picture.sha == AFTER


async def test_without_a_photo_from_before_there_is_nothing_to_compare(town):
    hazard_id = await in_review(town)
    await town.store.write(lambda session: session.query(HazardPhoto).filter_by(kind=PhotoKind.BEFORE).delete())
    assert [picture.sha for picture in (await card_of(town, hazard_id)).pictures] == [AFTER]


async def records(town, **hashes):
    for sha, (dhash, mirror) in hashes.items():
        kept = Kept(sha * 64, "picture", "image/jpeg", 1, dhash=dhash, mirror_hash=mirror)
        await town.store.write(lambda session, kept=kept: do_record(session, kept, now=town.clock()))


@pytest.mark.parametrize(
    ("after", "mirror", "is_said"),
    [(BUSY ^ 0b111, 0, True), (~BUSY, BUSY ^ 1, True), (~BUSY, 0, False), (None, None, False)],
    ids=["nearly the same", "its mirror image", "another", "unknown"],
)
async def test_reviewer_is_told_of_a_photo_that_is_the_one_from_before(town, after, mirror, is_said):
    await records(town, a=(BUSY, 0), b=(after, mirror))
    hazard_id = await in_review(town)
    assert (SAME in town.read(await card_of(town, hazard_id, "lin"))) is is_said
    assert SAME not in town.read(await card_of(town, hazard_id, "wu"))


async def test_same_file_is_the_same_photo_and_an_even_one_is_like_nothing(town):
    await records(town, a=(0, 0), b=(0, 0))
    assert SAME not in town.read(await card_of(town, await in_review(town), "lin"))

    def unit(session):
        hazard = session.get_one(Hazard, 1)
        return [is_unchanged(session, hazard, [sha], town.clock(), bits=8) for sha in (PHOTO, AFTER)]

    assert await town.store.read(unit) == [True, False]
    hazard_id = await in_review(town, PHOTO)
    assert SAME in town.read(await card_of(town, hazard_id, "lin"))


async def test_nothing_is_doubted_any_more_once_it_is_closed(town):
    hazard_id = await in_review(town, PHOTO)
    assert SAME in town.read(await card_of(town, hazard_id, "lin"))
    await town.moves("lin", hazard_id, "pass")
    assert SAME not in town.read(await card_of(town, hazard_id, "lin"))
