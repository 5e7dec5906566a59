"""Write the reference windows of the analogue panel: ``python scripts/analogues.py DATA EVENTS``.

The labels of the training catalogue are shown beside a window as what it was; they enter no
verdict. Windows that the data do not cover are left out.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import yaml

from causemap.agents.graph import run
from causemap.attribution.analogues import measured, score_vector
from causemap.causes import GROUP_ASSETS, GROUPS
from causemap.records import Scope
from causemap.settings import Settings
from causemap.tools.market import open_market

OUT: Final = Path(__file__).resolve().parents[1] / "src/causemap/attribution/analogues.json"


def main(data_dir: str, events: str) -> None:
    """Measure every labelled window and write its group scores and what they were made of."""
    folder = Path(data_dir)
    market, settings, rows = open_market(folder), Settings(data_dir=folder, home=folder), []
    for event in yaml.safe_load(Path(events).read_text(encoding="utf-8"))["events"]:
        start, end = (event["window"][key] for key in ("start_close_utc", "trough_close_utc"))
        as_of = datetime.fromisoformat(end).replace(tzinfo=UTC) + timedelta(hours=71, minutes=59)
        assets = tuple(asset for group in GROUPS for asset in GROUP_ASSETS[group])
        scope = Scope(start, end, as_of.strftime("%Y-%m-%dT%H:%MZ"), assets, GROUPS)
        dossier = run(scope, market.view(as_of), (), settings)
        scores = score_vector(dossier)
        if scores:
            rounded = {name: round(value, 3) for name, value in scores.items()}
            row = {"case": event["title"], "start": start, "end": end}
            row |= {"primary": event["primary"], "scores": rounded, "measures": measured(dossier)}
            rows.append(row)
    OUT.write_text(json.dumps(rows, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:3])
