"""Who speaks: outlets of one house, and copies of one text, are one source."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from causemap.articles import Article

# Ownership as publicly stated by the houses; an outlet that is not listed is its own family.
_FAMILIES: Final[dict[str, tuple[str, ...]]] = {
    "thomson reuters": ("reuters", "thomson reuters", "reuters.com"),
    "associated press": ("ap", "associated press", "ap news", "apnews.com"),
    "afp": ("afp", "agence france-presse", "afp.com"),
    "bloomberg": ("bloomberg", "bloomberg news", "bloomberg.com", "businessweek.com"),
    "news corp": (
        "dow jones newswires",
        "wall street journal",
        "the wall street journal",
        "marketwatch",
        "barron's",
        "new york post",
        "wsj.com",
        "marketwatch.com",
        "barrons.com",
        "dowjones.com",
        "nypost.com",
    ),
    "cnbc": ("cnbc", "cnbc.com", "nbc news", "nbcnews.com", "msnbc.com"),
    "guardian media": ("the guardian", "guardian", "the observer", "theguardian.com"),
    "new york times": ("the new york times", "new york times", "nytimes.com", "the athletic"),
    "nikkei": ("financial times", "ft", "ft.com", "nikkei", "nikkei asia", "nikkei.com"),
    "yahoo": ("yahoo", "yahoo finance", "finance.yahoo.com", "yahoo.com"),
    "axel springer": ("business insider", "businessinsider.com", "politico", "politico.com"),
    "coindesk": ("coindesk", "coindesk.com"),
    "cointelegraph": ("cointelegraph", "cointelegraph.com"),
    "cryptonews": ("cryptonews", "cryptonews.com"),
    "cryptopotato": ("cryptopotato", "cryptopotato.com"),
    "dmg media": ("daily mail", "mail on sunday", "dailymail.co.uk", "thisismoney.co.uk"),
    "rt": ("rt", "russia today", "rt.com"),
    "federal reserve": ("federal reserve", "federalreserve.gov", "newyorkfed.org"),
}
_FAMILY_OF: Final = {name: family for family, names in _FAMILIES.items() for name in names}
# How a copy names its wire: "LONDON (Reuters) -", "By Jane Roe, Associated Press", "via AFP".
_WIRE: Final = re.compile(
    r"\((reuters|ap|afp|bloomberg|dow jones newswires)\)"
    r"|\b(?:via|source:|by)\s+(reuters|associated press|afp|bloomberg|dow jones newswires)\b",
    re.IGNORECASE,
)
_LEAD: Final = 400


def family(article: Article) -> str:
    """The house behind an article: the wire it copies, else its site's, else its publisher's."""
    if wire := _WIRE.search(article.text[:_LEAD]):
        return _FAMILY_OF[(wire.group(1) or wire.group(2)).casefold()]
    site = _site(article.url)
    publisher = article.publisher.casefold().strip()
    return _FAMILY_OF.get(publisher) or _by_site(site) or site or publisher


def independent_sources(told: Iterable[tuple[Article, str]]) -> int:
    """How many independent voices a set of articles is, each given with its cluster.

    Articles of one family, or of one cluster of copies, hang together; counted are the groups that
    do not. Twenty recycled copies are one.
    """
    above: dict[str, str] = {}

    def root(name: str) -> str:
        while above.setdefault(name, name) != name:
            name = above[name]
        return name

    for article, cluster in told:
        above[root(f"cluster {cluster}")] = root(f"family {family(article)}")
    return len({root(name) for name in tuple(above)})


def _site(url: str | None) -> str:
    host = (urlsplit(url).hostname or "") if url else ""
    return host.removeprefix("www.")


def _by_site(site: str) -> str | None:
    parts = site.split(".")
    names = (".".join(parts[start:]) for start in range(len(parts) - 1))
    return next((_FAMILY_OF[name] for name in names if name in _FAMILY_OF), None)
