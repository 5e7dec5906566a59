"""How a fall came about, in sentences: what weighed most, the chain, amplifiers, guesses.

The chain is told of measured paths from causes that stand to the moves asked about: a rejected
cause starts none, and no asset beside the question is told of. One step is said to come after
another only where the onsets of all their nodes prove it. A channel is named as what made a fall
larger only where a measured link leads on from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from causemap.agents.clauses import clause, clauses, listed
from causemap.agents.story import Draft, Story
from causemap.attribution.fingerprints import by_absence
from causemap.attribution.order import Step, proved_steps
from causemap.attribution.verdict import SPEAKS_FROM
from causemap.causes import CHANNELS, GROUP_WORDS
from causemap.closed_sets import AssetGroup, NodeKind
from causemap.records import Evidence, Node, Verdict

KINDS: Final[tuple[NodeKind, ...]] = ("shock", "channel", "move")
_FIRST: Final = "The chain starts with"
_NEXT: Final = ("Next came", "Then came", "After that came")
_MOST: Final = 3
_NAMED: Final = 4
_STEPS: Final = 6


def mechanism(story: Story) -> Iterator[Draft]:
    """The sentences of the section, from the whole to the doubtful."""
    yield from _gist(story)
    nodes = {node.id: node for node in story.cause_map.nodes}
    yield from _chain(story)
    yield from _amplifiers(story)
    yield from _guesses(story, nodes)


def _gist(story: Story) -> Iterator[Draft]:
    """The whole in one sentence: what weighed in each group that fell, a figure if there is one."""
    groups: dict[str, list[AssetGroup]] = {}
    ids, strongest = [], set()
    for group, found in story.falling:
        told = _weighty(story, found)
        if told:
            first = story.measured_first(told)[0]
            groups.setdefault(clauses([first], 1), []).append(group)
            ids.append(first.id)
            strongest.add(told[0])
    if groups:
        lead = "What weighed most" if strongest == {*ids} else "Among what weighed"
        parts = (f"in {listed([GROUP_WORDS[g] for g in of])} {said}" for said, of in groups.items())
        yield Draft("mechanism", f"{lead}: {'; '.join(parts)}.", tuple(ids))


def _weighty(story: Story, found: Verdict) -> list[str]:
    """The support that shows the leading cause, strongest first: no pull that prints as nought.

    What speaks for a cause by the absence of another's mark (calm stocks) did not weigh on prices.
    """
    lead = found.ranked[0][0] if found.ranked else found.primary
    slight = {w.evidence for w in found.weighed if w.cause == lead and w.log_odds < SPEAKS_FROM}
    items = story.items(found.support)
    return [item.id for item in items if item.id not in slight and not by_absence(item.id, lead)]


def _chain(story: Story) -> Iterator[Draft]:
    """The order of onsets, of the nodes on measured paths and of moves in question with a link."""
    ends = {edge.target for edge in story.cause_map.edges}
    paths = story.paths
    linked = paths | (story.asked & ends) if paths else paths
    # A step is told to follow what was told: a node that no item stands behind is not.
    known = {node.id for node in story.cause_map.nodes if story.items(node.evidence)}
    told = proved_steps(story.cause_map, linked & known)
    if not told:
        yield Draft("mechanism", "No order of transmission could be measured.")
    for i, step in enumerate(told[:_STEPS]):
        lead, named = (_FIRST, []) if i == 0 else _joined(step, i)
        yield from _step(story, step.nodes, lead, named)


def _joined(step: Step, place: int) -> tuple[str, list[Node]]:
    """How a later step is joined on, with the nodes named in it: after all told so far, or some."""
    if not step.beside:
        return _NEXT[(place - 1) % len(_NEXT)], []
    if not step.after:
        return "Each after some of these came", []
    if len(step.after) <= len(step.beside):
        return f"After {_names(step.after)} came", step.after
    return f"After all of these but {_names(step.beside)} came", step.beside


def _names(nodes: Sequence[Node]) -> str:
    """A tie of many is told by its first few, shocks before moves; the map holds them all."""
    ranked = sorted(nodes, key=lambda n: KINDS.index(n.kind))
    told = [f"{{q:node.{node.id}|text}}" for node in ranked]
    return listed(told) if len(told) <= _NAMED else f"{', '.join(told[:_MOST])} and others"


def _amplifiers(story: Story) -> Iterator[Draft]:
    """What the measured links bear out as fact, the rest of what was unusual as a possibility."""
    sure = story.acting
    unsure = [key for key in story.verdict.amplifiers if key in CHANNELS and key not in sure]
    for lead, found in (
        ("What passed it on and made it larger", sure),
        ("What may have made it larger, though no measured link leads on", unsure),
    ):
        if found:
            names = listed([CHANNELS[key] for key in found])
            yield Draft("mechanism", f"{lead}: {names}.", story.channel_items(found))


def _step(
    story: Story, step: Sequence[Node], lead: str, named: Sequence[Node] = ()
) -> Iterator[Draft]:
    shown = sorted(step, key=lambda n: KINDS.index(n.kind))
    ids = tuple(key for node in (*shown, *named) for key in node.evidence)
    told = [_telling(story, node) for node in shown]
    if len(shown) == 1 and (alone := _move_alone(shown[0], told[0])):
        yield Draft("mechanism", f"{lead} {alone}.", ids)
        return
    proof = clauses(told, _MOST, apart=story.several)
    tie = ", too close together to say which led" if len(shown) > 1 else ""
    yield Draft("mechanism", f"{lead} {_names(shown)}{tie}: {proof}.", ids)


def _move_alone(node: Node, item: Evidence) -> str:
    """A move that is a step by itself, named once; empty where another thing tells of it."""
    name, _, moved = clause(item).partition("} ")
    own = node.kind == "move" and item.asset == node.id and name.endswith("|asset|name")
    return f"{name}}}, which {moved}" if own else ""


def _telling(story: Story, node: Node) -> Evidence:
    """The item that tells of a node: what was measured before what was written.

    What speaks for a shock by an absence tells nothing of it while there is anything else.
    """
    items = story.measured_first(node.evidence)
    return next((item for item in items if not by_absence(item.id, node.id)), items[0])


def _guesses(story: Story, nodes: Mapping[str, Node]) -> Iterator[Draft]:
    standing, asked = story.standing, story.asked
    doubtful = [e for e in story.cause_map.edges if not e.supported and e.source in standing]
    for edge in [e for e in doubtful if e.target in asked][:2]:
        if edge.source in nodes and edge.target in nodes:
            link = f"{{q:node.{edge.source}|text}} to {{q:node.{edge.target}|text}}"
            ids = (*nodes[edge.source].evidence, *nodes[edge.target].evidence)
            yield Draft("mechanism", f"Nothing measured backs the link from {link}.", ids)
    bare = [nodes[key] for key in story.cause_map.unlinked if key in nodes and key in asked]
    if bare:
        told = [f"{{q:node.{node.id}|text}}" for node in bare]
        names = listed(told) if len(told) <= _NAMED else f"{', '.join(told[:_MOST])} and others"
        ids = tuple(key for node in bare for key in node.evidence)
        yield Draft("mechanism", f"No link was found to {names}.", ids)
