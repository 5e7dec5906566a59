"""The numbered sources of an issue: data providers with their series, and dated notes.

Every number in the text resolves to one of them, and none stands in the list unused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from causemap.briefing.news import outlet_of
from causemap.briefing.tree import Language, PartKey, Said, Source
from causemap.briefing.voice import book_of
from causemap.llm.slots import cited
from causemap.records import Evidence, Note, Report, Scheduled
from causemap.words import clean, safe_url

Cited = Callable[[Said], tuple[int, ...]]

_NOTE: Final = "note:"
_AHEAD: Final = "ahead:"
# Scheduled dates come from a calendar that no evidence item stands for; its days are public.
_UNCITED: Final = ("calendar",)
_PROVIDERS: Final = {
    "Yahoo": "Yahoo Finance",
    "FRED": "Federal Reserve Bank of St. Louis (FRED)",
    "ICE": "ICE",
    "Cboe": "Cboe",
    "LBMA": "LBMA",
    "Binance": "Binance",
    "DefiLlama": "DefiLlama",
    "on": "On-chain records",
}
_SERIES: Final = 6


class Numbered(NamedTuple):
    """The list of sources, and which of them a sentence cites."""

    sources: tuple[Source, ...]
    numbers: Cited


def number_sources(
    report: Report, chosen: Sequence[tuple[PartKey, Said]], language: Language = "en"
) -> Numbered:
    """Number the sources in the order in which the text first uses them."""
    evidence = {item.id: item for item in report.evidence}
    notes = {note.id: note for note in report.notes}
    ahead = {f"{_AHEAD}{place}": one for place, one in enumerate(report.ahead)}
    used = {said.claim: _keys(said, evidence) for _, said in chosen}
    keys: dict[str, list[str]] = {key: [] for found in used.values() for key in found}
    latest: dict[str, str] = {}
    for _, said in chosen:
        for item, provider, symbol in _shown(said, evidence):
            if symbol not in keys[provider]:
                keys[provider].append(symbol)
            latest[provider] = max(latest.get(provider, ""), item.available_at)
    places = {key: n for n, key in enumerate(keys, 1)}
    words: Mapping[str, str] = book_of(language).get("sources", {})
    sources = tuple(
        _note_source(n, notes[key.removeprefix(_NOTE)], report)
        if key.startswith(_NOTE)
        else _schedule(n, ahead[key], report, words)
        if key in ahead
        else _data_source(n, key, keys[key], latest[key], words)
        for key, n in places.items()
    )
    return Numbered(sources, lambda said: tuple(places[key] for key in used.get(said.claim, ())))


def _keys(said: Said, evidence: Mapping[str, Evidence]) -> tuple[str, ...]:
    if said.claim.startswith((_NOTE, _AHEAD)):
        return (said.claim,)
    return tuple(dict.fromkeys(provider for _, provider, _ in _shown(said, evidence)))


def _shown(said: Said, evidence: Mapping[str, Evidence]) -> Iterator[tuple[Evidence, str, str]]:
    """What the sentence cites: the items it prints; where it prints none, those it rests on."""
    if said.claim in _UNCITED or said.claim.startswith((_NOTE, _AHEAD)):
        return
    for key in cited(said.template) or said.evidence:
        if key in evidence:
            for provider, symbol in _split(evidence[key].source):
                yield evidence[key], provider, symbol


def _split(source: str) -> Iterable[tuple[str, str]]:
    """``'Yahoo ^GSPC, FRED H.15 DGS2'`` as pairs of provider and series."""
    for part in source.split(", "):
        provider, _, symbol = part.partition(" ")
        # What is no provider with a series ("dated notes") is a source under its whole name.
        yield (provider, symbol.strip()) if provider in _PROVIDERS else (part, "")


def _data_source(
    n: int, provider: str, symbols: list[str], latest: str, words: Mapping[str, str]
) -> Source:
    named = [clean(symbol, 40) for symbol in symbols if symbol]
    more = words.get("and others", " and others") if len(named) > _SERIES else ""
    outlet = _PROVIDERS.get(provider, clean(provider, 60))
    outlet = words.get(outlet, outlet)
    series = tuple((words.get(s, s), f"{provider} {s}") for s in named[:_SERIES])
    title = ", ".join(shown for shown, _ in series) + more
    return Source(n, title or outlet, outlet, latest, series=series)


def _schedule(n: int, one: Scheduled, report: Report, words: Mapping[str, str]) -> Source:
    """Where a date to come was announced; both names are of a fixed table."""
    title, outlet = (words.get(name, name) for name in (f"{one.what}: schedule", one.outlet))
    return Source(n, title, outlet, one.published, None, safe_url(one.url, report), announced=True)


def _note_source(n: int, note: Note, report: Report) -> Source:
    at = note.published if note.precision == "minute" else note.published[:10]
    url = safe_url(note.url, report)
    return Source(n, clean(note.text, 90), outlet_of(note), at, None, url, summary=True)
