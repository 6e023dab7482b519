"""The photos of a report: what arrived, what is missing, what the camera wrote."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from handlers.dialog import Answers, Taken
from handlers.registry import Request
from models.content import Attachment
from models.errors import InvalidInput
from models.media import find_media
from models.texts import Line, Text, _

LATE = "late"  # The hidden answer: which photos are still to come.
NO_PHOTO = frozenset({"没有照片", "没照片", "没有", "无"})


def read_photos(request: Request, answers: Answers) -> Taken:
    """Take the photos of a message as the answer, after those that are there.

    Raises: InvalidInput: there is none, or none of them could be had.
    """
    taken = add_photos(request, answers)
    if taken is None:
        if request.incoming.text.strip() in NO_PHOTO:
            return Taken(list(answers.get("photos") or ()))
        if request.incoming.text.strip() and answers.get("description", "").endswith(request.incoming.text.strip()):
            raise InvalidInput(_("已记下您写的问题。"))
        raise InvalidInput(_explain(request))
    if "photos" not in taken.also:
        raise InvalidInput(taken.hint if isinstance(taken.hint, Text) else _explain(request))
    also = {name: value for name, value in taken.also.items() if name != "photos"}
    return Taken(taken.also["photos"], taken.hint, also)


def add_photos(request: Request, answers: Answers, *, limit: int = 0) -> Taken | None:
    """Add the photos of a message to those that are there; None if it has none. `limit`: 0 for the rules' own.

    What the camera wrote into the first of them (time, place) goes into the hidden answer `camera`, those that
    will be asked for again into `late`.
    """
    photos = request.incoming.photos
    if not photos:
        return None
    limit = limit or request.rules.hazards.photos_max
    have = list(answers.get("photos") or ())
    arrived = [photo.sha for photo in photos if photo.sha]
    every = list(dict.fromkeys([*have, *arrived]))
    kept = every[:limit]
    late = late_of(answers) + [
        {"ref": photo.ref, "name": photo.name, "number": number}
        for number, photo in enumerate(photos, start=1)
        if photo.late
    ]
    also: dict[str, Any] = {LATE: late} if late else {}
    if kept or late:
        also["photos"] = kept
    if "camera" not in answers and (camera := _camera(request, arrived)):
        also["camera"] = camera
    hint = _count(request, len(kept), len(late), over=len(every) - len(kept))
    return Taken(hint=hint, also=also)


def _count(request: Request, kept: int, late: int, *, over: int) -> Line:
    """How many there are, which are missing, and why; `late`: how many will come by themselves."""
    photos = request.incoming.photos
    if request.incoming.kind == "arrival" and not (late or over):
        return _("照片收齐了，已收{count}/{count}张。", count=kept)
    if any(not photo.sha for photo in photos):
        return _count_alone(photos[0]) if len(photos) == 1 else _count_missing(photos, kept, late)
    if over:
        return _("最多{limit}张照片，多出的{over}张没有保留。", limit=kept, over=over)
    if late:
        return _("已收{count}/{total}张，其余还在接收，收到后自动补上。", count=kept, total=kept + late)
    return _("已收{count}张照片。", count=kept)


def _count_alone(photo: Attachment) -> Line:
    if photo.late:
        return _("照片还在接收，收到后自动补上，可以先往下填。")
    return photo.reason or _("这张照片没有收到，请再发一次。")


def _count_missing(photos: Sequence[Attachment], kept: int, late: int) -> Line:
    lost = [(number, photo) for number, photo in enumerate(photos, start=1) if not photo.sha and not photo.late]
    known: dict[str, Any] = {
        "which": "、".join(str(number) for number, _photo in lost),
        "waited": "、".join(str(number) for number, photo in enumerate(photos, start=1) if photo.late),
        "count": kept,
        "total": kept + late + len(lost),
    }
    if not lost:
        return _("已收{count}/{total}张，第{waited}张还在接收，收到后自动补上。", **known)
    if reason := next((photo.reason for _number, photo in lost if photo.reason), None):
        known["reason"] = reason
        if known["waited"]:
            return _("第{which}张照片没有收下：{reason}已收{count}/{total}张，第{waited}张还在接收。", **known)
        return _("第{which}张照片没有收下：{reason}已收{count}/{total}张。", **known)
    if known["waited"]:
        return _("第{which}张照片没有收到，请再发一次；已收{count}/{total}张，第{waited}张还在接收。", **known)
    return _("第{which}张照片没有收到，请再发一次；已收{count}/{total}张。", **known)


def late_of(answers: Answers) -> list[dict[str, Any]]:
    """The photos that are still to come (`ref`, `name`, `number`); none any more once the photos were emptied."""
    return [] if answers.get("photos") == "" else list(answers.get(LATE) or ())


def show_late(answers: Answers) -> list[Line]:
    """What the summary says of photos that are still to come."""
    late = len(late_of(answers))
    return [_("还有{count}张照片正在接收，可以先提交，收到后自动补上。", count=late)] if late else []


def _explain(request: Request) -> Text:
    kinds = {item.kind for item in request.incoming.attachments}
    if "voice" in kinds:
        return _("暂时听不懂语音，请发照片，或点“跳过”。")
    if "file" in kinds:
        return _("这个文件不是照片，请发照片，或点“跳过”。")
    return _("请发现场照片；没有照片可以点“跳过”。")


def _camera(request: Request, shas: Sequence[str]) -> dict[str, Any]:
    found = find_media(request.session, shas)
    camera: dict[str, Any] = {}
    for sha in shas:
        media = found.get(sha)
        if media is not None and media.place and "lat" not in camera:
            camera |= {"lat": media.place.lat, "lon": media.place.lon}
        if media is not None and media.taken_at and "at" not in camera:
            camera["at"] = media.taken_at.isoformat()
    return camera


def show_photos(request: Request, value: Any) -> Line:
    """How many there are."""
    return _("{count}张", count=len(value))


def ask_more_photos(value: Any) -> Text:
    """The question while the photos are changed."""
    return _("已有{count}张，新发的会加上。不加就点「跳过」。", count=len(value))
