"""/todo: what waits for a person today, the most urgent first, whatever subject it belongs to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Protocol

from handlers.registry import Answer, Registry, Request
from models.content import Button, Card
from models.errors import NotFound
from models.hazards.todo import list_todo
from models.texts import N_, Line, _

PAGE = 8  # Rows. Source: conversations.md, rules for every conversation.
LATEST = datetime.max.replace(tzinfo=UTC)


class Task(Protocol):
    """One thing that waits for a person: a line to read, until when (aware, UTC), the button that opens it."""

    @property
    def title(self) -> Line: ...

    @property
    def deadline(self) -> datetime | None: ...

    @property
    def button(self) -> str: ...


def list_hazards(request: Request) -> Sequence[Task]:
    """The hazards on which the person's move is due."""
    return list_todo(request.session, request.person, request.now, request.rules.hazards)


# One function per subject; what they find is put in one order.
SOURCES: tuple[Callable[[Request], Sequence[Task]], ...] = (list_hazards,)


def register(registry: Registry) -> None:
    """Add the commands of this module."""
    registry.command("todo", (N_("待办"), "今日", "今日待办"), _("今天要办的事"), quiet=True)(todo)
    registry.press("todo")(press_todo)


def todo(request: Request) -> Answer:
    """Show the first page."""
    return show_todo(request)


def press_todo(request: Request, ident: str, action: str) -> Answer:
    """Show another page."""
    if not (ident.isascii() and ident.isdigit() and len(ident) < 6):
        raise NotFound
    return show_todo(request, int(ident))


def list_tasks(request: Request) -> list[Task]:
    """Everything that waits for the person, the most urgent first."""
    tasks = [task for source in SOURCES for task in source(request)]
    return sorted(tasks, key=lambda task: task.deadline or LATEST)


def show_todo(request: Request, page: int = 0) -> Card:
    """A page of what waits for the person; each row opens its card."""
    tasks = list_tasks(request)
    if not tasks:
        return Card(title=_("今天没有待办"), lines=(_("手头的事都办完了，辛苦了！"),), key="todo")
    page = min(page, (len(tasks) - 1) // PAGE)
    rows = [(Button(task.title, task.button),) for task in tasks[page * PAGE : (page + 1) * PAGE]]
    turn = []
    if page > 0:
        turn.append(Button(_("上一页"), f"todo:{page - 1}:page"))
    if (page + 1) * PAGE < len(tasks):
        turn.append(Button(_("下一页"), f"todo:{page + 1}:page"))
    return Card(
        title=_("今天有{count}件待办，最急的在前", count=len(tasks)),
        buttons=(*rows, tuple(turn)) if turn else tuple(rows),
        key="todo",
    )
