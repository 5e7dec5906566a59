"""A scored run as JSON (the command line's contract), as JUnit XML, and as lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from causemap.causes import CAUSES, NAMES, mission_label
from causemap.evals.scorecard import Scorecard
from causemap.tools.notes import clean_text

if TYPE_CHECKING:
    from causemap.evals.answers import Sample
    from causemap.evals.costs import Costs
    from causemap.evals.intervals import Estimate
    from causemap.evals.links import LinkScores
    from causemap.evals.provenance import Identity
    from causemap.evals.raters import Raters
    from causemap.evals.windows import LabelledWindow
    from causemap.reporting.json_codec import Json

_MAX_NAME: Final = 200
_WIDE: Final = 21


def to_dict(
    identity: Identity,
    card: Scorecard,
    windows: Sequence[LabelledWindow],
    samples: Mapping[int, Sample],
) -> dict[str, Json]:
    """``{n, metrics, events, …}``: every metric with ``value``, ``low``, ``high`` and ``n``."""
    plain: dict[str, Json] = asdict(card)
    plain["metrics"] = _metrics(card.metrics)
    plain["priced"] = _metrics(card.priced)
    plain["strata"] = {part.name: _metrics(part.metrics) for part in card.strata}
    plain["events"] = [_event(window, samples.get(key)) for key, window in enumerate(windows)]
    plain["run"] = asdict(identity)
    return plain


def _metrics(found: Sequence[tuple[str, Estimate]]) -> Json:
    return {name: asdict(estimate) for name, estimate in found}


def _event(window: LabelledWindow, sample: Sample | None) -> Json:
    answer = None if sample is None else sample.prediction
    probabilities: Json = None
    if answer is not None:
        probabilities = dict(zip(CAUSES, answer.probabilities, strict=True))
    return {
        "id": window.id,
        "label": window.primary,
        "primary": answer.primary if answer else None,
        "mission_label": mission_label(answer.primary) if answer else None,
        "probabilities": probabilities,
        "abstained": answer.abstained if answer else None,
        "seconds": sample.seconds if sample else None,
        "calls": [asdict(call) for call in sample.calls] if sample else [],
        "reason": answer.reason if answer else None,
        "priced": sample.priced if sample else None,
        "error": "not answered" if sample is None else sample.fault,
    }


def to_junit(run: str, windows: Sequence[LabelledWindow], samples: Mapping[int, Sample]) -> str:
    """JUnit XML: a wrong label is a failure, a fault of the system an error."""
    suite = ET.Element("testsuite", name=f"causemap eval {run}", tests=str(len(windows)))
    failures = errors = 0
    for key, window in enumerate(windows):
        sample = samples.get(key)
        case = ET.SubElement(suite, "testcase", classname=run, name=_xml(window.id))
        case.set("time", f"{sample.seconds if sample else 0.0:.3f}")
        answer = None if sample is None else sample.prediction
        if answer is None:
            errors += 1
            said = "not answered" if sample is None else sample.fault or "no answer"
            ET.SubElement(case, "error", message=_xml(said))
        elif answer.primary != window.primary:
            failures += 1
            said = f"label {window.primary}, answered {answer.primary}"
            ET.SubElement(case, "failure", message=_xml(said))
    suite.set("failures", str(failures))
    suite.set("errors", str(errors))
    ET.indent(suite)
    return ET.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def _xml(text: str) -> str:
    """Text from a file or a program, without what XML cannot hold."""
    return clean_text(text, _MAX_NAME)


def to_lines(card: Scorecard) -> Iterator[str]:
    """The scores for a terminal."""
    counts = ((card.n, "window"), (card.episodes, "episode"), (card.errors, "error"))
    windows, episodes, errors = (f"{n} {word}{'' if n == 1 else 's'}" for n, word in counts)
    unasked = f" ({card.unasked} not asked yet)" if card.unasked else ""
    yield f"{windows} in {episodes}, {errors}{unasked}"
    without = dict(card.priced)
    if card.metrics:
        yield f"{'':<{_WIDE}} {'all that fell':<26} where a target has a price"
    for name, estimate in card.metrics:
        beside = said(without[name]) if without else ""
        yield f"{name:<{_WIDE}} {said(estimate):<26} {beside}".rstrip()
    yield from _asides(card)
    yield from _class_lines(card)
    for part in card.strata:
        top = dict(part.metrics)["top1"]
        yield f"{part.name:<30} top1 {said(top)}  n={top.n}"


def said(estimate: Estimate) -> str:
    """A value with its interval, ``n/a`` where there is none."""
    if estimate.value is None:
        return "n/a"
    if estimate.low is None or estimate.high is None:
        return f"{estimate.value:.3f} [n/a]"
    return f"{estimate.value:.3f} [{estimate.low:.3f}, {estimate.high:.3f}]"


def plain(value: float | None) -> str:
    """A share of a class, ``n/a`` where there is none."""
    return "n/a" if value is None else f"{value:.2f}"


def _asides(card: Scorecard) -> Iterator[str]:
    ece = card.calibration
    if ece.ece is not None:
        word = "" if ece.informative else "; not informative below 100 windows"
        yield f"ece {ece.ece:.3f}, by chance {ece.null_low:.3f} to {ece.null_high:.3f}{word}"
    if card.smallest_visible is not None:
        yield f"smallest visible paired change of accuracy: {card.smallest_visible:.2f}"
    if card.metrics:
        price = f"an abstention costs {card.abstention_cost:g} of an error"
        yield f"log loss clipped at {card.log_clip:g}; {price}"
        yield (
            f"cause maps: {card.cycles} with a cycle, {card.time_violations} links against time, "
            f"{card.analogues_of_episode} analogues of the same episode shown"
        )
        yield (
            f"accounts: {card.invalid_citations} invalid citations, {card.ungrounded} ungrounded "
            f"sentences, {card.advice} that advise"
            + (f"; not looked at in {card.unread} windows" if card.unread else "")
        )
        yield _link_line(card.links)
    if card.raters:
        yield rater_line(card.raters)
    yield cost_line(card.costs)
    if card.placebo:
        calm = card.placebo
        yield (
            f"placebo: no drawdown {calm.no_drawdown} of {calm.n}, no cause named "
            f"{calm.no_cause_named} of {calm.n} (proves {calm.proven:.2f} at 95 %)"
        )


def _link_line(found: LinkScores | None) -> str:
    if found is None:
        return "links of the map against labelled links: n/a, the events file labels none"
    return (
        f"links against labelled ones in {found.n} windows: precision {said(found.precision)}, "
        f"recall {said(found.recall)}, right sign {said(found.signs)}, {found.turned} turned, "
        f"structural Hamming distance {said(found.distance)}"
    )


def rater_line(found: Raters) -> str:
    """The second labeller scored like a system, and the agreement of both."""
    alpha = "n/a" if found.alpha is None else f"{found.alpha:.3f}"
    return (
        f"second labeller as a system: top1 {said(found.top1)}, mission4 {said(found.mission4)}, "
        f"mission5 {said(found.mission5)} on {found.n} falls; Krippendorff's alpha {alpha}"
    )


def cost_line(costs: Costs) -> str:
    """Seconds, tokens and money a window; a price that is not known is said, never counted as 0."""
    if costs.seconds is None or costs.tokens is None:
        return "cost: n/a, nothing was answered"
    usd = "cost not known" if costs.usd is None else f"${costs.usd:.4f}"
    return (
        f"a window takes {costs.seconds:.2f} s, {costs.tokens:.0f} tokens in "
        f"{costs.calls / costs.windows:.1f} calls to a model, {usd}"
    )


def _class_lines(card: Scorecard) -> Iterator[str]:
    if card.classes:
        yield f"{'class':<{_WIDE + 3}} n  precision  recall  f1"
    for row in card.classes:
        name = NAMES[row.label]
        yield (
            f"{name:<{_WIDE + 1}} {row.support:>3}  {plain(row.precision):>9}  "
            f"{plain(row.recall):>6}  {plain(row.f1):>4}"
        )


def event_lines(windows: Sequence[LabelledWindow], samples: Mapping[int, Sample]) -> Iterator[str]:
    """A line a window: right or wrong, label, answer, the likeliest cause, seconds."""
    width = max(6, *(len(window.id) for window in windows))
    yield f"  {'window':<{width}}  {'label':<22} {'answer':<22} {'likeliest cause':<30} time"
    for key, window in enumerate(windows):
        sample = samples.get(key)
        answer = None if sample is None else sample.prediction
        if sample is None or answer is None:
            state = "open" if sample is None else f"error: {sample.fault}"
            yield f"? {window.id:<{width}}  {window.primary:<22} {state}"
            continue
        mark = "+" if answer.primary == window.primary else "-"
        top = max(range(len(CAUSES)), key=lambda k: answer.probabilities[k])
        share = f"{CAUSES[top]} {answer.probabilities[top]:.2f}"
        yield (
            f"{mark} {window.id:<{width}}  {window.primary:<22} {answer.primary:<22} "
            f"{share:<30} {sample.seconds:.2f} s"
        )
