"""Photos that could not be had when they were sent: asked for again for a day, added to the report or to its case."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from models.drafts import Draft
from models.hazards.tables import Hazard, HazardPhoto, LatePhoto
from scheduler.housekeeping import expire_drafts
from scheduler.jobs import JOBS, Services
from scheduler.photos import fetch_late_photos
from tests import photos
from tests.handlers.hazards.ways import CAPTION

NUMBER = "YH20261123-0001"


@pytest.fixture(autouse=True)
def _one_try(monkeypatch):
    monkeypatch.setattr("bot.dispatch.FETCH_TRIES", 1)


def shot(seed=1):
    return photos.jpeg(photos.scene(seed=seed))


async def sends_album(county, phone, count, away, caption=CAPTION):
    """An album of which the photos of these numbers cannot be had at present."""
    first = len(county.platform.files)
    events = [phone.message(shot(n), caption if n == 0 else "", group=f"album-{first}") for n in range(count)]
    county.platform.away |= {f"{phone.chat}-{first + number - 1}" for number in away}
    await county.happens(*events)


async def ticks(county, **later):
    """Time goes on, the job asks once more, and what comes is taken in."""
    county.clock.advance(**later or {"seconds": 31})
    services = Services(
        county.store, county.media, county.rules, county.clock, lambda _actor: None,
        lambda _platform, attachment: county.platform.fetch(attachment),
    )  # fmt: skip
    await fetch_late_photos(services)
    await county.dispatcher.sweep()
    await county.settle()


async def states(county):
    rows = await county.store.read(lambda session: session.scalars(select(LatePhoto).order_by(LatePhoto.id)).all())
    return [row.status for row in rows]


async def test_missing_photo_is_counted_and_holds_up_nothing(county, lin):
    await sends_album(county, lin, 4, away={2})
    lin.sees("已收3/4张，第2张还在接收，收到后自动补上。\n照片：3张")
    lin.sees("还有1张照片正在接收，可以先提交，收到后自动补上。")


async def test_photo_that_comes_later_joins_the_open_report(county, lin):
    await sends_album(county, lin, 4, away={2})
    await ticks(county)
    lin.sees("已收3/4张")
    county.platform.away.clear()
    await ticks(county, minutes=2)
    (card,) = lin.screen
    assert (
        card.text.startswith("隐患上报，请核对\n照片收齐了，已收4/4张。\n照片：4张")
        or "照片收齐了，已收4/4张。" in card.text
    )
    assert card.edited
    lin.sees_nothing_of("正在接收")
    await lin.taps("提交")
    assert len(lin.sees("已登记").photos) == 4


async def test_two_missing_photos_come_one_by_one(county, lin):
    await sends_album(county, lin, 4, away={2, 4})
    lin.sees("已收2/4张，第2、4张还在接收，收到后自动补上。")
    county.platform.away.remove("lin-3")
    await ticks(county)
    lin.sees("已收3/4张，其余还在接收，收到后自动补上。")


async def test_photo_that_comes_later_joins_the_registered_case(county, lin, wu):
    await sends_album(county, lin, 2, away={1})
    await lin.taps("提交")
    assert len(wu.sees(NUMBER).photos) == 1
    county.platform.away.clear()
    await ticks(county)
    lin.sees(f"第1张照片收到了，已补到{NUMBER}。")
    assert [len(phone.sees(f"{NUMBER} 待接收").photos) for phone in (lin, wu)] == [2, 2]
    await lin.sends(NUMBER)
    lin.sees("2026年11月23日 09:00 林晓梅：补充照片")


async def test_single_photo_that_is_missing_leaves_the_report_ready(county, lin):
    await sends_album(county, lin, 1, away={1})
    lin.sees("照片还在接收，收到后自动补上，可以先往下填。")
    await lin.taps("提交")
    assert lin.sees("已登记").photos == ()
    county.platform.away.clear()
    await ticks(county)
    assert len(lin.sees(f"{NUMBER} 待接收").photos) == 1


async def test_waits_grow_and_after_a_day_it_is_said_once(county, lin):
    await sends_album(county, lin, 2, away={2})
    await lin.taps("提交")
    for _ in range(60):
        await ticks(county, minutes=30)
    assert await states(county) == ["lost"]
    told = [message for message in lin.screen if "请重发照片" in message.text]
    assert [message.text for message in told] == [f"{NUMBER}：第2张照片一直没有收到，请重发照片。"]


async def test_photo_that_trips_us_is_put_off_like_one_that_is_away(county, lin, monkeypatch):
    async def trips(_data, *, name=""):
        raise RuntimeError("a fault of ours")

    await sends_album(county, lin, 2, away={2})
    county.platform.away.clear()
    with monkeypatch.context() as broken:
        broken.setattr(county.media, "keep", trips)
        await ticks(county)
    assert await states(county) == ["waiting"]
    await ticks(county, seconds=15)
    assert await states(county) == ["waiting"]
    await ticks(county)
    lin.sees("照片收齐了，已收2/2张。")


async def test_photo_that_is_gone_for_good_is_said_at_once(county, lin):
    await sends_album(county, lin, 2, away={2})
    county.platform.away.clear()
    del county.platform.files["lin-1"]
    await ticks(county)
    lin.sees("第2张照片一直没有收到，请重发照片。\n照片：1张")
    lin.sees_nothing_of("正在接收")


async def test_late_file_that_is_no_photo_is_said(county, lin):
    await sends_album(county, lin, 2, away={2})
    county.platform.away.clear()
    county.platform.files["lin-1"] = b"%PDF-1.7"
    await ticks(county)
    lin.sees("第2张照片没有收下：这不是能识别的照片，请发JPG、PNG、WebP或HEIC格式的照片。")


@pytest.mark.parametrize("word", ["取消", "expire"])
async def test_nobody_is_bothered_when_the_report_was_given_up(county, lin, word):
    await sends_album(county, lin, 2, away={2})
    if word == "取消":
        await lin.taps(word)
    else:
        county.clock.advance(hours=25)
        await expire_drafts(Services(county.store, county.media, county.rules, county.clock, lambda _actor: None))
    county.platform.away.clear()
    await ticks(county)
    assert await states(county) == ["dropped"]
    lin.sees_nothing_of("张照片")


async def test_photo_of_a_report_that_was_given_up_joins_the_next_one_once(county, lin):
    event = lin.message(shot(), CAPTION)
    county.platform.away.add("lin-0")
    await county.happens(event)
    await lin.taps("取消")
    await county.happens(replace(event, event_id="again"))
    await lin.taps("提交")
    county.platform.away.clear()
    await ticks(county)
    assert await states(county) == ["dropped", "arrived"]


async def test_emptied_photos_stay_away(county, lin):
    await sends_album(county, lin, 2, away={2})
    for label in ("修改", "照片", "清空照片"):
        await lin.taps(label)
    lin.sees_nothing_of("正在接收")
    county.platform.away.clear()
    await ticks(county)
    lin.sees_nothing_of("照片：")
    await lin.taps("提交")
    assert lin.sees("已登记").photos == ()


async def test_closed_case_takes_no_more_photos(county, lin):
    await sends_album(county, lin, 2, away={2})
    await lin.taps("提交")
    await county.store.write(lambda session: close(session, county.clock()))
    county.platform.away.clear()
    await ticks(county)
    assert await states(county) == ["dropped"]


def close(session, now):
    session.get_one(Hazard, 1).closed_at = now


async def test_question_that_stands_is_not_disturbed(county, lin):
    await sends_album(county, lin, 2, away={2})
    await lin.sends("/report")
    county.platform.away.clear()
    await ticks(county)
    assert lin.screen[-1].text.startswith("您有一份「隐患上报」还没有提交")
    await lin.taps("继续填写")
    lin.sees("照片：2张")


async def test_late_photo_of_somebody_who_has_left_the_chat_is_nobodys(county, lin):
    await sends_album(county, lin, 2, away={2})
    await lin.taps("提交")
    await lin.sends("/unbind")
    await lin.taps("确定解绑")
    county.platform.away.clear()
    lin.clears()
    await ticks(county)
    assert lin.screen == []
    count = await county.store.read(lambda session: len(session.scalars(select(HazardPhoto)).all()))
    assert count == 1


async def test_arrival_that_happens_twice_adds_one_photo(county, lin):
    await sends_album(county, lin, 2, away={2})
    await lin.taps("提交")
    county.platform.away.clear()
    await ticks(county)
    await ticks(county)
    assert len(lin.sees(f"{NUMBER} 待接收").photos) == 2


async def test_mixture_of_missing_and_refused_is_one_sentence(county, lin):
    events = [lin.message(data, group="a") for data in (shot(1), b"%PDF-1.7", shot(3), shot(4))]
    county.platform.away.add("lin-3")
    await county.happens(*events)
    lin.sees("第2张照片没有收下：这不是能识别的照片，请发JPG、PNG、WebP或HEIC格式的照片。已收2/4张，第4张还在接收。")


def test_job_is_in_the_table_and_does_not_hold_up_the_start():
    (job,) = [job for job in JOBS if job.run is fetch_late_photos]
    assert not job.at_start


async def test_draft_remembers_what_it_waits_for(county, lin):
    await sends_album(county, lin, 3, away={3})
    (draft,) = await county.store.read(lambda session: session.scalars(select(Draft)).all())
    assert [item["number"] for item in draft.answers["late"]] == [3]
    assert await states(county) == ["waiting"]
