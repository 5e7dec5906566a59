"""What a narrative is written from: the story of a run, drafts, and the ledger their slots read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from causemap.agents.clauses import moves, plain_label
from causemap.attribution.channels import measured
from causemap.attribution.parts import without_part
from causemap.attribution.reach import acting, between, unreached
from causemap.attribution.scoring import by_key
from causemap.attribution.verdict import STANDS_FROM, target_moves
from causemap.causes import CHANNELS, GROUP_ASSETS
from causemap.closed_sets import AssetGroup, Cause
from causemap.llm.slots import Ledger
from causemap.records import (
    Analogue,
    CauseMap,
    Dossier,
    Evidence,
    Node,
    Rejected,
    Scenario,
    Verdict,
)

# Measured shares of a move that its split into parts rests on.
SHARES: Final = ("two_shock_monetary_share", "mechanical_share")


# Names that take an article inside a sentence.
_INDEXES: Final = ("S&P 500", "Nasdaq 100")


class Draft(NamedTuple):
    """A sentence before it is filled; ``also`` are items it rests on beside those in slots."""

    section: str
    template: str
    also: tuple[str, ...] = ()


class Story(NamedTuple):
    """All that the narrative is written from."""

    dossier: Dossier
    verdict: Verdict
    verdicts: tuple[tuple[AssetGroup, Verdict], ...]
    cause_map: CauseMap
    scenarios: tuple[Scenario, ...]
    analogues: tuple[Analogue, ...]
    evidence: Mapping[str, Evidence]

    def items(self, ids: Sequence[str]) -> list[Evidence]:
        """The items that this run really holds, in the order of ``ids``."""
        return [self.evidence[key] for key in ids if key in self.evidence]

    def measured_first(self, ids: Sequence[str]) -> list[Evidence]:
        """As :meth:`items`, what was measured before what rests on something written.

        A distance in standard deviations alone tells a reader little: it stands in between.
        """
        told = ("text", "event_time")
        return sorted(self.items(ids), key=lambda item: (item.family in told, item.unit == "z"))

    @property
    def falling(self) -> tuple[tuple[AssetGroup, Verdict], ...]:
        """The groups that have a fall to explain; one without a price of its targets has none."""
        held = by_key(self.dossier.evidence)
        return tuple(
            (group, verdict)
            for group, verdict in self.verdicts
            if verdict.primary != "no_drawdown" and target_moves(self.dossier.scope, group, held)
        )

    @property
    def several(self) -> bool:
        """Whether more than one asset group was asked about."""
        return len(self.verdicts) > 1

    @property
    def unreached(self) -> tuple[tuple[AssetGroup, Cause], ...]:
        """Causes that a verdict names though no measured link leads to an asset of its group."""
        return unreached(self.cause_map, self.verdicts, self.dossier.scope.assets)

    @property
    def partless(self) -> tuple[tuple[AssetGroup, Cause], ...]:
        """Named causes with which no measured part of their group's fall goes."""
        return tuple(without_part(self.verdicts, self.dossier.decompositions))

    @property
    def acting(self) -> tuple[str, ...]:
        """The amplifiers of the verdict from which a measured link leads on."""
        known = [name for name in self.verdict.amplifiers if name in CHANNELS]
        return acting(self.cause_map, known)

    @property
    def standing(self) -> frozenset[str]:
        """The causes that are not rejected in every group that fell."""
        pairs = (pair for _, verdict in self.falling for pair in verdict.probabilities)
        return frozenset(cause for cause, p in pairs if p >= STANDS_FROM)

    @property
    def asked(self) -> frozenset[str]:
        """The assets whose moves are in question, a stock's index included."""
        return frozenset(item.asset for group, _ in self.falling for item in self.moved(group))

    @property
    def paths(self) -> frozenset[str]:
        """The nodes on measured paths from standing causes to the moves in question."""
        return between(self.cause_map, self.standing, self.asked)

    def moved(self, group: AssetGroup) -> list[Evidence]:
        """The window changes of the group's assets that were asked about."""
        return moves(self.dossier.evidence, group, self.dossier.scope.assets)

    def channel_items(self, channels: Sequence[str]) -> tuple[str, ...]:
        """What makes each of the channels an amplifier: ids of its own measured items."""
        held = by_key(self.dossier.evidence)
        found = (measured(channel, held) for channel in channels)
        return tuple(dict.fromkeys(item.id for item in found if item is not None))

    def split_of(self, group: AssetGroup) -> tuple[str, ...]:
        """What a group's shares rest on: the move split up and the shares measured of it."""
        parts = (d.asset for d in self.dossier.decompositions if d.asset in GROUP_ASSETS[group])
        asset = next(parts, None)
        if asset is None:
            return tuple(item.id for item in self.moved(group))
        names = ("change", *SHARES)
        return tuple(e.id for e in self.dossier.evidence if e.asset == asset and e.metric in names)


def ledger_of(story: Story) -> Ledger:
    """Build what the slots of a narrative are filled from."""
    shares: dict[str, float] = {}
    texts: dict[str, str] = {}
    for prefix, verdict in _named(story):
        shares |= _shares(prefix, verdict)
        texts[f"q:{prefix}reason"] = _bare(verdict.reason)
        for item in verdict.rejected:
            texts[f"q:{prefix}why.{item.cause}"] = test_words(item)
    texts |= _texts(story)
    return Ledger(story.evidence, shares, _moments(story), texts)


def _named(story: Story) -> list[tuple[str, Verdict]]:
    return [("", story.verdict), *((f"{group}.", verdict) for group, verdict in story.verdicts)]


def _shares(prefix: str, verdict: Verdict) -> dict[str, float]:
    found = {f"p:{prefix}{cause}": p for cause, p in verdict.probabilities}
    for part in verdict.contributions:
        found |= _range(f"s:{prefix}{part.cause}", part.share, part.low, part.high)
    rest = verdict.residual
    return found | _range(f"s:{prefix}residual", rest.share, rest.low, rest.high)


def _range(key: str, share: float, low: float, high: float) -> dict[str, float]:
    return {key: share, f"{key}.low": low, f"{key}.high": high}


def _texts(story: Story) -> dict[str, str]:
    found = {f"q:node.{node.id}": _node_words(node) for node in story.cause_map.nodes}
    for i, gap in enumerate(story.dossier.gaps):
        found |= {f"q:gap.{i}.what": _bare(gap.what), f"q:gap.{i}.why": _bare(gap.why)}
    for i, marker in enumerate(story.dossier.markers):
        found[f"q:marker.{i}"] = _bare(marker.label)
    for i, change in enumerate(story.verdict.would_change):
        found[f"q:change.{i}"] = _bare(change.text)
    for scenario in story.scenarios:
        found[f"q:{scenario.key}.name"] = _bare(scenario.name)
        for i, trigger in enumerate(scenario.triggers):
            found[f"q:{scenario.key}.{i}"] = _bare(trigger.text)
    for i, past in enumerate(story.analogues):
        found |= {f"q:past.{i}.case": past.case, f"q:past.{i}.differs": _bare(past.differs)}
    return found


def _node_words(node: Node) -> str:
    """A node's label inside a sentence: no capital, unless it is a name or an abbreviation."""
    words = plain_label(node.label)
    small = words[:1].lower() + words[1:]
    if words in _INDEXES:
        return f"the {words}"
    if words.endswith(_INDEXES):
        return f"the {small}"
    common = node.kind != "move" and words[1:2].islower()
    return small if common else words


def _moments(story: Story) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in story.cause_map.nodes:
        if node.onset is not None:
            found |= {f"t:{node.id}.low": node.onset.low, f"t:{node.id}.high": node.onset.high}
    found |= {f"t:marker.{i}": marker.at for i, marker in enumerate(story.dossier.markers)}
    for i, past in enumerate(story.analogues):
        found |= {f"t:past.{i}.start": past.start, f"t:past.{i}.end": past.end}
    return found


def _bare(words: str) -> str:
    return words.strip().rstrip(".")


def test_words(item: Rejected) -> str:
    """Give the words of the deciding test; its figures are written as slots of their own."""
    words = _bare(item.why.partition(": ")[0])
    # Tenors are names; any other figure in these words would be nobody's slot.
    figures = re.search(r"\d", re.sub(r"\b\d+-year\b", "", words))
    return "" if figures or words.startswith("against") else words
