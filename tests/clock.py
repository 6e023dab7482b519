"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta


class Clock:
    """`clock()` and `clock.now` give the moment (aware, UTC); Monday 23 November 2026, 09:00 in the county."""

    def __init__(self, now=datetime(2026, 11, 23, 1, 0, tzinfo=UTC)):
        self.now = now

    def __call__(self):
        return self.now

    def advance(self, **span):
        """Move on by a span given as to `timedelta`: `clock.advance(minutes=5)`."""
        self.now += timedelta(**span)
        return self.now
