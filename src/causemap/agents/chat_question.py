"""Understanding a question about a run: its intent, and what in the run it speaks of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from causemap.agents.chat_days import Days, days_asked, undated
from causemap.agents.chat_guessed import groups_in, guessed
from causemap.agents.chat_intent import CARRIES_ON, MEANING, Read, intent_of
from causemap.agents.chat_items import (
    changed,
    inverted,
    levels,
    named,
    shown,
    weighing,
)
from causemap.agents.chat_supposed import supposed
from causemap.agents.chat_terms import meaning
from causemap.agents.chat_topics import measure_in, series_in, series_said
from causemap.agents.chat_words import CAUSE_PATTERNS, CHARTS, GROUP_PATTERNS
from causemap.agents.subjects import unanswered
from causemap.agents.turns import Intent, Language, Turn
from causemap.agents.what_if import Change
from causemap.closed_sets import AssetGroup, Cause
from causemap.records import Report
from causemap.words import clean

MAX_QUESTION: Final = 500
_HAN: Final = re.compile(r"[\u3400-\u9fff]")
# Between Chinese and Latin letters there is no end of a word for a pattern to find.
_LATIN: Final = re.compile(r"(?<=[\u3400-\u9fff])(?=[A-Za-z])|(?<=[A-Za-z])(?=[\u3400-\u9fff])")
_SHORTHAND: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(short, re.IGNORECASE), full)
    for short, full in (
        (r"\bw/o\b", "without"),
        (r"\bw/ ?(?=\w)", "with "),
        (r"\bb/c\b", "because"),
        (r"^\s*y (?=(?:did|do|is|was|are|were|no)\b)", "why "),
        (r"\bu\b(?!\.)", "you"),
        (r"\bur\b", "your"),
    )
)
_LEVEL: Final = re.compile(
    r"\bhow (?:big|large|high|low|wide)\b|\bhow much (?:is|was|are)\b|\b(?:price|level|size) of\b"
    r"|\b(?:what|where) (?:is|was|are|were|'s)\b.*\b(?:at|price|level|trading|yielding)\b"
    r"|\b(?:is|was|are|were|at|above|below|over|under|near)\s+\$?\d(?![\d.]*\s?(?:%|per))"
    r"|\bwhere did\b.*\b(?:close|end|finish|trade|bottom)\b|\bprice\b(?=\W*$|.*\bdollars\b)"
    r"|\blevels?\b|\bintraday\b|\bpeak\w*|\bhighest\b|\bhigh (?:on|of)\b"
    r"|\bis\b.*\bat\s+\d|多大|多高|(?<![跌涨升降动]了)多少|水平|规模|价位|(?:是|在|到了?)\s?\d",
    re.IGNORECASE,
)
# A day is asked about by these; others ("what if", "compare") name it for another end.
_OF_DAYS: Final = (None, "why", "fact", "moves", "found", "when", "groups", "shares", "refresh")
_NOT_OF_DAYS: Final = (
    "compare",
    "what_if",
    "advice",
    "help",
    "meaning",
    "chart",
    "headline",
    "watch",
)
# Words that ask on without naming anything: the last question's things are meant.
_ELLIPTIC: Final = re.compile(
    r"\W*(?:(?:and|but|so|ok(?:ay)?|then|wait|hm+|well|right|sure|really|no|yes)\W+)*"
    r"(?:why(?: not)?|(?:by )?how (?:many (?:sigmas?|percent|points|bps?|(?:standard )?deviations)"
    r"|much|many|sure|certain|come|far|big)|when|since when"
    r"|is (?:it|that) sure|which day|did (?:it|they|that) (?:really )?(?:fall|drop|rise|move|go)"
    r"|in (?:dollars?|usd|percent|money|sigmas?|z|bps?|basis points|(?:standard )?deviations?)"
    r"|(?:what(?:.s| is) the |which )?sources?(?: for (?:it|that|this))?|says who"
    r"|who (?:says?|said|told you) (?:so|that|it|this)|is (?:that|it|this) (?:a |an )?(?:measured"
    r"|estimated?|real|guess\w*|modell?ed|facts?)(?: or .*)?"
    r"|where (?:does|did|do) (?:that|this|it) come from)"
    r"(?: (?:was|is|did|does) (?:it|that|this|they))?"
    r"(?: (?:in|of|exactly|(?:us )?dollars?|usd|percent|money|terms|billions?|millions?|\$|%))*\W*"
    r"|\W*(?:那|那么|但)?(?:为什么(?:不是)?|为何|为啥|多少(?:钱|美元)?|什么时候|有多(?:大|少|确定)"
    r"|谁说的|(?:来源|出处)(?:是什么)?)呢?\W*",
    re.IGNORECASE,
)
_WORSE: Final = re.compile(
    r"\bwhich (?:one )?(?:was|is|fell|lost|had|saw) .*"
    r"\b(?:wors[et]|bigger|deeper|harder|more|larger)\b"
    r"|^\W*(?:what are )?(?:the )?(?:key |main |biggest |largest )?(?:differences?|similarit)"
    r"|哪个(?:更|跌得更)",
    re.IGNORECASE,
)
_TONGUE: Final = re.compile(
    r"\b(?:in|to|into) (?:(?P<zh>chinese|mandarin)|(?P<en>english))\b|用?(?P<z>中文)"
    r"|用?(?P<e>英文|英语)",
    re.IGNORECASE,
)
_POLITE: Final = re.compile(
    r"\b(?:please|pls|say|translate|write|that|it|this|again|now|and|the same|answer|repeat|ok)\b"
    r"|请|再|说|一遍|一下|\W",
    re.IGNORECASE,
)
_CASE: Final = re.compile(
    r"(?<![\w.,])(?:19|20)\d\d(?:-[a-z0-9]+)*(?![a-z\d])|\brun_[a-z0-9]+\b", re.IGNORECASE
)
_MONTHS: Final = "jan feb mar apr may jun jul aug sep oct nov dec"
_MONTH: Final = re.compile(
    rf"\b(?P<name>{_MONTHS.replace(' ', '|')})[a-z]*\.?,? (?:of )?(?P<year>(?:19|20)\d\d)\b"
    r"|(?P<of>(?:19|20)\d\d)\s?年\s?(?P<number>1[0-2]|0?[1-9])\s?月",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as understood; ``items`` are evidence ids in ledger order.

    ``change`` is what a what-if supposes, ``None`` where that is no change that can be computed.
    ``others`` are the further windows named; ``days`` single days or times beyond the run.
    """

    intent: Intent
    language: Language
    causes: tuple[Cause, ...] = ()
    groups: tuple[AssetGroup, ...] = ()
    items: tuple[str, ...] = ()
    change: Change | None = field(default_factory=lambda: Change("remove"))
    chart: str = "cause_map"
    others: tuple[str, ...] = ()
    text: str = ""
    series: tuple[str, ...] = ()
    level: bool = False
    left_out: tuple[str, ...] = ()
    rises: bool = False
    days: Days | None = None


def read_question(text: str, report: Report, history: Sequence[Turn] = ()) -> Asked:
    """What is asked, of which causes, groups and measures of the run, after what was asked."""
    asked = _LATIN.sub(" ", _in_full(clean(text, MAX_QUESTION)))
    tongue = _TONGUE.search(asked)
    if tongue is None:
        return _asked(asked, report, history)
    language: Language = "zh" if tongue["zh"] or tongue["z"] else "en"
    left = _TONGUE.sub(" ", asked)
    if not _POLITE.sub("", left) and history:
        again = read_question(history[-1].question, report, history[:-1])
        return replace(again, language=language)
    return replace(_asked(left, report, history), language=language)


def _in_full(text: str) -> str:
    """The question without the shorthand of those who type in haste."""
    for short, full in _SHORTHAND:
        text = short.sub(full, text)
    return text


def _asked(asked: str, report: Report, history: Sequence[Turn]) -> Asked:
    before = _continued(asked, report, history)
    series, near = series_in(asked), named(asked, report)
    read = Read(
        causes=tuple(cause for cause, pattern in CAUSE_PATTERNS if pattern.search(asked)),
        groups=tuple(group for group, pattern in GROUP_PATTERNS if pattern.search(asked)),
        near=near,
        others=_others(asked),
        level=bool(series) and not measure_in(asked) and _LEVEL.search(asked) is not None,
    )
    days = days_asked(asked, report, history)
    ruled = _dated(intent_of(asked, read, history), days)
    alone = before is None and not (history and CARRIES_ON.match(asked))
    intent = guessed(asked, read, ruled, report) if alone else ruled
    change = supposed(asked, turned_round=inverted(asked, near))
    if change is None and intent == "what_if" and history and CARRIES_ON.match(asked):
        change = read_question(history[-1].question, report, history[:-1]).change
    left_out, rises = unanswered(undated(asked, report))
    groups = read.groups if intent == ruled else groups_in(asked, read.groups)
    told = meaning(asked, "en")
    return _carried(
        Asked(
            intent=intent,
            language="zh" if _HAN.search(asked) else "en",
            causes=read.causes,
            groups=groups,
            items=_items(read, series, intent, report, change),
            change=change,
            chart=next(
                (key for key, pattern in CHARTS if pattern.search(asked)),
                "paths" if groups else "none" if near.items and "map" not in asked else "cause_map",
            ),
            others=read.others,
            text=MEANING.format(asked) if intent == "meaning" and not told else asked,
            series=() if measure_in(asked) else series_said(series),
            level=read.level,
            left_out=left_out,
            rises=rises,
            days=days if intent == "day" else None,
        ),
        before,
    )


def _continued(text: str, report: Report, history: Sequence[Turn]) -> Asked | None:
    """The last question, where this one asks on without naming anything."""
    if not history:
        return None
    last = history[-1]
    if _ELLIPTIC.fullmatch(text) or (last.intent == "compare" and _WORSE.search(text)):
        return read_question(last.question, report, history[:-1])
    return None


def _carried(asked: Asked, last: Asked | None) -> Asked:
    """The question with the last one's things; a sum asked on is the last question again."""
    if last is None:
        return asked
    again = last.intent == "compare" or asked.intent in ("found", "moves")
    return replace(
        asked,
        intent=last.intent if again else asked.intent,
        groups=asked.groups or last.groups,
        items=asked.items or last.items,
        causes=asked.causes or last.causes,
        others=asked.others or last.others,
        series=asked.series or last.series,
        left_out=asked.left_out or last.left_out,
        text=last.text if again else asked.text,
    )


def _items(
    read: Read, series: Sequence[str], intent: Intent, report: Report, change: Change | None
) -> tuple[str, ...]:
    if read.level and intent != "what_if":
        return levels(report, series)
    if intent == "what_if":
        return changed(read.near, report, change or Change("remove"))
    return weighing(read.near, report) if intent == "sources" else shown(read.near)


def _dated(intent: Intent | None, days: Days | None) -> Intent:
    """The intent, or the day's own question where the run as a whole would be no answer."""
    if days is not None and not days.first and not days.beyond:
        return "day"
    fits = days is not None and (
        intent not in _NOT_OF_DAYS if days.beyond and days.first else intent in _OF_DAYS
    )
    return "day" if fits else intent or "found"


def _others(text: str) -> tuple[str, ...]:
    """The windows that are named: cases or runs, months as a case's id begins, or years."""
    months = []
    for month in _MONTH.finditer(text):
        if month["of"]:
            months.append(f"{month['of']}-{int(month['number']):02}")
        else:
            number = _MONTHS.index(month["name"].lower()) // 4 + 1
            months.append(f"{month['year']}-{number:02}")
    return tuple(dict.fromkeys(months or (c[0].lower() for c in _CASE.finditer(text))))
