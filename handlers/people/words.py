"""What bound people say without a command: a code, 邀请 张三, 解绑 张三, 代班 张三, 请假 3天.

Listed before every other module, so that no search of the ledger takes these words for a name.
"""

from __future__ import annotations

import re

from handlers.people.deputy import start_deputy
from handlers.people.invite import INVITERS, show_candidates
from handlers.people.join import own_or_other
from handlers.people.leave import take_leave
from handlers.people.unbind import ADMINS, show_leavers
from handlers.registry import Answer, Registry, Request
from models.content import say
from models.people.codes import read_code
from models.people.invites import find_invite
from models.texts import _

_INVITE = re.compile(r"邀请[\s：:]*(\S.*)")
_DEPUTY = re.compile(r"(?:请人)?代班[\s：:]*(\S.*)")
_UNBIND = re.compile(r"(?:离岗)?解绑[\s：:]*(\S.*)")


def register(registry: Registry) -> None:
    """Add the fallbacks of this module."""
    registry.fallback(take_contact)
    registry.fallback(take_code)
    registry.fallback(take_invite)
    registry.fallback(take_unbind)
    registry.fallback(take_deputy)
    registry.fallback(take_leave)


def take_contact(request: Request) -> Answer:
    """Tell who shares the phone number once more that this is not needed."""
    if request.incoming.contact is None or request.incoming.text:
        return None
    return say(_("您已经加入，不用再分享手机号。"))


def take_code(request: Request) -> Answer:
    """Take an invite's code or link; sixteen characters that are no invite may mean something else."""
    code = read_code(request.incoming.text)
    if code is None or find_invite(request.session, code) is None:
        return None
    return own_or_other(request, code)


def take_invite(request: Request) -> Answer:
    """Understand 邀请 张三."""
    found = _INVITE.fullmatch(request.incoming.text.strip())
    return show_candidates(request, found[1]) if found and request.person.has(INVITERS) else None


def take_unbind(request: Request) -> Answer:
    """Understand 解绑 张三."""
    found = _UNBIND.fullmatch(request.incoming.text.strip())
    return show_leavers(request, found[1]) if found and request.person.has(ADMINS) else None


def take_deputy(request: Request) -> Answer:
    """Understand 代班 张三."""
    found = _DEPUTY.fullmatch(request.incoming.text.strip())
    return start_deputy(request, found[1].strip()) if found else None
