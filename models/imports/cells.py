"""What stands in one cell: codes, dates, coordinates, roles. Each reader refuses with one clear sentence."""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from datetime import date, timedelta

from models.errors import InvalidInput
from models.grids.tables import Level
from models.imports.offers import closest
from models.imports.workbooks import UNCOMPUTED
from models.people.phones import read_phone
from models.people.tables import Role
from models.texts import Text, _

# What people write into a cell that has nothing to say.
_NOTHING = frozenset({"", "-", "--", "—", "——", "/", "\\", "无", "暂无"})
_EXCEL_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"})
_SCIENTIFIC = re.compile(r"\d(\.\d+)?e\+?\d+", re.IGNORECASE)
# Division codes are digits, two per level at the top and three each for town and village (GB/T 2260, GB/T 10114);
# zones inside a village add "-01".
_CODE = re.compile(r"(\d{2}|\d{4}|\d{6}|\d{9}|\d{12}(-[0-9A-Za-z]{1,6}){0,3})")
_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:\s+\d{1,2}:\d{2}(:\d{2})?)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
# Not 2026.1: a spreadsheet makes it of January and of October alike.
_MONTH = re.compile(r"(\d{4})\s*[-/年]\s*(\d{1,2})\s*月?")
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")
_UNLIMITED = frozenset({"长期", "长期有效", "至今", "无限期", "不限"})
_PHONE_DIGITS = 11
_EXCEL_EPOCH = date(1899, 12, 30)  # Source: ECMA-376, 18.17.4.1, the 1900 date system as used since March 1900.

# Source: GB 32100-2015, 4: 31 characters without I, O, S, V, Z; weights 3**(i-1) mod 31.
_CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"
# The five letters that are not used, and what they are taken for.
_MISREAD = str.maketrans("IOSVZ", "105U2")
_WEIGHTS = tuple(pow(3, i, 31) for i in range(17))

_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
_ALIGNED = re.compile(rf"(?<={_HAN.pattern})\s+(?={_HAN.pattern})")
_LONGEST_NAME = 64
_LONGEST_CODE = 32  # What the column holds.

_LEVELS = {
    Level.COUNTY: ("county", "县", "区", "县级", "区县", "市"),
    Level.TOWN: ("town", "乡镇", "镇", "乡", "街道", "开发区", "乡级", "乡镇级", "镇街"),
    Level.VILLAGE: ("village", "村", "社区", "村社区", "居委会", "村委会", "村级", "村(社区)"),
    Level.ZONE: ("zone", "责任区", "网格", "组", "村民组", "小区"),
}
_LEVEL_NAMES = {name: level for level, names in _LEVELS.items() for name in names}

# Source: domain.md, section 1, and the words county rosters use for the same posts.
_ROLES = {
    Role.OFFICER: ("网格员", "专职网格员", "兼职网格员"),
    Role.GRID_HEAD: ("网格长",),
    Role.DISPATCHER: ("调度员",),
    Role.INFORMANT: ("信息员", "灾害信息员"),
    Role.MANAGER: ("企业负责人", "安全管理员", "负责人", "企业安全管理员", "企业主要负责人"),
    Role.SUPERVISOR: ("行业部门监管员", "行业监管员", "监管员", "部门监管员"),
    Role.INSPECTOR: ("执法人员", "执法员"),
    Role.DUTY: ("值班员", "值班人员"),
    Role.LEADER: ("领导", "县领导", "分管领导"),
    Role.STOREKEEPER: ("物资保管员", "保管员", "保管人"),
    Role.RESCUER: ("救援队员", "队员"),
    Role.ADMIN: ("系统管理员", "管理员"),
}
_ROLE_NAMES = {name: role for role, names in _ROLES.items() for name in names} | {role.value: role for role in Role}


def is_blank(text: str) -> bool:
    """Tell whether a cell says nothing."""
    return unicodedata.normalize("NFKC", text) in _NOTHING


def check_computed(text: str) -> None:
    """Raises: InvalidInput: the cell holds the error of a formula instead of a value."""
    if text == UNCOMPUTED:
        raise InvalidInput(_("公式没有保存计算结果，请把这一格改成数值后重新保存。"))
    if text in _EXCEL_ERRORS:
        raise InvalidInput(_("单元格里是公式错误 {error}，请改成实际内容。", error=text))


def _plain(text: str) -> str:
    """Half-width, without blanks; for codes and numbers, never for names."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def read_words(text: str) -> tuple[str, ...]:
    """Split a cell that lists several words, joined by 、 , ; / or a blank; repeats count once."""
    plain = unicodedata.normalize("NFKC", text)  # full-width commas and the like become plain ones
    return tuple(dict.fromkeys(word for word in re.split(r"[、,;/\s]+", plain) if word))


def _check_not_mangled(text: str) -> None:
    if _SCIENTIFIC.fullmatch(text):
        raise InvalidInput(_("号码被表格软件改成了科学计数，请把这一列设为文本后重新填写。"))


def read_code(text: str) -> str:
    """Read a grid code. The list's long form of a town or county (341823101000) is taken for the short one.

    Raises: InvalidInput: no division code.
    """
    code = _plain(text).replace("—", "-")
    _check_not_mangled(code)
    if re.fullmatch(r"\d{12}", code):
        code = re.sub(r"000000$|(?<=\d{9})000$", "", code)
    if not _CODE.fullmatch(code) or len(code) > _LONGEST_CODE:
        raise InvalidInput(_("应为行政区划代码：县6位、乡镇9位、村12位，责任区为村代码加「-01」。"))
    return code


def read_grid(text: str) -> str:
    """Read what names a grid: its code, or its name or path (茂林镇 溪口村) as it was written.

    Raises: InvalidInput: neither.
    """
    if _HAN.search(text):
        return " ".join(unicodedata.normalize("NFKC", text).split())
    return read_code(text)


def read_name(text: str) -> str:
    """Read a person's name, without the blanks that line it up with longer ones. Raises: InvalidInput: too long."""
    name = _ALIGNED.sub("", text)
    if len(name) > _LONGEST_NAME:
        raise InvalidInput(_("太长，最多{limit}个字。", limit=_LONGEST_NAME))
    return name


def read_level(text: str) -> Level:
    """Read the level of a grid. Raises: InvalidInput: no such level."""
    level = _LEVEL_NAMES.get(unicodedata.normalize("NFKC", text).strip().lower().replace("、", "/"))
    if level is None:
        raise InvalidInput(_("层级请填：县、乡镇、村或责任区。"))
    return level


def read_phone_cell(text: str) -> str:
    """Read a phone number. Raises: InvalidInput: no phone number."""
    plain = unicodedata.normalize("NFKC", text).strip().removesuffix(".0")
    _check_not_mangled(plain)
    numbers = [word for word in re.split(r"[、,;/\s]+", plain) if len(re.sub(r"\D", "", word)) >= _PHONE_DIGITS]
    if len(numbers) > 1 or len(re.sub(r"\D", "", plain)) >= 2 * _PHONE_DIGITS:
        raise InvalidInput(_("一格里有不止一个号码，请只留一个。"))
    return read_phone(plain)


def read_roles(text: str) -> tuple[Role, ...]:
    """Read one or several roles. Raises: InvalidInput: a word is no role."""
    words = read_words(text)
    unknown = [word for word in words if word.lower() not in _ROLE_NAMES]
    if unknown or not words:
        known = [name for names in _ROLES.values() for name in names]
        if near := closest(unknown[0], known) if unknown else []:
            raise InvalidInput(
                _("「{word}」不是系统里的角色，最接近的是：{near}。", word=unknown[0], near="、".join(near))
            )
        known = [names[0] for names in _ROLES.values()]
        raise InvalidInput(
            _("「{word}」不是系统里的角色。可填：{known}。", word="、".join(unknown), known="、".join(known))
        )
    return tuple(dict.fromkeys(_ROLE_NAMES[word.lower()] for word in words))


def read_start(text: str) -> date | None:
    """Read the first day of something; a mere month means its first day, 长期 no limit.

    Raises: InvalidInput: no day of the calendar.
    """
    return _limit(text, is_end=False)


def read_end(text: str) -> date | None:
    """Read the last day of something; a mere month means its last day, 长期 no limit.

    Raises: InvalidInput: no day of the calendar.
    """
    return _limit(text, is_end=True)


def _limit(text: str, *, is_end: bool) -> date | None:
    plain = unicodedata.normalize("NFKC", text).strip()
    if plain in _UNLIMITED:
        return None
    if (found := _MONTH.fullmatch(plain)) and 1 <= int(found[2]) <= 12:
        year, month = int(found[1]), int(found[2])
        plain = f"{year:04}-{month:02}-{monthrange(year, month)[1] if is_end else 1}"
    return read_date(plain)


def read_date(text: str) -> date:
    """Read a day: 2026-11-23, 2026/11/23, 2026.11.23, 2026年11月23日, 20261123 or the number Excel keeps for it.

    Raises: InvalidInput: no day of the calendar.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    try:
        day = _day(plain)
    except (ValueError, OverflowError):
        day = None
    if day is None or not 1950 <= day.year <= 2100:
        raise InvalidInput(_("日期请写成 2026-11-23 的样子。"))
    return day


def _day(text: str) -> date | None:
    if found := _DATE.fullmatch(text) or _COMPACT.fullmatch(text):
        year, month, day = (int(part) for part in found.groups()[:3])
        return date(year, month, day)
    if found := _SERIAL.fullmatch(text):
        return _EXCEL_EPOCH + timedelta(days=int(found[1]))
    return None


def read_lon(text: str) -> float:
    """Read a longitude in degrees. Raises: InvalidInput: not within China."""
    # Source: extreme points of China's territory, 73.5–135.1 E and 3.9–53.6 N, rounded outwards.
    return _degrees(text, 73, 136, _("经度应为73至136之间的小数，例如 118.412；请看是否与纬度填反。"))


def read_lat(text: str) -> float:
    """Read a latitude in degrees. Raises: InvalidInput: not within China."""
    return _degrees(text, 3, 54, _("纬度应为3至54之间的小数，例如 30.695；请看是否与经度填反。"))


def _degrees(text: str, least: float, most: float, refusal: Text) -> float:
    try:
        value = float(_plain(text).rstrip("°"))
    except ValueError:
        value = float("nan")
    if not least <= value <= most:
        raise InvalidInput(refusal)
    return value


def read_headcount(text: str) -> int:
    """Read a number of people. Raises: InvalidInput: no plausible number."""
    plain = _plain(text).removesuffix("人")
    if not re.fullmatch(r"\d{1,6}", plain):
        raise InvalidInput(_("职工人数请填整数。"))
    return int(plain)


def read_credit_code(text: str) -> str:
    """Read a 统一社会信用代码: 18 characters with a check character.

    Raises: InvalidInput: wrong length, wrong characters, or the check character does not fit.
    """
    code = _plain(text).upper().replace("-", "")
    _check_not_mangled(code)
    if len(code) != 18:
        raise InvalidInput(_("统一社会信用代码应为18位，这里有{count}位。", count=len(code)))
    if unfit := [character for character in code if character not in _CREDIT]:
        meant = code.translate(_MISREAD)
        if all(character in _CREDIT for character in meant) and credit_check(meant[:17]) == meant[17]:
            raise InvalidInput(_("代码里不会有字母 {letter}，是不是 {code}？", letter=unfit[0], code=meant))
        raise InvalidInput(_("统一社会信用代码只用数字和大写字母，不含 I、O、S、V、Z。"))
    if credit_check(code[:17]) != code[17]:
        raise InvalidInput(_("统一社会信用代码的校验位不对，请逐位核对。"))
    return code


def credit_check(first: str) -> str:
    """The check character for the first 17 characters. Source: GB 32100-2015, 4.3."""
    total = sum(_CREDIT.index(character) * weight for character, weight in zip(first, _WEIGHTS, strict=True))
    return _CREDIT[(31 - total % 31) % 31]
