"""docs/rules.md says of every rule what it means, in what unit, within which limits, and where its default is from."""

import re

import attrs
import pytest

from models.rules import Rules
from tools.rules_doc import PAGE, RULES, read_comments, read_sections, render, split_source

TEXT = RULES.read_text("utf-8")


def rows():
    """Every row of the page: its section, and its cells."""
    section = ""
    for line in PAGE.read_text("utf-8").splitlines():
        if line.startswith("## "):
            section = line[3:]
        if line.startswith("| `"):
            yield section, [cell.strip() for cell in line.strip("|").split("|")]


def test_page_is_up_to_date():
    assert PAGE.read_text("utf-8") == render(TEXT), "run: python -m tools.rules_doc"


def test_every_rule_has_a_row():
    wanted = [item.name for _name, kind, _values in read_sections(Rules, {}) for item in attrs.fields(kind)]
    tables = {name.rpartition(".")[2] for name, *_rest in read_sections(Rules, {})}
    keys = [name for name in wanted if name not in tables]
    assert sorted(cells[0].strip("`") for _section, cells in rows()) == sorted(keys)


@pytest.mark.parametrize(("section", "cells"), list(rows()), ids=str)
def test_rule_says_what_it_means_and_a_number_where_it_comes_from(section, cells):
    key, meaning, unit, _limits, default, source = cells
    assert meaning, f"{section} {key} has no comment in rules.toml"
    if unit and re.search(r"\d", default):
        assert source, f"{section} {key} names no source: (P), or the norm"


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("核实 (P)", ("核实", "P")),
        ("near (P); a category may have its own", ("near; a category may have its own", "P")),
        ("visits (国办发〔2024〕54号 keeps visits apart)", ("visits", "国办发〔2024〕54号 keeps visits apart")),
        ("a step (核实, 派遣) late so long (P)", ("a step (核实, 派遣) late so long", "P")),
        ("days off", ("days off", "")),
    ],
)
def test_source_is_told_from_the_meaning(comment, expected):
    assert split_source(comment) == expected


def test_comments_are_read_beside_and_above():
    found = read_comments('# above\n[[a.b]]\nkey = "x # y"  # said (P)\nlist = [  # begun\n  1,\n]\n')["a.b"]
    assert (found.about, found.comments) == (["above"], {"key": ["said (P)"], "list": ["begun"]})
