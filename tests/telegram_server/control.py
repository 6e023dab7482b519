"""Control endpoints for the process form: push updates, act as a person, read the record, script faults.

POST /control/update     {"kind", "body", "chat", "person"?} or a list of them → {"ids": […]}
POST /control/phone/ID   {"do": one of VERBS or "photo", "with": […], "name"?} → {"ok": true}; 409 what was not seen
GET  /control/screen/ID  what the person sees
GET  /control/record     ?chat=&method=&after= → accepted calls
GET  /control/state      {"pending", "confirmed_below", "webhook", "commands", "refused": how many got 429}
POST /control/fault      arguments of FaultList.add
"""

import base64
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from aiohttp import web

if TYPE_CHECKING:
    from tests.telegram_server.server import TelegramServer

VERBS = {"sends", "opens_link", "taps", "shares_contact", "sends_location", "sees"}


class Control:
    """The endpoints of one server."""

    def __init__(self, server: "TelegramServer") -> None:
        self._server = server

    def routes(self) -> list[web.RouteDef]:
        """Routes under /control/."""
        return [
            web.post("/control/update", self._push),
            web.post("/control/phone/{id}", self._act),
            web.get("/control/screen/{id}", self._screen),
            web.get("/control/record", self._record),
            web.get("/control/state", self._state),
            web.post("/control/fault", self._fault),
        ]

    async def _push(self, request: web.Request) -> web.Response:
        body = await request.json()
        ids = [self._push_one(item) for item in (body if isinstance(body, list) else [body])]
        return web.json_response({"ids": ids})

    def _push_one(self, item: dict[str, Any]) -> int | None:
        chat, person = item.get("chat"), item.get("person")
        if chat is not None and chat > 0:
            self._server.phone(str(chat), user_id=chat, known=True)
        return self._server.world.updates.push(item["kind"], item["body"], chat=chat, person=person)

    async def _act(self, request: web.Request) -> web.Response:
        body = await request.json()
        phone = self._server.phone(body.get("name", "someone"), user_id=int(request.match_info["id"]))
        given: list[Any] = body.get("with", [])
        try:
            if body["do"] == "photo":
                await phone.sends(base64.b64decode(given[0]), *given[1:])
            elif body["do"] in VERBS:
                await getattr(phone, body["do"])(*given)
            else:
                return web.json_response({"error": f"a phone cannot {body['do']}"}, status=400)
        except AssertionError as error:
            return web.json_response({"error": str(error)}, status=409)
        return web.json_response({"ok": True})

    async def _screen(self, request: web.Request) -> web.Response:
        phone = self._server.phone("someone", user_id=int(request.match_info["id"]))
        return web.json_response([asdict(shown) | {"photos": len(shown.photos)} for shown in phone.screen()])

    async def _record(self, request: web.Request) -> web.Response:
        chat, after = request.query.get("chat"), int(request.query.get("after", "0"))
        rows = self._server.record.of(int(chat) if chat else None, request.query.get("method"))
        return web.json_response([asdict(row) for row in rows if row.seq > after])

    async def _state(self, request: web.Request) -> web.Response:
        updates = self._server.world.updates
        commands = {" ".join(map(str, scope)): rows for scope, rows in self._server.world.commands.items()}
        state = {
            "pending": len(updates.live()),
            "confirmed_below": updates.confirmed_below,
            "webhook": self._server.webhook.url,
            "commands": commands,
            "refused": self._server.limits.refused if self._server.limits else 0,
        }
        return web.json_response(state)

    async def _fault(self, request: web.Request) -> web.Response:
        self._server.faults.add(**(await request.json()))
        return web.json_response({"ok": True})
