"""The ledger: usual filters as buttons, words in any order, pages of eight, each row opens its card."""

from __future__ import annotations

import re
from collections.abc import Sequence

from handlers.hazards.rows import excerpt, open_buttons
from handlers.registry import Answer, Registry, Request
from models.content import Button, Card, say
from models.enterprises.directory import access_enterprise
from models.errors import NotFound
from models.grids.names import aliases, short_name
from models.grids.tree import find_grid, find_grids, list_children
from models.hazards.deadlines import current_due, show_left
from models.hazards.flow import FINAL
from models.hazards.search import Page, Row, Tally, list_hazards, list_similar, tally
from models.ledgers.filters import Filter, access_query, do_save_query
from models.ledgers.words import Parsed, concerns, preset_filter, read_words
from models.texts import N_, Joined, Line, Text, _

NEW = "new"  # Instead of the id of stored filters: one of the usual filters.
LONGEST_SEARCH = 40  # Characters; a longer message is no search.
GRIDS = 12  # Grids offered as filters.
_ACTION = re.compile(r"p(?P<page>\d{1,6})|x(?P<gone>\d{1,2})|r(?P<at>\d{1,2})\.(?P<kind>[ge])(?P<name>[\w-]{1,32})")


def register(registry: Registry) -> None:
    """Add the commands of this module."""
    words = (N_("台账"), "查询", "查隐患", "隐患台账", "ledger")
    registry.command("ledger", words, _("查隐患台账"), quiet=True)(open_ledger)
    exporting = (N_("导出"), "导出台账", "导出Excel", "导出excel", "export")
    registry.command("export", exporting, _("导出"), in_menu=False, quiet=True)(show_export)
    registry.press("ledger")(press_ledger)
    registry.fallback(search)


def open_ledger(request: Request) -> Answer:
    """Offer the usual filters, or answer what follows the command."""
    if request.args:
        return _answer(request, _read(request, request.args))
    return show_usual(request)


def show_export(request: Request) -> Answer:
    """Say who exports; the ledger itself is one tap away."""
    line = _("台账导出由系统管理员在服务器上办理，请联系系统管理员。要在这里查看，请点「台账」。")
    return Card(lines=(line,), buttons=((Button(_("台账"), "cmd:ledger:"),),))


def search(request: Request) -> Answer:
    """Try a message as ledger words; None if it is none and nothing is called so."""
    text = request.incoming.text.strip()
    if not text or len(text) > LONGEST_SEARCH or request.incoming.attachments or request.incoming.place:
        return None
    parsed = _read(request, text)
    if parsed.is_asking:
        return _answer(request, parsed)
    if not parsed.unknown:
        return None
    page = _page(request, parsed.everything, 0)
    if page.total or list_similar(request.session, request.person, parsed.unknown[0]):
        return _show(request, parsed.everything, page)
    return _elsewhere(request, parsed)


def _answer(request: Request, parsed: Parsed) -> Card:
    page = _page(request, parsed.everything, 0)
    return (not page.total and _elsewhere(request, parsed)) or _show(request, parsed.everything, page)


def _elsewhere(request: Request, parsed: Parsed) -> Card | None:
    """Say that a place is none of the person's, rather than that nothing was understood: its name is no secret."""
    for word in parsed.unknown:
        grid = next((grid for grid in find_grids(request.session, word) if word in aliases(grid.name)), None)
        if grid and not concerns(request.person, grid.code):
            return say(_("{grid}不在您的网格范围内。", grid=short_name(grid.name)))
    return None


def press_ledger(request: Request, ident: str, action: str) -> Answer:
    """Turn a page, take a filter away, take a name instead of a mistyped one, or use one of the usual filters.

    Raises: NotFound: made up, somebody else's, or too old.
    """
    if ident == NEW:
        return _find(request, _usual(request, action))
    if not (ident.isascii() and ident.isdigit() and len(ident) <= 18):
        raise NotFound
    filters = access_query(request.session, request.person, int(ident))
    if not (wanted := _ACTION.fullmatch(action)):
        raise NotFound
    if wanted["page"]:
        return _show(request, filters, _page(request, filters, int(wanted["page"])), query_id=int(ident))
    at = int(wanted["gone"] or wanted["at"])
    if at >= len(filters):
        raise NotFound
    instead = [_named(request, wanted["kind"], wanted["name"])] if wanted["at"] else []
    return _find(request, [*filters[:at], *instead, *filters[at + 1 :]])


def _named(request: Request, kind: str, name: str) -> Filter:
    """The filter of a name that was offered.

    Raises: NotFound: there is none, or it is none of the person's.
    """
    if kind == "e":
        if not (name.isascii() and name.isdigit()):
            raise NotFound
        found = access_enterprise(request.session, request.person, int(name))
        return Filter("enterprise", name, found.name)
    grid = find_grid(request.session, name)
    if grid is None or not concerns(request.person, grid.code):
        raise NotFound
    return Filter("grid", grid.code, short_name(grid.name))


# -- usual filters -----------------------------------------------------------------------------------------


def show_usual(request: Request) -> Card:
    """The usual filters that find something, each with its count."""
    counts = tally(request.session, request.person, now=request.now, rules=request.rules.hazards)
    if not counts.total:
        return Card(title=_("隐患台账"), lines=(_("您能看到的范围内还没有隐患。"),), key="ledger")
    buttons = [Button(label, f"ledger:{NEW}:{key}") for key, label, count in _offers(counts) if count]
    rows = [tuple(buttons[i : i + 2]) for i in range(0, len(buttons), 2)]
    grids = _grid_buttons(request)
    rows += [tuple(grids[i : i + 3]) for i in range(0, len(grids), 3)]
    hint = _("点一个条件，或直接发送想查的词，例如：{words}。", words=_example(request))
    return Card(title=_("隐患台账，共{count}条", count=counts.total), lines=(hint,), buttons=tuple(rows), key="ledger")


def _example(request: Request) -> str:
    """Words to try, with a place that the reader knows, in the words of the ledger."""
    codes = request.person.grids()
    near = [grid for code in codes for grid in list_children(request.session, code)]
    near += [grid for code in codes if (grid := find_grid(request.session, code))]
    words = ("重大", "逾期") if request.lang == "zh" else ("major", "overdue")
    return " ".join([*(short_name(grid.name) for grid in near[:1]), *words])


def _offers(counts: Tally) -> list[tuple[str, Text, int]]:
    return [
        ("overdue", _("逾期（{count}）", count=counts.overdue), counts.overdue),
        ("soon", _("临期（{count}）", count=counts.soon), counts.soon),
        ("open", _("未销号（{count}）", count=counts.open), counts.open),
        ("major", _("重大（{count}）", count=counts.major), counts.major),
        ("month", _("本月（{count}）", count=counts.month), counts.month),
        ("mine", _("我的（{count}）", count=counts.mine), counts.mine),
        ("all", _("全部（{count}）", count=counts.total), counts.total),
    ]


def _grid_buttons(request: Request) -> list[Button]:
    grids = [grid for code in request.person.grids() for grid in list_children(request.session, code)]
    unique = list({grid.code: grid for grid in grids}.values())[:GRIDS]
    return [Button(short_name(grid.name), f"ledger:{NEW}:g{grid.code}") for grid in unique]


def _usual(request: Request, key: str) -> list[Filter]:
    if key == "all":
        return []
    if key.startswith("g"):
        return [_named(request, "g", key[1:])]
    found = preset_filter(key, request.rules, now=request.now)
    if found is None:
        raise NotFound
    return [found]


# -- answers -----------------------------------------------------------------------------------------------


def _read(request: Request, text: str) -> Parsed:
    return read_words(request.session, request.person, text, request.rules, now=request.now)


def _page(request: Request, filters: Sequence[Filter], number: int) -> Page:
    return list_hazards(
        request.session, request.person, filters, page=number, now=request.now, rules=request.rules.hazards
    )


def _find(request: Request, filters: Sequence[Filter]) -> Card:
    return _show(request, filters, _page(request, filters, 0))


def _show(request: Request, filters: Sequence[Filter], page: Page, *, query_id: int = 0) -> Card:
    """A page of the ledger; its filters are stored, so that its buttons mean the same for as long as it stands."""
    ident = query_id or do_save_query(request.session, request.person, filters, now=request.now)
    lines: list[Line] = []
    if filters:
        lines.append(_("条件：{filters}", filters=Joined(tuple(item.label for item in filters))))
    buttons = open_buttons([row.hazard for row in page.rows])
    if page.total:
        lines += _row_lines(request, page)
    else:
        lines.append(_("没有符合条件的隐患。"))
        buttons += _similar_buttons(request, ident, filters)
    buttons += _remove_buttons(ident, filters)
    buttons += _turn_buttons(ident, page)
    return Card(title=_title(page), lines=tuple(lines), buttons=tuple(buttons), key="ledger")


def _title(page: Page) -> Text:
    if page.pages == 1:
        return _("隐患台账：{count}条", count=page.total)
    return _("隐患台账：{count}条，第{page}/{pages}页", count=page.total, page=page.number + 1, pages=page.pages)


def _row_lines(request: Request, page: Page) -> list[Line]:
    lines: list[Line] = []
    for index, row in enumerate(page.rows, start=1):
        hazard = row.hazard
        due = current_due(hazard) if hazard.state not in FINAL else None
        known = {"index": index, "number": hazard.number, "state": Text(hazard.state.label)}
        if due is None:
            lines.append(_("{index}. {number} {state}", **known))
        else:
            lines.append(_("{index}. {number} {state} · {left}", left=show_left(due, request.now), **known))
        lines.append(
            _("{place}：{said}", place=_place(row), said=excerpt(hazard, (*row.path.split("·"), row.enterprise)))
        )
    return lines


def _place(row: Row) -> Line:
    name = row.enterprise or row.hazard.place
    return _("{path} {name}", path=row.path, name=name) if name else row.path


def _remove_buttons(ident: int, filters: Sequence[Filter]) -> list[tuple[Button, ...]]:
    buttons = [
        Button(_("去掉：{filter}", filter=item.label), f"ledger:{ident}:x{index}")
        for index, item in enumerate(filters)
    ]  # fmt: skip
    return [tuple(buttons[i : i + 2]) for i in range(0, len(buttons), 2)]


def _turn_buttons(ident: int, page: Page) -> list[tuple[Button, ...]]:
    turn = []
    if page.number > 0:
        turn.append(Button(_("上一页"), f"ledger:{ident}:p{page.number - 1}"))
    if page.number + 1 < page.pages:
        turn.append(Button(_("下一页"), f"ledger:{ident}:p{page.number + 1}"))
    return [tuple(turn)] if turn else []


def _similar_buttons(request: Request, ident: int, filters: Sequence[Filter]) -> list[tuple[Button, ...]]:
    """For a word that finds nothing, the closest names."""
    buttons = []
    for index, item in enumerate(filters):
        if item.kind == "text":
            for near in list_similar(request.session, request.person, item.value):
                data = f"ledger:{ident}:r{index}.{near.kind[0]}{near.value}"
                buttons.append(Button(_("您是不是要找：{name}", name=near.label), data, "primary"))
    return [(button,) for button in buttons]
