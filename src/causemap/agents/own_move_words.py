"""Said of a stock, fund or coin asked about: that its group is weighed, and what is its own."""

from __future__ import annotations

from collections.abc import Iterator

from causemap.agents.clauses import clause, listed, moves
from causemap.agents.story import Draft, Story
from causemap.attribution.scoring import by_key
from causemap.attribution.verdict import not_asked, target_moves
from causemap.causes import GROUP_ASSETS, GROUP_WORDS
from causemap.records import Evidence


def own_move_sentences(story: Story) -> Iterator[Draft]:
    """For each such asset whose move was measured, in the order asked; then what stands in."""
    yield from _outsiders(story)
    held = by_key(story.dossier.evidence)
    for group, verdict in story.falling:
        own = target_moves(story.dossier.scope, group, held)
        for name in not_asked(verdict.support, own, group, held) if own else ():
            item = next(item for item in story.items(verdict.support) if item.asset == name)
            asset, where = f"{{{item.id}|asset|name}}", GROUP_WORDS[group]
            told = f"What is measured on {asset}, which was not asked about, speaks for {where}"
            yield Draft("verdict", f"{told} as a group.", (item.id,))


def _outsiders(story: Story) -> Iterator[Draft]:
    metrics = ("beta_implied", "residual")
    for group, verdict in story.verdicts:
        found = moves(story.dossier.evidence, group, story.dossier.scope.assets)
        own = [move for move in found if move.asset not in GROUP_ASSETS[group]]
        if not own:
            continue
        names = listed([f"{{{move.id}|said|text}}" for move in own])
        calm = ", which did not fall," if verdict.primary == "no_drawdown" else ","
        weighed = f"Causes are weighed for {GROUP_WORDS[group]} as a group{calm} not for {names}"
        yield Draft("verdict", f"{weighed} alone.", tuple(move.id for move in own))
        for move in own:
            split = [item for key in metrics if (item := _own(story, move, key)) is not None]
            if len(split) == len(metrics):
                told = listed([clause(item) for item in split])
                yield Draft("verdict", f"{told}.", (move.id,))


def _own(story: Story, move: Evidence, metric: str) -> Evidence | None:
    """The desks' one item of this asset and metric (the weakest cohort's copy is not its own)."""
    ending = f".{move.asset.lower()}.{metric}"
    return next((item for item in story.dossier.evidence if item.id.endswith(ending)), None)
