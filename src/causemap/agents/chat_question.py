"""Understanding a question about a run: its intent, and what in the run it speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from causemap.agents.chat_terms import meaning
from causemap.agents.chat_words import CAUSE_PATTERNS, CHARTS, GROUP_PATTERNS, PATTERNS
from causemap.agents.reading import assets_named
from causemap.agents.subjects import unanswered
from causemap.agents.turns import Intent, Language, Turn
from causemap.agents.what_if import Change
from causemap.closed_sets import AssetGroup, Cause
from causemap.records import Evidence, Report
from causemap.tools.registry import REGISTRY
from causemap.words import clean

MAX_QUESTION: Final = 500
_HAN: Final = re.compile(r"[\u3400-\u9fff]")
# Between Chinese and Latin letters there is no end of a word for a pattern to find.
_LATIN: Final = re.compile(r"(?<=[\u3400-\u9fff])(?=[A-Za-z])|(?<=[A-Za-z])(?=[\u3400-\u9fff])")
_PLACE: Final = re.compile(r"\[(\d{1,3})\]|(?:#|\bitem |\bevidence |\bnumber |第)\s?(\d{1,3})\b")
_WORD: Final = re.compile(r"[a-z0-9&]+")
STOP: Final = frozenset(
    re.findall(
        r"\w+",
        "a an and are as at be been beyond did do does for from had has have how if in is it its "
        "leave me no not of off on or out over part share show that the their then there this to "
        "was were what when which who why with without would you your ignore remove drop moved "
        "other way fall fell risen rose instead happens suppose evidence change",
    )
)
# A topic names a whole group of measures; the second part is tried on the item's key.
_TOPICS: Final[tuple[tuple[str, str], ...]] = (
    (r"\b2-?\s?y(?:ear|r)?\b|(?:2|两|二)年期", r"rates:ust2y\."),
    (r"\b10-?\s?y(?:ear|r)?\b|(?:10|十)年期", r"rates:(?:ust|real)10y\."),
    (r"\b30-?\s?y(?:ear|r)?\b|(?:30|三十)年期", r"rates:ust30y\."),
    (
        r"(?<!year )(?:yields?|treasur\w+)|bonds?|rates?\b|(?<!年期)收益率|利率|(?<!年期)国债",
        r"rates:(?:ust|real|rates|spx)",
    ),
    (r"balance sheet|资产负债表|缩表|扩表", r"plumbing:fed_bs"),
    (r"reverse repo|\brrp\b|逆回购", r"plumbing:rrp"),
    (r"credit|spreads?|信用|利差", r"credit:"),
    (r"volatility|\bvix\b|波动", r"volatility:"),
    (r"dollar|美元", r"dollar_metals:.*(?:dxy|usdjpy|dollar)"),
    (r"黄金|金价", r".*:(?:gold|gld)\."),
    (r"白银|银价", r".*:(?:silver|slv)\."),
    (r"原油|石油|油价", r".*:wti\."),
    (r"software|软件", r"leadership:(?:igv|worst_cohort)\."),
    (r"chips?|semiconductors?|芯片|半导体", r"leadership:smh\."),
    (r"leadership|tech|科技", r"leadership:"),
    (r"breadth|equal[- ]weight|宽度|等权", r".*:rsp\."),
    (r"bitcoin|比特币", r".*:btc\."),
    (r"ether(?:eum)?|以太", r".*:eth\."),
    (r"news|notes?|headlines?|新闻|消息", r"(?:text|event_time):"),
    (r"plumbing|reserves?|repo", r"plumbing:"),
)
# What is measured of assets: the measure decides before the assets named beside it.
_MEASURES: Final[tuple[tuple[str, str], ...]] = (
    (r"\bliquidat(?:ions|ed|ion(?! cascade))\b|(?<!连环)清算|爆仓", r".*(?:liquidations|liq_usd)"),
    (r"\bfunding rates?\b|\bfunding\b(?! stress)|资金费率", r".*:(?:btc|eth)\.funding"),
    (r"\bopen interest\b|未平仓|持仓量", r".*(?:_oi|\.oi|open_interest)"),
    (r"\bcorrelat\w+|相关", r".*corr_"),
)
# Series that a figure is asked of, by what they are called in a question.
_SERIES: Final[dict[str, str]] = {
    "FED_BS_MUSD": r"\bbalance sheet\b|资产负债表",
    "RRP_BUSD": r"\breverse repo\b|\brrp\b|逆回购",
    "RESERVES_MUSD": r"\breserves\b|准备金",
    "SOFR": r"\bsofr\b",
    "EFFR": r"\bfed(?:eral)? funds\b|联邦基金",
    "UST2Y": r"\b(?:2|two)-?\s?y(?:ea)?r\b|(?:2|两|二)年期",
    "UST10Y": r"\b(?:10|ten)-?\s?y(?:ea)?r\b(?! (?:real|breakeven))|(?:10|十)年期",
    "UST30Y": r"\b(?:30|thirty)-?\s?y(?:ea)?r\b|(?:30|三十)年期",
    "BRENT": r"\bbrent\b|布伦特",
    "WTI": r"\b(?:oil|crude|wti)\b|原油|油价",
    "DXY": r"\b(?:dollar|dxy)\b|美元",
    "VIX": r"\bvix\b",
    "FEAR_GREED": r"\bfear and greed\b|恐慌指数",
    "STABLECOIN_SUPPLY_USD": r"\bstablecoins?\b|稳定币",
    "GLD": r"\bgold\b|黄金|金价",
    "SLV": r"\bsilver\b|白银|银价",
    "BTC": r"\b(?:bitcoin|btc)\b|比特币",
    "ETH": r"\beth(?:er(?:eum)?)?\b|以太",
    "SPX": r"s&p|\bspx\b|标普",
    "NDX": r"\bnasdaq\b|\bndx\b|纳指|纳斯达克",
}
LEVELS: Final = ("level", "spread")
_LEVEL: Final = re.compile(
    r"\bhow (?:big|large|high|low|wide)\b|\bhow much (?:is|was|are)\b|\b(?:price|level|size) of\b"
    r"|\b(?:what|where) (?:is|was|are|were|'s)\b.*\b(?:at|price|level|trading|yielding)\b"
    r"|\b(?:is|was|are|were|at|above|below|over|under|near)\s+\$?\d"
    r"|多大|多高|(?<![跌涨]了)多少|水平|规模|价位|(?:是|在|到了?)\s?\d",
    re.IGNORECASE,
)
# What a figure asked for comes before; "how big" is no question of doubt when a series is named.
_YIELDS_TO_LEVEL: Final = (None, "how_sure", "why_not", "refresh")
_TWINS: Final = {"GOLD": ("GLD",), "SILVER": ("SLV",), "GLD": ("GOLD",), "SLV": ("SILVER",)}
_MOVES: Final = ("change", "residual")
# Questions that a bare group ("and for crypto?") asks again.
_OF_GROUPS: Final = ("why", "why_not", "how_sure", "shares", "moves", "sources", "would_change")
# "It was the carry trade": a cause that the reader holds against the run's.
_CLAIMS: Final = re.compile(
    r"\b(?:it|this|that)(?: was|.s| is)\b|(?:这|那)?(?:就|肯定|明明)?是", re.IGNORECASE
)
_CARRIES_ON: Final = re.compile(
    r"\s*(?:and|or|also|what about|how about|then|那|和|还有)", re.IGNORECASE
)
_UP: Final = r"risen|rise|rose|rising|up\b|gained?|climbed|jumped|higher|added|涨|上升|上涨|升"
_DOWN: Final = r"fallen|fall|fell|falling|down\b|lost|dropped|declined|lower|slid|跌|下降|下跌|降"
_SIZE: Final = re.compile(
    r"(?P<sign>[-\u2212+]?)(?P<size>\d+(?:\.\d+)?)\s?"
    r"(?P<unit>%|percent|per cent|bps?\b|basis points?|个?基点|pp\b)",
    re.IGNORECASE,
)
_OTHER: Final = re.compile(
    r"other way|opposite|revers|turned? round|instead|相反|反过来|反向", re.IGNORECASE
)
_CASE: Final = re.compile(r"\b(?:19|20)\d\d(?:-[a-z0-9]+)*\b|\brun_[a-z0-9]+\b", re.IGNORECASE)
_MONTHS: Final = "jan feb mar apr may jun jul aug sep oct nov dec"
_MONTH: Final = re.compile(
    rf"\b(?P<name>{_MONTHS.replace(' ', '|')})[a-z]*\.?,? (?:of )?(?P<year>(?:19|20)\d\d)\b"
    r"|(?P<of>(?:19|20)\d\d)\s?年\s?(?P<number>1[0-2]|0?[1-9])\s?月",
    re.IGNORECASE,
)
_NEGATED: Final = re.compile(
    rf"(?:\bnot|n[o'\u2019]t|\bnever)\s+(?:\w+ly\s+|been\s+|gone\s+)?(?:{_UP}|{_DOWN})"
    rf"|(?:没有?|不|未)\w?(?:{_UP}|{_DOWN})",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as understood; ``items`` are evidence ids in ledger order."""

    intent: Intent
    language: Language
    causes: tuple[Cause, ...] = ()
    groups: tuple[AssetGroup, ...] = ()
    items: tuple[str, ...] = ()
    change: Change = field(default_factory=lambda: Change("remove"))
    chart: str = "cause_map"
    other: str = ""
    text: str = ""
    series: tuple[str, ...] = ()
    level: bool = False
    left_out: tuple[str, ...] = ()
    rises: bool = False


def read_question(text: str, report: Report, history: Sequence[Turn] = ()) -> Asked:
    """What is asked, of which causes, groups and measures of the run."""
    asked = _LATIN.sub(" ", clean(text, MAX_QUESTION))
    causes = tuple(cause for cause, pattern in CAUSE_PATTERNS if pattern.search(asked))
    change = _change(asked)
    series = tuple(
        name for name, words in _SERIES.items() if re.search(words, asked, re.IGNORECASE)
    )
    level = bool(series) and _LEVEL.search(asked) is not None
    items = _levels(report, series) if level else _items(asked, report, change)
    left_out, rises = unanswered(asked)
    groups = tuple(group for group, pattern in GROUP_PATTERNS if pattern.search(asked))
    other = _other(asked)
    return Asked(
        intent=_intent(asked, causes, groups if not other else (), items, history, level=level),
        language="zh" if _HAN.search(asked) else "en",
        causes=causes,
        groups=groups,
        items=items,
        change=change,
        chart=next(
            (key for key, pattern in CHARTS if pattern.search(asked)),
            "paths" if groups else "cause_map",
        ),
        other=other,
        text=asked,
        series=tuple(REGISTRY[name].said for name in series),
        level=level,
        left_out=left_out,
        rises=rises,
    )


def _other(text: str) -> str:
    """The window that is named: a case or run, a month as a case's id begins, or a year."""
    month = _MONTH.search(text)
    if month is None:
        named = _CASE.search(text)
        return named.group(0).lower() if named else ""
    if month["of"]:
        return f"{month['of']}-{int(month['number']):02}"
    return f"{month['year']}-{_MONTHS.index(month['name'].lower()) // 4 + 1:02}"


def _levels(report: Report, series: Sequence[str]) -> tuple[str, ...]:
    """Levels of the series, failing that what was measured of them over the window."""
    own = [item for item in report.evidence if item.asset in series]
    own += [item for item in report.evidence if item.asset in _twins(series)]
    found = [item for item in own if item.metric in LEVELS]
    return tuple(item.id for item in found or [i for i in own if i.metric == "change"])


def _twins(assets: Iterable[str]) -> frozenset[str]:
    return frozenset(twin for asset in assets for twin in _TWINS.get(asset, ()))


def _intent(
    text: str,
    causes: Sequence[Cause],
    groups: Sequence[AssetGroup],
    items: Sequence[str],
    history: Sequence[Turn],
    *,
    level: bool = False,
) -> Intent:
    """The first pattern found, unless it is a meaning, a figure or a group that is asked for."""
    found = next((intent for intent, pattern in PATTERNS if pattern.search(text)), None)
    if found not in ("advice", "shares") and meaning(text, "en"):
        return "meaning"
    if level and found in _YIELDS_TO_LEVEL:
        return "fact"
    if found == "compare" and groups:
        return "groups"
    if found is not None:
        return found
    return _bare(text, causes, groups, items, history)


def _bare(
    text: str,
    causes: Sequence[Cause],
    groups: Sequence[AssetGroup],
    items: Sequence[str],
    history: Sequence[Turn],
) -> Intent:
    """What a name without a question asks: the last question again, else about itself."""
    last = history[-1].intent if history and _CARRIES_ON.match(text) else None
    if groups and last in _OF_GROUPS:
        return last
    if causes and (not items or _CLAIMS.search(text)):
        return last if last in ("why_not", "how_sure", "why") else "why_not"
    if items:
        return last if last in ("what_if", "sources") else "fact"
    return "why_not" if causes else "why" if groups else "found"


def _items(text: str, report: Report, change: Change) -> tuple[str, ...]:
    """Evidence the question names: by number, id, topic, asset, or the measure's own words."""
    places = [int(a or b) for a, b in _PLACE.findall(text)]
    numbered = [report.evidence[n - 1].id for n in places if 1 <= n <= len(report.evidence)]
    if numbered:
        return tuple(dict.fromkeys(numbered))
    named = [item.id for item in report.evidence if _key(item) in text or item.id in text]
    worded = named or _worded(text, report.evidence)
    return tuple(worded or _chosen(_near(text, report.evidence), report, change))


def _key(item: Evidence) -> str:
    return item.id.partition(".")[2]


def _worded(text: str, evidence: Sequence[Evidence]) -> list[str]:
    """Items nearly all of whose own words stand in the question, if those words are two or more."""
    asked = set(_WORD.findall(text.lower())) - STOP
    found = []
    for item in evidence:
        words = set(_WORD.findall(item.said.lower())) - STOP
        if len(words) >= 2 and len(words & asked) >= max(2, 0.75 * len(words)):
            found.append(item.id)
    return found


def _near(text: str, evidence: Sequence[Evidence]) -> list[Evidence]:
    """Items about the assets named; failing that, of the topics named."""
    assets = assets_named(text)
    assets |= _twins(assets)
    of = [i for i in evidence if i.asset in assets]
    measures = [key for words, key in _MEASURES if re.search(words, text, re.IGNORECASE)]
    if measures:
        held = [i for i in evidence if any(re.match(m, f"{i.group}:{_key(i)}") for m in measures)]
        return [item for item in held if item in of] or held
    if of:
        return of
    topics = [key for words, key in _TOPICS if re.search(words, text, re.IGNORECASE)]
    return [i for i in evidence if any(re.match(t, f"{i.group}:{_key(i)}") for t in topics)]


def _chosen(near: Sequence[Evidence], report: Report, change: Change) -> list[str]:
    """Of the items near the question those that weigh; for a supposed move, those that moved."""
    if change.kind == "set":
        return [item.id for item in near if item.metric == "change"]
    if change.kind != "remove":
        return [item.id for item in near if item.metric in _MOVES] or [item.id for item in near]
    weighed = {w.evidence for _, v in report.verdicts for w in v.weighed}
    near = sorted(near, key=lambda item: item.metric not in _MOVES)
    return [item.id for item in near if item.id in weighed] or [item.id for item in near][:6]


def _change(text: str) -> Change:
    # What had not risen or fallen had not moved: it is left out.
    text = _NEGATED.sub(" ", text)
    up = re.search(_UP, text, re.IGNORECASE)
    down = re.search(_DOWN, text, re.IGNORECASE)
    size = _SIZE.search(text)
    # The later verb is the supposed one: "yields fell; what if they had risen".
    sign = -1.0 if down and (not up or down.start() > up.start()) else 1.0
    if size and (up or down or size["sign"]):
        written = -1.0 if size["sign"] in ("-", "\u2212") else sign
        return Change("set", written * float(size["size"]), _unit(size["unit"]))
    if _OTHER.search(text):
        return Change("turn")
    if (up or down) and not re.search(
        r"\bwithout\b|ignor|remov|leav\w+ out|exclud|去掉|不考虑|忽略|剔除", text, re.IGNORECASE
    ):
        return Change("force", sign)
    return Change("remove")


def _unit(words: str) -> str:
    said = words.lower()
    if said == "pp":
        return "pp"
    return "%" if said in ("%", "percent", "per cent") else "bp"
