"""Voices: how points are worded. A voice changes words only, never what is said.

Built in are ``wire`` and ``plain``; a house style is a YAML file that starts from one of them and
may replace phrases (with the same fields), ban words and name its conflicts of interest.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final, get_args

import yaml

from causemap.agents import names_zh
from causemap.briefing.tree import Language
from causemap.errors import UsageError
from causemap.tools.notes import clean_text

if TYPE_CHECKING:
    from pathlib import Path

    from causemap.briefing.point import Point

FIELD: Final = re.compile(r"<(\w+)>")
VOICES: Final = ("wire", "plain")
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
_HOUSE_KEYS: Final = ("base", "phrases", "banned", "conflicts", "byline")
_MAX_BYTES: Final = 100_000

Forms = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Voice:
    """A phrase book of one language: forms of each kind of point, and what is fixed."""

    name: str
    language: Language
    phrases: Mapping[str, Forms]
    labels: Mapping[str, str]
    empty: Mapping[str, str]
    disclosures: Mapping[str, str]
    banned: tuple[str, ...] = ()
    conflicts: str = ""
    byline: str = ""

    def forms(self, point: Point, seed: str) -> tuple[str, ...]:
        """The slot templates of a point, short first; forms that say the same are told once."""
        variants = self.phrases[point.kind]
        made = (_filled(_pick(v, f"{seed}:{point.id}"), point) for v in variants)
        return tuple(dict.fromkeys(made))


def _pick(variants: tuple[str, ...], seed: str) -> str:
    """Always the same variant for the same run and point."""
    digest = hashlib.sha256(seed.encode()).digest()
    return variants[digest[0] % len(variants)]


def _filled(phrase: str, point: Point) -> str:
    return FIELD.sub(lambda found: point.fields[found[1]], phrase)


@dataclass(frozen=True, slots=True)
class House:
    """What a house style file may set."""

    base: str = "plain"
    phrases: Mapping[str, Forms] = field(default_factory=dict)
    banned: tuple[str, ...] = ()
    conflicts: str = ""
    byline: str = ""


def voice_of(name: str, language: Language, house: House | None = None) -> Voice:
    """The voice of that name, with a house style on top.

    Raises :class:`UsageError` for an unknown voice or language.
    """
    if name not in VOICES:
        raise UsageError(f"There is no voice {name!r:.40}; use {', '.join(VOICES)}.")
    if language not in LANGUAGES:
        raise UsageError(f"Briefings are written in {', '.join(LANGUAGES)}, not {language!r:.20}.")
    book = book_of(language)
    phrases = dict(_forms(book["voices"][name]))
    if house is None:
        house = House(base=name)
    phrases |= house.phrases
    return Voice(
        name,
        language,
        phrases,
        book["labels"],
        book["empty"],
        book["disclosures"],
        house.banned,
        house.conflicts,
        house.byline,
    )


@cache
def book_of(language: Language) -> Mapping[str, Any]:
    """The phrase book of a language as it stands in its file."""
    text = resources.files("causemap.briefing.phrases").joinpath(f"{language}.yaml")
    held: Mapping[str, Any] = yaml.safe_load(text.read_text(encoding="utf-8"))
    return {**names_zh.book(), **held} if language == "zh" else held


def _forms(raw: Mapping[str, list[list[str]]]) -> dict[str, Forms]:
    return {kind: tuple(tuple(v) for v in forms) for kind, forms in raw.items()}


def read_house(path: Path, language: Language = "en") -> House:
    """Read a house style file.

    Raises :class:`UsageError` with the key at fault: an unknown key, an unknown phrase, or a phrase
    whose fields differ from those it replaces (it would say more, or less, than the run).
    """
    raw = _raw(path)
    unknown = sorted(set(raw) - set(_HOUSE_KEYS))
    if unknown:
        raise UsageError(
            f"{path.name}: {unknown[0]!r:.40} is no key; use {', '.join(_HOUSE_KEYS)}."
        )
    base = str(raw.get("base", "plain"))
    known = voice_of(base, language).phrases
    given = raw.get("phrases") or {}
    if not isinstance(given, dict):
        raise UsageError(f"{path.name}: 'phrases' must map a kind of point to its forms.")
    phrases = {kind: _replaced(path.name, kind, forms, known) for kind, forms in given.items()}
    banned = raw.get("banned") or []
    if not isinstance(banned, list):
        raise UsageError(f"{path.name}: 'banned' must be a list of words.")
    return House(
        base,
        phrases,
        tuple(clean_text(str(word), 60) for word in banned),
        clean_text(str(raw.get("conflicts", "")), 300),
        clean_text(str(raw.get("byline", "")), 120),
    )


def _raw(path: Path) -> Mapping[str, Any]:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise UsageError(f"{path.name} is larger than a style file can be (100 kB).")
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as fault:
        raise UsageError(f"The style file {path} cannot be read: {fault!s:.120}.") from fault
    if not isinstance(raw, dict):
        raise UsageError(f"{path.name}: expected keys such as 'base' and 'phrases'.")
    return raw


def _replaced(where: str, kind: str, raw: object, known: Mapping[str, Forms]) -> Forms:
    if kind not in known:
        raise UsageError(f"{where}: there is no phrase {kind!r:.40}; known are {', '.join(known)}.")
    forms = known[kind]
    lists = raw if isinstance(raw, list) else [raw]
    if len(lists) != len(forms):
        raise UsageError(f"{where}: {kind!r} needs {len(forms)} forms, short first.")
    made = []
    for given, old in zip(lists, forms, strict=True):
        variants = tuple(str(v) for v in (given if isinstance(given, list) else [given]))
        for variant in variants:
            if sorted(FIELD.findall(variant)) != sorted(FIELD.findall(old[0])):
                fields = ", ".join(f"<{name}>" for name in FIELD.findall(old[0]))
                raise UsageError(f"{where}: {kind!r} must hold exactly the fields {fields}.")
            if re.search(r"[\d{}]", FIELD.sub("", variant)):
                raise UsageError(f"{where}: {kind!r} holds a figure or a brace of its own.")
        made.append(variants)
    return tuple(made)
