"""The grounding gate: what passes, what is refused, and why."""

from __future__ import annotations

import pytest

from causemap.agents.allowance import Allowed, Moment, Quantity
from causemap.agents.clauses import cause_words
from causemap.agents.verifier import check_sentence, verify
from causemap.causes import CAUSES
from causemap.llm.slots import BANDS, band
from causemap.records import Evidence, Narrative, Sentence


def item(
    asset: str,
    value: float,
    unit: str = "%",
    metric: str = "change",
    said: str = "",
    **more: object,
) -> Evidence:
    """An item over the founding window."""
    fields: dict[str, object] = {
        "id": f"desk.{asset.lower()}.{metric}",
        "desk": "macro",
        "family": "prices",
        "group": "rates",
        "metric": metric,
        "asset": asset,
        "start": "2026-01-29",
        "end": "2026-02-05",
        "value": value,
        "unit": unit,
        "said": said or f"measure of {asset}",
        "observed_at": "2026-02-05T21:00Z",
        "available_at": "2026-02-05T22:00Z",
        "source": "test",
    }
    return Evidence(**(fields | more))  # type: ignore[arg-type]  # one dict, fields of many types


SPX = item("SPX", -2.44, z=-1.9)
BTC = item("BTC", -26.13, z=-5.3)
BETA = item("BTC", -21.99, metric="residual", z=-4.9)
NDX = item("NDX", 1.0)
TEN = item("UST10Y", -3.2, "bp", z=-0.3)
CORR = item(
    "BTC", 0.553, "corr", "corr_20d", "20-day correlation of Bitcoin with the S&P 500", n=20
)
SHARE = item("BTC", 0.81, "ratio", "mech", "part stocks do not explain", low=0.7, high=0.9)
CASH = item("AAVE", 2560.0, "usd_mn", "liq", "on-chain liquidations")
VERDICT = Allowed(
    (
        Quantity("rates_shock", "probability", 0.62),
        Quantity("rates_shock", "probability", 0.31, group="crypto"),
        Quantity("rates_shock", "share", 0.45, 0.3, 0.6),
        Quantity("growth_scare", "probability", 0.2),
        Quantity("unexplained", "share", 0.35, 0.2, 0.5),
    ),
    (
        Moment("", "2026-01-29"),
        Moment("CME notice", "2026-01-30T21:00Z"),
        Moment("S&P 500", "2026-01-30", "start", "first"),
        Moment("S&P 500", "2026-02-02", "end", "first"),
    ),
    ("below the 45% needed to name a cause",),
)


@pytest.mark.parametrize(
    "text",
    [
        "The S&P 500 fell 2.4% from 29 January to 5 February 2026.",
        "Bitcoin lost 26% and the S&P 500 2.4% lower.",
        "The 10-year yield slipped 3 basis points (-0.3 standard deviations).",
        "The 10Y fell 3.2 bp.",
        "A 2.4% drop in the S&P 500.",
        "Bitcoin dropped 26%.",
        "The 20-day correlation of Bitcoin with the S&P 500 stood at 0.55 (n = 20).",
        "On-chain liquidations came to $2.56bn on 2026-02-05.",
        "On-chain liquidations came to $2,560 million.",
        "Part stocks do not explain: 0.81 (range 0.70 to 0.90).",
        "A rates shock is likely at 62%, ahead of a growth scare at 20%.",
        "In crypto a rates shock is possible, at 31%.",
        "A rates shock explains 45% (range 30% to 60%).",
        "The unexplained share is 35% (range 20% to 50%).",
        "A rates shock leads, but below the 45% needed to name a cause.",
        "The CME notice came on 30 January 2026, 21:00 UTC.",
        "The S&P 500 fell over 5 sessions.",
        "The first abnormal S&P 500 bar closed between 30 January and 2 February 2026.",
        "Bitcoin fell short of its beta by 22.0% (-4.9 standard deviations).",
    ],
)
def test_a_true_sentence_passes(text: str) -> None:
    """Sentences in other words than the synthesiser's pass when every figure is bound."""
    assert check_sentence(text, (SPX, BTC, TEN, CORR, SHARE, CASH, BETA, NDX), VERDICT) == ()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("The S&P 500 fell 2.6%.", "number"),
        ("The S&P 500 rose 2.4%.", "sign"),
        ("The S&P 500 fell -2.4%.", "sign"),
        ("The S&P 500 was 2.4% higher.", "sign"),
        ("Stocks: the S&P 500 held flat.", "sign"),
        ("The S&P 500 fell 2.4 bp.", "unit"),
        ("The S&P 500 fell $2.4 billion.", "unit"),
        ("Gold fell 2.4%.", "asset"),
        ("The S&P 500 fell 26.1%.", "number"),
        ("The S&P 500 fell twenty percent.", "number"),
        ("The move was 2.4%.", "number"),
        ("The S&P 500 fell 2.4% from 28 January to 5 February 2026.", "date"),
        ("The S&P 500 fell 2.4% from 5 February to 29 January 2026.", "date"),
        ("The S&P 500 fell 2.4% by 5 February 2025.", "date"),
        ("The S&P 500 fell 2.4% on 5 February 2026, 20:00 UTC.", "date"),
        ("The CME notice came on 31 January 2026.", "date"),
        ("The 60-day correlation of Bitcoin with the S&P 500 stood at 0.55.", "window"),
        ("The S&P 500 fell 2.4% in 3 sessions.", "window"),
        ("The S&P 500 fell 2.4% from 30 January to 5 February 2026.", "date"),
        ("The first abnormal S&P 500 bar closed between 2 February and 30 January 2026.", "date"),
        ("Bitcoin fell 22.0%.", "number"),
        ("Bitcoin fell short of its beta by 26.1%.", "number"),
        ("Bitcoin fell 26.1% (-4.9 standard deviations).", "number"),
        ("No cohort rose: the NASDAQ 100 gained 1.0%.", "sign"),
        ("Part stocks do not explain: 0.81 (range 0.60 to 0.90).", "number"),
        ("On-chain liquidations came to $2.56 million.", "number"),
        ("A rates shock is very likely at 62%.", "hedge"),
        ("In crypto a rates shock is likely.", "hedge"),
        ("A rates shock is likely at 20%.", "number"),
        ("A likely story.", "hedge"),
        ("A rates shock explains 62%.", "number"),
        ("A rates shock certainly did it.", "overclaim"),
        ("Investors should buy the dip.", "advice"),
        ("The S&P 500 fell 2.4% (Q4).", "number"),
        ("MSFT led, the S&P 500 fell 2.4%.", "number"),
        ("The S&P 500 fell 2.4% and lost ground to Gold.", "asset"),
    ],
)
def test_a_false_sentence_is_refused_for_the_right_reason(text: str, kind: str) -> None:
    """Each kind of fault is named."""
    problems = check_sentence(text, (SPX, BTC, TEN, CORR, SHARE, CASH, BETA, NDX), VERDICT)
    assert kind in {problem.kind for problem in problems}


def test_nothing_may_be_claimed_without_a_citation() -> None:
    """A sentence that cites nothing may hold no figure and no movement."""
    assert check_sentence("Open interest is not covered.", ()) == ()
    assert check_sentence("The S&P 500 fell 2.4%.", ())
    assert check_sentence("The S&P 500 fell.", ())


def _one(text: str, *ids: str) -> Narrative:
    return Narrative((Sentence("verdict", text, text, ids),))


def test_an_unknown_id_drops_the_sentence() -> None:
    """A citation that this run does not hold fails closed, and the reason is listed."""
    found = verify(_one("The S&P 500 fell 2.4%.", SPX.id, "desk.made.up"), (SPX,), "2026-02-07")
    assert found.sentences == ()
    assert "unknown_id" in found.dropped[0]


@pytest.mark.parametrize(
    ("as_of", "kept"),
    [
        ("2026-02-05T21:59Z", 0),
        ("2026-02-05T22:00Z", 1),
        ("2026-02-05", 1),
        ("2026-02-05T23:30+02:00", 0),
        ("soon", 0),
    ],
)
def test_an_item_from_after_the_as_of_time_may_not_be_cited(as_of: str, kept: int) -> None:
    """Availability is compared as instants; an unreadable time fails closed."""
    found = verify(_one("The S&P 500 fell 2.4%.", SPX.id), (SPX,), as_of)
    assert len(found.sentences) == kept
    assert len(found.dropped) == 1 - kept


def test_an_available_date_counts_from_its_end() -> None:
    """An item with a bare availability date is not known at noon of that day."""
    dated = item("SPX", -2.44, available_at="2026-02-05")
    noon = verify(_one("The S&P 500 fell 2.4%.", dated.id), (dated,), "2026-02-05T12:00Z")
    assert noon.sentences == ()


def test_one_bad_sentence_does_not_take_the_others_with_it() -> None:
    """Good sentences stay in order; what was dropped before stays listed."""
    good = Sentence("verdict", "", "The S&P 500 fell 2.4%.", (SPX.id,))
    bad = Sentence("verdict", "", "The S&P 500 fell 2.9%.", (SPX.id,))
    found = verify(Narrative((good, bad, good), ("earlier",)), (SPX,), "2026-02-07")
    assert found.sentences == (good, good)
    assert found.dropped[0] == "earlier"
    assert "number" in found.dropped[1]


def test_writer_and_gate_agree_on_hedges() -> None:
    """The gate's own bands are those of the writer, at every hundredth."""
    for step in range(101):
        share = step / 100
        allowed = Allowed((Quantity("rates_shock", "probability", share),))
        for _, word in BANDS:
            fits = not check_sentence(f"A rates shock is {word}.", (), allowed)
            assert fits == (word == band(share))


def test_every_cause_can_be_named() -> None:
    """Each cause's plain name binds its own probability."""
    for cause in CAUSES:
        allowed = Allowed((Quantity(cause, "probability", 0.42),))
        assert check_sentence(f"For now, {cause_words(cause)} at 42%.", (), allowed) == ()
