"""What a call costs, from a dated table of list prices shipped with the package."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final
from urllib.parse import urlsplit

_MILLION: Final = 1_000_000
# Providers add a date to a model's name when they serve it: gpt-4o-2024-08-06.
_DATED: Final = re.compile(r"-\d{4}-\d{2}-\d{2}$|-\d{8}$|-latest$")
LOCAL: Final = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million prompt and completion tokens."""

    prompt: float
    completion: float

    def of(self, tokens_in: int, tokens_out: int) -> float:
        """The cost of a call in US dollars, to a millionth."""
        spent = tokens_in * self.prompt + tokens_out * self.completion
        return round(spent / _MILLION, 6)


@cache
def _table() -> dict[str, Price]:
    raw = json.loads((resources.files("causemap.llm") / "prices.json").read_text("utf-8"))
    return {name: Price(row["in"], row["out"]) for name, row in raw["models"].items()}


def price_of(model: str, url: str | None) -> Price | None:
    """The list price of a model; nothing on this machine; ``None`` where it is not known."""
    if url and urlsplit(url).hostname in LOCAL:
        return Price(0.0, 0.0)
    table = _table()
    name = model.rpartition("/")[2].lower()
    return table.get(name) or table.get(_DATED.sub("", name))
