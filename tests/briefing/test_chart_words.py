"""Charts of Chinese issues: every word translated, every figure as it was, boxes never."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

import pytest

from causemap.briefing import pictures as press
from causemap.briefing.chart_words import in_chinese
from causemap.records import Report
from causemap.reporting.charts import indexed_paths, probability_bars
from causemap.reporting.json_codec import Json
from causemap.reporting.render import can_draw
from causemap.reporting.shares import Chart, contribution_waterfall

ReportOf = Callable[[str], Report]
# Names that Chinese texts leave as they are.
KEPT = {"AI", "ETF", "DXY"}
SHOWN = ("said", "name", "title")


def charts_of(report: Report) -> list[Chart]:
    """The charts that briefings carry."""
    made = (indexed_paths(report), probability_bars(report), contribution_waterfall(report))
    return [chart for chart in made if chart is not None]


def words_of(spec: Json, key: str = "") -> Iterator[str]:
    """Every string of a specification that is drawn."""
    if isinstance(spec, dict):
        for name, held in spec.items():
            yield from words_of(held, name)
    elif isinstance(spec, list):
        for held in spec:
            yield from words_of(held, key)
    elif isinstance(spec, str) and key in SHOWN:
        yield spec


def figures_of(text: str) -> list[str]:
    """The figures of a text in order."""
    return re.findall(r"[+\u2212]?\d+(?:\.\d+)?", text)


def test_no_english_word_is_left(case: str, report_of: ReportOf) -> None:
    """Titles, text alternatives, names, axes and line ends are Chinese in every bundled case."""
    report = report_of(case)
    for chart in charts_of(report):
        told = in_chinese(chart, report)
        for words in (told.title, told.alt, *words_of(told.spec)):
            assert set(re.findall(r"[A-Za-z]{2,}", words)) <= KEPT, words


def test_figures_stay_as_they_are(case: str, report_of: ReportOf) -> None:
    """A translation changes words only: the data and the drawn figures are those of the chart."""
    report = report_of(case)
    for chart in charts_of(report):
        told = in_chinese(chart, report)
        assert told.rows == chart.rows
        for mine, theirs in zip(words_of(told.spec), words_of(chart.spec), strict=True):
            assert figures_of(mine)[-1:] == figures_of(theirs)[-1:]
        if chart.key == "probabilities":
            assert figures_of(told.title) == figures_of(chart.title)


def test_the_takeaway_is_that_of_the_english_title(seed: Report) -> None:
    """The same asset leads, with the same change; the same causes, with the same shares."""
    charts = charts_of(seed)
    told = [in_chinese(chart, seed).title for chart in charts]
    assert told[0] == "白银基金收于最低，较起点−36.8%；标普500指数较起点−2.4%"
    assert [re.sub(r"\d+", "N", title) for title in told[1:]] == [
        "连环清算居首，概率N%；其次是AI与科技股重估，N%",
        "连环清算占变动的N%，未能解释的部分占N%",
    ]
    for chart, title in zip(charts[1:], told[1:], strict=True):
        assert figures_of(title) == figures_of(chart.title)


@pytest.mark.parametrize("font", [True, False])
def test_without_a_font_the_drawing_keeps_its_english(
    seed: Report, monkeypatch: pytest.MonkeyPatch, *, font: bool
) -> None:
    """The caption is Chinese either way; what is drawn is Chinese only where it can be read."""
    drawn: list[str] = []

    def draw(chart: Chart, note: str) -> bytes:
        drawn.append(json.dumps([chart.title, note, chart.spec], ensure_ascii=False))
        return b""

    monkeypatch.setattr(press, "chart_png", draw)
    monkeypatch.setattr(press, "_small", lambda png: png)
    monkeypatch.setattr(press, "can_draw", lambda _: font)
    made = press.pictures(seed, "zh")
    assert all(re.search("[\u4e00-\u9fff]", p.title + p.credit) for p in made)
    assert [bool(re.search("[\u4e00-\u9fff]", text)) for text in drawn] == [font] * 3


def test_a_letter_that_no_font_has_is_known() -> None:
    """Latin letters are drawn everywhere; a noncharacter nowhere."""
    assert can_draw("A")
    assert not can_draw("\U0010fffe")


def test_the_alternative_counts_the_lines_that_are_drawn(report_of: ReportOf) -> None:
    """More paths than the drawing has room for are not counted as shown."""
    report = report_of("2026-02-seed")
    chart = indexed_paths(report)
    assert chart is not None
    drawn = len({row[0] for row in chart.rows})
    assert drawn < len(report.paths)
    assert figures_of(chart.alt)[0] == figures_of(in_chinese(chart, report).alt)[0] == str(drawn)
