"""The bundled cases as they ship: every sentence stands, and the data give the dossier again."""

from __future__ import annotations

import pytest

from causemap.agents.conclude import conclude
from causemap.cases.store import list_cases, load_case

CASES = [entry.id for entry in list_cases()]


@pytest.mark.parametrize("case", CASES)
def test_no_bundled_case_drops_a_sentence(case: str) -> None:
    """The verification gate keeps every sentence of a case, so nothing goes unsaid by accident."""
    assert conclude(load_case(case)).narrative.dropped == ()
