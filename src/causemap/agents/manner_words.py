"""Words that say how a figure is meant: levels, denials, doers, lengths of time.

Patterns and tables only; :mod:`causemap.agents.manner` applies them.
"""

from __future__ import annotations

import re
from typing import Final

from causemap.agents.vocabulary import DOWN, UP

_FILLER: Final = (
    r"(?:(?:about|around|roughly|nearly|almost|just|only|some|an?|the|level|levels|of|as|high|low|"
    r"over|under|above|below|more|less|than|close|new|its|their|record)\s+)*"
)
# Directly before a number.
LEVEL_AT_RE: Final = re.compile(
    rf"\b(?:at|to|onto|above|below|beneath|past|beyond|towards?)\s+{_FILLER}$", re.IGNORECASE
)
LEVEL_VERB_RE: Final = re.compile(
    r"\b(?:stood|stands?|standing|sat|sits|reach(?:ed|es|ing)?|hits?|hitting|touch(?:ed|es|ing)?|"
    r"topp(?:ed|ing)|tops|clos(?:ed|es|ing)|end(?:ed|s|ing)|finish(?:ed|es|ing)?|"
    r"settl(?:ed|es|ing)|open(?:ed|s|ing)|trad(?:ed|es|ing)|print(?:ed|s|ing)|peak(?:ed|s|ing)|"
    r"bottom(?:ed|s|ing)|was|is|were|are|remain(?:ed|s|ing)?|stay(?:ed|s|ing)?|levels?|"
    r"hover(?:ed|s|ing)|averag(?:ed|es|ing)|cross(?:ed|es|ing)|broke|breach(?:ed|es|ing)|came|"
    r"amount(?:ed|s|ing)|went)\b",
    re.IGNORECASE,
)
_CHANGE: Final = (
    r"(?:changes?|moves?|returns?|performance|gap|shortfall|difference|falls?|rises?|drops?|"
    r"declines?|loss(?:es)?|gains?|drawdown|jump|advance|increase|decrease|slide|part|share)\b"
)
CHANGE_OF_RE: Final = re.compile(rf"\b{_CHANGE}\s+(?:in|of|for|on)\s+(?:the\s+)?$", re.IGNORECASE)
CHANGE_BEHIND_RE: Final = re.compile(rf"['\u2019]s?\s+(?:\w+\s+){{0,2}}?{_CHANGE}", re.IGNORECASE)
# A denial ends with its clause; these deny all of their sentence.
BREAK_RE: Final = re.compile(
    r"[.;:,?!()\u2014\u2013](?=\s|$|\()|\b(?:while|but|yet|although|though|whereas)\b",
    re.IGNORECASE,
)
JOIN_RE: Final = re.compile(r"\b(?:and|as|when|after|before|because|since|so)\b", re.IGNORECASE)
DENIAL_RE: Final = re.compile(
    r"\b(?:not|never|nor|neither|none|nothing|hardly|scarcely|barely|cannot|no|without|far from|"
    r"fail(?:s|ed)? to|instead of|rather than|false|untrue|wrong|denie[sd]|deny|nobody|"
    r"(?:would|could|might|should|may|must) have)\b|n['\u2019]t\b",
    re.IGNORECASE,
)
DISOWNED_RE: Final = re.compile(
    r"\b(?:(?:is|was|are|were) (?:simply |just |plainly )?(?:not (?:true|right|so|the case)|untrue|"
    r"false|wrong)|(?:no one|nobody|hardly anyone)\b[^.;?!]*\bthat|never happened|"
    r"did not happen)\b",
    re.IGNORECASE,
)
DOER_RE: Final = re.compile(
    r"\b(?:investors?|traders?|funds?|holders?|buyers?|sellers?|people|households?|retail|clients?|"
    r"customers?|savers?|managers?|owners?|bulls?|bears?|speculators?|gamblers?|analysts?|"
    r"institutions?|whales?|dealers?|pensions?|insurers?|banks?|lenders?|companies|firms?|desks?|"
    r"everyone|everybody|anyone|someone|somebody|we|you|they|he|she|I|portfolios?|accounts?|"
    r"futures|options|constituents?|members?|shareholders?|stockholders?|hodlers?|stakers?)\b",
    re.IGNORECASE,
)
# Words of direction that somebody or something does; nouns and "down" have no doer.
VERB_RE: Final = re.compile(
    rf"(?!down\b|up\b|\w+ by\b|.* of$)(?:{DOWN}|{UP})", re.IGNORECASE | re.DOTALL
)
# Calendar days from and to, sessions from and to: 0 sessions to 0 never fits by sessions.
LENGTHS: Final[dict[str, tuple[int, int, int, int]]] = {
    "day": (0, 1, 1, 1),
    "week": (6, 8, 5, 5),
    "month": (27, 32, 20, 23),
    "quarter": (85, 95, 61, 66),
    "year": (360, 370, 250, 262),
}
_WHICH: Final = (
    r"(?:a|an|per|each|every|last|this|past|next|the|the past|the last|previous|prior|earlier this|"
    r"earlier that|that|same|single|one|whole|full|entire|mid|late|early|so far this|"
    r"(?:over|in|within|for|of|during) the|(?:over|in|within|for|during) (?:a|one))[\s-]"
    r"(?:single |whole |full |entire |calendar |trading )?"
)
PERIOD_RE: Final = re.compile(
    rf"\b(?:(?P<day>overnight|intraday|daily|hourly|{_WHICH}(?:day|session|hour|minute|afternoon|"
    r"morning|evening|night)|today|yesterday|tomorrow|tonight|on the day|"
    r"day[- ](?:on|over)[- ]day)|"
    r"(?P<weekend>(?:at |on |over )?(?:the |a |last |this )?weekends?)|"
    rf"(?P<week>weekly|{_WHICH}week|week[- ](?:on|over)[- ]week)|"
    rf"(?P<month>monthly|{_WHICH}month|month[- ](?:on|over)[- ]month|month[- ]to[- ]date)|"
    rf"(?P<quarter>quarterly|{_WHICH}quarter|quarter[- ]to[- ]date)|"
    rf"(?P<year>yearly|annual(?:ly|ised|ized)?|{_WHICH}year|year[- ](?:on|over)[- ]year|"
    r"year[- ]to[- ]date|ytd))\b",
    re.IGNORECASE,
)
MONTH_RE: Final = re.compile(
    r"\b(?:in|during|of|since|from|by|until|through|last|this|early|late|mid)[\s-](?:last |this |"
    r"early |late |mid-?)?(?P<month>January|February|March|April|May|June|July|August|September|"
    r"October|November|December)\b"
)
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEKDAY_RE: Final = re.compile(
    r"\b(?P<side>on|since|from|by|to|until|till|through|last|this|black)[\s-]"
    r"(?:last |this |black )?"
    r"(?P<day>Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)s?\b",
    re.IGNORECASE,
)
