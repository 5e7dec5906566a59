from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causemap.articles import Article
from causemap.closed_sets import ClaimVerdict
from causemap.records import Scope
from causemap.tools.claims.records import ExtractedClaim
from causemap.tools.claims.weighing import Told, text_evidence

SCOPE = Scope("2026-01-29", "2026-02-05", "2026-02-07T23:59Z", ("SPX",), ("equity",))
VERDICTS: tuple[ClaimVerdict, ...] = (
    *("supported", "contradicted", "too_late", "single_source", "not_checkable"),
)


def _told(
    publisher: str, verdict: ClaimVerdict = "supported", day: str = "2026-02-03", text: str = ""
) -> Told:
    words = text or " ".join(f"{publisher}{n}word" for n in range(30))
    article = Article("a", None, publisher, "t", day, "date", day, day, "en", words)
    return Told(article, ExtractedClaim("a", 0, 1, "w", "cause", (), cause="rates_shock"), verdict)


def test_independent_publishers_add_up() -> None:
    """Three publishers whose claims stand speak fully; one alone speaks little and poorly."""
    (alone,) = text_evidence([_told("A")], SCOPE)
    (three,) = text_evidence([_told("A"), _told("B"), _told("C")], SCOPE)
    assert alone.value == pytest.approx(1 / 3, abs=1e-3)
    assert (alone.quality, alone.n) == (0.2, 1)
    assert (three.value, three.quality, three.n) == (1.0, 0.8, 3)
    assert (three.id, three.group, three.family) == (
        *("earnings_news.claims.rates_shock", "text", "text"),
    )


def test_copies_count_once() -> None:
    """Twenty copies of one text under twenty names are one voice."""
    copies = [_told(f"P{n}", text="the very same words of a wire story " * 5) for n in range(20)]
    (found,) = text_evidence(copies, SCOPE)
    assert (found.n, found.quality) == (1, 0.2)


def test_an_account_after_the_fall_is_no_cause() -> None:
    """What was published after the window's last close gives no text evidence."""
    assert text_evidence([_told("A", day="2026-02-06"), _told("B", day="2026-02-05")], SCOPE) == ()


def test_a_contradicted_claim_speaks_against_its_cause() -> None:
    """A cause that articles give and the tape denies gets a negative value."""
    (found,) = text_evidence([_told("A", "contradicted"), _told("B", "contradicted")], SCOPE)
    assert found.value < 0


@given(st.lists(st.tuples(st.sampled_from("ABCDEF"), st.sampled_from(VERDICTS)), max_size=30))
def test_text_evidence_is_bounded(told: list[tuple[str, ClaimVerdict]]) -> None:
    """Whatever is told, the value stays in [-1, 1] and the quality at or under 0.8."""
    for item in text_evidence([_told(name, verdict) for name, verdict in told], SCOPE):
        assert -1 <= item.value <= 1
        assert 0 < item.quality <= 0.8


@pytest.mark.parametrize(
    ("moment", "known"),
    [
        ("2026-02-03T10:00", "2026-02-03T10:00Z"),
        ("2026-02-03T10:00+02:00", "2026-02-03T08:00Z"),
        ("2026-02-03T10:00Z", "2026-02-03T10:00Z"),
        ("2026-02-03", "2026-02-03T23:59Z"),
    ],
)
def test_an_articles_time_is_told_in_utc(moment: str, known: str) -> None:
    """Without a zone a time is UTC, with another one it is turned, a day counts from its end."""
    one = _told("A")
    (found,) = text_evidence([one._replace(article=replace(one.article, available=moment))], SCOPE)
    assert (found.available_at, found.observed_at) == (known, known)


def test_what_was_out_by_the_evening_of_the_last_day_counts_whatever_its_zone() -> None:
    """00:30 in Berlin on the next day is 23:30 UTC: after the last close; 23:30 there is before."""
    one = _told("A")
    late, early = (
        one._replace(article=replace(one.article, available=f"2026-02-{moment}+02:00"))
        for moment in ("06T00:30", "05T23:30")
    )
    assert text_evidence([late], SCOPE) == ()
    assert len(text_evidence([early], SCOPE)) == 1


def test_a_word_against_weighs_as_much_as_a_word_for() -> None:
    """Of two publishers the tape bears one out and denies the other: nothing is left."""
    (found,) = text_evidence([_told("A"), _told("B", "contradicted")], SCOPE)
    assert (found.value, found.n) == (0.0, 2)


def test_a_publisher_speaks_once_with_the_mean_of_its_claims() -> None:
    """Two claims that stand and one that does not make a third of a voice, of which one speaks."""
    told = [_told("A"), _told("A"), _told("A", "contradicted")]
    (found,) = text_evidence(told, SCOPE)
    assert found.value == pytest.approx(1 / 3 / 3, abs=1e-4)
    assert (found.n, found.expected) == (1, (("rates_shock", 1),))
