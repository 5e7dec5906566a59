"""The document tree of a briefing: one tree, from which every format is written.

A briefing is a view of a verified run. Every :class:`Said` names the claim of the run it renders
(``claim``) and the evidence it rests on; the formats may lay these out, never add to them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, get_args

from causemap.words import instant

PartKey = Literal["happened", "why", "against", "changed", "watch", "method"]
Language = Literal["en", "zh"]

PARTS: Final[tuple[PartKey, ...]] = get_args(PartKey)
LENGTHS: Final[dict[str, int]] = {"flash": 120, "daily": 350, "deep": 900}
HEADLINE: Final = 60
PREHEADER: Final = 100


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence of a briefing; ``template`` is what it was filled from, ``sources`` numbers.

    Neighbours of one ``topic`` make a paragraph.
    """

    claim: str
    text: str
    template: str
    evidence: tuple[str, ...] = ()
    sources: tuple[int, ...] = ()
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A headed part; ``empty`` is said in its place when it holds no sentence."""

    key: PartKey
    title: str
    said: tuple[Said, ...]
    empty: str

    @property
    def texts(self) -> tuple[str, ...]:
        """What a reader is told under the heading."""
        return tuple(said.text for said in self.said) or (self.empty,)


@dataclass(frozen=True, slots=True)
class Source:
    """A numbered source: a data provider with its series, or a dated note with its address.

    Times are ISO; a data source is ``published`` when its latest value used became known, and
    ``retrieved`` is ``None`` where the run holds no record of when it was read. ``summary`` marks a
    title that is a summary of what stands at the address, not that page's own title; ``announced``
    one that was published as a whole and holds no series. ``series`` are the data series with which
    the title begins, each as it is shown and as the registry knows it (provider and symbol).
    """

    number: int
    title: str
    outlet: str
    published: str
    retrieved: str | None = None
    url: str | None = None
    summary: bool = False
    announced: bool = False
    series: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart as PNG at twice its size: takeaway, source line, text alternative, withheld series.

    ``withheld`` names the series whose provider gives no leave to republish values.
    """

    key: str
    title: str
    credit: str
    alt: str
    png: bytes
    withheld: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Correction:
    """A visible note on an earlier version: what was wrong, when it was found, in which claim."""

    at: str
    claim: str
    was: str
    now: str
    version: str


@dataclass(frozen=True, slots=True)
class Issue:
    """A whole briefing, ready to be laid out."""

    headline: str
    preheader: str
    headlines: tuple[str, ...]
    date: str
    as_of: str
    parts: tuple[Part, ...]
    sources: tuple[Source, ...]
    disclosures: tuple[str, ...]
    labels: tuple[tuple[str, str], ...]
    pictures: tuple[Picture, ...] = ()
    corrections: tuple[Correction, ...] = ()
    review: str = ""
    length: int = 350
    voice: str = "wire"
    language: Language = "en"
    run: str = ""
    byline: str = ""

    @property
    def said(self) -> Iterator[Said]:
        """Every sentence that renders a claim, in reading order."""
        return (said for part in self.parts for said in part.said)

    @property
    def words(self) -> int:
        """Words of the parts: what the length is counted in (characters count for Chinese)."""
        return sum(count(said.text) for said in self.said)

    def label(self, key: str) -> str:
        """A fixed word of the language (``sources``, ``charts`` ...)."""
        return dict(self.labels)[key]

    @property
    def withheld(self) -> tuple[str, ...]:
        """Series drawn in the charts that may not be republished, each once."""
        return tuple(dict.fromkeys(name for p in self.pictures for name in p.withheld))


def count(text: str) -> int:
    """Words of a text; a Chinese character counts as half a word (two make an average word)."""
    han = sum("\u4e00" <= c <= "\u9fff" for c in text)
    if not han:
        return len(text.split())
    spaced = "".join(" " if "\u4e00" <= c <= "\u9fff" else c for c in text)
    return round(han / 2) + sum(any(c.isalnum() for c in word) for word in spaced.split())


def said_time(iso: str, language: Language) -> str:
    """A time as the language writes it; a date alone stays a date."""
    if language == "en":
        return instant(iso)
    return f"{iso[:10]} {iso[11:16]} UTC" if len(iso) > 10 else iso
