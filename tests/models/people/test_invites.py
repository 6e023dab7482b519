"""Invites: who may invite whom, and that a code opens one door once."""

from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import event, select

from models.access import Actor, Area
from models.audit import AuditRow
from models.errors import InvalidInput, NotFound
from models.facts import do_set_fact
from models.people.codes import hash_code, read_code
from models.people.entries import load_entry
from models.people.invites import (
    BELOW_HEADS,
    check_invite,
    do_use,
    find_invite,
    find_one,
    list_candidates,
    list_links,
    make_invite,
    read_role,
)
from models.people.tables import Invite, Role
from tests.factories import COUNTY, NEXT_VILLAGE, TOWN, VILLAGE, add_person, add_role, bind
from tests.models.people.conftest import JOINING


async def invite(town, by, whom):
    return await town.do(check_invite, await town.actor(by), town.ids[whom], rules=JOINING)


async def names(town, who, **fields):
    page = await town.do(list_candidates, await town.actor(who), **fields)
    return [person.name for person in page.people]


async def test_invite_keeps_only_the_hash(town):
    made = await invite(town, "qian", "lin")
    rows = await town.run(lambda session: session.execute(select(Invite.__table__)).all())
    assert [row.code_hash for row in rows] == [hash_code(made.code)]
    assert made.code not in repr(rows)
    assert made.code not in repr(made)


async def test_invite_expires_after_the_days_of_the_rules(town):
    made = await invite(town, "qian", "lin")
    assert made.expires == town.clock() + timedelta(days=JOINING.code_days)


async def test_invite_as_json_has_exactly_four_fields(town):
    made = await make_invite(town.store, "林晓梅", rules=JOINING, now=town.clock())
    values = made.to_json()
    assert list(values) == ["person", "code", "links", "expires"]
    assert (values["person"], values["expires"]) == ("林晓梅", "2026-11-30T01:00:00+00:00")


async def test_invite_is_audited_without_its_code(town):
    made = await invite(town, "qian", "lin")
    row = await town.run(lambda session: session.scalars(select(AuditRow)).one())
    assert (row.action, row.person_id) == ("people:invite", town.ids["qian"])
    assert read_code(made.code) not in str(row.detail)


async def test_links_carry_the_code_on_every_platform(town):
    await town.run(lambda session: do_set_fact(session, "join_link_web", "https://grid.example/#join={code}"))
    await town.run(lambda session: do_set_fact(session, "join_link_telegram", "https://t.me/bot?start={code}"))
    await town.run(lambda session: do_set_fact(session, "another", "{code}"))
    links = await town.run(lambda session: list_links(session, "AB"))
    assert links == {"telegram": "https://t.me/bot?start=AB", "web": "https://grid.example/#join=AB"}


async def test_new_invite_voids_the_older_one(town):
    first, second = await invite(town, "qian", "lin"), await invite(town, "qian", "lin")

    def use(session):
        invites = [find_invite(session, read_code(made.code)) for made in (first, second)]
        return [do_use(session, one.id, now=town.clock()) for one in invites]

    assert await town.run(use) == [False, True]


async def test_code_is_used_once(town):
    made = await invite(town, "qian", "lin")

    def use(session):
        return do_use(session, find_invite(session, read_code(made.code)).id, now=town.clock())

    assert [await town.run(use), await town.run(use)] == [True, False]


async def test_expired_code_cannot_be_used(town):
    made = await invite(town, "qian", "lin")
    town.clock.advance(days=JOINING.code_days)
    assert not await town.run(lambda s: do_use(s, find_invite(s, read_code(made.code)).id, now=town.clock()))


async def test_grid_head_invites_in_the_own_grid(town):
    assert (await invite(town, "sun", "lin")).person == "林晓梅"
    assert await names(town, "sun") == ["吴志强", "林晓梅", "陈建国"]


@pytest.mark.parametrize("whom", ["qian", "zheng", "zhou"])
async def test_grid_head_cannot_invite_those_above(town, whom):
    with pytest.raises(NotFound):
        await invite(town, "sun", whom)


@pytest.mark.parametrize("role", [Role.ADMIN, Role.LEADER, Role.SUPERVISOR, Role.DUTY])
async def test_grid_head_cannot_take_over_a_higher_role_of_the_own_grid(town, role):
    await town.run(lambda session: add_role(session, town.ids["lin"], role, VILLAGE))
    with pytest.raises(NotFound):
        await invite(town, "sun", "lin")


async def test_grid_head_cannot_give_a_second_chat(town):
    await town.run(lambda session: bind(session, town.ids["lin"], "lin", now=town.clock()))
    with pytest.raises(NotFound):
        await invite(town, "sun", "lin")
    assert (await invite(town, "qian", "lin")).code


@pytest.mark.parametrize("by", ["lin", "zhou", "zheng", "wu"])
async def test_others_invite_nobody(town, by):
    with pytest.raises(NotFound):
        await invite(town, by, "chen")
    assert await names(town, by) == []


async def test_administrator_of_a_village_stays_in_it(town):
    actor = Actor(town.ids["qian"], "钱文静", "", "zh", (Area(Role.ADMIN, VILLAGE),))
    page = await town.do(list_candidates, actor)
    assert [person.name for person in page.people] == ["吴志强", "林晓梅"]


@pytest.mark.parametrize("seed", range(5))
async def test_candidates_are_exactly_those_whose_every_role_is_inside(town, seed):
    dice, grids = Random(seed), (COUNTY, TOWN, VILLAGE, NEXT_VILLAGE)
    posts = {number: [(dice.choice(list(Role)), dice.choice(grids)) for _ in range(dice.randint(1, 3))]
             for number in range(40)}  # fmt: skip

    def crowd(session):
        for number, roles in posts.items():
            add_person(session, f"百姓{number}", f"1991000{number:04}", *set(roles), now=town.clock())

    await town.run(crowd)
    for mine, area, theirs in [(Role.ADMIN, TOWN, set(Role)), (Role.GRID_HEAD, TOWN, set(BELOW_HEADS)),
                               (Role.ADMIN, NEXT_VILLAGE, set(Role)), (Role.OFFICER, COUNTY, set())]:  # fmt: skip
        actor = Actor(town.ids["qian"], "钱文静", "", "zh", (Area(mine, area),))
        pages = [await town.do(list_candidates, actor, name="百姓", page=page) for page in range(6)]
        inside = {f"百姓{number}" for number, roles in posts.items()
                  if all(role in theirs and grid.startswith(area) for role, grid in roles)}  # fmt: skip
        assert {person.name for page in pages for person in page.people} == inside


async def test_somebody_unknown_is_not_found_like_somebody_elses(town):
    with pytest.raises(NotFound):
        await town.do(check_invite, await town.actor("qian"), 999_999, rules=JOINING)


async def test_those_who_left_are_not_invited(town):
    await town.run(lambda s: add_person(s, "韩冰", "19900000021", now=town.clock()))
    leaver = await town.run(lambda s: add_person(s, "方离", "19900000022", now=town.clock()))
    await town.run(lambda s: add_role(s, leaver, Role.OFFICER, VILLAGE, ends_on="2026-11-22"))
    assert not {"韩冰", "方离"} & set(await names(town, "qian"))


async def test_candidates_who_have_not_joined_come_first(town):
    page = await town.do(list_candidates, await town.actor("qian"))
    assert [(person.name, person.joined) for person in page.people][-2:] == [("钱文静", True), ("孙立新", True)]


async def test_candidates_are_found_by_a_part_of_the_name(town):
    assert await names(town, "qian", name="晓") == ["林晓梅"]
    assert await names(town, "qian", name="%") == []


async def test_candidates_of_a_grid_are_those_who_are_missing(town):
    await town.run(lambda session: bind(session, town.ids["wu"], "wu", now=town.clock()))
    assert await names(town, "qian", grid_code=VILLAGE) == ["林晓梅"]


async def test_candidates_are_paged_by_eight(town):
    def crowd(session):
        for number in range(10):
            add_person(session, f"村民{number}", f"1991000000{number}", (Role.INFORMANT, VILLAGE), now=town.clock())

    await town.run(crowd)
    actor = await town.actor("sun")
    pages = [await town.do(list_candidates, actor, page=page) for page in (0, 1, 2)]
    assert [(len(page.people), page.total, page.page) for page in pages] == [(8, 13, 0), (5, 13, 1), (5, 13, 1)]


async def test_page_of_candidates_takes_two_queries(town):
    actor, seen = await town.actor("qian"), []
    event.listen(town.store.engine, "before_cursor_execute", lambda *_args: seen.append(1))
    await town.store.read(lambda session: list_candidates(session, actor, name="林", now=town.clock()))
    assert len(seen) == 2


async def test_person_is_found_by_name_grid_and_role(town):
    await town.run(lambda s: add_person(s, "林晓梅", "19900000031", (Role.MANAGER, NEXT_VILLAGE), now=town.clock()))
    by_grid = await town.do(find_one, "林晓梅", grid=VILLAGE)
    by_name_of_grid = await town.do(find_one, "林晓梅", grid="铜山村")
    by_role = await town.do(find_one, "林晓梅", role="网格员")
    assert {by_grid.person_id, by_name_of_grid.person_id, by_role.person_id} == {town.ids["lin"]}


@pytest.mark.parametrize(
    ("name", "fields", "reason"),
    [
        ("何人", {}, "没有在岗的"),
        ("林晓梅", {"grid": NEXT_VILLAGE}, "没有在岗的"),
        ("林晓梅", {"grid": "蓬莱"}, "没有名称或编码"),
        ("林晓梅", {"role": "皇帝"}, "没有「{text}」这个角色"),
    ],
)
async def test_person_who_cannot_be_found_is_refused_with_the_reason(town, name, fields, reason):
    with pytest.raises(InvalidInput, match=reason):
        await town.do(find_one, name, **fields)


async def test_two_people_of_one_name_are_told_apart(town):
    await town.run(lambda s: add_person(s, "林晓梅", "19900000031", (Role.MANAGER, TOWN), now=town.clock()))
    with pytest.raises(InvalidInput) as refusal:
        await town.do(find_one, "林晓梅")
    assert refusal.value.text.args["count"] == 2
    assert "茂林镇" in refusal.value.text.args["shown"]


@pytest.mark.parametrize(("text", "role"), [("officer", Role.OFFICER), (" 网格长 ", Role.GRID_HEAD)])
def test_role_is_read_in_both_languages(text, role):
    assert read_role(text) is role


async def test_entry_names_grids_and_not_codes(town):
    entry = await town.do(load_entry, town.ids["lin"])
    assert [(post.role, post.grid) for post in entry.posts] == [(Role.OFFICER, "茂林镇·铜山村")]
    county = await town.do(load_entry, town.ids["zheng"])
    assert (county.posts[0].grid_code, county.posts[0].grid) == (COUNTY, "泾县")
