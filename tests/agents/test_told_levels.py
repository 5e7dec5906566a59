from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from causemap.agents.bench import Bench
from causemap.agents.news import read_news
from causemap.agents.told_levels import FAR_PRICE, Levels, hold_levels
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
    ("text", "known"),
    [
        ("Bitcoin fell to $78,500 on Monday.", (1, 1)),
        ("Bitcoin fell to $9,200 on Monday.", (1, 0)),
        ("The ten-year Treasury yield slipped to 4.21%.", (1, 1)),
        ("The ten-year Treasury yield slipped to 1.52%.", (1, 0)),
        # Closes of the day hide what was printed inside it.
        ("Bitcoin slid below $59,000 in early trade.", (1, 1)),
        ("Bitcoin lost a tenth of its value.", (0, 0)),
        # A level of a time the text names is another matter.
        ("Bitcoin had crashed to $3,800 in March 2020.", (0, 0)),
    ],
)
def test_a_level_is_known_when_closes_of_these_months_come_near(
    bench: Bench, text: str, known: tuple[int, int]
) -> None:
    """Prices of another time are unknown; what lies just outside the closes is not."""
    found = hold_levels(bench, _told(text))
    assert (found.told, found.known) == known
    items = [item for item in bench.evidence if item.metric == "levels_known"]
    assert [(item.n, item.group) for item in items] == [(1, "context")] * known[0]
    # Closes up to the window's last are looked at, so it is not known before they are.
    assert all(item.available_at > "2026-02-05T20:00Z" for item in items)


def test_a_level_without_closes_says_nothing(tmp_path: Path) -> None:
    """Where no series is at hand no level is tested, and the notes keep their full say."""
    view = Market(tmp_path).view(datetime(2026, 2, 6, 23, 59, tzinfo=UTC))
    bench = Bench("earnings_news", SCOPE, view)
    assert hold_levels(bench, _told("Bitcoin fell to $9,200.")).trust == 1.0
    assert bench.evidence == []


@given(st.integers(0, 30), st.integers(0, 30))
def test_trust_falls_with_every_unknown_level(known: int, unknown: int) -> None:
    """Trust is 1 when all is known, never 0, and lower with one more level that is not."""
    here, more = Levels(known + unknown, known), Levels(known + unknown + 1, known)
    assert 0.0 < more.trust < here.trust <= 1.0
    assert (here.trust == 1.0) == (unknown == 0)


@given(st.floats(1.0, 1e5), st.floats(-0.6, 0.6))
def test_prices_are_held_in_log_points(level: float, away: float) -> None:
    """A price is known up to :data:`FAR_PRICE` beyond the closes' range, on either side."""
    from causemap.agents.told_levels import _near
    from causemap.tools.claims.records import Amount

    told = level * 2.718281828459045**away
    amount = Amount(0, 1, told, told, "usd", 0.01)
    if abs(abs(away) - FAR_PRICE) > 1e-9:
        assert _near(pd.Series([level, level]), amount) == (abs(away) < FAR_PRICE)


def test_notes_of_another_time_weigh_less_in_shares_and_events(bench: Bench) -> None:
    """Two unknown levels leave a third of the quality to every item the notes give."""
    wrong = ("Bitcoin fell to $9,200 as regulators banned exchanges.", "Ether dropped to $140.")
    read_news(bench, tuple(_note(text) for text in wrong))
    shares = [item for item in bench.evidence if item.group == "text"]
    assert {item.quality for item in shares} == {0.333333}
    events = [item for item in bench.evidence if item.group == "event_time"]
    assert all(item.quality <= 0.333333 for item in events)


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
            known, told = known + found.known, told + found.told
        assert told > 60
        assert least * told <= known <= most * told
