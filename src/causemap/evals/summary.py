"""The table of docs/evaluation.md: one system against the baselines, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from causemap.evals.compare import Answered, compare
from causemap.evals.intervals import RESAMPLES
from causemap.evals.results import said
from causemap.evals.scorecard import Scorecard, score

BASELINES: Final = ("majority", "headline", "template", "logistic-prices", "logistic-words")
ABLATIONS: Final = ("price-only", "text-only")
_ROWS: Final = (
    ("top1", "top-1, eight causes + mixed"),
    ("mission4", "rates / AI / liquidation / other (mixed in other)"),
    ("mission5", "the same with mixed apart"),
    ("top2", "top-2"),
    ("macro_f1", "macro-F1"),
    ("brier", "multi-class Brier"),
    ("brier_soft", "Brier against both labellers"),
    ("log_loss", "log loss"),
    ("selective_accuracy", "accuracy when it answers"),
    ("coverage", "coverage"),
    ("contribution_overlap", "overlap of contributions"),
    ("order_tau", "order of events, Kendall tau-b"),
)


def to_markdown(
    runs: Sequence[Answered], systems: Sequence[str], seed: int = 0, resamples: int = RESAMPLES
) -> str:
    """A column for each run (the system under test first), a row for each figure."""
    cards = [score(run.windows, run.samples, run.wording, seed, resamples) for run in runs]
    lines = ["| figure | " + " | ".join(systems) + " |", "|---" * (len(runs) + 1) + "|"]
    for key, name in _ROWS:
        cells = (_cell(card, key) for card in cards)
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    lines.append("| errors | " + " | ".join(str(card.errors) for card in cards) + " |")
    return "\n".join([*lines, "", *_against(runs, systems, cards, seed, resamples)]) + "\n"


def _cell(card: Scorecard, key: str) -> str:
    found = dict(card.metrics).get(key)
    return "n/a" if found is None else said(found)


def _against(
    runs: Sequence[Answered],
    systems: Sequence[str],
    cards: Sequence[Scorecard],
    seed: int,
    resamples: int,
) -> Iterator[str]:
    """Whether the first system beats the best baseline, in a sentence either way."""
    rivals = [k for k, name in enumerate(systems) if k and name in BASELINES]
    if not rivals:
        return
    for metric in ("top1", "brier"):
        best = (max if metric == "top1" else min)(rivals, key=lambda k: _value(cards[k], metric))
        first, rival = (replace(runs[k], name=systems[k]) for k in (0, best))
        verdict = compare(first, rival, seed, resamples).verdict(metric)
        yield f"- Best baseline by {metric}: {systems[best]}. {verdict}"


def _value(card: Scorecard, metric: str) -> float:
    found = dict(card.metrics)[metric].value
    return 0.0 if found is None else found
