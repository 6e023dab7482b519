"""Joining: codes and phones say who it is, wrong codes lock out, one chat belongs to one person."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from models.access import find_actor
from models.audit import AuditRow
from models.errors import NotFound
from models.outbox import OutboxRow
from models.people.codes import make_code, read_code
from models.people.entries import load_entry
from models.people.invites import do_invite
from models.people.joining import (
    Chat,
    Claim,
    Joined,
    Refused,
    check_code,
    check_join,
    check_phone,
    do_bind,
    do_decline,
    do_forget_attempts,
    find_holder,
    find_lock,
    list_nearest_heads,
)
from models.people.leaving import try_release_one
from models.people.tables import Account, Assignment, Person, Role
from tests.factories import NEXT_VILLAGE, TOWN, VILLAGE, add_person, add_role
from tests.models.people.conftest import JOINING

HERE, THERE = Chat("web", "here"), Chat("telegram", "there")


async def code_for(town, whom, by="qian"):
    entry = await town.do(load_entry, town.ids[whom])
    made = await town.do(do_invite, entry, created_by=town.ids[by], rules=JOINING)
    return read_code(made.code)


async def claims(town, code, chat=HERE):
    return await town.do(check_code, code, chat, rules=JOINING)


async def joins(town, claim, chat=HERE, lang="zh"):
    return await town.do(check_join, claim, chat, lang=lang)


async def told(town):
    rows = await town.run(lambda session: session.scalars(select(OutboxRow).order_by(OutboxRow.id)).all())
    return [(row.person_id, row.chat, row.card["title"]) for row in rows]


async def test_code_says_who_it_is(town):
    claim = await claims(town, await code_for(town, "lin"))
    assert (claim.person_id, claim.invite_id) == (town.ids["lin"], 1)


async def test_code_binds_the_chat_after_the_question(town):
    claim = await claims(town, await code_for(town, "lin"))
    assert await town.do(find_actor, "web", "here") is None
    joined = await joins(town, claim)
    assert (joined.first, joined.entry.name) == (True, "林晓梅")
    assert (await town.do(find_actor, "web", "here")).roles == {Role.OFFICER}


async def test_unknown_used_and_withdrawn_codes_are_one(town):
    used = await code_for(town, "lin")
    await joins(town, await claims(town, used))
    withdrawn = await code_for(town, "chen")
    await code_for(town, "chen")
    unknown = read_code(make_code())
    refusals = [await claims(town, code, Chat("web", code)) for code in (unknown, used, withdrawn)]
    assert refusals == [Refused("wrong")] * 3


async def test_expired_code_is_wrong(town):
    code = await code_for(town, "lin")
    town.clock.advance(days=JOINING.code_days)
    assert await claims(town, code) == Refused("wrong")


async def test_code_of_somebody_who_left_is_wrong(town):
    code = await code_for(town, "lin")
    await town.run(lambda session: session.execute(update(Assignment).values(ends_on=town.clock().date())))
    assert isinstance(await claims(town, code), Claim)
    town.clock.advance(days=1)
    assert await claims(town, code) == Refused("wrong")


async def test_fifth_wrong_code_locks_the_chat_out(town):
    answers = [await claims(town, read_code(make_code())) for _ in range(5)]
    until = town.clock.now + timedelta(minutes=JOINING.lock_minutes)
    assert answers == [*[Refused("wrong")] * 4, Refused("locked", until)]
    assert await town.do(find_lock, HERE) == until


async def test_locked_chat_cannot_use_a_right_code_or_phone(town):
    for _ in range(5):
        await claims(town, read_code(make_code()))
    assert (await claims(town, await code_for(town, "lin"))).reason == "locked"
    assert (await town.do(check_phone, "19900000001", HERE)).reason == "locked"
    assert isinstance(await claims(town, await code_for(town, "lin"), THERE), Claim)


async def test_lock_ends_and_counting_begins_anew(town):
    for _ in range(5):
        await claims(town, read_code(make_code()))
    town.clock.advance(minutes=JOINING.lock_minutes)
    assert await claims(town, read_code(make_code())) == Refused("wrong")
    assert isinstance(await claims(town, await code_for(town, "lin")), Claim)


async def test_wrong_codes_of_an_hour_ago_do_not_count(town):
    for _ in range(4):
        await claims(town, read_code(make_code()))
    town.clock.advance(minutes=JOINING.lock_minutes)
    assert await claims(town, read_code(make_code())) == Refused("wrong")


async def test_old_counts_are_forgotten(town):
    await claims(town, read_code(make_code()), HERE)
    town.clock.advance(hours=20)
    for _ in range(5):
        await claims(town, read_code(make_code()), THERE)
    town.clock.advance(hours=5)
    assert [await town.do(do_forget_attempts), await town.do(do_forget_attempts)] == [1, 0]


async def test_lock_out_is_audited_without_the_codes(town):
    codes = [read_code(make_code()) for _ in range(5)]
    for code in codes:
        await claims(town, code)
    row = await town.run(lambda session: session.scalars(select(AuditRow)).one())
    assert (row.action, row.detail["chat"]) == ("people:lockout", "here")
    assert not any(code in str(row.detail) for code in codes)


@pytest.mark.parametrize("phone", ["19900000001", "+86 199 0000 0001", "8619900000001"])
async def test_phone_says_who_it_is(town, phone):
    assert await town.do(check_phone, phone, HERE) == Claim(town.ids["lin"])


@pytest.mark.parametrize("phone", ["19900009999", "+44 20 7946 0000", ""])
async def test_phone_of_nobody_is_refused(town, phone):
    assert await town.do(check_phone, phone, HERE) == Refused("unlisted")


async def test_two_chats_at_once_with_one_code_bind_one(town):
    claim = await claims(town, await code_for(town, "lin"))
    chats = [Chat("web", f"chat{number}") for number in range(8)]
    outcomes = await asyncio.gather(*(joins(town, claim, chat) for chat in chats))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Joined"] + ["Refused"] * 7
    bound = await town.run(lambda s: s.scalar(select(func.count()).where(Account.person_id == town.ids["lin"])))
    assert bound == 1


async def test_person_may_have_several_chats(town):
    await joins(town, Claim(town.ids["lin"]), HERE)
    joined = await joins(town, Claim(town.ids["lin"]), THERE)
    assert joined == Joined(joined.entry, first=False)
    assert (await town.do(find_holder, HERE), await town.do(find_holder, THERE)) == (town.ids["lin"],) * 2


async def test_chat_of_one_person_is_not_given_to_another(town):
    await joins(town, Claim(town.ids["lin"]))
    assert await joins(town, Claim(town.ids["chen"])) == Refused("taken")
    with pytest.raises(NotFound):
        await town.do(do_bind, town.ids["chen"], HERE)
    assert await town.do(find_holder, HERE) == town.ids["lin"]


async def test_code_is_kept_when_the_chat_is_taken(town):
    await joins(town, Claim(town.ids["lin"]))
    code = await code_for(town, "chen")
    claim = Claim(town.ids["chen"], 1)
    assert await joins(town, claim) == Refused("taken")
    assert isinstance(await claims(town, code, THERE), Claim)


async def test_chat_of_somebody_who_left_is_free(town):
    guest = await town.run(lambda s: add_person(s, "方离", "19900000022", now=town.clock()))
    await town.run(lambda s: add_role(s, guest, Role.OFFICER, VILLAGE, ends_on="2026-11-23"))
    await joins(town, Claim(guest))
    town.clock.advance(days=1)
    assert isinstance(await joins(town, Claim(town.ids["lin"])), Joined)
    assert not await town.do(try_release_one)


async def test_first_chat_is_told_to_the_nearest_grid_head(town):
    await joins(town, Claim(town.ids["lin"]))
    ((person_id, _chat, title),) = await told(town)
    assert (person_id, title["a"]) == (town.ids["sun"], {"name": "林晓梅"})


async def test_second_chat_is_told_to_the_first(town):
    await joins(town, Claim(town.ids["lin"]), HERE)
    await joins(town, Claim(town.ids["lin"]), THERE)
    (_head, (person_id, chat, title)) = await told(town)
    assert (person_id, chat) == (town.ids["lin"], "here")
    assert title["t"] == "您的身份刚刚绑定了另一个聊天"


async def test_nearest_heads_are_those_of_the_smallest_grid(town):
    head = await town.run(lambda s: add_person(s, "胡村长", "19900000041", (Role.GRID_HEAD, VILLAGE), now=town.clock()))
    lin, chen = await town.do(load_entry, town.ids["lin"]), await town.do(load_entry, town.ids["chen"])
    assert await town.do(list_nearest_heads, lin) == [head]
    assert await town.do(list_nearest_heads, chen) == [town.ids["sun"]]


async def test_grid_head_is_not_the_own_grid_head(town):
    entry = await town.do(load_entry, town.ids["sun"])
    assert await town.do(list_nearest_heads, entry) == []
    assert entry.posts == (replace(entry.posts[0], grid_code=TOWN),)


async def test_language_of_the_first_contact_is_kept(town):
    await joins(town, Claim(town.ids["lin"]), HERE, lang="en")
    await joins(town, Claim(town.ids["lin"]), THERE, lang="zh")
    assert (await town.run(lambda session: session.get(Person, town.ids["lin"]))).lang == "en"


async def test_not_me_voids_the_code_and_tells_who_sent_it(town):
    code = await code_for(town, "lin", by="sun")
    claim = await claims(town, code)
    await town.do(do_decline, claim)
    await town.do(do_decline, claim)
    assert [(person_id, chat) for person_id, chat, _title in await told(town)] == [(town.ids["sun"], "sun")]
    assert await claims(town, code) == Refused("wrong")


async def test_not_me_after_a_phone_number_tells_the_administrator(town):
    await town.do(do_decline, Claim(town.ids["lin"]))
    assert [(person_id, chat) for person_id, chat, _title in await told(town)] == [(town.ids["qian"], "qian")]


async def test_joining_is_audited(town):
    await joins(town, await claims(town, await code_for(town, "lin")))
    rows = await town.run(lambda session: session.scalars(select(AuditRow).order_by(AuditRow.id)).all())
    assert [(row.action, row.subject) for row in rows] == [("people:invite", "person:1"), ("people:join", "person:1")]
    assert rows[1].detail == {"platform": "web", "by": "code"}


async def test_role_that_begins_later_lets_in_without_powers(town):
    guest = await town.run(lambda s: add_person(s, "方来", "19900000023", now=town.clock()))
    await town.run(lambda s: add_role(s, guest, Role.OFFICER, NEXT_VILLAGE, starts_on="2026-12-01"))
    joined = await joins(town, Claim(guest))
    assert str(joined.entry.first_day()) == "2026-12-01"
    assert await town.do(find_actor, "web", "here") is None
    assert await town.do(find_holder, HERE) == guest
