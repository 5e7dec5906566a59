"""The charts of an issue as PNG at twice their size, with takeaway, source line and as-of."""

from __future__ import annotations

from io import BytesIO
from typing import Final

from causemap.briefing.tree import Language, Picture
from causemap.briefing.voice import book_of
from causemap.records import Report
from causemap.reporting.charts import indexed_paths, probability_bars
from causemap.reporting.render import chart_png
from causemap.reporting.shares import Chart, contribution_waterfall
from causemap.tools.registry import REGISTRY
from causemap.words import instant

_MOST: Final = 3


def pictures(report: Report, language: Language = "en") -> tuple[Picture, ...]:
    """Paths, probabilities and contributions, as far as the run has them.

    In Chinese the caption is Chinese; the words inside the picture stay English.
    """
    drawn = (indexed_paths(report), probability_bars(report), contribution_waterfall(report))
    return tuple(_picture(chart, report, language) for chart in drawn if chart is not None)[:_MOST]


def _picture(chart: Chart, report: Report, language: Language) -> Picture:
    series = [p.asset for p in report.paths] if chart.key == "paths" else []
    providers = dict.fromkeys(REGISTRY[name].provider for name in series if name in REGISTRY)
    sources = ", ".join(providers) or "causemap"
    credit = f"Source: {sources}. As of {instant(report.scope.as_of)}."
    withheld = tuple(
        name for name in series if name in REGISTRY and not REGISTRY[name].redistributable
    )
    png = _small(chart_png(chart, credit))
    title = chart.title if language == "en" else str(book_of(language)["charts"][chart.key])
    return Picture(chart.key, title, credit, chart.alt, png, withheld)


def _small(png: bytes) -> bytes:
    """The same picture in 64 colours: a quarter of the bytes, no difference that a reader sees."""
    from PIL import Image

    with Image.open(BytesIO(png)) as whole:
        flat = whole.convert("RGB").quantize(colors=64, dither=Image.Dither.NONE)
    made = BytesIO()
    flat.save(made, "PNG", optimize=True)
    return made.getvalue()
