"""Colours of drawings on light and dark pages.

Drawings are specified once, in the tones of paper; the style sheet gives each tone its counterpart.
So a drawing follows its page the moment the reader, or the evening, turns it dark, without asking
the server. Scales are the exception: a browser computes the colours between their ends, so the heat
map keeps the tones it was drawn in, and the figures on them theirs.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import Final

from causemap.reporting import vega
from causemap.reporting.json_codec import Json

CHART: Final = {
    vega.INK: "#e4e8ec",
    vega.MUTED: "#a9b3bd",
    vega.GRID: "#2a333d",
    vega.GREY: "#7d8894",
    vega.BLUE: "#56b4e9",
    vega.VERMILLION: "#e69f00",
    "#b34a00": "#f08a3c",
    "#00755a": "#2bb893",
    "#a3407c": "#d98cbb",
    "#6b5bb5": "#a89be0",
    "#8a5f0f": "#d0a244",
    "#ffffff": "#0f1419",
}
# The ends and the middle of the heat map's scale, and the figures on its tones.
SCALE: Final = {
    vega.BLUE: CHART[vega.BLUE],
    vega.VERMILLION: CHART[vega.VERMILLION],
    vega.CALM: "#28313a",
}
# No tone of CHART, or the style sheet would turn them again.
ON_SCALE: Final = {vega.ON_FAINT: "#fdfdfd", vega.ON_BLUE: "#000000"}


@dataclass(frozen=True, slots=True)
class Tones:
    """The map's colours: ink, soft ink, box, line, and links up, down and without a sign."""

    ink: str
    soft: str
    box: str
    line: str
    up: str
    down: str
    flat: str


MAP: Final = Tones("#1b232b", "#56616c", "#ffffff", "#b9c0c7", "#0072b2", "#c24f00", "#6b7680")
_MAP_DARK: Final = Tones(
    "#e4e8ec", "#a9b3bd", "#1a2129", "#4a5561", "#56b4e9", "#e69f00", "#94a0ab"
)
ON_MAP: Final = dict(zip(astuple(MAP), astuple(_MAP_DARK), strict=True))


def scaled(spec: Json, *, dark: bool) -> Json:
    """The specification with its scale, and the figures on it, for a light or dark page."""
    if isinstance(spec, dict):
        return {key: scaled(value, dark=dark) for key, value in spec.items()}
    if isinstance(spec, list):
        if dark and vega.CALM in spec:
            return [SCALE.get(tone, tone) if isinstance(tone, str) else tone for tone in spec]
        return [scaled(value, dark=dark) for value in spec]
    return ON_SCALE.get(spec, spec) if dark and isinstance(spec, str) else spec


def style() -> str:
    """The rules that turn drawings with their page."""
    places = (('[data-testid="stVegaLiteChart"]', CHART), (".st-key-map", ON_MAP))
    return "\n".join(
        f'{place} svg [{part}="{light}"] {{ {part}: light-dark({light}, {dark}); }}'
        for place, tones in places
        for light, dark in tones.items()
        for part in ("fill", "stroke")
    )
