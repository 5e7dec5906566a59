"""What forced selling explains of bitcoin's fall, by what was won back."""

from __future__ import annotations

from typing import cast

import pandas as pd
import pytest

from causemap.agents import contributions, crypto_structure
from causemap.agents.bench import Bench
from causemap.agents.mechanical import Mechanical
from causemap.tools.measures.crypto import Speed
from causemap.tools.measures.shares import Interval

LOW = pd.Timestamp("2026-02-05 23:00")


@pytest.mark.parametrize(
    ("retrace", "most"),
    [(0.2, 0.3), (0.5, 0.5), (1.4, 1.0), (None, 1.0)],
    ids=["less than the fast part", "more than it", "more than the fall", "not known yet"],
)
def test_the_upper_bound_follows_what_was_won_back(
    monkeypatch: pytest.MonkeyPatch, retrace: float | None, most: float
) -> None:
    """What is not known to have stayed lost bounds nothing: an unknown rebound is no zero."""
    speed = Speed(
        fall=-0.3,
        low_at=LOW,
        deepest=-0.1,
        share=0.3,
        worst=-0.1,
        worst_at=LOW,
        worst_z=None,
        retrace=retrace,
    )
    own = Mechanical(Interval(0.8, 0.7, 0.9), 60)
    monkeypatch.setattr(crypto_structure, "tape_speed", lambda _: speed)
    monkeypatch.setattr(contributions, "mechanical_bounds", lambda *_: own)
    found = contributions._mechanical(cast("Bench", None), "BTC")
    assert found is not None
    assert found == pytest.approx(Interval(0.8 * 0.3, 0.7 * 0.3, 0.9 * most))
