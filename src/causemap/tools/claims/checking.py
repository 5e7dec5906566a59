"""All claims of a set of articles, judged and put on record with their measurements."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

import pandas as pd

from causemap.records import Claim, Evidence, Note, Scope
from causemap.tools.claims.docket import Case, Judged
from causemap.tools.claims.extract import extract
from causemap.tools.claims.records import ExtractedClaim, Span
from causemap.tools.claims.tape import Measured
from causemap.tools.claims.verdicts import judge
from causemap.tools.claims.weighing import Told, available, text_evidence
from causemap.tools.market import AsOfView
from causemap.tools.notes import clean_text
from causemap.tools.publication import known_from
from causemap.tools.registry import SeriesInfo, info_of
from causemap.tools.rounding import rounded

if TYPE_CHECKING:
    from causemap.articles import Article

MAX_SAID: Final = 240
MAX_SOURCE: Final = 120
MAX_ARTICLES: Final = 200


class Checked(NamedTuple):
    """Judged claims in the order of their articles, and the evidence they rest on.

    ``left_out`` counts the articles beyond :data:`MAX_ARTICLES` that were not read.
    """

    claims: tuple[Claim, ...]
    evidence: tuple[Evidence, ...]
    left_out: int = 0


def check_all(
    articles: Sequence[Article],
    scope: Scope,
    view: AsOfView,
    evidence: tuple[Evidence, ...],
    notes: tuple[Note, ...] = (),
) -> Checked:
    """Judge every claim of the articles that were out at the as-of, oldest article first.

    Of more than :data:`MAX_ARTICLES` the latest are read, as the library keeps them.
    Each claim is judged on what was known when its article was out, so a later value never
    changes a verdict. Same input, same output; no article is read twice for the same words.
    """
    claims: list[Claim] = []
    found: dict[str, Evidence] = {}
    told: list[Told] = []
    readable = _readable(articles, view.as_of)
    for article in readable[-MAX_ARTICLES:]:
        # An article known by its day only may speak of that day's last closes.
        own = view.market.view(min(view.as_of, available(article) + timedelta(minutes=1)))
        days: dict[tuple[object, ...], str] = {}
        own_claims: list[Claim] = []
        for read in sorted(_once(extract(article)), key=lambda c: c.kind != "extreme"):
            claim = _on_its_day(read, days)
            judged = judge(Case(claim, scope, own, evidence, notes))
            if claim.kind == "extreme" and judged.measured:
                days[_day_key(claim)] = f"{judged.measured[0].observed:%Y-%m-%d}"
            items = tuple(_evidence(m, own) for m in judged.measured)
            found |= {item.id: item for item in items}
            own_claims.append(_record(claim, article, judged, items))
            told.append(Told(article, claim, judged.verdict))
        claims += sorted(own_claims, key=lambda c: (c.start or 0, c.end or 0, c.kind))
    weighed = text_evidence(told, scope)
    left_out = max(0, len(readable) - MAX_ARTICLES)
    return Checked(tuple(claims), (*found.values(), *weighed), left_out)


def _day_key(claim: ExtractedClaim) -> tuple[object, ...]:
    """What ties "fell, hitting a two-year low" together: the same words, subject and side."""
    return claim.text, claim.about, claim.direction


def _on_its_day(claim: ExtractedClaim, days: dict[tuple[object, ...], str]) -> ExtractedClaim:
    """A move told in one breath with an extreme happened on the day of that extreme."""
    day = days.get(_day_key(claim)) if claim.kind == "move" and claim.span is None else None
    return claim if day is None else replace(claim, span=Span(day, day))


def _once(claims: Iterable[ExtractedClaim]) -> list[ExtractedClaim]:
    """An article's claims without those that only say again what it said before."""
    said: dict[object, ExtractedClaim] = {}
    for claim in claims:
        size = None if claim.amount is None else (claim.amount.low, claim.amount.high)
        key = (claim.kind, claim.about, claim.direction, claim.cause, claim.span, size)
        said.setdefault(key, claim)
    return list(said.values())


def _readable(articles: Iterable[Article], as_of: datetime) -> list[Article]:
    """Articles out by the as-of, in time order, each text once."""
    out = sorted((a for a in articles if available(a) <= as_of), key=lambda a: (available(a), a.id))
    texts: dict[str, Article] = {}
    for article in out:
        texts.setdefault(" ".join(article.text.split()), article)
    return list(texts.values())


def _record(
    claim: ExtractedClaim, article: Article, judged: Judged, items: tuple[Evidence, ...]
) -> Claim:
    ids = (*(item.id for item in items), *judged.rests)
    return Claim(
        text=clean_text(claim.text, MAX_SAID),
        source=clean_text(article.publisher or article.title, MAX_SOURCE) or "unnamed source",
        verdict=judged.verdict,
        evidence=tuple(dict.fromkeys(ids)),
        why=judged.why,
        kind=claim.kind,
        about=claim.about,
        cause=claim.cause,
        article=article.id,
        start=claim.start,
        end=claim.end,
        published=article.published,
        url=article.url,
    )


def _evidence(found: Measured, view: AsOfView) -> Evidence:
    """A measurement as an evidence record, rounded once."""
    infos = [info_of(name) for name in found.inputs]
    return Evidence(
        id=_identifier(found),
        desk="earnings_news",
        family="prices",
        group="context",
        metric=found.metric,
        asset=found.asset,
        start=f"{found.start:%Y-%m-%d}",
        end=f"{found.end:%Y-%m-%d}",
        value=rounded(found.value),
        unit=found.unit,
        said=found.said,
        observed_at=_moment(found.observed),
        available_at=_known(found, infos, view),
        source=", ".join(dict.fromkeys(f"{i.provider} {i.symbol}" for i in infos)),
        z=None if found.z is None else rounded(found.z),
        quality=min(info.quality for info in infos),
        low=None if found.low is None else rounded(found.low),
        high=None if found.high is None else rounded(found.high),
        n=found.n,
    )


def _identifier(found: Measured) -> str:
    asset = re.sub(r"[^a-z0-9]+", "_", found.asset.lower())
    side = "_above" if " above " in found.said else "_low" if "lowest" in found.said else ""
    level = f"_{rounded(found.value):g}" if found.unit in ("usd", "index", "level_pct") else ""
    when = f"{found.start:%Y%m%d}_{found.observed:%Y%m%d}"
    return f"earnings_news.claim.{asset}.{found.metric}{side}{level}.{when}"


def _known(found: Measured, infos: list[SeriesInfo], view: AsOfView) -> str:
    """When the last input of a measurement was out."""
    day = found.end.date()
    stamps = [
        known_from(day, info.business_days, info.hours) for info in infos if info.calendar != "bars"
    ]
    if found.known is not None:
        stamps.append(found.known.to_pydatetime().replace(tzinfo=UTC))
    moment = max(stamps, default=datetime.combine(day, time(23, 59), UTC))
    return f"{min(moment, view.as_of):%Y-%m-%dT%H:%MZ}"


def _moment(when: pd.Timestamp) -> str:
    return f"{when:%Y-%m-%d}" if when == when.normalize() else f"{when:%Y-%m-%dT%H:%MZ}"
