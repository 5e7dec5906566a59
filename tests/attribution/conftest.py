from __future__ import annotations

from collections.abc import Callable

import pytest

from causemap.closed_sets import Desk, Group
from causemap.records import Evidence

Make = Callable[..., Evidence]


@pytest.fixture
def make() -> Make:
    """A maker of evidence items: give the key, the value and, where scored, the z."""

    def build(
        key: str,
        value: float,
        z: float | None = None,
        *,
        desk: Desk = "macro",
        group: Group = "context",
        quality: float = 1.0,
        unit: str = "bp",
    ) -> Evidence:
        name, _, metric = key.rpartition(".")
        return Evidence(
            id=f"{desk}.{key}",
            desk=desk,
            family="prices",
            group=group,
            metric=metric,
            asset=name.upper(),
            start="2026-01-29",
            end="2026-02-05",
            value=value,
            unit=unit,
            said=f"the {name}",
            observed_at="2026-02-05",
            available_at="2026-02-05T22:00Z",
            source="test",
            z=z,
            quality=quality,
        )

    return build
