from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causemap.evals import graphs
from causemap.evals.answers import Sample, Trace, TracedEdge, TracedNode, from_shares
from causemap.evals.graphs import Link
from causemap.evals.links import link_scores
from causemap.evals.windows import LabelledWindow

KNOWN = (Link("a", "b", 1), Link("b", "c", -1))


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=14))
@settings(max_examples=40)
def test_tau_agrees_with_scipy(rows: list[tuple[int, int]]) -> None:
    """Tau-b with ties on either side matches scipy; no variation on a side is no tau."""
    from scipy.stats import kendalltau

    first, second = [float(a) for a, _ in rows], [float(b) for _, b in rows]
    ours = graphs.kendall_tau(first, second)
    if len(set(first)) == 1 or len(set(second)) == 1:
        assert ours is None
    else:
        assert ours == pytest.approx(kendalltau(first, second).statistic, abs=1e-12)


def test_an_order_is_compared_on_common_nodes() -> None:
    """Nodes that only one side places do not count, and one common node is no order."""
    known = graphs.first_places((("x",), ("y", "z"), ("x", "w")))
    assert known == {"x": 0, "y": 1, "z": 1, "w": 2}
    assert graphs.order_tau({"x": 3, "w": 5, "other": 0}, known) == 1.0
    assert graphs.order_tau({"x": 5, "w": 3}, known) == -1.0
    assert graphs.order_tau({"x": 5}, known) is None


@pytest.mark.parametrize(
    ("edges", "acyclic"),
    [
        ([], True),
        ([("a", "b"), ("b", "c"), ("a", "c")], True),
        ([("a", "b"), ("b", "c"), ("c", "a")], False),
        ([("a", "a")], False),
        ([("x", "y"), ("a", "b"), ("b", "a")], False),
    ],
)
def test_a_cycle_is_found(edges: list[tuple[str, str]], acyclic: bool) -> None:
    """Loops and longer cycles are cycles; a diamond is none."""
    assert graphs.is_acyclic(edges) is acyclic


def test_edges_found_as_known_score_full_marks() -> None:
    """The gold map against itself is perfect, at distance 0."""
    found = graphs.edge_score(KNOWN, KNOWN)
    assert (found.precision, found.recall, found.signs) == (1.0, 1.0, 1.0)
    assert (found.turned, found.distance) == (0, 0)


def test_a_reversed_edge_is_one_turn_not_two_faults() -> None:
    """A reversed edge counts neither as found nor as missing and extra, but as turned."""
    found = graphs.edge_score((Link("b", "a", 1), Link("b", "c", -1)), KNOWN)
    assert (found.precision, found.recall) == (0.5, 0.5)
    assert (found.turned, found.distance) == (1, 1)


def test_a_wrong_sign_is_seen_apart_from_the_direction() -> None:
    """Direction right, sign wrong: precision stays, sign agreement falls."""
    found = graphs.edge_score((Link("a", "b", -1), Link("b", "c", -1)), KNOWN)
    assert (found.precision, found.signs) == (1.0, 0.5)


def test_extra_and_missing_edges_add_to_the_distance() -> None:
    """One edge too many and one too few are two steps; nothing found has no precision."""
    found = graphs.edge_score((Link("a", "b", 1), Link("a", "c", 1)), KNOWN)
    assert found.distance == 2
    empty = graphs.edge_score((), KNOWN)
    assert (empty.precision, empty.recall, empty.signs, empty.distance) == (None, 0.0, None, 2)


def test_nodes_merged_or_split_cost_f1() -> None:
    """Repeats count once; a node known under one name and found under another is a miss."""
    assert graphs.node_f1(["a", "a", "b"], ["a", "b"]) == 1.0
    assert graphs.node_f1(["ab"], ["a", "b"]) == 0.0
    assert graphs.node_f1(["a"], ["a", "b"]) == pytest.approx(2 / 3)
    assert graphs.node_f1([], []) is None


def test_an_effect_seen_before_its_cause_could_begin_is_a_violation() -> None:
    """Only ``low(cause) > high(effect)`` is against time; overlap and missing onsets are not."""
    nodes = [
        TracedNode("early", "shock", "2020-01-01T00:00Z", "2020-01-02T00:00Z"),
        TracedNode("late", "shock", "2020-01-05T00:00Z", "2020-01-06T00:00Z"),
        TracedNode("wide", "move", "2020-01-01T00:00Z", "2020-01-06T00:00Z"),
        TracedNode("undated", "move", None, None),
    ]
    edges = [("early", "late"), ("late", "wide"), ("late", "undated"), ("late", "gone")]
    assert graphs.time_violations(nodes, edges) == 0
    assert graphs.time_violations(nodes, [*edges, ("late", "early")]) == 1


def test_edges_between_nodes_of_one_place_say_nothing_of_direction() -> None:
    """Forward edges are counted among those whose ends the known order sets apart."""
    known = {"a": 0, "b": 1, "c": 1}
    edges = [("a", "b"), ("b", "c"), ("c", "a"), ("a", "x")]
    assert graphs.forward_share(edges, known) == (1, 2)


def test_a_path_is_followed_along_the_arrows_only() -> None:
    """Through any number of nodes, round a cycle, never backwards."""
    edges = [("shock", "channel"), ("channel", "SPX"), ("SPX", "shock"), ("BTC", "channel")]
    assert graphs.reaches(edges, "shock", {"SPX"})
    assert not graphs.reaches(edges, "shock", {"BTC"})
    assert not graphs.reaches([], "shock", {"SPX"})


def test_the_map_is_scored_against_labelled_links_where_there_are_any() -> None:
    """One link right, one turned; a window that failed found nothing and misses all its links."""
    windows = [
        LabelledWindow(
            f"w{k}",
            f"{2000 + k}-01-03",
            f"{2000 + k}-01-10",
            "equity",
            "rates_shock",
            "other",
            links=KNOWN if k < 2 else (),
        )
        for k in range(3)
    ]
    drawn = Trace(
        edges=(TracedEdge("a", "b", 1, supported=True), TracedEdge("c", "b", 1, supported=True))
    )
    answer = replace(from_shares({"rates_shock": 1.0}), trace=drawn)
    samples = {
        0: Sample(0, answer, None, priced=True, seconds=0.0),
        1: Sample(1, None, "SystemFault: x", priced=True, seconds=0.0),
    }
    found = link_scores(windows, samples, [0, 1, 2], 0, 10)
    assert found is not None
    assert (found.n, found.turned) == (2, 1)
    assert (found.precision.value, found.recall.value, found.signs.value) == (0.5, 0.25, 1.0)
    assert found.distance.value == 1.5
    assert link_scores(windows[2:], samples, [2], 0, 10) is None
    none = link_scores(windows[1:2], {}, [1], 0, 10)
    assert none is not None
    assert none.precision.value is None
    assert none.recall.value == 0.0
