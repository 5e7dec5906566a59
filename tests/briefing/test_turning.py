"""What would turn a verdict: the kind of change, whatever group the sentence names first."""

from __future__ import annotations

import pytest

from causemap.briefing.tongue import turning_kind
from causemap.records import WouldChange


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("without gold, the verdict would be a rates shock", "turn_without"),
        ("in metals, without gold, the verdict would be a rates shock", "turn_without"),
        ("in crypto, had gold moved the other way, the verdict", "turn_other"),
        ("had gold without silver moved the other way, the verdict", "turn_other"),
    ],
)
def test_a_change_keeps_its_kind_whatever_group_is_named(text: str, kind: str) -> None:
    """A group named first does not turn 'without' into 'the other way'."""
    assert turning_kind(WouldChange(text, (), "rates_shock")) == kind
