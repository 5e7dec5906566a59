"""Freeze the bundled cases anew: ``python scripts/freeze_cases.py DATA_DIR NOTES.jsonl``.

The windows show each cause; all but one are those of the labelled training catalogue, and neither
labels nor titles of the catalogue enter a case. Only found notes, with an address, are kept.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from causemap.cases.freeze import freeze, write_case
from causemap.cli.asking import Ask, frozen_source
from causemap.records import Dossier

OUT: Final = Path(__file__).resolve().parents[1] / "src" / "causemap" / "cases" / "data"
# Texts of our own, marked as samples, whose claims a case tests: <case>.md where there is one.
SAMPLES: Final = Path(__file__).resolve().parent / "samples"
STOCKS: Final = "SPX,NDX"
COINS: Final = "BTC,ETH"
ALL: Final = "SPX,NDX,BTC,ETH,GLD,SLV"

# id, start close, end close, assets, the question the case answers
CASES: Final = (
    ("2026-02-seed", "2026-01-29", "2026-02-05", ALL, "stocks, bitcoin and metals fall together"),
    ("2008-09-autumn", "2008-09-12", "2008-10-10", ALL, "stocks fall in autumn 2008"),
    ("2013-05-june", "2013-05-21", "2013-06-24", ALL, "stocks and gold fall in mid-2013"),
    ("2015-08-week", "2015-08-17", "2015-08-25", STOCKS, "stocks fall in August 2015"),
    ("2018-02-week", "2018-01-26", "2018-02-08", STOCKS, "stocks fall in early February 2018"),
    ("2018-03-stocks", "2018-03-09", "2018-03-23", STOCKS, "stocks fall in mid-March 2018"),
    ("2018-11-crypto", "2018-11-13", "2018-11-25", COINS, "crypto fall in November 2018"),
    ("2018-12-stocks", "2018-12-03", "2018-12-24", STOCKS, "stocks fall in December 2018"),
    ("2019-08-stocks", "2019-07-30", "2019-08-05", STOCKS, "stocks fall in early August 2019"),
    ("2020-02-stocks", "2020-02-19", "2020-03-06", STOCKS, "stocks fall from 19 February 2020"),
    ("2020-03-all", "2020-03-06", "2020-03-20", ALL, "everything fall in March 2020"),
    ("2021-02-stocks", "2021-02-12", "2021-03-08", STOCKS, "tech fall in early 2021"),
    ("2021-05-crypto", "2021-05-12", "2021-05-19", COINS, "crypto fall in May 2021"),
    ("2021-12-crypto", "2021-12-02", "2021-12-04", COINS, "bitcoin fall on a December weekend"),
    ("2022-01-all", "2022-01-03", "2022-01-27", ALL, "stocks and crypto fall in January 2022"),
    ("2022-06-all", "2022-06-07", "2022-06-16", ALL, "stocks and crypto fall in June 2022"),
    ("2022-11-crypto", "2022-11-05", "2022-11-09", COINS, "crypto fall in November 2022"),
    ("2023-03-all", "2023-03-08", "2023-03-13", ALL, "stocks fall in March 2023"),
    ("2023-autumn", "2023-07-31", "2023-10-27", STOCKS, "stocks fall into October 2023"),
    ("2024-08-all", "2024-07-31", "2024-08-05", ALL, "stocks and bitcoin fall in August 2024"),
    ("2025-01-tech", "2025-01-24", "2025-01-27", STOCKS, "tech fall on 27 January 2025"),
    ("2025-04-all", "2025-04-02", "2025-04-08", ALL, "everything fall in early April 2025"),
    ("2025-10-all", "2025-10-09", "2025-10-10", ALL, "stocks and crypto fall on 10 October 2025"),
    ("2026-01-software", "2026-01-27", "2026-02-05", STOCKS, "software fall into February 2026"),
)


def frozen(case: str, data_dir: Path, notes: Path) -> Dossier:
    """Measure one case's window and return what is stored of it."""
    _, start, end, assets, what = next(row for row in CASES if row[0] == case)
    sample = SAMPLES / f"{case}.md"
    texts = (str(sample),) if sample.is_file() else ()
    ask = Ask("", start, end, assets, None, data_dir, notes, quiet=True, articles=texts)
    return freeze(frozen_source(ask, None), f"Why did {what}?").dossier


def main(data_dir: str, notes: str) -> None:
    """Freeze every case; stops at the first failure."""
    for case, *_ in CASES:
        write_case(frozen(case, Path(data_dir), Path(notes)), case, OUT)


if __name__ == "__main__":
    main(*sys.argv[1:3])
