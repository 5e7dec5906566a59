from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from causemap.tools.measures.event_study import (
    DatedEvent,
    EventStudy,
    Timing,
    attribute,
    earnings_reaction,
    event_study,
    session_of,
)

DAYS = pd.bdate_range("2024-01-01", periods=200)


def target(moves: dict[int, float]) -> pd.Series[float]:
    """Prices whose returns cycle through 0, +1 % and -1 %, except on the given rows."""
    returns = np.tile([0.0, 0.01, -0.01], 67)[: len(DAYS)]
    for row, move in moves.items():
        returns[row] = move
    return pd.Series(100 * np.exp(np.cumsum(returns)), index=DAYS)


class TestSession:
    """From an event date to the session that reacts."""

    def test_a_release_after_the_close_acts_on_the_next_session(self) -> None:
        """Friday evening news moves Monday; Friday morning news moves Friday."""
        friday = DAYS[4]
        assert friday.day_name() == "Friday"
        assert session_of(DAYS, DatedEvent("a", friday)) == 4
        assert session_of(DAYS, DatedEvent("a", friday, Timing.AFTER_CLOSE)) == 5

    def test_a_weekend_date_acts_on_monday_and_the_future_on_nothing(self) -> None:
        """Sunday news moves Monday whatever its timing; a date past the data has no session."""
        sunday = DAYS[5] - pd.Timedelta(days=1)
        assert session_of(DAYS, DatedEvent("a", sunday)) == 5
        assert session_of(DAYS, DatedEvent("a", sunday, Timing.AFTER_CLOSE)) == 5
        assert session_of(DAYS, DatedEvent("a", DAYS[-1], Timing.AFTER_CLOSE)) is None


class TestEventStudy:
    """Abnormal moves of dated events."""

    def test_hand_computed_z(self) -> None:
        """Returns of 0, +1 and -1 % have median 0 and MAD 1 %, so -5 % scores -5/1.4826."""
        found = event_study(target({120: -0.05}), [DatedEvent("CPI", DAYS[120])]).moves[0]
        assert found.abnormal == pytest.approx(-0.05)
        assert found.z == pytest.approx(-5 / 1.4826)

    def test_other_events_are_not_in_the_baseline(self) -> None:
        """Wild sessions that are events themselves leave the scale as it was."""
        wild = {row: 0.2 * (-1) ** row for row in range(60, 118, 2)}
        events = [DatedEvent("NFP", DAYS[row]) for row in wild]
        alone = event_study(target({120: -0.05}), [DatedEvent("CPI", DAYS[120])])
        found = event_study(target({**wild, 120: -0.05}), [*events, DatedEvent("CPI", DAYS[120])])
        last = found.moves[-1]
        assert abs(last.z) == pytest.approx(abs(alone.moves[0].z), rel=0.01)

    def test_no_later_price_is_read(self) -> None:
        """Cutting the series at the event's session leaves the score unchanged."""
        prices, events = target({120: -0.05, 150: 0.3}), [DatedEvent("CPI", DAYS[120])]
        assert event_study(prices, events) == event_study(prices[: DAYS[120]], events)

    def test_an_event_without_history_or_session_is_listed_as_unscored(self) -> None:
        """Sixty quiet sessions are needed before the event and one at it."""
        early, late = DatedEvent("CPI", DAYS[60]), DatedEvent("CPI", pd.Timestamp("2030-01-01"))
        found = event_study(target({}), [early, late])
        assert found == EventStudy((), (early, late))
        assert event_study(target({}), [DatedEvent("CPI", DAYS[61])]).unscored == ()


class TestAttribution:
    """Shares of a window move by kind of event."""

    def test_shares_and_remainder_are_hand_computed(self) -> None:
        """A -3 % event in a fall of 5 % carries 60 %; the other 40 % stay unexplained."""
        study = event_study(target({120: -0.03}), [DatedEvent("CPI", DAYS[120])])
        found = attribute(study, -0.05, DAYS[118], DAYS[122])
        assert found is not None
        assert found.shares[0].share == pytest.approx(0.6)
        assert found.unexplained == pytest.approx(0.4)

    def test_a_share_above_one_is_capped_and_an_opposite_move_gets_none(self) -> None:
        """Measured are 1.6 for the fall and -0.8 for the rebound."""
        events = [DatedEvent("CPI", DAYS[120]), DatedEvent("FOMC", DAYS[121])]
        study = event_study(target({120: -0.08, 121: 0.04}), events)
        found = attribute(study, -0.05, DAYS[118], DAYS[122])
        assert found is not None
        assert [part.share for part in found.shares] == [1.0, 0.0]
        assert found.unexplained == 0.0

    def test_two_events_on_one_session_share_its_move(self) -> None:
        """A stacked day is counted once, half for each kind."""
        events = [DatedEvent("CPI", DAYS[120]), DatedEvent("FOMC", DAYS[120])]
        study = event_study(target({120: -0.04}), events)
        found = attribute(study, -0.05, DAYS[118], DAYS[122])
        assert found is not None
        assert [part.share for part in found.shares] == pytest.approx([0.4, 0.4])

    def test_events_outside_the_window_carry_nothing(self) -> None:
        """The session at the start belongs to the move before the window."""
        study = event_study(target({120: -0.04}), [DatedEvent("CPI", DAYS[120])])
        found = attribute(study, -0.05, DAYS[120], DAYS[122])
        assert found is not None
        assert (found.shares, found.unexplained) == ((), 1.0)
        assert attribute(study, 0.0, DAYS[118], DAYS[122]) is None

    def test_the_cpi_of_september_2022_carries_its_day(self, shared_dir: Path) -> None:
        """On 13 September 2022 the index fell 4.3 %, a CPI day of about that size."""
        prices = pd.read_parquet(shared_dir / "data" / "market_daily.parquet")["SPX"]
        calendar = pd.read_parquet(shared_dir / "data" / "macro_calendar.parquet")
        events = [
            DatedEvent(str(row.event), pd.Timestamp(str(row.date))) for row in calendar.itertuples()
        ]
        start, end = pd.Timestamp("2022-09-12"), pd.Timestamp("2022-09-13")
        found = attribute(event_study(prices, events), -0.0442, start, end)
        assert found is not None
        assert found.shares[0].kind == "CPI"
        assert found.shares[0].share > 0.9

    @pytest.mark.parametrize(("row", "missed"), [(19, 0), (20, 0), (25, 1), (30, 1), (31, 0)])
    def test_an_unscored_event_of_the_window_is_counted(self, row: int, missed: int) -> None:
        """Too little history for a score: it is told that something happened all the same."""
        study = event_study(target({}), [DatedEvent("cpi", DAYS[row])])
        found = attribute(study, -0.05, DAYS[20], DAYS[30])
        assert found is not None
        assert (found.unscored, found.shares) == (missed, ())


class TestEarnings:
    """Reactions to results."""

    def test_reaction_is_net_of_beta_times_the_index(self) -> None:
        """A stock of beta 2 that falls 13 % while the index falls 1 % reacted by -11 %."""
        rng = np.random.default_rng(1)
        index_moves, noise = rng.normal(0, 0.01, 200), rng.normal(0, 0.001, 200)
        index_moves[150], noise[150] = -0.01, -0.11
        index = pd.Series(np.exp(np.cumsum(index_moves)), index=DAYS)
        stock = pd.Series(np.exp(np.cumsum(2 * index_moves + noise)), index=DAYS)
        event = DatedEvent("earnings", DAYS[149], Timing.AFTER_CLOSE)
        found = earnings_reaction("XYZ", stock, index, event)
        assert found is not None
        assert found.session == DAYS[150]
        assert found.move == pytest.approx(2 * -0.01 - 0.11)
        assert found.abnormal == pytest.approx(-0.11, abs=0.002)
        assert found.z < -50.0

    def test_too_little_history_is_none(self) -> None:
        """Results within the first 120 sessions have no beta to compare with."""
        prices = target({})
        assert earnings_reaction("XYZ", prices, prices, DatedEvent("e", DAYS[100])) is None
        assert earnings_reaction("XYZ", prices, prices, DatedEvent("e", DAYS[0])) is None

    def test_microsoft_january_2026(self, shared_dir: Path) -> None:
        """Results after the close of 28 January 2026 cost about a tenth the next session."""
        panel = pd.read_parquet(shared_dir / "data" / "market_daily.parquet")
        event = DatedEvent("earnings", pd.Timestamp("2026-01-28"), Timing.AFTER_CLOSE)
        found = earnings_reaction("MSFT", panel["MSFT"], panel["SPX"], event)
        assert found is not None
        assert found.session == pd.Timestamp("2026-01-29")
        assert found.move == pytest.approx(-0.105, abs=0.005)
        assert found.z < -5.0
