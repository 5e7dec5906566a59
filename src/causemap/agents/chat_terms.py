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
from causemap.words import band, sentence_case

# "What is X" asks for a meaning; "what is the X at" for a figure of the run.
_MEANS: Final = re.compile(
    r"\bwhat\b.*\b(?:means?|meant by|stands? for)\b|\b(?:meaning|definition) of\b|\bdefine\b"
    r"|^\s*what(?:'s|\u2019s| is| are) (?:an? )?(?!the\b)[\w\s\"'/&-]{1,40}\??\s*$"
    r"|\bhow (?:do|does|did|are|is|were|was|have) (?:you|it|this|the|that|these|z)\b.*"
    r"\b(?:comput\w+|calculat\w+|work(?:ed)? out|deriv\w+|arriv\w+|estimat\w+)\b"
    r"|什么是|是什么意思|什么意思|怎么(?:算|计算|得出|来)的?|如何(?:算|计算|得出)|含义|定义",
    re.IGNORECASE,
)
_TERMS: Final[dict[str, str]] = {
    "z": r"\bz\b|z[ -]?scores?|standard deviations?|\brobust\b|z\s?值|标准差|稳健",
    "band": r"\bpossible\b|\blikely\b|\bunlikely\b|有可能|较可能|很可能|不太可能",
    "probability": r"probabilit\w+|概率",
    "pull": r"\bpulls?\b|log-?odds|对数几率",
    "beta": r"\bbeta\b|贝塔",
    "unexplained": r"unexplained|residual|未(?:能)?解释|残差",
    "confidence": r"link confidence|confidence of (?:a |the )?link",
    "gap": r"\bgaps?\b|缺口",
    "as_of": r"\bas[ -]of\b|截至",
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
    for key, pattern in _TERMS.items():
        if re.search(pattern, text, re.IGNORECASE):
            return _bands(language) if key == "band" else _book()["terms"][key][language]
    cause = next((c for c, pattern in CAUSE_PATTERNS if pattern.search(text)), None)
    if cause is None or not asked:
        return ""
    name = CAUSE_ZH[cause] if language == "zh" else sentence_case(NAMES[cause])
    return f"**{name}**: {_book()['causes'][cause][language]}"


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
