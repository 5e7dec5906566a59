"""The numbered sources of an issue: data providers with their series, and dated notes.

Every number in the text resolves to one of them, and none stands in the list unused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from causemap.briefing.tree import PartKey, Said, Source
from causemap.records import Evidence, Note, Report
from causemap.words import clean, safe_url

Cited = Callable[[Said], tuple[int, ...]]

_NOTE: Final = "note:"
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


def number_sources(report: Report, chosen: Sequence[tuple[PartKey, Said]]) -> Numbered:
    """Number the sources in the order in which the text first uses them."""
    evidence = {item.id: item for item in report.evidence}
    notes = {note.id: note for note in report.notes}
    keys: dict[str, list[str]] = {}
    used: dict[str, tuple[str, ...]] = {}
    for _, said in chosen:
        found = _keys(said, evidence)
        used[said.claim] = found
        for key in found:
            keys.setdefault(key, [])
    for _, said in chosen:
        for item in (evidence[i] for i in said.evidence if i in evidence):
            for provider, symbol in _split(item.source):
                if symbol not in keys[provider]:
                    keys[provider].append(symbol)
    places = {key: n for n, key in enumerate(keys, 1)}
    latest = _latest(chosen, evidence)
    sources = tuple(
        _note_source(n, notes[key.removeprefix(_NOTE)], report)
        if key.startswith(_NOTE)
        else _data_source(n, key, keys[key], latest[key], report.scope.as_of)
        for key, n in places.items()
    )
    return Numbered(sources, lambda said: tuple(places[key] for key in used.get(said.claim, ())))


def _keys(said: Said, evidence: dict[str, Evidence]) -> tuple[str, ...]:
    if said.claim.startswith(_NOTE):
        return (said.claim,)
    items = (evidence[i] for i in said.evidence if i in evidence)
    return tuple(dict.fromkeys(provider for item in items for provider, _ in _split(item.source)))


def _split(source: str) -> Iterable[tuple[str, str]]:
    """``'Yahoo ^GSPC, FRED H.15 DGS2'`` as pairs of provider and series."""
    for part in source.split(", "):
        provider, _, symbol = part.partition(" ")
        # What is no provider with a series ("dated notes") is a source under its whole name.
        yield (provider, symbol.strip()) if provider in _PROVIDERS else (part, "")


def _latest(
    chosen: Sequence[tuple[PartKey, Said]], evidence: dict[str, Evidence]
) -> dict[str, str]:
    found: dict[str, str] = {}
    for _, said in chosen:
        for item in (evidence[i] for i in said.evidence if i in evidence):
            for provider, _ in _split(item.source):
                found[provider] = max(found.get(provider, ""), item.available_at)
    return found


def _data_source(n: int, provider: str, symbols: list[str], latest: str, as_of: str) -> Source:
    named = [clean(symbol, 40) for symbol in symbols if symbol]
    shown = ", ".join(named[:_SERIES]) + (" and others" if len(named) > _SERIES else "")
    outlet = _PROVIDERS.get(provider, clean(provider, 60))
    return Source(n, shown or outlet, outlet, latest, as_of)


def _note_source(n: int, note: Note, report: Report) -> Source:
    at = note.published if note.precision == "minute" else note.published[:10]
    return Source(
        n,
        clean(note.text, 90),
        clean(note.publisher, 60),
        at,
        report.scope.as_of,
        safe_url(note.url, report),
    )
