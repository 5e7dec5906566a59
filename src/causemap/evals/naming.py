"""Plain names of the scores, for pages that people read."""

from __future__ import annotations

from typing import Final

_CALLED: Final = {
    "top1": "Leading cause right, abstentions included",
    "top2": "Right cause among the first two, abstentions included",
    "mission4": "Right of four mission labels",
    "mission5": "Right of five mission labels",
    "log_loss": "Log loss",
    "brier": "Brier score",
    "brier_soft": "Brier score on shared labels",
    "coverage": "Share of windows answered",
    "selective_accuracy": "Right when it answers",
    "cost": "Mean cost (wrong 1, abstained 0.25)",
    "contribution_overlap": "Overlap of the causes' shares",
    "node_f1": "F1 of the nodes of the cause map",
    "order_tau": "Order of the nodes, Kendall's tau",
    "edge_direction": "Links that run with time",
    "macro_f1": "Macro F1 over the causes",
    "aurc": "Area under risk against coverage",
    "ece": "Calibration error",
}
# Below this many windows a calibration error says more of chance than of the system.
LEAST_FOR_CALIBRATION: Final = 100


def plain_name(key: str) -> str:
    """A score's name in words; one that is not known keeps its key, spaced."""
    spaced = key.replace("_", " ")
    return _CALLED.get(key) or spaced[:1].upper() + spaced[1:]
