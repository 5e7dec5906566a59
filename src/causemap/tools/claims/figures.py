"""Levels, thresholds, extremes, correlations, states, events and flows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from causemap.tools.claims.lexicon import (
    ABOVE,
    ACTOR,
    BELOW,
    BREAKOUT,
    CORR_HIGH,
    CORR_LOW,
    CORRELATION,
    EXTREME,
    FLOW,
    FROM,
    LIQUIDATED,
    MARGIN,
    PREDICATES_EN,
    STATES,
    TO,
    TOKENS,
)
from causemap.tools.claims.liquidations import closed_by_force
from causemap.tools.claims.prices import priced
from causemap.tools.claims.records import Amount
from causemap.tools.claims.scene import Found, Scene
from causemap.tools.claims.subjects import Subject, keys, listed_before, subjects

# What is told to be high or low, and what to be above or below zero.
_LEVELLED: Final = frozenset({"RESERVES", "SOFR_IORB", "OI"})
_SIGNED: Final = frozenset({"FUNDING", "OTHER_FUNDING", "SOFR_IORB"})
_PAIRED: Final = ("SPX", "NDX", "GOLD", "SILVER", "GDX", "BTC", "ETH", "DXY", "UST10Y")
_WORDS: Final = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "twelve": 12, "twenty": 20, "multi": 2, "several": 2, "decade": 10,
    "一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "五": 5,
    "六": 6, "七": 7, "八": 8, "九": 9, "十": 10,
}  # fmt: skip
SINCE: Final = re.compile(r"\b(lowest|highest)(?: \w+){0,3} since\s", re.IGNORECASE)
ALL_TIME: Final = 100.0
_REACH: Final = 130
_NOT_SAID: Final = re.compile(r"\bnot\b|n't|不是|并非")
_CLAUSE_END: Final = re.compile(r"[,;，；。](?!\d)")


def ahead(scene: Scene) -> Iterator[Found]:
    """Levels a text still has before it: "a breakout above X" says the price is below X."""
    for amount in scene.amounts:
        subject = priced(scene, amount)
        if subject and BREAKOUT.search(scene.text[: amount.start]):
            yield _found(subject, amount, "level", 1, ahead=True)


def levels(scene: Scene) -> Iterator[Found]:
    """Prices a subject was at, came from, went to, or crossed."""
    for amount in scene.amounts:
        subject = priced(scene, amount)
        if subject is None or scene.denied(amount.start):
            continue
        lead = scene.text[max(0, amount.start - 60) : amount.start]
        if BREAKOUT.search(scene.text[: amount.start]):
            continue
        if FROM.search(lead):
            yield _found(subject, amount, "level", None)
        elif BELOW.search(lead):
            if side := _side(lead):
                yield _found(subject, amount, "threshold", side)
        elif ABOVE.search(lead):
            yield _found(subject, amount, "threshold", 1)
        elif TO.search(lead):
            yield _found(subject, amount, "level", None)


def _side(lead: str) -> int:
    """Which way a level was gone below or through: "through" goes the way of its verb.

    0 where no verb says it: what "went through" a level may have come from either side.
    """
    if not lead.rstrip().endswith("through"):
        return -1
    words = [str(m.lastgroup) for m in PREDICATES_EN.finditer(lead)]
    return 0 if not words else 1 if words[-1] == "up" else -1


def _found(
    subject: Subject, amount: Amount, kind: str, direction: int | None, *, ahead: bool = False
) -> Found:
    start, end = min(subject.start, amount.start), max(subject.end, amount.end)
    about = keys((subject,))[:1]
    if kind == "threshold":
        return Found(start, end, "threshold", about, direction, amount)
    return Found(start, end, "ahead" if ahead else "level", about, direction, amount)


def extremes(scene: Scene) -> Iterator[Found]:
    """New highs and lows, with the horizon they are extreme over in years."""
    for match in EXTREME.finditer(scene.text):
        chosen = listed_before(scene.subjects, match.start(), scene.text)
        if not chosen or len(scene.text[chosen[-1].end : match.start()]) > _REACH:
            continue
        kind = (match["kind"] or match["zkind"] or match["znew"] or "").lower()
        sign = 1 if kind.startswith("high") or "高" in kind else -1
        for key in keys(chosen):
            yield Found(
                chosen[0].start, match.end(), "extreme", (key,), sign, years=_horizon(match)
            )


def since_extremes(scene: Scene) -> Iterator[Found]:
    """The lowest or highest since a time named: "its lowest since October 2024"."""
    for match in SINCE.finditer(scene.text):
        timed = next((t for t in scene.spans if -5 <= t.start - match.end() <= 5), None)
        chosen = listed_before(scene.subjects, match.start(), scene.text)[-1:]
        if timed is None or not chosen:
            continue
        sign = 1 if match[1].lower().startswith("high") else -1
        for key in keys(chosen):
            yield Found(chosen[0].start, timed.end, "extreme", (key,), sign, base=timed.span)


def _horizon(match: re.Match[str]) -> float:
    said = match["years"] or match["zn"]
    if not said:
        record = (match["rec"] or match["zrec"] or "").lower()
        return ALL_TIME if record.startswith(("rec", "all", "hist", "历", "纪")) else 1.0
    number = (
        float(said) if said.isdecimal() and len(said) < 4 else float(_WORDS.get(said.lower(), 1))
    )
    return number / 12 if (match["unit"] or "").lower() == "month" else number


def correlations(scene: Scene) -> Iterator[Found]:
    """Correlations of a pair with a range, or said to be high or low."""
    for match in CORRELATION.finditer(scene.text):
        around = _CLAUSE_END.split(scene.text[match.start() : match.end() + 120])[0]
        amount = next((a for a in scene.amounts if match.end() <= a.start and _is_r(a)), None)
        if (not scene.real and amount is None) or scene.denied(match.start()):
            continue
        pair = _pair(scene, match.start())
        sign = -1 if CORR_LOW.search(around) else 1 if CORR_HIGH.search(around) else None
        if pair is None or (sign is None and amount is None):
            continue
        if scene.sentence.general or scene.sentence.is_heading or _NOT_SAID.search(around):
            continue
        end = amount.end if amount else min(len(scene.text), match.end() + 20)
        yield Found(
            match.start(), end, "correlation", pair, sign if sign is not None else 1, amount
        )
        if amount:
            return


def _is_r(amount: Amount) -> bool:
    return not amount.unit and -1 <= amount.low <= amount.high <= 1 and amount.low != 0


def _pair(scene: Scene, at: int) -> tuple[str, ...] | None:
    """The two things correlated: nearest in the clause, else those of the sentence before."""
    own = _paired(scene.subjects)
    left = max((m.end() for m in _CLAUSE_END.finditer(scene.text, 0, at)), default=0)
    if scene.sentence.chinese and (here := [s for s in own if left <= s.start < at]):
        # In Chinese a pair stands before the word; a clause that goes on names only the second.
        names = list(dict.fromkeys(s.key for s in [*own[:1], *here][-3:]))
        names = [names[0], names[-1]] if len(here) == 1 else [here[0].key, here[1].key]
        return _ordered(names) if names[0] != names[1] else None
    near = [s for s in own if abs(s.start - at) <= 90]
    behind = [s for s in near if s.start < at]
    after = [s for s in near if s.start > at]
    for chosen in ([*behind[-1:], *after[:1]], behind[-2:], after[:2], near[:2]):
        names = list(dict.fromkeys(s.key for s in chosen))
        if len(names) == 2:
            return _ordered(names)
    carried = list(dict.fromkeys([*(s.key for s in own), *_earlier(scene)]))[:2]
    return _ordered(carried) if len(carried) == 2 else None


def _paired(named: tuple[Subject, ...]) -> list[Subject]:
    return [s for s in named if s.key in _PAIRED]


def _earlier(scene: Scene) -> list[str]:
    named = _paired(subjects(scene.before, chinese=scene.sentence.chinese))
    return [s.key for s in named if CORRELATION.search(scene.before)]


def _ordered(names: list[str]) -> tuple[str, ...]:
    """A pair in a fixed order: coins last behind stocks, first before anything else."""
    return tuple(names)


def states(scene: Scene) -> Iterator[Found]:
    """Things said to be low, high, negative: reserves, funding, spreads of the money market."""
    for match in STATES.finditer(scene.text):
        if scene.denied(match.start()):
            continue
        stated = _SIGNED if match["neg"] or match["pos"] else _LEVELLED
        chosen = [
            s
            for s in listed_before(scene.subjects, match.start(), scene.text)
            if s.key in stated and match.start() - s.end <= 40
            if not STATES.search(scene.text[s.end : match.start()])
        ]
        sign = 1 if any(match[g] for g in ("high", "pos", "zhigh")) else -1
        for key in dict.fromkeys(s.key for s in chosen):
            yield Found(chosen[0].start, match.end(), "state", (key,), sign)


def events(scene: Scene) -> Iterator[Found]:
    """Exchange margin rises and waves of liquidations."""
    if match := MARGIN.search(scene.text):
        yield Found(match.start(), match.end(), "event", ("MARGIN",), 1)
    if match := LIQUIDATED.search(scene.text):
        amount = next((a for a in scene.amounts if closed_by_force(scene.text, a)), None)
        yield Found(match.start(), match.end(), "event", ("LIQUIDATIONS",), 1, amount)


def flows(scene: Scene) -> Iterator[Found]:
    """Purchases by single addresses: a number of tokens bought, accumulated, withdrawn."""
    if not ACTOR.search(scene.text):
        return
    for match in FLOW.finditer(scene.text):
        for amount in scene.amounts:
            token = TOKENS.match(scene.text, amount.end)
            if token and 0 <= amount.start - match.end() <= 12:
                name = {"BITCOIN": "BTC", "ETHER": "ETH"}.get(token[1].upper(), token[1].upper())
                yield Found(match.start(), token.end(), "flow", (name,), 1, amount)
