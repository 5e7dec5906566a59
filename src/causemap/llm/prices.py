"""What a call costs by list prices: a dated table with its source, or the user's own.

A cost is an estimate: providers change prices, charge less for cached prompts and more for some
service levels. A model in no table has no known price, which is not a price of zero: its cost is
``None``, the limits in money cannot hold, and both are said.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from causemap.errors import UsageError
from causemap.model_records import Priced

if TYPE_CHECKING:
    from pathlib import Path

_MILLION: Final = 1_000_000
# An upper count of tokens: English text has four characters a token, others one or less.
_ASCII_A_TOKEN: Final = 3.0
_TOKENS_A_CHARACTER: Final = 1.5
# Providers add a date to a model's name when they serve it: gpt-4o-2024-08-06.
_DATED: Final = re.compile(r"-\d{4}-\d{2}-\d{2}$|-\d{8}$|-latest$")
LOCAL: Final = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million prompt and completion tokens, and where they come from."""

    prompt: float
    completion: float
    priced: Priced

    def of(self, tokens_in: int, tokens_out: int) -> float:
        """The cost of a call in US dollars, to a millionth."""
        spent = tokens_in * self.prompt + tokens_out * self.completion
        return round(spent / _MILLION, 6)


def estimated_tokens(text: str) -> int:
    """An upper estimate of a text's tokens: reservations must not come out too small."""
    plain = sum(char.isascii() for char in text)
    return math.ceil(plain / _ASCII_A_TOKEN + (len(text) - plain) * _TOKENS_A_CHARACTER)


def price_of(model: str, url: str | None, own: Path | None = None) -> Price | None:
    """The list price of a model; nothing on this machine; ``None`` where it is not known.

    ``own`` is a table of the user's in the form of the shipped one; it wins where it knows the
    model. Raises :class:`UsageError` for a table that cannot be used.
    """
    name = model.rpartition("/")[2].lower()
    for table in (_own(own) if own else {}, _shipped()):
        for known in (name, _DATED.sub("", name)):
            if known in table:
                return table[known]
    if url and urlsplit(url).hostname in LOCAL:
        return Price(0.0, 0.0, Priced("local"))
    return None


def priced(price: Price | None) -> Priced:
    """Where a price comes from, as a dossier keeps it."""
    return Priced("unknown") if price is None else price.priced


@cache
def _shipped() -> dict[str, Price]:
    raw = json.loads((resources.files("causemap.llm") / "prices.json").read_text("utf-8"))
    return _table(raw, Priced("listed", str(raw["as_of"]), str(raw["source"])))


@cache
def _own(path: Path) -> dict[str, Price]:
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        return _table(raw, Priced("own", str(raw["as_of"])[:10], path.name))
    except OSError as fault:
        raise UsageError(
            f"CAUSEMAP_MODEL_PRICES: {path} cannot be read ({fault.strerror})."
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UsageError(
            f'CAUSEMAP_MODEL_PRICES: {path} is no table of prices; write {{"as_of": "2026-11-21", '
            '"models": {"NAME": {"in": 0.4, "out": 1.6}}} in US dollars per million tokens.'
        ) from None


def _table(raw: dict[str, Any], origin: Priced) -> dict[str, Price]:
    return {
        name.lower(): Price(_dollars(row["in"]), _dollars(row["out"]), origin)
        for name, row in raw["models"].items()
    }


def _dollars(value: object) -> float:
    amount = float(str(value))
    if not (math.isfinite(amount) and amount >= 0):
        raise ValueError("no price")
    return amount
