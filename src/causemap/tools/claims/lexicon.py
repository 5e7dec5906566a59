"""The words claims are made of: what they are about, directions, causes, doubt. English, Chinese.

The words stand in ``lexicon.toml``, as regular expressions grouped by use; here they are compiled.
They are matched on folded text (see :func:`causemap.tools.claims.numbers.fold`) without regard to
case, but for capitals marked in the file.
"""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files
from typing import Any, Final

from causemap.closed_sets import Cause

_FILE: Final = files("causemap.tools.claims") / "lexicon.toml"
_WORDS: Final[dict[str, Any]] = tomllib.loads(_FILE.read_text(encoding="utf-8"))


def _any(key: str) -> str:
    """The words of a list as alternatives."""
    return "|".join(_WORDS[key])


def _compiled(key: str) -> re.Pattern[str]:
    return re.compile(_any(key), re.IGNORECASE)


# A ticker may run into the next word where a page lost a blank ("DXYoften").
_NAME_END: Final = r"(?:(?![A-Za-z0-9])|(?-i:(?<=[A-Z]{3})(?=[a-z]{3})))"
# What is named -> how it is named; the longest reading at a place wins.
NAMED_EN: Final[dict[str, re.Pattern[str]]] = {
    key: re.compile(rf"(?<![A-Za-z0-9&])(?:{'|'.join(names['en'])}){_NAME_END}", re.IGNORECASE)
    for key, names in _WORDS["names"].items()
}
NAMED_ZH: Final[dict[str, re.Pattern[str]]] = {
    key: re.compile("|".join(names["zh"])) for key, names in _WORDS["names"].items()
}
# A group stands for its members; what the tape has no series of holds its place in a sentence and
# stands for nothing.
ABROAD: Final = "ABROAD"
MEMBERS: Final[dict[str, tuple[str, ...]]] = {"METALS": ("GOLD", "SILVER"), ABROAD: ()}
CAUSES: Final[dict[Cause, re.Pattern[str]]] = {
    cause: re.compile(rf"(?<![A-Za-z])(?:{'|'.join(words)})", re.IGNORECASE)
    for cause, words in _WORDS["causes"].items()
}

# Words that name an asset but speak of something else.
MASKS: Final = _compiled("masks")
PREDICATES_EN: Final = re.compile(
    rf"(?<![\w-])(?:(?P<flat>{_any('flat')})|(?P<down>{_any('down')})|(?P<up>{_any('up')})|"
    rf"(?P<ndown>{_any('noun_down')})|(?P<nup>{_any('noun_up')})|"
    rf"(?P<aup>{_any('adjective_up')})|(?P<adown>{_any('adjective_down')}))(?![\w-])",
    re.IGNORECASE,
)
PREDICATES_ZH: Final = re.compile(
    rf"(?P<flat>{_any('zh_flat')})|(?P<down>{_any('zh_down')})|(?P<up>{_any('zh_up')})|"
    rf"(?P<ndown>{_any('zh_noun_down')})"
)
# Verbs that act on what follows them; "sent" needs to be told where to.
ACTS: Final = re.compile(
    r"(?<![\w-])(?:(?P<up>(?:push|driv|drove|sent|send)\w* (?:up|higher)|"
    r"(?:lift|boost)(?:s|ed|ing)?(?: up)?)|"
    r"(?P<down>(?:drag|push|driv|drove|sent|send|knock)\w* (?:down|lower)|dragg\w+)|"
    r"(?P<sent>(?:push|driv|drove|sent|send)\w*))\s$",
    re.IGNORECASE,
)
SENT_DOWN: Final = re.compile(
    r"^(?: \w+)? (?:down|lower|tumbling|sliding|plunging|falling|crashing|reeling)\b", re.IGNORECASE
)
SENT_UP: Final = re.compile(
    r"^(?: \w+)? (?:up|higher|soaring|surging|rallying|jumping)\b", re.IGNORECASE
)
# Verbs that say nothing by themselves: "experienced a plunge".
LIGHT: Final = re.compile(
    r"(?:experienc\w+|record\w*|saw|seen|suffer\w*|post\w*|staged?|fac\w+|underwent|"
    r"mark(?:s|ed|ing)?|reach\w*|enter\w*|undergo\w*)(?: [\w-]+){0,4}\s$",
    re.IGNORECASE,
)
_QUANTITY: Final = rf"(?:{_any('quantity')})"
# "Tesla's deliveries", "gold demand"; and what follows "volume in", "deposits at".
HAS_QUANTITY: Final = re.compile(
    rf"^(?:['’]s)? (?:(?!(?:as|on|by|to|in|with|and|amid)\b)\w+ )?{_QUANTITY}(?!\w)|"
    rf"^(?:的|ETF|基金)*(?:{_any('zh_quantity')})",
    re.IGNORECASE,
)
QUANTITY_OF: Final = re.compile(
    rf"(?<!\w){_QUANTITY} (?:in|at|of|for|from|on|by|to|into) (?:the |its )?$", re.IGNORECASE
)
# The same with what has figures of its own besides: hash rates, margins, deals, targets.
_UNPRICED: Final = rf"(?:{_any('quantity')}|{_any('unpriced')})"
UNPRICED: Final = re.compile(rf"(?<!\w){_UNPRICED}(?![\w])", re.IGNORECASE)
UNPRICED_ZH: Final = re.compile(f"{_any('zh_quantity')}|{_any('zh_unpriced')}")
# "Holdings of the largest ", "the initial margin on ".
UNPRICED_OF: Final = re.compile(
    rf"(?<!\w){_UNPRICED} (?:in|at|of|for|from|on|by|to|into|behind) "
    r"(?:(?!(?:\w+ed|sen[dt]|t[ao]ke?|took|dr[io]ve|push|drag|le[fd]t?|put|pulled|kept|made|hit|saw|"
    r"ha[sd]|have|was|were|is|are|and|but|in|on|at|of|to|from|by|with)\b)[\w'&.-]+ ){0,3}$",
    re.IGNORECASE,
)
# What stands behind a number that counts something, and what else has a price.
UNITS: Final = re.compile(rf"\s?(?:{_any('units')})", re.IGNORECASE)
OTHERS: Final = _compiled("others")
# "Italian ", "the seven-year note " before a name; "on ten-year German " and the like behind it.
_PAPER: Final = (
    r"(?:(?:the|its|own|government|sovereign|public|state|benchmark|long|longer|short|"
    r"bonds?|notes?|debt|paper|credit|real|nominal|inflation|borrowing|Crossover|index|"
    r"[\w]+-(?:year|month|dated|term))[ -])*"
)
_FOREIGN: Final = rf"(?<![\w-])(?:{_any('foreign')})(?:['’]s?)?"
_FOREIGN_ZH: Final = rf"(?:{_any('zh_states')})(?:{_any('zh_paper')})|{_any('zh_foreign')}"
FOREIGN: Final = re.compile(rf"{_FOREIGN}(?!\w)|{_FOREIGN_ZH}", re.IGNORECASE)
FOREIGN_BEFORE: Final = re.compile(
    rf"{_FOREIGN}[ -]{_PAPER}$|(?:{_any('zh_states')}|{_any('zh_foreign')})的?(?:政府)?$",
    re.IGNORECASE,
)
KIND_BEFORE: Final = re.compile(
    rf"(?<![\w-])(?:{_any('kinds')})[ -]{_PAPER}$|(?:{_any('zh_kinds')})(?:国债|美债)?$",
    re.IGNORECASE,
)
FOREIGN_AFTER: Final = re.compile(
    rf"^ (?:on|of|in|for|across) (?:[\w-]+ ){{0,2}}?(?:{_any('foreign')}|{_any('kinds')})(?!\w)",
    re.IGNORECASE,
)
HOME: Final = _compiled("home")
SURVEY: Final = _compiled("survey")
# "Reversed early gains", "erased its losses": neither a gain nor a loss.
UNDONE: Final = re.compile(
    r"\b(?:(?:revers|eras|trimm|surrender|recoup|wip)\w*|par(?:e|ed|ing))(?: out| back)?"
    r"(?: [\w'’-]+){0,3} $|\b(?:gave|giv\w+) (?:back|up)(?: [\w'’-]+){0,4} $",
    re.IGNORECASE,
)
# What stands right before a price.
BELOW: Final = _compiled("below")
ABOVE: Final = _compiled("above")
_ABOUT: Final = (
    r"(?:above |around |about |roughly |nearly |just |a |the |low of |high of )*(?:mid-)?"
)
FROM: Final = re.compile(
    rf"(?<!\w)from\s(?:its |a |the )?(?:record |all-time )?(?:high of |peak of )?{_ABOUT}$|"
    r"从(?:约|近|接近)?$",
    re.IGNORECASE,
)
TO: Final = re.compile(
    r"(?<!\w)(?:to|at|near|around|toward\w*|hover\w* in|hover\w* around|high of|low of|peak of)\s"
    rf"(?:hover in )?{_ABOUT}$|(?:至|到|报|在|触及)(?:约|近|接近)?$",
    re.IGNORECASE,
)
BREAKOUT: Final = _compiled("breakout")
PEAK: Final = re.compile(r"(?:(?:peaks?|highs?)(?!\w)|高点|高位|峰值)", re.IGNORECASE)
EXTREME: Final = re.compile(
    r"(?:(?:a |an |its |the |to )*(?P<near>nearly |almost |close to )?"
    r"(?:(?P<years>\w+)[- ](?P<unit>year|month)s?[- ]|"
    r"(?P<rec>record |all-time |historical |new |fresh |multi-year ))(?P<kind>lows?|highs?))(?!\w)|"
    r"(?P<zrec>历史|纪录|(?P<zn>[一两二三四五六七八九十\d]+)年(?:来|以来)?(?:的)?)"
    r"(?P<zkind>新?[高低]点?)|创(?:下|出)?[^，。；,;]{0,12}?(?P<znew>新[高低])",
    re.IGNORECASE,
)
CORRELATION: Final = _compiled("correlation")
CORR_HIGH: Final = _compiled("corr_high")
CORR_LOW: Final = _compiled("corr_low")
STATES: Final = re.compile(
    r"(?P<low>(?:remain\w*|stay\w*|are|is|already|still) (?:\w+ )?(?:low|scarce|thin))(?!\w)|"
    r"(?P<high>(?:remain\w*|stay\w*|are|is|already|still) (?:\w+ )?"
    r"(?:not loose|tight|elevated|high))(?!\w)|"
    rf"(?P<neg>(?:{_any('sign_verb')}) (?:{_any('negative')}|{_any('below_zero')})(?!\w)|"
    rf"(?:{_any('zh_negative')}))|"
    rf"(?P<pos>(?:{_any('sign_verb')}) (?:{_any('positive')}|{_any('above_zero')})(?!\w)|"
    rf"(?:{_any('zh_positive')}))|"
    r"(?P<zlow>偏低|处于低位|不足)|(?P<zhigh>偏紧|不宽松|紧张)",
    re.IGNORECASE,
)
MARGIN: Final = _compiled("margin")
LIQUIDATED: Final = _compiled("liquidated")
FLOW: Final = re.compile(rf"(?:{_any('flow')})(?:了|约)?\s?", re.IGNORECASE)
TOKENS: Final = re.compile(
    r"\s?(?:枚|个)?\s?(XAUT|PAXG|BTC|ETH|SOL|bitcoin|ether)(?![A-Za-z])(?: tokens?)?", re.IGNORECASE
)
ACTOR: Final = _compiled("actor")
CAUSAL: Final = _compiled("causal")
FALL: Final = _compiled("fall")
NOT: Final = re.compile(
    r"(?:\bnot\b(?! (?:just|only|merely|simply))|n't(?! (?:just|only|merely))|\bnever|\bno longer|"
    r"\bneither|\bnor\b|\bwithout|并非|不是|没有|未(?!来)|而非)[^,.;:—，。；：]{0,70}$",
    re.IGNORECASE,
)
# A statement about what may be, is usual, is asked or is advised asserts nothing about the tape.
UNREAL: Final = _compiled("unreal")
GENERAL_HEADING: Final = _compiled("general_heading")
# Participles that describe rather than tell.
_NO_PAST: Final = (
    "realised|realized|leveraged|fixed|based|related|linked|increased|forced|indeed|need|speed|feed"
)
PAST: Final = re.compile(
    rf"\b(?:(?!(?:{_NO_PAST})\b)\w+ed|fell|rose|sank|sold|lost|drew|drove|saw|slid|hit|held|shed|"
    r"has|have|had|was|were|been)\b",
    re.IGNORECASE,
)
SINGLE: Final = _compiled("single")
