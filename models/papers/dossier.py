"""What the papers of a case say: everything that this person may read of it, in Chinese, as plain texts.

Names, phones and notes are those of the card (models/hazards/cards.py), so nobody reads more here than there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select

from models.access import Actor
from models.audit import read_head
from models.content import Picture
from models.enterprises.tables import Industry
from models.hazards.access import access_hazard
from models.hazards.besides import action_label
from models.hazards.cards import (
    View,
    category_name,
    level_name,
    list_shown,
    load_view,
    may_name,
    show_facts,
    visible_events,
    who_did,
    with_phone,
)  # fmt: skip
from models.hazards.flow import Side
from models.hazards.tables import HazardEvent, HazardMeasure
from models.papers.content import Beside, Dossier, Photo, Table
from models.people.tables import Person, Role
from models.rules import Rules
from models.session import Session
from models.texts import Reader, Text, When

NOTHING = "—"
LONGEST = 5000  # Characters of one text.
MOST_EVENTS = 300
MOST_PHOTOS = 36
# The acts by which somebody answers for something, in the order in which they stand at the end.
SIGNED = ("report", "verify", "dispatch", "accept", "fix", "submit", "approve", "pass", "propose", "sign")
_EXTENDING = frozenset({"extend", "approve", "refuse"})
_ROLES: dict[str, str] = {kind.value: kind.label for kind in (*Role, *Side)}
# Said in rows of their own, or in the table of people.
_SAID = frozenset({"类别", "整改责任人", "联系人"})


def read_dossier(
    session: Session, actor: Actor, hazard_id: int, *, rules: Rules, reader: Reader, now: datetime
) -> Dossier:
    """Read everything this person may see of a hazard. Some ten queries.

    Raises: NotFound: there is none, or it is not this person's.
    """
    hazard = access_hazard(session, actor, hazard_id)
    view = load_view(session, hazard, now=now)
    events = visible_events(session, view, actor)[-MOST_EVENTS:]
    shown = list_shown(view)
    singles = [_photo(picture, reader) for picture in view.photos]
    audit = read_head(session)
    tables = (
        _people(session, view, actor),
        _measures(session, view, rules, reader),
        _extensions(view, actor, events, reader),
        _history(view, actor, events, reader),
        _signatures(view, actor, events, reader),
    )
    return Dossier(
        number=hazard.number,
        state=reader.read(Text(hazard.state.label)),
        made_at=now,
        foot=f"由 {actor.name} 于 {reader.read(When(now))} 导出 · 含个人信息，仅供工作使用",
        facts=_facts(session, view, actor, rules, reader),
        pairs=[pair for picture in shown if picture.pairs for pair in _pairs(picture, reader)],
        photos=singles[:MOST_PHOTOS],
        left_out=max(0, len(singles) - MOST_PHOTOS),
        tables=[table for table in tables if table.rows],
        seal=(
            "以上环节均由本人账号办理，系统按实际时间记录，并写入不可更改的审计记录"
            f"（导出时共{audit.count}条，末条校验值{audit.head[:16]}）。"
        ),
    )


def _facts(session: Session, view: View, actor: Actor, rules: Rules, reader: Reader) -> Table:
    hazard = view.hazard
    due = [("销号时间", When(hazard.closed_at))] if hazard.closed_at else []
    rows = [
        ("隐患编号", hazard.number),
        ("当前状态", reader.read(Text(hazard.state.label))),
        ("隐患等级", reader.read(level_name(rules, hazard))),
        ("隐患类别", reader.read(category_name(rules, hazard))),
        *([("所属行业", _industry(session, hazard.industry))] if hazard.industry else []),
        *_as_on_the_card(view, actor, rules, reader),
        ("登记时间", reader.read(When(hazard.reported_at))),
        *((label, reader.read(when)) for label, when in due),
        ("办理次数", f"第{hazard.round}轮整改，退回派遣{hazard.returned}次，延期{hazard.extensions}次"),
    ]
    if hazard.lat is not None and hazard.lon is not None:
        rows.append(("经纬度", f"{hazard.lat:.5f}，{hazard.lon:.5f}（WGS-84）"))
    return Table("基本情况", (), (16, 84), [(label, _cut(value)) for label, value in rows])


def _as_on_the_card(view: View, actor: Actor, rules: Rules, reader: Reader) -> Iterable[tuple[str, str]]:
    """The card's own lines, label and value: what is kept from somebody there is kept here."""
    for line in show_facts(view, actor, rules):
        label, _colon, value = reader.read(line).partition("：")
        if label not in _SAID:
            yield {"问题": "隐患描述"}.get(label, label), value


def _industry(session: Session, code: str) -> str:
    name: str | None = session.scalar(select(Industry.name).where(Industry.code == code))
    return name or code


def _people(session: Session, view: View, actor: Actor) -> Table:
    """Who answers for it, in which quality; a tip's author is no owner and is not here."""
    ids = [person_id for person_id, _side in view.owners]
    found = session.execute(select(Person.id, Person.unit).where(Person.id.in_(ids)))
    units: dict[int, str] = {row.id: row.unit for row in found}
    rows = []
    for side in Side:
        for person_id in view.owners_on(side):
            name, _phone = view.people[person_id]
            called = Reader("zh").read(with_phone(view, person_id, actor))
            phone = called.removeprefix(name).strip() or "本人"
            rows.append((side.label, name, units.get(person_id) or NOTHING, phone))
    return Table("责任人", ("身份", "姓名", "单位", "电话"), (18, 20, 38, 24), rows)


def _measures(session: Session, view: View, rules: Rules, reader: Reader) -> Table:
    """The items of a major hazard, also those that are not filled in yet."""
    head, shares = ("项目", "内容", "填写人", "时间"), (20, 46, 14, 20)
    if not view.hazard.is_major:
        return Table("", head, shares, ())
    found = session.execute(
        select(HazardMeasure, Person.name)
        .join(Person, Person.id == HazardMeasure.by_id)
        .where(HazardMeasure.hazard_id == view.hazard.id)
        .order_by(HazardMeasure.id)
    )
    filled = {measure.item: (measure, name) for measure, name in found}
    rows = []
    for item in rules.hazards.measures:
        measure, name = filled.get(item.code, (None, NOTHING))
        said = (_cut(measure.text), name, reader.read(When(measure.at))) if measure else ("未填写", NOTHING, NOTHING)
        rows.append((item.name, *said))
    return Table("重大隐患治理措施", head, shares, rows)


_Events = Sequence[tuple[HazardEvent, str]]


def _history(view: View, actor: Actor, events: _Events, reader: Reader) -> Table:
    rows = []
    for number, (event, note) in enumerate(events, start=1):
        said = reader.read(Text(action_label(event.action)))
        came, went = event.from_state, event.to_state
        if came is not None and came is not went:
            said += f"\n{reader.read(Text(came.label))} → {reader.read(Text(went.label))}"
        more = f"{note}\n照片{len(event.photos)}张".strip() if event.photos else note
        who = reader.read(who_did(view, event, actor))
        rows.append((str(number), reader.read(When(event.at)), who, _role(view, event, actor), said, _cut(more)))
    return Table("办理经过", ("序号", "时间", "办理人", "身份", "环节", "说明"), (7, 19, 15, 13, 19, 27), rows)


def _extensions(view: View, actor: Actor, events: _Events, reader: Reader) -> Table:
    rows = [
        (
            reader.read(When(event.at)), reader.read(who_did(view, event, actor)),
            reader.read(Text(action_label(event.action))), _cut(note) or NOTHING,
        )
        for event, note in events
        if event.action in _EXTENDING
    ]  # fmt: skip
    return Table("期限与延期", ("时间", "办理人", "环节", "理由"), (22, 18, 18, 42), rows)


def _signatures(view: View, actor: Actor, events: _Events, reader: Reader) -> Table:
    """Who answered for what, the last time it was done; what a deputy did is said to be so."""
    last = {event.action: event for event, _note in events if event.person_id is not None}
    rows = [
        (
            reader.read(Text(action_label(action))), reader.read(who_did(view, event, actor)),
            _role(view, event, actor), reader.read(When(event.at)),
        )
        for action in SIGNED
        if (event := last.get(action))
    ]  # fmt: skip
    return Table("签名", ("环节", "姓名", "身份", "时间"), (28, 24, 22, 26), rows)


def _role(view: View, event: HazardEvent, actor: Actor) -> str:
    """In what quality somebody acted; kept back with the name, because it may tell who it was."""
    if event.person_id is None or (event.person_id in view.unnamed and not may_name(view, event.person_id, actor)):
        return NOTHING
    return _ROLES.get(event.role, NOTHING)


def _photo(picture: Picture, reader: Reader) -> Photo:
    return Photo(picture.sha, tuple(reader.read(line) for line in picture.mark))


def _pairs(picture: Picture, reader: Reader) -> Iterable[Beside]:
    head = tuple(reader.read(line) for line in picture.mark)
    for pair in picture.pairs:
        left, right = (Photo(half.sha, tuple(reader.read(line) for line in half.says)) for half in pair)
        yield Beside(head, left, right)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…（其余{len(text) - LONGEST}字从略）"
