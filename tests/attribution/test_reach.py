"""How far the links of a map reach: named causes that arrive nowhere, channels that act."""

from __future__ import annotations

from causemap.attribution.reach import acting, adrift, between, reached, unreached
from causemap.causes import CAUSES
from causemap.closed_sets import AssetGroup, Identification, Primary
from causemap.records import CauseMap, Edge, Node, Verdict


def edge(source: str, target: str, *, measured: bool = True) -> Edge:
    """A link, with evidence or without."""
    ids = ("macro.rates.score",) if measured else ()
    kind: Identification = "sign" if measured else "none"
    return Edge(source, target, -1, None, None, 0.7 if measured else 0.3, ids, (), kind)


def verdict(primary: Primary) -> Verdict:
    """A verdict that names this."""
    return Verdict(primary, "other", tuple((c, 0.0) for c in CAUSES), abstained=False, reason="")


def drawn(*edges: Edge) -> CauseMap:
    """A map of two shocks, a channel and two moves with these links."""
    kinds = {"rates_shock": "shock", "ai_rerating": "shock", "dollar": "channel"}
    nodes = [
        Node(name, "shock" if kind == "shock" else "channel", name) for name, kind in kinds.items()
    ]
    return CauseMap((*nodes, Node("SPX", "move", "S&P 500"), Node("BTC", "move", "Bitcoin")), edges)


def test_a_path_is_followed_to_its_end_and_not_back() -> None:
    """Links are followed in their direction, however many there are."""
    edges = (edge("rates_shock", "dollar"), edge("dollar", "SPX"))
    assert reached("rates_shock", edges) == {"rates_shock", "dollar", "SPX"}
    assert reached("SPX", edges) == {"SPX"}


def test_a_named_cause_must_reach_an_asset_of_its_own_group_by_measured_links() -> None:
    """A dashed link, a channel without an end and another group's asset are all not enough."""
    named: tuple[tuple[AssetGroup, Verdict], ...] = (("equity", verdict("rates_shock")),)
    whole = drawn(edge("rates_shock", "dollar"), edge("dollar", "SPX"))
    assert unreached(whole, named, ("SPX", "BTC")) == ()
    for bare in (
        drawn(edge("rates_shock", "dollar")),
        drawn(edge("rates_shock", "dollar"), edge("dollar", "BTC")),
        drawn(edge("rates_shock", "dollar"), edge("dollar", "SPX", measured=False)),
    ):
        assert unreached(bare, named, ("SPX", "BTC")) == (("equity", "rates_shock"),)
    assert unreached(whole, named, ("NDX",)) == (("equity", "rates_shock"),)


def test_where_no_cause_is_named_none_can_fail_to_arrive() -> None:
    """An abstention and a window without a fall name nothing."""
    open_: tuple[tuple[AssetGroup, Verdict], ...] = (
        ("equity", verdict("mixed_unclear")),
        ("crypto", verdict("no_drawdown")),
    )
    assert unreached(drawn(), open_, ("SPX", "BTC")) == ()


def test_a_channel_acts_where_a_measured_link_leads_on() -> None:
    """What only leads into it does not make a channel an amplifier of anything."""
    assert acting(drawn(edge("dollar", "SPX")), ("dollar", "carry")) == ("dollar",)
    assert acting(drawn(edge("rates_shock", "dollar")), ("dollar",)) == ()
    assert acting(drawn(edge("dollar", "SPX", measured=False)), ("dollar",)) == ()


def test_a_shock_that_ends_in_a_channel_is_adrift() -> None:
    """A dashed link to a move is a link; a channel that goes nowhere is none."""
    found = adrift(drawn(edge("rates_shock", "dollar"), edge("ai_rerating", "SPX", measured=False)))
    assert found == {"rates_shock"}


def test_a_path_between_has_both_ends_measured() -> None:
    """What only leads away from a start, or only into an end, lies on no path between them."""
    whole = drawn(
        edge("rates_shock", "dollar"),
        edge("dollar", "SPX"),
        edge("ai_rerating", "BTC"),
        edge("ai_rerating", "SPX", measured=False),
    )
    assert between(whole, ("rates_shock",), ("SPX",)) == {"rates_shock", "dollar", "SPX"}
    assert between(whole, ("ai_rerating",), ("SPX",)) == frozenset()
    assert between(whole, ("rates_shock",), ("BTC",)) == frozenset()
    assert between(whole, (), ("SPX",)) == frozenset()
