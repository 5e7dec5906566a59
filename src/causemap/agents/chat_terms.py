"""What the words of an answer mean: terms of the method and the causes, in a sentence or two each.

The thresholds of the words for probabilities are read from :func:`causemap.words.band`, so that a
definition never says another figure than the answers are made with.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Final

from causemap.agents.chat_words import BANDS_ZH, CAUSE_PATTERNS, CAUSE_ZH
from causemap.agents.turns import Language
from causemap.causes import NAMES
from causemap.words import band, number, sentence_case

# "What is X" asks for a meaning; "what is the X at" for a figure of the run.
_MEANS: Final = re.compile(
    r"\bwhat(?:.?s)?\b.*\b(?:means?|meant by|stands? for)\b|\b(?:meaning|definition) of\b"
    r"|\bdefine\b|\b(?:what do|do) you mean by\b|\bdifferen(?:ce|t)\b.*\b(?:between|from)\b"
    r"|\bwhat.?s the difference\b"
    r"|\b(?:is|are) .*\bthe same(?: thing)? as\b|\bhow (?:big|large|deep|much) must\b"
    r"|\b(?:sum|add\w*|total)\b.*\b(?:100|one|up)\b|\bcounts? as an? \w+"
    r"|^\s*what(?:'s|\u2019s|s| is| are) (?:an? )?(?!the\b|your\b)[\w\s\"'/&-]{1,40}\??\s*$"
    r"|\bhow (?:do|does|did|are|is|were|was|have) (?:you|it|this|the|that|these|z)\b.*"
    r"\b(?:comput\w+|calculat\w+|work(?:ed)? out|deriv\w+|arriv\w+|estimat\w+)\b"
    r"|\bwhy\b.*\b(?:as[ -]of|two days (?:later|after))\b"
    r"|^\s*(?:please )?explain (?:a |an |the term |what )?['\"\u2018\u201c]?[\w-]+(?: [\w-]+){0,2}"
    r"['\"\u2019\u201d]?(?: (?:is|means?|to (?:a|me|my)\b.*|in (?:plain|simple)\b.*))?\W*$"
    r"|^\W*is an? .*\b(?:rare|unusual|big|large|normal)\b"
    r"|\b(?:hindsight|after the fact|look-?ahead)\b"
    r"|什么是|什么叫|是(?:啥|什么)[?？]?\s*$|啥意思|算不算|有什么(?:区别|不同)|是什么意思|什么意思|事后"
    r"|怎么(?:算|计算|得出|来)的?|如何(?:算|计算|得出)|含义|定义",
    re.IGNORECASE,
)
_TERMS: Final[dict[str, str]] = {
    "z": r"\bz\b|z[ -]?scores?|\bsigmas?\b|standard deviations?|\brobust\b|z\s?值|标准差|稳健",
    "band": r"\bpossible\b|\blikely\b|\bunlikely\b|有可能|较可能|很可能|不太可能",
    "threshold": r"\bcounts?\b.*\bfall\b|\bfall\b.*\bcount|\bthreshold|\bcounts? as\b"
    r"|算(?:是)?下跌|算不算|门槛",
    "probability": r"probabilit\w+|\d\s?%|\b(?:100|add up|one hundred)\b|概率",
    "pull": r"\bpulls?\b|log-?odds|对数几率",
    "beta": r"\bbeta\b|贝塔",
    "mechanical": r"mechanical|forced part|机械",
    "term_premium": r"term premi|期限溢价",
    "map": r"\b(?:shocks?|triggers?|amplif\w+|channels?)\b|冲击|放大|渠道",
    "unexplained": r"unexplained|residual|未(?:能)?解释|残差",
    "confidence": r"link confidence|confidence of (?:a |the )?link",
    "gap": r"\bgaps?\b|缺口",
    "as_of": r"\bas[ -]of\b|\btwo days (?:later|after)\b|hindsight|after the fact"
    r"|look-?ahead|截至|事后",
    "mixed": r"mixed or unclear|\bmixed\b|混合",
}


def meaning(text: str, language: Language) -> str:
    """What the term that a question asks the meaning of stands for; empty if it asks for none."""
    asked, explain = (
        _MEANS.search(text),
        re.match(r"\s*(?:please )?explain\b|解释一?下", text, re.IGNORECASE),
    )
    if not asked and not explain:
        return ""
    causes = [c for c, pattern in CAUSE_PATTERNS if pattern.search(text)] if asked else []
    for key, pattern in _TERMS.items():
        # A "rates shock" is a cause, no shock of the map in general.
        if (
            len(causes) < 2
            and not (causes and key == "map")
            and re.search(pattern, text, re.IGNORECASE)
        ):
            return _counted(key, language) or _book()["terms"][key][language]
    names = CAUSE_ZH if language == "zh" else NAMES
    lines = [
        f"**{sentence_case(names[cause])}**: {_book()['causes'][cause][language]}"
        for cause in causes
    ]
    return "\n\n".join(lines)


def _counted(key: str, language: Language) -> str:
    """A term whose figures are read from the code that uses them; empty for the others."""
    if key == "band":
        return _bands(language)
    return _threshold(language) if key == "threshold" else ""


def _threshold(language: Language) -> str:
    """From what z on a group's moves count as a fall."""
    from causemap.attribution.verdict import fall_threshold

    one, two = (number(fall_threshold(n), 2) for n in (1, 2))
    return _book()["terms"]["threshold"][language].format(one=one, two=two)


@cache
def _book() -> dict[str, dict[str, dict[str, str]]]:
    import yaml

    text = files("causemap.agents").joinpath("terms.yaml").read_text("utf-8")
    book: dict[str, dict[str, dict[str, str]]] = yaml.safe_load(text)
    return book


def _bands(language: Language) -> str:
    """The words for a probability with the lowest whole per cent of each."""
    lowest: dict[str, int] = {}
    for whole in range(100, -1, -1):
        lowest[band(whole / 100)] = whole
    if language == "zh":
        return (
            ";".join(f"“{BANDS_ZH[word]}”:{least}% 及以上" for word, least in lowest.items()) + "。"
        )
    return "; ".join(f"'{word}' from {least}%" for word, least in lowest.items()) + "."
