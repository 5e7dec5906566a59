"""Chinese sentences a model wrote: closed words outside slots, slots printed in Chinese.

The English gate reads figures and verbs back from the finished text. In Chinese the rule is
stricter instead: outside slots no numeral, no word of direction and no Latin name may stand, so
everything that could be wrong is printed by code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from causemap.agents.chat_words import BANDS_ZH, CAUSE_ZH
from causemap.causes import CAUSES
from causemap.llm.slots import (
    MOMENTS,
    MONEY,
    SLOT,
    TURNS,
    Ledger,
    Slot,
    SlotSyntaxError,
    UnknownSlotError,
    asset_name,
    band,
    figure_of,
    item_of,
    parse,
    say_number,
    with_sign,
)

_NUMERAL: Final = re.compile(
    r"[0-90-9]|[一二三四五六七八九十百千万亿两半几数][成倍个%天日周月年点次]|百分之|基点"
    r"|分之|一半|半数|过半|[大多]半|翻倍|翻番|减半|腰斩|〇"
)
_UNIT: Final = re.compile(r"[%％‰°]|基点|百分点|标准差|倍|[万亿]")
_DIRECTION: Final = re.compile(
    r"[涨跌升降增减飙攀挫崩贬]|走(?:高|低|强|弱|软|坚|阔|陡|平)|下(?:滑|行|探|沉)|上(?:行|扬)"
    r"|回(?:落|暖|撤|吐|升)|跳水|滑落|失守|拉高|反弹|收窄|扩大|缩小|持平|新[高低]"
)
_LATIN: Final = re.compile(r"[A-Za-z]{2,}")
_CODES: Final = frozenset({"AI", "ETF", "FOMC", "CPI", "VIX", "MOVE", "DXY", "GDP"})
_ADVICE: Final = re.compile(
    r"建议|应该|应当|买入|卖出|抄底|加仓|减仓|目标价|推荐|务必|请(?:点击|访问|转)"
)
_OVERCLAIM: Final = re.compile(r"必然|肯定|毫无疑问|绝对|证明了|保证")
_CAUSE: Final = re.compile("|".join(name for key, name in CAUSE_ZH.items() if key in CAUSES))
_CAUSAL: Final = re.compile(r"导致|引发|造成|推动|驱动|触发|源于|归咎|因为|由于")
ASSETS: Final = {
    "SPX": "标普500指数",
    "NDX": "纳斯达克100指数",
    "BTC": "比特币",
    "ETH": "以太币",
    "GLD": "黄金基金",
    "SLV": "白银基金",
    "GOLD": "黄金",
    "SILVER": "白银",
    "IGV": "软件板块",
    "SMH": "半导体板块",
    "DXY": "美元指数",
    "UST2Y": "2年期美债收益率",
    "UST10Y": "10年期美债收益率",
    "UST30Y": "30年期美债收益率",
    "REAL10Y": "10年期实际收益率",
    "HY_OAS": "高收益债利差",
    "IG_OAS": "投资级债利差",
    "USO": "USO原油基金",
    "USDJPY": "美元兑日元",
    "VIX": "VIX指数",
    "MOVE": "MOVE指数",
}
_TURNS: Final = {
    "fell_rose": ("下降", "上升", "持平"),
    "lost_gained": ("下跌", "上涨", "持平"),
    "slid_climbed": ("下滑", "攀升", "持平"),
    "narrowed_widened": ("收窄", "走阔", "持平"),
    "flattened_steepened": ("趋平", "变陡", "持平"),
    "lagged_led": ("落后其惯常走势（贝塔）", "领先其惯常走势（贝塔）", "与其惯常走势（贝塔）持平"),
}
_UNITS: Final = (
    (" standard deviations", "个标准差"),
    (" bp per eight hours", "个基点（每8小时）"),
    (" bp", "个基点"),
    (" pp", "个百分点"),
    (" points", "点"),
    (" days", "天"),
    (" hours", "小时"),
)


def asset_zh(asset: str) -> str:
    """The Chinese name of a series; the English one where there is none."""
    return ASSETS.get(asset, asset_name(asset))


def check_chinese(text: str) -> Iterator[str]:
    """What is wrong with the words outside slots; names of causes are closed words themselves."""
    words = _CAUSE.sub(" ", text)
    if _NUMERAL.search(words):
        yield "number: a numeral outside a slot"
    if _UNIT.search(words):
        yield "unit: a unit outside a slot"
    if _DIRECTION.search(words):
        yield "sign: a word of direction outside a slot"
    if any(name not in _CODES for name in _LATIN.findall(words)):
        yield "name: a Latin name outside a slot"
    if _ADVICE.search(words):
        yield "advice: it advises"
    if _OVERCLAIM.search(words):
        yield "overclaim: it claims certainty"
    if _CAUSAL.search(words):
        yield "verb: causal words are left to the probability slots"
    if not re.search(r"[\u3400-\u9fff]", text):
        yield "language: not Chinese"


def fill_chinese(template: str, ledger: Ledger) -> str:
    """Print a template in Chinese; raises :class:`causemap.llm.slots.SlotError`."""
    parse(template)
    return SLOT.sub(lambda match: _print(_slot(match.group(0)), ledger), template)


def _slot(text: str) -> Slot:
    return parse(text)[0]


def _print(slot: Slot, ledger: Ledger) -> str:
    if slot.field is None:
        return _print_run(slot, ledger)
    item = item_of(slot, ledger)
    if slot.field == "asset":
        return asset_zh(item.asset)
    if slot.field == "said":
        return f"「{item.said}」"
    if slot.field in MOMENTS:
        return _day(getattr(item, slot.field))
    return with_sign(_number(*figure_of(slot, item), slot.format), slot, item)


def _number(number: float, unit: str, style: str) -> str:
    verb, plus, rest = style.partition("+")
    if verb in TURNS:
        printed = say_number(number, unit, style)
        turn = TURNS[verb]
        # Prices fall and rise in per cent; a yield or an amount goes down and up.
        verb = "lost_gained" if verb == "fell_rose" and unit == "%" else verb
        if printed == turn.flat:
            return _TURNS[verb][2]
        said = _TURNS[verb][0 if number < 0 else 1]
        return f"{said}{_number(number, unit, 'abs_' + rest)}" if plus else said
    if unit in MONEY:
        return _money(abs(number) if style.startswith("abs_") else number, unit)
    text = say_number(number, unit, style)
    for english, chinese in _UNITS:
        text = text.replace(english, chinese)
    return text


def _money(number: float, unit: str) -> str:
    """Dollars in hundred millions or ten thousands, as Chinese counts them."""
    dollars = number * MONEY[unit] * 1e6
    for size, said, decimals in ((1e8, "亿", 2), (1e4, "万", 0)):
        if abs(dollars) >= size / 10:
            return f"{dollars / size:,.{decimals}f}{said}美元"
    return f"{dollars:,.0f}美元"


def _print_run(slot: Slot, ledger: Ledger) -> str:
    if slot.key in ledger.shares:
        share = ledger.shares[slot.key]
        if slot.format in ("band", "a_band"):
            return BANDS_ZH[band(share)]
        return say_number(share, "share", slot.format)
    if slot.key in ledger.moments:
        return _day(ledger.moments[slot.key])
    if slot.key in ledger.texts:
        raise SlotSyntaxError("the engine's own words are English")
    raise UnknownSlotError(f"nothing called {slot.key!r} in this run")


def _day(moment: str) -> str:
    when = date.fromisoformat(moment[:10])
    return f"{when.year}年{when.month}月{when.day}日"
