from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.facts import evidence_item

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
        return evidence_item(
            id=f"{desk}.{key}",
            desk=desk,
            group=group,
            metric=metric,
            asset=name.upper(),
            value=value,
            unit=unit,
            said=f"the {name}",
            z=z,
            quality=quality,
        )

    return build
