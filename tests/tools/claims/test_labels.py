from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from causemap.articles import Article
from causemap.tools.claims import extract
from causemap.tools.claims.scoring import Score, score

FILE = Path(__file__).with_name("claim_labels.json")
LABELS: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
PARTS = ("development", "held_out")


def _scores(part: str, read: Callable[[str], Article]) -> list[Score]:
    found = []
    for name, about in LABELS["articles"].items():
        if about["part"] == part:
            wanted = [label for label in LABELS["labels"] if label["article"] == name]
            found.append(score(extract(read(name)), wanted))
    return found


@pytest.mark.parametrize("part", PARTS)
def test_precision_and_recall_on_hand_labels(
    part: str, shared_article: Callable[[str], Article]
) -> None:
    """On the labelled articles precision is at least 0.9 and recall at least 0.7."""
    scores = _scores(part, shared_article)
    hits = sum(s.hits for s in scores)
    assert hits / (hits + sum(len(s.false) for s in scores)) >= 0.9
    assert hits / (hits + sum(len(s.missed) for s in scores)) >= 0.7


@pytest.mark.parametrize("name", sorted(LABELS["articles"]))
def test_labels_belong_to_these_very_texts(
    name: str, shared_article: Callable[[str], Article]
) -> None:
    """The offsets of the labels are those of the article they were made on."""
    text, about = shared_article(name).text, LABELS["articles"][name]
    assert hashlib.sha256(text.encode()).hexdigest() == about["sha256"]
    own: list[dict[str, Any]] = [x for x in LABELS["labels"] if x["article"] == name]
    assert own
    assert all(0 <= x["start"] < x["end"] <= about["characters"] for x in own)


def test_the_label_file_holds_no_text_of_the_articles() -> None:
    """Labels are offsets and our own codes: no run of an article's words is committed."""
    assert {key for label in LABELS["labels"] for key in label} == {
        *("article", "start", "end", "kind", "about", "direction", "numbers", "optional")
    }
