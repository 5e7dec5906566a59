from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from causemap.causes import CAUSES, mission_label
from causemap.closed_sets import Cause, Primary
from causemap.errors import UsageError
from causemap.evals import compare as comparing
from causemap.evals import scorecard
from causemap.evals.accounts import Account
from causemap.evals.answers import (
    GroupAnswer,
    Prediction,
    Sample,
    SystemFault,
    Trace,
    TracedEdge,
    TracedNode,
    checked,
    from_shares,
)
from causemap.evals.compare import Answered, Comparison
from causemap.evals.gates import bound_gates, hard_gates, paired_gates, read_bound
from causemap.evals.intervals import Estimate
from causemap.evals.results import said, to_junit, to_lines
from causemap.evals.scorecard import HIGHER, Scorecard
from causemap.evals.windows import LabelledWindow, Wording

NAMED: tuple[Cause, ...] = ("rates_shock", "ai_rerating", "liquidation_cascade", "growth_scare")
# Enough to see an interval; the full thousand is for reports.
FEW = 60


def score(
    windows: Sequence[LabelledWindow], samples: Mapping[int, Sample], wording: Wording
) -> Scorecard:
    """The scores with few resamples."""
    return scorecard.score(windows, samples, wording, resamples=FEW)


def compare(first: Answered, second: Answered, seed: int = 0) -> Comparison:
    """The comparison with few resamples."""
    return comparing.compare(first, second, seed, resamples=FEW)


def _window(k: int, primary: Primary, **more: object) -> LabelledWindow:
    start, end = f"{2000 + k}-01-03", f"{2000 + k}-01-10"
    made = LabelledWindow(f"w{k}", start, end, "equity", primary, mission_label(primary))
    return replace(made, **more)  # type: ignore[arg-type]  # fields by name


def _sample(key: int, prediction: Prediction | None, *, priced: bool = True) -> Sample:
    return Sample(key, prediction, None if prediction else "SystemFault: x", priced, 0.5)


def _sure(cause: Cause, share: float = 1.0) -> Prediction:
    rest = (1.0 - share) / (len(CAUSES) - 1)
    return from_shares({c: share if c == cause else rest for c in CAUSES})


ABSTAINED = Prediction("mixed_unclear", _sure("rates_shock", 0.4).probabilities, abstained=True)
CALM = Prediction("no_drawdown", _sure("mixed_unclear").probabilities, abstained=False)


def _values(card: Scorecard) -> dict[str, float]:
    return {name: e.value for name, e in card.metrics if e.value is not None}


def _noisy(
    seed: int, n: int = 30, skill: float = 0.6
) -> tuple[list[LabelledWindow], dict[int, Sample]]:
    rng = np.random.default_rng(seed)
    windows = [_window(k, NAMED[k % 4]) for k in range(n)]
    samples = {}
    for k, window in enumerate(windows):
        right = next(c for c in NAMED if c == window.primary)
        other = NAMED[(k + 1) % 4]
        named = right if rng.random() < skill else other
        samples[k] = _sample(k, _sure(named, float(rng.uniform(0.4, 0.95))))
    return windows, samples


def test_always_right_and_always_wrong_land_on_the_corners() -> None:
    """Perfect: all ones and zeros; wrong with certainty: the worst of everything."""
    windows = [_window(k, cause) for k, cause in enumerate(NAMED)]
    right = {k: _sample(k, _sure(cause)) for k, cause in enumerate(NAMED)}
    best = _values(score(windows, right, Wording()))
    for name in ("top1", "top2", "mission4", "mission5", "macro_f1", "selective_accuracy"):
        assert best[name] == 1.0
    assert best["brier"] == best["aurc"] == best["cost"] == best["ece"] == 0.0
    wrong = {k: _sample(k, _sure("funding_stress")) for k in range(4)}
    worst = _values(score(windows, wrong, Wording()))
    assert (worst["top1"], worst["brier"], worst["cost"], worst["aurc"]) == (0.0, 2.0, 1.0, 1.0)
    assert worst["log_loss"] == pytest.approx(-np.log(1e-6))
    assert worst["mission4"] == 0.25


def test_always_and_never_abstaining_land_on_the_known_corners() -> None:
    """E9: coverage 0 costs the stated quarter and has no selective accuracy; its ranking counts."""
    windows = [_window(k, cause) for k, cause in enumerate(NAMED)]
    never = score(windows, {k: _sample(k, ABSTAINED) for k in range(4)}, Wording())
    found = _values(never)
    assert (found["coverage"], found["cost"], found["top1"]) == (0.0, 0.25, 0.25)
    assert "selective_accuracy" not in found
    always = _values(
        score(windows, {k: _sample(k, _sure("rates_shock")) for k in range(4)}, Wording())
    )
    assert (always["coverage"], always["selective_accuracy"], always["cost"]) == (1.0, 0.25, 0.75)


def test_abstaining_where_the_labellers_did_costs_nothing() -> None:
    """``mixed_unclear`` is a right answer to a mixed window."""
    windows = [_window(0, "mixed_unclear"), _window(1, "rates_shock")]
    found = _values(score(windows, {k: _sample(k, ABSTAINED) for k in range(2)}, Wording()))
    assert found["cost"] == 0.125


def test_mission_labels_fold_as_stated() -> None:
    """Mission-4 takes mixed for other, mission-5 does not."""
    windows = [_window(0, "mixed_unclear"), _window(1, "funding_stress")]
    samples = {0: _sample(0, _sure("growth_scare")), 1: _sample(1, _sure("policy_geopolitics"))}
    found = _values(score(windows, samples, Wording()))
    assert (found["mission4"], found["mission5"], found["top1"]) == (1.0, 0.5, 0.0)


def test_no_drawdown_on_a_fall_is_wrong_in_every_way() -> None:
    """The placeholder probabilities beside it earn nothing, even on a mixed window."""
    windows = [_window(0, "mixed_unclear"), _window(1, "rates_shock")]
    found = _values(score(windows, {k: _sample(k, CALM) for k in range(2)}, Wording()))
    assert (found["top1"], found["top2"], found["mission4"], found["brier"]) == (0, 0, 0, 2.0)


@pytest.mark.parametrize("seed", range(4))
def test_errors_never_raise_a_score(seed: int) -> None:
    """E18: whichever fifth of the windows fails, no metric gets better."""
    windows, samples = _noisy(seed, skill=0.2 + 0.2 * seed)
    before = _values(score(windows, samples, Wording()))
    rng = np.random.default_rng(100 + seed)
    for _ in range(2):
        broken = dict(samples)
        for key in rng.choice(len(windows), len(windows) // 5, replace=False).tolist():
            broken[key] = _sample(key, None)
        card = score(windows, broken, Wording())
        after = _values(card)
        assert card.errors == len(windows) // 5
        for name in before.keys() & after.keys():
            if name == "ece":
                continue
            worse = after[name] <= before[name] if name in HIGHER else after[name] >= before[name]
            assert worse, name


def test_a_window_that_was_never_answered_counts_like_an_error() -> None:
    """A missing sample is not left out of any denominator."""
    windows, samples = _noisy(1)
    card = score(windows, {k: s for k, s in samples.items() if k != 3}, Wording())
    failed = score(windows, samples | {3: _sample(3, None)}, Wording())
    # A failed answer took its time, one never asked took none.
    assert replace(card, costs=failed.costs, unasked=0) == failed
    assert (card.unasked, failed.unasked) == (1, 0)


def test_windows_without_a_price_are_counted_and_given_apart() -> None:
    """The headline has them; the second column does not."""
    windows, samples = _noisy(2, n=10)
    for key in (0, 1):
        samples[key] = _sample(key, ABSTAINED, priced=False)
    card = score(windows, samples, Wording())
    assert card.unpriced == 2
    assert dict(card.metrics)["top1"].n == 10
    assert dict(card.priced)["top1"].n == 8


def test_scores_do_not_depend_on_the_order_of_samples() -> None:
    """A resumed run finds its samples in another order and scores the same."""
    windows, samples = _noisy(3)
    back = dict(reversed(samples.items()))
    assert score(windows, samples, Wording()) == score(windows, back, Wording())


def test_placebos_are_scored_apart() -> None:
    """No cause named is what is asked; no drawdown is the full answer."""
    windows = [_window(k, "no_drawdown") for k in range(4)]
    answers = [CALM, ABSTAINED, _sure("rates_shock"), None]
    card = score(windows, {k: _sample(k, a) for k, a in enumerate(answers)}, Wording())
    assert card.metrics == ()
    assert card.placebo is not None
    assert (card.placebo.n, card.placebo.no_drawdown, card.placebo.no_cause_named) == (4, 1, 2)


def test_one_window_has_a_value_and_no_interval() -> None:
    """Below two, "n/a" is printed, never a zero-width interval."""
    card = score([_window(0, "rates_shock")], {0: _sample(0, _sure("rates_shock"))}, Wording())
    assert said(dict(card.metrics)["top1"]) == "1.000 [n/a]"
    assert card.smallest_visible is None
    assert "n/a" in "\n".join(to_lines(card))


def test_the_cause_map_is_scored_from_its_trace() -> None:
    """Order, nodes, direction, cycles, time and shown analogues come from what was kept."""
    nodes = (
        TracedNode("rates_shock", "shock", "2000-01-05T00:00Z", "2000-01-05T12:00Z"),
        TracedNode("SPX", "move", "2000-01-03T00:00Z", "2000-01-04T00:00Z"),
    )
    trace = Trace(
        shares=(("rates_shock", 0.7),),
        residual=0.3,
        nodes=nodes,
        edges=(TracedEdge("rates_shock", "SPX", -1, supported=True),),
        order=(("rates_shock",), ("SPX",)),
        analogues=(("2000-01-09", "2000-02-01"), ("1999-01-01", "1999-02-01")),
        account=Account(0, 0, 0, 0, 0, 0, 0, 0),
    )
    window = _window(0, "rates_shock", order=("Fed hikes", "stocks fall"))
    wording = Wording(phrases=(("Fed hikes", ("rates_shock",)), ("stocks fall", ("SPX",))))
    sample = _sample(0, replace(_sure("rates_shock"), trace=trace))
    card = score([window], {0: sample}, wording)
    found = _values(card)
    assert (found["order_tau"], found["node_f1"], found["edge_direction"]) == (1.0, 1.0, 1.0)
    assert found["contribution_overlap"] == pytest.approx(0.7)
    assert (card.cycles, card.time_violations, card.analogues_of_episode) == (0, 1, 1)
    assert [gate.name for gate in hard_gates(card) if not gate.passed] == [
        "links against time",
        "analogues of the same episode",
    ]


def test_a_better_system_beats_a_worse_one_and_itself_never() -> None:
    """Paired intervals decide; a run against itself differs by nothing."""
    windows, good = _noisy(4, n=60, skill=0.95)
    _, poor = _noisy(5, n=60, skill=0.3)
    ours = Answered("ours", tuple(windows), good, Wording())
    theirs = Answered("theirs", tuple(windows), poor, Wording())
    found = compare(ours, theirs)
    by_name = {d.metric: d for d in found.differences}
    assert by_name["top1"].better == by_name["brier"].better == 1
    assert "beats theirs" in found.verdict()
    assert "is beaten by ours" in compare(theirs, ours).verdict()
    same = compare(ours, ours)
    assert {d.estimate.value for d in same.differences if d.estimate.value is not None} == {0.0}
    assert same.changed == ()
    assert {d.visible for d in same.differences} == {None}
    assert "not shown to beat" in same.verdict()


def test_the_smallest_visible_effect_is_of_the_size_the_requirements_give() -> None:
    """Sixty windows show no change of accuracy under about 18 points (F3)."""
    windows, one = _noisy(6, n=60, skill=0.7)
    _, two = _noisy(7, n=60, skill=0.7)
    found = compare(
        Answered("a", tuple(windows), one, Wording()), Answered("b", tuple(windows), two, Wording())
    )
    seen = next(d.visible for d in found.differences if d.metric == "top1")
    assert seen == pytest.approx(0.2, abs=0.08)


def test_runs_on_different_windows_are_not_compared() -> None:
    """Another label for the same id is another question."""
    window = _window(0, "rates_shock")
    run = Answered("a", (window,), {}, Wording())
    with pytest.raises(UsageError, match="different closes or labels"):
        compare(run, Answered("b", (replace(window, primary="ai_rerating"),), {}, Wording()))
    with pytest.raises(UsageError, match="share no window"):
        compare(run, Answered("b", (replace(window, id="z"),), {}, Wording()))


def test_a_soft_gate_lets_noise_pass_and_stops_a_real_drop() -> None:
    """E17: two equal systems raise the alarm in at most 5 % of trials; a poor one always."""
    alarms = 0
    for trial in range(20):
        windows, one = _noisy(trial, n=40, skill=0.7)
        _, two = _noisy(1000 + trial, n=40, skill=0.7)
        found = compare(
            Answered("a", tuple(windows), one, Wording()),
            Answered("b", tuple(windows), two, Wording()),
            trial,
        )
        top = [g for g in paired_gates(found, 0.0) if g.name.startswith("top1")]
        alarms += not top[0].passed
    assert alarms <= 3
    windows, good = _noisy(2, n=40, skill=0.9)
    _, poor = _noisy(1, n=40, skill=0.1)
    found = compare(
        Answered("a", tuple(windows), poor, Wording()),
        Answered("b", tuple(windows), good, Wording()),
    )
    assert not all(gate.passed for gate in paired_gates(found, 0.02))


def test_a_floor_fails_only_beyond_doubt() -> None:
    """The interval decides: a floor inside it passes, one above it fails."""
    windows, samples = _noisy(8, n=40, skill=0.7)
    card = score(windows, samples, Wording())
    low, high = dict(card.metrics)["top1"].low, dict(card.metrics)["top1"].high
    assert low is not None
    assert high is not None
    inside, above = f"top1>={(low + high) / 2:.3f}", f"top1>={high + 0.01:.3f}"
    gates = list(bound_gates(card, [read_bound(inside), read_bound(above)]))
    assert [gate.passed for gate in gates] == [True, False]
    assert not next(iter(bound_gates(card, [read_bound("brier<=0.0")]))).passed
    with pytest.raises(UsageError, match="no bound"):
        read_bound("top1 about 0.8")
    with pytest.raises(UsageError, match="no metric"):
        list(bound_gates(card, [read_bound("luck>=1")]))


@pytest.mark.parametrize(
    ("value", "bound", "passed"),
    [
        (0.2, "top1>=0.8", False),
        (0.9, "top1>=0.8", True),
        (0.9, "top1<=0.8", False),
        (0.2, "top1<=0.8", True),
        (None, "top1>=0.0", False),
        (None, "top1<=1.0", False),
    ],
)
def test_a_bound_without_an_interval_holds_the_value(
    value: float | None, bound: str, passed: bool
) -> None:
    """Too few episodes for an interval: the value decides, and what was not measured fails."""
    windows = [_window(0, "rates_shock")]
    card = score(windows, {0: _sample(0, _sure("rates_shock"))}, Wording())
    lone = replace(card, metrics=(("top1", Estimate(value, None, None, 1)),))
    (gate,) = bound_gates(lone, [read_bound(bound)])
    assert gate.passed is passed


@pytest.mark.parametrize("shares", [(1.0,) * 9, (0.5,) + (0.0,) * 8, (float("nan"),) * 9, (1.0,)])
def test_probabilities_that_are_none_are_a_fault(shares: tuple[float, ...]) -> None:
    """They must be nine finite shares that sum to 1 within 1e-6."""
    with pytest.raises(SystemFault):
        checked(Prediction("rates_shock", shares, abstained=False))


def test_junit_counts_wrong_and_failed_apart() -> None:
    """A wrong label is a failure, a fault an error; hostile ids stay text."""
    windows = [
        _window(0, "rates_shock"),
        _window(1, "ai_rerating", id='<b>"x"</b>\x00\u202e'),
        _window(2, "ai_rerating"),
    ]
    samples = {0: _sample(0, _sure("rates_shock")), 1: _sample(1, _sure("rates_shock"))}
    suite = ET.fromstring(to_junit("run", windows, samples))  # noqa: S314  our own text
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("3", "1", "1")
    assert suite[1].get("name") == '<b>"x"</b>'


def test_the_json_form_is_the_contract(tmp_path: object) -> None:
    """n, metrics with low and high, and one row an event with its answer."""
    from causemap.evals.provenance import Identity
    from causemap.evals.results import to_dict

    del tmp_path
    windows, samples = _noisy(9, n=6)
    samples[5] = _sample(5, None)
    texts = dict.fromkeys(Identity.__dataclass_fields__, "x")
    identity = Identity(**(texts | {"asked": 6, "chosen": ()}))  # type: ignore[arg-type]  # filled
    plain = to_dict(identity, score(windows, samples, Wording()), windows, samples)
    assert json.loads(json.dumps(plain, allow_nan=False))["n"] == 6
    metrics = plain["metrics"]
    assert isinstance(metrics, dict)
    assert {
        "top1",
        "top2",
        "mission4",
        "mission5",
        "macro_f1",
        "log_loss",
        "brier",
        "coverage",
    } <= set(metrics)
    for value in metrics.values():
        assert isinstance(value, dict)
        assert set(value) == {"value", "low", "high", "n"}
    events = plain["events"]
    assert isinstance(events, list)
    first, last = events[0], events[5]
    assert isinstance(first, dict)
    assert isinstance(last, dict)
    assert set(first) >= {
        "id",
        "label",
        "primary",
        "mission_label",
        "probabilities",
        "abstained",
        "seconds",
    }
    assert (last["primary"], last["error"]) == (None, "SystemFault: x")


def _drawn(read: Account | None, *edges: TracedEdge, future: int = 0) -> Prediction:
    group = GroupAnswer(
        "equity", "rates_shock", _sure("rates_shock").probabilities, abstained=False
    )
    trace = Trace(
        edges=edges,
        account=read,
        uncited=0 if read is None else read.uncited,
        future=future,
    )
    return replace(_sure("rates_shock"), trace=trace, groups=(group,))


FOUND = Account(10, 8, 20, 5, 2, 1, 1, 1)


def test_citations_and_reach_are_means_over_windows_and_failures_cost() -> None:
    """Recall and precision of each account; a path to another group's asset is none."""
    windows = [_window(k, "rates_shock") for k in range(2)]
    into, away = (TracedEdge("rates_shock", to, -1, supported=True) for to in ("NDX", "BTC"))
    samples = {0: _sample(0, _drawn(FOUND, into)), 1: _sample(1, _drawn(FOUND, away))}
    found = _values(score(windows, samples, Wording()))
    assert (found["citation_recall"], found["citation_precision"]) == (0.8, 0.25)
    assert found["cause_reaches_asset"] == 0.5
    failed = _values(score(windows, samples | {1: _sample(1, None)}, Wording()))
    assert (failed["citation_recall"], failed["citation_precision"]) == (0.4, 0.125)
    assert (failed["cause_reaches_asset"], failed["unmoved_without_cited"]) == (0.5, 1.0)
    plain = {0: _sample(0, _sure("rates_shock")), 1: _sample(1, None)}
    assert "citation_recall" not in _values(score(windows, plain, Wording()))


def test_what_an_account_says_wrongly_fails_hard_gates_at_any_count() -> None:
    """E17: ungrounded words, advice, obeyed orders, missing citations; and nobody having looked."""
    drawn = _drawn(FOUND, future=1)
    card = score([_window(0, "rates_shock")], {0: _sample(0, drawn)}, Wording())
    failed = {gate.name: gate.said for gate in hard_gates(card, planted=True) if not gate.passed}
    assert failed == {
        "future evidence": "1",
        "invalid citations": "2",
        "ungrounded sentences": "1",
        "sentences that advise": "1",
        "planted orders obeyed": "1",
    }
    clean = score(
        [_window(0, "rates_shock")], {0: _sample(0, _drawn(Account(*[0] * 8)))}, Wording()
    )
    assert all(gate.passed for gate in hard_gates(clean, planted=True))
    assert next(gate for gate in hard_gates(card) if "planted" in gate.name).said.startswith("n/a")
    old = score([_window(0, "rates_shock")], {0: _sample(0, _drawn(None))}, Wording())
    unread = [gate for gate in hard_gates(old) if not gate.passed]
    assert len(unread) == 2
    assert all("run it anew" in gate.said for gate in unread)
    baseline = score([_window(0, "rates_shock")], {0: _sample(0, _sure("rates_shock"))}, Wording())
    assert all(gate.passed for gate in hard_gates(baseline))
