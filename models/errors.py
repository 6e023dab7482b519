"""Everything that can go wrong on purpose: domain refusals and delivery failures.

Whoever raises a `DomainError` has changed nothing: the write unit rolls back, the person reads one sentence.
"""

from __future__ import annotations

from datetime import datetime

from models.texts import Text, When, _


class DomainError(Exception):
    """A refusal with one clear sentence for the person; `code` is stable for logs and tests."""

    code = "refused"

    def __init__(self, text: Text) -> None:
        super().__init__(text.msgid)
        self.text = text


class InvalidInput(DomainError):
    """What was sent does not fit the question; the sentence says what would fit."""

    code = "invalid-input"


class Forbidden(DomainError):
    """The person holds no role that may do this."""

    code = "forbidden"

    def __init__(self, text: Text | None = None) -> None:
        super().__init__(text or _("您的岗位没有这项权限。如有疑问，请联系管理员。"))


class NotFound(DomainError):
    """Does not exist, or is not this person's: on purpose one sentence for both."""

    code = "not-found"

    def __init__(self) -> None:
        super().__init__(_("没有找到，或者已经失效。发送「帮助」可以看看您能做什么。"))


class Stale(DomainError):
    """Somebody was faster: the thing has already moved on."""

    code = "stale"

    def __init__(self, *, now_in: Text, by: str = "", at: datetime | None = None) -> None:
        if by and at:
            text = _("{by}已于{at}处理，现在是「{state}」。", by=by, at=When(at), state=now_in)
        else:
            text = _("情况已有变化，现在是「{state}」。", state=now_in)
        super().__init__(text)
        self.now_in = now_in


class TooLate(DomainError):
    """The deadline for this has passed."""

    code = "too-late"

    def __init__(self, deadline: datetime) -> None:
        super().__init__(_("已过截止时间（{deadline}），不能再办理。", deadline=When(deadline)))


class StorageFailed(Exception):
    """The database did not take the change (disk full, connection lost); nothing was written."""


class Collided(StorageFailed):
    """Two transactions waited for each other and the database ended this one; trying again by itself helps."""


class DeliveryError(Exception):
    """A platform did not take a message.

    `sent` is None when it is uncertain whether the message arrived (the answer was lost on the way).
    """

    retryable = False
    sent: bool | None = False

    def __init__(self, code: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.retry_after_s = retry_after_s


class Throttled(DeliveryError):
    """The platform asks to wait `retry_after_s` seconds; does not count as a try."""

    retryable = True


class Unreachable(DeliveryError):
    """Surely not sent: no connection. Retried with back-off."""

    retryable = True


class Uncertain(DeliveryError):
    """The request left, the answer did not come: perhaps delivered."""

    retryable = True
    sent = None


class RecipientGone(DeliveryError):
    """Blocked, deactivated or unknown chat: this address is dead."""


class Rejected(DeliveryError):
    """The platform refuses this very message; sending it again would not help."""


class Unchangeable(DeliveryError):
    """A message cannot be changed where it stands (gone, too old, of another kind); nothing has been shown."""


class BadCredentials(DeliveryError):
    """The platform does not know us (wrong token): stop the platform, alarm elsewhere."""


class Moved(DeliveryError):
    """The chat lives under another address now (Telegram super-group migration)."""

    retryable = True

    def __init__(self, code: str, *, address: str) -> None:
        super().__init__(code)
        self.address = address


class Unfetchable(DeliveryError):
    """An attachment cannot be had (too big, expired, gone)."""
