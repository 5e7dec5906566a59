from __future__ import annotations

import math
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causemap.tools.measures.shares import (
    Coalition,
    Interval,
    asymmetric_shapley,
    block_indices,
    downside_beta,
    mechanical_share,
    shares_sum_to_one,
)

moves = st.floats(-1, 1, allow_nan=False)
NAMES = "abcdef"


@st.composite
def games(draw: st.DrawFn) -> tuple[list[str], dict[str, Coalition], dict[Coalition, float]]:
    """Players, an acyclic graph among them, and a value for every coalition."""
    players = list(NAMES[: draw(st.integers(1, 5))])
    parents = {
        p: frozenset(draw(st.sets(st.sampled_from(players[:i])))) if i else frozenset()
        for i, p in enumerate(players)
    }
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    subsets = [
        frozenset(p for j, p in enumerate(players) if mask >> j & 1)
        for mask in range(2 ** len(players))
    ]
    return players, parents, {s: float(rng.normal()) for s in subsets}


class TestShapley:
    """Asymmetric Shapley values."""

    def test_textbook_glove_game(self) -> None:
        """Without a graph it is the Shapley value: one left glove 2/3, two right ones 1/6 each."""

        def worth(s: Coalition) -> float:
            return float("left" in s and len(s) > 1)

        found = asymmetric_shapley(worth, ["left", "r1", "r2"], {})
        assert found["left"].value == pytest.approx(2 / 3)
        assert found["r1"].value == found["r2"].value == pytest.approx(1 / 6)
        assert (found["left"].low, found["left"].high) == (0.0, 1.0)

    def test_chain_gives_the_sequential_contributions(self) -> None:
        """Under rates -> ai -> forced there is one ordering, so no range is left."""
        value = {0: 0.0, 1: 0.5, 2: 0.7, 3: 0.75}
        found = asymmetric_shapley(
            lambda s: value[len(s)],
            ["forced", "rates", "ai"],
            {"ai": frozenset({"rates"}), "forced": frozenset({"ai"})},
        )
        assert found["rates"] == pytest.approx((0.5, 0.5, 0.5))
        assert found["ai"] == pytest.approx((0.2, 0.2, 0.2))
        assert found["forced"] == pytest.approx((0.05, 0.05, 0.05))

    @given(games())
    def test_equals_the_average_over_listed_orderings(
        self, game: tuple[list[str], dict[str, Coalition], dict[Coalition, float]]
    ) -> None:
        """Counting orderings gives what listing them gives, and the shares sum to the whole."""
        players, parents, value = game
        found = asymmetric_shapley(value.__getitem__, players, parents)
        orders = [
            order
            for order in permutations(players)
            if all(parents[p] <= set(order[:i]) for i, p in enumerate(order))
        ]
        for player in players:
            gains = []
            for order in orders:
                head = frozenset(order[: order.index(player)])
                gains.append(value[head | {player}] - value[head])
            assert found[player].value == pytest.approx(np.mean(gains), abs=1e-9)
            assert (found[player].low, found[player].high) == (min(gains), max(gains))
        whole = value[frozenset(players)] - value[frozenset()]
        assert sum(f.value for f in found.values()) == pytest.approx(whole, abs=1e-9)

    @given(games())
    def test_dummy_player_gets_nothing(
        self, game: tuple[list[str], dict[str, Coalition], dict[Coalition, float]]
    ) -> None:
        """A player who changes no coalition's value has share zero and changes no other share."""
        players, parents, value = game
        found = asymmetric_shapley(lambda s: value[s - {"dummy"}], [*players, "dummy"], parents)
        assert found["dummy"] == (0.0, 0.0, 0.0)
        without = asymmetric_shapley(value.__getitem__, players, parents)
        for player in players:
            assert found[player].value == pytest.approx(without[player].value, abs=1e-9)

    def test_eight_players_are_exact(self) -> None:
        """For an additive game of eight every player gets its own worth."""
        worth = {name: 0.1 * i for i, name in enumerate("abcdefgh")}
        found = asymmetric_shapley(
            lambda s: sum(worth[p] for p in s), list(worth), {"h": frozenset("ab")}
        )
        assert {p: f.value for p, f in found.items()} == pytest.approx(worth)

    @pytest.mark.parametrize(
        ("players", "parents", "message"),
        [
            (["a", "b"], {"a": frozenset("b"), "b": frozenset("a")}, "cycle"),
            (["a", "a"], {}, "once"),
            (list("abcdefghi"), {}, "at most 8"),
        ],
    )
    def test_bad_games_are_refused(
        self, players: list[str], parents: dict[str, Coalition], message: str
    ) -> None:
        """A cycle, a repeated name and a ninth player raise."""
        with pytest.raises(ValueError, match=message):
            asymmetric_shapley(lambda s: float(len(s)), players, parents)

    def test_parents_outside_the_game_do_not_bind(self) -> None:
        """A parent that is no player leaves its child free."""
        found = asymmetric_shapley(lambda s: float(len(s)), ["a"], {"a": frozenset({"absent"})})
        assert found["a"].value == 1.0


class TestMechanicalShare:
    """The dominance test of a mechanism."""

    @pytest.mark.parametrize(
        ("beta", "trigger", "target", "share"),
        [
            (1.0, -0.03, -0.12, 0.75),
            (2.0, -0.03, -0.10, 0.40),
            (3.0, -0.10, -0.10, 0.00),
            (1.0, -0.0625, -0.125, 0.50),
        ],
    )
    def test_worked_examples(
        self, beta: float, trigger: float, target: float, share: float
    ) -> None:
        """What beta times the trigger leaves of the fall; a trigger that explains more leaves 0."""
        assert mechanical_share(beta, trigger, target) == pytest.approx(share)

    @given(st.floats(-5, 5), moves, moves)
    def test_bounds(self, beta: float, trigger: float, target: float) -> None:
        """The share lies in [0, 1], and only a target that did not move has none."""
        found = mechanical_share(beta, trigger, target)
        assert (found is None) == (target == 0)
        assert found is None or 0 <= found <= 1

    def test_missing_value_is_no_share(self) -> None:
        """A missing beta gives no share, not a share of nought."""
        assert mechanical_share(math.nan, -0.03, -0.1) is None


class TestDownsideBeta:
    """Beta on the trigger's bad days."""

    def test_kink_is_found(self) -> None:
        """Slope 3 below the mean and 1 above it reads 3, without error."""
        dates = pd.date_range("2024-01-01", periods=101)
        x = pd.Series(np.arange(-50.0, 51.0), index=dates)
        y = x.where(x >= 0, 3 * x)
        found = downside_beta(y, x, dates[-1])
        assert found is not None
        assert found.beta == pytest.approx(3.0)
        assert found.stderr == pytest.approx(0.0, abs=1e-9)
        assert found.n == 50

    def test_days_after_the_start_are_not_read(self) -> None:
        """Wild returns after the date change nothing."""
        rng = np.random.default_rng(1)
        dates = pd.date_range("2024-01-01", periods=200)
        x = pd.Series(rng.normal(size=200), index=dates)
        y = 2 * x + pd.Series(rng.normal(size=200), index=dates)
        found = downside_beta(y, x, dates[149])
        y[dates[150] :] = 99.0
        assert found == downside_beta(y, x, dates[149])
        assert found is not None
        assert found.beta == pytest.approx(2.0, abs=4 * found.stderr)
        known = x[dates[:150]]
        bad = known[known < known.mean()]
        slope, errors = np.polyfit(bad, y[bad.index], 1, cov=True)
        assert found.beta == pytest.approx(slope[0])
        assert found.n == len(bad)
        assert found.stderr == pytest.approx(np.sqrt(errors[0, 0]))

    def test_short_history_is_a_gap(self) -> None:
        """Fewer than thirty bad days give no beta."""
        x = pd.Series(np.arange(50.0), index=pd.date_range("2024-01-01", periods=50))
        assert downside_beta(x, x, pd.Timestamp("2025-01-01")) is None


class TestBlocks:
    """Block bootstrap."""

    @given(st.integers(1, 60), st.integers(1, 10), st.integers(0, 2**32 - 1))
    def test_rows_exist_and_repeat_for_a_seed(self, n: int, block: int, seed: int) -> None:
        """Indices have the shape asked for, point at real rows and depend on the seed alone."""
        first, again = (block_indices(n, min(block, n), 5, seed=seed) for _ in range(2))
        assert first.shape == (5, n)
        assert first.min() >= 0
        assert first.max() < n
        assert np.array_equal(first, again)

    def test_stationary_runs_have_the_mean_length(self) -> None:
        """Runs continue with probability 1 - 1/block, going round at the end."""
        picks = block_indices(200, 5, 400, seed=3)
        follows = (np.diff(picks, axis=1) % 200) == 1
        assert follows.mean() == pytest.approx(0.8, abs=0.01)

    @pytest.mark.parametrize(("n", "block"), [(5, 6), (5, 0), (0, 1)])
    def test_impossible_blocks_are_refused(self, n: int, block: int) -> None:
        """A block longer than the data, or of no length, raises."""
        with pytest.raises(ValueError, match="block"):
            block_indices(n, block, 3, seed=0)


def exactly(value: float) -> Interval:
    """A contribution known without error."""
    return Interval(value, value, value)


class TestShareTable:
    """The final table of shares."""

    def test_room_is_left_as_it_is(self) -> None:
        """Parts of 0.5 and 0.2 leave 0.3 unexplained."""
        table = shares_sum_to_one({"rates": exactly(0.5), "ai": exactly(0.2)}, 0.10)
        assert [(p.name, p.share) for p in table.parts] == [("rates", 0.5), ("ai", 0.2)]
        assert table.unexplained == pytest.approx(0.3)

    def test_excess_is_scaled_to_the_minimum_residual(self) -> None:
        """Parts of 1.2 and 0.6 with bounds become 0.6 and 0.3, bounds halved, 0.1 unexplained."""
        table = shares_sum_to_one(
            {"a": Interval(1.2, 0.8, 3.0), "b": Interval(0.6, -0.2, 0.8)}, 0.10
        )
        assert table.parts[0][1:] == pytest.approx((0.6, 0.4, 1.0))
        assert table.parts[1][1:] == pytest.approx((0.3, 0.0, 0.4))
        assert table.unexplained == 0.10

    def test_an_offset_has_no_share(self) -> None:
        """A part that worked against the fall has share 0 and is still shown."""
        table = shares_sum_to_one({"a": exactly(0.4), "offset": exactly(-0.3)}, 0.10)
        assert table.parts[1].share == 0.0
        assert table.unexplained == pytest.approx(0.6)

    @settings(max_examples=200)
    @given(
        st.dictionaries(
            st.text(min_size=1, max_size=3),
            st.tuples(*[st.floats(-5, 5)] * 3).map(sorted),
            max_size=6,
        ),
        st.floats(0.1, 1),
    )
    def test_sums_to_one_with_a_residual(
        self, parts: dict[str, list[float]], minimum: float
    ) -> None:
        """Whatever goes in, shares and residual sum to 1 and the residual keeps its minimum."""
        given_parts = {k: Interval(v[1], v[0], v[2]) for k, v in parts.items()}
        table = shares_sum_to_one(given_parts, minimum)
        total = sum(p.share for p in table.parts) + table.unexplained
        assert total == pytest.approx(1.0, abs=1e-9)
        assert table.unexplained >= minimum - 1e-12
        assert all(0 <= p.low <= p.share <= p.high <= 1 for p in table.parts)

    @pytest.mark.parametrize(
        ("parts", "minimum"), [({"a": exactly(math.nan)}, 0.1), ({"a": exactly(0.5)}, 1.5)]
    )
    def test_bad_input_is_refused(self, parts: dict[str, Interval], minimum: float) -> None:
        """A missing contribution and a minimum that is no fraction raise."""
        with pytest.raises(ValueError, match=r"finite|fraction"):
            shares_sum_to_one(parts, minimum)
