"""The cast at their phones, all of them joined, as in the stories about hazards."""

from tests.handlers.hazards.conftest import county  # noqa: F401 - a fixture is found by its name
