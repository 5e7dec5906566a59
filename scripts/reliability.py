"""Write ``attribution/reliability.json`` from evaluations out of fold (``eval run --json``).

python scripts/reliability.py CATALOGUE.json FALLS.json [--check]
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parents[1] / "src/causemap/attribution"
OUT: Final = FOLDER / "reliability.json"
COMMAND: Final = "python scripts/reliability.py CATALOGUE.json FALLS.json"
# The lowest is what names no cause; the others are even steps above it.
EDGES: Final = (0.0, 0.45, 0.6, 0.75, 0.9, 1.0)


def main(arguments: Sequence[str]) -> int:
    """Write the file, or with ``--check`` say whether it is the one at hand."""
    files = [Path(name) for name in arguments if name != "--check"]
    events = [e for file in files for e in json.loads(file.read_text("utf-8"))["events"]]
    text = json.dumps(table(events), indent=1) + "\n"
    if "--check" in arguments:
        return int(OUT.read_text("utf-8") != text)
    OUT.write_text(text, "utf-8")
    return 0


def table(events: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The bins of the answers, each by the probability of its likeliest cause."""
    held = [_held(event) for event in events]
    bins = []
    for low, high in pairwise(EDGES):
        inside = [h for h in held if low <= h[0] < high or h[0] == high == 1.0]
        bins.append(
            {
                "low": low,
                "high": high,
                "n": len(inside),
                "right": sum(right for _, right in inside),
                "mean": round(sum(p for p, _ in inside) / len(inside), 3),
            }
        )
    made = {"version": 1, "command": COMMAND, "calibration": fitted()}
    return {**made, "windows": len(held), "bins": bins}


def fitted() -> str:
    """Which calibration ships: the runs are to be of the code that fits it."""
    return hashlib.sha256((FOLDER / "calibration.json").read_bytes()).hexdigest()[:12]


def _held(event: dict[str, Any]) -> tuple[float, bool]:
    """The largest probability of an answer, and whether its cause is the labelled one."""
    shares: dict[str, float] = event["probabilities"]
    first = max(sorted(shares), key=lambda cause: shares[cause])
    return shares[first], first == event["label"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
