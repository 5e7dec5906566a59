"""The words that measures and series are asked after by, in English and Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from causemap.tools.registry import REGISTRY

_TENOR: Final = r"(?:\s+(?:us|real|treasury)){0,2}(?:\s+(?:yields?|notes?|bonds?|treasur\w+))?"
# A topic names a whole group of measures; the second part is tried on the item's key. What a
# topic has taken of the question the later ones do not see: "high-yield spreads" are no yields.
_TOPICS: Final[tuple[tuple[str, str], ...]] = (
    (r"\bhigh[- ]yield\b(?:\s+spreads?)?|\bhy\b|\bjunk (?:bonds?|spreads?)|高收益债?", r"credit:"),
    (
        r"\breal (?:10-?\s?y(?:ear|r)? )?(?:yields?|rates?)\b|实际(?:收益率|利率)",
        r"rates:real10y\.",
    ),
    (r"\bbreak-?evens?\b|inflation expectations|盈亏平衡|通胀预期", r"[^:]*:be10y\."),
    (rf"\b2-?\s?y(?:ear|r)?\b{_TENOR}|(?:2|两|二)年期(?:美债|国债)?(?:收益率)?", r"rates:ust2y\."),
    (
        rf"\b10-?\s?y(?:ear|r)?\b{_TENOR}|(?:10|十)年期(?:美债|国债)?(?:收益率)?",
        r"rates:(?:ust|real)10y\.",
    ),
    (
        rf"\b30-?\s?y(?:ear|r)?\b{_TENOR}|(?:30|三十)年期(?:美债|国债)?(?:收益率)?",
        r"rates:ust30y\.",
    ),
    (
        r"\byields?\b|\btreasur\w+|\bbonds?\b|\brates?\b(?! of)|收益率|利率|国债|债券|债市|美债",
        r"rates:(?:ust|real|rates|spx)",
    ),
    (r"balance sheet|资产负债表|缩表|扩表", r"plumbing:fed_bs"),
    (r"reverse repo|\brrp\b|逆回购", r"plumbing:rrp"),
    (
        (
            r"\bfront[- ]end\b|\blong[- ]end\b|\bterm premi(?:um|a)\b|\b(?:policy|rate) "
            r"(?:path|expectations)\b|短端|长端|期限溢价"
        ),
        r"context:ust10y\.(?!change)|rates:ust(?:2|30)y\.",
    ),
    (r"\b2s10s\b|\b(?:yield )?curve\b|收益率曲线", r"rates:(?:curve|ust)"),
    (r"credit(?! suisse)|spreads?|信用|利差", r"credit:"),
    (r"\bvix\b", r"[^:]*:vix\."),
    (
        (
            r"\bvol(?:atility)?[- ](?:target|control)\w*|\btrend[- ]follow\w*|\bctas?\b"
            r"|\bsystematic\b|\b(?:forced|mechanical) (?:sell|flow)\w*|趋势(?:跟踪|策略)|目标波动"
        ),
        r".*\.(?:vol_target|flow_lag|trend_position|trend_flips)",
    ),
    (r"\bmove index\b|\bbond vol\w*", r"[^:]*:move\."),
    (r"volatility|波动", r"volatility:"),
    (
        r"\borderly\b|\bpanic\w*|\bcapitulat\w*|\bregimes?\b|\btrend break\b|恐慌性|有序",
        r".*\.(?:regime_|trend_tests)|[^:]*:vix\.",
    ),
    (r"\bdollar[- ]yen\b|\byen\b|\busd\s?/?\s?jpy\b|日元", r"dollar_metals:usdjpy\."),
    (r"\bdollar\b|\bdxy\b|\bgreenback\b|美元(?!计)", r"dollar_metals:.*(?:dxy|usdjpy|dollar)"),
    (r"黄金|金价", r".*:(?:gold|gld)\."),
    (r"白银|银价", r".*:(?:silver|slv)\."),
    (r"\b(?:oil|crude|wti)\b|原油|石油|油价", r".*:uso\."),
    (r"software|软件", r"leadership:(?:igv|worst_cohort)\."),
    (r"chips?|semiconductors?|芯片|半导体", r"leadership:smh\."),
    (r"\bsmall[- ]?caps?\b|\brussell\b|小盘", r".*:iwm\."),
    (r"\bregional banks?\b|地区银行|区域银行", r".*:kre\."),
    (r"leadership|tech|科技", r"leadership:"),
    (
        (
            r"breadth|equal[- ]weight|\brotat\w+|\b(?:other|rest of the|average) (?:\d+ )?"
            r"(?:stocks?|market)\b|宽度|等权|轮动"
        ),
        r".*:rsp\.",
    ),
    (r"bitcoin|比特币", r".*:btc\."),
    (r"ether(?:eum)?|以太", r".*:eth\."),
    (r"stablecoins?|\busd[tc]\b|\btether\b|稳定币", r".*:stablecoins\."),
    (
        r"\bnews\b|\bnotes?\b|\bheadlines?\b|\btext(?:ual)?\b|\barticles?\b|新闻|消息",
        r"(?:text|event_time):",
    ),
    (r"plumbing|\breserves?\b|\brepo\b", r"plumbing:"),
)
# What is measured of assets: the measure decides before the assets named beside it.
_MEASURES: Final[tuple[tuple[str, str], ...]] = (
    (r"\bliquidat(?:ions|ed|ion(?! cascade))\b|(?<!连环)清算|爆仓", r".*(?:liquidations|liq_usd)"),
    (r"\bfunding rates?\b|\bfunding\b(?! stress)|资金费率", r".*:(?:btc|eth)\.funding"),
    (
        r"\bleverag\w+|(?<!去)杠杆(?!清算)",
        r".*(?:coinm_oi|funding_(?:deepest|before)|liquidations|liq_usd)",
    ),
    (r"\bopen interest\b|未平仓|持仓量", r".*(?:_oi|\.oi|open_interest)"),
    (r"\bcorrelat\w+|相关", r".*corr_"),
    (
        r"\bbounc\w+|\bretrac\w+|\brebound\w*|\brecover\w*|\b(?:w[io]n|c[ao]me) back\b|反弹|收回",
        r".*retrace",
    ),
    (
        (
            r"\bhow (?:deep|low)\b|\bthe (?:low|trough)\b"
            r"|\blowest (?:close|price|point)\b|最低(?:点|价|跌到)"
        ),
        r".*\.(?:perp_)?low$",
    ),
    (r"\bworst (?:four )?hours?\b", r".*\.worst_(?!cohort)"),
    (
        r"\bhow (?:fast|quick\w*)\b|\bspeed\b|\bin (?:how many )?hours\b|多快|速度|多久跌",
        r".*\.(?:speed_share|worst_4h|flush_share)",
    ),
    (r"\bweekends?\b|周末", r".*\.weekend_share"),
    (r"\bbasis\b(?! points?)|基差", r".*\.basis_"),
    (
        (
            r"\bexplain\w* by (?:the )?(?:stocks?|equities|s&p\w*|nasdaq|market|beta|index)\b"
            r"|\b(?:stocks?|equities|market|beta) explains?\b|(?:股票|股市|大盘)(?:能)?解释"
        ),
        r".*(?:mechanical_share|beta_implied|:btc\.residual)",
    ),
)
# Series that a figure is asked of, by what they are called in a question.
_SERIES: Final[dict[str, str]] = {
    "FED_BS_MUSD": r"\bbalance sheet\b|资产负债表",
    "RRP_BUSD": r"\breverse repo\b|\brrp\b|逆回购",
    "RESERVES_MUSD": r"\breserves\b|准备金",
    "SOFR": r"\bsofr\b",
    "EFFR": r"\bfed(?:eral)? funds\b|联邦基金",
    "UST2Y": r"\b(?:2|two)-?\s?y(?:(?:ea)?r)?\b|(?:2|两|二)年期",
    "UST10Y": r"\b(?:10|ten)-?\s?y(?:(?:ea)?r)?\b(?! (?:real|breakeven))|(?:10|十)年期",
    "UST30Y": r"\b(?:30|thirty)-?\s?y(?:(?:ea)?r)?\b|(?:30|三十)年期",
    "BRENT": r"\bbrent\b|布伦特",
    "USO": r"\b(?:oil|crude|wti)\b|原油|油价",
    "DXY": r"\b(?:dollar|dxy)\b|美元",
    "USDJPY": r"\b(?:yen|usd\s?/?\s?jpy)\b|日元",
    "HY_OAS": r"\bhigh[- ]yield\b|\bhy\b|高收益债",
    "VIX": r"\bvix\b",
    "FEAR_GREED": r"\bfear (?:and|&) greed\b|恐慌指数",
    "STABLECOIN_SUPPLY_USD": r"\bstablecoins?\b|稳定币",
    "GLD": r"\bgold\b|黄金|金价",
    "SLV": r"\bsilver\b|白银|银价",
    "BTC": r"\b(?:bitcoin|btc)\b|比特币",
    "ETH": r"\beth(?:er(?:eum)?)?\b|以太",
    "SPX": r"s&p|\bspx\b|标普",
    "NDX": r"\bnasdaq\b|\bndx\b|纳指|纳斯达克",
}


def measure_in(text: str) -> str:
    """The key of the first measure a question names; empty if it names none."""
    return next((key for words, key in _MEASURES if re.search(words, text, re.IGNORECASE)), "")


def series_in(text: str) -> tuple[str, ...]:
    """The series named, by their codes."""
    return tuple(name for name, words in _SERIES.items() if re.search(words, text, re.IGNORECASE))


def series_said(names: Iterable[str]) -> tuple[str, ...]:
    """What the series are called in a sentence."""
    return tuple(REGISTRY[name].said for name in names)


def unread(text: str) -> str:
    """The question without the words that name a topic or a measure."""
    for words, _ in (*_MEASURES, *_TOPICS):
        text = re.sub(words, " ", text, flags=re.IGNORECASE)
    return text


def topics_in(text: str) -> tuple[list[str], str]:
    """The topics named, and what of the question names none."""
    found: list[str] = []
    for words, key in _TOPICS:
        left = re.sub(words, " ", text, flags=re.IGNORECASE)
        if left != text:
            found.append(key)
            text = left
    return found, text
