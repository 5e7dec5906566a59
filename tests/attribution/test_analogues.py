"""Analogues: nearest past windows of other episodes, never from the future."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causemap.attribution.analogues import (
    Reference,
    find_analogues,
    load_references,
    read_references,
    score_vector,
)
from causemap.errors import UsageError
from causemap.records import Dossier, Evidence, Scope

SCOPE = Scope("2026-01-29", "2026-02-05", "2026-02-07T21:00Z", ("SPX",), ("equity",))


def item(key: str, z: float, group: str) -> Evidence:
    """A standardised item of a desk."""
    base = Evidence(
        id=key,
        desk="macro",
        family="prices",
        group="rates",
        metric=key.rpartition(".")[2],
        asset="X",
        start=SCOPE.start,
        end=SCOPE.end,
        value=z,
        unit="z",
        said="a measure",
        observed_at=SCOPE.end,
        available_at=SCOPE.end,
        source="test",
        z=z,
    )
    return replace(base, group=group)  # type: ignore[arg-type]  # callers name a known group


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
    assert found[1].differs == "yields spoke more for rates shock then than now"


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
    """Whatever the references, distances are finite, rising and at most three."""
    refs = [
        past(f"w{k}", 1990 + k, {name: v + shift for name, v in HERE.items()})
        for k, shift in enumerate(shifts)
    ]
    found = find_analogues(DOSSIER, refs)
    assert len(found) == min(3, len(refs))
    assert all(a.distance <= b.distance for a, b in pairwise(found))
    assert all(0 <= one.distance < 1e3 for one in found)


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
    ],
)
def test_a_broken_file_is_refused(rows: object) -> None:
    """Missing fields, unknown causes and numbers that are none are errors, not guesses."""
    with pytest.raises(UsageError, match="analogues"):
        read_references(json.dumps(rows))
