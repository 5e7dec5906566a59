"""Slots: every figure, verb of direction and hedge is printed by code."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.facts import evidence_item

from causemap.llm.slots import (
    AUTO,
    TURNS,
    EmptySlotError,
    FormatMismatchError,
    Ledger,
    Slot,
    SlotSyntaxError,
    UnknownSlotError,
    band,
    cited,
    fill,
    parse,
    say_moment,
    say_number,
)
from causemap.records import Evidence


def evidence(value: float = -3.0, unit: str = "bp", z: float | None = -0.3) -> Evidence:
    """One yield change over the founding window."""
    return evidence_item(
        id="macro.ust10y.change",
        asset="UST10Y",
        value=value,
        unit=unit,
        said="10-year Treasury yield",
        observed_at="2026-02-05T21:00Z",
        available_at="2026-02-06T00:00Z",
        z=z,
    )


def ledger(item: Evidence) -> Ledger:
    """A ledger that holds one item and one probability."""
    return Ledger(
        {item.id: item},
        shares={"p:rates_shock": 0.62},
        moments={"w:start": "2026-01-29"},
        texts={"q:reason": "too close to call"},
    )


@pytest.mark.parametrize(
    ("value", "unit", "style", "printed"),
    [
        (-2.44, "%", "pct1", "-2.4%"),
        (-2.44, "%", "abs_pct1", "2.4%"),
        (0.52, "ratio", "pct0", "52%"),
        (0.6249, "share", "pct0", "62%"),
        (-3.4, "bp", "bp0", "-3 bp"),
        (-0.31, "bp_8h", "bp1", "-0.3 bp per eight hours"),
        (-5.31, "z", "z1", "-5.3 standard deviations"),
        (0.578, "corr", "corr2", "0.58"),
        (21.77, "index", "num1", "21.8"),
        (2560.0, "usd_mn", "money", "$2.56 billion"),
        (-84.0, "usd_mn", "money", "-$84 million"),
        (5.0, "days", "days", "5 days"),
        (-0.02, "%", "pct1", "0.0%"),
        (1234.5, "count", "num0", "1,234"),
        (-2.44, "%", "auto", "-2.4%"),
        (-2.44, "%", "fell_rose", "fell"),
        (2.44, "%", "fell_rose+auto", "rose 2.4%"),
        (-0.04, "%", "fell_rose+pct1", "held flat"),
        (-0.4, "bp", "narrowed_widened+bp0", "held flat"),
    ],
)
def test_a_number_prints_with_its_unit_and_sign(
    value: float, unit: str, style: str, printed: str
) -> None:
    """Each format prints sign, decimals and unit as written in its name."""
    assert say_number(value, unit, style) == printed


def test_a_sentence_is_filled_from_the_ledger() -> None:
    """Names, verbs, figures, dates, hedges and engine words all come from the run."""
    text = fill(
        "{macro.ust10y.change|asset|name} {macro.ust10y.change|value|fell_rose+bp0} to "
        "{macro.ust10y.change|end|date}, so a rates shock is {p:rates_shock|band} at "
        "{p:rates_shock|pct0}: {q:reason|text}, since {w:start|day}.",
        ledger(evidence()),
    )
    assert text == (
        "The 10-year Treasury yield fell 3 bp to 5 February 2026, so a rates shock is likely at "
        "62%: too close to call, since 29 January."
    )


def test_slots_and_citations_are_read_in_order() -> None:
    """Parsing gives key, field and format; only evidence slots are citations."""
    template = "{a.b|value|pct1} and {p:rates_shock|pct0} and {a.b|z|z1}"
    assert parse(template) == (
        Slot("a.b", "value", "pct1"),
        Slot("p:rates_shock", None, "pct0"),
        Slot("a.b", "z", "z1"),
    )
    assert cited(template) == ("a.b",)


@pytest.mark.parametrize(
    ("template", "error"),
    [
        ("{nothing.here|value|pct1}", UnknownSlotError),
        ("{p:unknown|pct0}", UnknownSlotError),
        ("{macro.ust10y.change|low|bp0}", EmptySlotError),
        ("{macro.ust10y.change|value|pct1}", FormatMismatchError),
        ("{macro.ust10y.change|value|money}", FormatMismatchError),
        ("{macro.ust10y.change|value|loud}", SlotSyntaxError),
        ("{macro.ust10y.change|price|bp0}", SlotSyntaxError),
        ("{macro.ust10y.change|end|loud}", SlotSyntaxError),
        ("fell {3 bp", SlotSyntaxError),
        ("fell 3} bp", SlotSyntaxError),
    ],
)
def test_a_bad_slot_is_refused_by_its_own_error(template: str, error: type[Exception]) -> None:
    """Unknown items, absent fields, wrong units and stray braces each have a typed error."""
    with pytest.raises(error):
        fill(template, ledger(evidence()))


def test_text_in_a_slot_is_never_filled_again() -> None:
    """Braces inside engine or outside words stay words."""
    run = Ledger(texts={"q:reason": "{macro.ust10y.change|value|bp0}"})
    assert fill("{q:reason|text}", run) == "{macro.ust10y.change|value|bp0}"


@pytest.mark.parametrize(
    ("share", "word"),
    [
        (1.0, "very likely"),
        (0.8, "very likely"),
        (0.799, "very likely"),
        (0.79, "likely"),
        (0.6, "likely"),
        (0.59, "possible"),
        (0.3, "possible"),
        (0.29, "unlikely"),
        (0.0, "unlikely"),
    ],
)
def test_the_hedge_follows_the_probability(share: float, word: str) -> None:
    """Bands begin at 0.8, 0.6 and 0.3 of the probability as printed in whole percent."""
    assert band(share) == word


def test_moments_print_in_three_ways() -> None:
    """Day, date and clock time; a bare date has no clock time to print."""
    assert say_moment("2026-02-05T21:00Z", "day") == "5 February"
    assert say_moment("2026-02-05T21:00Z", "datetime") == "5 February 2026, 21:00 UTC"
    assert say_moment("2026-02-05", "datetime") == "5 February 2026"


@given(
    value=st.floats(-5000, 5000, allow_nan=False),
    unit=st.sampled_from(sorted(set(AUTO) - {"share"})),
    turn=st.sampled_from(sorted(TURNS)),
)
def test_a_verb_never_contradicts_its_number(value: float, unit: str, turn: str) -> None:
    """The verb has the sign of the value, the figure has none, and a rounded zero is flat."""
    words = TURNS[turn]
    text = say_number(value, unit, f"{turn}+auto")
    if text.startswith(words.down):
        assert value < 0
    elif text.startswith(words.up):
        assert value > 0
    else:
        assert text == words.flat
        assert not re.search(r"[1-9]", say_number(value, unit, "auto"))
    assert "-" not in text.removeprefix(words.down).removeprefix(words.up).replace(words.flat, "")


@given(value=st.floats(-1e4, 1e4, allow_nan=False), z=st.floats(-20, 20, allow_nan=False))
def test_every_numeral_traces_to_a_slot(value: float, z: float) -> None:
    """What remains of a filled sentence without its slots holds no digit (E1)."""
    template = "It {macro.ust10y.change|value|fell_rose+bp0} ({macro.ust10y.change|z|z1})."
    text = fill(template, ledger(evidence(value, z=z)))
    printed = [
        say_number(value, "bp", "fell_rose+bp0"),
        say_number(z, "z", "z1"),
    ]
    for piece in printed:
        assert piece in text
        text = text.replace(piece, "", 1)
    assert not re.search(r"\d", text)


@pytest.mark.parametrize(
    ("metric", "value", "slot", "printed"),
    [
        ("change", 3.0, "value|bp0", "+3 bp"),
        ("change", -3.0, "value|bp0", "-3 bp"),
        ("change", 0.2, "value|bp0", "0 bp"),
        ("change", 3.0, "value|abs_bp0", "3 bp"),
        ("change", 3.0, "value|fell_rose+bp0", "rose 3 bp"),
        ("level", 3.0, "value|bp0", "3 bp"),
        ("change", 3.0, "n|num0", "250"),
    ],
)
def test_only_a_rise_without_a_verb_has_a_plus(
    metric: str, value: float, slot: str, printed: str
) -> None:
    """A change is never read as a level, nor a level, a count or a printed zero as a change."""
    item = replace(evidence(value), metric=metric, n=250)
    assert fill(f"It was {{{item.id}|{slot}}}.", ledger(item)) == f"It was {printed}."
