"""Shares of a fall below zero or above one: their names say what happened, in every view."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.agents.test_verifier import item

from causemap.agents import crypto_structure
from causemap.agents.clauses import clause
from causemap.agents.names_zh import named_zh
from causemap.agents.scope import make_scope
from causemap.agents.share_words import Share, share_words
from causemap.agents.verifier import check_sentence
from causemap.briefing.phrased import phrase_of, renamed, with_slots
from causemap.llm.slots import Ledger, fill
from causemap.records import Evidence
from causemap.settings import Settings
from causemap.tools.market import open_market

BACK = "the part of bitcoin's fall won back 24 hours after the low"
RATES = "the rates part as a share of the S&P 500 fall"
WEEKEND = "the share of bitcoin's fall made on Saturday and Sunday"
CASES: tuple[tuple[Share, str, str], ...] = (
    ("won_back", BACK, "BTC"),
    ("rates_part", RATES, "SPX"),
    ("weekend", WEEKEND, "BTC"),
)


def _told(kind: Share, said: str, asset: str, value: float) -> Evidence:
    metric = kind.replace("_", "")
    return item(asset, value, "ratio", metric, share_words(kind, said, value))


@pytest.mark.parametrize(("kind", "said", "asset"), CASES)
def test_a_share_of_a_whole_keeps_its_name(kind: Share, said: str, asset: str) -> None:
    """What prints from 0.00 to 1.00 needs no further word."""
    for value in (-0.004, 0.0, 0.58, 1.004):
        assert _told(kind, said, asset, value).said == said


@pytest.mark.parametrize("value", [-1.77, 2.32])
@pytest.mark.parametrize(("kind", "said", "asset"), CASES)
def test_a_share_outside_of_the_whole_says_what_it_means(
    kind: Share, said: str, asset: str, value: float
) -> None:
    """Its name tells, the account and the briefing pass the gate, and Chinese has words for it."""
    held = _told(kind, said, asset, value)
    side = "below zero: " if value < 0 else "above one: "
    assert held.said.startswith(f"{said} ({side}")
    assert "\u300c" not in named_zh(held.said)
    ledger = Ledger({held.id: held})
    written = fill(f"{clause(held)}.", ledger)
    assert not check_sentence(written, [held])
    phrase = phrase_of(held, "en")
    assert phrase is not None
    assert phrase_of(held, "zh") is not None
    briefed = fill(f"In that window, {with_slots(held, phrase)}.", ledger)
    assert not check_sentence(briefed, [held, *renamed([held])])
    # The words belong to that side: with the other one they do not stand.
    other = replace(held, value=-held.value)
    assert written != fill(f"{clause(other)}.", Ledger({other.id: other}))


def test_a_low_that_was_undercut_is_no_rebound(shared_dir: Path) -> None:
    """A day after its low of 12 June 2022 bitcoin stood far below it: nothing was won back."""
    scope = make_scope("2022-06-07", "2022-06-12", ("BTC",), None, now=datetime.now(UTC))
    view = open_market(shared_dir / "data").view(datetime.fromisoformat(scope.as_of))
    settings = Settings(data_dir=shared_dir / "data", home=shared_dir)
    found = {e.id: e for e in crypto_structure.measure(scope, view, settings).evidence}
    back = found["crypto_structure.btc.retrace_24h"]
    assert back.value < 0.0
    assert back.said == f"{BACK} (below zero: none, it fell on)"
