from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from causemap.causes import NAMED
from causemap.tools.news.reading import by_lexicon, read
from causemap.tools.news.words import CLASSES, Words, chances, load_words, terms

SENTENCES = Path(__file__).parents[3] / "scripts" / "reading"


def _sentences(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (SENTENCES / name).read_text("utf-8").splitlines()]


def _top(weights: dict[Any, float]) -> str:
    return max(weights, key=lambda c: weights[c], default="none")


def test_terms_are_words_and_pairs_with_figures_made_alike() -> None:
    """Figures become 0, owners lose their s, Chinese is taken sign by sign."""
    assert terms("The Fed's 2.5% rise") == [
        *("the", "fed", "0%", "rise"),
        *("the fed", "fed 0%", "0% rise"),
    ]
    assert terms("加息25") == ["加", "息", "0", "加 息", "息 0"]


def test_chances_are_the_softmax_of_the_weighted_terms() -> None:
    """By hand: two known terms of equal weight, one class favoured by one of them."""
    weights = np.zeros((2, len(CLASSES)))
    weights[0, 0] = 2.0
    fitted = Words({"yields": 0, "rose": 1}, np.ones(2), weights, np.zeros(len(CLASSES)))
    found = chances("Yields rose unheard", fitted)
    raised = np.exp(2.0 / np.sqrt(2.0))
    assert found[NAMED[0]] == pytest.approx(raised / (raised + len(CLASSES) - 1))
    assert found[NAMED[1]] == pytest.approx(1.0 / (raised + len(CLASSES) - 1))


@given(st.text(max_size=400))
def test_any_text_has_chances_that_leave_room_for_none(text: str) -> None:
    """Whatever is written, the causes have shares of at most one together, and none is missing."""
    found = chances(text)
    assert set(found) == set(NAMED)
    assert all(0.0 <= chance <= 1.0 for chance in found.values())
    assert sum(found.values()) < 1.0
    assert sum(weight for _, weight in read(text).weights) <= 1.0 + 1e-9


def test_unseen_sentences_are_read_better_than_by_the_lexicon() -> None:
    """Of sentences never fitted, two thirds of those that name a cause are read right.

    The lexicon alone is right in little more than half of them.
    """
    rows = [row for row in _sentences("held_out.jsonl") if row["cause"] != "none"]
    learned, told = (
        np.mean([_top(reader(row["text"])) in (row["cause"], row.get("also")) for row in rows])
        for reader in (chances, lambda text: dict(by_lexicon(text).weights))
    )
    assert len(rows) > 300
    assert learned > 0.75
    assert learned > told + 0.1


def test_no_held_out_sentence_was_fitted() -> None:
    """The two files share no text."""
    texts = [{row["text"] for row in _sentences(f"{n}.jsonl")} for n in ("training", "held_out")]
    assert not texts[0] & texts[1]


def test_what_is_shipped_was_fitted_on_the_sentences_at_hand() -> None:
    """The terms are those that stand in at least two training sentences."""
    seen: dict[str, int] = {}
    for row in _sentences("training.jsonl"):
        for term in set(terms(row["text"])):
            seen[term] = seen.get(term, 0) + 1
    assert set(load_words().place) == {term for term, n in seen.items() if n >= 2}
