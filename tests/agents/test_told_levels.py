from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from causemap.agents.bench import Bench
from causemap.agents.told_levels import FAR_PRICE, hold_levels
from causemap.evals.campaign import Order, make_plan
from causemap.evals.perturb import perturbed
from causemap.records import Note, Scope
from causemap.settings import Settings
from causemap.tools.market import Market, open_market
from causemap.tools.news.stories import Story, stories
from causemap.tools.notes import notes_for, read_notes

SCOPE = Scope("2026-01-29", "2026-02-05", "2026-02-06T23:59Z", ("BTC",), ("crypto",))


def _note(text: str, published: str = "2026-02-03") -> Note:
    return Note(text[:9], published, "date", "Reuters", "newswire", text, None, "found", 0.9)


def _told(*texts: str) -> list[Story]:
    return [Story(_note(text), frozenset({"reuters"})) for text in texts]


@pytest.fixture
def bench(shared_dir: Path) -> Bench:
    """A bench over the anchor window: bitcoin between 98,000 and 62,000 in two months."""
    view = open_market(shared_dir / "data").view(datetime.fromisoformat(SCOPE.as_of))
    return Bench("earnings_news", SCOPE, view)


@pytest.mark.parametrize(
    ("text", "fit"),
    [
        ("Bitcoin fell to $78,500 on Monday.", (1, 0)),
        ("Bitcoin fell to $9,200 on Monday.", (0, 1)),
        ("The ten-year Treasury yield slipped to 4.21%.", (1, 0)),
        ("The ten-year Treasury yield slipped to 1.52%.", (0, 1)),
        # Closes of the day hide what was printed inside it.
        ("Bitcoin slid below $59,000 in early trade.", (1, 0)),
        ("Bitcoin lost a tenth of its value.", (0, 0)),
        # A level of a time the text names is another matter.
        ("Bitcoin had crashed to $3,800 in March 2020.", (0, 0)),
    ],
)
def test_a_level_is_known_when_closes_of_these_months_come_near(
    bench: Bench, text: str, fit: tuple[int, int]
) -> None:
    """Prices of another time are unknown; what lies just outside the closes is not."""
    found = hold_levels(bench, _told(text))
    assert found == fit
    items = [item for item in bench.evidence if item.metric == "levels_known"]
    assert [(item.n, item.group) for item in items] == [(1, "context")] * sum(fit)
    # Closes up to the window's last are looked at, so it is not known before they are.
    assert all(item.available_at > "2026-02-05T20:00Z" for item in items)


def test_a_level_without_closes_says_nothing(tmp_path: Path) -> None:
    """Where no series is at hand no level is tested."""
    view = Market(tmp_path).view(datetime(2026, 2, 6, 23, 59, tzinfo=UTC))
    bench = Bench("earnings_news", SCOPE, view)
    assert hold_levels(bench, _told("Bitcoin fell to $9,200.")) == (0, 0)
    assert bench.evidence == []


@given(st.floats(1.0, 1e5), st.floats(-0.6, 0.6))
def test_prices_are_held_in_log_points(level: float, away: float) -> None:
    """A price is known up to :data:`FAR_PRICE` beyond the closes' range, on either side."""
    from causemap.agents.told_levels import _near
    from causemap.tools.claims.records import Amount

    told = level * 2.718281828459045**away
    amount = Amount(0, 1, told, told, "usd", 0.01)
    if abs(abs(away) - FAR_PRICE) > 1e-9:
        assert _near(pd.Series([level, level]), amount) == (abs(away) < FAR_PRICE)


def test_the_notes_of_the_catalogue_speak_of_their_own_time(
    shared_dir: Path, tmp_path: Path
) -> None:
    """Nine in ten of the levels told are known; of another window's notes laid over, few."""
    events, path = (shared_dir / "events" / name for name in ("train.yaml", "notes.jsonl"))
    market, notes = open_market(shared_dir / "data"), read_notes(path)
    settings = Settings(data_dir=shared_dir / "data", home=tmp_path)
    for perturb, least, most in ((None, 0.9, 1.0), ("other-notes", 0.0, 0.5)):
        known = told = 0
        for task in make_plan(Order(events, notes=path, perturb=perturb), settings).tasks:
            scope, given_ = perturbed(perturb, task.scope, notes, task.donor, market)
            view = market.view(datetime.fromisoformat(scope.as_of))
            heard = stories(notes_for(given_, scope.start, scope.as_of))
            found = hold_levels(Bench("earnings_news", scope, view), heard)
            known, told = known + found.known, told + sum(found)
        assert told > 60
        assert least * told <= known <= most * told
