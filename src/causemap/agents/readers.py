"""Readers: outside texts to typed records, by a model that has no tools.

Only a reader's prompt ever holds outside text. It is cleaned (hidden parts out), cut into lines,
and each line carries a mark that a stranger cannot foresee. What comes back is a closed record and
a quote; a quote that does not stand word for word in its source is dropped with its record, and so
is one that carries an address, markup or an order to a machine.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Final, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from causemap.agents.read_text import visible
from causemap.causes import NAMED
from causemap.closed_sets import Cause, ClaimVerdict
from causemap.llm.client import Ask, Client
from causemap.llm.prompting import render
from causemap.llm.slots import ASSET_NAMES
from causemap.records import Claim, Dossier, Evidence, Note, Scope

if TYPE_CHECKING:
    from causemap.articles import Article
    from causemap.llm.parsing import Unreadable

    Text = TypeVar("Text", Note, Article)

MOST: Final = 12
_NOTE_CHARS: Final = 600
_ARTICLE_CHARS: Final = 6_000
_NOTES_A_CALL: Final = 40
_ARTICLES: Final = 4
_SHORTEST, _LONGEST = 12, 200
_SENTENCE: Final = re.compile(r"(?<=[.!?。!?])\s+|\n+")
# Letters of two scripts in one word: look-alikes that hide what is said from every other check.
_LOOK_ALIKE: Final = re.compile(r"[A-Za-z][\u0370-\u04ff]|[\u0370-\u04ff][A-Za-z]")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_ORDER: Final = re.compile(
    (
        r"://|www\.|@|[<>{}\[\]`|\\]"
        r"|\b(?:ignore|disregard|forget|override)\b.*\b(?:instruction|prompt"
        r"|previous|above|rules?|all)"
        r"|\b(?:system|assistant|developer|user)\s*(?:prompt|message|:|note)"
        r"|\byou (?:are|must|should|will)\b"
        r"|\b(?:output|respond|reply|answer|print|repeat|write)\b.*\b(?:with"
        r"|only|exactly|the following)\b"
        r"|\b(?:disclaimer|system prompt|language model|chatbot|instructions?)\b"
        r"|\b(?:buy|sell|short) (?:now|the|immediately|everything|all)\b|guaranteed|忽略"
        r"|无视|指令|提示词|系统(?:提示|消息)|请(?:输出|回答|点击|访问)"
        r"|你(?:是|必须|应该)|买入|卖出|抄底"
    ),
    re.IGNORECASE,
)


class ReadClaim(BaseModel):
    """One record as a reader returns it."""

    model_config = ConfigDict(extra="forbid")
    source: str
    kind: Literal["cause", "move", "event", "figure"]
    cause: Cause | Literal["none"]
    asset: str
    direction: Literal["down", "up", "flat", "none"]
    day: str
    quote: str


class Read(BaseModel):
    """A reader's answer."""

    model_config = ConfigDict(extra="forbid")
    claims: list[ReadClaim]


@dataclass(frozen=True, slots=True)
class Source:
    """An outside text as readers see it: number, who published it when, cleaned lines."""

    key: str
    publisher: str
    published: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """All lines, for the check of quotes."""
        return " ".join(self.lines)


def batches(
    notes: Sequence[Note], articles: Sequence[Article], scope: Scope
) -> tuple[tuple[Source, ...], ...]:
    """What goes to one reader each: the notes together, every article on its own.

    Of more than can be read those of the days nearest to the window's end are, in their order. An
    article that became available after the as-of is not read.
    """
    from causemap.tools.library.moments import available_from

    last = datetime.fromisoformat(scope.as_of)
    told = tuple(
        _source(f"n{n}", note.publisher, note.published, note.text, _NOTE_CHARS)
        for n, note in enumerate(_nearest(notes, scope.end, _NOTES_A_CALL), 1)
    )
    known = [article for article in articles if available_from(article) <= last]
    read = [
        (_source(f"a{n}", a.publisher, a.published, f"{a.title}.\n{a.text}", _ARTICLE_CHARS),)
        for n, a in enumerate(_nearest(known, scope.end, _ARTICLES), 1)
    ]
    return tuple(batch for batch in (told, *read) if batch)


def _nearest(texts: Sequence[Text], end: str, most: int) -> list[Text]:
    """The texts published nearest to a day, in the order given; of equals the earlier in it."""
    day = date.fromisoformat(end)

    def apart(place: int) -> int:
        return abs((date.fromisoformat(texts[place].published[:10]) - day).days)

    return [texts[place] for place in sorted(sorted(range(len(texts)), key=apart)[:most])]


def _source(key: str, publisher: str, published: str, text: str, limit: int) -> Source:
    lines = tuple(" ".join(part.split()) for part in _SENTENCE.split(visible(text, limit)))
    return Source(key, visible(publisher, 80), published, tuple(line for line in lines if line))


def mark(salt: str, sources: Iterable[Source]) -> str:
    """A mark for the lines: the same for the same texts and folder, not to be foreseen outside."""
    told = "\n".join([salt, *(source.text for source in sources)])
    return f"~{hashlib.sha256(told.encode()).hexdigest()[:10]}~"


def marked(sources: Sequence[Source], marker: str) -> list[str]:
    """The lines of the sources, each behind the mark and its number."""
    return [
        f"{marker} {source.key}.{n}| {line.replace(marker, '')}"
        for source in sources
        for n, line in enumerate(source.lines, 1)
    ]


async def ask_reader(
    client: Client, number: int, sources: tuple[Source, ...], after: Unreadable | None = None
) -> Read:
    """One reader's answer to its sources; ``after`` is what was wrong with the one before."""
    marker = mark(client.records.salt(), sources)
    prompt = render(
        "reader",
        marker=marker,
        most=MOST,
        causes=", ".join(NAMED),
        assets=", ".join(ASSET_NAMES),
        lines=marked(sources, marker),
    )
    answer = await client.ask(Ask(f"reader.{number}", 1, prompt, Read, 1_500), after)
    return answer.form or Read(claims=[])


def claims_of(read_: Read, sources: Sequence[Source], dossier: Dossier) -> tuple[Claim, ...]:
    """The records that hold: quoted word for word, fit to show, tested against the tape."""
    held = {source.key: source for source in sources}
    kept: dict[str, Claim] = {}
    for record in read_.claims[:MOST]:
        source = held.get(record.source.partition(".")[0])
        quote = " ".join(record.quote.split())
        if source is None or not _quotable(quote, source.text):
            continue
        verdict, evidence = _tested(record, source, dossier)
        said = f"{_publisher(source.publisher)}, {source.published[:10]}"
        kept.setdefault(quote, Claim(quote, said, verdict, evidence))
    return tuple(kept.values())


def _publisher(name: str) -> str:
    """Who is quoted; a name that is an address or an order is none."""
    strange = not name or _ORDER.search(name) or _LOOK_ALIKE.search(name)
    return "unnamed source" if strange else name


def _quotable(quote: str, text: str) -> bool:
    fits = _SHORTEST <= len(quote) <= _LONGEST
    return fits and quote in text and not (_ORDER.search(quote) or _LOOK_ALIKE.search(quote))


def _tested(
    record: ReadClaim, source: Source, dossier: Dossier
) -> tuple[ClaimVerdict, tuple[str, ...]]:
    """A move against the measured one; a cause told after the window is too late to be one."""
    if record.kind == "cause" and source.published[:10] > dossier.scope.end:
        return "too_late", ()
    if record.kind != "move" or record.direction not in ("down", "up"):
        return "not_checkable", ()
    item = _move_of(record.asset, dossier.evidence)
    if item is None or not item.value or _another_time(record.day, item):
        return "not_checkable", ()
    agrees = (item.value < 0) == (record.direction == "down")
    return ("supported" if agrees else "contradicted"), (item.id,)


def _move_of(asset: str, evidence: Iterable[Evidence]) -> Evidence | None:
    return next((i for i in evidence if i.asset == asset and i.metric == "change"), None)


def _another_time(day: str, item: Evidence) -> bool:
    """Whether the statement is about one day: the window's change cannot bear on that."""
    return _DAY.fullmatch(day) is not None and item.start != item.end
