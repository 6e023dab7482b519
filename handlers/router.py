"""Which handler answers an event: a pressed button, a command, a number, an open draft, or free text."""

from __future__ import annotations

import re
from dataclasses import replace

from handlers.dialog import WORDS
from handlers.drafts import ask_about, ask_first, continue_dialog, do_close, show_draft, takes_number
from handlers.registry import Answer, Command, Request
from models.access import Actor
from models.content import Button, Card, Incoming
from models.drafts import Draft, find_done
from models.errors import Forbidden, NotFound, Stale
from models.texts import _

# Every number of the product: two letters, the day, a running number (conversations.md).
NUMBER = re.compile(r"([A-Za-z]{2})(\d{8})-(\d{3,6})")
DRAFT, COMMAND = "draft", "cmd"
ABOUT_DRAFT = {"继续填写": "resume", "继续": "resume", "放弃并开始新的": "restart"}


def route(request: Request) -> Answer:
    """Answer one event.

    Raises: DomainError: refused with one sentence; the caller rolls back what was begun.
    """
    if request.incoming.kind == "press":
        return _press(request)
    if request.incoming.kind == "arrival":
        return _arrival(request)
    if request.actor is None:
        return _stranger(request)
    text = request.incoming.text.strip()
    draft = _take_draft(request)
    if request.incoming.attachments and not text.startswith("/"):
        return _take_files(request, text, draft)
    if found := request.registry.find(text):
        return run_command(replace(request, args=found[1]), found[0], draft)
    number = NUMBER.fullmatch(text)
    if number and not (draft and takes_number(request, draft)):
        opener = request.registry.openers.get(number[1].upper())
        if opener is None:
            raise NotFound
        return opener(request, text.upper())
    return _take_message(request, draft)


def _take_files(request: Request, caption: str, draft: Draft | None) -> Answer:
    """Photos and files are never lost to a word under them: it counts only where their dialog begins."""
    taker = request.registry.find_taker(request.incoming.attachments)
    if taker and request.person.has(taker.roles):
        return run_command(request, taker, draft)
    found = request.registry.find(caption)
    if not found or not found[0].flow:
        return _take_message(request, draft)
    if draft and draft.flow == found[0].flow:
        return continue_dialog(replace(request, incoming=replace(request.incoming, text="")), draft)
    return run_command(request, found[0], draft)


def _take_message(request: Request, draft: Draft | None) -> Answer:
    if draft and draft.pending.get("command") and not (request.incoming.attachments or request.incoming.place):
        # The question what becomes of the draft stands: its buttons may be typed, anything else is no answer.
        action = ABOUT_DRAFT.get(request.incoming.text.strip())
        return _press_draft(request, str(draft.id), action) if action else ask_about(request, draft)
    if draft:
        return continue_dialog(request, draft)
    for handler in request.registry.fallbacks:
        answer = handler(request)
        if answer is not None:
            return answer
    return show_hint(request)


def run_command(request: Request, command: Command, draft: Draft | None) -> Answer:
    """Run a command after checking the role; an open draft is never dropped without asking."""
    actor = request.person
    if not actor.has(command.roles):
        # A button that was never this person's sounds like one that does not exist.
        raise NotFound if request.incoming.kind == "press" else Forbidden
    if draft and not command.quiet:
        return ask_first(request, draft)
    return _with_photos(request, command, command.run(request))


def _with_photos(request: Request, command: Command, answer: Answer) -> Answer:
    """Photos under a command that has no use for them are kept, and it is said."""
    keep = request.registry.keeper
    if not request.incoming.photos or command.flow or keep is None:
        return answer
    cards = [answer] if isinstance(answer, Card) else list(answer or ())
    kept = keep(request)
    return [*cards, *([kept] if isinstance(kept, Card) else kept or ())]


def _take_draft(request: Request) -> Draft | None:
    """The person's open draft; one that somebody else left behind in this chat is closed, unread."""
    draft = request.find_draft()
    if draft is None or draft.person_id == request.person.person_id:
        return draft
    do_close(draft, "cancelled", request)
    return None


def _stranger(request: Request) -> Answer:
    if request.registry.stranger is None:
        raise NotFound
    return request.registry.stranger(request)


def _press(request: Request) -> Answer:
    subject, _sep, rest = request.incoming.data.partition(":")
    ident, _sep, action = rest.partition(":")
    if request.actor is None and subject not in request.registry.for_strangers:
        return _stranger(request)
    if subject == DRAFT:
        return _press_draft(request, ident, action)
    if subject == COMMAND:
        command = request.registry.commands.get(ident)
        if command is None:
            raise NotFound
        return run_command(replace(request, args=action), command, _take_draft(request))
    handler = request.registry.presses.get(subject)
    if handler is None:
        raise NotFound
    return handler(request, ident, action)


def _arrival(request: Request) -> Answer:
    """What we asked for ourselves has come; if the chat is nobody's by now, nobody waits for it."""
    subject, _sep, ident = request.incoming.data.partition(":")
    return request.registry.arrivals[subject](request, ident) if request.actor else None


def _press_draft(request: Request, ident: str, action: str) -> Answer:
    draft = request.find_draft()
    # Another chat's draft, one that was given up and a made-up one are answered alike.
    if draft is None or str(draft.id) != ident or draft.person_id != _person_id(request.actor):
        if request.actor is None:
            return _stranger(request)
        raise _submitted(request, request.actor, ident) or NotFound
    command = draft.pending.get("command")
    draft.pending = {name: value for name, value in draft.pending.items() if name != "command"}
    if action == "restart":
        if not command:
            raise NotFound
        do_close(draft, "cancelled", request)
        return _in_place(route(replace(request, incoming=_again(request.incoming, Incoming.from_json(command)))))
    if action == "resume":
        waiting = Incoming.from_json(command) if command else request.incoming
        if waiting.attachments:
            photos = replace(_again(request.incoming, waiting), text="")
            return continue_dialog(replace(request, incoming=photos), draft)
        return show_draft(request, draft)
    return continue_dialog(request, draft, action)


def _submitted(request: Request, actor: Actor, ident: str) -> Stale | None:
    """What a second tap on 提交 is told."""
    incoming = request.incoming
    done = find_done(request.session, ident, incoming.platform, incoming.chat, actor.person_id)
    return Stale(now_in=_("已提交"), by=actor.name, at=done.updated_at) if done else None


def _again(press: Incoming, command: Incoming) -> Incoming:
    """The command that had to wait, as if it were sent now."""
    return replace(command, platform=press.platform, chat=press.chat, event_id=press.event_id)


def _in_place(answer: Answer) -> Answer:
    """What was begun takes the place of the question that has just been answered."""
    first, *others = [answer] if isinstance(answer, Card) else list(answer or [Card()])
    return [replace(first, fresh=False), *others] if answer else answer


def _person_id(actor: Actor | None) -> int | None:
    return actor.person_id if actor else None


def show_hint(request: Request) -> Card:
    """The short help: what was sent fits nothing; the person's likeliest commands as buttons."""
    likeliest = request.registry.shortcuts(request.person, 3)
    lost = _("没有听懂这句话。您可以点下面的按钮，或发送「帮助」查看全部功能。")
    idle = _("现在没有正在填写的内容。您可以点下面的按钮开始。")
    return Card(
        lines=(idle if request.incoming.text.strip().lower() in WORDS else lost,),
        buttons=(tuple(Button(command.title, f"{COMMAND}:{command.name}:") for command in likeliest),),
    )
