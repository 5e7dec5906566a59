"""What probabilities have been worth is told of the calibration that ships."""

from __future__ import annotations

import hashlib
import json
from importlib import resources

PACKAGE = resources.files("causemap.attribution")


def test_the_record_is_of_the_calibration_that_ships() -> None:
    """After a new fit the record is to be counted again (``scripts/reliability.py``)."""
    record = json.loads(PACKAGE.joinpath("reliability.json").read_text(encoding="utf-8"))
    shipped = hashlib.sha256(PACKAGE.joinpath("calibration.json").read_bytes()).hexdigest()
    assert record["calibration"] == shipped[:12]
