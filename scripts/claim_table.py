"""Print the claim table of a folder of articles and the reader's precision and recall.

``python scripts/claim_table.py ARTICLES_DIR DATA_DIR NOTES.jsonl``: the articles are those of the
label file, whose texts are not part of this tree.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from causemap.articles import Article
from causemap.records import Scope
from causemap.tools.claims import check, extract
from causemap.tools.claims.files import read_articles
from causemap.tools.claims.scoring import score
from causemap.tools.market import open_market
from causemap.tools.notes import read_notes
from causemap.words import value_of

LABELS: Final = (
    Path(__file__).resolve().parents[1] / "tests" / "tools" / "claims" / "claim_labels.json"
)
SCOPE: Final = Scope(
    *("2026-01-29", "2026-02-05", "2026-02-07T23:59Z"),
    ("SPX", "NDX", "BTC", "ETH", "GLD", "SLV"),
    ("equity", "crypto", "metals"),
)
# The files carry no date; these are the days their own words and listings point to.
PUBLISHED: Final = {
    "metals-and-crypto-deleveraging-en": "2026-02-03",
    "gold-stocks-and-btc-en": "2026-02-06",
    "gold-stocks-and-btc-zh": "2026-02-06",
    "stocks-and-crypto-week-en": "2026-02-06",
    "all-assets-falling-en": "2026-01-30",
}


def main(articles: str, data_dir: str, notes: str) -> None:
    """Print scores, then a row per claim."""
    names = [f"{Path(articles) / name}.txt@{day}" for name, day in PUBLISHED.items()]
    read = read_articles(names)
    _scores(read)
    view = open_market(Path(data_dir)).view(datetime.fromisoformat(SCOPE.as_of).astimezone(UTC))
    checked = check(read, SCOPE, view, (), read_notes(Path(notes)))
    ledger = {item.id: item for item in checked.evidence}
    for claim in checked.claims:
        found = [ledger[key] for key in claim.evidence if key in ledger]
        told = "; ".join(f"{value_of(i)} {i.start}..{i.observed_at} [{i.id}]" for i in found)
        about = claim.cause or "-".join(claim.about)
        row = f"{claim.source} | {claim.kind} {about} | {claim.verdict}: {claim.why} | {told}"
        sys.stdout.write(f"{row}\n")


def _scores(read: tuple[Article, ...]) -> None:
    labels = json.loads(LABELS.read_text(encoding="utf-8"))
    for article in read:
        own = [label for label in labels["labels"] if label["article"] == article.title]
        found = score(extract(article), own)
        part = labels["articles"][article.title]["part"]
        shares = f"precision {found.precision():.2f}, recall {found.recall():.2f}"
        sys.stdout.write(f"{article.title} ({part}): {shares}, {found.hits} hits\n")


if __name__ == "__main__":
    main(*sys.argv[1:4])
