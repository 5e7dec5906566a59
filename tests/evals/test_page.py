from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser

from causemap.causes import CAUSES
from causemap.evals import page as paging
from causemap.evals.answers import Prediction, Sample, Trace, TracedEdge, from_shares
from causemap.evals.compare import Answered
from causemap.evals.windows import LabelledWindow, Wording

HOSTILE = "</td><script>alert(1)</script><img src=x onerror=alert(2)>\"'{{7*7}}\u202e"


def to_page(runs: Sequence[Answered], seed: int) -> str:
    """The page with few resamples."""
    return paging.to_page(runs, seed, resamples=20)


class _Seen(HTMLParser):
    """Elements, their attributes and the text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.rows: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag == "tr":
            self.rows.append(dict(attrs).get("class") or "")


def _runs(text: str = "") -> tuple[Answered, Answered]:
    windows = tuple(
        LabelledWindow(
            f"w{k}{text}", f"{2000 + k}-01-03", f"{2000 + k}-01-10", "equity", cause, "other"
        )
        for k, cause in enumerate(CAUSES)
    )
    edge = TracedEdge(f"rates{text}", f"SPX{text}", -1, supported=True)
    answers = [
        replace(
            from_shares({"rates_shock": 0.6, "growth_scare": 0.4}),
            reason=f"why{text}",
            trace=Trace(edges=(edge,)),
        )
        for _ in windows
    ]
    first: dict[int, Prediction | None] = dict(enumerate(answers))
    second = first | {5: from_shares({"policy_geopolitics": 1.0}), 6: None}
    return _answered("first" + text, windows, first), _answered("second", windows, second)


def _answered(
    name: str, windows: tuple[LabelledWindow, ...], answers: dict[int, Prediction | None]
) -> Answered:
    samples = {
        key: Sample(key, answer, None if answer else f"boom{HOSTILE}", priced=True, seconds=0.1)
        for key, answer in answers.items()
    }
    return Answered(name, windows, samples, Wording())


def _parsed(page: str) -> _Seen:
    seen = _Seen()
    seen.feed(page)
    return seen


def test_hostile_text_stays_text() -> None:
    """Ids, reasons, faults and edges full of markup add no element and no attribute."""
    plain, hostile = (_parsed(to_page(_runs(text), 0)) for text in ("", HOSTILE))
    assert hostile.tags == plain.tags
    assert not {"script", "iframe", "link", "object", "form", "base"} & set(hostile.tags)
    assert not [name for name, _ in hostile.attributes if name.startswith("on")]
    page = to_page(_runs(HOSTILE), 0)
    assert "&lt;script&gt;alert(1)" in page
    assert "\u202e" not in page
    assert "{{7*7}}" in page


def test_the_page_asks_for_nothing_from_anywhere() -> None:
    """No address of another place stands in an attribute, and the policy forbids all of them."""
    seen = _parsed(to_page(_runs(), 0))
    fetched = [
        v for n, v in seen.attributes if n in ("src", "href", "xlink:href", "action", "srcset")
    ]
    assert [value for value in fetched if not value.startswith("#")] == []
    assert any("default-src 'none'" in value for _, value in seen.attributes)


def test_what_changed_between_two_runs_comes_first() -> None:
    """Rows that differ lead the table, and carry the classes that the filters use."""
    rows = [row for row in _parsed(to_page(_runs(), 0)).rows if row.startswith("w ")]
    assert len(rows) == len(CAUSES)
    assert [row.endswith("changed") for row in rows] == [True, True] + [False] * 7
    assert rows[0].split() == ["w", "l-policy_geopolitics", "o-wrong", "o-right", "changed"]
    assert rows[1].split() == ["w", "l-positioning_unwind", "o-wrong", "o-error", "changed"]


def test_an_answer_keeps_its_run_where_rows_are_stacked() -> None:
    """On a phone a row stands as a block, so each answer says whose it is and charts shrink."""
    page = to_page(_runs(), 0)
    labels = [value for name, value in _parsed(page).attributes if name == "data-label"]
    assert labels == ["label", "first", "second"] * len(CAUSES)
    assert "figure svg { max-width: 100%" in page


def test_every_filter_has_its_rule() -> None:
    """Each label and outcome has a radio button and the style rule it switches."""
    page = to_page(_runs()[:1], 0)
    for label in (*CAUSES, "no_drawdown"):
        assert f'id="l-{label}"' in page
        assert f"#l-{label}:checked" in page
    for outcome in ("right", "wrong", "abstained", "error"):
        assert f"#o-{outcome}:checked" in page


def test_the_same_runs_give_the_same_page() -> None:
    """Charts included, two exports are equal, and no two ids of a page are."""
    first, second = to_page(_runs(), 0), to_page(_runs(), 0)
    assert first == second
    ids = [value for name, value in _parsed(first).attributes if name == "id"]
    assert len(ids) == len(set(ids))


def test_the_page_shows_charts_and_the_confusion_matrix() -> None:
    """Reliability, risk-coverage and the matrix stand on a one-run page."""
    page = to_page(_runs()[:1], 0)
    assert page.count("<svg") == 2
    assert "Confusion matrix" in page
    assert "Calibration error: not informative below 100 windows." in page
    assert '<th scope="row">Calibration error</th>' not in page
    assert '<th scope="row">Leading cause right, abstentions included</th>' in page
    assert "n = " in page[: page.index("<h2>Scores</h2>")]
