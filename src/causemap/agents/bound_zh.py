"""What a Chinese sentence's slots may be said of: each figure of what is named before it.

The English gate reads the finished text back. Here every figure, verb and date is printed by code,
so what can still be false is what it is said of: a figure of one asset behind another's name, a
probability behind another cause, a start where an end is due, a denial in front of a true figure.
These rules close that: a figure follows the slot that names its asset or measure, a probability or
share the name of its cause, and no clause denies what it prints.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from causemap.agents.chat_words import CAUSE_ZH, GROUP_NAMES
from causemap.agents.clauses import is_move
from causemap.agents.manner import spans
from causemap.llm.slots import MOMENTS, NUMBERS, SLOT, TURNS, WORDS, Ledger, Slot, item_of, parse
from causemap.records import Evidence

_SENTENCE: Final = re.compile(r"[^。!?;！？；]+")
_CLAUSE: Final = re.compile(r"[^。!?;！？；,，:：]+")
ASSET_WORDS: Final = re.compile(
    r"标普|纳斯达克|纳指|道指|罗素|比特币|以太|索拉纳|黄金|金价|白银|银价|原油|油价|美元|日元|美债|国债"
    r"|收益率|利差|半导体|软件股|软件板块|恐慌指数|波动率指数"
)
_DENIED: Final = re.compile(
    r"(?:没有|并未|并非|并不|不是|从未|未曾|未能|绝非|毫无|谈不上)[^{}]*\{(?!q:)"
)
# Directly before a figure these make a level of it; behind "为" a change shows its sign.
_LEVEL: Final = re.compile(
    r"(?<![动化幅差])(?:达到?|至|到|报|收[于在报]|触及|触达|位于|处于|站[上在]|升穿|逼近|接近|超过|突破"
    r"|跌破|在)\s*(?:约|近|大约|了)?\s*$"
)
_DOER: Final = re.compile(
    r"投资者|散户|机构|基金(?!利率)|交易[员者]|持有[人者]|银行|客户|经理|大户|巨鲸|多头|空头|股民|公司"
)
_PERIODS: Final = {
    "day": r"隔夜|一?夜之间|日[内中]|盘中|单日|当[日天]|每[日天]|日均|[昨今明][日天]|同日",
    "weekend": r"周末",
    "week": r"[本上当同每全]周(?!末)|周[内度中]|[上这本]个?星期",
    "month": r"[本上当同每全]月|月[内度中]|[上这]个月",
    "quarter": r"[本上当同每]季|季度",
    "year": r"[今去前当同每全]年|年[内初度]|[上一]年",
}
_PERIOD: Final = re.compile("|".join(f"(?P<{key}>{words})" for key, words in _PERIODS.items()))
_START: Final = re.compile(r"[从自]\s*$")
_END: Final = re.compile(r"[至到]\s*$")
_SHARE: Final = re.compile(r"贡献|份额|占|解释")
_RESIDUAL: Final = re.compile(r"未(?:能|被)?解释|无法解释|剩余|残差")
_RANGE: Final = re.compile(r"区间|介于|之间")
CAUSE_WORDS: Final = re.compile("|".join(re.escape(name) for name in CAUSE_ZH.values()))
_CAUSES: Final = {name: cause for cause, name in CAUSE_ZH.items()}
_GROUP: Final = re.compile("|".join(names["zh"] for names in GROUP_NAMES.values()))
_GROUPS: Final = {names["zh"]: group for group, names in GROUP_NAMES.items()}


class _Placed(NamedTuple):
    """A slot with the words of its sentence before and after it."""

    slot: Slot
    before: str
    after: str


def check_bound(template: str, ledger: Ledger) -> Iterator[str]:
    """What is wrong with what the slots of a template are said of.

    Raises :class:`causemap.llm.slots.SlotError` for what is no slot of this run.
    """
    words = SLOT.sub(" ", template)
    if named := ASSET_WORDS.search(words):
        yield f"asset: {named[0]!r} is named without a slot"
    if any(_DENIED.search(clause) for clause in _CLAUSE.findall(template)):
        yield "denial: a clause denies what it prints"
    for sentence in _SENTENCE.findall(template):
        yield from _period(sentence, ledger)
        for at in SLOT.finditer(sentence):
            placed = _Placed(parse(at[0])[0], sentence[: at.start()], sentence[at.end() :])
            yield from _problems(placed, ledger)


def _problems(placed: _Placed, ledger: Ledger) -> Iterator[str]:
    slot = placed.slot
    if slot.field in NUMBERS:
        yield from _number(placed, ledger)
        yield from _manner(placed, item_of(slot, ledger))
    elif slot.field in MOMENTS:
        yield from _moment(placed, ledger)
    elif slot.field is None and slot.key[:2] in ("p:", "s:"):
        yield from _share(placed, ledger)


def _subjects(text: str) -> list[Slot]:
    return [slot for slot in parse(_slots_alone(text)) if slot.field in WORDS]


def _slots_alone(text: str) -> str:
    """The slots of a piece of a template, whatever stands between them."""
    return "".join(match[0] for match in SLOT.finditer(text))


def _number(placed: _Placed, ledger: Ledger) -> Iterator[str]:
    """A figure is one of the item or asset named last before it."""
    slot, item = placed.slot, item_of(placed.slot, ledger)
    named = _subjects(placed.before)
    if not named:
        yield f"number: {slot.key} is said of nothing"
        return
    subject = named[-1]
    other = ledger.evidence.get(subject.key)
    plain = item.metric == "change" and subject.field == "asset"
    if subject.key != slot.key and not (plain and other and other.asset == item.asset):
        yield f"asset: {slot.key} is said of {subject.key}"
    elif subject.field == "asset" and not plain:
        yield f"asset: {slot.key} is no change of its asset; name it by its measure"
    if slot.field in ("low", "high") and not _RANGE.search(placed.before + placed.after):
        yield f"number: an end of the range of {slot.key} is no value"


def _manner(placed: _Placed, item: Evidence) -> Iterator[str]:
    """A change is not told as a level, nor as what somebody else did."""
    slot = placed.slot
    bare = slot.field == "value" and slot.format.partition("+")[0] not in TURNS
    if bare and is_move(item) and (match := _LEVEL.search(placed.before)):
        yield f"level: {match[0].strip()!r} tells a level, {slot.key} is a change"
    clause = _CLAUSE.findall(SLOT.sub(" ", placed.before))[-1:]
    if clause and (doer := _DOER.search(clause[0])):
        yield f"asset: {doer[0]!r} is another doer than what was measured"


def _period(sentence: str, ledger: Ledger) -> Iterator[str]:
    """A length of time in words fits a figure of its sentence."""
    slots = [slot for slot in parse(_slots_alone(sentence)) if slot.field in NUMBERS]
    for match in _PERIOD.finditer(SLOT.sub(" ", sentence)):
        items = [item_of(slot, ledger) for slot in slots]
        if items and not any(spans(item, match.lastgroup or "") for item in items):
            yield f"window: nothing told there is measured over {match[0]!r}"


def _moment(placed: _Placed, ledger: Ledger) -> Iterator[str]:
    """A date is one of what the sentence is about, and a start only behind the word for it."""
    slot, item = placed.slot, item_of(placed.slot, ledger)
    start = slot.field == "start"
    if (start and _END.search(placed.before)) or (not start and _START.search(placed.before)):
        yield "window: a start and an end are exchanged"
    named = _subjects(placed.before)[-1:] or _subjects(placed.after)[:1]
    about = [ledger.evidence[one.key] for one in named if one.key in ledger.evidence]
    at = getattr(item, str(slot.field))[:10]
    if any(at not in {getattr(one, name)[:10] for name in MOMENTS} for one in about):
        yield f"date: {slot.key} is not what the sentence is about"


def _share(placed: _Placed, ledger: Ledger) -> Iterator[str]:
    """A probability or share is that of the cause (and group) named there."""
    slot = placed.slot
    kind, _, rest = slot.key.partition(":")
    group, _, cause = rest.removesuffix(".low").removesuffix(".high").rpartition(".")
    text = SLOT.sub(" ", placed.before), SLOT.sub(" ", placed.after)
    if cause == "residual":
        if not _RESIDUAL.search("".join(text)):
            yield "cause: the unexplained rest is not called so"
    elif _CAUSES.get(_nearest(CAUSE_WORDS, *text)) != cause:
        yield f"cause: {slot.key} is said of another cause or of none"
    if (kind == "s") != bool(_SHARE.search("".join(text))):
        taken = "a probability" if kind == "s" else "a share"
        yield f"cause: {slot.key} is taken for {taken}"
    said = _GROUPS.get(_nearest(_GROUP, *text), "")
    plain = ledger.shares.get(f"{kind}:{cause}")
    if said != group and not (not said and plain == ledger.shares.get(slot.key)):
        yield f"cause: {slot.key} is said of another group"


def _nearest(pattern: re.Pattern[str], before: str, after: str) -> str:
    """The last match before, else the first after."""
    found = [*pattern.findall(before)[-1:], *pattern.findall(after)[:1]]
    return str(found[0]) if found else ""
