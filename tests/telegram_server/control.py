"""Control endpoints for the process form: push updates, act as a person, read the record, script faults."""

import base64
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from aiohttp import web

if TYPE_CHECKING:
    from tests.telegram_server.server import TelegramServer


def control_routes(server: "TelegramServer") -> list[web.RouteDef]:
    """Routes under /control/.

    POST /control/update     {"kind", "body", "chat", "person"?} or a list of them → {"ids": […]}
    POST /control/phone/ID   {"do": "sends"|"opens_link"|"taps"|"shares_contact"|"sends_location"|"photo",
                              "with": […], "name"?} → {"ok": true}
    GET  /control/screen/ID  what the person sees
    GET  /control/record     ?chat=&method=&after= → accepted calls
    GET  /control/state      {"pending", "confirmed_below", "webhook", "commands"}
    POST /control/fault      arguments of FaultList.add
    """

    async def push(request: web.Request) -> web.Response:
        body = await request.json()
        items = body if isinstance(body, list) else [body]
        ids = []
        for item in items:
            if item.get("chat") is not None:
                server.phone(str(item["chat"]), user_id=int(item["chat"]), known=True)
            ids.append(
                server.world.updates.push(item["kind"], item["body"], chat=item.get("chat"), person=item.get("person"))
            )
        return web.json_response({"ids": ids})

    async def act(request: web.Request) -> web.Response:
        body = await request.json()
        phone = server.phone(body.get("name", "someone"), user_id=int(request.match_info["id"]))
        given: list[Any] = body.get("with", [])
        try:
            if body["do"] == "photo":
                await phone.sends(base64.b64decode(given[0]), *given[1:])
            elif body["do"] in {"sends", "opens_link", "taps", "shares_contact", "sends_location", "sees"}:
                await getattr(phone, body["do"])(*given)
            else:
                return web.json_response({"error": f"a phone cannot {body['do']}"}, status=400)
        except AssertionError as error:
            return web.json_response({"error": str(error)}, status=409)
        return web.json_response({"ok": True})

    async def screen(request: web.Request) -> web.Response:
        phone = server.phone("someone", user_id=int(request.match_info["id"]))
        rows = [asdict(shown) | {"photos": len(shown.photos)} for shown in phone.screen()]
        return web.json_response(rows)

    async def record(request: web.Request) -> web.Response:
        chat = request.query.get("chat")
        rows = server.record.of(int(chat) if chat else None, request.query.get("method"))
        after = int(request.query.get("after", "0"))
        return web.json_response([asdict(row) for row in rows if row.seq > after])

    async def state(request: web.Request) -> web.Response:
        updates = server.world.updates
        commands = {" ".join(map(str, scope)): rows for scope, rows in server.world.commands.items()}
        return web.json_response(
            {
                "pending": len(updates.live()),
                "confirmed_below": updates.confirmed_below,
                "webhook": server.webhook.url,
                "commands": commands,
            }
        )

    async def fault(request: web.Request) -> web.Response:
        server.faults.add(**(await request.json()))
        return web.json_response({"ok": True})

    return [
        web.post("/control/update", push),
        web.post("/control/phone/{id}", act),
        web.get("/control/screen/{id}", screen),
        web.get("/control/record", record),
        web.get("/control/state", state),
        web.post("/control/fault", fault),
    ]
