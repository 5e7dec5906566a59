"""Orders by how unusual a thing was: one without a z was not measured so, and stands last."""

from __future__ import annotations


def unusual_first(z: float | None) -> tuple[bool, float]:
    """A sort key: the largest distance from the usual first, what has none behind all that have."""
    return (True, 0.0) if z is None else (False, -abs(z))


def lowest_first(z: float | None) -> tuple[bool, float]:
    """A sort key: the most unusual fall first, what has no z behind all that have one."""
    return (True, 0.0) if z is None else (False, z)
