"""What stands under the photos of a case: the same for everybody, true about time, silent about who gave a tip."""

from datetime import UTC, datetime, timedelta

import pytest

from models.content import Card
from models.hazards.cards import load_view, show_hazard
from models.hazards.flow import State
from models.hazards.places import Spot
from models.hazards.tables import Hazard, HazardPhoto, PhotoKind
from models.media import Kept, do_record
from models.people.tables import Role
from models.texts import Reader
from tests import factories
from tests.models.hazards.conftest import PHOTO, RULES

TAKEN = datetime(2026, 11, 20, 1, 30, tzinfo=UTC)


async def under(town, hazard_id, name="zhou"):
    """The lines under each photo of a case, as a person gets them."""
    actor = await town.actor(name)

    def unit(session):
        view = load_view(session, session.get_one(Hazard, hazard_id), now=town.clock())
        return show_hazard(session, view, actor, rules=RULES, now=town.clock())

    card = Card.from_json((await town.store.read(unit)).to_json())  # as it lies in the outbox
    return [[Reader().read(line) for line in picture.mark] for picture in card.pictures]


async def adds(town, hazard_id, sha, kind, name="wu", **fields):
    def unit(session):
        fields.setdefault("at", town.clock())
        session.add(HazardPhoto(hazard_id=hazard_id, sha=sha, kind=kind, by_id=town.ids[name], **fields))

    await town.store.write(unit)


async def test_photo_says_number_place_time_and_reporter(town):
    hazard_id = await town.reports()
    for reader in ("lin", "zhou", "wu"):
        assert await under(town, hazard_id, reader) == [
            ["YH20261123-0001 · 整改前", "茂林镇·铜山村 靠山加油站", "上传 2026年11月23日 09:00 · 上报人 林晓梅"]
        ]


@pytest.mark.parametrize(
    ("taken_at", "shown"),
    [
        (TAKEN, "拍摄 2026年11月20日 09:30"),
        (None, "上传 2026年11月23日 09:00"),
        (datetime(2031, 1, 1, tzinfo=UTC), "上传 2026年11月23日 09:00"),
    ],
)
async def test_time_is_the_cameras_if_it_can_be(town, taken_at, shown):
    kept = Kept(PHOTO, "picture", "image/jpeg", 1, taken_at=taken_at)
    await town.store.write(lambda session: do_record(session, kept, now=town.clock()))
    hazard_id = await town.reports()
    assert (await under(town, hazard_id))[0][2] == f"{shown} · 上报人 林晓梅"


async def test_photos_of_the_rectification_say_so(town):
    hazard_id = await town.reports()
    await adds(town, hazard_id, "b" * 64, PhotoKind.AFTER)
    await adds(town, hazard_id, "c" * 64, PhotoKind.AFTER, round=2, at=town.clock() + timedelta(days=1))
    await adds(town, hazard_id, "d" * 64, PhotoKind.EXTRA, name="sun")
    heads = [(lines[0], lines[2]) for lines in await under(town, hazard_id)]
    assert heads[1:] == [
        ("YH20261123-0001 · 整改后", "上传 2026年11月23日 09:00 · 整改人 吴志强"),
        ("YH20261123-0001 · 整改后（第2次）", "上传 2026年11月24日 09:00 · 整改人 吴志强"),
        ("YH20261123-0001 · 补充照片", "上传 2026年11月23日 09:00 · 提供人 孙立新"),
    ]


async def test_place_without_an_enterprise_is_the_grid_and_the_words(town):
    spot = Spot(factories.VILLAGE, "茂林镇·铜山村", text="溪口老樟树下")
    hazard_id = await town.reports(spot=spot, category="road")
    assert (await under(town, hazard_id))[0][1] == "茂林镇·铜山村 溪口老樟树下"


async def test_tip_never_names_its_author(town):
    def unit(session):
        role = (Role.INFORMANT, factories.VILLAGE)
        return factories.add_person(session, "许芳", "19900000021", role, chat="xu", now=town.clock())

    town.ids["xu"] = await town.store.write(unit)
    hazard_id = await town.reports("xu", spot=Spot(factories.VILLAGE, "茂林镇·铜山村"), category="road")
    assert (await town.hazard(hazard_id)).state is State.REPORTED
    for reader in ("zhou", "lin", "xu"):
        assert [lines[2] for lines in await under(town, hazard_id, reader)] == ["上传 2026年11月23日 09:00 · 群众举报"]
