"""Pure parts of the desk: fragments, panels, the map on a page, evaluation figures."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from causemap import explain
from causemap.agents.crypto_structure import FURTHER_PRINTS
from causemap.causes import GROUP_WORDS
from causemap.errors import UsageError
from causemap.records import Decomposition, Evidence, PartShare, Report
from causemap.records import Path as AssetPath
from causemap.reporting import panels, vega
from causemap.reporting.charts import all_charts
from causemap.reporting.crypto import _MOST_FURTHER, crypto_clock
from causemap.reporting.diff import compare
from causemap.reporting.panels import driver_gauge, heat_map, panel_charts, timeframes
from causemap.reporting.render import chart_svg
from causemap.reporting.tree import Line, Table
from causemap.ui import evaluation, map_chart, markup, tones
from causemap.ui.charting import as_table, on_page
from causemap.ui.comparing import added_and_dropped, shared_rows
from causemap.ui.following import read_answer
from causemap.ui.runner import DeskLine
from causemap.ui.tables import evidence_frame, evidence_table
from causemap.words import asset_name, leaders, number, true_minus, value_of


@cache
def seed() -> Report:
    """The bundled case of February 2026."""
    return explain("2026-02-seed")


def test_every_panel_has_words_and_rows() -> None:
    """Each panel of a rich case is drawn, with a takeaway, a text alternative and its data."""
    charts = panel_charts(seed())
    assert [chart.key for chart in charts] == ["heat", "gauge", "timeframes", "crypto"]
    for chart in charts:
        assert chart.title in chart.alt
        assert chart.rows
        assert all(len(row) == len(chart.columns) for row in chart.rows)
        assert chart_svg(chart).startswith("<svg")


def test_panels_of_an_empty_run_are_absent() -> None:
    """Nothing to show is no chart, never an empty one."""
    bare = replace(seed(), evidence=(), paths=(), decompositions=())
    assert panel_charts(bare) == ()


def without_single_days() -> Report:
    """The bundled case whose ledger holds a z of whole windows alone."""
    kept = tuple(e for e in seed().evidence if e.metric != "claim_change")
    return replace(seed(), evidence=kept)


def test_a_day_has_one_z_on_every_page() -> None:
    """Where the ledger holds the z of a day, the heat map shows that z and says it is measured."""
    report = seed()
    item = next(e for e in report.evidence if e.asset == "SLV" and e.metric == "claim_change")
    chart = heat_map(report)
    assert chart is not None
    assert item.z is not None
    row = next(r for r in chart.rows if r[:2] == ("Silver (SLV)", item.end))
    assert row[3] == pytest.approx(item.z, abs=0.05)
    assert chart.title.endswith(f"one-day z \u2212{abs(item.z):.1f}")
    inferred = heat_map(without_single_days())
    assert inferred is not None
    assert "one-day z about" in inferred.title


def test_another_measure_of_the_day_is_no_scale() -> None:
    """A residual, or a move on another clock, is not the path's change and sets no usual day."""
    report = seed()
    item = next(e for e in report.evidence if e.asset == "SLV" and e.metric == "claim_change")
    other = replace(item, value=item.value + 1.0)
    rest = without_single_days()
    with_other = heat_map(replace(rest, evidence=(*rest.evidence, other)))
    plain = heat_map(rest)
    assert with_other is not None
    assert plain is not None
    assert with_other.rows == plain.rows


def test_cells_of_small_windows_keep_the_sign() -> None:
    """A brief figure is the whole per cent with its sign; what rounds to nothing has none."""
    assert [panels._brief(move) for move in (-28.6, 6.4, -0.4, 0.6)] == [
        *("\u221229", "+6", "0", "+1")
    ]


def test_the_heat_map_is_in_units_of_each_assets_own_usual_day() -> None:
    """A day's z is its log move over the window's log move by z by the root of the days."""
    report = without_single_days()
    item = next(e for e in report.evidence if e.id == "technicals.slv.change")
    chart = heat_map(report)
    assert chart is not None
    row = next(r for r in chart.rows if r[0] == "Silver (SLV)" and r[1] == "2026-02-05")
    path = next(p for p in report.paths if p.asset == "SLV")
    assert item.z is not None
    usual = math.log(1 + item.value / 100) / item.z / math.sqrt(len(path.dates) - 1)
    assert row[2] == pytest.approx((path.values[-1] / path.values[-2] - 1) * 100, abs=0.01)
    assert row[3] == pytest.approx(math.log(path.values[-1] / path.values[-2]) / usual, abs=0.01)


def test_the_days_of_an_asset_add_up_to_the_z_of_its_window() -> None:
    """One-day z over the root of the days sums to the ledger's z: no second scale slips in."""
    report = without_single_days()
    chart = heat_map(report)
    assert chart is not None
    for path in report.paths:
        item = next(e for e in report.evidence if e.asset == path.asset and e.metric == "change")
        days = [r[3] for r in chart.rows if r[0] == asset_name(path.asset)]
        if all(isinstance(z, float) for z in days) and item.z is not None:
            total = sum(z for z in days if isinstance(z, float)) / math.sqrt(len(days))
            assert total == pytest.approx(item.z, abs=0.15), path.asset  # prices are rounded


def test_the_heat_map_says_what_its_z_is() -> None:
    """The horizon and the inference stand in the legend, the words and the table's head."""
    chart = heat_map(seed())
    assert chart is not None
    assert "one-day z" in json.dumps(chart.spec)
    assert "else inferred from its shortest z by the square-root-of-time rule" in chart.alt
    assert chart.alt.endswith(chart.note.removeprefix("Figures in %. "))
    assert chart.columns[-1] == "One-day z"


def test_a_long_heat_map_has_no_figures_that_would_overlap() -> None:
    """Beyond a dozen days the tones speak alone, and only some days are named."""
    days = tuple(f"2026-01-{k:02d}" for k in range(1, 30))
    path = AssetPath("SPX", days, tuple(100.0 - 0.2 * k for k in range(29)))
    chart = heat_map(replace(seed(), paths=(path,)))
    assert chart is not None
    assert '"type": "text"' not in json.dumps(chart.spec)
    assert len(chart.rows) == 28


def test_an_asset_without_a_scale_keeps_its_figure_without_a_tone() -> None:
    """A z near zero gives no scale: the move stands, its z is a gap, not a zero."""
    chart = heat_map(seed())
    assert chart is not None
    rows = [r for r in chart.rows if r[0] == "Equal-weight S&P"]
    assert rows
    assert all(r[3] is None for r in rows)


def luminance(tone: str, other: str = "#000000", share: float = 0.0) -> float:
    """The relative luminance (WCAG) of a colour, on its way to another by a share."""
    pairs = [(int(tone[k : k + 2], 16), int(other[k : k + 2], 16)) for k in (1, 3, 5)]
    parts = [(a + (b - a) * share) / 255 for a, b in pairs]
    red, green, blue = (p / 12.92 if p <= 0.04 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("tone", [k / 10 for k in range(-40, 41)])
def test_figures_are_read_on_every_tone_of_the_heat_map(tone: float, *, dark: bool) -> None:
    """Whatever the move, its figure stands out from its cell by 4.5 to 1, on light and dark."""
    scale = tones.scaled([vega.VERMILLION, vega.CALM, vega.BLUE], dark=dark)
    assert isinstance(scale, list)
    low, calm, high = map(str, scale)
    end = high if tone > 0 else low
    ink = str(tones.scaled(panels._ink({"tone": tone}), dark=dark))
    bright, dim = sorted((luminance(calm, end, abs(tone) / 4), luminance(ink)), reverse=True)
    assert (bright + 0.05) / (dim + 0.05) >= 4.5


@pytest.mark.parametrize("dates", [("2026-01-29",), ("2026-01-29", "2027-01-01")])
def test_no_point_after_the_as_of(dates: tuple[str, ...]) -> None:
    """One value gives no move, and a later day is not drawn."""
    path = AssetPath("SPX", dates, tuple(100.0 for _ in dates))
    assert heat_map(replace(seed(), paths=(path,))) is None


def test_a_gap_in_a_path_is_no_move() -> None:
    """Neither a NaN nor a zero price becomes a day of the heat map."""
    values = (100.0, math.nan, 0.0, 99.0)
    days = ("2026-01-29", "2026-01-30", "2026-02-02", "2026-02-03")
    assert heat_map(replace(seed(), paths=(AssetPath("SPX", days, values),))) is None


def test_gauge_rows_are_the_decompositions() -> None:
    """Every part and every residual has its row, in percent, ends in order."""
    part = PartShare("rates_shock", 0.7, 0.9, 0.5)
    split = Decomposition("SPX", -3.0, (part,), 0.3, 0.1, 0.5)
    chart = driver_gauge(replace(seed(), decompositions=(split,)))
    assert chart is not None
    assert [r[1:] for r in chart.rows] == [(70.0, 50.0, 90.0), (30.0, 10.0, 50.0)]


def test_the_gauge_leaves_room_for_its_figures() -> None:
    """The scale ends well beyond the widest interval, while its ticks end with it."""
    part = PartShare("rates_shock", 0.7, 0.16, 0.86)
    split = Decomposition("SPX", -10.3, (part,), 0.1, 0.1, 0.67)
    chart = driver_gauge(replace(seed(), decompositions=(split,)))
    assert chart is not None
    drawn = json.dumps(chart.spec)
    assert chart.spec["height"] == 27 * 2 + 44  # rows of a readable height beside the axis
    assert '"domain": [0.0, 133.3' in drawn
    assert '"values": [0, 20, 40, 60, 80]' in drawn


def test_figures_have_one_minus_sign() -> None:
    """A hyphen before a figure becomes the sign; ranges, dates and words keep their hyphens."""
    said = true_minus("Gold (-5.7 sd), -10.9% on 2026-02-05; 37%-38% of the 10-year, x -1")
    assert (
        said == "Gold (\u22125.7 sd), \u221210.9% on 2026-02-05; 37%-38% of the 10-year, x \u22121"
    )
    assert true_minus("-$69 billion, \u4e3a-3.3%") == "\u2212$69 billion, \u4e3a\u22123.3%"


def test_funding_stands_at_its_own_hour() -> None:
    """Each print is placed by its own time, and none later than the as-of is drawn."""
    chart = crypto_clock(seed())
    assert chart is not None
    assert [row[0] for row in chart.rows][:2] == ["1 Feb 2026, 00:00 UTC", "2 Feb 2026, 08:00 UTC"]
    early = replace(seed(), scope=replace(seed().scope, as_of="2026-02-02T09:00Z"))
    cut = crypto_clock(early)
    assert cut is not None
    assert len(cut.rows) == 2
    drawn = re.findall(r'"date": "([^"]+)"', json.dumps(cut.spec["layer"]))
    assert max(drawn) <= "2026-02-02T09:00Z"


def test_the_deepest_and_the_first_print_are_drawn() -> None:
    """The title's depth is the ledger's; a full list of further prints counts from below.

    Full is what the desk names at most.
    """
    report = seed()
    further = sum(e.metric.startswith("funding_2") for e in report.evidence)
    assert further == FURTHER_PRINTS == _MOST_FURTHER
    deepest = next(e for e in report.evidence if e.metric == "funding_deepest")
    chart = crypto_clock(report)
    assert chart is not None
    assert min(float(str(row[1])) for row in chart.rows) == deepest.value
    assert any(str(row[2]).endswith("funding_first_negative") for row in chart.rows)
    assert chart.title.startswith(f"Funding was negative at {len(chart.rows)} prints or more")
    assert "\u22121.37 bp" in chart.title
    few = tuple(e for e in report.evidence if not e.metric.startswith("funding_2"))
    fewer = crypto_clock(replace(report, evidence=few))
    assert fewer is not None
    assert fewer.title.startswith("Funding was negative at 2 prints, the deepest")


def test_a_print_named_twice_is_one_print() -> None:
    """The deepest print that is also among the further ones counts once."""
    report = seed()
    deepest = next(e for e in report.evidence if e.metric == "funding_deepest")
    again = replace(
        deepest, id="crypto_structure.btc.funding_2026020608", metric="funding_2026020608"
    )
    one, two = (crypto_clock(replace(report, evidence=e)) for e in ((deepest,), (deepest, again)))
    assert one is not None
    assert two is not None
    assert len(one.rows) == len(two.rows) == 1


def test_funding_that_was_never_negative_is_not_called_so() -> None:
    """A lowest print above zero is told as it is."""
    report = seed()
    deepest = next(e for e in report.evidence if e.metric == "funding_deepest")
    chart = crypto_clock(replace(report, evidence=(replace(deepest, value=0.4),)))
    assert chart is not None
    assert chart.title.startswith("Funding was never negative, lowest")


def test_every_day_of_the_clock_is_named_once() -> None:
    """Ticks are the midnights within the span, of many only every so many-th."""
    first = datetime.fromisoformat("2026-01-29T21:00")
    last = datetime.fromisoformat("2026-02-06T08:00")
    ticks = vega.midnights(first, last, 12)
    days = [(t["month"], t["date"]) for t in ticks if isinstance(t, dict)]
    assert days == [(1, 30), (1, 31), *((2, k) for k in range(1, 7))]
    assert len(vega.midnights(first, first + timedelta(days=59), 12)) <= 13


def test_timeframes_show_the_sign_without_colour() -> None:
    """A triangle says which way, for those who see no colour."""
    chart = timeframes(seed())
    assert chart is not None
    assert "\u25bc" in json.dumps(chart.spec, ensure_ascii=False)


HEX = re.compile(r'"(#[0-9a-f]{3,8})"')


@pytest.mark.parametrize("chart", [*all_charts(seed()), *panel_charts(seed())], ids=lambda c: c.key)
def test_every_tone_of_a_chart_turns_with_its_page(chart: object) -> None:
    """The style sheet knows each colour; only a scale and the figures on it are set beforehand."""
    from causemap.reporting.shares import Chart

    assert isinstance(chart, Chart)
    assert tones.scaled(chart.spec, dark=False) == chart.spec
    light, dark = (json.dumps(on_page(chart, dark=d)) for d in (False, True))
    assert len(light) == len(dark)
    assert (light == dark) == (vega.CALM not in light)
    own = {vega.CALM, vega.ON_FAINT, vega.ON_STRONG, vega.ON_BLUE}
    assert set(HEX.findall(light)) <= {*tones.CHART, *own}
    assert on_page(chart, dark=True)["background"] == "transparent"
    config = on_page(chart, dark=True)["config"]
    assert isinstance(config, dict)
    assert config["mark"]["aria"] is False  # type: ignore[index,call-overload]
    assert len(as_table(chart).rows) == len(chart.rows)


@pytest.mark.parametrize(
    ("columns", "cell", "stacks"),
    [
        (3, "calm", False),
        (3, "a text " * 8, True),
        (3, "CAUSEMAP_DESK_TIMEOUT", True),
        (6, "", True),
    ],
)
def test_a_table_too_wide_for_a_phone_is_stacked(columns: int, cell: str, *, stacks: bool) -> None:
    """Many columns, long texts and long words stand as blocks; every cell knows its column."""
    names = tuple(f"Column {k}" for k in range(columns))
    held = Table(names, (False,) * columns, (tuple(Line(cell) for _ in names),))
    made = markup.table(held, "A table")
    assert ("cm-stacks" in made) is stacks
    assert all(f"data-label='{name}'" in made for name in names)


def test_no_tone_is_turned_twice() -> None:
    """What is set for a dark page the style sheet does not turn again; it knows the map's."""
    assert not set(tones.ON_SCALE.values()) & set(tones.CHART)
    assert not {tones.SCALE[t] for t in (vega.BLUE, vega.VERMILLION, vega.CALM)} & set(tones.CHART)
    assert set(HEX.findall(json.dumps(map_chart.map_spec(seed().cause_map)))) <= set(tones.ON_MAP)
    assert f'[stroke="{vega.GRID}"] {{ stroke: light-dark({vega.GRID}, ' in tones.style()


def test_the_map_on_the_page_is_the_reports_map() -> None:
    """Every node and edge is drawn; words, table and choices hold the same ones."""
    held = seed().cause_map
    spec = json.dumps(map_chart.map_spec(held))
    assert all(f'"name": "{node.id}"' in spec for node in held.nodes)
    assert all(json.dumps(map_chart.edge_key(edge))[1:-1] in spec for edge in held.edges)
    assert len(map_chart.parts(held)) == len(held.nodes) + len(held.edges)
    assert len(map_chart.table_rows(held)) == len(held.edges)
    dashed = [row for row in map_chart.table_rows(held) if "dashed" in row[4]]
    assert len(dashed) == sum(not edge.supported for edge in held.edges)


def test_no_link_ends_beneath_a_box() -> None:
    """Links run between bodiless points at the sides of boxes, so that arrowheads are seen."""
    held = seed().cause_map
    series = map_chart.map_spec(held)["series"]
    assert isinstance(series, list)
    graph = series[0]
    assert isinstance(graph, dict)
    data, links = graph["data"], graph["links"]
    assert isinstance(data, list)
    assert isinstance(links, list)
    boxes = {node.id for node in held.nodes}
    bodiless = {d["name"] for d in data if isinstance(d, dict) and d.get("symbolSize") == 0}
    ends = {link[end] for link in links if isinstance(link, dict) for end in ("source", "target")}
    assert ends <= bodiless
    assert not ends & boxes
    # A link that crosses another runs beneath its figure.
    shown = [link["label"] for link in links if isinstance(link, dict)]
    assert all(isinstance(label, dict) and label["backgroundColor"] for label in shown)


def test_a_click_finds_its_part() -> None:
    """Places in the drawing's data lead back to nodes, edges and the lanes of long edges."""
    held = seed().cause_map
    series = map_chart.map_spec(held)["series"]
    assert isinstance(series, list)
    graph = series[0]
    assert isinstance(graph, dict)
    for kind, name in (("node", "data"), ("edge", "links")):
        items = graph[name]
        assert isinstance(items, list)
        for k, item in enumerate(items):
            assert isinstance(item, dict)
            wanted = re.sub(r"^lane \d ", "", str(item["name"]))
            found = map_chart.picked(held, [{"data_type": kind, "data_indices": [k]}])
            assert found in (wanted, None)
            assert (found is None) == (wanted in ("SHOCKS", "CHANNELS", "ASSET MOVES"))
    assert map_chart.picked(held, [{"data_indices": [10_000]}, {"data_indices": "x"}, {}]) is None


def test_shared_rows_are_widest_apart_first() -> None:
    """What both runs measured is listed by the distance of their z."""
    rows = shared_rows(seed(), explain("2025-04-all"))
    assert rows[0][0] == "The VIX"
    names = [row[0] for row in rows]
    assert not [name for name in names if "_" in name or name.startswith("Bitcoin: ")]
    assert len(set(names)) == len(names)
    assert shared_rows(seed(), replace(seed(), evidence=())) == ()


def test_two_falls_side_by_side_do_not_become_each_other() -> None:
    """Other windows are told as here and there; a window measured again as before and now."""
    one, other = seed(), explain("2025-04-all")
    beside = [change.text for change in compare(other, one, beside=True)]
    in_time = [change.text for change in compare(other, one)]
    assert len(beside) == len(in_time)
    assert not [t for t in beside if re.search(r"\b(went from|before|now|no longer|new on)\b", t)]
    told = r"the move of the VIX: \S+ points here, \S+ points there"
    assert any(re.fullmatch(told, text) for text in beside)
    assert any("went from" in text for text in in_time)


def test_a_refresh_names_what_changed() -> None:
    """Sentences that came and went, by their words."""
    old, new = seed(), replace(seed(), narrative=replace(seed().narrative, sentences=()))
    added, dropped = added_and_dropped(old, new)
    assert added == ()
    assert len(dropped) == len(old.narrative.sentences)


def test_the_evidence_table_sorts_as_numbers() -> None:
    """Figures are numbers, times are times, an absent z is missing, not zero."""
    frame = evidence_frame(seed(), seed().evidence)
    assert frame["Available"].dtype.kind == "M"
    assert frame["Available"].map(lambda at: f"{at:%Y-%m-%dT%H:%M}").tolist() == [
        e.available_at[:16] for e in seed().evidence
    ]
    assert frame["z"].dtype.kind == "f"
    assert frame["Value"].tolist() == [e.value for e in seed().evidence]
    assert frame["z"].isna().sum() == sum(e.z is None for e in seed().evidence)
    assert list(frame["No."]) == list(range(1, len(seed().evidence) + 1))
    assert evidence_frame(seed(), ()).empty


@pytest.mark.parametrize("case", ["2026-02-seed", "2018-11-crypto"])
def test_what_was_weighed_in_any_group_is_told_as_weighed(case: str) -> None:
    """Runs with several groups have no weights of their own: the groups' are shown."""
    report = explain(case)
    group, verdict = report.verdicts[-1]
    item = report.find(verdict.support[0])
    assert item is not None
    said = markup.evidence_card(report, item, 1)
    assert "not weighed" not in said
    assert (f"({GROUP_WORDS[group]})" in said) == (len(report.verdicts) > 1)
    pulls = evidence_frame(report, report.evidence).set_index("No.")["Pull"].dropna()
    lead, _ = leaders(verdict)[0]
    weights = {w.evidence: w.log_odds for w in verdict.weighed if w.cause == lead}
    place = 1 + [e.id for e in report.evidence].index(item.id)
    assert abs(pulls[place]) >= abs(weights[item.id])


def _z(item: Evidence) -> str:
    return "" if item.z is None else number(item.z, 1, signed=True)


def test_the_evidence_table_tells_each_figure_in_its_unit() -> None:
    """Equal figures of different units are told apart; an absent z is empty, a minus a minus."""
    items = seed().evidence
    table = evidence_table(seed(), items)
    page = BeautifulSoup(table.to_html(), "lxml")
    columns = list(table.columns)
    for name, said in (("Value", value_of), ("z", _z)):
        cells = page.select(f"td.col{columns.index(name)}")
        assert [cell.get_text() for cell in cells] == [said(e) for e in items]
    equal = Counter(e.value for e in items)
    assert any(n > 1 for n in equal.values())


@given(st.text(max_size=200))
def test_fragments_escape_whatever_they_are_given(text: str) -> None:
    """No text becomes an element in any fragment."""
    line = DeskLine("macro", "failed", 1.0, text)
    made = markup.progress((line,), {}) + markup.notice(text, "bad", f"x{text}")
    plain = markup.progress((replace(line, said=""),), {}) + markup.notice("", "bad", "x")
    assert made.count("<") == plain.count("<")


@pytest.mark.parametrize("text", ["", "{}", "[1]", "null", '{"intent": "why"}', "no json"])
def test_a_damaged_answer_is_skipped(text: str) -> None:
    """A stored follow-up that cannot be read is left out, not a fault."""
    assert read_answer(text) is None


EVENTS = [
    {
        "id": f"w{k}",
        "label": "rates_shock" if k % 2 else "growth_scare",
        "primary": "rates_shock" if k % 4 else "mixed_unclear",
        "mission_label": "rates_shock",
        "probabilities": {"rates_shock": 0.6, "growth_scare": 0.4},
        "abstained": k % 4 == 0,
        "seconds": 1.0,
    }
    for k in range(20)
]
METRICS = {"top1": {"value": 0.5, "low": 0.3, "high": 0.7}, "n_errors": 0, "note": "x"}
FILE = json.dumps({"n": 20, "metrics": METRICS, "events": EVENTS})


def test_an_evaluation_is_read_as_written() -> None:
    """Metrics with intervals, the top cause whether or not it abstained."""
    run = evaluation.read_evaluation(FILE, "rules")
    said = [evaluation.metric_line(m, run) for m in run.metrics]
    assert said == ["0.50 (0.30 to 0.70)", "0.00"]
    assert {j.top for j in run.judged} == {"rates_shock"}
    assert sum(j.right for j in run.judged) == 10


def alike(n: int, *, abstained: bool) -> evaluation.Evaluation:
    """A run of so many windows that are all right, and all answered or all abstained."""
    events = [
        EVENTS[1] | {"id": f"w{k}", "primary": "rates_shock", "abstained": abstained}
        for k in range(n)
    ]
    one: dict[str, object] = {"value": 1.0, "low": 1.0, "high": 1.0, "n": n}
    answered = 0.0 if abstained else 1.0
    metrics = {
        "top1": one,
        "coverage": one | {"value": answered, "low": answered, "high": answered},
        "selective_accuracy": one | {"value": None if abstained else 1.0},
        "macro_f1": one,
        "ece": {"value": 0.5, "low": 0.3, "high": 0.7, "n": n},
    }
    calibration = {"ece": 0.5, "null_low": 0.02, "null_high": 0.08, "informative": n >= 100}
    held = {"n": n, "episodes": n, "metrics": metrics, "events": events}
    return evaluation.read_evaluation(json.dumps(held | {"calibration": calibration}), "x")


def test_the_number_answered_comes_first() -> None:
    """The windows, the share answered and what was right of it lead; nothing answered is n/a."""
    assert evaluation.headline(alike(3, abstained=True)) == (
        ("n = 3", "windows in 3 episodes"),
        ("0.00 (0.00 to 0.56)", "share answered (0 of 3 answered)"),
        ("n/a", "right when it answers (0 of 3 answered)"),
    )
    assert evaluation.headline(alike(3, abstained=False))[2][0] == "1.00 (0.44 to 1.00)"


def test_calibration_error_is_told_from_a_hundred_windows_on() -> None:
    """Below, its figure would be noise and is left out; from there chance stands beside it."""
    few, many = (evaluation.further(alike(n, abstained=False)) for n in (99, 100))
    assert not [name for _, name in few if name.startswith("Calibration")]
    assert many[-1][1] == "Calibration error (by chance 0.02 to 0.08)"


def test_windows_that_are_all_alike_have_no_resampled_interval() -> None:
    """A share has Wilson's interval instead, any other score says that there is none."""
    told = {name: said for said, name in evaluation.further(alike(3, abstained=True))}
    assert told["Leading cause right, abstentions included"] == "1.00 (0.44 to 1.00)"
    assert told["Macro F1 over the causes"] == "1.00 (all alike: no interval)"


@given(st.integers(1, 500), st.floats(0, 1))
def test_wilson_holds_its_share(n: int, share: float) -> None:
    """The interval holds the share, lies within 0 and 1, and is never empty."""
    low, high = evaluation.wilson(share, n)
    assert 0.0 <= low < high <= 1.0
    assert low - 1e-9 <= share <= high + 1e-9


def test_confusion_counts_abstentions_apart() -> None:
    """Labels down, answers across; the row sums are the windows of that label."""
    columns, rows = evaluation.confusion(evaluation.read_evaluation(FILE, "rules"))
    assert columns == ("Label", "Rates shock", "Growth scare", "Abstained")
    counts = {row[0]: [0 if c == "\u00b7" else int(c) for c in row[1:]] for row in rows}
    assert counts == {"Rates shock": [10, 0, 0], "Growth scare": [5, 0, 5]}


def test_the_null_band_holds_a_calibrated_system() -> None:
    """Bins have equal mass, and chance alone spans a band around the stated probability."""
    bins = evaluation.reliability(evaluation.read_evaluation(FILE, "rules"))
    assert [b.n for b in bins] == [4] * 5
    assert all(b.low <= b.mean <= b.high for b in bins)
    again = evaluation.reliability(evaluation.read_evaluation(FILE, "rules"))
    assert bins == again


def test_risk_ends_at_full_coverage() -> None:
    """Answering everything, the risk is the share wrong."""
    run = evaluation.read_evaluation(FILE, "rules")
    points = evaluation.risk_coverage(run)
    assert points[-1] == (1.0, 0.5)
    for chart in (evaluation.reliability_chart(run), evaluation.risk_coverage_chart(run)):
        assert chart is not None
        assert chart_svg(chart).startswith("<svg")


def test_changed_verdicts_are_listed() -> None:
    """Two runs differ where their primary cause does."""
    run = evaluation.read_evaluation(FILE, "a")
    other = replace(run, judged=tuple(replace(j, primary="rates_shock") for j in run.judged))
    assert len(evaluation.changed(run, other)) == 5
    assert evaluation.changed(run, run) == ()


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"n": 1, "events": [{}], "metrics": {}}', "{"])
def test_a_file_that_is_no_evaluation_is_refused(text: str) -> None:
    """One clear line names the command that makes one."""
    with pytest.raises(UsageError, match="causemap eval run"):
        evaluation.read_evaluation(text, "x")
