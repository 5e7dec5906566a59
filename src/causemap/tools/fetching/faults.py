"""What can go wrong on the way to a page; texts name the host, never a query or a key."""

from __future__ import annotations

from causemap.errors import SourceError


class FetchError(SourceError):
    """An address could not be read.

    ``transient`` says that asking again later may help; ``retry_after`` (seconds) is the server's
    own word on when; ``status`` is the HTTP status where there was an answer.
    """

    def __init__(
        self,
        where: str,
        why: str,
        *,
        status: int | None = None,
        transient: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{where}: {why}")
        self.why = why
        self.status = status
        self.transient = transient
        self.retry_after = retry_after


class Refused(FetchError):
    """The guard will not open this address, or not take this answer; never retried."""


class SchemaChanged(SourceError):
    """An answer was not of the documented shape: nothing of it is used, nothing is cached."""
