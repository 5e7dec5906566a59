"""What the first visitor would otherwise wait for: the imports of all pages, made at the start."""

from __future__ import annotations

from importlib import import_module
from typing import Final

# In the order in which a visitor is likely to need them.
_SOON: Final = (
    "causemap.ui.asking",
    "causemap.agents.conclude",
    "causemap.ui.map_chart",
    "causemap.reporting.panels",
    "causemap.ui.tables",
    "causemap.agents.chat",
    "causemap.ui.briefing_desk",
    "causemap.tools.freshness",
    "causemap.ui.scores",
    "causemap.ui.settings_desk",
)


def import_pages() -> None:
    """Import them, and conclude one bundled case, so that the tables behind it are read."""
    for module in _SOON:
        import_module(module)
    from causemap.agents.conclude import conclude
    from causemap.cases.store import list_cases, load_case

    for case in list_cases()[-1:]:
        conclude(load_case(case.id))
