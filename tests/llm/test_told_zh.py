"""Requirement E2 on Chinese sentences: true ones stand, one fault of any kind makes them fall."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

import pytest

from causemap.agents.allowance import Allowed
from causemap.agents.chat_words import CAUSE_ZH, GROUP_NAMES
from causemap.agents.clauses import is_move
from causemap.agents.conclude import assess, story_of
from causemap.agents.manner import spans
from causemap.agents.story import Story
from causemap.agents.told import check
from causemap.cases.store import list_cases, load_case
from causemap.model_records import ModelSentence
from causemap.records import Evidence

CASES = [entry.id for entry in list_cases()][::3]


@cache
def world(case: str) -> tuple[Story, Allowed]:
    """The story of a bundled case and what may be said of it."""
    dossier = load_case(case)
    return story_of(dossier, assess(dossier))


class Told(NamedTuple):
    """A true template, the items of its case, and the one it is about."""

    template: str
    case: str
    item: Evidence


def reasons(template: str, told: Told) -> str:
    """Why a template falls; an empty text if it stands."""
    story, allowed = world(told.case)
    sentence = ModelSentence("mechanism", template, (told.item.id,))
    checked = check([sentence], story, allowed, "zh")
    return "; ".join(reason for one in checked.failed for reason in one.reasons)


def truths(case: str) -> Iterator[Told]:
    """True sentences: changes, other measures, windows, deviations, probabilities."""
    story, _ = world(case)
    for item in story.evidence.values():
        key = item.id
        yield Told(f"{{{key}|said|text}}为{{{key}|value|auto}}。", case, item)
        if item.metric == "change" and item.unit in ("%", "bp"):
            move = f"{{{key}|asset|name}}{{{key}|value|fell_rose+auto}}"
            yield Told(f"先看价格:{move}。", case, item)
            yield Told(f"从{{{key}|start|date}}至{{{key}|end|date}},{move}。", case, item)
            if item.z is not None:
                yield Told(f"{move},偏离为{{{key}|z|z1}}。", case, item)
    item = next(iter(story.evidence.values()))
    for group, verdict in story.verdicts:
        name = GROUP_NAMES[group]["zh"]
        for cause, share in verdict.probabilities:
            if share:
                said = f"对{name}而言,{CAUSE_ZH[cause]}{{p:{group}.{cause}|band}}"
                yield Told(f"{said},概率为{{p:{group}.{cause}|pct0}}。", case, item)


ALL = [told for case in CASES for told in truths(case)]
Mutate = Callable[[Told, random.Random], str]


def _moves(told: Told) -> bool:
    return "fell_rose+auto" in told.template


def _value(told: Told, rng: random.Random) -> str:
    free = ("百分之五", "5%", "５％", "三成", "一半", "12个基点", "两倍", "数百亿")
    return told.template.replace(f"{{{told.item.id}|value|auto}}", rng.choice(free))


def _sign(told: Told, rng: random.Random) -> str:
    wrong = rng.choice(("上涨", "下跌", "走高", "回落", "大升", "跳水", "暴跌", "攀升", "下挫"))
    slot = f"{{{told.item.id}|value|fell_rose+auto}}"
    return told.template.replace(slot, f"{wrong}{{{told.item.id}|value|abs_auto}}")


def _unit(told: Told, rng: random.Random) -> str:
    after = rng.choice(("%", "％", "个百分点", "个基点", "倍", "亿", "个标准差"))
    return told.template.replace("|auto}", f"|auto}}{after}", 1)


def _asset_word(told: Told, rng: random.Random) -> str:
    word = rng.choice(
        ("比特币", "黄金", "标普五百", "纳指", "美债收益率", "原油", "半导体", "金价")
    )
    return told.template.replace(f"{{{told.item.id}|asset|name}}", word)


def _asset(told: Told, rng: random.Random) -> str:
    story, _ = world(told.case)
    others = [e.id for e in story.evidence.values() if e.asset != told.item.asset]
    return told.template.replace(
        f"{{{told.item.id}|asset|name}}", f"{{{rng.choice(others)}|asset|name}}"
    )


def _measure(told: Told, rng: random.Random) -> str:
    story, _ = world(told.case)
    others = [e.id for e in story.evidence.values() if e.id != told.item.id]
    return told.template.replace(
        f"{{{told.item.id}|said|text}}", f"{{{rng.choice(others)}|said|text}}"
    )


def _window(told: Told, _: random.Random) -> str:
    made = told.template.replace("|start|", "|swap|").replace("|end|", "|start|")
    return made.replace("|swap|", "|end|")


def _date(told: Told, rng: random.Random) -> str:
    story, _ = world(told.case)
    at = told.item.end[:10], told.item.start[:10], told.item.observed_at[:10]
    others = [e.id for e in story.evidence.values() if e.end[:10] not in at]
    return told.template.replace(
        f"{{{told.item.id}|end|", f"{{{rng.choice(others or [told.item.id])}|end|"
    )


def _year(told: Told, rng: random.Random) -> str:
    return told.template.replace(
        "。", rng.choice((",那是2019年。", ",正如二〇〇八年。", ",一如去年三月。"))
    )


def _cause(told: Told, rng: random.Random) -> str:
    own = [name for name in CAUSE_ZH.values() if name in told.template]
    other = rng.choice([name for name in CAUSE_ZH.values() if name not in own])
    return told.template.replace(own[0], other) if own else told.template


def _group(told: Told, rng: random.Random) -> str:
    own = [names["zh"] for names in GROUP_NAMES.values() if f"对{names['zh']}而言" in told.template]
    other = rng.choice([names["zh"] for names in GROUP_NAMES.values() if names["zh"] not in own])
    return told.template.replace(own[0], other) if own else told.template


def _hedge(told: Told, rng: random.Random) -> str:
    start = told.template.find("{p:")
    if start < 0:
        return told.template
    return (
        told.template[:start]
        + rng.choice(("并非", "不是", "没有", "谈不上"))
        + told.template[start:]
    )


def _denial(told: Told, rng: random.Random) -> str:
    slot = f"{{{told.item.id}|value|"
    return told.template.replace(slot, rng.choice(("没有", "并未", "并非", "从未")) + slot, 1)


def _share(told: Told, _: random.Random) -> str:
    return told.template.replace("概率为{p:", "贡献了{p:")


def _nothing(told: Told, _: random.Random) -> str:
    return told.template.replace(f"{{{told.item.id}|asset|name}}", "市场")


def _level(told: Told, rng: random.Random) -> str:
    """A change told as where something stood."""
    if not is_move(told.item):
        return told.template
    word = rng.choice(("达", "达到", "报", "收于", "触及", "至", "位于"))
    return told.template.replace(
        f"{{{told.item.id}|value|fell_rose+auto}}", f"{word}{{{told.item.id}|value|auto}}"
    )


def _period(told: Told, rng: random.Random) -> str:
    """A time in words that windows of these cases never fit."""
    if not _moves(told) or spans(told.item, "year"):
        return told.template
    slot = f"{{{told.item.id}|value|"
    return told.template.replace(slot, rng.choice(("去年", "全年", "今年以来")) + slot, 1)


def _doer(told: Told, rng: random.Random) -> str:
    """What an asset did told of somebody."""
    if not _moves(told):
        return told.template
    slot = f"{{{told.item.id}|asset|name}}"
    who = rng.choice(("散户在", "投资者在", "对冲基金在", "持有人在"))
    return told.template.replace(slot, who + slot, 1)


MUTATIONS: dict[str, Mutate] = {
    "value": _value,
    "sign": _sign,
    "unit": _unit,
    "asset in words": _asset_word,
    "asset": _asset,
    "measure": _measure,
    "window": _window,
    "date": _date,
    "year": _year,
    "cause": _cause,
    "group": _group,
    "hedge": _hedge,
    "denial": _denial,
    "share": _share,
    "said of nothing": _nothing,
    "level": _level,
    "period": _period,
    "doer": _doer,
}


def test_true_chinese_sentences_raise_no_alarm() -> None:
    """Not one true sentence falls, over a third of the bundled cases."""
    assert len(ALL) > 500
    assert [(t.template, why) for t in ALL if (why := reasons(t.template, t))] == []


@pytest.mark.parametrize("kind", MUTATIONS)
def test_mutated_chinese_sentences_are_caught(kind: str) -> None:
    """At least 99 in 100 of each kind of mutant fall."""
    rng = random.Random(kind)  # noqa: S311 - test data, nothing secret
    mutants = [
        (changed, told) for told in ALL if (changed := MUTATIONS[kind](told, rng)) != told.template
    ]
    mutants = mutants[:: max(1, len(mutants) // 300)]
    passed = [changed for changed, told in mutants if not reasons(changed, told)]
    assert len(mutants) >= 40
    assert len(passed) <= 0.01 * len(mutants), passed[:5]
