"""How a fall came about, in sentences: what weighed most, the chain, amplifiers, guesses.

The chain is told of measured paths from causes that stand to the moves asked about: a rejected
cause starts none, and no asset beside the question is told of. A channel is named as what made a
fall larger only where a measured link leads on from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from causemap.agents.clauses import clauses, listed
from causemap.agents.story import Draft, Story
from causemap.causes import CHANNELS, GROUP_WORDS
from causemap.closed_sets import NodeKind
from causemap.records import Evidence, Node

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
    yield from _chain(story, nodes)
    yield from _amplifiers(story)
    yield from _guesses(story, nodes)


def _gist(story: Story) -> Iterator[Draft]:
    """The whole in one sentence: what weighed in each group that fell, a figure if there is one."""
    parts, ids = [], []
    for group, found in story.falling:
        if items := story.measured_first(found.support)[:1]:
            parts.append(f"in {GROUP_WORDS[group]} {clauses(items, 1)}")
            ids += [item.id for item in items]
    if parts:
        strongest = {item.id for _, v in story.falling for item in story.items(v.support)[:1]}
        lead = "What weighed most" if strongest >= {*ids} else "Among what weighed"
        yield Draft("mechanism", f"{lead}: {'; '.join(parts)}.", tuple(ids))


def _chain(story: Story, nodes: Mapping[str, Node]) -> Iterator[Draft]:
    """The order of onsets, of the nodes on measured paths and of moves in question with a link."""
    ends = {edge.target for edge in story.cause_map.edges}
    paths = story.paths
    linked = paths | (story.asked & ends) if paths else paths
    steps = [
        [nodes[key] for key in step if key in nodes and key in linked]
        for step in story.cause_map.order
    ]
    told = [step for step in steps if any(story.items(node.evidence) for node in step)]
    if not told:
        yield Draft("mechanism", "No order of transmission could be measured.")
    for i, step in enumerate(told[:_STEPS]):
        yield from _step(story, step, _FIRST if i == 0 else _NEXT[(i - 1) % len(_NEXT)])


def _amplifiers(story: Story) -> Iterator[Draft]:
    """What the measured links bear out as fact, the rest of what was unusual as a possibility."""
    sure = story.acting
    unsure = [key for key in story.verdict.amplifiers if key in CHANNELS and key not in sure]
    for lead, found in (
        ("What made it larger, without starting it", sure),
        ("What may have made it larger, though no measured link leads on", unsure),
    ):
        if found:
            names = listed([CHANNELS[key] for key in found])
            yield Draft("mechanism", f"{lead}: {names}.", story.channel_items(found))


def _step(story: Story, step: list[Node], lead: str) -> Iterator[Draft]:
    shown = sorted((n for n in step if story.items(n.evidence)), key=lambda n: KINDS.index(n.kind))
    told = [f"{{q:node.{node.id}|text}}" for node in shown]
    # A tie of many is told by its first few, shocks before moves; the map holds them all.
    names = listed(told) if len(told) <= _NAMED else f"{', '.join(told[:_MOST])} and others"
    proof = clauses([_telling(story, node) for node in shown], _MOST, apart=story.several)
    ids = tuple(key for node in shown for key in node.evidence)
    tie = ", too close together to say which led" if len(shown) > 1 else ""
    yield Draft("mechanism", f"{lead} {names}{tie}: {proof}.", ids)


def _telling(story: Story, node: Node) -> Evidence:
    """The item that tells of a node: what was measured before what was written."""
    return story.measured_first(node.evidence)[0]


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
