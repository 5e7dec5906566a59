"""What would turn a verdict, in Chinese: the kind of change and whose verdict it is."""

from __future__ import annotations

import pytest

from causemap.briefing.tongue import Chinese, Turning
from causemap.records import WouldChange


@pytest.mark.parametrize(
    ("text", "kind", "group"),
    [
        ("without gold, the verdict would be a rates shock", "turn_without", ""),
        ("in metals, without gold, the verdict would be a rates shock", "turn_without", "贵金属"),
        ("in crypto, had gold moved the other way, the verdict", "turn_other", "加密资产"),
    ],
)
def test_a_change_keeps_its_kind_and_its_group(text: str, kind: str, group: str) -> None:
    """A group named first does not turn 'without' into 'the other way', and is said."""
    found, fields = Chinese().turn(Turning(0, WouldChange(text, (), "rates_shock"), None))
    assert found == kind
    assert (group in fields["then"]) if group else ("就" not in fields["then"])
