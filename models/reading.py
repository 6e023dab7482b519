"""Values from a TOML table into frozen classes: strictly, and everything that is wrong at once, each with its place.

The classes are attrs', the reading is cattrs'; here is only what these leave open: limits of single fields, no silent
conversion (cattrs takes "7" for 7), and one line for each problem. docs/decisions/0007-attrs.md says why not pydantic.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, Literal, TypeVar, get_args, get_origin

import attrs
from cattrs import (
    AttributeValidationNote,
    ClassValidationError,
    Converter,
    IterableValidationError,
    IterableValidationNote,
)
from cattrs.cols import homogenous_tuple_structure_factory
from cattrs.errors import ForbiddenExtraKeysError, StructureHandlerNotFoundError
from cattrs.gen import make_dict_structure_fn, override

T = TypeVar("T")
_CHECK = "check"


class WrongValues(Exception):
    """Some values cannot be used; `problems` has one line per place and reason."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def whole(*, ge: int, le: int | None = None, default: Any = attrs.NOTHING) -> Any:
    """Make a field for a whole number within limits."""

    def check(value: int | None) -> None:
        if value is not None and (value < ge or (le is not None and value > le)):
            raise ValueError(f"has to be at least {ge}" if le is None else f"has to be from {ge} to {le}")

    return attrs.field(default=default, metadata={_CHECK: check})


def text_like(pattern: str) -> Any:
    """Make a field for a text of this pattern."""

    def check(value: str) -> None:
        if not re.fullmatch(pattern, value, re.ASCII):
            raise ValueError(f"has to look like {pattern}")

    return attrs.field(metadata={_CHECK: check})


def some() -> Any:
    """Make a field for a list that holds something."""

    def check(value: tuple[Any, ...]) -> None:
        if not value:
            raise ValueError("may not be empty")

    return attrs.field(metadata={_CHECK: check})


def texts() -> Any:
    """Make a field for a list of texts, none of them empty; the list may be."""

    def check(value: tuple[str, ...]) -> None:
        if not all(value):
            raise ValueError("may not hold an empty text")

    return attrs.field(default=(), metadata={_CHECK: check})


def read_values(kind: type[T], values: Mapping[str, Any]) -> T:
    """Make a `kind`, an attrs class, of plain values.

    Raises: WrongValues: unknown or missing names, wrong kinds of values, or values beyond their limits; all of them.
    """
    try:
        return _CONVERTER.structure(values, kind)
    except ClassValidationError as error:
        raise WrongValues(list(_explain(error, ()))) from None


def _exactly(kind: type, word: str) -> Callable[[Any, Any], Any]:
    def read(value: Any, _type: Any) -> Any:
        if type(value) is not kind:  # A bool is no number here.
            raise TypeError(f"has to be {word}")
        return value

    return read


def _checked(kind: type[Any], converter: Converter) -> Callable[[Any, Any], Any]:
    """Read a class; each field is checked as it is read, so that one wrong field does not hide another."""
    hooks = {
        field.name: override(struct_hook=_field_reader(field.metadata[_CHECK], converter))
        for field in attrs.fields(kind)
        if _CHECK in field.metadata
    }
    fields = make_dict_structure_fn(kind, converter, _cattrs_forbid_extra_keys=True, **hooks)  # type: ignore[arg-type]

    def read(value: Any, wanted: Any) -> Any:
        if not isinstance(value, dict):
            raise TypeError("has to be a table")
        return fields(value, wanted)

    return read


def _list_reader(kind: Any, converter: Converter) -> Callable[[Any, Any], Any]:
    items = homogenous_tuple_structure_factory(kind, converter)

    def read(value: Any, wanted: Any) -> Any:
        if not isinstance(value, list):  # A text would become the list of its characters.
            raise TypeError("has to be a list")
        return items(value, wanted)

    return read


def _choose(value: Any, kind: Any) -> Any:
    choices = get_args(kind)
    if value not in choices:
        raise ValueError(f"has to be {' or '.join(map(repr, choices))}")
    return value


def _field_reader(check: Callable[[Any], None], converter: Converter) -> Callable[[Any, Any], Any]:
    def read(value: Any, kind: Any) -> Any:
        found = converter.structure(value, kind)
        check(found)
        return found

    return read


def _read_date(value: Any, _kind: Any) -> date:
    """Read a day written as TOML writes days, or as a text of the same form."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if not (isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII)):
        raise TypeError("has to be a day like 2027-02-06")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("is no day of the calendar") from None


def _is(origin: Any) -> Callable[[Any], bool]:
    return lambda kind: get_origin(kind) is origin


def _make_converter() -> Converter:
    converter = Converter(forbid_extra_keys=True, detailed_validation=True)
    for kind, word in ((int, "a whole number"), (str, "a text"), (bool, "true or false")):
        converter.register_structure_hook(kind, _exactly(kind, word))
    converter.register_structure_hook(date, _read_date)
    converter.register_structure_hook_func(_is(Literal), _choose)
    converter.register_structure_hook_factory(_is(tuple), lambda kind: _list_reader(kind, converter))
    converter.register_structure_hook_factory(attrs.has, lambda kind: _checked(kind, converter))
    return converter


_CONVERTER = _make_converter()


def _explain(error: BaseException, place: tuple[str, ...]) -> Iterator[str]:
    if isinstance(error, ClassValidationError | IterableValidationError):
        for inner in error.exceptions:
            here = _place_in(inner)
            yield from _explain(inner, (*place, here) if here else place)
    elif isinstance(error, ForbiddenExtraKeysError):
        yield from (f"{'.'.join((*place, name))}: there is no such entry" for name in sorted(error.extra_fields))
    elif isinstance(error, KeyError):
        yield f"{'.'.join(place)}: is missing"
    elif isinstance(error, StructureHandlerNotFoundError):
        raise error
    else:
        yield f"{'.'.join(place)}: {error}"


def _place_in(error: BaseException) -> str:
    """The name or the number of the part in which an error arose; "" if it is none of a part."""
    for note in reversed(getattr(error, "__notes__", ())):
        if isinstance(note, AttributeValidationNote):
            return note.name
        if isinstance(note, IterableValidationNote):
            return str(note.index)
    return ""
