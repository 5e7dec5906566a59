"""What has no z is not the most ordinary: it stands behind all that have one."""

from __future__ import annotations

from causemap.ranking import lowest_first, unusual_first


def test_a_missing_z_ranks_last_and_not_as_zero() -> None:
    """By size and by sign alike, none stands behind zero."""
    found = [None, 0.0, -3.0, 2.0]
    assert sorted(found, key=unusual_first) == [-3.0, 2.0, 0.0, None]
    assert sorted(found, key=lowest_first) == [-3.0, 0.0, 2.0, None]
