"""Frozen records of what language models contributed to a run; a dossier may hold one part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from causemap.closed_sets import Cause


@dataclass(frozen=True, slots=True)
class ModelCall:
    """One call to a language model as it was recorded; its texts lie in the record folder.

    ``prompt`` is ``name@hash`` of the prompt file, ``stage`` the place in the chain of calls
    (calls of one stage run side by side), ``model`` the name the server gave. ``outcome`` is
    ``ok`` or why nothing usable came back. Tokens are counted by the server, or estimated.
    """

    agent: str
    stage: int
    prompt: str
    model: str
    request_hash: str
    response_hash: str
    tokens_in: int
    tokens_out: int
    seconds: float
    cost_usd: float | None
    rung: str
    outcome: str = "ok"


@dataclass(frozen=True, slots=True)
class ModelSentence:
    """A sentence a model wrote: a template with slots and the evidence it cites."""

    section: str
    template: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a desk's agent read from its evidence table: a finding or a doubt, in slots."""

    agent: str
    kind: Literal["finding", "doubt"]
    template: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Objection:
    """A model's objection that cited items count for too much; bounded where it is applied."""

    agent: str
    evidence: tuple[str, ...]
    template: str = ""


@dataclass(frozen=True, slots=True)
class Alternative:
    """The strongest rival reading a sceptic named, and the item that would decide."""

    cause: Cause
    template: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Priced:
    """Where the price of the calls comes from: a cost is an estimate by a table of a date.

    ``listed`` is the table that ships, ``own`` one of the user's, ``local`` a server on the same
    machine (no charge); ``unknown`` is the gap: no price of the model is known, so neither is the
    cost, and the limits in money did not hold.
    """

    kind: Literal["listed", "own", "local", "unknown"]
    as_of: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class ModelPart:
    """All that language models contributed to a run; with it the run replays without a server.

    ``priced`` is ``None`` in runs made before the origin of prices was kept.
    """

    sentences: tuple[ModelSentence, ...] = ()
    findings: tuple[Finding, ...] = ()
    objections: tuple[Objection, ...] = ()
    alternative: Alternative | None = None
    calls: tuple[ModelCall, ...] = ()
    failures: tuple[str, ...] = ()
    language: str = "en"
    priced: Priced | None = None
