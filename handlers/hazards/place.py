"""The question 在哪里: a location, a name or part of it, or buttons; never a silent guess between several."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from handlers.dialog import Answers, Choice, Taken
from handlers.registry import Request
from models.content import Place
from models.errors import InvalidInput, NotFound
from models.grids.names import short_name
from models.grids.tables import Grid
from models.grids.tree import find_grid
from models.hazards.captions import is_stated
from models.hazards.places import (
    MANY,
    Spot,
    find_spots,
    grid_spot,
    grid_spots,
    is_elsewhere,
    list_grids,
    list_near,
    list_usual,
    spots_by_id,
    with_parts,
)  # fmt: skip
from models.hazards.recognise import Found, find_place
from models.hazards.unnamed import find_meant
from models.hazards.wording import named_part
from models.texts import Line, _

# The hidden answers: `search` is what was sent in answer to the question, `pin` a location that came with
# photos. Both hold what they found as JSON: lat and lon, or a text, or a grid whose parts are offered.
OTHERS = 2  # Places offered beside a guess.
_PLACE_MAX = 100  # Characters; a longer text is a description.


def read_place(request: Request, answers: Answers) -> Taken:
    """Take a location or a name as the place, or as something to choose from.

    Raises: InvalidInput: neither.
    """
    if request.incoming.place is not None:
        return _read_pin(request, request.incoming.place)
    text = request.incoming.text.strip()
    if not text:
        raise InvalidInput(_("请发定位，或输入单位、地点的名称。"))
    found = find_spots(request.session, request.person, text) if len(text) <= _PLACE_MAX else []
    pin = place_of(answers.get("pin")) or place_of(answers.get("search"))
    if len(found) == 1:
        return Taken(found[0].at(pin).to_json())
    if found:
        return Taken(hint=_("有几个地方叫这个名字，请选择。"), also={"search": _search_of(found)}, done=False)
    return _read_sentence(request, answers, text, pin)


def _read_pin(request: Request, pin: Place) -> Taken:
    elsewhere = is_elsewhere(request.session, request.person, pin)
    hint: Line = _("已收到定位。")
    if elsewhere:
        hint = _("这个定位好像在{path}，不在您负责的范围内，请确认地点。", path=elsewhere)
    point = {"lat": pin.lat, "lon": pin.lon}
    return Taken(hint=hint, also={"search": point, "pin": point}, done=False)


def _read_sentence(request: Request, answers: Answers, text: str, pin: Place | None) -> Taken:
    """A text that is nobody's name: it may hold one, and say what is wrong as well; or it is a place in a grid."""
    rules = request.rules.hazards
    found = find_place(request.session, request.person, text, rules, near=pin)
    spots = [found.spot] if found.spot else list(found.candidates)
    also: dict[str, Any] = {}
    says_more = _says_more(spots, text) if found.said else is_stated(text, rules, "")
    if spots and "description" not in answers and says_more and len(text) <= request.rules.hazards.description_max:
        also["description"] = text
    if found.spot:
        # 溪口村老樟树下 says more than the village; 靠山加油站 卸油口 is no place any more.
        spot = found.spot if found.spot.enterprise_id or also else found.spot.told(text[:_PLACE_MAX])
        return Taken(spot.at(pin).to_json(), also=also)
    if found.candidates:
        return Taken(
            hint=_("您说的是哪一个？"), also={**also, "search": _search_of(found.candidates)}, done=False
        )  # fmt: skip
    if len(text) > _PLACE_MAX:
        raise InvalidInput(_("没有找到这个地点，请发定位，或只写单位、地点的名称。"))
    if not list_grids(request.session, request.person):
        raise InvalidInput(_("没有找到“{text}”，请从下面选择您的单位。", text=text))
    hint = _("您的网格里没有登记「{text}」。如果是公共区域，请选它在哪个网格。", text=text)
    return Taken(hint=hint, also={"search": {"text": text}}, done=False)


def _says_more(spots: Iterable[Spot], text: str) -> bool:
    longest = max(len(named_part(spot.name or spot.path, text)) for spot in spots)
    return len(text) - longest > 4


def _search_of(spots: Iterable[Spot]) -> dict[str, Any]:
    return {"ids": [spot.enterprise_id or spot.grid_code for spot in spots]}


def place_of(values: Mapping[str, Any] | None) -> Place | None:
    """The point of a hidden answer."""
    if not values or "lat" not in values:
        return None
    return Place(values["lat"], values["lon"])


def look_for_place(request: Request, answers: Answers) -> Found:
    """What the words say of the place, and the location where they leave a choice."""
    text, pin = answers.get("description", ""), _point(answers)
    # A place that is known is not guessed: only the words that name it are of use.
    find = find_place if "place" in answers else find_meant
    return find(request.session, request.person, text, request.rules.hazards, near=pin)


def _point(answers: Answers) -> Place | None:
    return place_of(answers.get("pin")) or place_of(answers.get("camera"))


def guess_place(request: Request, answers: Answers, found: Found) -> dict[str, Any]:
    """The place, if what is known leaves only one; else what to choose from, if anything."""
    search = answers.get("search")
    if search is not None:
        only = _only(request, search)
        return {"place": only.to_json()} if only else {}
    pin = _point(answers)
    if found.spot:
        return {"place": found.spot.at(pin).to_json(), **_instead(found)}
    if found.candidates:
        return {"search": _search_of(found.candidates)}
    if pin is None:
        return {}
    point = {"lat": pin.lat, "lon": pin.lon}
    only = _only(request, point)
    return {"place": only.to_json()} if only else {"search": point}


def _instead(found: Found) -> dict[str, Any]:
    return {"instead": _search_of(found.others)} if found.others else {}


def swap_place(request: Request, answers: Answers) -> list[Choice]:
    """What else the caption could have meant."""
    spots = _others(request, answers)
    return [replace(choice, label=_("改为{name}", name=choice.label)) for choice in map(_choice, spots)]


def _others(request: Request, answers: Answers) -> list[Spot]:
    ids = (answers.get("instead") or {}).get("ids", ())
    return spots_by_id(request.session, request.person, ids)[:OTHERS]


def _only(request: Request, search: Mapping[str, Any]) -> Spot | None:
    """The one place that a location leaves: no enterprise lies near, and there is but one grid."""
    if search.keys() & {"grid", "ids", "text"}:
        return None
    pin = place_of(search)
    near = _near(request, pin) if pin else []
    if near:
        return near[0] if len(near) == 1 and near[0].enterprise_id is None else None
    grids = list_grids(request.session, request.person)
    if len(grids) != 1 or with_parts(request.session, grids):
        return None
    return grid_spot(request.session, grids[0]).at(pin)


def _near(request: Request, pin: Place) -> list[Spot]:
    return list_near(request.session, request.person, pin, near_m=request.rules.hazards.near_m)


def choose_place(request: Request, answers: Answers) -> Sequence[Choice]:
    """What to offer: what was found, what lies near, or the person's enterprises and grids."""
    search: Mapping[str, Any] = answers.get("search") or {}
    others = _others(request, answers)
    if others:
        return [*map(_choice, others), *_offered(request, search)]
    return _offered(request, search)


def _offered(request: Request, search: Mapping[str, Any]) -> Sequence[Choice]:
    if "ids" in search:
        return [_choice(spot) for spot in spots_by_id(request.session, request.person, search["ids"])]
    pin = place_of(search)
    if pin:
        near = _near(request, pin)
        grids = [] if any(spot.enterprise_id is None for spot in near) else list_grids(request.session, request.person)
        return [*(_choice(spot) for spot in near), *_grids(request, grids, search)]
    if "grid" in search:
        return _inside(request, search)
    usual = [] if "text" in search else [_choice(spot) for spot in list_usual(request.session, request.person)]
    return [*usual, *_grids(request, list_grids(request.session, request.person), search)][:MANY]


def _inside(request: Request, search: Mapping[str, Any]) -> list[Choice]:
    """The grids inside one that was chosen, and that one itself."""
    code = search["grid"]
    try:
        grids = list_grids(request.session, request.person, code)
    except NotFound:
        return []
    itself = find_grid(request.session, code)
    whole: list[Choice] = []
    if itself:
        spot = grid_spot(request.session, itself).told(search.get("text", ""))
        whole = [Choice(_("就在{name}，不细分", name=short_name(itself.name)), f"x{code}", spot.to_json())]
    return [*_grids(request, [grid for grid in grids if grid.code != code], search), *whole]


def _grids(request: Request, grids: Sequence[Grid], search: Mapping[str, Any]) -> list[Choice]:
    """Grids to choose from: one that is divided further opens its parts, any other is the answer."""
    divided = with_parts(request.session, grids)
    text, pin = search.get("text", ""), place_of(search)
    choices = []
    for grid, spot in zip(grids, grid_spots(request.session, grids), strict=True):
        name, key = short_name(grid.name), f"g{grid.code}"
        if grid.code in divided:
            deeper = {"grid": grid.code, **({"text": text} if text else {})}
            choices.append(Choice(_("{name}…", name=name), key, Taken(also={"search": deeper}, done=False)))
        else:
            choices.append(Choice(name, key, spot.told(text).at(pin).to_json()))
    return choices


def _choice(spot: Spot) -> Choice:
    if spot.enterprise_id is None:
        return Choice(_("{path}（公共区域）", path=spot.path), f"g{spot.grid_code}", spot.to_json())
    if spot.metres is None:
        return Choice(spot.name, f"e{spot.enterprise_id}", spot.to_json())
    label = _("{name} {metres}米", name=spot.name, metres=spot.metres)
    return Choice(label, f"e{spot.enterprise_id}", spot.to_json())


def show_place(request: Request, value: Any) -> Line:
    """The place as people read it."""
    spot = Spot.from_json(value)
    if spot.name:
        return _("{path} {name}", path=spot.path, name=spot.name)
    return _("{path}（{text}）", path=spot.path, text=spot.text) if spot.text else spot.path
