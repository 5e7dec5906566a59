"""The words a conversation is understood by and answered with, in English and Chinese."""

from __future__ import annotations

import re
from typing import Final

from causemap.agents.turns import Language
from causemap.closed_sets import AssetGroup, Cause, Primary

CAUSE_PHRASES: Final[dict[Cause, str]] = {
    "rates_shock": r"(?:because of|due to|caused by|driven by) (?:\w+ )?(?:yields?|treasur\w+)"
    r"|rates?[ -]shock|rates\b|interest rates?|hawkish|\bfed\b(?! funds)|fomc|powell"
    r"|monetary policy"
    r"|bond (?:rout|sell)|利率(?:冲击|上升)?|加息|鹰派|美联储|联储",
    "ai_rerating": r"\bai\b|a\.i\.|re-?rating|valuation|tech bubble|software scare"
    r"|估值|人工智能|重估",
    "liquidation_cascade": r"cascade|liquidat\w+|margin\b|forced sell\w+|deleverag\w+"
    r"|清算|爆仓|连环|强平|去杠杆|保证金",
    "funding_stress": r"funding stress|dollar funding|repo\b|liquidity(?! cascade)"
    r"|bank run|融资(?:压力|紧张)|流动性(?:危机|紧张|枯竭)?|钱荒",
    "growth_scare": r"growth (?:scare|fears?)|\bgrowth\b(?! stocks)|recession|slowdown"
    r"|weak (?:data|growth|jobs)|hard landing"
    r"|衰退|增长(?:恐慌|担忧)|放缓",
    "policy_geopolitics": r"(?<!monetary )\bpolicy\b(?! (?:path|rates?|makers?|expectation"
    r"|decision))|tariffs?"
    r"|geopolit\w+|\bwar\b|sanctions?|election"
    r"|trump|关税|地缘|战争|制裁|政策",
    "positioning_unwind": r"positioning|unwind|carry trade|crowded|vol(?:atility)?[ -]target|\bcta"
    r"|short[ -]vol|仓位|套息|拥挤|平仓",
    "crypto_idiosyncratic": r"crypto[- ](?:specific|own|native|event)|exchange (?:hack|failure)"
    r"|\bhack\b|stablecoin (?:break|depeg)|depeg|币圈自身|加密(?:市场)?(?:特有|自身)|黑客|脱锚",
}
CAUSE_PATTERNS: Final[tuple[tuple[Cause, re.Pattern[str]], ...]] = tuple(
    (cause, re.compile(pattern, re.IGNORECASE)) for cause, pattern in CAUSE_PHRASES.items()
)
GROUP_PATTERNS: Final[tuple[tuple[AssetGroup, re.Pattern[str]], ...]] = (
    ("equity", re.compile(r"\b(?:stocks?|equit\w+|shares|nasdaq|s&p|spx|ndx)\b|股", re.IGNORECASE)),
    ("crypto", re.compile(r"\b(?:crypto|bitcoin|btc|eth(?:er(?:eum)?)?)\b|币|加密", re.IGNORECASE)),
    (
        "metals",
        re.compile(r"\b(?:metals?|gold|silver|gld|slv)\b|金属|黄金|白银|[金银]价", re.IGNORECASE),
    ),
)
CHARTS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = tuple(
    (key, re.compile(pattern, re.IGNORECASE))
    for key, pattern in (
        ("correlation", r"correlat|相关"),
        ("timeline", r"timeline|when|clock|时间"),
        ("probabilities", r"probab|odds|likel|概率|可能"),
        ("contributions", r"contribut|waterfall|share|decompos|贡献|分解|瀑布"),
        ("z", r"unusual|z-?score|evidence|deviation|证据|异常"),
        ("paths", r"price|path|move|fell|fall|index|performance|走势|价格|跌"),
    )
)
CAUSE_ZH: Final[dict[Primary, str]] = {
    "rates_shock": "利率冲击",
    "ai_rerating": "AI与科技股重估",
    "liquidation_cascade": "连环清算",
    "funding_stress": "融资压力",
    "growth_scare": "增长恐慌",
    "policy_geopolitics": "政策或地缘政治",
    "positioning_unwind": "仓位平仓",
    "crypto_idiosyncratic": "加密市场自身事件",
    "mixed_unclear": "混合或不明",
    "no_drawdown": "没有下跌",
}


def cause_zh(cause: str) -> str:
    """The Chinese name of a cause."""
    return next(name for key, name in CAUSE_ZH.items() if key == cause)


GROUP_NAMES: Final[dict[AssetGroup, dict[Language, str]]] = {
    "equity": {"en": "Equities", "zh": "股票"},
    "crypto": {"en": "Crypto", "zh": "加密资产"},
    "metals": {"en": "Metals", "zh": "金属"},
}
BANDS_ZH: Final = {
    "very likely": "很可能",
    "likely": "较可能",
    "possible": "有可能",
    "unlikely": "不太可能",
}
