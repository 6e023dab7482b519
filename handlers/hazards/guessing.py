"""What can be told of a report without asking: the place, the kinds, how bad, until when, and whether it is one."""

from __future__ import annotations

import re
from typing import Any

from handlers.dialog import Answers
from handlers.hazards.place import guess_place, look_for_place, place_of
from handlers.hazards.several import APART, count_parts, key_of, own_keys, part_of
from handlers.registry import Request
from models.access import local_day
from models.hazards.apart import find_apart
from models.hazards.captions import split_counted, split_hazards
from models.hazards.kinds import guess_kind
from models.hazards.places import Spot
from models.hazards.recognise import Found, find_places
from models.hazards.wording import guess_days, guess_level, read_days
from models.vocabulary.forms import plain_text

# Two enterprises may be named with what both lack: 溪口小学和溪口便民超市都没有灭火器.
_JOINED = re.compile(r"[和与及跟、].*都")
# Offered where no category was recognised: what is met most (P).
USUAL = ("fire_equipment", "electricity", "fire_passage")


def guess(request: Request, known: Answers) -> dict[str, Any]:
    """The place by the caption or the location; category and level by the words; the deadline by both."""
    guessed: dict[str, Any] = {"remark": ""}
    if count_parts(known) > 1:
        return guessed | _guess_apart(request, known)
    text = known.get("description", "")
    # Where the person has said which place it is, the words are not searched for names, the dearest part of a step,
    # unless there seem to be several hazards.
    is_open = "place" not in known or bool(_JOINED.search(text) or split_hazards(text, request.rules.hazards))
    found = look_for_place(request, known) if text and is_open else Found()
    if text and is_open and "split" not in known and (parts := find_parts(request, text, found)):
        guessed["parts"] = parts
    if "place" not in known:
        guessed |= guess_place(request, known, found)
    return guessed | _guess_part(request, {**guessed, **known}, 1, found.said)


def _guess_apart(request: Request, known: Answers) -> dict[str, Any]:
    """The fields of each of several hazards; one whose words name no place is where the one before it is."""
    guessed: dict[str, Any] = {}
    before: Any = None
    for number in range(1, count_parts(known) + 1):
        part = part_of(known, number)
        found: Found | None = Found()
        if "place" not in part:
            beside = Spot.from_json(before) if before else None
            found = _look_first(request, part) if number == 1 else _look_beside(request, part, beside)
            place = guess_place(request, part, found) if found else {"place": before} if before else {}
            guessed |= own_keys(place, number)
        before = {**guessed, **known}.get(key_of("place", number))
        guessed |= _guess_part(request, {**guessed, **known}, number, found.said if found else "")
    return guessed


def _look_first(request: Request, part: Answers) -> Found:
    """The place of the first: as its words say, or those before its number; what else is named is only offered."""
    caption, text = plain_text(part.get("caption", "")), plain_text(part["description"])
    lead, is_there, _rest = caption.partition(text)
    named = _look_beside(request, part, None)
    found = named or look_for_place(request, {**part, "description": lead + text if is_there else text})
    if named or found.spot or found.candidates:
        return found
    whole = look_for_place(request, {**part, "description": caption})
    return Found(candidates=(*([whole.spot] if whole.spot else ()), *whole.candidates))


def _look_beside(request: Request, part: Answers, beside: Spot | None) -> Found | None:
    """The place that the words of one hazard name; None if they name none."""
    near = place_of(part.get("pin")) or place_of(part.get("camera"))
    rules = request.rules.hazards
    return find_apart(request.session, request.person, part["description"], rules, near=near, beside=beside)


def find_parts(request: Request, text: str, found: Found) -> list[str]:
    """The texts of the hazards of a caption, if there are several: other places, other things that are wrong."""
    rules = request.rules.hazards
    places = find_places(request.session, request.person, text, rules)
    counted = split_counted(text, rules, said=found.said)
    return counted if len(counted) >= len(places) and counted else places or split_hazards(text, rules, said=found.said)


def has_parts(answers: Answers) -> bool:
    """Tell whether it has to be asked, or was, if several hazards are registered apart."""
    return bool(answers.get("parts")) or "split" in answers


def _guess_part(request: Request, answers: Answers, number: int, said: str) -> dict[str, Any]:
    """The fields of one hazard. `said`: the words that name a place, though it may be open which."""
    rules, mark = request.rules.hazards, "" if number == 1 else str(number)
    text = answers.get(key_of("description", number), "")
    guessed: dict[str, Any] = {}
    place = answers.get(key_of("place", number))
    if text:
        trade = Spot.from_json(place).trade if place else ""
        kind = guess_kind(text, rules, names=_names_of(place) if place else [said], trade=trade)
        guessed["category" + mark] = kind.code or rules.categories[-1].code
        if kind.code:
            guessed["next" + mark] = list(kind.others)
        else:
            guessed["unsure" + mark] = [*kind.others, *(code for code in USUAL if code not in kind.others)]
        guessed["level" + mark] = guess_level(text, rules)
    level = rules.level(answers.get(key_of("level", number)) or guessed.get("level" + mark, ""))
    if level:
        guessed["deadline" + mark] = guess_days(_with_days(request, answers, text), level, today=local_day(request.now))
    return guessed


def _with_days(request: Request, answers: Answers, text: str) -> str:
    """The words in which a deadline may stand: the hazard's own, else the whole caption's."""
    if answers.get("split") != APART or read_days(text, today=local_day(request.now)) is not None:
        return text
    return str(answers.get("caption", text))


def _names_of(place: Any) -> list[str]:
    """The names whose characters say nothing of what is wrong: 榔桥 is no bridge."""
    spot = Spot.from_json(place)
    return [name for name in (spot.name, *spot.path.split("·")) if name]
