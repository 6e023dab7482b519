"""Every table of the product: whoever needs the whole schema (migrations, backups) imports it from here."""

from __future__ import annotations

from models import audit, drafts, facts, inbox, media, outbox
from models.base import Base
from models.enterprises import tables as enterprises
from models.grids import tables as grids
from models.hazards import outcomes as public
from models.hazards import tables as hazards
from models.imports import tables as imports
from models.ledgers import tables as ledgers
from models.papers import tables as papers
from models.people import tables as people
from models.vocabulary import tables as vocabulary
from models.webchat import tables as webchat

METADATA = Base.metadata
TABLE_MODULES = (
    audit,
    drafts,
    enterprises,
    facts,
    grids,
    hazards,
    imports,
    inbox,
    ledgers,
    media,
    outbox,
    papers,
    people,
    public,
    vocabulary,
    webchat,
)
