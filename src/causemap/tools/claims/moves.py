"""Moves: who rose, fell or held, by how much."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from typing import Final

from causemap.tools.claims.lexicon import (
    ACTS,
    CORRELATION,
    HAS_QUANTITY,
    LIGHT,
    PAST,
    PREDICATES_EN,
    PREDICATES_ZH,
    QUANTITY_OF,
    SENT_DOWN,
    SENT_UP,
    UNDONE,
)
from causemap.tools.claims.records import Amount
from causemap.tools.claims.scene import Found, Scene
from causemap.tools.claims.subjects import Subject, keys, listed_after, listed_before

_SIGNS: Final = {"flat": 0, "down": -1, "up": 1, "ndown": -1, "nup": 1, "adown": -1, "aup": 1}
_REACH: Final = 170
_SIZED: Final = ("%", "bp", "pp")
_OF: Final = re.compile(r"^\s(?:in|of|for|among|across)\s(?:the |both |U\.S\. )?", re.IGNORECASE)
_NEAR: Final = re.compile(r"^(?:['’]s)?[ -](?:[\w-]+ ){0,2}$|^的?$")
_BARE: Final = re.compile(r"^\s(?:the |a |U\.S\. |US |modestly )?$", re.IGNORECASE)
_INCLUDING: Final = re.compile(
    r"^[^.;]{0,14}\b(?:including|such as|especially|notably)\b", re.IGNORECASE
)
# Quantities whose rise and fall no series of the tape tells by itself.
_NOT_MOVED: Final = frozenset({"SOFR_IORB", "FUNDING", "OTHER_FUNDING"})


def moves(scene: Scene) -> Iterator[Found]:
    """Every move a sentence asserts, one per subject."""
    sized: set[int] = set()
    patterns = (PREDICATES_EN, PREDICATES_ZH) if scene.sentence.chinese else (PREDICATES_EN,)
    words = sorted(chain.from_iterable(p.finditer(scene.text) for p in patterns), key=_at)
    for number, word in enumerate(words):
        following = words[number + 1].start() if number + 1 < len(words) else len(scene.text)
        found = _whole(scene, _of_word(scene, word))
        if not found or scene.denied(word.start()):
            continue
        amount = _amount(scene, word, following, sized)
        base = scene.base_after(word.end()) if amount else None
        sign = _SIGNS[str(word.lastgroup)]
        start, end = min(found[0].start, word.start()), max(found[-1].end, word.end())
        if amount:
            start, end = min(start, amount.start), max(end, amount.end)
        for key in keys(found):
            if key not in _NOT_MOVED:
                yield Found(start, end, "move", (key,), sign, amount, base)
    yield from _pushed(scene)


def _at(match: re.Match[str]) -> int:
    return match.start()


def _of_word(scene: Scene, word: re.Match[str]) -> tuple[Subject, ...]:
    """The subjects of a word of direction; none when it has none of its own."""
    group, said = str(word.lastgroup), word.group().lower()
    if said in _PARTICIPLES and (chosen := _described(scene, word)):
        return chosen
    if said in _EITHER and UNDONE.search(scene.text[: word.start()]):
        return ()
    if said in _EITHER and not _verbal(scene, word):
        return _nominal(scene, word)
    if group in ("aup", "adown"):
        return _described(scene, word) or (
            _acting(scene, word) if word.group().lower() in _PARTICIPLES else ()
        )
    if group in ("ndown", "nup"):
        return () if UNDONE.search(scene.text[: word.start()]) else _nominal(scene, word)
    return _acting(scene, word) or ()


def _whole(scene: Scene, found: tuple[Subject, ...]) -> tuple[Subject, ...]:
    """The subjects if it is they that move, not what they hold or make ("volume in bitcoin").

    Where the quantity is one of its own ("open interest in bitcoin futures") it takes their place.
    """
    if not found:
        return ()
    before, after = scene.text[: found[0].start], scene.text[found[-1].end :]
    if QUANTITY_OF.search(before) or HAS_QUANTITY.match(after):
        return ()
    held = next((s for s in scene.subjects if s.key == "OI" and _IN.fullmatch(before, s.end)), None)
    return (held,) if held else found


_IN: Final = re.compile(r" (?:in|on|of|for) (?:the )?", re.IGNORECASE)
_PARTICIPLES: Final = frozenset(
    (
        *("rising", "falling", "climbing", "surging", "soaring", "declining", "sliding"),
        *("plunging", "weakening", "strengthening"),
    )
)


def _acting(scene: Scene, word: re.Match[str]) -> tuple[Subject, ...]:
    """Subjects standing before a verb, in its own clause or the one it goes on from."""
    chosen = listed_before(scene.subjects, word.start(), scene.text)
    if not chosen:
        return ()
    gap = scene.text[chosen[-1].end : word.start()]
    if CORRELATION.search(scene.text[max(0, chosen[0].start - 40) : word.start()]):
        return ()  # it is the correlation that rose, not what is correlated
    if re.fullmatch(r",? (?:which|that) ", gap):
        return chosen[-1:]
    if len(gap) > _REACH or _BREAK.search(gap) or _OWNED.match(gap):
        return ()
    fits = len(gap) <= 16 if scene.sentence.chinese else bool(_TO_VERB.search(gap))
    return chosen if fits else ()


_EITHER: Final = frozenset(
    (
        *("drop", "fall", "decline", "plunge", "slump", "slide", "crash", "collapse", "retreat"),
        *("tumble", "rise", "gain", "climb", "jump", "surge", "rally", "spike", "rebound"),
        *("advance", "drops", "falls", "declines", "gains", "rises", "jumps", "spikes", "crashes"),
    )
)
_JUST_BEFORE: Final = re.compile(
    r"^(?:['’]s)?,?\s(?:both |all |also |briefly |\w+ly |then |has |have |had |is |are |was |were |"
    r"(?:start|begun|began|begin|continu)\w* |to )*$"
)


def _verbal(scene: Scene, word: re.Match[str]) -> bool:
    """Whether a word that can be verb or noun stands right behind its subject."""
    before = [s for s in scene.subjects if s.end <= word.start()]
    gap = scene.text[before[-1].end : word.start()] if before else "."
    return bool(_JUST_BEFORE.match(gap)) and not gap.startswith(("'s", "’s"))


# What may stand between a subject and its verb: its head noun, an aside, "and then", adverbs.
_TO_VERB: Final = re.compile(
    r"(?:^(?:['’]s)?(?: (?:prices?|shares?|stocks?|futures|index|yields?|markets?|itself|tokens?|"
    r"groups?|sectors?|compan(?:y|ies)|makers|names|assets|themselves|positions))*"
    r"(?: (?:on|in|of|near|at|for|around|over|across|during|this|last|all)(?: [\w-]+){1,4})?"
    r"|[,—)–-]|\b(?:and|then|or|before|but|to))\s?(?:(?:has|have|had|been|being|was|were|is|are|also|both|all|briefly|"
    r"each|then|further|again|now|since|once|still|together|abruptly|suddenly|simultaneously|continuously|temporarily|"
    r"\w+ly|even|just|later|nevertheless|quickly)\s)*$",
    re.IGNORECASE,
)
_BREAK: Final = re.compile(
    r"[;；。!?]|\b(?:while|but|whereas|so that|investors|traders|participants|funds|volume|costs?|"
    r"price action|"
    r"what|which|that|who|where|reduc\w+|making|caus\w+|mean\w*|forc\w+|orders|narratives?|when|because|where|"
    r"by|confidence|demand|liquidity|adding)\b|成本|需求|成交量|利润|收益率|资金|投资者|关联性|相关性",
    re.IGNORECASE,
)
_OWNED: Final = re.compile(
    r"^(?:['’]s|的)?\s?(?:fixed|correlation|share|dominance|demand|volume|structure|rate|价格变动)\b",
    re.IGNORECASE,
)


def _described(scene: Scene, word: re.Match[str]) -> tuple[Subject, ...]:
    """What an adjective stands before: "rising real yields", "a stronger dollar"."""
    chosen = listed_after(scene.subjects, word.end(), scene.text)[:1]
    if not chosen or not _BARE.match(scene.text[word.end() : chosen[0].start]):
        return ()
    told = PAST.search(scene.text) or "(" in scene.text[: word.start()]
    if word.group().lower() not in _PARTICIPLES and not told:
        return ()  # "higher yields hurt growth stocks" teaches, it does not report
    return chosen


def _nominal(scene: Scene, word: re.Match[str]) -> tuple[Subject, ...]:
    """Whose decline or rise a noun speaks of."""
    text = scene.text
    after = _OF.match(text, word.end()) or _OF.match(text[word.end() :])
    if after:
        chosen = listed_after(scene.subjects, word.end(), text)
        if (
            chosen
            and chosen[0].start
            <= word.end() + after.end() - (word.end() if after.start() else 0) + 1
        ):
            return _with_examples(scene, chosen)
    before = listed_before(scene.subjects, word.start(), text)
    if not before:
        return ()
    gap = text[before[-1].end : word.start()]
    if _NEAR.match(gap) or (not gap and scene.sentence.chinese):
        return before if "," not in gap else before[-1:]
    if LIGHT.search(text[before[-1].end : word.start()]) and len(gap) <= _REACH:
        return before if not _BREAK.search(gap) else ()
    return ()


def _with_examples(scene: Scene, chosen: tuple[Subject, ...]) -> tuple[Subject, ...]:
    """Subjects with the examples named behind them ("AI tech, including chips and software")."""
    later = tuple(s for s in scene.subjects if s.start >= chosen[-1].end)
    if later and _INCLUDING.match(scene.text[chosen[-1].end : later[0].start + 1]):
        return (*chosen, *listed_after(later, chosen[-1].end, scene.text))
    return chosen


def _amount(scene: Scene, word: re.Match[str], following: int, sized: set[int]) -> Amount | None:
    """The size that belongs to a word of direction: behind it, or right before it."""
    for amount in scene.amounts:
        if amount.unit not in _SIZED or amount.start in sized:
            continue
        behind = word.end() <= amount.start <= min(following, word.end() + 60)
        if any(word.end() <= s.start < amount.start for s in scene.subjects):
            continue
        ahead = bool(_BEFORE.fullmatch(scene.text, amount.end, word.start()))
        if ahead or (behind and not _BREAK_SIZE.search(scene.text[word.end() : amount.start])):
            sized.add(amount.start)
            return amount
    return None


# "A 5% drop", not "at 4.28%, up 6 basis points".
_BEFORE: Final = re.compile(r"[ 的-]{0,2}")
_BREAK_SIZE: Final = re.compile(
    r"[;；。]|\b(?:while|but|and \w+ (?:rose|fell))\b|，|\bto \$|"
    r"(?<!up )\b(?:to|at)\s(?:\w+ )?$|分别",
    re.IGNORECASE,
)


def _sent(after: str) -> int:
    """Where something was sent, by the words behind it; 0 when they do not say."""
    return -1 if SENT_DOWN.match(after) else 1 if SENT_UP.match(after) else 0


def _pushed(scene: Scene) -> Iterator[Found]:
    """What a transitive verb pushes: "pushing up long-term bond yields"."""
    for subject in scene.subjects:
        lead = scene.text[max(0, subject.start - 30) : subject.start]
        act = ACTS.search(re.sub(r"(?:the|US|U\.S\.)\s$", "", lead, flags=re.IGNORECASE))
        if act and not scene.denied(subject.start - len(act.group())):
            sign = _sent(scene.text[subject.end :]) if act["sent"] else 1 if act["up"] else -1
            size = _pushed_by(scene, subject)
            start = max(0, subject.start - len(act.group()))
            for key in keys((subject,)) if sign else ():
                end = size.end if size else subject.end
                yield Found(start, end, "move", (key,), sign, size)


def _pushed_by(scene: Scene, subject: Subject) -> Amount | None:
    """The size right behind what is pushed: "lifted oil by 4%", "dragged it down 2%"."""
    sized = (a for a in scene.amounts if a.unit in _SIZED)
    return next((a for a in sized if _BY.fullmatch(scene.text, subject.end, a.start)), None)


_BY: Final = re.compile(
    r" (?:(?:up|down|higher|lower|by|about|nearly|almost|more than|as much as) )*", re.IGNORECASE
)
