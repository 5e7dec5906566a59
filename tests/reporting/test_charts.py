from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causemap.records import Contribution, OnsetInterval, Path, Report, Residual
from causemap.reporting import charts, shares, vega
from causemap.reporting.render import chart_png, chart_svg, svg_png
from causemap.reporting.shares import Chart

NAN = float("nan")


def values(chart: Chart, layer: int) -> list[dict[str, Any]]:
    """The rows of one layer of a chart."""
    found = json.loads(json.dumps(chart.spec))["layer"][layer]["data"]["values"]
    return list(found)


def test_a_full_report_has_every_chart(report: Report) -> None:
    """All seven charts, each with a takeaway, a text alternative and its data."""
    made = charts.all_charts(report)
    assert [c.key for c in made] == [
        *("contributions", "move-spx", "paths", "timeline", "probabilities", "z", "correlation")
    ]
    for chart in made:
        assert chart.title
        assert chart.alt
        assert chart.rows
        assert all(len(row) == len(chart.columns) for row in chart.rows)
        json.dumps(chart.spec, allow_nan=False)
        assert "http" not in json.dumps(chart.spec["layer"])


def test_an_empty_report_has_no_chart(bare: Report) -> None:
    """Nothing to show gives no chart, not an empty frame."""
    assert charts.all_charts(bare) == ()


def test_waterfall_bars_sum_to_the_whole(report: Report) -> None:
    """Each bar starts where the last one ended; the last part ends at the total."""
    chart = charts.contribution_waterfall(report)
    assert chart is not None
    bars = values(chart, 1)
    assert all(a["to"] == b["from"] for a, b in pairwise(bars[:-1]))
    assert bars[-2]["to"] == pytest.approx(100.0)
    assert bars[-1]["to"] == 100.0
    groups = "Over equities and crypto: AI and tech re-rating accounts for 46% of the falls"
    assert [b["name"] for b in bars][-2:] == ["Unexplained", "The falls"]
    assert chart.title == f"{groups}; 36% is unexplained"


def test_shares_of_one_group_are_shares_of_its_move(report: Report) -> None:
    """With a single group that fell nothing is pooled, and nothing says so."""
    chart = charts.contribution_waterfall(replace(report, verdicts=report.verdicts[:1]))
    assert chart is not None
    assert chart.title.startswith("AI and tech re-rating accounts for 46% of the move")
    assert chart.note == ""
    assert values(chart, 1)[-1]["name"] == "The move"


def test_pooled_shares_say_how_and_where_the_groups_differ(report: Report) -> None:
    """The note names the groups, the abstention over them, and each group's own largest part."""
    own = replace(
        report.verdict, contributions=(Contribution("liquidation_cascade", 0.6, 0.5, 0.7),)
    )
    verdict = replace(report.verdict, abstained=True)
    told = replace(report, verdict=verdict, verdicts=(("equity", report.verdict), ("metals", own)))
    note = shares.how_pooled(told)
    assert note.startswith(
        "Mean of the parts of equities and metals, each by how unusual its fall was"
    )
    assert "No single cause is named over all of them." in note
    assert "equities AI and tech re-rating 46%, metals liquidation cascade 60%" in note
    assert "differ" not in shares.how_pooled(
        replace(told, verdicts=(("equity", own), ("metals", own)))
    )


@pytest.mark.parametrize(
    ("share", "said"), [(0.1, "at least 10%"), (0.10004, "at least 10%"), (0.11, "11%")]
)
def test_the_unexplained_at_its_floor_is_known_from_below(
    report: Report, share: float, said: str
) -> None:
    """At the least share that always stays unexplained the words are 'at least', in every form."""
    assert shares.unexplained(share) == said
    parts = (Contribution("ai_rerating", 1 - share, 0.5, 0.9),)
    verdict = replace(report.verdict, contributions=parts, residual=Residual(share, share, 0.5))
    chart = charts.contribution_waterfall(replace(report, verdict=verdict))
    assert chart is not None
    assert chart.title.endswith(f"; {said} is unexplained")
    assert (values(chart, 1)[-2]["said"] == said) == said.startswith("at least")
    split = replace(report.decompositions[0], residual=share)
    assert ("(at least 10%)" in shares.unexplained_points(split)) == said.startswith("at least")


def test_event_numbers_have_their_key_beneath(report: Report) -> None:
    """Each number drawn above a day of the paths is named under the chart, and no other is."""
    chart = charts.indexed_paths(report)
    assert chart is not None
    drawn = {n for row in values(chart, 0) for n in str(row["said"]).split(", ")}
    told = set(re.findall(r"(?:Dashed:|;) (\d+) ", chart.note))
    assert drawn == told
    assert drawn


def test_bars_of_clipped_z_are_broken(report: Report) -> None:
    """Only a bar that goes on beyond the chart has a break, and the note says what it means."""
    chart = charts.evidence_z(report)
    assert chart is not None
    beyond = [row[0] for row in chart.rows if abs(float(str(row[1]))) > 8]
    assert [row["name"] for row in values(chart, 2)] == beyond
    assert beyond
    assert "broken" in chart.note
    calm = tuple(replace(e, z=None if e.z is None else e.z / 9) for e in report.evidence)
    plain = charts.evidence_z(replace(report, evidence=calm))
    assert plain is not None
    assert plain.note == ""


def test_small_windows_get_shorter_figures(report: Report) -> None:
    """Each figure of the timeline and of the z bars has a brief form that is no longer than it."""
    for chart, place in ((charts.timeline(report), 2), (charts.evidence_z(report), 3)):
        assert chart is not None
        rows = values(chart, place)
        assert all(len(str(row["brief"])) <= len(str(row["said"])) for row in rows)
    assert charts._brief("4 Feb 2026, 22:00 UTC") == "4 Feb, 22:00"
    assert charts._brief("29 Jan \u2013 3 Feb") == "29 Jan \u2013 3 Feb"


def test_decomposition_bars_sum_to_the_move(report: Report) -> None:
    """Parts in percentage points add up to the asset's own fall."""
    chart = charts.decomposition_waterfall(report.decompositions[0])
    assert chart is not None
    bars = values(chart, 1)
    assert bars[-2]["to"] == pytest.approx(-2.4)
    assert bars[-1]["to"] == -2.4
    assert "AI and tech re-rating \u22121.2 pp, unexplained \u22120.8 pp" in chart.title


@pytest.mark.parametrize("share", [0.9, NAN])
def test_parts_that_do_not_sum_are_not_drawn(report: Report, share: float) -> None:
    """A split that misses the whole is a fault and is left out."""
    parts = (Contribution("ai_rerating", share, 0.0, 1.0),)
    broken = replace(report.verdict, contributions=parts, residual=Residual(0.36, 0.2, 0.5))
    assert charts.contribution_waterfall(replace(report, verdict=broken)) is None


def test_paths_show_nothing_after_the_as_of_time(report: Report) -> None:
    """A close that was not past at the as-of time is not drawn, nor are later events."""
    early = replace(report, scope=replace(report.scope, as_of="2026-02-02T12:00Z"))
    chart = charts.indexed_paths(early)
    assert chart is not None
    assert max(str(row[1]) for row in chart.rows) == "2026-01-30"
    line = charts.timeline(early)
    assert line is not None
    assert not any("jobless" in str(row[0]) for row in line.rows)


def test_missing_and_single_points_are_left_out(report: Report) -> None:
    """A path needs two finite points; NaN is skipped."""
    one = Path("SPX", ("2026-01-29",), (100.0,))
    holes = Path("BTC", ("2026-01-29", "2026-01-30", "2026-02-02"), (100.0, NAN, 90.0))
    assert charts.indexed_paths(replace(report, paths=(one,))) is None
    chart = charts.indexed_paths(replace(report, paths=(one, holes)))
    assert chart is not None
    assert len(chart.rows) == 2
    assert "Bitcoin ended lowest, \u221210.0%" in chart.title


def test_the_takeaway_is_on_what_was_asked_about(report: Report) -> None:
    """A line beside the question is drawn, but the title neither leads with it nor denies it."""
    days = ("2026-01-29", "2026-01-30")
    asked = tuple(Path(a, days, (100.0, v)) for a, v in (("SPX", 99.9), ("NDX", 101.6)))
    beside = Path("SLV", days, (100.0, 95.8))
    calm = replace(report, scope=replace(report.scope, assets=("SPX", "NDX")))
    chart = charts.indexed_paths(replace(calm, paths=(*asked, beside)))
    assert chart is not None
    assert chart.title == "S&P 500 \u22120.1% from the start; Nasdaq 100 +1.6%"
    assert "Silver (SLV)" in {row[0] for row in chart.rows}
    alone = charts.indexed_paths(replace(calm, paths=asked))
    assert alone is not None
    assert alone.title.startswith("S&P 500 ended lowest, \u22120.1%")


def test_assets_asked_about_are_drawn_first(report: Report) -> None:
    """When there are more paths than lines, what the question named is kept."""
    others = tuple(replace(report.paths[0], asset=f"X{k}") for k in range(6))
    chart = charts.indexed_paths(replace(report, paths=(*others, *report.paths)))
    assert chart is not None
    drawn = {row[0] for row in chart.rows}
    assert {"S&P 500", "Nasdaq 100", "Bitcoin", "Ether", "Gold (GLD)", "Silver (SLV)"} <= drawn
    assert len(drawn) == len(vega.LINES)


def test_numbers_of_near_event_days_do_not_overlap(report: Report) -> None:
    """Each event day keeps its line; days too near for two numbers share one above the first."""
    days = tuple(f"2026-01-{k:02d}" for k in range(1, 31))
    path = Path("SPX", days, tuple(100.0 - k for k in range(30)))
    at = ("2026-01-02", "2026-01-03", "2026-01-04", "2026-01-20")
    markers = tuple(replace(report.markers[0], at=day) for day in at)
    chart = charts.indexed_paths(replace(report, paths=(path,), markers=markers))
    assert chart is not None
    assert [row["date"] for row in values(chart, 0)] == list(at)
    assert values(chart, 1) == [
        {"date": "2026-01-02", "said": "1\u20133"},
        {"date": "2026-01-20", "said": "4"},
    ]


def test_timeline_is_in_time_order_with_numbers(report: Report) -> None:
    """Rows follow the clock; events carry the numbers the path chart shows."""
    chart = charts.timeline(report)
    assert chart is not None
    assert chart.rows[0][0] == "1. MSFT results, after the close"
    numbers = [str(r[0]).split(".")[0] for r in chart.rows if str(r[0])[0].isdigit()]
    assert numbers == ["1", "2", "3", "4"]
    paths = charts.indexed_paths(report)
    assert paths is not None
    assert values(paths, 0)[0]["said"] == "2, 3"


def test_probabilities_are_ranked_and_complete(report: Report) -> None:
    """All nine causes by falling probability, the two first in the title."""
    chart = charts.probability_bars(report)
    assert chart is not None
    assert len(chart.rows) == 9
    assert chart.title == "AI and tech re-rating leads at 52%; liquidation cascade is next at 24%"


def test_z_bars_stop_but_figures_do_not(report: Report) -> None:
    """A z beyond the axis is drawn at its end and printed whole."""
    chart = charts.evidence_z(report)
    assert chart is not None
    assert values(chart, 1)[0]["value"] == -8.0
    assert chart.rows[0][:2] == ("Fall of silver", -9.4)
    none = tuple(replace(e, z=NAN) for e in report.evidence)
    assert charts.evidence_z(replace(report, evidence=none)) is None


def test_z_bars_are_of_the_window_asked_about(report: Report) -> None:
    """What was measured for a claim, over the time the claim speaks of, is no bar of the window."""
    claimed = replace(report.evidence[0], id="claim.x", metric="claim_change", z=-30.0)
    chart = charts.evidence_z(replace(report, evidence=(*report.evidence, claimed)))
    assert chart == charts.evidence_z(report)


def test_correlations_come_in_pairs(report: Report) -> None:
    """Start and end of each horizon with n; a horizon without its start is left out."""
    chart = charts.correlation_change(report)
    assert chart is not None
    assert [row[0] for row in chart.rows][:2] == [
        "Bitcoin 20-day, start (n = 20)",
        "Bitcoin 20-day, end (n = 20)",
    ]
    assert chart.title.endswith("from 0.41 to 0.55; the intervals overlap")
    ends = tuple(e for e in report.evidence if not e.id.endswith("_start"))
    assert charts.correlation_change(replace(report, evidence=ends)) is None


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=9), st.floats(0.5, 20))
def test_spread_keeps_order_gap_and_centre(places: list[float], gap: float) -> None:
    """Labels end up at least a gap apart, in order, around the same mean."""
    moved = vega.spread(places, gap)
    order = sorted(range(len(places)), key=lambda k: places[k])
    assert all(moved[b] - moved[a] >= gap - 1e-6 for a, b in pairwise(order))
    assert sum(moved) == pytest.approx(sum(places), abs=1e-6)


def test_spread_leaves_free_labels_alone() -> None:
    """Places that are far apart do not move."""
    assert vega.spread([1.0, 9.0, 5.0], 2.0) == pytest.approx([1.0, 9.0, 5.0])


def test_drawn_charts_are_stable_named_and_closed(report: Report) -> None:
    """The same chart gives the same SVG, with its text alternative and ids of its own."""
    chart = charts.contribution_waterfall(report)
    assert chart is not None
    svg = chart_svg(chart)
    assert svg == chart_svg(chart)
    assert 'role="img" aria-label="Waterfall of' in svg
    assert "<script" not in svg
    assert "<image" not in svg
    assert "Unexplained" in svg


def test_hostile_text_cannot_break_a_chart(hostile: Report) -> None:
    """Markup in labels comes out as text."""
    for chart in charts.all_charts(hostile):
        svg = chart_svg(chart)
        assert "<script" not in svg
        assert "<img" not in svg
        assert 'onmouseover="' not in svg


def test_png_forms(report: Report) -> None:
    """Charts and drawings become PNG without a browser."""
    chart = charts.probability_bars(report)
    assert chart is not None
    assert chart_png(chart, "Known up to 7 February 2026").startswith(b"\x89PNG")
    assert svg_png('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>').startswith(
        b"\x89PNG"
    )


def contrast(colour: str, ground: str) -> float:
    """WCAG contrast ratio of two ``#rrggbb`` colours."""

    def light(code: str) -> float:
        parts = [int(code[k : k + 2], 16) / 255 for k in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(colour), light(ground)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_colours_can_be_read() -> None:
    """Text colours reach 4.5:1 on white, marks 3:1."""
    assert all(contrast(c, "#ffffff") >= 4.5 for c in (*vega.LINES, vega.INK, vega.MUTED))
    assert all(contrast(c, "#ffffff") >= 3.0 for c in (vega.BLUE, vega.VERMILLION, vega.GREY))


def test_the_first_of_several_at_once_is_not_told_as_the_first_alone(report: Report) -> None:
    """Two moves within the same bar: which led is not known, and the title says so."""
    one = OnsetInterval("SPX", "2026-01-29T21:00Z", "2026-01-30T21:00Z")
    other = OnsetInterval("NDX", "2026-01-30T20:00Z", "2026-02-02T21:00Z")
    later = OnsetInterval("BTC", "2026-01-30T21:00Z", "2026-01-31T21:00Z")
    titles = []
    for onsets in ((one, later), (one, other), (one, other, replace(other, name="GLD"))):
        chart = charts.timeline(replace(report, markers=(), onsets=onsets))
        assert chart is not None
        titles.append(chart.title.partition("; ")[2])
    assert titles == ["", "1 more overlaps it", "2 more overlap it"]


@pytest.mark.parametrize("days", [2, 3, 6, 24, 60])
def test_an_axis_of_days_names_each_day_once(report: Report, days: int) -> None:
    """Whatever the window's length, no tick between two days repeats the first one's name."""
    dates = tuple(str(date(2026, 1, 5) + timedelta(days=k)) for k in range(days))
    path = Path("SPX", dates, tuple(100.0 - k for k in range(days)))
    (chart,) = [c for c in charts.all_charts(replace(report, paths=(path,))) if c.key == "paths"]
    named = re.findall(r">(\d{1,2} [A-Z][a-z]{2})<", chart_svg(chart))
    assert named
    assert len(named) == len(set(named))
