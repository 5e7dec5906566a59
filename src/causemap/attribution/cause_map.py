"""The cause map of a window: the fixed template, with every link scored by the evidence.

How sure a link is :mod:`causemap.attribution.links` says; a link without supporting evidence has
identification ``none`` and at most 0.3. Links run shock -> channel -> move, so there is no cycle,
and time is kept along whole paths: no effect was seen before a cause of it, near or far, could
begin (METHODS 4).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from causemap.attribution import dating, order, reach, template
from causemap.attribution.links import Candidate, Ground, candidate
from causemap.attribution.order import Admission, Arrow
from causemap.attribution.parts import as_judged
from causemap.attribution.template import MOVES, Link, move_of
from causemap.causes import CHANNELS, NAMED, NAMES
from causemap.closed_sets import AssetGroup, Cause
from causemap.records import (
    CauseMap,
    Dossier,
    Edge,
    Evidence,
    Node,
    OnsetInterval,
    PartShare,
    Verdict,
)
from causemap.words import amount, sentence_case

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
    by_group: tuple[tuple[AssetGroup, float], ...]


def build_map(dossier: Dossier, verdicts: Verdicts) -> CauseMap:
    """The map of a dossier given each group's verdict; empty where nothing fell.

    Shocks are the causes with a probability of at least 0.10 in some fallen group (at most five,
    the likeliest always), channels those that evidence or an amplifier names, moves the measured
    changes of the assets asked about and of others that a link leads to. A shock's probability is
    the largest of the groups'.
    """
    fallen = tuple(pair for pair in verdicts if pair[1].primary != "no_drawdown")
    if not fallen:
        return CauseMap((), ())
    shocks, moves = _shocks(fallen), _moves(dossier)
    onsets = dating.date_nodes(dossier, {s.cause: s.groups for s in shocks}, moves)
    spans = {
        name: span for name, onset in onsets.items() if (span := order.span_of(onset)) is not None
    }
    items = {item.id: item for item in dossier.evidence}
    ground = Ground(dossier, items, spans, order.third_done(dossier.paths))
    parts = {split.asset: split.parts for split in as_judged(dossier.decompositions, verdicts)}
    edges = _with_shares(_edges(shocks, moves, fallen, ground), shocks, parts)
    reached = {edge.target for edge in edges}
    drawn = [asset for asset in moves if asset in dossier.scope.assets or asset in reached]
    nodes = (
        *(_shock_node(k, shock, onsets, items) for k, shock in enumerate(shocks, 1)),
        *_channel_nodes(edges, onsets),
        *(_move_node(asset, moves[asset], onsets) for asset in drawn),
    )
    dated = {node.id: spans[node.id] for node in nodes if node.id in spans}
    arrows = [Arrow(edge.source, edge.target) for edge in edges]
    bare = tuple(asset for asset in drawn if moves[asset].value < 0 and asset not in reached)
    return CauseMap(nodes, edges, order.order_groups(dated, arrows), bare)


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
    # The group that holds it most comes first: its series date the shock, its share is told.
    holding.sort(key=lambda pair: -dict(pair[1].probabilities)[cause])
    most = holding[0][1]
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
        tuple((group, dict(v.probabilities).get(cause, 0.0)) for group, v in fallen),
    )


def _moves(dossier: Dossier) -> dict[str, Evidence]:
    """The measured change of every asset, those asked about first."""
    found = {e.asset: e for e in dossier.evidence if e.id == f"technicals.{e.asset.lower()}.change"}
    names = dict.fromkeys((*dossier.scope.assets, *MOVES))
    return {name: found[name] for name in names if name in found}


def _edges(
    shocks: tuple[_Shock, ...], moves: dict[str, Evidence], fallen: Verdicts, ground: Ground
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
    out: list[Candidate] = []
    for name in (name for name in CHANNELS if name in held):
        found = _favoured(name, held[name], moves, ground, admit) if name in sure else []
        out += found or _headline(name, held[name], down, ground)
    onward = _admitted(admit, [*out, *direct])
    loose = _admitted(admit, _loose(shocks, down, fallen, [*into, *onward], ground))
    return tuple(c.edge for c in (*into, *onward, *loose))


def _admitted(admit: Admission, candidates: Iterable[Candidate]) -> list[Candidate]:
    """Those that time allows, surest first, so that a doubtful edge cannot oust a sure one."""
    ranked = sorted(
        candidates,
        key=lambda c: (not c.prevails, -c.edge.confidence, c.edge.source, c.edge.target),
    )
    return [c for c in ranked if admit.lets_in(Arrow(c.edge.source, c.edge.target))]


def _into_channels(
    shocks: Sequence[_Shock], amplifiers: Iterable[str], ground: Ground
) -> list[Candidate]:
    """Links of the template into channels: what evidence favours, or an amplifier's, if dashed.

    An amplifier that no shock of the map has a link to in the template gets none: a guess at what
    moved it would be a link that nothing but its place on the map speaks for.
    """
    named = tuple(amplifiers)
    found = [c for shock in shocks for c in _own_channels(shock, named, ground)]
    for name, link in template.SHARED.items():
        one = _shared(link, shocks, ground)
        taken = any(c.edge.target == name for c in found)
        if one is not None and not taken and (one.prevails or name in named):
            found.append(one)
    return found


def _own_channels(shock: _Shock, amplifiers: tuple[str, ...], ground: Ground) -> list[Candidate]:
    """The channels that are a shock's own; its first tested one if the evidence favours none.

    A shock that may act on an asset itself needs no channel that speaks against it.
    """
    links = [link for link in template.SHOCK_TO_CHANNEL if link.source == shock.cause]
    tried = [candidate(k, shock.cause, k.target, ground, shock.cause) for k in links]
    kept = [c for c in tried if c.prevails or c.edge.target in amplifiers]
    tested = [c for c in tried if c.edge.evidence or c.edge.counter_evidence]
    direct = shock.cause in {link.source for link in template.SHOCK_TO_MOVE}
    return kept if kept or direct else tested[:1]


def _shared(link: Link, shocks: Sequence[_Shock], ground: Ground) -> Candidate | None:
    ends = {k.target for k in template.CHANNEL_TO_MOVE if k.source == link.target}
    for shock in shocks:
        if shock.cause not in template.NOT_SHARED and ends & set(shock.groups):
            return candidate(link, shock.cause, link.target, ground, shock.cause)
    return None


def _holding(
    channel: str, into: Iterable[Candidate], shocks: Iterable[_Shock]
) -> tuple[AssetGroup, ...]:
    """The groups whose verdict holds a shock that feeds the channel."""
    feeding = {c.edge.source for c in into if c.edge.target == channel}
    return tuple(dict.fromkeys(g for s in shocks if s.cause in feeding for g in s.groups))


def _favoured(
    channel: str,
    groups: Sequence[AssetGroup],
    moves: Iterable[str],
    ground: Ground,
    admit: Admission,
) -> list[Candidate]:
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
        if (c := candidate(link, channel, asset, ground)).prevails
        and (c.own or c.edge.target in asked)
        and admit.allows(Arrow(channel, c.edge.target))
    ]


def _headline(
    channel: str, groups: Sequence[AssetGroup], down: Sequence[str], ground: Ground
) -> list[Candidate]:
    """A dashed link from a channel to the first falling asset of each group asked about."""
    links = _links(channel, groups)
    heads = {g: a for a in reversed(down) if (g := move_of(a).group) in links}
    return [
        candidate(replace(links[group], tests=()), channel, asset, ground)
        for group, asset in sorted(heads.items())
    ]


def _links(channel: str, groups: Sequence[AssetGroup]) -> dict[str, Link]:
    found = (link for link in template.CHANNEL_TO_MOVE if link.source == channel)
    return {link.target: link for link in found if link.target in groups}


def _direct(shock: _Shock, moves: Sequence[str], ground: Ground) -> list[Candidate]:
    tried = [
        candidate(link, shock.cause, asset, ground, shock.cause)
        for link in template.SHOCK_TO_MOVE
        if link.source == shock.cause and link.target in shock.groups
        for asset in moves
        if move_of(asset).group == link.target
    ]
    return [c for c in tried if c.prevails]


def _loose(
    shocks: Sequence[_Shock],
    down: Sequence[str],
    fallen: Verdicts,
    edges: Iterable[Candidate],
    ground: Ground,
) -> list[Candidate]:
    """Dashed links for what nothing else explains.

    A falling asset asked about gets one from its own group's likeliest shock; a cause that a
    group's verdict names, and any shock without a link, gets one to the first such asset of it.
    """
    known = [c.edge for c in edges]
    reached = {edge.target for edge in known}
    pairs = [
        Arrow(max(holding, key=lambda s: dict(s.by_group)[move_of(asset).group]).cause, asset)
        for asset in down
        if asset not in reached
        and (holding := [s for s in shocks if move_of(asset).group in s.groups])
    ]
    used = {edge.source for edge in known} | {pair.source for pair in pairs}
    for shock in shocks:
        own: list[tuple[AssetGroup, ...]]
        own = [(group,) for group, verdict in fallen if verdict.primary == shock.cause]
        for groups in own or ([] if shock.cause in used else [shock.groups]):
            ours = [asset for asset in down if move_of(asset).group in groups]
            if ours and not {*ours} & reach.reached(shock.cause, known):
                pairs.append(Arrow(shock.cause, ours[0]))
    return [
        candidate(template.UNKNOWN_PATH, pair.source, pair.target, ground)
        for pair in dict.fromkeys(pairs)
    ]


def _with_shares(
    edges: Sequence[Edge],
    shocks: Iterable[_Shock],
    parts: Mapping[str, tuple[PartShare, ...]],
) -> tuple[Edge, ...]:
    """Edges without a measured strength get the cause's share where it has but one way to go."""
    shares = {shock.cause: shock.share for shock in shocks}
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
    apart = shock.by_group if len(shock.by_group) > 1 else ()
    return Node(shock.cause, "shock", shock.label, onset, rank, shock.probability, held, apart)


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
    name = MOVES[asset].name if asset in MOVES else sentence_case(item.said)
    size = f" {amount(item.value, '%')}" if item.unit == "%" else ""
    return Node(asset, "move", f"{name}{size}", onsets.get(asset), evidence=(item.id,))
