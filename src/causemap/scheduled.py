"""The record of a date to come that was announced before."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A date after the as-of time that was announced before it; the announcement has an address."""

    what: str
    day: str
    published: str
    outlet: str
    url: str
