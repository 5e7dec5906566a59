"""The cause map of a window: the fixed template, with every link scored by the evidence.

A link's confidence is ``sigmoid(sum of its tests' log-odds) * min(quality)``; a link without
supporting evidence has identification ``none`` and at most 0.3. Links run shock -> channel -> move,
so there is no cycle, and time is kept along whole paths: no effect was seen before a cause of it,
near or far, could begin (METHODS 4).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import NamedTuple

from causemap.attribution import order, template
from causemap.attribution.order import Admission, Arrow, Span
from causemap.attribution.template import MOVES, EdgeTest, Link, move_of
from causemap.causes import CHANNELS, NAMED, NAMES
from causemap.closed_sets import AssetGroup, Cause, Identification
from causemap.records import CauseMap, Dossier, Edge, Evidence, Node, OnsetInterval, Verdict

Verdicts = Sequence[tuple[AssetGroup, Verdict]]


@dataclass(frozen=True, slots=True)
class _Shock:
    """A cause that is kept, the groups that keep it, and its share of their move if known."""

    cause: Cause
    probability: float
    groups: tuple[AssetGroup, ...]
    label: str
    share: float | None
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Ground:
    """What links are judged on: the ledger by id, dated nodes, and when falls were a third done."""

    dossier: Dossier
    items: dict[str, Evidence]
    spans: dict[str, Span]
    thirds: dict[str, float]


class _Weighed(NamedTuple):
    item: Evidence
    log_odds: float
    kind: Identification
    dated: bool


class _Candidate(NamedTuple):
    """An edge, whether its evidence favours it on balance, and whether some is the target's own."""

    edge: Edge
    prevails: bool
    own: bool


def build_map(dossier: Dossier, verdicts: Verdicts) -> CauseMap:
    """The map of a dossier given each group's verdict; empty where nothing fell.

    Shocks are the causes with a probability of at least 0.10 in some fallen group (at most five,
    the likeliest always), channels those that evidence or an amplifier names, moves every asset
    with a measured change. A shock's probability is the largest of the groups'.
    """
    fallen = tuple(pair for pair in verdicts if pair[1].primary != "no_drawdown")
    if not fallen:
        return CauseMap((), ())
    shocks, moves = _shocks(fallen), _moves(dossier)
    onsets = order.date_nodes(dossier, {s.cause: s.groups for s in shocks}, moves)
    spans = {
        name: span for name, onset in onsets.items() if (span := order.span_of(onset)) is not None
    }
    items = {item.id: item for item in dossier.evidence}
    ground = _Ground(dossier, items, spans, order.third_done(dossier.paths))
    edges = _with_shares(_edges(shocks, moves, fallen, ground), shocks, ground)
    nodes = (
        *(_shock_node(k, shock, onsets, items) for k, shock in enumerate(shocks, 1)),
        *_channel_nodes(edges, onsets),
        *(_move_node(asset, item, onsets) for asset, item in moves.items()),
    )
    dated = {node.id: spans[node.id] for node in nodes if node.id in spans}
    arrows = [Arrow(edge.source, edge.target) for edge in edges]
    return CauseMap(nodes, edges, order.order_groups(dated, arrows))


def _shocks(fallen: Verdicts) -> tuple[_Shock, ...]:
    best = {
        cause: max(dict(verdict.probabilities).get(cause, 0.0) for _, verdict in fallen)
        for cause in NAMED
    }
    ranked = sorted((c for c in NAMED if best[c] > 0.0), key=lambda c: (-best[c], c))
    kept = [
        c
        for c in ranked[: template.MAX_SHOCKS]
        if best[c] >= template.SHOCK_FLOOR or c == ranked[0]
    ]
    return tuple(_shock(cause, best[cause], fallen) for cause in kept)


def _shock(cause: Cause, probability: float, fallen: Verdicts) -> _Shock:
    floor = min(template.SHOCK_FLOOR, probability)
    holding = [(g, v) for g, v in fallen if dict(v.probabilities).get(cause, 0.0) >= floor]
    most = max(holding, key=lambda pair: dict(pair[1].probabilities)[cause])[1]
    share = next((part.share for part in most.contributions if part.cause == cause), None)
    named = next((v.subtype for _, v in holding if v.primary == cause and v.subtype), None)
    label = NAMES[cause][:1].upper() + NAMES[cause][1:]
    weighed = sorted(
        (w for _, v in holding for w in v.weighed if w.cause == cause and w.log_odds > 0),
        key=lambda w: (-w.log_odds, w.evidence),
    )
    return _Shock(
        cause,
        probability,
        tuple(group for group, _ in holding),
        f"{label} ({named.replace('_', ' ')})" if named else label,
        share,
        tuple(dict.fromkeys(w.evidence for w in weighed)),
    )


def _moves(dossier: Dossier) -> dict[str, Evidence]:
    """The measured change of every asset, those asked about first."""
    found = {e.asset: e for e in dossier.evidence if e.id == f"technicals.{e.asset.lower()}.change"}
    names = dict.fromkeys((*dossier.scope.assets, *MOVES))
    return {name: found[name] for name in names if name in found}


def _edges(
    shocks: tuple[_Shock, ...], moves: dict[str, Evidence], fallen: Verdicts, ground: _Ground
) -> tuple[Edge, ...]:
    """All admitted edges: into channels first, then into moves, then what is left unlinked."""
    groups = {group for group, _ in fallen}
    down = tuple(a for a in ground.dossier.scope.assets if a in moves and moves[a].value < 0)
    fell = [asset for asset in moves if move_of(asset).group in groups]
    admit = Admission(ground.spans, order.ends_seen(ground.spans, fell))
    amplifiers = dict.fromkeys(name for _, v in fallen for name in v.amplifiers)
    into = _admitted(admit, _into_channels(shocks, amplifiers, ground))
    held = {c.edge.target: _holding(c.edge.target, into, shocks) for c in into}
    sure = {c.edge.target for c in into if c.prevails}
    direct = [c for shock in shocks for c in _direct(shock, tuple(moves), ground)]
    out: list[_Candidate] = []
    for name in (name for name in CHANNELS if name in held):
        found = _favoured(name, held[name], moves, ground, admit) if name in sure else []
        out += found or _headline(name, held[name], down, ground)
    onward = _admitted(admit, [*out, *direct])
    loose = _admitted(admit, _loose(shocks, down, [*into, *onward], ground))
    return tuple(c.edge for c in (*into, *onward, *loose))


def _admitted(admit: Admission, candidates: Iterable[_Candidate]) -> list[_Candidate]:
    """Those that time allows, surest first, so that a doubtful edge cannot oust a sure one."""
    ranked = sorted(
        candidates,
        key=lambda c: (not c.prevails, -c.edge.confidence, c.edge.source, c.edge.target),
    )
    return [c for c in ranked if admit.lets_in(Arrow(c.edge.source, c.edge.target))]


def _into_channels(
    shocks: Sequence[_Shock], amplifiers: Iterable[str], ground: _Ground
) -> list[_Candidate]:
    named = tuple(amplifiers)
    found = [c for shock in shocks for c in _own_channels(shock, named, ground)]
    for name, link in template.SHARED.items():
        candidate = _shared(link, shocks, ground)
        taken = any(c.edge.target == name for c in found)
        if candidate is not None and not taken and (candidate.prevails or name in named):
            found.append(candidate)
    reached = {c.edge.target for c in found}
    for name in named:
        if name in CHANNELS and name not in reached and shocks:
            link = Link("*", name, -1 if name in template.SHRINKING else +1, (0, 3), ())
            found.append(_candidate(link, shocks[0].cause, name, ground, shocks[0].cause))
    return found


def _own_channels(shock: _Shock, amplifiers: tuple[str, ...], ground: _Ground) -> list[_Candidate]:
    """The channels that are a shock's own; its first tested one if the evidence favours none.

    A shock that may act on an asset itself needs no channel that speaks against it.
    """
    links = [link for link in template.SHOCK_TO_CHANNEL if link.source == shock.cause]
    tried = [_candidate(k, shock.cause, k.target, ground, shock.cause) for k in links]
    kept = [c for c in tried if c.prevails or c.edge.target in amplifiers]
    tested = [c for c in tried if c.edge.evidence or c.edge.counter_evidence]
    direct = shock.cause in {link.source for link in template.SHOCK_TO_MOVE}
    return kept if kept or direct else tested[:1]


def _shared(link: Link, shocks: Sequence[_Shock], ground: _Ground) -> _Candidate | None:
    ends = {k.target for k in template.CHANNEL_TO_MOVE if k.source == link.target}
    for shock in shocks:
        if shock.cause not in template.NOT_SHARED and ends & set(shock.groups):
            return _candidate(link, shock.cause, link.target, ground, shock.cause)
    return None


def _holding(
    channel: str, into: Iterable[_Candidate], shocks: Iterable[_Shock]
) -> tuple[AssetGroup, ...]:
    """The groups whose verdict holds a shock that feeds the channel."""
    feeding = {c.edge.source for c in into if c.edge.target == channel}
    return tuple(dict.fromkeys(g for s in shocks if s.cause in feeding for g in s.groups))


def _favoured(
    channel: str,
    groups: Sequence[AssetGroup],
    moves: Iterable[str],
    ground: _Ground,
    admit: Admission,
) -> list[_Candidate]:
    """Links from a channel to moves that the evidence favours and time allows.

    A sector that was not asked about is linked only by evidence of its own, or every channel of
    the whole market would point at every part of it.
    """
    links = _links(channel, groups)
    near = [(links[g], a) for a in moves if (g := move_of(a).group) in links]
    asked = ground.dossier.scope.assets
    return [
        c
        for link, asset in near
        if (c := _candidate(link, channel, asset, ground)).prevails
        and (c.own or c.edge.target in asked)
        and admit.allows(Arrow(channel, c.edge.target))
    ]


def _headline(
    channel: str, groups: Sequence[AssetGroup], down: Sequence[str], ground: _Ground
) -> list[_Candidate]:
    """A dashed link from a channel to the first falling asset of each group asked about."""
    links = _links(channel, groups)
    heads = {g: a for a in reversed(down) if (g := move_of(a).group) in links}
    return [
        _candidate(replace(links[group], tests=()), channel, asset, ground)
        for group, asset in sorted(heads.items())
    ]


def _links(channel: str, groups: Sequence[AssetGroup]) -> dict[str, Link]:
    found = (link for link in template.CHANNEL_TO_MOVE if link.source == channel)
    return {link.target: link for link in found if link.target in groups}


def _direct(shock: _Shock, moves: Sequence[str], ground: _Ground) -> list[_Candidate]:
    tried = [
        _candidate(link, shock.cause, asset, ground, shock.cause)
        for link in template.SHOCK_TO_MOVE
        if link.source == shock.cause and link.target in shock.groups
        for asset in moves
        if move_of(asset).group == link.target
    ]
    return [c for c in tried if c.prevails]


def _loose(
    shocks: Sequence[_Shock], down: Sequence[str], edges: Iterable[_Candidate], ground: _Ground
) -> list[_Candidate]:
    """Dashed links for what nothing else explains: a falling asset asked about, a bare shock."""
    known = list(edges)
    reached, used = {c.edge.target for c in known}, {c.edge.source for c in known}
    pairs = []
    for asset in down:
        first = next((s for s in shocks if move_of(asset).group in s.groups), None)
        if first is not None and asset not in reached:
            pairs.append(Arrow(first.cause, asset))
    bare = [s for s in shocks if s.cause not in used | {pair.source for pair in pairs}]
    for shock in bare:
        target = next((a for a in down if move_of(a).group in shock.groups), None)
        pairs += [Arrow(shock.cause, target)] if target else []
    return [_candidate(template.UNKNOWN_PATH, pair.source, pair.target, ground) for pair in pairs]


def _candidate(
    link: Link, source: str, target: str, ground: _Ground, cause: Cause | None = None
) -> _Candidate:
    """The link scored: for and against, confidence, lag and how it is identified."""
    first, second = ground.spans.get(source), ground.spans.get(target)
    both = None if first is None or second is None else (first, second)
    tested = [
        found
        for test in link.tests
        if (found := _tested(test, target, cause, ground, both is not None)) is not None
    ]
    balance = sum(w.log_odds for w in tested)
    support = sorted((w for w in tested if w.log_odds > 0), key=lambda w: -w.log_odds)
    helping = {w.item.id for w in support}
    against = [w for w in tested if w.log_odds < 0 and w.item.id not in helping]
    lag = None if both is None else order.lag_days(*both)
    timing = 0.0 if both is None else order.timing_log_odds(*both, usual=link.lag)
    quality = min((w.item.quality for w in tested), default=1.0)
    confidence = quality / (1.0 + math.exp(-balance - timing))
    edge = Edge(
        source=source,
        target=target,
        sign=link.sign,
        lag=lag,
        strength=_measured(link, target, ground) if support else None,
        confidence=round(confidence if support else min(template.UNSUPPORTED_CAP, confidence), 3),
        evidence=tuple(dict.fromkeys(w.item.id for w in support)),
        counter_evidence=tuple(dict.fromkeys(w.item.id for w in against)),
        identification=support[0].kind if support else "none",
    )
    own = any(w.item.asset == target and not w.dated for w in support)
    return _Candidate(edge, bool(support) and balance > 0, own)


def _tested(
    test: EdgeTest, asset: str, cause: Cause | None, ground: _Ground, dated: bool
) -> _Weighed | None:
    """The test's strongest item: one test counts once, however many items it fits."""
    found = []
    for item in _matching(test.key.replace("{asset}", asset.lower()), ground):
        odds = test.log_odds(item, cause)
        if odds is None or (test.own and item.asset != asset) or (test.one_sided and odds < 0):
            continue
        if order.answers(item, ground.thirds):
            odds = -template.STANDARD
        kind: Identification = "event" if item.family == "event_time" else test.kind
        found.append(_Weighed(item, odds, kind, test.dated))
    best = max(found, key=lambda w: (abs(w.log_odds), w.item.id), default=None)
    # That an asset fell proves a link only where it is known to have fallen afterwards.
    if best is None or (test.dated and not dated and best.log_odds > 0):
        return None
    return best


def _matching(pattern: str, ground: _Ground) -> tuple[Evidence, ...]:
    if "*" not in pattern:
        return (ground.items[pattern],) if pattern in ground.items else ()
    return tuple(e for name, e in ground.items.items() if fnmatchcase(name, pattern))


def _measured(link: Link, asset: str, ground: _Ground) -> float | None:
    """The share or elasticity that the link's own measure gives, if it is at hand."""
    if link.strength is None:
        return None
    item = ground.items.get(link.strength.replace("{asset}", asset.lower()))
    fits = item is not None and item.unit in ("ratio", "corr") and asset in item.asset.split("-")
    return item.value if item is not None and fits else None


def _with_shares(
    edges: Sequence[Edge], shocks: Iterable[_Shock], ground: _Ground
) -> tuple[Edge, ...]:
    """Edges without a measured strength get the cause's share where it has but one way to go."""
    shares = {shock.cause: shock.share for shock in shocks}
    parts = {d.asset: d.parts for d in ground.dossier.decompositions}
    solid = [edge for edge in edges if edge.supported]

    def share(edge: Edge) -> float | None:
        if edge.target in CHANNELS:
            alone = sum(other.source == edge.source for other in solid) == 1
            return next((s for c, s in shares.items() if c == edge.source and alone), None)
        sources = {e.source for e in solid if e.target == edge.source} or {edge.source}
        found = [p.share for p in parts.get(edge.target, ()) if sources == {p.cause}]
        ways = sum(e.target == edge.target for e in solid)
        return found[0] if found and ways == 1 else None

    bare = [edge for edge in solid if edge.strength is None]
    known = {(edge.source, edge.target): share(edge) for edge in bare}
    return tuple(replace(e, strength=known.get((e.source, e.target), e.strength)) for e in edges)


def _shock_node(
    rank: int, shock: _Shock, onsets: dict[str, OnsetInterval], items: dict[str, Evidence]
) -> Node:
    held = tuple(name for name in shock.evidence if name in items)
    onset = onsets.get(shock.cause)
    return Node(shock.cause, "shock", shock.label, onset, rank, shock.probability, held)


def _channel_nodes(edges: Sequence[Edge], onsets: dict[str, OnsetInterval]) -> tuple[Node, ...]:
    used = {edge.target for edge in edges}
    return tuple(
        Node(
            name,
            "channel",
            label[:1].upper() + label[1:],
            onsets.get(name),
            evidence=tuple(dict.fromkeys(i for e in edges if e.target == name for i in e.evidence)),
        )
        for name, label in CHANNELS.items()
        if name in used
    )


def _move_node(asset: str, item: Evidence, onsets: dict[str, OnsetInterval]) -> Node:
    name = move_of(asset).name
    size = f" {item.value:+.1f}%".replace("-", "\u2212") if item.unit == "%" else ""
    return Node(asset, "move", f"{name}{size}", onsets.get(asset), evidence=(item.id,))
