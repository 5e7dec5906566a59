"""Fitting a text to a length: whole sentences only, the most important ones that fill it.

A multiple-choice knapsack over the number of words (Kellerer, Pferschy and Pisinger 2004, ch. 11):
of each group (a claim in its forms) at most one form is taken, of a required group exactly one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

TOLERANCE: Final = 0.10


@dataclass(frozen=True, slots=True)
class Choice:
    """One claim: its importance, the words of each of its forms, and whether it must be said.

    ``fuller`` is what each longer form adds to the weight: by default as little as the least
    important claim, so that words go to further claims first.
    """

    weight: float
    words: tuple[int, ...]
    required: bool = False
    fuller: float = 0.5


class Fit(NamedTuple):
    """Which form of each choice is taken (``None``: left out), and the words that makes."""

    forms: tuple[int | None, ...]
    words: int


class _State(NamedTuple):
    value: float
    form: int | None
    before: int


def fit(choices: Sequence[Choice], budget: int) -> Fit:
    """Choose forms worth the most whose words lie within ten percent of ``budget``.

    Where even everything in its longest form is too short, everything is said; where even the
    required ones in their shortest form are too long, some of them are left out, the least
    important first.
    """
    limit = int(budget * (1 + TOLERANCE))
    table = _table(choices, limit)
    reached = list(table[-1])
    # Near the length asked for, if that can be had; else anywhere within the tolerance.
    for slack in (TOLERANCE / 3, TOLERANCE):
        inside = [w for w in reached if abs(w - budget) <= budget * slack]
        if inside:
            best = max(inside, key=lambda w: (table[-1][w].value, -abs(w - budget)))
            return _read_back(table, best)
    if reached:
        return _read_back(table, max(reached))
    return fit(_relaxed(choices), budget)


def _table(choices: Sequence[Choice], limit: int) -> list[dict[int, _State]]:
    rows: list[dict[int, _State]] = [{0: _State(0.0, None, 0)}]
    for choice in choices:
        row: dict[int, _State] = {}
        for words, state in rows[-1].items():
            if not choice.required:
                _keep(row, words, _State(state.value, None, words))
            for form, length in enumerate(choice.words):
                if words + length <= limit:
                    value = state.value + choice.weight + choice.fuller * form
                    _keep(row, words + length, _State(value, form, words))
        rows.append(row)
    return rows


def _keep(row: dict[int, _State], words: int, state: _State) -> None:
    if words not in row or state.value > row[words].value:
        row[words] = state


def _read_back(table: list[dict[int, _State]], words: int) -> Fit:
    forms: list[int | None] = []
    at = words
    for row in reversed(table[1:]):
        forms.append(row[at].form)
        at = row[at].before
    return Fit(tuple(reversed(forms)), words)


def _relaxed(choices: Sequence[Choice]) -> tuple[Choice, ...]:
    """The same choices with the least important required one made optional."""
    required = [k for k, choice in enumerate(choices) if choice.required]
    least = min(required, key=lambda k: choices[k].weight)
    return tuple(replace(c, required=c.required and k != least) for k, c in enumerate(choices))
