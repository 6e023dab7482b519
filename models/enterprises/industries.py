"""The trades of a county and the department behind each; data, editable by the county."""

from __future__ import annotations

import re
import unicodedata

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.enterprises.tables import Industry
from models.upsert import insert_new

# Source: domain.md, section 1, in its order. The departments are the usual ones of a county government;
# where a county divides the work otherwise it edits the rows.
_SEED = (
    ("hazchem", "危险化学品", "应急管理局"),
    ("fireworks", "烟花爆竹", "应急管理局"),
    ("mining", "矿山", "应急管理局"),
    ("manufacturing", "工贸", "应急管理局"),
    ("construction", "建筑施工", "住房和城乡建设局"),
    ("transport", "道路运输", "交通运输局"),
    ("fire", "消防（九小场所）", "消防救援大队"),
    ("gas", "燃气", "住房和城乡建设局"),
    ("equipment", "特种设备", "市场监督管理局"),
    ("tourism", "旅游", "文化和旅游局"),
    ("school", "学校", "教育体育局"),
    ("care", "医院养老", "卫生健康委员会"),
    ("farming", "农机渔业", "农业农村局"),
    ("water", "水利防汛", "水利局"),
    ("geology", "地质灾害", "自然资源和规划局"),
    ("forest", "森林防火", "林业局"),
    ("other", "其他", "安全生产委员会办公室"),
)
INDUSTRY_SEED = tuple(
    {"code": code, "name": name, "department": department, "position": position}
    for position, (code, name, department) in enumerate(_SEED, start=1)
)


def do_seed_industries(session: Session) -> None:
    """Add the trades that are not there yet; what the county has edited stays."""
    present = set(session.scalars(select(Industry.name)))
    missing = [row for row in INDUSTRY_SEED if row["name"] not in present]
    insert_new(session, Industry, missing, key=("code",))


def list_industries(session: Session) -> list[Industry]:
    """All trades in the county's order."""
    return list(session.scalars(select(Industry).order_by(Industry.position, Industry.code)))


def known_industries(session: Session) -> dict[str, str]:
    """Map the code, the name and the short name of each trade to its code.

    A database without trades answers with those that `do_seed_industries` would add.
    """
    rows = [(item.code, item.name) for item in list_industries(session)]
    rows = rows or [(str(row["code"]), str(row["name"])) for row in INDUSTRY_SEED]
    known = {industry_key(name): code for code, name in rows}
    for code, name in rows:
        known.setdefault(industry_key(name).partition("(")[0], code)
        known.setdefault(industry_key(code), code)
    return known


def industry_key(text: str) -> str:
    """Bring a trade's name into the form under which `known_industries` lists it: half-width, without blanks."""
    plain = unicodedata.normalize("NFKC", text)
    return re.sub(r"\s", "", plain).removesuffix("行业").lower()
