"""Registration: who is trusted, where it goes, who is told what, and what is refused."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from models.errors import InvalidInput, NotFound
from models.hazards.access import access_hazard, may_see
from models.hazards.cards import load_view, show_hazard
from models.hazards.flow import Side, State
from models.hazards.places import Spot
from models.hazards.tables import HazardOwner, HazardPhoto, OwnerKind, PhotoKind, Source
from models.outbox import OutboxRow
from models.people.tables import Account, Assignment, Role
from tests import factories

STREET = Spot(factories.VILLAGE, "茂林镇·铜山村", text="村口老樟树下")


async def owners(town, hazard_id):
    rows = select(HazardOwner.side, HazardOwner.person_id).where(HazardOwner.hazard_id == hazard_id)
    found = await town.store.read(lambda session: session.execute(rows).all())
    names = {ident: name for name, ident in town.ids.items() if name != "station"}
    return {side: sorted(names[who] for s, who in found if s is side) for side in {s for s, _who in found}}


async def test_officer_report_is_dispatched_at_once(town):
    hazard = (await town.registers("lin")).hazard
    assert (hazard.state, hazard.source, hazard.owner_kind) == (
        State.ASSIGNED, Source.PATROL, OwnerKind.ENTERPRISE,
    )  # fmt: skip
    assert hazard.deadline == town.clock() + timedelta(days=7)
    assert [(event.action, event.person_id) for event in await town.events(hazard.id)] == [
        ("report", town.ids["lin"]), ("dispatch", None),
    ]  # fmt: skip
    assert await owners(town, hazard.id) == {
        Side.RECTIFIER: ["wu"], Side.GRID: ["lin", "sun"], Side.INDUSTRY: ["zhou"],
    }  # fmt: skip


async def test_notice_says_what_the_manager_must_know(town):
    await town.reports("lin")
    (notice,) = await town.told("wu")
    assert notice.startswith("YH20261123-0001 待接收 · 剩7天\n隐患整改通知")
    for part in (
        "茂林镇·铜山村 靠山加油站",
        "卸油口静电接地线脱落",
        "一般隐患",
        "2026年11月30日 09:00",
        "林晓梅 19900000001",
    ):
        assert part in notice


async def test_grid_head_and_supervisor_are_told_once_and_nobody_else(town):
    await town.reports("lin")
    assert [len(await town.told(name)) for name in ("sun", "zhou", "wu")] == [1, 1, 1]
    assert [await town.told(name) for name in ("lin", "chen", "zheng", "qian", "fang", "ding")] == [[]] * 6


async def test_phone_is_masked_outside_the_chain(town):
    hazard_id = await town.reports("lin")
    chen = await town.actor("chen")

    def asked_for_help(session):
        session.add(HazardOwner(hazard_id=hazard_id, person_id=town.ids["chen"], side=Side.OFFICE))
        session.flush()
        view = load_view(session, access_hazard(session, chen, hazard_id), now=town.clock())
        return show_hazard(session, view, chen, rules=town.rules, now=town.clock())

    card = town.read(await town.store.write(asked_for_help))
    assert "林晓梅 199****0001" in card
    assert "吴志强 199****0004" in card
    assert "19900000001" not in card


async def test_self_check_goes_straight_to_rectifying(town):
    hazard = (await town.registers("wu")).hazard
    assert (hazard.state, hazard.source) == (State.RECTIFYING, Source.SELF_CHECK)
    assert [event.action for event in await town.events(hazard.id)] == ["report", "dispatch", "accept"]
    assert await town.told("wu") == []
    assert "自查上报了本单位的隐患" in (await town.told("lin"))[0]


async def test_manager_reports_for_the_own_enterprise_only(town):
    with pytest.raises(NotFound):
        await town.registers("wu", spot=STREET)


async def test_public_place_goes_to_the_grid_head(town):
    hazard = (await town.registers("lin", spot=STREET, category="road")).hazard
    assert (hazard.owner_kind, hazard.industry, hazard.place) == (OwnerKind.GRID, "transport", "村口老樟树下")
    assert (await owners(town, hazard.id))[Side.RECTIFIER] == ["sun"]


async def test_place_without_anybody_falls_to_the_office(town):
    await town.store.write(lambda session: session.execute(delete(Assignment).where(Assignment.role == Role.GRID_HEAD)))
    hazard = (await town.registers("lin", spot=STREET, category="road")).hazard
    assert hazard.owner_kind is OwnerKind.OFFICE
    assert (await owners(town, hazard.id))[Side.RECTIFIER] == ["ding"]
    assert "隐患整改通知" in (await town.told("ding"))[0]


async def test_place_without_even_an_office_stays_open_and_is_said(town):
    offices = (Role.GRID_HEAD, Role.DISPATCHER, Role.DUTY, Role.ADMIN)
    await town.store.write(lambda session: session.execute(delete(Assignment).where(Assignment.role.in_(offices))))
    registered = await town.registers("lin", spot=STREET, category="road")
    assert registered.told is None
    assert (registered.hazard.state, registered.hazard.owner_kind) == (State.ACCEPTED, OwnerKind.NOBODY)


async def informant(town):
    def unit(session):
        role = (Role.INFORMANT, factories.VILLAGE)
        return factories.add_person(session, "许芳", "19900000021", role, chat="xu", now=town.clock())

    town.ids["xu"] = await town.store.write(unit)


async def test_tip_waits_for_verification_and_is_kept_from_the_enterprise(town):
    await informant(town)
    actor = await town.actor("xu")
    station = replace(town.finding().spot, enterprise_id=None, text="靠山加油站")
    hazard = (await town.registers("xu", spot=station)).hazard
    assert actor.areas[0].role is Role.INFORMANT
    assert (hazard.state, hazard.source) == (State.REPORTED, Source.TIP)
    await town.puts(hazard.id, enterprise_id=town.ids["station"])
    assert await town.told("wu") == []
    wu = await town.actor("wu")
    with pytest.raises(NotFound):
        await town.store.read(lambda session: access_hazard(session, wu, hazard.id))
    assert "待核实" in (await town.told("lin"))[0]


async def test_verified_tip_is_dispatched_and_its_author_stays_unknown_to_the_enterprise(town):
    await informant(town)
    hazard_id = await town.reports("xu", spot=replace(STREET))
    await town.puts(hazard_id, enterprise_id=town.ids["station"])
    assert (await town.moves("lin", hazard_id, "verify")).state is State.ASSIGNED
    (notice,) = await town.told("wu")
    assert "许芳" not in notice
    assert "来源：群众举报" in notice
    assert "联系人：林晓梅" in notice
    assert "情况属实" in (await town.told("xu"))[0]


async def test_whoever_has_no_chat_is_named(town):
    await town.store.write(lambda session: session.execute(delete(Account).where(Account.person_id == town.ids["wu"])))
    told = (await town.registers("lin")).told
    assert told.unreachable == {town.ids["wu"]}
    row = select(OutboxRow.status, OutboxRow.error).where(OutboxRow.person_id == town.ids["wu"])
    assert (await town.store.read(lambda session: session.execute(row).one())) == ("dead", "not-joined")


async def test_photos_are_kept_as_before_in_their_order(town):
    hazard_id = await town.reports(photos=("a" * 64, "b" * 64, "a" * 64))
    rows = select(HazardPhoto.sha, HazardPhoto.kind).where(HazardPhoto.hazard_id == hazard_id).order_by(HazardPhoto.id)
    found = await town.store.read(lambda session: session.execute(rows).all())
    assert [tuple(row) for row in found] == [("a" * 64, PhotoKind.BEFORE), ("b" * 64, PhotoKind.BEFORE)]


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("description", " 堵 ", "至少"),
        ("description", "长" * 1001, "文字太长"),
        ("category", "weather", "已不在规则里"),
        ("level", "terrible", "已不在规则里"),
        ("days", 8, "整改期限"),
        ("photos", tuple(f"{n:064}" for n in range(10)), "照片最多"),
    ],
)
async def test_report_that_breaks_a_rule_is_refused(town, field, value, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        await town.registers("lin", **{field: value})


async def test_photo_from_the_future_counts_as_now(town):
    later, earlier = town.clock() + timedelta(days=1), town.clock() - timedelta(hours=2)
    assert (await town.registers("lin", found_at=later)).hazard.found_at == town.clock()
    assert (await town.registers("lin", found_at=earlier)).hazard.found_at == earlier


async def test_right_to_see_is_checked_when_it_is_sent(town):
    hazard_id = await town.reports("lin")

    def sees(name):
        return town.store.read(lambda session: may_see(session, town.ids[name], str(hazard_id), town.clock()))

    assert [await sees(name) for name in ("lin", "wu", "zhou", "zheng", "chen")] == [True, True, True, True, False]
    await town.store.write(
        lambda session: session.execute(delete(Assignment).where(Assignment.person_id == town.ids["zheng"]))
    )
    assert await sees("zheng") is False
