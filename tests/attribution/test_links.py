"""One link scored by itself: what counts for and against it, by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from tests.facts import evidence_item

from causemap.attribution.links import Candidate, Ground, candidate
from causemap.attribution.order import Span
from causemap.attribution.template import EdgeTest, Link
from causemap.records import Dossier, Evidence, Scope

SCOPE = Scope("2026-01-29", "2026-02-05", "2026-02-07T21:00Z", ("SPX",), ("equity",))
UP = EdgeTest("macro.up.change", +1, "sign")
ALSO = EdgeTest("macro.also.change", +1, "residual")


def item(key: str, z: float, asset: str = "X", quality: float = 1.0) -> Evidence:
    """A standardised item of the window."""
    return evidence_item(
        id=key,
        group="context",
        asset=asset,
        value=z,
        unit="corr",
        available_at="2026-02-05",
        z=z,
        quality=quality,
    )


def scored(
    tests: tuple[EdgeTest, ...],
    *items: Evidence,
    spans: dict[str, Span] | None = None,
    thirds: dict[str, float] | None = None,
    strength: str | None = None,
) -> Candidate:
    """The link from a shock to the S&P 500 with a usual lag of up to two days."""
    link = Link("shock", "SPX", +1, (0, 2), tests, strength)
    held = {one.id: one for one in items}
    ground = Ground(Dossier(SCOPE, tuple(items), ()), held, spans or {}, thirds or {})
    return candidate(link, "shock", "SPX", ground)


def sigmoid(x: float) -> float:
    """The logistic function."""
    return 1.0 / (1.0 + math.exp(-x))


def test_a_link_prevails_by_its_balance_not_by_having_support() -> None:
    """A z of 2 gives 0.5 for it, one of -3 is cut at 1.5 against it: minus 1 in all."""
    found = scored((UP, ALSO), item("macro.up.change", 2.0), item("macro.also.change", -3.0))
    assert not found.prevails
    assert found.edge.confidence == pytest.approx(sigmoid(-1.0), abs=1e-3)
    assert found.edge.evidence == ("macro.up.change",)
    assert found.edge.counter_evidence == ("macro.also.change",)
    assert found.edge.identification == "sign"
    assert scored((UP, ALSO), item("macro.up.change", 2.0)).prevails


def test_a_link_without_evidence_is_held_at_the_cap() -> None:
    """Nothing for it, and sigmoid(0) would be a half."""
    found = scored((UP,))
    assert (found.prevails, found.own) == (False, False)
    assert (found.edge.confidence, found.edge.identification) == (0.3, "none")


def test_one_test_counts_once_by_its_strongest_item() -> None:
    """Of z 2, 3 and 2.5 the second counts, and the weakest quality of what counts multiplies."""
    wide = EdgeTest("macro.*.change", +1, "sign")
    items = [item(f"macro.{k}.change", z) for k, z in (("a", 2.0), ("b", 3.0), ("c", 2.5))]
    found = scored((wide, UP), *items, item("macro.up.change", 2.0, quality=0.6))
    assert found.edge.confidence == pytest.approx(0.6 * sigmoid(1.0 + 0.5), abs=1e-3)
    assert found.edge.evidence == ("macro.b.change", "macro.up.change")


def test_a_one_sided_test_never_speaks_against() -> None:
    """A release that passed quietly refutes nothing."""
    quiet = item("macro.up.change", -3.0)
    assert scored((UP,), quiet).edge.counter_evidence == (quiet.id,)
    found = scored((replace(UP, one_sided=True),), quiet)
    assert found.edge.counter_evidence == ()
    assert found.edge.confidence == 0.3
    assert scored((replace(UP, one_sided=True),), replace(quiet, z=2.0)).prevails


def test_an_item_stands_on_one_side_of_a_link_only() -> None:
    """What bears a link out by one test is no counter-evidence by another, nor is what weighs nil.

    A z of 2 is worth 0.5 upwards and -1.5 downwards; a share at its threshold is worth nothing.
    """
    down = replace(UP, sign=-1)
    both = scored((UP, down), item("macro.up.change", 2.0))
    assert (both.edge.evidence, both.edge.counter_evidence) == (("macro.up.change",), ())
    assert not both.prevails
    at = EdgeTest("macro.also.share", +1, "timing", at=0.4, on="value")
    level = scored((at,), item("macro.also.share", 0.4))
    assert (level.edge.evidence, level.edge.counter_evidence) == ((), ())


@pytest.mark.parametrize(("asset", "own"), [("SPX", True), ("NDX", False)])
def test_evidence_of_its_own_is_on_the_target_itself(asset: str, own: bool) -> None:
    """A test of the target's own series takes no other, and support from elsewhere is not own."""
    one = item("macro.up.change", 2.0, asset)
    assert scored((UP,), one).own is own
    assert scored((replace(UP, own=True),), one).prevails is own
    assert not scored((UP,), replace(one, z=-2.0)).own


def test_a_dated_test_supports_with_both_ends_dated_only() -> None:
    """That an asset fell proves nothing until both are dated; against a link it counts anyway."""
    dated, fell = replace(UP, dated=True), item("macro.up.change", 2.0, "SPX")
    spans = {"shock": Span(0.0, 1.0), "SPX": Span(24.0, 25.0)}
    assert not scored((dated,), fell).prevails
    assert not scored((dated,), fell, spans={"shock": spans["shock"]}).prevails
    both = scored((dated,), fell, spans=spans)
    assert (both.prevails, both.own) == (True, False)
    rose = replace(fell, z=-2.0)
    assert scored((dated,), rose).edge.counter_evidence == (rose.id,)


def test_order_adds_and_an_unusual_lag_takes_away() -> None:
    """A proved order is worth 0.5, a lag beyond the usual two days as much against."""
    support = item("macro.up.change", 2.0)
    near = {"shock": Span(0.0, 1.0), "SPX": Span(24.0, 25.0)}
    far = near | {"SPX": Span(96.0, 97.0)}
    one, other = (scored((UP,), support, spans=spans).edge for spans in (near, far))
    assert one.confidence == pytest.approx(sigmoid(0.5 + 0.5), abs=1e-3)
    assert other.confidence == pytest.approx(sigmoid(0.5 + 0.5 - 0.5), abs=1e-3)
    assert one.lag is not None
    assert other.lag is not None
    assert one.lag[1] < other.lag[0]
    assert scored((UP,), support).edge.lag is None


def test_what_answers_a_fall_speaks_against() -> None:
    """A margin notice dated after a third of the fall is turned, whatever it would be worth."""
    test = EdgeTest("macro.spx.margin_notice", +1, "event", on="presence")
    notice = item("macro.spx.margin_notice", 0.0, "SPX")
    assert scored((test,), notice, thirds={"SPX": math.inf}).prevails
    late = scored((test,), notice, thirds={"SPX": 0.0})
    assert (late.prevails, late.edge.counter_evidence) == (False, (notice.id,))


@pytest.mark.parametrize(
    ("asset", "unit", "strength"),
    [("SPX", "corr", 0.6), ("SPX-BTC", "corr", 0.6), ("SPX", "%", None), ("NDX", "ratio", None)],
)
def test_strength_is_a_share_or_elasticity_of_the_target(
    asset: str, unit: str, strength: float | None
) -> None:
    """Of another asset, in another unit, or on a link without support there is none."""
    measure = replace(item("macro.spx.share", 0.6, asset), unit=unit)
    given = "macro.{asset}.share"
    support = item("macro.up.change", 2.0)
    assert scored((UP,), support, measure, strength=given).edge.strength == strength
    assert scored((UP,), measure, strength=given).edge.strength is None
    assert scored((UP,), support, measure).edge.strength is None
