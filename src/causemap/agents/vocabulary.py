"""Words the verifier understands: assets, directions, units, hedges, dates.

Patterns and tables only; :mod:`causemap.agents.reading` applies them.
"""

from __future__ import annotations

import re
from typing import Final

from causemap.closed_sets import AssetGroup
from causemap.llm.slots import ASSET_NAMES

ALIASES: Final[dict[str, str]] = {
    "S&P 500": "SPX",
    "S&P": "SPX",
    "Nasdaq 100": "NDX",
    "Nasdaq": "NDX",
    "semiconductor": "SMH",
    "semiconductors": "SMH",
    "chip stocks": "SMH",
    "software": "IGV",
    "Magnificent Seven": "MAG7",
    "regional banks": "KRE",
    "regional-bank": "KRE",
    "equal-weight": "RSP",
    "Bitcoin": "BTC",
    "Ether": "ETH",
    "Ethereum": "ETH",
    "Solana": "SOL",
    "gold": "GOLD",
    "silver": "SILVER",
    "gold miners": "GDX",
    "gold-miner": "GDX",
    "crude": "USO",
    "oil": "USO",
    "dollar index": "DXY",
    "yen": "USDJPY",
    "2-year yield": "UST2Y",
    "10-year yield": "UST10Y",
    "30-year yield": "UST30Y",
    "2Y": "UST2Y",
    "10Y": "UST10Y",
    "30Y": "UST30Y",
    "2-year Treasury": "UST2Y",
    "10-year Treasury": "UST10Y",
    "30-year Treasury": "UST30Y",
    "10-year real": "REAL10Y",
    "real 10-year": "REAL10Y",
    "10-year breakeven": "BE10Y",
    "2s10s": "CURVE_2S10S",
    "high-yield": "HY_OAS",
    "investment-grade": "IG_OAS",
    "MOVE": "MOVE",
    "VIX": "VIX",
}
CODES: Final = tuple(code for code in ASSET_NAMES if code not in ("GOLD", "SILVER", "MOVE"))
WORDS_FREE: Final = frozenset(
    re.findall(
        r"\w+",
        "AI ADL AM BOJ CFTC CME CPI CTA ECB ETF ETFS EST ET EU FED FOMC GDP IORB NFP NYSE OI "
        "PCE PM PPI QE QT RRP SEC SOFR UK US USD UTC VOL",
    )
)
GROUPS: Final[dict[str, AssetGroup | None]] = {
    "equities": "equity",
    "equity": "equity",
    "stocks": "equity",
    "crypto": "crypto",
    "metals": "metals",
    "overall": None,
    "taken together": None,
}
# "crypto-specific event" is a cause, not the group.
GROUP_RE: Final = re.compile(rf"\b(?:{'|'.join(GROUPS)})\b(?!-)", re.IGNORECASE)
DOWN: Final = (
    "fell short|fell|falls|lost|loses|dropped|drops|slid|slipped|sank|shed|declined|declines|"
    "plunged|tumbled|eased|narrowed|tightened|flattened|retreated|lower by|down(?! to)|"
    "slumped|crashed|collapsed|cratered|dived|dipped|skidded|sagged|swooned|gave up|gave back|"
    "(?:fall|drop|decline|loss|slide|drawdown) of"
)
UP: Final = (
    "ran ahead|rose|rises|gained|gains|climbed|jumped|surged|advanced|added|rallied|widened|"
    "soared|spiked|leapt|rebounded|bounced|firmed|won back|"
    "steepened|higher by|(?<!made )(?<!makes )up(?! to)|(?:rise|gain|increase|jump|advance) of"
)
FLAT: Final = "held flat|was flat|were flat|was unchanged|were unchanged|held steady"
TURN_RE: Final = re.compile(
    rf"\b(?:(?P<down>{DOWN})|(?P<up>{UP})|(?P<flat>{FLAT}))\b", re.IGNORECASE
)
AFTER_RE: Final = re.compile(
    r"\s*(?:(?P<down>lower|below|fall|drop|decline|loss|slide|drawdown)|"
    r"(?P<up>higher|above|rise|gain|increase|jump|advance))\b",
    re.IGNORECASE,
)
UNITS: Final = (
    ("%", r"%|percent\b|per cent\b"),
    ("pp", r"pp\b|percentage points?\b"),
    ("points", r"points?\b"),
    ("bp_8h", r"(?:bps?|basis points?) per (?:8|eight)[\s-]h(?:ours?)?\b"),
    ("bp", r"bps?\b|basis points?\b"),
    ("z", r"standard deviations?\b|sd\b|σ"),
    ("usd", r"(?:bn|billion|mn|million|tn|trillion)\b(?:\s(?:US )?dollars?\b)?|(?:US )?dollars?\b"),
    ("days", r"days?\b"),
    ("hours", r"hours?\b"),
    ("n", r"observations?\b"),
)
UNIT_RE: Final = re.compile(
    r"[\s-]?(?:" + "|".join(f"(?P<u{i}>{rx})" for i, (_, rx) in enumerate(UNITS)) + ")",
    re.IGNORECASE,
)
NUMBER_RE: Final = re.compile(
    r"(?<![\w.])(?P<sign>[-\u2212+])?(?P<cur>\$)?"
    r"(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?![\d])"
)
SPELT: Final = {
    word: str(number)
    for number, word in enumerate(
        re.findall(
            r"\w+",
            "zero one two three four five six seven eight nine ten eleven twelve thirteen "
            "fourteen fifteen sixteen seventeen eighteen nineteen twenty",
        )
    )
} | {
    "thirty": "30",
    "forty": "40",
    "fifty": "50",
    "sixty": "60",
    "seventy": "70",
    "eighty": "80",
    "ninety": "90",
    "hundred": "100",
}
SPELT_RE: Final = re.compile(
    rf"\b(?P<word>{'|'.join(sorted(SPELT, key=len, reverse=True))})(?=[\s-](?:percent|per cent|"
    r"percentage|basis|standard|billion|million|days?\b|hours?\b|sessions?\b|points?\b))",
    re.IGNORECASE,
)
SCALES: Final = {
    "mn": 1.0,
    "million": 1.0,
    "bn": 1e3,
    "billion": 1e3,
    "tn": 1e6,
    "trillion": 1e6,
}
MONTHS: Final = re.findall(
    r"\w+",
    "January February March April May June July August September October November December",
)
MONTH: Final = "|".join(f"{name}|{name[:3]}" for name in MONTHS)
DATE_RE: Final = re.compile(
    rf"\b(?:(?P<iso>\d{{4}}-\d{{2}}-\d{{2}})|(?P<d1>\d{{1,2}})\s(?P<m1>{MONTH})(?:,?\s"
    rf"(?P<y1>\d{{4}}))?|(?P<m2>{MONTH})\s(?P<d2>\d{{1,2}})(?!\d)(?:,\s(?P<y2>\d{{4}}))?|"
    rf"(?P<m3>{MONTH})\s(?P<y3>\d{{4}})|(?<=in )(?P<y4>(?:19|20)\d\d)(?!\d))"
    r"(?:[T,]?\s?(?P<clock>\d{2}:\d{2})(?:Z|\sUTC))?"
)
MONTHS_SHORT: Final = tuple(name[:3] for name in MONTHS)
HORIZON_RE: Final = re.compile(
    r"(?<!\bper )(?<![\w.\u2212-])(?P<n>[\u2212-]?\d+)"
    r"(?:[-\s](?P<unit>day|session|hour|week|minute)s?|(?P<short>[hd]))\b",
    re.IGNORECASE,
)
BAND_RE: Final = re.compile(
    r"\b(?P<band>almost certain|very likely|unlikely|likely|possible|possibly|probable|probably)\b",
    re.IGNORECASE,
)
BANDS: Final[dict[str, tuple[float, float]]] = {
    "almost certain": (0.95, 1.01),
    "very likely": (0.8, 1.01),
    "likely": (0.6, 0.8),
    "probable": (0.6, 0.8),
    "probably": (0.6, 0.8),
    "possible": (0.3, 0.6),
    "possibly": (0.3, 0.6),
    "unlikely": (0.0, 0.3),
}
OVERCLAIM_RE: Final = re.compile(
    r"\b(certainly|definitely|undoubtedly|without (?:a )?doubt|proves?|proven|guaranteed?)\b",
    re.IGNORECASE,
)
ADVICE_RE: Final = re.compile(
    r"\b(you|investors?|traders?|readers?) (should|ought|must|need to)\b|\bbuy the dip\b|"
    r"\b(we|I) recommend\b|\b(price )?target of\b|\btime to (buy|sell)\b",
    re.IGNORECASE,
)
