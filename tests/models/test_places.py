import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.content import Place
from models.places import lon_shrink, metres_between

places = st.builds(Place, st.floats(-89, 89), st.floats(-179, 179))


@pytest.mark.parametrize(
    ("one", "other", "metres"),
    [
        (Place(30.0, 118.0), Place(31.0, 118.0), 111_195),  # one degree of a meridian
        (Place(0.0, 0.0), Place(0.0, 90.0), 10_007_557),  # a quarter of the equator
        (Place(30.53, 118.21), Place(30.53, 118.22), 958),
        (Place(30.53, 118.21), Place(30.53, 118.21), 0),
    ],
)
def test_distance_is_right_within_a_metre(one, other, metres):
    assert metres_between(one, other) == pytest.approx(metres, abs=1)


@given(places, places)
def test_distance_is_the_same_both_ways(one, other):
    assert metres_between(one, other) == pytest.approx(metres_between(other, one))


def test_degrees_of_longitude_shrink_towards_the_pole():
    assert lon_shrink(0) == 1
    assert lon_shrink(60) == pytest.approx(0.5)
    assert lon_shrink(90) > 0
