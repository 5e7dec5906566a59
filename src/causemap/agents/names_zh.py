"""Chinese names of what the engine measures, by table and by pattern (``names_zh.yaml``).

A name that neither holds is quoted in English rather than guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

import yaml

from causemap.agents.chat_words import cause_zh
from causemap.agents.told_zh import asset_zh
from causemap.agents.turns import Language
from causemap.causes import NAMES
from causemap.closed_sets import GapKind
from causemap.llm.slots import ASSET_NAMES

KINDS_ZH: Final[Mapping[GapKind, str]] = {
    "empty": "没有可用的数值",
    "stale": "数值已经过时",
    "failed": "读取失败",
    "not_covered": "数据中没有收录",
}


def named_zh(said: str) -> str:
    """The Chinese name, with the parts that a pattern leaves open named in their turn."""
    return _known(said.strip()) or f"\u300c{said.strip()}\u300d"


def gap_zh(what: str) -> str:
    """The Chinese name of what is missing; one that the table lacks is named like a measure."""
    known: str | None = book()["gaps"].get(what)
    return known or named_zh(what)


def told_in(said: str, language: Language) -> str:
    """The words in that language; what has no Chinese name stays as it is."""
    if language != "zh":
        return said
    whole = said.strip().rstrip(".")
    tables = book()["gaps"] | book()["triggers"]
    return tables.get(whole) or _known(whole) or said


@cache
def book() -> Mapping[str, Any]:
    """Names, patterns, measures, gaps and triggers as they stand in their file."""
    text = files("causemap.agents").joinpath("names_zh.yaml").read_text("utf-8")
    held: Mapping[str, Any] = yaml.safe_load(text)
    return held


def _known(said: str) -> str | None:
    exact = _names().get(said)
    if exact is not None:
        return exact
    for pattern, name in _patterns():
        found = pattern.fullmatch(said)
        if found:
            parts = {key: _known(part) or part for key, part in found.groupdict().items()}
            return name.format(**parts)
    return None


@cache
def _names() -> dict[str, str]:
    held = book()
    causes = {name: cause_zh(cause) for cause, name in NAMES.items()}
    assets = {name: asset_zh(code) for code, name in ASSET_NAMES.items()}
    codes = {code: asset_zh(code) for code in ASSET_NAMES}
    own = {name: told for name, told in (assets | codes).items() if not told.isascii()}
    return {**own, **causes, **held["names"], **held["measures"]}


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern), name) for pattern, name in book()["patterns"])
