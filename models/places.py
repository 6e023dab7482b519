"""Distances on the ground."""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt

from models.content import Place

EARTH_RADIUS_M = 6_371_008.8  # Source: mean radius R1 of GRS 80 (Moritz, Geodetic Reference System 1980).


def metres_between(one: Place, other: Place) -> float:
    """Great-circle distance in metres (haversine on a sphere, error below 0.6 %)."""
    lat_a, lat_b = radians(one.lat), radians(other.lat)
    across = sin((lat_b - lat_a) / 2) ** 2
    along = sin(radians(other.lon - one.lon) / 2) ** 2
    return 2 * EARTH_RADIUS_M * asin(sqrt(min(1.0, across + cos(lat_a) * cos(lat_b) * along)))


def lon_shrink(lat: float) -> float:
    """How much shorter a degree of longitude is than a degree of latitude at this latitude."""
    return max(cos(radians(lat)), 0.01)
