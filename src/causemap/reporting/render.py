"""Specifications and drawings to SVG and PNG, on this machine, without a browser or a network."""

from __future__ import annotations

import re
from functools import cache
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from causemap.reporting.json_codec import Json
from causemap.reporting.shares import Chart

_VERSION: Final = "5.21"
_PNG_SCALE: Final = 2.0
_ID: Final = re.compile(r'(\bid="|url\(#|href="#)([A-Za-z][\w-]*)')
_ROLES: Final = re.compile(r' (?:role="graphics-[a-z]+"|aria-roledescription="[^"]*")')


def chart_svg(chart: Chart) -> str:
    """The chart as SVG to stand inside a page: its title is left to the page.

    Ids inside are made the chart's own, so that several charts can share a page.
    """
    # The renderer is a large native library, needed only when something is drawn.
    import vl_convert

    svg = vl_convert.vegalite_to_svg(chart.spec, vl_version=_VERSION, allowed_base_urls=[])
    own = _own_ids(_ROLES.sub("", svg), chart.key)
    return own.replace("<svg ", f'<svg role="img" aria-label={quoteattr(chart.alt)} ', 1)


def _own_ids(svg: str, key: str) -> str:
    # The renderer counts ids through the whole process; counted per chart, bytes are the same.
    places: dict[str, int] = {}
    return _ID.sub(lambda found: f"{found[1]}{key}-{places.setdefault(found[2], len(places))}", svg)


def chart_png(chart: Chart, note: str = "") -> bytes:
    """The chart as PNG at twice its size, with its takeaway as title and ``note`` under it."""
    import vl_convert

    title: dict[str, Json] = {"text": chart.title}
    if note:
        title |= {"subtitle": note, "subtitleColor": "#56616c"}
    spec = chart.spec | {"title": title, "background": "#ffffff"}
    return vl_convert.vegalite_to_png(
        spec, vl_version=_VERSION, scale=_PNG_SCALE, allowed_base_urls=[]
    )


@cache
def can_draw(letter: str) -> bool:
    """Whether a font of this machine has the letter: drawn, it differs from one that none has."""
    return svg_png(_letter(letter), 1.0) != svg_png(_letter("\U0010ffff"), 1.0)


def _letter(letter: str) -> str:
    svg = "<svg xmlns='http://www.w3.org/2000/svg' width='40' height='30'>"
    return (
        f"{svg}<text y='22' font-size='18' font-family='sans-serif'>{escape(letter)}</text></svg>"
    )


def svg_png(svg: str, scale: float = _PNG_SCALE) -> bytes:
    """Any self-contained SVG (the cause map) as PNG."""
    import vl_convert

    return vl_convert.svg_to_png(svg, scale=scale)
