import contextlib
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InvalidInput
from models.grids.tables import Level
from models.imports import cells
from models.people.tables import Role

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # Source: GB 32100-2015, 4.


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (cells.read_code, "341823", "341823"),
        (cells.read_code, " 341823101201-01 ", "341823101201-01"),
        (cells.read_code, "\uff13\uff14\uff11\uff18\uff12\uff13", "341823"),  # full-width
        (cells.read_code, "341823000000", "341823"),  # the list's long form of a county
        (cells.read_code, "341823101000", "341823101"),  # and of a town
        (cells.read_code, "341823101001", "341823101001"),
        (cells.read_level, "县", Level.COUNTY),
        (cells.read_level, "开发区", Level.TOWN),
        (cells.read_level, "town", Level.TOWN),
        (cells.read_level, "社区", Level.VILLAGE),
        (cells.read_level, "责任区", Level.ZONE),
        (cells.read_phone_cell, "154-0000-0001", "15400000001"),
        (cells.read_words, "危险化学品、 矿山\uff0c燃气;燃气/旅游", ("危险化学品", "矿山", "燃气", "旅游")),
        (cells.read_lat, "30.695", 30.695),
        (cells.read_lon, "118.412°", 118.412),
        (cells.read_headcount, "120人", 120),
        (cells.read_credit_code, "91350100M000100Y43", "91350100M000100Y43"),  # the example of GB 32100
        (cells.read_credit_code, " 91350100m000100y43", "91350100M000100Y43"),
    ],
)
def test_cell_is_read(read, text, value):
    assert read(text) == value


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (cells.read_code, "茂林镇"),
        (cells.read_code, "3418231"),
        (cells.read_code, "341823101-01"),  # zones lie in villages
        (cells.read_code, "3.41823E+11"),
        (cells.read_level, "省"),
        (cells.read_phone_cell, "1.54E+10"),
        (cells.read_phone_cell, "12345"),
        (cells.read_lat, "118.4"),
        (cells.read_lon, "30.7"),
        (cells.read_lon, "118°25'"),
        (cells.read_lat, "nan"),
        (cells.read_headcount, "很多"),
        (cells.read_headcount, "-3"),
        (cells.read_credit_code, "9135010M000100Y43"),
        (cells.read_credit_code, "91350100M000100Y44"),  # check character
        (cells.read_credit_code, "91350100M000100O43"),  # O is not used
        (cells.read_credit_code, "9.1350100E+17"),
        (cells.check_computed, "#REF!"),
    ],
)
def test_unfit_cell_is_refused_with_a_sentence(read, text):
    with pytest.raises(InvalidInput) as refusal:
        read(text)
    assert refusal.value.text.msgid.endswith("。")


@pytest.mark.parametrize(
    ("words", "roles"),
    [
        ("网格员", (Role.OFFICER,)),
        ("网格员、信息员", (Role.OFFICER, Role.INFORMANT)),
        ("网格长\uff0c网格员,网格长", (Role.GRID_HEAD, Role.OFFICER)),
        ("企业负责人", (Role.MANAGER,)),
        ("安全管理员", (Role.MANAGER,)),
        ("行业部门监管员", (Role.SUPERVISOR,)),
        ("行业监管员", (Role.SUPERVISOR,)),
        ("执法人员 值班员 领导", (Role.INSPECTOR, Role.DUTY, Role.LEADER)),
        ("调度员/物资保管员/救援队员/系统管理员", (Role.DISPATCHER, Role.STOREKEEPER, Role.RESCUER, Role.ADMIN)),
        ("officer", (Role.OFFICER,)),
    ],
)
def test_roles_are_read_by_their_chinese_names(words, roles):
    assert cells.read_roles(words) == roles


def test_label_of_every_role_is_read_back():
    assert [cells.read_roles(role.label) for role in Role] == [(role,) for role in Role]
    assert [cells.read_level(level.label) for level in Level] == list(Level)


def test_unknown_role_is_named():
    with pytest.raises(InvalidInput) as refusal:
        cells.read_roles("网格员、村霸")
    assert refusal.value.text.args["word"] == "村霸"


@pytest.mark.parametrize(
    "text",
    ["2026-11-23", "2026/11/23", "2026.11.23", "2026年11月23日", "2026年 11月 23日", "20261123", "46349",
     "2026-11-23 00:00:00", "2026/11/23 8:30", "\uff12\uff10\uff12\uff16-11-23"],
)  # fmt: skip
def test_date_is_read_in_every_common_form(text):
    assert cells.read_date(text) == date(2026, 11, 23)


@pytest.mark.parametrize("text", ["2026-02-30", "2026-11", "11-23", "明天", "20261323", "1026-11-23", "99999", "00000"])
def test_impossible_date_is_refused(text):
    with pytest.raises(InvalidInput, match="日期"):
        cells.read_date(text)


@given(st.dates(date(1954, 10, 4), date(2099, 12, 31)))
def test_every_day_is_read_from_each_form(day):
    serial = str((day - date(1899, 12, 30)) // timedelta(days=1))
    forms = (f"{day}", f"{day:%Y/%m/%d}", f"{day:%Y%m%d}", f"{day.year}年{day.month}月{day.day}日", serial)
    assert {cells.read_date(form) for form in forms} == {day}


@pytest.mark.parametrize("text", ["", "-", "—", "/", "无", "暂无", "\uff0f", "\uff0d"])
def test_cell_that_says_nothing_is_blank(text):
    assert cells.is_blank(text)
    assert not cells.is_blank(f"{text}有")


@given(st.text(ALPHABET, min_size=17, max_size=17), st.integers(0, 16), st.sampled_from(ALPHABET))
def test_check_character_notices_any_single_slip(first, place, other):
    code = first + cells.credit_check(first)
    assert cells.read_credit_code(code) == code
    slipped = code[:place] + other + code[place + 1 :]
    if slipped != code:
        with pytest.raises(InvalidInput):
            cells.read_credit_code(slipped)


@given(st.text(max_size=24))
def test_any_text_is_read_or_refused_by_every_reader(text):
    for read in (cells.read_code, cells.read_level, cells.read_roles, cells.read_date, cells.read_lat,
                 cells.read_lon, cells.read_headcount, cells.read_credit_code, cells.read_phone_cell):  # fmt: skip
        with contextlib.suppress(InvalidInput):
            assert read(text) is not None
