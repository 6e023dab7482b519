"""Making the papers of a case that somebody asked for: read, drawn in the darkroom, kept, handed over."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from models.access import load_actor
from models.errors import NotFound, StorageFailed
from models.papers.content import Dossier, list_shas, with_paths
from models.papers.dossier import read_dossier
from models.papers.jobs import do_fail, do_refuse, do_send, find_due
from models.papers.tables import Paper
from models.session import Session

if TYPE_CHECKING:
    from scheduler.jobs import Services

log = logging.getLogger(__name__)


async def make_papers(services: Services) -> None:
    """Make what is waited for, one after the other: photos of people who report now come between."""
    while await _try_one(services):
        pass


async def _try_one(services: Services) -> bool:
    now = services.clock()
    paper = await services.store.read(lambda session: find_due(session, now=now))
    if paper is None:
        return False
    try:
        await _make(services, paper)
    except StorageFailed:
        raise  # neither the paper nor a note of its failure can be written now
    except NotFound:
        await services.store.write(lambda session: do_refuse(session, paper, now=services.clock()))
    except Exception:
        # Whatever it is, the others who wait must not wait behind it for ever.
        log.exception("the papers of a case cannot be made", extra={"reference": f"C{paper.id}"})
        await services.store.write(lambda session: do_fail(session, paper, now=services.clock()))
    return True


async def _make(services: Services, paper: Paper) -> None:
    """Raises: NotFound: the case is no longer this person's to see. InvalidInput, RuntimeError: see `draw_case`."""
    now, media = services.clock(), services.media

    def read(session: Session) -> Dossier:
        actor = load_actor(session, paper.person_id, now=now)
        if actor is None:
            raise NotFound
        return read_dossier(session, actor, paper.hazard_id, rules=services.rules, reader=media.reader, now=now)

    case = await services.store.read(read)
    data, pages = await media.draw_case(with_paths(case, _paths(services, case)))
    kept = await media.keep_file(data, name="case.pdf")
    await services.store.write(
        lambda session: do_send(session, paper, case.number, kept, pages=pages, now=services.clock())
    )


def _paths(services: Services, case: Dossier) -> dict[str, str]:
    """Where the copies of its photos lie; one that is not there is said to be missing."""
    paths = {}
    for sha in list_shas(case):
        try:
            paths[sha] = str(services.media.path(sha))
        except NotFound:
            log.warning("a photo of a case is not in the store", extra={"reference": sha[:12]})
    return paths
