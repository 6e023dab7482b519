"""The conversations. `MODULES` is the whole list, in the order of the menu; nothing is found by import."""

from __future__ import annotations

from handlers import audit, todo
from handlers import help as help_
from handlers.hazards import card, dismiss, late_photos, report
from handlers.imports import tables, templates
from handlers.ledgers import ledger
from handlers.people import deputy, invite, join, leave, me, unbind, words
from handlers.registry import Registry
from handlers.vocabulary import nicknames

MODULES = (
    words, join,  # before everything that searches
    report, late_photos, todo, ledger, card, dismiss, me, deputy, leave, invite, unbind, tables, templates, audit,
    nicknames, help_,
)  # fmt: skip


def build_registry() -> Registry:
    """Make the registry of all commands, buttons and dialogs."""
    registry = Registry()
    for module in MODULES:
        module.register(registry)
    return registry
