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
    if not taken.also.get("photos"):
        raise InvalidInput(taken.hint if isinstance(taken.hint, Text) else _explain(request))
    also = {name: value for name, value in taken.also.items() if name != "photos"}
    return Taken(taken.also["photos"], taken.hint, also)


def add_photos(request: Request, answers: Answers) -> Taken | None:
    """Add the photos of a message to those that are there; None if it has none.

    What the camera wrote into the first of them (time, place) goes into the hidden answer `camera`.
    """
    photos = request.incoming.photos
    if not photos:
        return None
    limit = request.rules.hazards.photos_max
    have = list(answers.get("photos") or ())
    arrived = [photo.sha for photo in photos if photo.sha]
    every = list(dict.fromkeys([*have, *arrived]))
    kept = every[:limit]
    also: dict[str, Any] = {"photos": kept} if kept else {}
    if "camera" not in answers and (camera := _camera(request, arrived)):
        also["camera"] = camera
    return Taken(hint=_count(len(kept), photos, over=len(every) - len(kept)), also=also)


def _count(kept: int, photos: Sequence[Attachment], *, over: int) -> Line:
    missing = [(index, photo) for index, photo in enumerate(photos, start=1) if not photo.sha]
    reason = next((photo.reason for _index, photo in missing if photo.reason), None)
    if missing and len(photos) == 1:
        return reason or _("这张照片没有收到，请再发一次。")
    if missing:
        which = "、".join(str(index) for index, _photo in missing)
        if reason:
            return _("第{which}张照片没有收下：{reason}已收{count}张。", which=which, reason=reason, count=kept)
        return _("第{which}张照片没有收到，请再发一次；已收{count}张。", which=which, count=kept)
    if over:
        return _("最多{limit}张照片，多出的{over}张没有保留。", limit=kept, over=over)
    return _("已收{count}张照片。", count=kept)


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
