"""The fixed sentences of a conversation, English beside Chinese; figures are put in by code."""

from __future__ import annotations

from typing import Final

from causemap.agents.turns import Language

_SAID: Final[dict[str, tuple[str, str]]] = {
    "leads": ("**{cause}** is {hedge}, at {p}.", "**{cause}**{hedge},概率 {p}。"),
    "next": ("Next: {cause}, {p}.", "其次:{cause},{p}。"),
    "no_cause": (
        "No single cause is named: {reason}",
        "没有指认单一原因:{reason}",
    ),
    "closest": ("Closest: {cause}, {p}.", "最接近的是{cause},{p}。"),
    "calm": ("No drawdown. {reason}", "没有下跌。{reason}"),
    "for": ("What speaks for it:", "支持的证据:"),
    "against": ("What speaks against it:", "反面的证据:"),
    "no_against": ("Nothing measured speaks against it.", "没有发现反面的证据。"),
    "no_path": (
        "No measured link leads from {cause} to any asset asked about in {group}.",
        "没有实测的联系从{cause}通向所问的{group}资产。",
    ),
    "residual": ("Unexplained share of the move: {share}.", "未解释的部分:{share}。"),
    "is_leading": (
        "{cause} is the leading reading here, at {p}; it was not rejected.",
        "{cause}正是目前领先的解释({p}),并没有被排除。",
    ),
    "left_at": ("**{cause}** is left {hedge}, at {p}.", "**{cause}**{hedge},只剩 {p}。"),
    "test": ("The deciding test: {why}", "决定性的检验:{why}"),
    "no_test": (
        "No single test turned it down; the evidence simply fits another cause better.",
        "没有单独的检验排除它;只是证据更符合别的原因。",
    ),
    "rejected_all": ("Alternatives that were turned down:", "被排除的其他解释:"),
    "none_rejected": ("No alternative was turned down.", "没有排除任何其他解释。"),
    "which_item": (
        "Which measurement do you mean? Name one, or its number. The ones that weigh most here:",
        "您指的是哪一项?请说出名称或编号。这里分量最大的是:",
    ),
    "removed": ("Recomputed without: {items}.", "去掉以下各项后重新计算:{items}。"),
    "turned": ("Recomputed with the sign turned: {items}.", "把以下各项反号后重新计算:{items}。"),
    "set": ("Recomputed with: {items}.", "按以下数值重新计算:{items}。"),
    "unchangeable": (
        (
            "Nothing was recomputed: {items} cannot be changed in that way (it already is so, is "
            "zero, has another unit, or is a share, level or count, which has no other sign)."
        ),
        "没有重新计算:{items}无法这样改动(已是如此、为零、单位不同,或为占比、水平、计数,没有相反的符号)。",
    ),
    "which_change": (
        (
            'I can leave a measure out, turn its move round or set its move ("had risen 20 bp"); '
            "a level, a multiple or an event cannot be supposed. Nothing was recomputed. "
            "The measures this comes nearest to:"
        ),
        (
            "可以去掉某项、把它的变动反号,或设定变动的大小(如“上升20个基点”);"
            "不能假设水平、倍数或事件。没有重新计算。与此最接近的测量:"
        ),
    ),
    "derived": (
        (
            "Measures derived from these figures keep their own values; a changed z is scaled in "
            "proportion."
        ),
        "由这些数值推算出的其他指标保持原值;改动后的 z 按比例缩放。",
    ),
    "turns": ("The verdict would turn from {old} to {new}.", "结论将由{old}变为{new}。"),
    "stays": ("The verdict would stay: {old}.", "结论不变:{old}。"),
    "columns": ("Cause | Now | Then", "原因 | 现在 | 改动后"),
    "overall": ("Overall", "总体"),
    "gaps": ("What is missing in this run:", "本次缺少的数据:"),
    "no_gaps": ("Every source that was asked answered.", "所有来源都有回应。"),
    "weakens": ("(weakens {causes})", "(削弱对{causes}的判断)"),
    "would": ("What would change this:", "什么会改变结论:"),
    "no_would": (
        "No single measurement, left out or turned round, would change the verdict.",
        "去掉或反转任何单独一项都不会改变结论。",
    ),
    "near": ("The nearest past windows:", "最接近的历史时段:"),
    "no_near": (
        "No past window is near enough to compare with.",
        "没有足够接近的历史时段可比。",
    ),
    "compare_ask": (
        "That window is not part of this run. I can bring it in beside this one: shall I?",
        "这个时段不在本次结果中。可以另外调出来对比,需要吗?",
    ),
    "compare_head": ("{here} beside {there}:", "{here} 与 {there} 对比:"),
    "compare_columns": ("Cause | This window | The other", "原因 | 本时段 | 另一时段"),
    "differs": ("Largest differences in what was measured:", "测量上差别最大的是:"),
    "chart": ("Here is the chart: {title}.", "图表如下:{title}。"),
    "map": ("Here is the cause map.", "因果图如下。"),
    "no_chart": (
        "This run has no data for that chart. It has: {keys}.",
        "本次结果没有这张图的数据。现有:{keys}。",
    ),
    "sources": ("Where the figures come from:", "数据来源:"),
    "notes": ("Dated notes that were read:", "读到的有日期的消息:"),
    "notes_count": (
        "{n} dated notes of {publishers} publishers were read.",
        "共读到 {publishers} 家发布者的 {n} 条有日期的消息。",
    ),
    "notes_recalled": (
        "{recalled} of them, recollections without a source, are not shown.",
        "其中 {recalled} 条是没有来源的回忆,不予显示。",
    ),
    "recalled": (
        "The dated notes that were read are recollections without a source to show.",
        "读到的有日期的消息只是回忆，没有可显示的来源。",
    ),
    "no_notes": ("No dated notes were supplied.", "没有提供有日期的消息。"),
    "first": (
        "First abnormal moves, in order (a figure is the move over the whole window):",
        "首次异常波动的顺序(所附数字为整个时段的变动):",
    ),
    "events": ("Dated events:", "有日期的事件:"),
    "no_when": ("No first abnormal move could be dated.", "无法确定首次异常波动的时间。"),
    "share_of": ("{p} is the probability here of: {what}.", "{p} 是本次给以下原因的概率:{what}。"),
    "no_such_share": (
        "No single cause is held at {p} in this run.",
        "本次没有哪一个原因的概率是 {p}。",
    ),
    "record": (
        (
            "What such probabilities have been worth: of {windows} labelled past falls, each asked "
            "with a fit that had not seen it, the likeliest cause was held at {low} to {high} in "
            "{n}; it was the labelled one in {right}, {share} (95% interval {interval}), where "
            "{mean} was said on average."
        ),
        (
            "这类概率以往的准确度:在 {windows} 次有标注的历史下跌中(每次都用没有见过它的拟合来问),"
            "首要原因的概率在 {low} 到 {high} 之间的有 {n} 次,其中 {right} 次与标注一致,即 {share}"
            "(95% 区间 {interval}),而平均给出的概率是 {mean}。"
        ),
    ),
    "record_shy": (
        "So probabilities of this size have been too low rather than too high.",
        "所以这一档的概率以往是偏低,而不是偏高。",
    ),
    "record_bold": (
        "So probabilities of this size have been too high.",
        "所以这一档的概率以往偏高。",
    ),
    "record_fair": (
        "That is within what chance allows: neither too high nor too low can be shown.",
        "这在偶然误差之内:既不能说偏高,也不能说偏低。",
    ),
    "record_of": (
        (
            "The labels are people's, many of the falls are told by recollected notes, some stand "
            "in two windows, and the record is of overall verdicts."
        ),
        "标注出自人手,许多下跌由回忆写成的消息讲述,有些下跌出现在两个时段里,且这是对总体结论的统计。",
    ),
    "headlines": ("Headlines that this run bears out:", "本次结果支持的标题:"),
    "no_headline": (
        "No headline can be made here; 'causemap brief' writes one.",
        "这里不能拟标题;请用 causemap brief。",
    ),
    "day": (
        "This run explains {window} as a whole. Dated {day} it holds:",
        "本次结果解释的是 {window} 整段。其中注明 {day} 的有:",
    ),
    "day_none": (
        "This run explains {window} as a whole and holds nothing that is dated {day} alone.",
        "本次结果解释的是 {window} 整段,没有单独注明 {day} 的内容。",
    ),
    "day_which": (
        (
            "This run explains {window} as a whole and does not rank its days or those of other "
            "times. Over the whole window:"
        ),
        "本次结果解释的是 {window} 整段,不比较其中各天,也不与其他时期比较。整个时段:",
    ),
    "day_falls": (
        "This run explains {window} as a whole. The largest falls from one close to the next:",
        "本次结果解释的是 {window} 整段。从一次收盘到下一次收盘,跌得最多的是:",
    ),
    "closes": (
        "Closes on paths that start at 100, rounded to 0.1 (the close before \u2192 that day's):",
        "以 100 为起点的走势(四舍五入到 0.1):前一收盘 \u2192 当日收盘:",
    ),
    "day_asked": (
        "This run explains {window} as a whole. Which day is '{ask}'? Write it as YYYY-MM-DD.",
        "本次结果解释的是 {window} 整段。“{ask}”是哪一天?请写成 YYYY-MM-DD。",
    ),
    "day_whole": (
        "Over the whole window ({window}), not that day:",
        "整个时段({window}),并非当天:",
    ),
    "beyond_day": (
        "This run explains {window}, as known at {as_of}; it holds nothing on {day}.",
        "本次结果解释 {window},只知道 {as_of} 之前的信息;没有 {day} 的内容。",
    ),
    "beyond": (
        (
            "This run explains {window}, as known at {as_of}; what came before its window or after "
            "it, it does not hold. Ask about those days as a question of their own."
        ),
        "本次结果解释 {window},只知道 {as_of} 之前的信息;时段之前或之后的情况不在其中,请另行提问。",
    ),
    "read_as": ("Read as: {question}", "按此理解:{question}"),
    "closest_of": (
        (
            "**{cause}** comes closest here, at {p}, and was not turned down; no cause is named: "
            "{reason}"
        ),
        "**{cause}**在这里最接近,概率 {p},并没有被排除;没有指认原因:{reason}",
    ),
    "leads_in": ("In {group} it leads, at {p}.", "在{group}中它领先,概率 {p}。"),
    "asked_beside": ("What was asked about, in both:", "所问的项目,两个时段:"),
    "moves_beside": ("Moves over the two windows:", "两个时段的变动:"),
    "odds": ("Probabilities over the closed set of causes:", "各原因的概率:"),
    "fact": ("What was measured:", "测量结果:"),
    "no_fact": (
        "This run measured nothing of {what}.",
        "本次没有测量“{what}”。",
    ),
    "no_level": (
        "This run does not hold the level of {what}, only its change over the window:",
        "本次结果没有“{what}”的水平值,只有时段内的变化:",
    ),
    "thing": ("that", "这一项"),
    "no_verdict_on": (
        "This run holds no verdict on {what}; it explains {assets}.",
        "本次结果没有对“{what}”的判断,只解释 {assets}。",
    ),
    "no_rise": (
        "This run explains a fall, not a rise.",
        "本次结果解释的是下跌,不是上涨。",
    ),
    "claims_failed": (
        "Of {n} claims tested, these do not hold ({failed}):",
        "共检验 {n} 条说法,其中 {failed} 条不成立:",
    ),
    "claims_hold": (
        "{n} claims were tested; none is contradicted by the data or came too late to be a cause.",
        "共检验 {n} 条说法;没有与数据不符的,也没有来得太晚的。",
    ),
    "no_claims": ("No article's claims were tested in this run.", "本次没有检验任何文章的说法。"),
    "claims_here": (
        "What articles say of this and the data do not bear out:",
        "文章对此的说法中,数据不支持的有:",
    ),
    "contradicted": ("contradicted by the data", "与数据不符"),
    "too_late": ("too late to be a cause", "来得太晚,不可能是原因"),
    "refresh": (
        (
            "This run explains {window} and is frozen: it knows nothing after {as_of}. To see "
            "newer data the window must be measured again. Shall I refresh it?"
        ),
        (
            "本次结果解释的是 {window},已冻结,只知道 {as_of} 之前的信息。"
            "要看新的数据必须重新测量。要刷新吗?"
        ),
    ),
    "advice": (
        (
            "I do not say what to buy, sell or hold. I explain what has happened: why {assets} "
            "moved ({window}), what speaks against that reading, what is missing, and what "
            "would change it:"
        ),
        (
            "我不建议买卖或持有,只解释已经发生的事:{assets} 在 {window} 为何变动、有哪些反面证据、"
            "缺少什么,以及什么会改变判断:"
        ),
    ),
    "help": (
        (
            "I answer from this run only. Ask: "
            "why; why not a rates shock; what if yields had risen 20 bp; without the evidence on "
            "software; what fell most; compare with a past window; show the cause map; what to "
            "watch; how sure, and is that too high; what happened on a day; write a headline; what "
            "does z mean; brief me; sources; what is missing; what would change this."
        ),
        (
            "我只根据本次结果回答。可以问:为什么;为什么不是利率冲击;"
            "如果收益率上升20个基点会怎样;去掉软件股的证据;什么跌得最多;与历史时段对比;显示因果图;"
            "关注什么;有多确定,是不是太高;某一天发生了什么;写个标题;z 是什么意思;简报;来源;"
            "缺少什么;什么会改变结论。"
        ),
    ),
    "watch": (
        (
            "I do not forecast; a date after {as_of} is told only where it was announced before. "
            "What this run says to watch, each condition as it stood then:"
        ),
        "我不作预测;{as_of} 之后的日程,只说此前已公布的。值得关注的情景,以及各条件当时的状态:",
    ),
    "scheduled": (
        "- **Scheduled**: {what}, {when} (announced {told}, {where}).",
        "- **已排定**: {what},{when}({told} 公布,{where})。",
    ),
    "met": ("met", "已满足"),
    "unmet": ("not met", "未满足"),
    "unmeasured": ("not measured", "未测量"),
    "shares": (
        "What part of each fall the causes account for, with the range:",
        "各原因在跌幅中所占的部分(括号内为区间):",
    ),
    "no_shares": ("No fall of this run could be split up.", "本次没有可以分解的下跌。"),
    "rest": ("unexplained", "未解释"),
    "least": ("at least", "至少"),
    "moves": ("The moves over the window, the largest fall first:", "时段内的变动,跌幅最大的在前:"),
    "found": ("What this run holds on that:", "本次结果中与此有关的内容:"),
    "not_found": (
        "This run holds nothing on those words.",
        "本次结果中没有与这些字词有关的内容。",
    ),
    "found_note": (
        "Dated notes, each as its publisher told it; what they say is not tested here:",
        "有日期的消息,均为出处自己的说法,此处未作检验:",
    ),
    "found_claim": ("Claims that were tested:", "检验过的说法:"),
    "found_measure": ("Measured:", "测量结果:"),
    "found_gap": ("Not measured:", "没有测量:"),
    "compare_none": (
        (
            "No bundled case is {which} alone. Name one by its id or month (2025-04-all, April "
            "2025); these past windows lie nearest:"
        ),
        "没有唯一对应“{which}”的内置案例。请用编号或年月指明(如 2025-04-all);最接近的历史时段是:",
    ),
    "no_turn_to": (
        "No single measurement, left out or turned round, would make it {cause}.",
        "去掉或反转任何单独一项,都不会使结论变为{cause}。",
    ),
    "unmoved": (
        "No probability moves by half a percentage point.",
        "各原因的概率变动都不到半个百分点。",
    ),
    "in_group": ("{group}: {said}", "{group}:{said}"),
    "as_of": ("As of {as_of}.", "截至 {as_of}。"),
    "measures_en": ("", "(测量名称保留英文原名。)"),
}


def say(key: str, language: Language, **values: str) -> str:
    """The sentence ``key`` in a language, with its places filled."""
    english, chinese = _SAID[key]
    return (chinese if language == "zh" else english).format(**values)


def keys() -> tuple[str, ...]:
    """All sentences, for the test that both languages have the same places."""
    return tuple(_SAID)


def pair(key: str) -> tuple[str, str]:
    """A sentence in English and Chinese, places unfilled."""
    return _SAID[key]
