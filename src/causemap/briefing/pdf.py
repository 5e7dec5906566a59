"""An issue as PDF. The renderer reads nothing from the network or from files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causemap.briefing.page import inline_address, to_page
from causemap.briefing.tree import Issue
from causemap.errors import UsageError

if TYPE_CHECKING:
    from weasyprint.urls import URLFetcher


def to_pdf(issue: Issue) -> bytes:
    """The PDF. Raises :class:`UsageError` when the optional renderer is not installed."""
    try:
        import weasyprint
    except (ImportError, OSError) as fault:
        raise UsageError(
            "PDF needs the optional renderer: pip install 'causemap[pdf]' (and the system library "
            "Pango); the other formats work without it."
        ) from fault
    page = to_page(issue, "print", inline_address)
    made: bytes = weasyprint.HTML(string=page, url_fetcher=closed_fetcher()).write_pdf()
    return made


def closed_fetcher() -> URLFetcher:
    """A fetcher that opens ``data:`` addresses alone, and fails loudly on any other."""
    from weasyprint.urls import URLFetcher

    return URLFetcher(allowed_protocols=("data",), allow_redirects=False, fail_on_errors=True)
