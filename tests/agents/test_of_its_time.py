from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causemap.agents import of_its_time
from causemap.agents.bench import Bench
from causemap.agents.news import read_news
from causemap.agents.of_its_time import BEFOREHAND, KINDS, MOST, counted, hold_news, likely
from causemap.errors import UsageError
from causemap.evals.campaign import Order, make_plan
from causemap.evals.perturb import perturbed
from causemap.records import Note, Scope
from causemap.settings import Settings
from causemap.tools.market import Market, open_market
from causemap.tools.news.dateline import Fit
from causemap.tools.news.stories import Story, stories
from causemap.tools.notes import notes_for, read_notes

SCOPE = Scope("2026-01-29", "2026-02-05", "2026-02-06T23:59Z", ("BTC",), ("crypto",))
FITS = st.fixed_dictionaries({k: st.builds(Fit, *[st.integers(0, 2 * MOST)] * 2) for k in KINDS})


def _note(text: str, published: str = "2026-02-03") -> Note:
    return Note(text[:9], published, "date", "Reuters", "newswire", text, None, "found", 0.9)


def _told(*texts: str, published: str = "2026-02-03") -> list[Story]:
    return [Story(_note(text, published), frozenset({"reuters"})) for text in texts]


@pytest.fixture
def bench(shared_dir: Path) -> Bench:
    """A bench over the anchor window: bitcoin between 98,000 and 62,000 in two months."""
    view = open_market(shared_dir / "data").view(datetime.fromisoformat(SCOPE.as_of))
    return Bench("earnings_news", SCOPE, view)


@given(FITS, st.sampled_from(KINDS))
def test_what_is_known_raises_the_chance_and_what_is_unknown_lowers_it(
    fits: dict[str, Fit], kind: str
) -> None:
    """Each kind speaks both ways, up to the most it may say, and nothing is ever certain."""
    chance = likely(fits)
    assert 0.0 < chance < 1.0
    known = likely({**fits, kind: fits[kind].plus(fits=True)})
    unknown = likely({**fits, kind: fits[kind].plus(fits=False)})
    assert (known > chance) == (fits[kind].known < MOST)
    assert (unknown < chance) == (fits[kind].unknown < MOST)


def test_notes_that_tell_nothing_to_hold_are_believed_as_beforehand(tmp_path: Path) -> None:
    """Without anything to hold, or a series to hold it against, notes count in full."""
    view = Market(tmp_path).view(datetime(2026, 2, 6, 23, 59, tzinfo=UTC))
    bench = Bench("earnings_news", SCOPE, view)
    told = _told("The Fed cut rates.", "Bitcoin fell to $9,200.")
    assert likely(counted(bench, told)) == pytest.approx(BEFOREHAND)
    assert hold_news(bench, told) == 1.0
    assert bench.evidence == []
    assert bench.gaps == []


def test_ratios_of_another_version_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of another form is never read as if it were of this one."""
    monkeypatch.setattr(of_its_time, "VERSION", of_its_time.VERSION + 1)
    of_its_time._learnt.cache_clear()
    with pytest.raises(UsageError, match="fit it anew"):
        likely({"levels": Fit()})


def test_a_release_of_the_day_bears_out_its_note(bench: Bench) -> None:
    """The meeting of 28 January is on file; a decision told for 3 February is none."""
    right = _told("The Fed held rates steady in January.", published="2026-01-28")
    wrong = _told("The Fed cut rates by half a point.")
    assert counted(bench, right)["releases"] == (1, 0)
    assert counted(bench, wrong)["releases"] == (0, 1)
    assert likely(counted(bench, wrong)) < BEFOREHAND < likely(counted(bench, right))
    assert hold_news(bench, wrong) == hold_news(bench, right) == 1.0
    items = [item for item in bench.evidence if item.metric == "times_known"]
    assert [(item.value, item.n, item.group) for item in items] == [
        (0.0, 1, "context"),
        (1.0, 2, "context"),
    ]


def test_a_release_after_the_as_of_is_not_known(shared_dir: Path) -> None:
    """A note dated ahead of a meeting is not borne out by it until it has happened."""
    scope = Scope("2026-01-20", "2026-01-27", "2026-01-28T12:00Z", ("SPX",), ("equity",))
    told = _told("The Fed held rates steady.", published="2026-01-28")
    found = []
    for as_of in (scope.as_of, "2026-01-28T23:00Z"):
        view = open_market(shared_dir / "data").view(datetime.fromisoformat(as_of))
        found.append(counted(Bench("earnings_news", scope, view), told)["releases"])
    assert found == [Fit(0, 1), Fit(1, 0)]


def test_notes_of_another_time_weigh_less_in_shares_and_events(bench: Bench) -> None:
    """Unknown levels, months and years take their say from all the notes give, and it is told."""
    wrong = (
        "Bitcoin fell to $9,200. In September regulators banned exchanges.",
        "Ether dropped to $140. A recovery before 2029 is unlikely.",
    )
    read_news(bench, tuple(_note(text) for text in wrong))
    weighed = [item for item in bench.evidence if item.group in ("text", "event_time")]
    assert weighed
    assert all(item.quality < 0.1 for item in weighed)
    gap = next(gap for gap in bench.gaps if gap.what == "the news of these days")
    assert gap.why.startswith("4 of 4 price levels, months, years and releases")


def test_notes_of_the_catalogue_are_told_from_those_of_other_windows(
    shared_dir: Path, tmp_path: Path
) -> None:
    """Of files that taught nothing no own notes are doubted, of others' laid over many."""
    events, path = (shared_dir / "events" / name for name in ("train.yaml", "notes.jsonl"))
    market, notes = open_market(shared_dir / "data"), read_notes(path)
    settings = Settings(data_dir=shared_dir / "data", home=tmp_path)
    chances: dict[str | None, list[float]] = {None: [], "other-notes": []}
    for perturb, found in chances.items():
        for task in make_plan(Order(events, notes=path, perturb=perturb), settings).tasks:
            scope, given_ = perturbed(perturb, task.scope, notes, task.donor, market)
            view = market.view(datetime.fromisoformat(scope.as_of))
            heard = stories(notes_for(given_, scope.start, scope.as_of))
            found.append(likely(counted(Bench("earnings_news", scope, view), heard)))
    own, other = chances[None], chances["other-notes"]
    assert min(own) >= 0.5
    higher = sum(a > b for a in own for b in other) / (len(own) * len(other))
    assert higher > 0.9
    assert sum(chance < 0.5 for chance in other) > len(other) / 4
