"""Analogues: nearest past windows of other episodes, never from the future."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.facts import evidence_item

from causemap.attribution.analogues import (
    Reference,
    find_analogues,
    load_references,
    measured,
    read_references,
    score_vector,
)
from causemap.closed_sets import AssetGroup, Cause, Primary
from causemap.errors import UsageError
from causemap.records import Dossier, Evidence, Scope, Verdict

SCOPE = Scope("2026-01-29", "2026-02-05", "2026-02-07T21:00Z", ("SPX",), ("equity",))


def item(key: str, z: float, group: str) -> Evidence:
    """A standardised item of a desk."""
    return evidence_item(id=key, group=group, value=z, unit="z", available_at=SCOPE.end, z=z)


DOSSIER = Dossier(
    SCOPE,
    (
        item("macro.rates.score", 2.0, "rates"),
        item("earnings_news.worst_cohort.residual", -4.0, "leadership"),
        item("earnings_news.rsp.residual", 2.0, "leadership"),
    ),
    (),
)
HERE = score_vector(DOSSIER)


def past(case: str, year: int, scores: dict[str, float], days: int = 5) -> Reference:
    """A reference window in March of a past year."""
    return Reference(case, f"{year}-03-01", f"{year}-03-{1 + days:02d}", "ai_rerating", scores)


def test_scores_are_group_scores_of_the_engine() -> None:
    """Rates z 2 gives 0.5 * (2 - 1) for a rates shock; the rest is the engine's own weighing."""
    assert HERE["rates.rates_shock"] == pytest.approx(0.5)
    # 0.5 * min(4 - 1, 3) from the cohort and 0.3 of 0.5 * (2 - 1) from equal weight
    assert HERE["leadership.ai_rerating"] == pytest.approx(1.5 + 0.3 * 0.5)


def test_scores_do_not_depend_on_the_assets_asked_about() -> None:
    """The same tape asked about for crypto gives the same vector."""
    other = replace(DOSSIER, scope=replace(SCOPE, assets=("BTC",), groups=("crypto",)))
    assert score_vector(other) == HERE


def test_the_same_scores_are_nearest_and_said_to_be_alike() -> None:
    """A window with equal scores has distance zero; a far one comes later and says where."""
    far = HERE | {"rates.rates_shock": 9.0}
    found = find_analogues(DOSSIER, (past("far", 2021, far), past("same", 2022, HERE)))
    assert [one.case for one in found] == ["same", "far"]
    assert found[0].distance == 0.0
    assert found[0].differs == "no group of evidence differs much"
    assert found[1].differs == "a measure z +2.0 now (yields pointed more to rates shock then)"


def judged(group: AssetGroup, primary: Primary, cause: Cause) -> tuple[AssetGroup, Verdict]:
    """A verdict that puts all on one cause."""
    return group, Verdict(primary, "other", ((cause, 1.0),), abstained=False, reason="")


def test_a_window_without_what_decides_the_verdict_is_no_analogue() -> None:
    """A cascade told by the crypto tape has no analogue from before there was one."""
    cascade: Cause = "liquidation_cascade"
    tape = replace(item("crypto_structure.btc.speed_share", 0.8, "crypto_tape"), z=None)
    dossier = replace(DOSSIER, evidence=(*DOSSIER.evidence, tape))
    here = score_vector(dossier)
    assert here[f"crypto_tape.{cascade}"] > 0
    before = {name: v for name, v in here.items() if not name.startswith("crypto_tape.")}
    since = {name: v + 0.5 for name, v in here.items()}
    refs = (past("before", 2010, before), past("since", 2021, since))
    for fell in (judged("crypto", cascade, cascade), judged("crypto", "mixed_unclear", cascade)):
        assert [one.case for one in find_analogues(dossier, refs, verdicts=(fell,))] == ["since"]
    # Where crypto did not fall its tape is not asked for, and the nearer window comes first.
    calm = judged("crypto", "no_drawdown", cascade)
    stocks = judged("equity", "ai_rerating", "ai_rerating")
    found = find_analogues(dossier, refs, verdicts=(stocks, calm))
    assert [one.case for one in found] == ["before", "since"]


def test_every_family_that_decides_must_be_known_and_no_lesser_one() -> None:
    """Leadership decides a re-rating; yields, with under half of its weight, may be missing."""
    fell = judged("equity", "ai_rerating", "ai_rerating")
    without = {
        family: {n: v for n, v in HERE.items() if n != f"{family}.ai_rerating"}
        for family in ("leadership", "rates")
    }
    assert 2 * HERE["rates.ai_rerating"] < HERE["leadership.ai_rerating"]
    known = past("known", 2020, {n: v + 9.0 for n, v in HERE.items()})
    for family, expected in (("leadership", ["known"]), ("rates", ["part", "known"])):
        refs = (past("part", 2021, without[family]), known)
        found = find_analogues(DOSSIER, refs, verdicts=(fell,))
        assert [one.case for one in found] == expected


def test_a_difference_is_told_in_figures_of_both_windows() -> None:
    """Value and z of the measure that makes the difference, without the code it had this time."""
    cohort = replace(
        item("earnings_news.worst_cohort.residual", -4.0, "leadership"),
        value=-10.9,
        unit="%",
        said="the weakest leadership cohort (IGV) beyond its beta",
    )
    dossier = replace(DOSSIER, evidence=(DOSSIER.evidence[0], cohort, DOSSIER.evidence[2]))
    scores = HERE | {"leadership.ai_rerating": HERE["leadership.ai_rerating"] - 3.0}
    measures = {"worst_cohort.residual": (-1.5, -0.5), "rsp.residual": (2.0, 2.0)}
    ref = replace(past("then", 2021, scores), measures=measures)
    assert find_analogues(dossier, (ref,))[0].differs == (
        "the weakest leadership cohort beyond its beta "
        "\u221210.9% (z \u22124.0) now and \u22121.5% (z \u22120.5) then"
    )


def test_a_rise_of_an_index_is_not_told_as_its_level() -> None:
    """The VIX up twelve points is no VIX of twelve."""
    vix = replace(item("technicals.vix.change", 14.5, "volatility"), unit="index", asset="VIX")
    vix = replace(vix, value=12.0, said="the VIX")
    dossier = replace(DOSSIER, evidence=(*DOSSIER.evidence, vix))
    scores = score_vector(dossier)
    measures = {"vix.change": (1.0, 1.0)}
    name = "volatility.positioning_unwind"
    ref = replace(past("then", 2021, scores | {name: scores[name] - 3.0}), measures=measures)
    (one,) = find_analogues(dossier, (ref,))
    assert one.differs.startswith("the VIX +12.0 points (z +14.5) now and +1.0 points (z +1.0)")


def test_of_a_group_that_did_not_fall_no_difference_is_told() -> None:
    """Two windows that differ in a crypto score alone are alike for a question about stocks."""
    spx = item("technicals.spx.change", -2.0, "context")
    dossier = replace(DOSSIER, evidence=(*DOSSIER.evidence, spx))
    here = score_vector(dossier)
    name = "context.crypto_idiosyncratic"
    ref = past("then", 2021, here | {name: here[name] + 5.0})
    stocks = (judged("equity", "ai_rerating", "ai_rerating"),)
    crypto = (judged("crypto", "crypto_idiosyncratic", "crypto_idiosyncratic"),)
    assert find_analogues(dossier, (ref,), verdicts=stocks)[0].differs == (
        "no group of evidence differs much"
    )
    assert "crypto-specific" in find_analogues(dossier, (ref,), verdicts=crypto)[0].differs


def test_what_was_measured_comes_through_the_table() -> None:
    """Values with their z are kept by key; a measure of a row may be without z."""
    assert measured(DOSSIER)["rsp.residual"] == (2.0, 2.0)
    rows = [ROW | {"scores": {}, "measures": {"rsp.residual": [2, None]}}]
    (found,) = read_references(json.dumps(rows))
    assert found.measures == {"rsp.residual": (2.0, None)}


def test_distance_by_hand() -> None:
    """Two windows, scores 0 and 2 apart in one of the measures; variance 1 shrunk towards 1/n."""
    a, b = dict.fromkeys(HERE, 0.0), dict.fromkeys(HERE, 0.0)
    name = "rates.rates_shock"
    a[name], b[name] = HERE[name] - 1.0, HERE[name] + 1.0
    for key in HERE:
        if key != name:
            a[key] = b[key] = HERE[key]
    target = 1.0 / len(HERE)
    variance = (2 * 1.0 + 10 * target) / 12
    found = find_analogues(DOSSIER, (past("a", 2021, a), past("b", 2022, b)))
    assert [one.distance for one in found] == pytest.approx([variance**-0.5] * 2, abs=1e-3)


@pytest.mark.parametrize(
    ("start", "end"),
    [("2026-01-29", "2026-01-30"), ("2026-01-20", "2026-01-29"), ("2026-02-05", "2026-02-06")],
)
def test_windows_that_share_a_day_are_the_same_episode(start: str, end: str) -> None:
    """An overlapping window is left out, even by one day."""
    assert find_analogues(DOSSIER, (Reference("same", start, end, "mixed_unclear", HERE),)) == ()


def test_the_future_is_not_an_analogue() -> None:
    """A window that was not over by the as-of time is left out."""
    old = replace(DOSSIER, scope=replace(SCOPE, as_of="2021-03-04T21:00Z"))
    references = (past("later", 2021, HERE), past("before", 2020, HERE))
    assert [one.case for one in find_analogues(old, references)] == ["before"]


def test_of_nested_windows_only_the_nearest_is_given() -> None:
    """Two windows of one past episode count once."""
    close, wide = past("close", 2022, HERE, 3), past("wide", 2022, dict.fromkeys(HERE, 3.0), 9)
    assert [one.case for one in find_analogues(DOSSIER, (wide, close))] == ["close"]


def test_what_was_hardly_measured_is_not_compared() -> None:
    """A window with under half of this one's scores has no distance."""
    thin = {"rates.rates_shock": HERE["rates.rates_shock"]}
    assert len(HERE) > 2
    assert find_analogues(DOSSIER, (past("thin", 2022, thin),)) == ()


def test_missing_scores_do_not_bring_a_window_nearer() -> None:
    """Leaving out an equal score scales the rest up instead of counting as agreement."""
    off = {name: value + 1.0 for name, value in HERE.items()}
    name = min(off)
    full = find_analogues(DOSSIER, (past("full", 2022, off),))[0].distance
    part = {key: value for key, value in off.items() if key != name}
    assert find_analogues(DOSSIER, (past("part", 2022, part),))[0].distance == pytest.approx(full)


@settings(deadline=None)
@given(st.lists(st.floats(-9, 9), min_size=1, max_size=8))
def test_nearest_first_and_finite(shifts: list[float]) -> None:
    """Whatever the references, distances are finite, rising and at most three.

    Nearly equal references spread so little that any distance from them counts for much.
    """
    refs = [
        past(f"w{k}", 1990 + k, {name: v + shift for name, v in HERE.items()})
        for k, shift in enumerate(shifts)
    ]
    found = find_analogues(DOSSIER, refs)
    assert len(found) == min(3, len(refs))
    assert all(a.distance <= b.distance for a, b in pairwise(found))
    assert all(0 <= one.distance < math.inf for one in found)


def test_an_empty_list_gives_no_analogues() -> None:
    """No references, no analogues, no error."""
    assert read_references("[]") == ()
    assert find_analogues(DOSSIER, ()) == ()


def test_the_packaged_file_can_be_read() -> None:
    """What the package carries passes its own reader, each window once."""
    cases = [ref.case for ref in load_references()]
    assert len(cases) == len(set(cases))


ROW = {"case": "x", "start": "2020-01-01", "end": "2020-01-05", "primary": "ai_rerating"}


def test_a_row_becomes_a_reference() -> None:
    """The five fields of a row come through."""
    text = json.dumps([ROW | {"scores": {"rates.rates_shock": 1}}])
    expected = Reference("x", "2020-01-01", "2020-01-05", "ai_rerating", {"rates.rates_shock": 1.0})
    assert read_references(text) == (expected,)


@pytest.mark.parametrize(
    "rows",
    [
        {},
        [1],
        [ROW],
        [ROW | {"scores": {}, "primary": "aliens"}],
        [ROW | {"scores": {}, "case": ""}],
        [ROW | {"scores": {"rates": float("nan")}}],
        [ROW | {"scores": {}, "measures": []}],
        [ROW | {"scores": {}, "measures": {"rsp.residual": 2.0}}],
        [ROW | {"scores": {}, "measures": {"rsp.residual": ["2", None]}}],
    ],
)
def test_a_broken_file_is_refused(rows: object) -> None:
    """Missing fields, unknown causes and numbers that are none are errors, not guesses."""
    with pytest.raises(UsageError, match="analogues"):
        read_references(json.dumps(rows))


def test_an_episode_kept_apart_is_left_out_with_all_that_touches_it() -> None:
    """Windows before and after it stay; one that shares a day with it does not."""
    references = [past(str(year), year, HERE) for year in (2020, 2021, 2022)]
    for span in (("2021-03-02", "2021-03-03"), ("2021-03-06", "2021-03-09")):
        found = find_analogues(DOSSIER, references, apart=(span,))
        assert {one.case for one in found} == {"2020", "2022"}


def test_two_families_that_differ_are_both_told() -> None:
    """The largest difference of each family, the larger first."""
    far = HERE | {
        "rates.rates_shock": HERE["rates.rates_shock"] + 4.0,
        "leadership.ai_rerating": HERE["leadership.ai_rerating"] - 9.0,
    }
    (one,) = find_analogues(DOSSIER, (past("far", 2021, far),))
    leadership, rates = one.differs.split("; ")
    assert "leadership groups pointed less to AI" in leadership
    assert "yields pointed more to rates shock" in rates
