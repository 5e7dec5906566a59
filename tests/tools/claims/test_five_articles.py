from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from causemap.articles import Article
from causemap.records import Claim, Evidence, Scope
from causemap.tools.claims import check
from causemap.tools.claims.checking import Checked
from causemap.tools.market import open_market
from causemap.tools.notes import read_notes

SCOPE = Scope(
    *("2026-01-29", "2026-02-05", "2026-02-07T23:59Z"),
    ("SPX", "NDX", "BTC", "ETH", "GLD", "SLV"),
    ("equity", "crypto", "metals"),
)
NAMES = (
    *("all-assets-falling-en", "gold-stocks-and-btc-en", "gold-stocks-and-btc-zh"),
    *("metals-and-crypto-deleveraging-en", "stocks-and-crypto-week-en"),
)


@pytest.fixture(scope="module")
def checked(shared_dir: Path, shared_article: Callable[[str], Article]) -> Checked:
    """The five articles at the anchor window, on real prices and dated notes."""
    view = open_market(shared_dir / "data").view(datetime(2026, 2, 7, 23, 59, tzinfo=UTC))
    notes = read_notes(shared_dir / "events" / "notes.jsonl")
    return check([shared_article(name) for name in NAMES], SCOPE, view, (), notes)


def _find(
    checked: Checked, kind: str, about: str, **wanted: object
) -> list[tuple[Claim, list[Evidence]]]:
    ledger = {item.id: item for item in checked.evidence}
    found = []
    for claim in checked.claims:
        same = claim.kind == kind and "-".join(claim.about) == about
        if same and all(getattr(claim, key) == value for key, value in wanted.items()):
            found.append((claim, [ledger[key] for key in claim.evidence if key in ledger]))
    return found


def test_rising_real_yields_are_contradicted(checked: Checked) -> None:
    """Real yields are said to have risen; over the window they did not move at all."""
    found = _find(checked, "move", "REAL10Y", verdict="contradicted")
    assert any(item.value == 0 and item.unit == "bp" for _, items in found for item in items)


def test_resilient_bullion_is_contradicted(checked: Checked) -> None:
    """Gold is said to have held; it lost 11 % over the window."""
    found = _find(checked, "move", "GOLD", verdict="contradicted")
    assert any(item.value == pytest.approx(-10.9, abs=0.05) for _, items in found for item in items)


def test_the_gold_level_of_one_article_is_contradicted(checked: Checked) -> None:
    """A breakout above a level is awaited that gold had left far below."""
    ((_, (item,)),) = _find(checked, "ahead", "GOLD")
    assert item.value > 4_800
    assert _find(checked, "ahead", "GOLD", verdict="contradicted")


def test_the_stronger_dollar_is_supported_and_its_low_is_dated(checked: Checked) -> None:
    """The dollar rose 1.6 % over the window; its two-year low is checked on its own day."""
    moves = _find(checked, "move", "DXY", verdict="supported")
    assert any(i.value == pytest.approx(1.6, abs=0.05) for _, items in moves for i in items)
    ((low, (item,)),) = _find(checked, "extreme", "DXY")
    assert (low.verdict, item.observed_at) == ("supported", "2026-01-27")
    assert any(i.end == "2026-01-27" and i.value < 0 for _, items in moves for i in items)


def test_the_software_de_rating_is_supported(checked: Checked) -> None:
    """Software is said to have sold off; it lost more than 10 % over the window."""
    found = _find(checked, "move", "IGV", verdict="supported")
    assert any(item.value < -10 for _, items in found for item in items)


@pytest.mark.parametrize(("level", "day"), [(76_000, "2026-01-31"), (65_000, "2026-02-05")])
def test_bitcoin_thresholds_are_dated(checked: Checked, level: float, day: str) -> None:
    """Each threshold is dated by the first intraday low under it."""
    found = [
        item
        for _, items in _find(checked, "threshold", "BTC", verdict="supported")
        for item in items
        if level - 4_000 < item.value < level
    ]
    assert found
    assert all(item.observed_at.startswith(day) for item in found)


def test_the_correlation_held_on_ten_days_in_january_only(checked: Checked) -> None:
    """0.7-0.9 is true of 10 sessions on 28 to 30 January, not on 5 February nor on 20 and 60."""
    ((claim, items),) = _find(checked, "correlation", "SPX-BTC")
    assert claim.verdict == "contradicted"
    inside = [i for i in items if 0.65 <= i.value <= 0.95]
    assert {(i.metric, i.observed_at) for i in inside} == {
        ("claim_corr_10d", "2026-01-28"),
        ("claim_corr_10d", "2026-01-30"),
    }
    last = {i.metric for i in items if i.observed_at == "2026-02-05"}
    assert last == {"claim_corr_10d", "claim_corr_20d", "claim_corr_60d"}


def test_the_margin_rise_came_after_the_first_fall(checked: Checked) -> None:
    """The exchange's notice is dated after the day metals first fell: a response, not a cause."""
    found = _find(checked, "event", "MARGIN", verdict="too_late")
    assert any(i.metric == "claim_margin_lag" and i.value >= 1 for _, items in found for i in items)


def test_the_tokenised_gold_purchase_is_single_source(checked: Checked) -> None:
    """840 XAUT bought by one address rests on one source and moves nothing."""
    assert [claim.verdict for claim, _ in _find(checked, "flow", "XAUT")] == ["single_source"]


def test_every_quote_is_in_its_article(
    checked: Checked, shared_article: Callable[[str], Article]
) -> None:
    """Quoted words, but for invisible characters, stand in the article at the place given."""
    texts = {article.id: article.text for article in map(shared_article, NAMES)}
    for claim in checked.claims:
        assert claim.start is not None
        assert claim.end is not None
        quoted = texts[claim.article][claim.start : claim.end]
        assert claim.text.rstrip("…").split()[0] in " ".join(quoted.split())


def test_nothing_measured_was_known_after_the_as_of(checked: Checked) -> None:
    """No evidence of a claim became available after the as-of."""
    assert all(item.available_at <= SCOPE.as_of for item in checked.evidence)
