"""The table of docs/evaluation.md: one system against the baselines, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final, get_args

from causemap.causes import NAMES
from causemap.closed_sets import Primary
from causemap.errors import UsageError
from causemap.evals.compare import Answered, compare
from causemap.evals.intervals import RESAMPLES
from causemap.evals.results import plain, rater_line, said
from causemap.evals.scorecard import Scorecard, score
from causemap.words import sentence_case

BASELINES: Final = ("majority", "headline", "template", "logistic-prices", "logistic-words")
LEARN_FROM_NOTES: Final = ("logistic-words",)
ABLATIONS: Final = ("price-only", "text-only")
OPENS: Final = "<!-- tables of causemap eval table -->"
CLOSES: Final = "<!-- end of tables -->"
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
    ("cause_reaches_asset", "named causes that reach an asset asked about"),
    ("citation_recall", "citation recall"),
    ("citation_precision", "citation precision"),
    ("unmoved_without_cited", "verdicts unmoved without the first item they cite"),
    ("fall_without_cited", "fall of probability without it"),
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
    lines.append("| seconds a window | " + " | ".join(map(_seconds, cards)) + " |")
    lines.append("| US dollars a window | " + " | ".join(map(_dollars, cards)) + " |")
    lines.append("| errors | " + " | ".join(str(card.errors) for card in cards) + " |")
    against = _against(runs, systems, cards, seed, resamples)
    told = [*against, *_second_labeller(cards[0])]
    return "\n".join([*lines, "", *told, "", *_by_cause(cards[0])]) + "\n"


def _seconds(card: Scorecard) -> str:
    return "n/a" if card.costs.seconds is None else f"{card.costs.seconds:.2f}"


def _dollars(card: Scorecard) -> str:
    return "n/a" if card.costs.usd is None else f"{card.costs.usd:.4f}"


def _second_labeller(card: Scorecard) -> Iterator[str]:
    if card.raters is not None:
        yield f"- {sentence_case(rater_line(card.raters))}."


def _by_cause(card: Scorecard) -> Iterator[str]:
    """Precision, recall and F1 of the first system by class, and alpha of two labellers."""
    alphas = dict(card.raters.classes) if card.raters else {}
    yield "| class | windows | precision | recall | F1 | alpha of the labellers |"
    yield "|---" * 6 + "|"
    for row in card.classes:
        name = next((NAMES[p] for p in get_args(Primary) if p == row.label), row.label)
        alpha = alphas.get(row.label)
        cells = (plain(value) for value in (row.precision, row.recall, row.f1, alpha))
        yield f"| {name} | {row.support} | " + " | ".join(cells) + " |"


def written(page: str, text: str) -> str:
    """The page with ``text`` between its markers; :class:`UsageError` where it has none."""
    before, opened, rest = page.partition(OPENS)
    _, closed, after = rest.partition(CLOSES)
    if not (opened and closed):
        raise UsageError(f"The page has no place for the tables: {OPENS} and then {CLOSES}.")
    return f"{before}{OPENS}\n\n{text.strip()}\n\n{CLOSES}{after}"


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
        known = {k: value for k in rivals if (value := _value(cards[k], metric)) is not None}
        if not known:
            continue
        best = (max if metric == "top1" else min)(known, key=lambda k: known[k])
        first, rival = (replace(runs[k], name=systems[k]) for k in (0, best))
        verdict = compare(first, rival, seed, resamples).verdict(metric)
        yield f"- Best baseline by {metric}: {systems[best]}. {verdict}"


def _value(card: Scorecard, metric: str) -> float | None:
    found = dict(card.metrics).get(metric)
    return None if found is None else found.value
