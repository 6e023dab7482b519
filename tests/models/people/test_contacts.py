"""Phones are whole within the own chain and masked for everybody else."""

import pytest

from models.access import Actor, Area
from models.people.contacts import is_in_chain, mask_phone, names_of
from models.people.tables import Role
from tests import factories


@pytest.mark.parametrize(
    ("phone", "masked"),
    [("19900000001", "199****0001"), ("05631234567", "056****4567"), ("1234567", "*******"), ("", "")],
)
def test_phone_is_masked_in_the_middle(phone, masked):
    assert mask_phone(phone) == masked


def somebody(role, grid_code):
    return Actor(1, "林", "", "zh", (Area(role, grid_code),))


@pytest.mark.parametrize(
    ("one", "other", "known"),
    [
        ("341823101201", "341823101", True),
        ("341823101", "341823101201", True),
        ("341823101201", "341823101201", True),
        ("341823101201", "341823101202", False),
        ("341823101201-1", "341823101201-10", False),
        ("341823101", "341823102", False),
    ],
)
def test_chain_runs_up_and_down_and_never_sideways(one, other, known):
    assert is_in_chain(somebody(Role.OFFICER, one), somebody(Role.MANAGER, other)) is known


def test_whoever_left_is_in_no_chain():
    assert not is_in_chain(somebody(Role.OFFICER, "341823"), None)


async def test_names_come_in_the_order_asked_for(store, clock):
    ids = await store.write(lambda session: factories.cast(session, clock()))
    wanted = [ids["wu"], ids["lin"], ids["wu"], 10**6]
    assert await store.read(lambda session: names_of(session, wanted)) == {ids["wu"]: "吴志强", ids["lin"]: "林晓梅"}
    assert await store.read(lambda session: names_of(session, [])) == {}
