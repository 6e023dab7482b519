"""The rules file: the one that ships is sound, and a wrong one is refused with every place named."""

import tomllib
from pathlib import Path

import attrs
import pytest

from models.rules import WrongRules, read_rules

RULES = Path(__file__).parents[2] / "rules.toml"


@pytest.fixture
def altered(tmp_path):
    """Write the shipped rules with some text replaced; give the file."""

    def alter(*changes):
        text = RULES.read_text("utf-8")
        for old, new in changes:
            assert old in text
            text = text.replace(old, new, 1)
        path = tmp_path / "rules.toml"
        path.write_text(text, "utf-8")
        return path

    return alter


def refused(path):
    with pytest.raises(WrongRules) as caught:
        read_rules(path)
    return caught.value.problems


@pytest.mark.parametrize("code", ["999", "34182x", "3418231", ""])
def test_county_that_is_no_code_is_refused(altered, code):
    assert "county" in refused(altered(('county = "341823"', f'county = "{code}"')))[0]


def test_shipped_rules_are_sound():
    rules = read_rules(RULES)
    assert rules.county == "341823"
    assert [level.code for level in rules.hazards.levels if level.is_major] == ["major"]


def test_codes_occur_once():
    rules = read_rules(RULES)
    for rows in (rules.hazards.levels, rules.hazards.categories, rules.hazards.measures):
        codes = [row.code for row in rows]
        assert len(codes) == len(set(codes))


def test_words_lead_to_one_category():
    seen = {}
    for category in read_rules(RULES).hazards.categories:
        for word in category.words:
            seen.setdefault(word, []).append(category.code)
    assert {word: codes for word, codes in seen.items() if len(codes) > 1} == {}


def test_every_number_names_its_source_or_is_ours():
    """A number is followed by its source, or by (P): chosen for this product."""
    bare = [
        line
        for line in RULES.read_text("utf-8").splitlines()
        if "=" in line and any(sign.isdigit() for sign in line.partition("#")[0].partition("=")[2]) and "#" not in line
    ]
    assert bare == []


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (("code_days = 7", "code_days = 0"), "joining.code_days"),
        (("code_days = 7", "code_days = 400"), "joining.code_days"),
        (("code_days = 7", 'code_days = "soon"'), "joining.code_days"),
        (("wrong_codes = 5", "wrong_code = 5"), "joining.wrong_code"),
        (('visit_word = "巡查"', 'visit_word = "检查"'), "visit_word"),
        (("near_m = 250", "near_m = 5"), "hazards.near_m"),
        (("deadline_days = [7, 0, 3, 15, 30]", "deadline_days = []"), "hazards.levels.0.deadline_days"),
        (("is_major = true", 'is_major = "maybe"'), "hazards.levels.1.is_major"),
        (("code_days = 7", 'code_days = "7"'), "joining.code_days: has to be a whole number"),
        (("code_days = 7", "code_days = 7.0"), "joining.code_days: has to be a whole number"),
        (("code_days = 7", "code_days = true"), "joining.code_days: has to be a whole number"),
        (("code_days = 7", ""), "joining.code_days: is missing"),
        (('words = ["一般"', 'words = ["", "一般"'), "hazards.levels.0.words: may not hold an empty text"),
        (("near_m = 250", "near_m = 5"), "hazards.near_m: has to be from 10 to 5000"),
        (("deadline_days = [7, 0, 3, 15, 30]", "deadline_days = [7, true]"), "hazards.levels.0.deadline_days.1"),
        (
            ("deadline_days = [7, 0, 3, 15, 30]", "deadline_days = 7"),
            "hazards.levels.0.deadline_days: has to be a list",
        ),
        (('words = ["一般", "轻微"]', 'words = "一般"'), "hazards.levels.0.words: has to be a list"),
        (('words = ["一般", "轻微"]', 'words = ["一般", 1]'), "hazards.levels.0.words.1: has to be a text"),
        (("[joining]", "[[joining]]"), "joining: has to be a table"),
        (('visit_word = "巡查"', 'visit_word = "检查"'), "visit_word: has to be '巡查' or '走访'"),
        (('visit_word = "巡查"', "visit_word = 1"), "visit_word: has to be '巡查' or '走访'"),
        (("is_major = true", "is_major = 1"), "hazards.levels.1.is_major: has to be true or false"),
        (('county = "341823"', 'county = "３４１８２３"'), "county: "),
        (('county = "341823"', 'county = "341823\\n"'), "county: "),
        (('industry = "fire"', "alike_m = 9"), "hazards.categories.0.alike_m: has to be from 10 to 5000"),
        (('industry = "fire"', 'alike_m = "90"'), "hazards.categories.0.alike_m: has to be a whole number"),
        (("holidays = []", 'holidays = ["2027-2-6"]'), "calendar.holidays.0: has to be a day like 2027-02-06"),
        (("holidays = []", 'holidays = ["2027-02-30"]'), "calendar.holidays.0: is no day of the calendar"),
        (("holidays = []", "holidays = [2027-02-06T08:00:00]"), "calendar.holidays.0: has to be a day"),
        (("workdays = []", "workdays = [20270206]"), "calendar.workdays.0: has to be a day"),
        (("starts_hour = 22", "starts_hour = 24"), "quiet.starts_hour: has to be from 0 to 23"),
        (("hour = 8 ", "hour = 6 "), "reminders.hour: lies in the quiet hours"),
        (("before_days = [3, 1, 0]", "before_days = [3, -1]"), "reminders.before_days: -1 is not from 0 to 365"),
        (("leader_days = 7", "leader_days = 2"), "reminders.leader_days: overdue has to come"),
    ],
)
def test_wrong_rule_is_refused_with_its_place(altered, change, place):
    assert any(place in problem for problem in refused(altered(change)))


def test_county_days_are_read_in_both_ways(altered):
    rules = read_rules(altered(("holidays = []", 'holidays = ["2027-02-06", 2027-02-08]')))
    assert [day.isoformat() for day in rules.calendar.holidays] == ["2027-02-06", "2027-02-08"]


def test_day_cannot_be_off_and_worked(altered):
    path = altered(("holidays = []", "holidays = [2027-02-06]"), ("workdays = []", "workdays = [2027-02-06]"))
    assert "calendar: 2027-02-06 is both a holiday and a working day" in refused(path)[0]


def test_wrong_rule_is_told_once(altered):
    """In one table and across tables, in the order of the fields, and never twice."""
    path = altered(
        ("code_days = 7", "code_day = 0"), ("wrong_codes = 5", "wrong_codes = 0"), ("[7, 0, 3, 15, 30]", '["7", true]'),
        ('visit_word = "巡查"', 'visit_word = "检查"'), ("is_major = true", "is_major = 1"),
        ("near_m = 250", "near_m = 5"),
    )  # fmt: skip
    assert [problem.removeprefix(f"{path}: ").partition(":")[0] for problem in refused(path)] == [
        "visit_word", "joining.code_days", "joining.wrong_codes", "joining.code_day", "hazards.near_m",
        "hazards.levels.0.deadline_days.0", "hazards.levels.0.deadline_days.1", "hazards.levels.1.is_major",
    ]  # fmt: skip


def test_everything_wrong_is_listed(altered):
    path = altered(("code_days = 7", "code_days = 0"), ("near_m = 250", "near_m = 5"), ("lock_minutes = 60", ""))
    problems = refused(path)
    assert len(problems) == 3
    assert all(str(path) in problem for problem in problems)


def test_file_that_is_no_toml_is_refused(tmp_path):
    (tmp_path / "rules.toml").write_text("county = ", "utf-8")
    assert "not TOML" in refused(tmp_path / "rules.toml")[0]


def test_missing_file_is_refused(tmp_path):
    assert "cannot be read" in refused(tmp_path / "nowhere.toml")[0]


def test_file_in_another_encoding_is_refused(tmp_path):
    (tmp_path / "rules.toml").write_bytes('county = "泾县"'.encode("gbk"))
    assert "cannot be read" in refused(tmp_path / "rules.toml")[0]


def test_rules_cannot_be_changed_on_the_way():
    rules = read_rules(RULES)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        rules.joining.code_days = 30
    assert tomllib.loads(RULES.read_text("utf-8"))["joining"]["code_days"] == rules.joining.code_days
