from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.facts import evidence_item

from causemap import words
from causemap.records import OnsetInterval, Report


@given(st.text(max_size=400), st.integers(min_value=1, max_value=80))
def test_clean_text_is_visible_bounded_and_stable(text: str, limit: int) -> None:
    """Cleaning leaves no control, format or surrogate character, keeps the limit, and is final."""
    done = words.clean(text, limit)
    assert len(done) <= limit
    assert not {unicodedata.category(c) for c in done} & {"Cc", "Cf", "Cs", "Co", "Cn"}
    assert words.clean(done, limit) == done


def test_bidirectional_and_tag_characters_go() -> None:
    """Characters that reorder or hide text are dropped, the rest stays."""
    assert words.clean("a\u202eb\u2066c\u200bd\U000e0041e\x1b[1m\n f") == "abcde[1m f"


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (1.6, "%", "+1.6%"),
        (-26.04, "bp", "\u221226.0 bp"),
        (-5.3, "z", "z \u22125.3"),
        (0.554, "corr", "+0.55"),
        (1234.4, "usd_mn", "$1,234m"),
        (-1.1, "usd_bn", "\u2212$1.1bn"),
        (-0.04, "%", "0.0%"),
        (3.0, "count", "3"),
        (0.31, "ratio", "0.31"),
        (2.0, "widgets", "2.00 widgets"),
    ],
)
def test_amounts_carry_sign_and_unit(value: float, unit: str, said: str) -> None:
    """Each unit has its decimals; a value that rounds to zero has no sign."""
    assert words.amount(value, unit) == said


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.0, "0%"), (0.004, "<1%"), (0.524, "52%"), (0.996, ">99%"), (1.0, "100%")],
)
def test_percent_never_hides_a_small_chance(share: float, said: str) -> None:
    """What is not quite zero or one does not print as zero or one."""
    assert words.percent(share) == said


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        ("2026-01-29", "2026-01-29", "29 Jan"),
        ("2026-01-29", "2026-01-31", "29\u201331 Jan"),
        ("2026-01-30", "2026-02-02", "30 Jan \u2013 2 Feb"),
        ("2026-01-29T12:00Z", "2026-01-29T16:00Z", "29 Jan 12:00\u201316:00 UTC"),
        ("soon", "later", "soon \u2013 later"),
    ],
)
def test_onsets_read_as_intervals(low: str, high: str, said: str) -> None:
    """An onset is shown as the interval it is."""
    assert words.onset(OnsetInterval("x", low, high)) == said


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.example",
        "https://user@evil.example",
        "https://ok.example/ x",
        'https://ok.example/"',
        "https://\u0430pple.example",
        "https://a\u202eb.example",
        "http://",
        "https://[bad",
    ],
)
def test_dangerous_addresses_are_not_links(report: Report, url: str) -> None:
    """Even from the ledger, only plain http(s) addresses become links."""
    planted = replace(report, evidence=(replace(report.evidence[0], url=url),))
    assert words.safe_url(url, planted) is None


def test_only_ledger_addresses_are_links(report: Report) -> None:
    """An address the run did not collect is never a link."""
    known = "https://news.example/fed-chair"
    assert words.safe_url(known, report) == known
    assert words.safe_url("https://news.example/other", report) is None


def test_bands_rise_with_probability() -> None:
    """Hedges follow the probability."""
    assert [words.band(p) for p in (0.1, 0.3, 0.6, 0.8)] == [
        "unlikely",
        "possible",
        "likely",
        "very likely",
    ]


def test_a_name_that_says_z_is_not_followed_by_another() -> None:
    """A mean z, said to be one, would say it twice; another score keeps its unit."""
    mean = evidence_item(unit="z", value=-1.9, said="the mean z of the yields")
    other = evidence_item(unit="z", value=-1.9, said="gold against its own usual moves")
    assert words.value_of(mean) == f"{words.MINUS}1.9"
    assert words.value_of(other) == f"z {words.MINUS}1.9"
