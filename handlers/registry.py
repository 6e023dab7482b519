"""Commands and buttons carry their own name, words, help and permission.

A handler module registers into the `Registry` that is passed to its `register` function; nothing happens on
import. The menu, `/help`, the refusal and the role × command matrix of the tests are generated from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from models.access import Actor
from models.content import Attachment, Card, Incoming, MenuEntry
from models.drafts import Draft, find_open
from models.errors import NotFound
from models.people.tables import Role
from models.rules import Rules
from models.session import Session
from models.texts import Text

if TYPE_CHECKING:
    from handlers.dialog import Flow

EVERYONE = frozenset(Role)


@dataclass(frozen=True, slots=True)
class Request:
    """One event on its way through a handler.

    `actor` is None for a stranger. `args` is what follows the command word. `lang` is the language to answer
    in ("zh" or "en"). `is_draftless`: the chat is known to have no open draft.
    """

    session: Session
    incoming: Incoming
    actor: Actor | None
    now: datetime
    rules: Rules
    registry: Registry
    lang: str = "zh"
    args: str = ""
    is_draftless: bool = False

    @property
    def person(self) -> Actor:
        """The bound person; handlers of commands for bound people may rely on it.

        Raises: NotFound: a stranger.
        """
        if self.actor is None:
            raise NotFound
        return self.actor

    def find_draft(self) -> Draft | None:
        """Give the chat's open draft, if there is one."""
        if self.is_draftless:
            return None
        return find_open(self.session, self.incoming.platform, self.incoming.chat)


Answer = Card | list[Card] | None


class Handler(Protocol):
    """A command: `request` → what to show (None: nothing)."""

    def __call__(self, request: Request, /) -> Answer: ...


class PressHandler(Protocol):
    """A pressed button `subject:id:action`: permission and state are checked here, again."""

    def __call__(self, request: Request, ident: str, action: str, /) -> Answer: ...


class Arrival(Protocol):
    """Takes what was still missing of a message (`Incoming.kind` "arrival"); `ident` says of which."""

    def __call__(self, request: Request, ident: str, /) -> Answer: ...


class Takes(Protocol):
    """Tells whether a file that came in means a command."""

    def __call__(self, file: Attachment, /) -> bool: ...


class Opener(Protocol):
    """Opens the card of a complete number; raises NotFound if there is none, or none for this person."""

    def __call__(self, request: Request, number: str, /) -> Answer: ...


@dataclass(frozen=True, slots=True)
class Command:
    """A command: English name, Chinese words, one line of help, and who may use it.

    `quiet` commands (help, language …) answer without asking what becomes of an open draft. The first of the
    `words` is what buttons say; it is marked with `N_`. `as_button`: worth a button among the likeliest ones.
    `flow`: the dialog that it opens and that takes photos; only such a word counts as a command under a photo.
    `takes`: tells whether a file means this command, whatever is written under it.
    """

    name: str
    words: tuple[str, ...]
    help: Text
    roles: frozenset[Role]
    run: Handler
    in_menu: bool = True
    quiet: bool = False
    as_button: bool = True
    flow: str = ""
    takes: Takes | None = None

    @property
    def title(self) -> Text:
        """The command on a button: the first of its words."""
        return Text(self.words[0])


class Registry:
    """All commands, buttons and flows of the product."""

    def __init__(self) -> None:
        self.commands: dict[str, Command] = {}
        self.presses: dict[str, PressHandler] = {}
        self.arrivals: dict[str, Arrival] = {}
        self.flows: dict[str, Flow] = {}
        self.openers: dict[str, Opener] = {}
        self.fallbacks: list[Handler] = []
        self.stranger: Handler | None = None
        self.public: Handler | None = None  # What a stranger may do besides joining, where the rules allow it.
        self.keeper: Handler | None = None  # takes photos that came with a command that has no use for them
        self.for_strangers: set[str] = {"draft"}
        self._words: dict[str, Command] = {}

    def command(
        self,
        name: str,
        words: Iterable[str],
        help_: Text,
        *,
        roles: Iterable[Role] = EVERYONE,
        in_menu: bool = True,
        quiet: bool = False,
        as_button: bool = True,
        flow: str = "",
        takes: Takes | None = None,
    ) -> Callable[[Handler], Handler]:
        """Register the decorated function as `/name` and as each of the Chinese `words`.

        Raises: ValueError: a name or word is taken.
        """

        def add(run: Handler) -> Handler:
            command = Command(name, tuple(words), help_, frozenset(roles), run, in_menu, quiet, as_button, flow, takes)
            for word in (f"/{name}", *command.words):
                if word in self._words:
                    raise ValueError(f"two commands answer to {word}")
                self._words[word] = command
            self.commands[name] = command
            return run

        return add

    def press(self, subject: str, *, strangers: bool = False) -> Callable[[PressHandler], PressHandler]:
        """Register the decorated function for buttons whose data begins with `subject:`.

        With `strangers`, it is also called for chats that are not bound (`request.actor` is None).
        """

        def add(run: PressHandler) -> PressHandler:
            if strangers:
                self.for_strangers.add(subject)
            if subject in self.presses:
                raise ValueError(f"two handlers for the buttons of {subject}")
            self.presses[subject] = run
            return run

        return add

    def arrival(self, subject: str) -> Callable[[Arrival], Arrival]:
        """Register the decorated function for arrivals whose data begins with `subject:`."""

        def add(run: Arrival) -> Arrival:
            self.arrivals[subject] = run
            return run

        return add

    def opener(self, prefix: str) -> Callable[[Opener], Opener]:
        """Register the decorated function to open the card of a number that begins with `prefix` (YH, ZL …)."""

        def add(run: Opener) -> Opener:
            if prefix in self.openers:
                raise ValueError(f"two openers for {prefix}")
            self.openers[prefix] = run
            return run

        return add

    def fallback(self, run: Handler) -> Handler:
        """Register a function that is tried, in order, on messages that are no command; None: not mine."""
        self.fallbacks.append(run)
        return run

    def flow(self, flow: Flow) -> None:
        """Register a dialog so that its drafts can be taken up again after a restart."""
        if flow.name in self.flows:
            raise ValueError(f"two flows are named {flow.name}")
        self.flows[flow.name] = flow

    def find(self, text: str) -> tuple[Command, str] | None:
        """Find the command a message names: `/name args`, `/name@bot args`, or exactly one of its words."""
        stripped = text.strip()
        if stripped.startswith("/"):
            head, *rest = stripped.split(maxsplit=1)
            command = self._words.get(head.partition("@")[0].lower())
            return (command, rest[0] if rest else "") if command else None
        command = self._words.get(stripped)
        return (command, "") if command else None

    def find_taker(self, files: Iterable[Attachment]) -> Command | None:
        """Find the command that files mean by themselves: it must take every one of them."""
        some = list(files)
        takers = (command for command in self.commands.values() if (takes := command.takes) and all(map(takes, some)))
        return next(takers, None) if some else None

    def shortcuts(self, actor: Actor, limit: int) -> list[Command]:
        """The commands this person most likely wants, for buttons."""
        mine = (self.commands[entry.name] for entry in self.menu(actor))
        return [command for command in mine if command.as_button][:limit]

    def menu(self, actor: Actor) -> tuple[MenuEntry, ...]:
        """The commands this person may use, in the order of registration."""
        return tuple(
            MenuEntry(command.name, command.help)
            for command in self.commands.values()
            if command.in_menu and actor.has(command.roles)
        )
