"""Causes that articles claim: tested by facts of their own kind, in the groups they are about."""

from __future__ import annotations

import pytest
from tests.facts import evidence_item

from causemap.articles import Article
from causemap.closed_sets import Cause, Group
from causemap.records import Claim, Evidence, Scope
from causemap.tools.claims import check, extract
from causemap.tools.claims.cause_facts import groups_of
from causemap.tools.market import AsOfView

SCOPE = Scope(
    *("2026-01-29", "2026-02-05", "2026-02-07T23:59Z"),
    ("SPX", "BTC", "SLV"),
    ("equity", "crypto", "metals"),
)
CASCADE: Cause = "liquidation_cascade"


def fact(
    key: str, asset: str, group: Group, z: float, sign: int = 1, cause: Cause = CASCADE
) -> Evidence:
    """A standardised fact that one cause expects with one sign."""
    return evidence_item(
        id=f"desk.{key}",
        group=group,
        metric=key.rpartition(".")[2],
        asset=asset,
        value=z,
        unit="z",
        said="a fact",
        available_at=SCOPE.end,
        z=z,
        expected=((cause, sign),),
    )


SILVER = fact("slv.residual", "SLV", "dollar_metals", -6.7, -1)
FALL = fact("slv.change", "SLV", "dollar_metals", -11.9, -1)
ON_CHAIN = fact("aave.liquidations", "BTC", "plumbing", 2.5)


def claimed(view: AsOfView, text: str, *facts: Evidence) -> Claim:
    """The only claim of a cause in a text, as judged on the facts."""
    article = Article(
        *("a", None, "Wire", "Title", "2026-02-06", "date", "2026-02-06", "2026-02-06", "en"), text
    )
    (found,) = [c for c in check([article], SCOPE, view, facts).claims if c.kind == "cause"]
    return found


def test_a_claim_about_crypto_is_not_borne_out_by_silver(view: AsOfView) -> None:
    """Silver's fall is no fact of a crypto cascade; what was liquidated on chain is."""
    text = "The sell-off in bitcoin was triggered by mass crypto liquidations."
    assert claimed(view, text, SILVER, FALL).verdict == "not_checkable"
    found = claimed(view, text, SILVER, FALL, ON_CHAIN)
    assert (found.verdict, found.evidence) == ("supported", (ON_CHAIN.id,))


def test_a_fall_is_no_fact_of_a_cause(view: AsOfView) -> None:
    """That silver fell far does not say that it was sold by force."""
    text = "The slide in silver was driven by margin calls."
    assert claimed(view, text, FALL).verdict == "not_checkable"
    assert claimed(view, text, FALL, SILVER).evidence == (SILVER.id,)


def test_regional_banks_are_a_fact_of_funding_stress(view: AsOfView) -> None:
    """What shows a cause to the verdict tests a claim of it as well."""
    banks = fact("kre.residual", "KRE", "leadership", -3.1, -1, "funding_stress")
    found = claimed(view, "The slide in US stocks was driven by a funding squeeze.", banks)
    assert (found.verdict, found.evidence) == ("supported", (banks.id,))


def test_a_claim_that_names_no_asset_is_told_for_each_group_asked_about(view: AsOfView) -> None:
    """Groups that bear it out, contradict it and have no fact of it are told apart."""
    text = "A major driver of the joint sell-off was forced deleveraging."
    calm = fact("aave.liquidations", "BTC", "plumbing", -0.4)
    found = claimed(view, text, SILVER, calm)
    assert found.verdict == "not_checkable"
    assert found.why == (
        "equity: no measured fact of its own kind bears on it; "
        "crypto: the facts expected of it are not there; "
        "metals: most facts expected of it are there"
    )
    assert {*found.evidence} == {SILVER.id, calm.id}
    assert claimed(view, text, SILVER, ON_CHAIN).verdict == "supported"


def test_a_cause_needs_facts_of_its_own_kind(view: AsOfView) -> None:
    """Falling yields go with a policy shock but prove none; leadership proves a re-rating."""
    yields = fact("rates.score", "US yields", "rates", -2.0, -1, "policy_geopolitics")
    text = "Geopolitical tensions caused the sell-off in stocks."
    assert claimed(view, text, yields).verdict == "not_checkable"
    cohort = fact("worst_cohort.residual", "IGV", "leadership", -5.0, -1, "ai_rerating")
    spread = fact("hy_oas.change", "HY_OAS", "credit", 3.0, -1, "ai_rerating")
    text = "The sell-off in stocks was driven by AI valuation doubts."
    assert claimed(view, text, spread).verdict == "not_checkable"
    assert claimed(view, text, spread, cohort).verdict == "supported"


def test_what_was_triggered_is_not_the_cause() -> None:
    """Of "deleveraging triggered by a narrative" the narrative is the cause, and none we know."""
    article = Article(
        *("a", None, "Wire", "Title", "2026-02-06", "date", "2026-02-06", "2026-02-06", "en"),
        "The core of this crash was deleveraging triggered by the narrative of fiscal doubt. "
        "The sell-off was triggered by forced deleveraging.",
    )
    causes = [c for c in extract(article) if c.kind == "cause"]
    assert [(c.cause, c.text.startswith("The sell-off")) for c in causes] == [(CASCADE, True)]


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("大规模加密货币清算", ("crypto",)),
        ("Crypto liquidations amplified the fall", ("crypto",)),
        ("margin calls in gold and silver", ("metals",)),
        ("Software and chip stocks were sold", ("equity",)),
        ("stocks and tokens fell together", ("equity", "crypto")),
        ("the dollar and yields rose", ()),
    ],
)
def test_groups_a_claim_names(text: str, groups: tuple[str, ...]) -> None:
    """Names and words of a market place a claim; what is common to all places it nowhere."""
    assert groups_of(text) == groups


def test_common_facts_test_a_claim_on_any_group(view: AsOfView) -> None:
    """Yields are common to all groups: a claim about gold is tested by them."""
    yields = fact("ust10y.change", "UST10Y", "rates", 2.0, 1, "rates_shock")
    text = "The fall in gold was driven by hawkish rate expectations."
    assert claimed(view, text, yields).verdict == "supported"


@pytest.mark.parametrize(
    ("zs", "verdict"),
    [
        ((1.0,), "supported"),
        ((0.9,), "not_checkable"),
        ((0.1,), "not_checkable"),
        ((0.0,), "contradicted"),
        ((-1.0, 0.0, 5.0), "contradicted"),
        ((-1.0, 1.0, 5.0), "supported"),
    ],
)
def test_the_middle_fact_decides(view: AsOfView, zs: tuple[float, ...], verdict: str) -> None:
    """A median z of one bears a cause out, of nought or less denies it, between is open."""
    yields = [
        fact(f"{name}.change", name.upper(), "rates", z, 1, "rates_shock")
        for name, z in zip(("ust2y", "ust10y", "real10y"), zs, strict=False)
    ]
    text = "The fall in gold was driven by hawkish rate expectations."
    assert claimed(view, text, *yields).verdict == verdict
