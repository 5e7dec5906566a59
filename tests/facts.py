"""An evidence item for tests that care for a few of its fields only."""

from __future__ import annotations

from typing import Any

from causemap.records import Evidence


def evidence_item(**fields: Any) -> Evidence:
    """A measure of the founding window; its metric is the last word of its id unless given."""
    made: dict[str, Any] = {
        "id": "macro.x.change",
        "desk": "macro",
        "family": "prices",
        "group": "rates",
        "asset": "X",
        "start": "2026-01-29",
        "end": "2026-02-05",
        "value": 1.0,
        "unit": "bp",
        "said": "a measure",
        "observed_at": "2026-02-05",
        "available_at": "2026-02-05T22:00Z",
        "source": "test",
        **fields,
    }
    return Evidence(**{"metric": made["id"].rpartition(".")[2], **made})
