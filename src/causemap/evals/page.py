"""One or two runs as one static page: no script, no request, all text escaped.

Filters are radio buttons and style rules over class names of closed sets, so nothing of the data
ever becomes code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from causemap.causes import CAUSES, NAMES
from causemap.closed_sets import Primary
from causemap.evals.answers import Prediction, Sample
from causemap.evals.compare import Answered, Comparison, compare
from causemap.evals.costs import spent
from causemap.evals.intervals import RESAMPLES
from causemap.evals.naming import LEAST_FOR_CALIBRATION, plain_name
from causemap.evals.pictures import reliability, risk_curve
from causemap.evals.results import cost_line, plain, rater_line, said
from causemap.evals.scorecard import phrases_of, score
from causemap.evals.table import LABELS, NONE, make_table
from causemap.reporting.render import chart_svg
from causemap.tools.notes import clean_text

if TYPE_CHECKING:
    from causemap.evals.intervals import Estimate
    from causemap.evals.windows import LabelledWindow
    from causemap.reporting.shares import Chart

Outcome = Literal["right", "wrong", "abstained", "error"]
OUTCOMES: Final[tuple[Outcome, ...]] = ("right", "wrong", "abstained", "error")
_MAX_TEXT: Final = 400
_SHOWN: Final = 4


@dataclass(frozen=True, slots=True)
class Side:
    """One run's answer to one window, in words."""

    outcome: Outcome
    answer: str
    ranked: tuple[tuple[str, float], ...]
    reason: str
    links: tuple[str, ...]
    seconds: float | None
    cost: str


@dataclass(frozen=True, slots=True)
class Row:
    """One window of the page; ``changed`` where two runs differ."""

    id: str
    label: Primary
    called: str
    closes: str
    changed: bool
    sides: tuple[Side, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawn chart: heading, text alternative, markup made by this package."""

    title: str
    alt: str
    svg: Markup


def to_page(runs: Sequence[Answered], seed: int = 0, resamples: int = RESAMPLES) -> str:
    """The page of one run, or of two side by side with what changed first."""
    environment = Environment(
        loader=PackageLoader("causemap.evals"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"estimate": _estimate, "plain": plain_name}
    environment.filters |= {"cost": cost_line, "rater": rater_line, "share": plain}
    cards = [score(run.windows, run.samples, run.wording, seed, resamples) for run in runs]
    against = compare(runs[0], runs[1], seed, resamples) if len(runs) == 2 else None
    rows = _rows(runs)
    return environment.get_template("run.html.j2").render(
        names=[clean_text(run.name, _MAX_TEXT) for run in runs],
        cards=cards,
        metrics=[name for name, _ in cards[0].metrics],
        least=LEAST_FOR_CALIBRATION,
        values=[dict(card.metrics) for card in cards],
        figures=[_figures(run, k, seed) for k, run in enumerate(runs)],
        comparison=against,
        sentence=_sentence(against),
        rows=sorted(rows, key=lambda row: not row.changed),
        labels=[(label, NAMES[label]) for label in LABELS],
        outcomes=OUTCOMES,
        columns=[*(NAMES[cause] for cause in CAUSES), NAMES["no_drawdown"], "error"],
        causes=[NAMES[cause] for cause in CAUSES],
    )


def _estimate(found: Estimate) -> str:
    """The value with its interval; where all windows are alike, resampling them shows none."""
    if found.value is not None and found.low is not None and found.low == found.high:
        return f"{found.value:.3f} [all alike: no interval]"
    return said(found)


def _sentence(comparison: Comparison | None) -> str | None:
    if comparison is None or not comparison.differences:
        return None
    return clean_text(comparison.verdict(), 4 * _MAX_TEXT)


def _figures(run: Answered, place: int, seed: int) -> list[Figure]:
    table = make_table(run.windows, run.samples, phrases_of(run.wording))
    fell = table.where(table.label != NONE)
    charts = (reliability(fell, seed), risk_curve(fell))
    return [_figure(chart, place) for chart in charts if chart is not None]


def _figure(chart: Chart, place: int) -> Figure:
    svg = chart_svg(chart).replace(f'"{chart.key}-', f'"{chart.key}-{place}-')
    svg = svg.replace(f"#{chart.key}-", f"#{chart.key}-{place}-")
    return Figure(chart.title, chart.alt, Markup(svg))  # noqa: S704  drawn here, from numbers


def _rows(runs: Sequence[Answered]) -> list[Row]:
    found = []
    keys = [{window.id: k for k, window in enumerate(run.windows)} for run in runs]
    for window in runs[0].windows:
        if all(window.id in there for there in keys):
            samples = [run.samples.get(k[window.id]) for run, k in zip(runs, keys, strict=True)]
            found.append(_row(window, samples))
    return found


def _row(window: LabelledWindow, samples: Sequence[Sample | None]) -> Row:
    sides = tuple(_side(window, sample) for sample in samples)
    return Row(
        clean_text(window.id, _MAX_TEXT),
        window.primary,
        NAMES[window.primary],
        f"{window.start} to {window.end}, {window.scope}",
        len({side.answer for side in sides}) > 1,
        sides,
    )


def _side(window: LabelledWindow, sample: Sample | None) -> Side:
    answer = None if sample is None else sample.prediction
    if sample is None or answer is None:
        fault = "not answered" if sample is None else sample.fault or "no answer"
        return Side("error", "error", (), clean_text(fault, _MAX_TEXT), (), None, "")
    return Side(
        _outcome(window, answer),
        NAMES[answer.primary],
        _ranked(dict(zip(CAUSES, answer.probabilities, strict=True))),
        clean_text(answer.reason, _MAX_TEXT),
        _links(answer),
        sample.seconds,
        _cost(sample),
    )


def _cost(sample: Sample) -> str:
    """Calls and tokens of one answer, and what they cost; nothing where no model was asked."""
    if not sample.calls:
        return ""
    tokens = sum(call.tokens_in + call.tokens_out for call in sample.calls)
    usd = spent([sample])
    bill = "cost not known" if usd is None else f"${usd:.4f}"
    return f"{len(sample.calls)} calls, {tokens} tokens, {bill}"


def _links(answer: Prediction) -> tuple[str, ...]:
    edges = answer.trace.edges if answer.trace else ()
    return tuple(
        f"{clean_text(e.source, 80)} → {clean_text(e.target, 80)} ({'+' if e.sign > 0 else '−'})"
        for e in edges
        if e.supported
    )


def _outcome(window: LabelledWindow, answer: Prediction) -> Outcome:
    if answer.primary == window.primary:
        return "right"
    return "abstained" if answer.abstained else "wrong"


def _ranked(shares: Mapping[Primary, float]) -> tuple[tuple[str, float], ...]:
    order = sorted(shares, key=lambda cause: -shares[cause])
    return tuple((NAMES[cause], shares[cause]) for cause in order[:_SHOWN])
