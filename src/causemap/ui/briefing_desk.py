"""The Briefing page."""

from __future__ import annotations

from causemap.ui import markup, session
from causemap.ui.keeping import downloads


def page() -> None:
    """The page."""
    found = session.framed("Briefing")
    session.show(
        markup.notice(
            "Briefings (lengths, voices, approval, email and PDF) are not available in this build "
            "of the program. The run itself can be exported as it stands.",
            lead="Not available in this build.",
        )
    )
    downloads(found)
    session.foot(found.report)
