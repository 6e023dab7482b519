"""What people saw of a killed bot is counted as it should be."""

import pytest

from benchmarks.kill import Damage, assess


@pytest.mark.parametrize(
    ("said", "damage"),
    [
        ([(1, "第0条"), (1, "第1条"), (2, "第0条")], Damage(0, 0, 0)),
        ([(1, "第0条"), (2, "第0条")], Damage(1, 0, 0)),
        ([(1, "第0条"), (1, "（重发）第0条"), (1, "第1条"), (2, "第0条")], Damage(0, 1, 0)),
        ([(1, "第1条"), (1, "第0条"), (2, "第0条"), (2, "请选择")], Damage(0, 0, 1)),
    ],
)
def test_damage_is_counted(said, damage):
    assert assess(said, 3) == damage
