"""The charts of an issue as PNG at twice their size, with takeaway, source line and as-of."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import Final

from causemap.briefing.chart_words import credit_zh, in_chinese
from causemap.briefing.tree import Language, Picture, said_time
from causemap.records import Report
from causemap.reporting.charts import indexed_paths, probability_bars
from causemap.reporting.render import can_draw, chart_png
from causemap.reporting.shares import Chart, contribution_waterfall
from causemap.tools.registry import REGISTRY
from causemap.words import instant

_MOST: Final = 3


def pictures(report: Report, language: Language = "en") -> tuple[Picture, ...]:
    """Paths, probabilities and contributions, as far as the run has them."""
    # Event days are numbered after the timeline, which a briefing does not carry.
    paths = indexed_paths(replace(report, markers=()))
    drawn = (paths, probability_bars(report), contribution_waterfall(report))
    return tuple(_picture(chart, report, language) for chart in drawn if chart is not None)[:_MOST]


def _picture(chart: Chart, report: Report, language: Language) -> Picture:
    series = [p.asset for p in report.paths] if chart.key == "paths" else []
    providers = dict.fromkeys(REGISTRY[name].provider for name in series if name in REGISTRY)
    sources = ", ".join(providers) or "causemap"
    withheld = tuple(
        name for name in series if name in REGISTRY and not REGISTRY[name].redistributable
    )
    shown = told = chart
    credit = shown_credit = f"Source: {sources}. As of {instant(report.scope.as_of)}."
    if language == "zh":
        told = in_chinese(chart, report)
        credit = credit_zh(sources, said_time(report.scope.as_of, language))
        if can_draw(told.title[0]):  # without a font an English word beats an empty box
            shown, shown_credit = told, credit
    png = _small(chart_png(shown, shown_credit))
    return Picture(chart.key, told.title, credit, told.alt, png, withheld)


def _small(png: bytes) -> bytes:
    """The same picture in 64 colours: a quarter of the bytes, no difference that a reader sees."""
    from PIL import Image

    with Image.open(BytesIO(png)) as whole:
        flat = whole.convert("RGB").quantize(colors=64, dither=Image.Dither.NONE)
    made = BytesIO()
    flat.save(made, "PNG", optimize=True)
    return made.getvalue()
