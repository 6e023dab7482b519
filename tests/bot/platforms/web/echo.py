"""A small bot behind the web chat, for browser stories: it answers so that the page has something to show."""

import asyncio

from models.content import Button, Card, MenuEntry, Picture
from tests.bot.platforms.web.site import Site

MENU = (MenuEntry("report", "上报隐患"), MenuEntry("ledger", "隐患台账"))


class EchoSite(Site):
    """Each text is answered with 收到, a photo with a card to submit, 定位 with a question for the place."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.tasks, self.shas, self.tells, self.silent = set(), [], [], False

    async def receive(self, batch):
        known = {incoming.event_id for incoming in self.received}
        await super().receive(batch)
        for incoming in batch:
            if incoming.event_id not in known and not self.silent:
                task = asyncio.create_task(self.answer(incoming))
                self.tasks.add(task)
                task.add_done_callback(self.tasks.discard)

    async def answer(self, incoming):
        if incoming.kind == "press":
            await self.pressed(incoming)
        elif incoming.photos:
            self.shas = [photo.sha for photo in incoming.photos]
            await self.shows(incoming.chat, self.card("请核对后提交", incoming.text, "提交"))
        elif incoming.text == "定位":
            await self.shows(incoming.chat, Card(lines=("隐患在哪里？",), ask="place"))
        elif incoming.place:
            await self.shows(incoming.chat, f"位置：{incoming.place.lat}, {incoming.place.lon}")
        elif incoming.text.startswith("/start"):
            await self.shows(incoming.chat, Card(title="您好", lines=("请选择",), menu=MENU))
        else:
            await self.shows(incoming.chat, f"收到：{incoming.text}")

    async def pressed(self, incoming):
        await self.shows(
            incoming.chat, self.card("YH20261123-0001 已登记", "待接收", tone="good"), "edit", incoming.message
        )
        for chat in self.tells:
            await self.shows(chat, self.card("隐患整改通知 YH20261123-0001", "请尽快整改", "确认收到", tone="warn"))

    def card(self, title, line, label="", tone=""):
        buttons = ((Button(label, "h:1:submit", "primary"), Button("取消", "h:1:cancel", "danger")),) if label else ()
        pictures = tuple(Picture(sha) for sha in self.shas)
        return Card(title=title, lines=(f"问题：{line}",), pictures=pictures, buttons=buttons, tone=tone)

    async def shows(self, chat, card, placing="new", previous="", **how):
        await asyncio.sleep(0)
        return await super().shows(chat, card, placing, previous, **how)
