"""One thing that a briefing can say of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from causemap.briefing.tree import PartKey


@dataclass(frozen=True, slots=True)
class Point:
    """A claim of the run: ``kind`` names its phrase, ``fields`` fill it, ``weight`` ranks it.

    ``fuller`` is how much more it weighs in each longer form (see :mod:`causemap.briefing.fit`);
    neighbours of one ``topic`` make a paragraph. ``told_by`` says this too.
    """

    id: str
    part: PartKey
    kind: str
    weight: float
    fields: Mapping[str, str]
    evidence: tuple[str, ...] = ()
    required: bool = False
    fuller: float = 0.5
    topic: str = ""
    told_by: str = ""
