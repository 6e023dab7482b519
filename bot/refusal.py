"""How a command says no."""

from __future__ import annotations


class Refused(Exception):
    """A command cannot be carried out; the message is one English sentence for stderr."""
