"""The scripted fault list: what goes wrong, for which call, how often."""

from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal[
    "ok",
    "400",
    "403",
    "409",
    "429",
    "500",
    "502",
    "late",
    "lost",
    "drop",
    "dup",
    "reorder",
    "slow_media",
    "missing_media",
]
KINDS: tuple[str, ...] = get_args(Kind)
_ON_UPDATES = {"dup", "reorder"}
_ON_MEDIA = {"slow_media", "missing_media"}


@dataclass(slots=True)
class Fault:
    """One line of the script; see FaultList.add."""

    kind: Kind
    method: str | None
    chat: int | None
    times: int | None
    retry_after_s: int
    seconds: float
    text: str
    hits: int = 0

    def fits(self, target: str, method: str, chat: int | None) -> bool:
        """Whether this line is about `target` (call, update or media) and still has times left."""
        if self.times is not None and self.hits >= self.times:
            return False
        about = "update" if self.kind in _ON_UPDATES else "media" if self.kind in _ON_MEDIA else "call"
        if about != target or (self.chat is not None and self.chat != chat):
            return False
        if self.method is None:
            # A fault for "any call" must not eat the poll that is always open.
            return method != "getupdates"
        return target != "call" or self.method.lower() == method


class FaultList:
    """Faults in the order they were added; each call uses the first one that fits it, once."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(
        self,
        *,
        kind: Kind,
        method: str | None = None,
        chat: int | None = None,
        times: int | None = 1,
        retry_after_s: int = 1,
        seconds: float = 1.0,
        text: str = "",
    ) -> Fault:
        """Add a line.

        Args:
            kind: `ok` lets one call pass (to place the next fault later); `400 403 409 429 500 502` answer
                so; `late` accepts at once and answers after `seconds`; `lost` hangs up before accepting;
                `drop` accepts and closes without an answer; `dup` delivers an update twice; `reorder` keeps
                `times` updates back and delivers them in reverse; `slow_media` starts a download after
                `seconds`; `missing_media` answers 404 to a download.
            method: Bot API name in any case; None is every method but getUpdates.
            chat: only calls or updates of this chat.
            times: how many calls it hits; None for ever.
            retry_after_s: for 429.
            seconds: for late and slow_media.
            text: the description after the prefix, instead of the usual one of that code.

        Returns:
            The line; its `hits` counts what it did.
        """
        if kind not in KINDS:
            raise ValueError(f"unknown fault {kind!r}, one of {', '.join(KINDS)}")
        fault = Fault(kind, method, chat, times, retry_after_s, seconds, text)
        self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Forget every line."""
        self._faults.clear()

    def take(self, target: str, method: str, chat: int | None) -> Fault | None:
        """The first line that fits, counted as used; None when all is well."""
        for fault in self._faults:
            if fault.fits(target, method, chat):
                fault.hits += 1
                return fault
        return None
