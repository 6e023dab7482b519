"""The town of the hazards, and its people's papers."""

from tests.models.hazards.conftest import town  # noqa: F401 - a fixture
