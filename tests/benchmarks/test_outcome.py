"""Figures are told with as many digits as they are worth, and targets say on which side they have to be."""

import subprocess
import sys

import pytest

from benchmarks.outcome import Target, number, percentile, ratio, spread


@pytest.mark.parametrize(("value", "shown"), [(0.1234, "0.12"), (12.34, "12.3"), (1234.5, "1234")])
def test_number_has_three_digits(value, shown):
    assert number(value) == shown


def test_spread_shows_median_and_limits():
    assert spread([3.0, 1.0, 2.0]) == "2.00 (1.00–3.00)"


def test_ratio_compares_round_by_round():
    assert ratio([200, 20], [100, 10]) == 2.0


def test_percentile_of_few_is_one_of_them():
    assert percentile([3, 1, 2], 0.95) == 3


@pytest.mark.parametrize(("value", "at_least", "met"), [(2, True, True), (1.9, True, False), (1.9, False, True)])
def test_target_knows_its_side(value, at_least, met):
    target = Target("x", value, 2, at_least=at_least)
    assert target.is_met is met
    assert ("met" in str(target)) is met


def test_unknown_benchmark_is_wrong_usage():
    done = subprocess.run([sys.executable, "-m", "benchmarks", "speed"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "no such benchmark: speed" in done.stderr
