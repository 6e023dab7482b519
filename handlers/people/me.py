"""/me: how the roster knows a person."""

from __future__ import annotations

from collections import Counter
from datetime import date

from handlers.registry import Answer, Registry, Request
from models.content import Button, Card
from models.people.entries import Cover, Post, day_of, list_deputies, list_deputised, list_platforms, load_entry
from models.texts import N_, Joined, Line, When, _

# What people call the platforms; one that is not listed shows its own name.
_PLATFORMS: dict[str, Line] = {"web": _("网页"), "telegram": "Telegram"}
_LANGS = {"zh": "中文", "en": "English"}


def register(registry: Registry) -> None:
    """Add the commands of this module."""
    registry.command("me", (N_("我的信息"), "我是谁", "me"), _("我的岗位和绑定"), quiet=True)(show_me)


def show_me(request: Request) -> Answer:
    """Name, unit, roles with their dates, deputies both ways, chats, language."""
    actor = request.person
    entry = load_entry(request.session, actor.person_id, now=request.now)
    posts = [_post(post) for post in entry.posts] if entry else []
    deputies = list_deputies(request.session, actor.person_id, now=request.now)
    covers = [
        *(_("代我的人：{name}，{since}至{until}", **_span(cover)) for cover in deputies),
        *(_("我代：{name}，{since}至{until}", **_span(cover))
          for cover in list_deputised(request.session, actor.person_id, now=request.now)),
    ]  # fmt: skip
    chats = list_platforms(request.session, actor.person_id)
    return Card(
        title=actor.name,
        lines=(
            *((actor.unit,) if actor.unit else ()),
            *posts,
            *covers,
            _("已绑定：{platforms}", platforms=Joined(tuple(_chats(chats)))),
            _("语言：{language}", language=_LANGS.get(actor.lang, actor.lang)),
        ),
        buttons=(
            *((Button(_("结束{name}代班", name=cover.name), f"deputy:{cover.id}:end"),) for cover in deputies),
            (Button(_("切换语言 / Language"), "cmd:lang:"), Button(_("解除本聊天的绑定"), "cmd:unbind:")),
        ),
    )


def _post(post: Post) -> Line:
    if post.starts_on and post.ends_on:
        return _("{post}，{since}至{until}", post=post.line, since=_day(post.starts_on), until=_day(post.ends_on))
    if post.ends_on:
        return _("{post}，到{until}为止", post=post.line, until=_day(post.ends_on))
    if post.starts_on:
        return _("{post}，{since}起", post=post.line, since=_day(post.starts_on))
    return post.line


def _span(cover: Cover) -> dict[str, Line]:
    return {"name": cover.name, "since": _day(cover.starts_on), "until": _day(cover.ends_on)}


def _day(day: date) -> When:
    return When(day_of(day), "day")


def _chats(platforms: list[str]) -> list[Line]:
    """One word per platform, with the number of chats if there are several."""
    counts = Counter(platforms)
    found: list[Line] = []
    for platform, count in counts.items():
        name = _PLATFORMS.get(platform, platform)
        found.append(_("{platform}（{count}个聊天）", platform=name, count=count) if count > 1 else name)
    return found
