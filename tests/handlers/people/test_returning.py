"""Chats that change hands or fall silent: coming back after blocking, a code while something else is open."""

from datetime import date

from sqlalchemy import select, update

from models.drafts import Draft
from models.errors import RecipientGone
from models.people.tables import Account, Assignment, Role
from tests import factories
from tests.handlers.hazards.ways import report_fast


async def test_person_who_unblocks_and_writes_gets_notices_again(county, invited):
    await county.store.write(lambda session: factories.bind(session, county.ids["lin"], "lin", now=county.clock()))
    lin, wu = county.phone("lin"), county.phone("wu")
    county.platform.fails["wu"] = [RecipientGone("blocked")]
    await report_fast(lin)
    wu.sees_nothing_of("隐患整改通知")
    await wu.sends("/start")
    wu.clears()
    await report_fast(lin)
    wu.sees("隐患整改通知")
    lin.sees_nothing_of("吴志强还没有加入")


async def test_code_is_taken_while_an_older_draft_is_open(county, invited):
    lin = county.phone("lin")
    await lin.opens_link(await invited("lin"))
    await lin.taps("是我")
    await lin.sends("/report")

    def pause(session):
        own = Assignment.person_id == county.ids["lin"]
        session.execute(update(Assignment).where(own).values(ends_on=date(2026, 11, 23)))
        factories.add_role(session, county.ids["lin"], Role.OFFICER, factories.TOWN, starts_on="2026-11-26")

    await county.store.write(pause)
    county.clock.advance(hours=20)
    await lin.opens_link(await invited("lin"))
    lin.sees("请核对：是本人吗？")


async def test_draft_of_the_chats_former_owner_is_not_taken_up(county):
    wu = county.phone("wu")
    await wu.sends("/report")

    def hand_over(session):
        session.execute(update(Account).where(Account.chat == "wu").values(person_id=county.ids["sun"]))

    await county.store.write(hand_over)
    wu.clears()
    await wu.sends("卸油口静电接地线脱落")
    wu.sees("没有听懂")
    rows = await county.store.read(lambda session: session.execute(select(Draft.status, Draft.answers)).all())
    assert [tuple(row) for row in rows if row.status == "open"] == []
