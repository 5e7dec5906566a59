"""Sentences of our own, labelled before the reader saw them: plain news and traps, en and zh."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from causemap.articles import Article
from causemap.tools.claims import extract
from causemap.tools.claims.scoring import Score, score

FILES = ("own_sentences", "own_sentences_2", "own_sentences_3")


def rows(name: str) -> list[dict[str, Any]]:
    """The sentences of a file with their labels: kind, about, direction, numbers, optional."""
    path = Path(__file__).with_name(f"{name}.jsonl")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def scored(row: dict[str, Any]) -> Score:
    """A sentence read as an article of its own."""
    day, text = "2026-03-13", row["text"]
    article = Article("own", None, "Own", "T", day, "date", day, day, "und", text)
    keys = ("kind", "about", "direction", "numbers")
    wanted = [
        {
            **dict(zip(keys, label[:4], strict=True)),
            "start": 0,
            "end": len(row["text"]),
            "optional": label[4:] == [True],
        }
        for label in row["labels"]
    ]
    return score(extract(article), wanted)


@pytest.mark.parametrize("name", FILES)
def test_precision_and_recall_on_sentences_of_our_own(name: str) -> None:
    """At least 0.9 and 0.7; what was false is shown."""
    found = [scored(row) for row in rows(name)]
    hits, missed = sum(s.hits for s in found), sum(len(s.missed) for s in found)
    false = [claim for s in found for claim in s.false]
    assert hits / (hits + len(false)) >= 0.9, false
    assert hits / (hits + missed) >= 0.7


@pytest.mark.parametrize("name", FILES)
def test_a_sentence_that_asserts_nothing_of_the_tape_gives_no_claim(name: str) -> None:
    """Questions, conditions, habits, forecasts, other things' numbers: over a quarter of a set."""
    silent = [row for row in rows(name) if not row["labels"]]
    assert len(silent) >= len(rows(name)) / 4
    assert [row["text"] for row in silent if scored(row).false] == []
