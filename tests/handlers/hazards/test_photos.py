"""Photos of a report: albums, late ones, missing ones, broken ones, too many, and what the camera wrote."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from models.content import Attachment
from models.errors import StorageFailed
from models.hazards.tables import Hazard
from tests import photos
from tests.handlers.hazards.ways import CAPTION, STATION


async def hazards(county):
    return await county.store.read(lambda session: session.scalars(select(Hazard).order_by(Hazard.id)).all())


async def test_album_counts_as_one_answer(county, lin):
    shots = [photos.jpeg(photos.scene(seed=n)) for n in range(3)]
    events = [lin.message(shot, CAPTION if n == 0 else "", group="album") for n, shot in enumerate(shots)]
    await county.happens(*events)
    lin.sees("照片：3张")
    await lin.taps("提交")
    assert len(lin.sees("已登记").photos) == 3


async def test_late_photo_and_late_location_join_the_draft(county, lin):
    await lin.sends(photos.jpeg(), CAPTION)
    await lin.sends(photos.jpeg(photos.scene(seed=2)))
    lin.sees("已收2张照片。\n照片：2张")
    await lin.sends(STATION)
    lin.sees("已收到定位。")
    await lin.taps("提交")
    (hazard,) = await hazards(county)
    assert (hazard.lat, hazard.lon) == (STATION.lat, STATION.lon)


async def test_late_caption_adds_to_what_was_written(county, lin):
    await lin.sends(photos.jpeg(), CAPTION)
    await lin.sends(photos.jpeg(photos.scene(seed=2)), "灭火器也过期了")
    await lin.taps("合并为一条")
    await lin.taps("提交")
    assert [hazard.description for hazard in await hazards(county)] == [f"{CAPTION}\n灭火器也过期了"]


async def test_tenth_photo_is_said_to_be_one_too_many(county, lin):
    shots = [photos.jpeg(photos.scene(seed=n)) for n in range(11)]
    await county.happens(*(lin.message(shot, group="album") for shot in shots))
    lin.sees("最多9张照片，多出的2张没有保留。\n照片：9张")


async def test_missing_photo_is_named_and_the_others_are_kept(county, lin):
    good, bad = photos.jpeg(), Attachment("photo", "gone")
    event = lin.message(good, CAPTION)
    await county.happens(event.__class__(**{**as_fields(event), "attachments": (event.attachments[0], bad)}))
    lin.sees("第2张照片没有收到，请再发一次；已收1/2张。\n照片：1张")


def as_fields(event):
    return {name: getattr(event, name) for name in event.__dataclass_fields__}


async def test_broken_photo_alone_keeps_the_caption(county, lin):
    await lin.sends(b"not a photo at all", CAPTION)
    lin.sees("这不是能识别的照片")
    lin.sees("请发现场照片")
    await lin.sends(photos.jpeg())
    await lin.taps("提交")
    assert [hazard.description for hazard in await hazards(county)] == [CAPTION]


async def test_file_and_words_instead_of_a_photo_are_answered(lin):
    await lin.sends("/report")
    await lin.sends(("清单.pdf", b"%PDF-1.7"))
    lin.sees("这个文件不是照片")
    await lin.sends("没有照片")
    lin.sees("在哪里？")


async def test_words_at_the_photo_question_say_what_is_wrong(county, lin):
    await lin.sends("/report")
    await lin.sends("靠山加油站 灭火器压力不足")
    lin.sees("已记下您写的问题。\n问题：靠山加油站 灭火器压力不足")
    await lin.sends(photos.jpeg())
    await lin.taps("提交")
    assert [hazard.description for hazard in await hazards(county)] == ["靠山加油站 灭火器压力不足"]


async def test_time_of_the_camera_is_when_it_was_found(county, lin):
    await lin.sends(photos.jpeg(exif=photos.exif(taken="2026:11:22 16:30:00")), CAPTION)
    await lin.taps("提交")
    lin.sees("发现人：林晓梅（网格巡查），2026年11月22日 16:30")


async def test_photo_under_the_command_begins_the_report(county, lin):
    await lin.sends(photos.jpeg(), "上报隐患")
    lin.sees("已收1张照片。\n照片：1张\n在哪里？")


async def test_photo_and_text_under_the_slash_command_begin_the_report(county, lin):
    await lin.sends(photos.jpeg(), f"/report\n{CAPTION}")
    lin.sees(f"照片：1张\n地点：茂林镇·铜山村 靠山加油站「推测」\n问题：{CAPTION}")
    await lin.taps("提交")
    assert [hazard.description for hazard in await hazards(county)] == [CAPTION]


@pytest.mark.parametrize("caption", ["隐患", "上报"])
async def test_photo_under_the_word_joins_the_open_report(county, lin, caption):
    await lin.sends(photos.jpeg(), CAPTION)
    await lin.sends(photos.jpeg(photos.scene(seed=2)), caption)
    lin.sees("已收2张照片。\n照片：2张")
    await lin.taps("提交")
    assert [hazard.description for hazard in await hazards(county)] == [CAPTION]


async def test_photo_under_a_command_that_waits_joins_the_draft_that_goes_on(lin):
    await lin.sends(photos.jpeg(), CAPTION)
    await lin.sends(photos.jpeg(photos.scene(seed=2)), "/report 又一处")
    await lin.taps("继续填写")
    lin.sees("已收2张照片。\n照片：2张")


async def test_photo_under_a_command_that_waits_begins_the_new_report(lin):
    await lin.sends(photos.jpeg(), CAPTION)
    await lin.sends(photos.jpeg(photos.scene(seed=2)), "/report 铜山村路面塌陷")
    await lin.taps("放弃并开始新的")
    lin.sees("照片：1张\n地点：茂林镇·铜山村「推测」\n问题：铜山村路面塌陷")


@pytest.mark.parametrize("caption", ["YH20261123-0001", "待办", "取消"])
async def test_number_or_word_under_a_photo_is_a_caption(lin, caption):
    await lin.sends(photos.jpeg(), caption)
    await lin.taps("上报隐患")
    lin.sees(f"照片：1张\n问题：{caption}\n")
    await lin.sends(photos.jpeg(), "/cancel")
    lin.sees("已取消「隐患上报」")


async def test_photos_stay_when_changing_them_is_skipped(county, lin):
    await lin.sends(photos.jpeg(), CAPTION)
    await lin.taps("修改")
    await lin.taps("照片")
    lin.sees("已有1张，新发的会加上。")
    await lin.sends("跳过")
    lin.sees("照片：1张")
    await lin.taps("修改")
    await lin.taps("照片")
    await lin.sends(photos.jpeg(photos.scene(seed=2)))
    lin.sees("照片：2张")
    await lin.taps("提交")
    assert len(lin.sees("已登记").photos) == 2


async def test_photos_are_emptied_by_a_button_of_its_own(county, lin):
    await lin.sends(photos.jpeg(), CAPTION)
    await lin.taps("修改")
    await lin.taps("照片")
    await lin.taps("清空照片")
    lin.sees_nothing_of("照片：")
    await lin.taps("提交")
    assert not lin.sees("已登记").photos


async def test_photo_too_big_for_the_platform_is_said_to_be(lin):
    await lin.county.happens(replace(lin.message(CAPTION), attachments=(Attachment("photo", "x", error="too-big"),)))
    lin.sees("文件超过20MB，请压缩后再发。")


async def test_photos_get_their_watermark_with_the_number(county, lin, wu):
    await lin.sends(photos.jpeg(), CAPTION)
    assert not any(picture.mark for outgoing in county.platform.sent for picture in outgoing.card.pictures)
    await lin.taps("提交")
    marks = [outgoing.card.pictures[0].mark for outgoing in county.platform.sent if outgoing.card.pictures]
    assert all(mark[:2] == ("YH20261123-0001 · 整改前", "茂林镇·铜山村 靠山加油站") for mark in marks)
    (sha,) = wu.sees("YH20261123-0001").photos
    assert await county.media.read_marked(sha, marks[0]) != await county.media.read(sha)


async def test_photo_that_finds_no_room_comes_later(county, lin, monkeypatch):
    async def full(_data, *, name):
        raise StorageFailed("disk full")

    monkeypatch.setattr(county.media, "keep", full)
    await lin.sends(photos.jpeg(), CAPTION)
    lin.sees("照片还在接收，收到后自动补上，可以先往下填。")


@pytest.mark.parametrize("command", ["/deputy", "/todo", "/help", "/lang"])
async def test_photo_under_a_command_is_kept_and_it_is_said(lin, command):
    await lin.sends(photos.jpeg(), command)
    lin.sees("1张照片先留着，要用来上报隐患，请点「上报隐患」。")
    await lin.sends("取消")
    pressed = next(data for message in lin.screen for _label, data in message.buttons if data.startswith("aside"))
    await lin.presses(pressed)
    lin.sees("照片：1张")


async def test_photo_under_a_command_joins_the_open_report(lin):
    await lin.sends(photos.jpeg(), CAPTION)
    await lin.sends(photos.jpeg(photos.scene(seed=2)), "/help")
    lin.sees("您可以这样用")
    lin.sees("已收2张照片。\n照片：2张")
