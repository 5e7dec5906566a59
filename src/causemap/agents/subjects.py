"""What a question is about: assets a verdict can be given on, others, a fall or a rise.

A question on oil must not be answered on stocks under its own title. What has no verdict is named;
where only a part of the question has one, the other part is left out aloud. Only the place of the
subject is read ("why did X fall", "what hit X", "X 为什么跌"), so that a cause that is named beside
it ("as oil rose") is never taken for it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from causemap.agents.asset_words import GROUP_OF, TICKER, WORDS, mentioned_assets, spoken
from causemap.agents.chat_intent_words import PATTERNS
from causemap.errors import UsageError

# Series on disk, and markets well known, that no asset group has a verdict for.
_OTHERS: Final[dict[str, re.Pattern[str]]] = {
    said: re.compile(pattern)
    for said, pattern in {
        "oil": r"\b(?:oil|crude|wti|brent)\b|油价|原油|石油",
        "the dollar": r"\b(?:dollar|dxy|usd|greenback)\b|美元",
        "currencies": r"\b(?:yen|euro|pound|sterling|yuan|renminbi|currenc(?:y|ies))\b"
        r"|日元|欧元|英镑|人民币|汇率",
        "bonds": r"\b(?:bonds?|treasur(?:y|ies)|gilts?|bunds?|tlt)\b|国债|债券|债市",
        "yields": r"\b(?:yields?|interest rates?)\b|收益率|利率",
        "credit": r"\b(?:credit|high[- ]yield|junk bonds?|spreads?)\b|信用债|信用利差",
        "volatility": r"\b(?:vix|volatility)\b|波动率",
        "commodities": r"\b(?:commodit(?:y|ies)|copper|gas|platinum|palladium)\b"
        r"|大宗商品|天然气|铜价",
    }.items()
}
_GENERIC: Final = re.compile(
    r"\b(?:stocks?|shares|equit(?:y|ies)|markets?|coins|cryptos?)\b|股票|股市|市场"
)
_DOWN: Final = (
    r"(?:fall(?:s|en|ing)?|fell|drop\w*|declin\w+|crash\w*|slid\w*|slump\w*|tumbl\w+|plung\w+"
    r"|s[aiu]nk\w*|collaps\w+|los[et]\w*|losing|weak\w*|sell(?:ing)?[- ]?off|sold off|selloff"
    r"|(?:go|gone|went|going|come|came) down|down|tank\w*|dip(?:s|ped)?|correct\w*|melt\w*"
    r"|crater\w*|bleed\w*|bled|break\w*|broke|suffer\w*|div(?:e|ed|ing)|dove|retreat\w*|hit"
    r"|red|lower|drawdown|rout|correction|slide|bl(?:ow|ows|ew|own)(?: \w+)? up)"
)
_UP: Final = (
    r"(?:ris(?:e|es|en|ing)|rose|rall(?:y|ies|ied|ying)|surg\w+|soar\w*|jump\w*|climb\w*|gain\w*"
    r"|recover\w*|rebound\w*|bounc\w+|(?:go|gone|went|going) up|up|advanc\w+|strengthen\w*"
    r"|lift\w*|boost\w*|higher|outperform\w*)"
)
_MOVE: Final = rf"(?:(?P<down>{_DOWN})|(?P<up>{_UP}))\b"
_X: Final = r"(?P<x>[a-z0-9][\w&'’$., /-]{0,80}?)"
_FIRST: Final = r"\b(?:why|how|did|does|do|has|have|had|is|are|was|were)\s+"
_ENDS: Final = r"(?=\s*(?:$|[?.;!]|\b(?:down|lower|up|higher|in|on|over|during|from|since)\b))"
_SAT_ON: Final = (
    r"(?:(?P<down>hit|sank|crashed|dragged|hurt|killed|tanked|knocked)|(?P<up>lifted|boosted)"
    r"|drove|pushed|pulled|moved|sent|happened (?:to|in|with))"
)
_NOUN: Final = r"(?P<down>fall|drop|crash|slump|decline|plunge|rout|selloff|sell-off|slide)"
_ENGLISH: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_FIRST}{_X}\s+(?:so |all |just |suddenly |really |been |being |both |ever )*{_MOVE}",
        rf"\b{_NOUN}\s+(?:in|of)\s+(?:the\s+)?{_X}{_ENDS}",
        rf"\bwhat\s+{_SAT_ON}\s+{_X}{_ENDS}",
    )
)
_CHINESE_DOWN: Final = r"(?:大跌|暴跌|下跌|下挫|走低|跳水|崩盘|崩|跌|回调|重挫|抛售)"
_CHINESE_UP: Final = r"(?:大涨|暴涨|上涨|涨|反弹|走高|飙升|回升)"
_WHY: Final = r"(?:为什么|为何|为啥|怎么|什么原因|什么导致了?|是什么让)"
_WENT: Final = rf"(?:(?P<down>{_CHINESE_DOWN})|(?P<up>{_CHINESE_UP}))"
_HAN_X: Final = rf"(?!{_CHINESE_DOWN}|{_CHINESE_UP})(?P<x>[^,，。?？]+?)"
_CHINESE: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_HAN_X}{_WHY}[^,，。?？]*?{_WENT}",
        rf"{_WHY}{_HAN_X}{_WENT}",
        rf"^{_HAN_X}{_WENT}",
    )
)
# A subject that holds one of these is a sentence of its own: "did the dollar make stocks fall".
_CLAUSE: Final = re.compile(
    r"\b(?:caus\w*|make|made|driv\w+|drove|let|lead|led|push\w*|send|sent|to|when|while|because|that"
    r"|if|since|despite|as|after|before|there|trigger\w*|explain\w*|of|in|on|behind|what|who|which)\b"
    r"|导致|引发|造成|因为|之后|以后|以来|的原因"
)
_JOINS: Final = re.compile(
    r"\s*(?:,|\s/\s|\s&\s|\band\b|\bor\b|\bbut\b|\bas well as\b|\bwith\b|\bversus\b|\bvs\b"
    r"|、|和|与|跟|以及|及)\s*"
)
# Words of a subject that name no market.
_PLAIN: Final = frozenset(
    re.findall(
        r"\w+",
        "a all also american and are asset assets badly been big broad broader can cap caps "
        "come could crash decline deep did do does drop etf etfs everything exchange fall far "
        "fast financial funds futures get gets global got had hard has have high how index "
        "indices is it its large main major many market markets may mega might most move "
        "moves much my no not now off only other our over part plunge price prices quickly rally "
        "really rise risk risky rout s sell selloff sharply should slide slump so some spot such "
        "suddenly that the their these they thing things this those today together trading u us "
        "usa value values was we were why will world would",
    )
)
_PLAIN_HAN: Final = re.compile(
    r"会|又|在|于|从|自|至|到|的|了|突然|一起|同时|都|全|大幅|集体|普遍|价格|价|行情|市场|风险|资产|全球|美国"
    r"|整个|是|期间|当时|那天|这么|这样|昨晚|指数|连续|持续|一直|为|什么|怎么|会|么|请问|你|觉得|它|们"
)
_HAN: Final = re.compile(r"[\u3400-\u9fff]")
_TIMES: Final = re.compile(
    r"\b(?:in|on|over|during|from|since|between|of|the|early|mid|late|end|around|at)\s+\|",
    re.IGNORECASE,
)
# "Did the yen cause the selloff": what is named is asked about as a cause, not as what fell.
_BLAMED: Final = re.compile(
    r"\b(?:caus\w+|to blame|behind|trigger\w*|drove|driv\w+|responsible for|led to|lead to)\b"
    r"|导致|引发|造成"
)
_TAKES_PLACE: Final = re.compile(r"\s+(?:happen|occur|begin|began|start|come|came|take|took)\w*\b")
_LEADING: Final = re.compile(r"^(?:(?:did|does|do|has|have|had|is|are|was|were|my|the|our)\s+)+")
_HELD: Final = re.compile(
    r"(?i)\b(?:why|how come)\b[^.?!;]{0,60}?(?:n['\u2019]t\s+(?:(?!and\b|but\b)[\w&-]+\s+){0,4}?"
    r"|\bnot\s+(?:really\s+|also\s+)?)"
    rf"(?:{_DOWN})\b|(?:没有?|不)(?:{_CHINESE_DOWN})"
)
_ADVICE: Final = next(words for intent, words in PATTERNS if intent == "advice")
# How alike a word must be to the name of an asset to be one with a slip in it.
_NEAR: Final = 0.8
_CAN: Final = (
    "I explain falls of stocks (SPX, NDX, sector funds, large companies by name), crypto (BTC, "
    "ETH) and metals (gold, silver)"
)


@dataclass(frozen=True, slots=True)
class Subject:
    """The assets a question names, and what it asks about that has no verdict, in its words."""

    assets: tuple[str, ...]
    left_out: tuple[str, ...] = ()


def read_subject(question: str, times: tuple[tuple[int, int], ...] = ()) -> Subject:
    """What ``question`` is about; ``times`` are the stretches of it that name a time.

    Raises:
        UsageError: it asks for advice, about a rise, or about nothing a verdict can be given on.
    """
    if _ADVICE.search(question):
        raise UsageError(
            "I do not say what to buy, sell or hold; I explain why prices fell. Ask for example "
            "'why did bitcoin fall last week?'"
        )
    if _HELD.search(question):
        raise UsageError(f"{_CAN}, not why something did not fall: ask about what fell.")
    asked = _without(question, times)
    assets = mentioned_assets(asked).assets
    text = TICKER.sub(_as_word, asked).lower()
    found = _subject(text)
    if (found is not None and found.rises) or _only_up(text):
        raise UsageError(
            f"{_CAN}, not rises: ask why something fell, or give --start and --end to see what a "
            "window holds."
        )
    if found is None:
        return Subject(assets) if assets else _bare(text)
    if found.left_out and not found.answered:
        raise _refused(found.left_out)
    return Subject(assets, found.left_out)


def unanswered(question: str) -> tuple[tuple[str, ...], bool]:
    """What a question about a finished run names without a verdict; whether it asks of a rise."""
    text = TICKER.sub(_as_word, question).lower()
    found = _subject(text)
    rises = _only_up(text) if found is None else found.rises
    return (() if found is None or found.answered else found.left_out), rises


@dataclass(frozen=True, slots=True)
class _Found:
    """A subject: whether a part of it can be answered for (``asset`` by name), and the rest."""

    answered: bool
    asset: bool
    left_out: tuple[str, ...]
    rises: bool


def _subject(text: str) -> _Found | None:
    """What stands in the place of a subject; in Chinese on either side of the "why"."""
    if _HAN.search(text) is None:
        return next(_subjects(text, _ENGLISH), None)
    every = list(_subjects(text, _CHINESE))
    return next((one for one in every if one.asset or one.left_out), next(iter(every), None))


def _subjects(text: str, patterns: tuple[re.Pattern[str], ...]) -> Iterator[_Found]:
    for pattern in patterns:
        for match in pattern.finditer(text):
            said, rest = match["x"].strip(), text[match.end() :]
            if not said or _CLAUSE.search(said) or _has_object(rest) or _TAKES_PLACE.match(rest):
                continue
            read = [_part(part.strip()) for part in _JOINS.split(said) if part.strip()]
            held = match.groupdict()
            yield _Found(
                answered="" in read,
                asset=spoken().search(said) is not None,
                left_out=tuple(dict.fromkeys(name for name in read if name)),
                rises=bool(held.get("up")) and not held.get("down"),
            )


def _has_object(rest: str) -> bool:
    """Whether an asset follows the verb: in "did the Fed sink stocks" it is what fell."""
    clause = _CLAUSE.split(re.split(r"[,;.?!]", rest)[0])[0]
    words = re.match(r"\s+(?:[\w&'$-]+\s*){1,3}", clause)
    return words is not None and bool(mentioned_assets(words[0]).assets)


def _part(said: str) -> str:
    """What a part of a subject names that has no verdict; empty if it has one, or names nothing."""
    beside = spoken().sub(" ", said)
    rest = [word for word in re.findall(r"[a-z0-9&]+", beside) if word not in _PLAIN]
    han = _PLAIN_HAN.sub("", "".join(_HAN.findall(beside)))
    if not (rest or han) or any(not _GENERIC.fullmatch(word) for word in spoken().findall(said)):
        return ""
    other = next((name for name, words in _OTHERS.items() if words.search(said)), "")
    return other or _LEADING.sub("", said).strip(" '\"")


def _only_up(text: str) -> bool:
    up = re.search(rf"\b(?!up\b|higher\b){_UP}\b|{_CHINESE_UP}", text)
    return up is not None and not re.search(rf"\b{_DOWN}\b|{_CHINESE_DOWN}", text)


def _bare(text: str) -> Subject:
    """A question without a subject's place and without an asset: refused if it names a thing."""
    plain = text.strip(" ?.!,;")
    others = tuple(name for name, words in _OTHERS.items() if words.search(plain))
    words = re.findall(r"[a-z0-9&']+", plain)
    if _BLAMED.search(plain) and re.search(rf"\b{_NOUN}\b|{_CHINESE_DOWN}", plain):
        return Subject(())
    asks = re.search(rf"\b(?:why|what|how|which|who|explain|did|was|is|{_DOWN})\b|{_WHY}", plain)
    named = "" if asks or not 0 < len(words) <= 3 else _part(plain)
    if others or named:
        raise _refused(others or (named,))
    return Subject(())


def _refused(left_out: tuple[str, ...]) -> UsageError:
    names = " or ".join(f"'{name}'" for name in left_out)
    near = [n for said in left_out for n in difflib.get_close_matches(said, WORDS, 1, _NEAR)]
    hint = f"Did you mean {' and '.join(near)}?" if near else "Ask about one of these."
    return UsageError(f"{_CAN}; there is no verdict on {names}. {hint}")


# Words that a year may follow and be meant as a whole: "in 2018", "the crash of 2008".
_BEFORE_YEAR: Final = re.compile(
    rf"in|during|since|from|for|than|through(?:out)?|over|across|to|until|till|and|or|{_DOWN}|{_UP}"
    r"|bear|bull|panic|crisis|turmoil|happened|today"
)


def names_no_time(word: str) -> bool:
    """Whether a word before a year leaves it the whole year: a market, a move or a plain word."""
    return (
        word in _PLAIN
        or _BEFORE_YEAR.fullmatch(word) is not None
        or _GENERIC.fullmatch(word) is not None
        or spoken().fullmatch(word) is not None
    )


def _as_word(ticker: re.Match[str]) -> str:
    """A ticker as a word that reads as an asset in small letters too (NOW, META)."""
    return "spx" if ticker[0] in GROUP_OF else ticker[0]


def _without(question: str, times: tuple[tuple[int, int], ...]) -> str:
    """The question without the times in it and the small words before them."""
    text = question
    for begin, end in sorted(times, reverse=True):
        text = f"{text[:begin]}|{text[end:]}"
    return _TIMES.sub("|", text).replace("|", "" if _HAN.search(text) else " ; ")
