"""What an objection may do: cited items count for a little less, within a fixed bound.

A model may say that measurements count for too much. Each objection lowers the quality of the
items it cites so far that no cause's log-odds moves by more than :data:`EACH`; at most
:data:`COUNTED` items of a run are touched, so that all objections together move no log-odds by
more than ``EACH * COUNTED``. Within a group of measures weights add at most one to one, so the
bound on items is a bound on causes. Signs, deviations, vetoes and the test for a fall are not
touched.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from causemap.attribution.fingerprints import FINGERPRINTS
from causemap.attribution.scoring import key_of, log_odds
from causemap.records import Dossier, Evidence

EACH: Final = 0.10
COUNTED: Final = 3
BOUND: Final = EACH * COUNTED


def objected(dossier: Dossier) -> tuple[str, ...]:
    """Ids of the items that objections touch: weighed ones, in the order of the objections."""
    part = dossier.model
    if part is None:
        return ()
    held = {item.id: item for item in dossier.evidence}
    cited = dict.fromkeys(key for objection in part.objections for key in objection.evidence)
    return tuple(key for key in cited if key in held and _most_pull(held[key]) > 0)[:COUNTED]


def weighed_down(dossier: Dossier) -> tuple[Evidence, ...]:
    """The evidence with objected items at lower quality; the same tuple where none is."""
    touched = frozenset(objected(dossier))
    if not touched:
        return dossier.evidence
    return tuple(_lowered(item) if item.id in touched else item for item in dossier.evidence)


def _lowered(item: Evidence) -> Evidence:
    share = min(1.0, EACH / _most_pull(item))
    return replace(item, quality=item.quality * (1.0 - share))


def _most_pull(item: Evidence) -> float:
    """The largest pull of the item on any cause, in absolute log-odds."""
    rows = [row for row in FINGERPRINTS if row.key == key_of(item)]
    return max((abs(log_odds(item, row) or 0.0) for row in rows), default=0.0)
