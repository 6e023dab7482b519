"""MarkdownV2 as Telegram reads it, with its errors (see entities.py)."""

from typing import Any

_RESERVED = "_*[]()~`>#+-=|{}.!"
_NAMES = {
    "bold": "Bold",
    "italic": "Italic",
    "underline": "Underline",
    "strikethrough": "Strikethrough",
    "spoiler": "Spoiler",
    "code": "Code",
    "pre": "Pre",
    "text_link": "TextUrl",
}
# Longer marks first: `__` is underline, not two italics.
_MARKS = (
    ("```", "pre"),
    ("__", "underline"),
    ("||", "spoiler"),
    ("*", "bold"),
    ("_", "italic"),
    ("~", "strikethrough"),
    ("`", "code"),
    ("[", "text_link"),
)
_ENDS = {kind: mark for mark, kind in _MARKS} | {"text_link": "]"}


class _Parser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.position = 0
        self.text = ""
        self.open: list[tuple[str, int, int]] = []
        self.entities: list[dict[str, Any]] = []

    def parse(self) -> tuple[str, list[dict[str, Any]]]:
        while self.position < len(self.source):
            char = self.source[self.position]
            if char == "\\" and 0 < ord(self.source[self.position + 1 : self.position + 2] or "\0") <= 126:
                self._take(self.source[self.position + 1], 2)
            elif char in (_RESERVED if not self._is_verbatim() else "`"):
                self._mark(char)
            else:
                self._take(char, 1)
        if self.open:
            kind, _, start = self.open[-1]
            raise ValueError(f"Can't find end of {_NAMES[kind]} entity at byte offset {self._byte(start)}")
        return self.text, sorted(self.entities, key=lambda entity: (entity["offset"], -entity["length"]))

    def _is_verbatim(self) -> bool:
        return bool(self.open) and self.open[-1][0] in {"code", "pre"}

    def _byte(self, position: int) -> int:
        return len(self.source[:position].encode())

    def _units(self) -> int:
        return len(self.text.encode("utf-16-le")) // 2

    def _take(self, char: str, width: int) -> None:
        self.text += char
        self.position += width

    def _mark(self, char: str) -> None:
        if self.open and self.source.startswith(_ENDS[self.open[-1][0]], self.position):
            self._end()
            return
        for mark, kind in _MARKS:
            if self.source.startswith(mark, self.position):
                self.open.append((kind, self._units(), self.position))
                self.position += len(mark)
                return
        raise ValueError(f"Character '{char}' is reserved and must be escaped with the preceding '\\'")

    def _end(self) -> None:
        kind, offset, _ = self.open.pop()
        self.position += len(_ENDS[kind])
        entity: dict[str, Any] = {"type": kind, "offset": offset, "length": self._units() - offset}
        if kind == "text_link":
            entity["url"] = self._url()
        if entity["length"]:
            self.entities.append(entity)

    def _url(self) -> str:
        if not self.source.startswith("(", self.position):
            return self.text
        start = self.position + 1
        end = self.source.find(")", start)
        if end < 0:
            raise ValueError(f"Can't find end of a URL at byte offset {self._byte(start)}")
        self.position = end + 1
        return self.source[start:end]


def parse_markdown_v2(source: str) -> tuple[str, list[dict[str, Any]]]:
    """Plain text and entities.

    Raises:
        ValueError: Telegram's sentence about the first mistake.
    """
    return _Parser(source).parse()
