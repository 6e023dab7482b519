"""The place of a caption that does not name it for certain: by a trade, by what belongs to a village, by the location.

`find_place` hears names. Here the words around them speak: an everyday word for the only enterprise of its kind, and
what stands in no enterprise at all. docs/vocabulary.md has the rules, `trades.toml` the words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import or_, select

from models.access import Actor, inside
from models.content import Place
from models.enterprises.directory import list_nearest, visible_enterprises
from models.enterprises.tables import Enterprise
from models.grids.tables import Grid
from models.grids.tree import find_nearest_grid
from models.hazards.naming import FAR_M, PUBLIC_KINDS, VILLAGE, WORDS, Scene, foreign_grids, is_break, is_of, look
from models.hazards.places import FEW, MANY, Spot, report_grids, spots_by_id
from models.hazards.recognise import Found, find_named
from models.hazards.trades import Said, Trade, common_trades, hear, is_indefinite, is_next_door, is_torn, leading_name
from models.places import metres_between
from models.rules import HazardRules
from models.session import Session
from models.vocabulary.mentions import Mention
from models.vocabulary.tables import Standing

CROWD = 300  # Enterprises of one area; of more nobody can say by a trade which is meant.
AT_M, APART_M = 30, 80  # Whoever stands so near one enterprise, and so far from the next, means the first (P).
_VILLAGES = "200"  # A code's last digits. Source: 统计用区划代码编制规则, 001–199 居委会, 200–399 村委会.

_NUMBER = re.compile(r"[一二三四五六七八九十\d]+期")


@dataclass(frozen=True, slots=True)
class _Firm:
    """An enterprise of the person's, as far as it matters here."""

    id: int
    name: str
    industry: str
    grid_code: str
    lat: float | None
    lon: float | None


@dataclass(frozen=True, slots=True)
class _Case:
    """One caption, what names it holds, and what else it says."""

    session: Session
    actor: Actor
    scene: Scene
    named: Found
    said: Said

    @property
    def home(self) -> str:
        """The code of the only village in which the person reports, on all trades; "" if there are more, or larger."""
        grids = report_grids(self.actor)
        sees_all = not any(area.industry for area in self.actor.areas)
        return grids[0] if len(grids) == 1 and len(grids[0]) >= VILLAGE and sees_all else ""

    @property
    def grids(self) -> list[str]:
        """The codes of the grids that may be named."""
        spots = [self.named.spot] if self.named.spot else self.named.candidates
        return [spot.grid_code for spot in spots if spot.enterprise_id is None]

    @property
    def is_outdoors(self) -> bool:
        """Tell whether something of the village's or of its people is spoken of."""
        said = self.said
        if said.is_public or said.is_private:
            return True
        return (said.is_object or is_of(self.scene, PUBLIC_KINDS)) and not self.is_in_street

    @property
    def is_of_village(self) -> bool:
        """Tell whether the village is meant: something outdoors, or a trade that no enterprise of the register has."""
        return self.is_outdoors or (bool(self.said.trades) and not self.is_in_street)

    @property
    def is_in_street(self) -> bool:
        """Tell whether the person's only grid is a committee of residents: there 路灯不亮 says too little."""
        return bool(self.home) and self.home[VILLAGE - len(_VILLAGES) : VILLAGE] < _VILLAGES

    def answers(self, keys: Sequence[int | str], *, certain: bool) -> Found:
        """These as what is meant, or as what to choose from."""
        spots = tuple(spots_by_id(self.session, self.actor, list(dict.fromkeys(keys))[:MANY]))
        if certain and spots:
            return replace(self.named, spot=spots[0], candidates=(), others=spots[1:3])
        return replace(self.named, spot=None, candidates=spots, others=())


def find_meant(session: Session, actor: Actor, text: str, rules: HazardRules, *, near: Place | None = None) -> Found:
    """Find the place that a caption means, named or not, within the person's scope; as `find_place` otherwise."""
    scene = look(session, actor, text, rules, near)
    named = find_named(session, actor, scene)
    spot = named.spot
    if not scene.text or (spot and spot.enterprise_id is not None and _is_called(spot, scene)):
        return named
    case = _Case(session, actor, scene, named, hear(scene.text))
    if not (spot or named.candidates) and is_away(scene, case.said):
        return named
    if spot and spot.enterprise_id is not None and _is_any(case, spot):
        return case.answers([spot.enterprise_id, spot.grid_code], certain=False)
    return _by_trade(case) or _by_names(case) or _by_location(case) or _at_home(case) or named


def means_another(session: Session, actor: Actor, text: str, rules: HazardRules) -> bool:
    """Tell whether a caption speaks of somebody else's enterprise: by its name, or as next door."""
    scene = look(session, actor, text, rules, None)
    return is_next_door(scene.text) or any(_is_theirs(mention) for mention in scene.foreign)


# -- by the trade --------------------------------------------------------------------------------------------


def _by_trade(case: _Case) -> Found | None:
    """渡船 where there is one ferry; 气站 where there are two asks; and 那家 is one of those in the village."""
    said, spot = case.said, case.named.spot
    area = [case.home] if case.home else case.grids
    if said.is_some_firm and area and not said.trades and not case.is_outdoors:
        firms = _firms(case, area)
        return case.answers([*_ids(firms), *area], certain=False) if firms else None
    if not said.trades:
        return None
    firms = _firms(case, area, said.trades)
    kin = _of_trades(firms, said.trades)
    if not kin or len(firms) >= CROWD:
        return None
    if spot and spot.enterprise_id is not None:
        is_one_of = len(kin) > 1 and spot.enterprise_id in _ids(kin) and not case.scene.near
        return case.answers(_ids(kin), certain=False) if is_one_of else None
    grids = case.grids or area
    if said.is_beside or said.is_public:
        return case.answers([*_ids(kin), *grids], certain=False)
    told = _with_things(case, kin)
    kin = told if len(told) == 1 else kin  # 那个厂锯末太多: of the works there the saw mill.
    metres = {firm.id: _metres_to(firm, case.scene) for firm in kin}
    here = [firm for firm in kin if (away := metres[firm.id]) is not None and away <= case.scene.near_m]
    only = here if len(here) == 1 else kin
    others = [other.enterprise_id for other in case.named.candidates if other.enterprise_id is not None]
    if len(only) == 1 and set(others) <= set(_ids(kin)):
        is_known = (case.scene.is_narrow or bool(area) or bool(here)) and (metres[only[0].id] or 0) <= FAR_M
        return case.answers([only[0].id, *grids], certain=is_known and _is_called_so(case, only[0]))
    return case.answers([*others, *_ids(kin)], certain=False)


def _is_called_so(case: _Case, firm: _Firm) -> bool:
    """Tell whether the word for a trade can mean no other: 悦来客栈 is not the only inn that the register has."""
    text, mine = case.scene.text, (*case.scene.grids, *case.scene.enterprises)
    surely = any(trade.is_surely(firm.name, firm.industry) for trade in case.said.trades)
    if not surely or case.said.is_elsewhere:
        return False
    for at in case.said.at:
        after = max((mention.end for mention in mine if mention.end <= at), default=0)
        lead = text[after:at]
        number = _NUMBER.search(lead)
        if is_indefinite(lead) or (number and number.group() not in firm.name):
            return False
        is_head = any(mention.start <= at < mention.end and mention.has_head for mention in mine)
        if not leading_name(lead, text[at:]) or is_break(text, at) or is_head:
            return True
    return False


def _of_trades(firms: Sequence[_Firm], trades: Iterable[Trade]) -> list[_Firm]:
    return [firms[index] for index in common_trades(trades, [(firm.name, firm.industry) for firm in firms])]


def _with_things(case: _Case, firms: Iterable[_Firm]) -> list[_Firm]:
    """Those whose things are spoken of; 边坡 may be of a mine as of a quarry."""
    return [firm for firm in firms if any(trade.has(firm.name, firm.industry) for trade in case.said.things)]


def _is_torn(case: _Case, kin: Sequence[_Firm]) -> bool:
    """Tell whether the caption speaks of the village, too, besides what these enterprises have."""
    theirs = [trade for trade in case.said.things if any(trade.has(firm.name, firm.industry) for firm in kin)]
    return is_torn(case.scene.text, theirs)


def _firms(case: _Case, area: Iterable[str], trades: Iterable[Trade] = ()) -> list[_Firm]:
    """The enterprises of an area; of the whole scope, if none is given, only those of some trades. One query."""
    rows = visible_enterprises(case.actor)
    if codes := list(area):
        rows = rows.where(or_(*(inside(Enterprise.grid_code, code) for code in codes)))
    else:
        words = [word for trade in trades for word in trade.names.pattern.split("|")]
        words += [word for trade in trades for word in trade.loose.pattern.split("|")]
        of_name = [Enterprise.name.contains(word.rstrip("$"), autoescape=True) for word in words]
        of_trade = Enterprise.industry.in_([word for trade in trades for word in trade.industries.pattern.split("|")])
        rows = rows.where(or_(*of_name, of_trade))
    columns = (
        Enterprise.id, Enterprise.name, Enterprise.industry, Enterprise.grid_code, Enterprise.lat, Enterprise.lon
    )  # fmt: skip
    found = case.session.execute(rows.with_only_columns(*columns).order_by(Enterprise.id).limit(CROWD))
    return [_Firm(*row) for row in found]


def _ids(firms: Iterable[_Firm]) -> list[int]:
    return [firm.id for firm in firms]


def _metres_to(firm: _Firm, scene: Scene) -> float | None:
    """How far away an enterprise is, where both points are known."""
    if scene.near is None or firm.lat is None or firm.lon is None:
        return None
    return metres_between(scene.near, Place(firm.lat, firm.lon))


# -- by what is half named -----------------------------------------------------------------------------------


def _by_names(case: _Case) -> Found | None:
    """A village and what is named after it: what the caption speaks of may leave but one."""
    if case.named.spot or not case.named.candidates:
        return None
    grids, said = case.grids, case.said
    firms = [spot.enterprise_id for spot in case.named.candidates if spot.enterprise_id is not None]
    villages = [code for code in grids if len(code) >= VILLAGE]
    if len(villages) != 1 or (case.scene.enterprises and _is_firmly(case.scene)):
        return None
    around = _firms(case, villages)
    if len(around) >= CROWD:
        return None
    kin = _with_things(case, around)
    if kin and not _is_torn(case, kin):
        return case.answers([*_ids(kin), *villages], certain=len(kin) == 1 and set(firms) <= set(_ids(kin)))
    is_plain = case.home or said.is_public or said.is_private or said.trades
    if case.is_of_village and not kin and len(grids) == 1 and is_plain:
        return case.answers([*grids, *firms], certain=not _is_everyday(case.scene, grids[0]))
    if len(around) <= FEW:  # 溪口 alone may be any of those who are there.
        return case.answers([*firms, *_ids(around), *grids], certain=False)
    return None


def _is_firmly(scene: Scene) -> bool:
    """Tell whether more of an enterprise's name stands there than the village's."""
    firm = scene.enterprises[0]
    if firm.everyday and not firm.has_tail:
        return False  # 水西大桥 begins like 水西大酒店.
    return firm.size > max((grid.size for grid in scene.grids), default=0)


def _is_everyday(scene: Scene, code: str) -> bool:
    """Tell whether a grid is named by an everyday word, and nothing else speaks for it."""
    if scene.width >= VILLAGE or scene.pin_grid == code:
        return False
    return any(grid.heard.grid_code == code and grid.form in WORDS for grid in scene.grids)


# -- by the location -----------------------------------------------------------------------------------------


def _by_location(case: _Case) -> Found | None:
    """The enterprise at which the person stands, or the grid around, if nothing is named."""
    near = case.scene.near
    if near is None or case.named.spot or case.named.candidates:
        return None
    around = list_nearest(case.session, case.actor, near, within_m=case.scene.near_m)
    if not around:
        return None  # The dialog takes the grid itself, if it is clear.
    if case.is_outdoors:
        return None if case.home else _grid_at(case, near, [item.enterprise.id for item in around])
    rows = [item.enterprise for item in around]
    firms = [_Firm(row.id, row.name, row.industry, row.grid_code, row.lat, row.lon) for row in rows]
    kin = _with_things(case, firms)
    if len(kin) == 1:
        return case.answers([kin[0].id, *_ids(firms)], certain=True)
    if len(around) == 1 or (around[0].metres <= AT_M and around[1].metres >= APART_M):
        return case.answers(_ids(firms), certain=True)
    return None


def _grid_at(case: _Case, near: Place, besides: Sequence[int]) -> Found | None:
    nearest = find_nearest_grid(case.session, near, prefixes=report_grids(case.actor))
    return case.answers([nearest[0].code, *besides], certain=True) if nearest else None


# -- the village of an officer who names nothing -------------------------------------------------------------


def _at_home(case: _Case) -> Found | None:
    """An officer of one village who says no place means the village, or an enterprise there."""
    home, said = case.home, case.said
    is_half_named = any(mention.has_head or mention.has_tail for mention in case.scene.enterprises)
    if not home or case.named.spot or case.grids or (case.named.candidates and is_half_named):
        return None  # 小区 alone is hardly the works that builds one.
    firms = _firms(case, [home])
    if len(firms) >= CROWD:
        return None
    kin = _with_things(case, firms)
    if kin:  # 溢洪道 is of the water, and of the works at the reservoir all the same.
        return case.answers([*_ids(kin), home], certain=len(kin) == 1 and not _is_torn(case, kin))
    if case.is_of_village or (not firms and not case.is_in_street and not said.is_plain):
        return case.answers([home, *_ids(firms[:2])], certain=True) if _is_leaf(case, home) else None
    return None


def is_away(scene: Scene, said: Said) -> bool:
    """Tell whether something outside of the person's grids is spoken of."""
    if said.is_elsewhere or foreign_grids(scene):
        return True
    return any(_is_theirs(mention) or _is_their_grid(mention) for mention in scene.foreign)


def _is_theirs(mention: Mention) -> bool:
    """Tell whether an enterprise of somebody else is named."""
    much = mention.is_whole or len(mention.at) >= 4
    is_firm = mention.heard.enterprise_id is not None and mention.heard.standing is Standing.OFFICIAL
    return is_firm and mention.has_head and not mention.slips and much


def _is_their_grid(mention: Mention) -> bool:
    """Tell whether another grid is named, by no everyday word: 后山, 高山 may be any hill."""
    is_grid = mention.heard.enterprise_id is None and mention.is_whole and mention.is_literal
    return is_grid and mention.form not in WORDS and (mention.start == 0 or len(mention.at) > 2)


def _is_leaf(case: _Case, code: str) -> bool:
    return case.session.scalar(select(Grid.code).where(Grid.parent_code == code).limit(1)) is None


def _is_any(case: _Case, spot: Spot) -> bool:
    """Tell whether a trade that only one has is said of somebody else: 一个作坊, 镇上超市."""
    scene = case.scene
    starts = [mention.start for mention in scene.enterprises if mention.heard.enterprise_id == spot.enterprise_id]
    return case.said.is_elsewhere or any(is_indefinite(scene.text[:start]) for start in starts)


def _is_called(spot: Spot, scene: Scene) -> bool:
    """Tell whether an enterprise is called by its own name, not by its trade alone."""
    return any(mention.has_head for mention in scene.enterprises if mention.heard.enterprise_id == spot.enterprise_id)
