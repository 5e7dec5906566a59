"""Which of a run's measures a question names: by number, by their own words, asset or topic."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from causemap.agents.asset_words import GROUP_OF, WORDS, spoken
from causemap.agents.chat_topics import measure_in, topics_in
from causemap.agents.reading import assets_named
from causemap.agents.what_if import Change
from causemap.records import Evidence, Report

_PLACE: Final = re.compile(r"\[(\d{1,3})\]|(?:#|\bitem |\bevidence |\bnumber |第)\s?(\d{1,3})\b")
_WORD: Final = re.compile(r"[a-z0-9&]+")
STOP: Final = frozenset(
    re.findall(
        r"\w+",
        "a an and are as at be been beyond did do does for from had has have how if in is it its "
        "leave me no not of off on or out over part share show that the their then there this to "
        "was were what when which who why with without would you your ignore remove drop moved "
        "other way fall fell risen rose instead happens suppose evidence change",
    )
)
LEVELS: Final = ("level", "spread")
_TWINS: Final = {"GOLD": ("GLD",), "SILVER": ("SLV",), "GLD": ("GOLD",), "SLV": ("SILVER",)}
# Series whose evidence goes by another name.
_CALLED: Final = {"STABLECOIN_SUPPLY_USD": "stablecoins"}
_MOVES: Final = ("change", "residual")
# Of what is named, its own move and where it stood come before what else was measured of it.
_PLAIN: Final = ("change", *LEVELS, "low")
# Named by their price, which goes the other way than what is measured: a stronger yen is a lower
# dollar-yen, dearer bonds are lower yields.
_INVERSE: Final[tuple[tuple[str, str], ...]] = (
    (r"(?<!dollar-)(?<!dollar )\byen\b|日元", r"dollar_metals:usdjpy\."),
    (r"\b(?:bonds?|treasur(?:y|ies))\b(?! yields?)|国债(?!收益率)|债券", r"rates:"),
)


class Named(NamedTuple):
    """Items that a question names; ``exact`` where by number, id or nearly all of their words."""

    items: tuple[Evidence, ...]
    exact: bool = False


def named(text: str, report: Report) -> Named:
    """What the question names among the run's measures."""
    evidence = report.evidence
    places = [int(a or b) for a, b in _PLACE.findall(text)]
    numbered = [evidence[n - 1] for n in places if 1 <= n <= len(evidence)]
    found = numbered or [i for i in evidence if _key(i) in text or i.id in text]
    found = found or _worded(text, evidence)
    if found:
        return Named(tuple(dict.fromkeys(found)), exact=True)
    return Named(_near(text, evidence, report.scope.assets))


def shown(found: Named) -> tuple[str, ...]:
    """What a question after facts is answered with: the things' own moves first."""
    if found.exact:
        return tuple(item.id for item in found.items)
    # What was measured for one claim repeats the window's figure under another name.
    own = [item for item in found.items if not item.metric.startswith("claim_")]
    return tuple(i.id for i in sorted(own or found.items, key=lambda i: i.metric not in _PLAIN))


def weighing(found: Named, report: Report) -> tuple[str, ...]:
    """Of the items near a question those that weigh in a verdict, moves first."""
    if found.exact:
        return tuple(item.id for item in found.items)
    weighed = {w.evidence for _, v in report.verdicts for w in v.weighed}
    near = sorted(found.items, key=lambda item: item.metric not in _MOVES)
    kept = [item.id for item in near if item.id in weighed] or [item.id for item in near][:6]
    return tuple(kept)


def changed(found: Named, report: Report, change: Change) -> tuple[str, ...]:
    """What a supposed change is made to: for a move the items that moved."""
    if found.exact:
        return tuple(item.id for item in found.items)
    if change.kind == "set":
        return tuple(item.id for item in found.items if item.metric == "change")
    if change.kind != "remove":
        moved = [item.id for item in found.items if item.metric in _MOVES]
        return tuple(moved or [item.id for item in found.items])
    return weighing(found, report)


def inverted(text: str, found: Named) -> bool:
    """Whether the question names by their price things measured the other way round."""
    if found.exact or not found.items:
        return False
    keys = [f"{item.group}:{_key(item)}" for item in found.items]
    return any(
        re.search(words, text, re.IGNORECASE) and all(re.match(key, k) for k in keys)
        for words, key in _INVERSE
    )


def levels(report: Report, series: Sequence[str]) -> tuple[str, ...]:
    """Levels of the series, failing that what was measured of them over the window."""
    own = [item for item in report.evidence if item.asset in {_CALLED.get(s, s) for s in series}]
    own += [item for item in report.evidence if item.asset in _twins(series)]
    found = [item for item in own if item.metric in LEVELS]
    return tuple(item.id for item in found or [i for i in own if i.metric == "change"])


def assets_in(text: str) -> frozenset[str]:
    """Single assets named by a word, a ticker in either case, or an index's name."""
    words = [WORDS[match[0]] for match in spoken().finditer(text.lower())]
    single = {assets[0] for assets in words if len(assets) == 1}
    return assets_named(text) | (single & GROUP_OF.keys())


def _twins(assets: Iterable[str]) -> frozenset[str]:
    return frozenset(twin for asset in assets for twin in _TWINS.get(asset, ()))


def _key(item: Evidence) -> str:
    return item.id.partition(".")[2]


def _worded(text: str, evidence: Sequence[Evidence]) -> list[Evidence]:
    """Items nearly all of whose own words stand in the question, if those words are two or more."""
    asked = set(_WORD.findall(text.lower())) - STOP
    found = []
    for item in evidence:
        words = set(_WORD.findall(item.said.lower())) - STOP
        if len(words) >= 2 and len(words & asked) >= max(2, 0.75 * len(words)):
            found.append(item)
    return found


def _near(text: str, evidence: Sequence[Evidence], scope: Sequence[str]) -> tuple[Evidence, ...]:
    """Items about the assets named; failing that, of the topics named."""
    topics, left = topics_in(text)
    assets = assets_named(text) | assets_in(left)
    assets |= _twins(assets)
    of = tuple(item for item in evidence if item.asset in assets)
    if measure := measure_in(text):
        held = tuple(i for i in evidence if re.match(measure, _place(i)))
        meant = assets | assets_in(text)
        # Another asset's figure is no answer; where none is named those explained are meant.
        # Long Treasuries have a lowest close too, and are none of those.
        meant_by = meant or frozenset(scope)
        own = tuple(
            i
            for i in held
            if i.asset in meant_by or (i.asset not in GROUP_OF and i.metric != "low")
        )
        return own if meant else own or held
    if of:
        return of
    return tuple(i for i in evidence if any(re.match(topic, _place(i)) for topic in topics))


def _place(item: Evidence) -> str:
    return f"{item.group}:{_key(item)}"
