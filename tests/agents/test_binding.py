"""What a numeral belongs to: its bracket, its subject, its word of direction, its length."""

from __future__ import annotations

import pytest
from tests.facts import evidence_item

from causemap.agents.allowance import Allowed, Quantity
from causemap.agents.binding import (
    Case,
    items_of,
    lasts,
    leading,
    owners,
    prints,
    quantities,
    subject_of,
    turn_of,
)
from causemap.agents.reading import Horizon, read
from causemap.records import Evidence


def item(value: float = 1.0, unit: str = "%", metric: str = "change", said: str = "x") -> Evidence:
    """An item over five weekdays, a weekend among its seven days."""
    return evidence_item(
        id=f"desk.spx.{metric}",
        asset="SPX",
        value=value,
        unit=unit,
        said=said,
        available_at="2026-02-05",
    )


def case(text: str, *quantities: Quantity) -> Case:
    """A text read without citations, and the verdict's figures."""
    return Case(read(text, (), ()), (), Allowed(quantities))


@pytest.mark.parametrize(
    ("text", "value", "unit", "fits"),
    [
        ("It fell 2.4%.", -2.44, "%", True),
        ("It fell 2.4%.", 2.44, "%", True),
        ("It fell 2.4%.", -2.451, "%", False),
        ("It fell 2.4%.", -2.349, "%", False),
        # A share may be printed in percent, a percentage never as a share.
        ("It was 81%.", 0.81, "ratio", True),
        ("It was 0.81.", 0.81, "ratio", True),
        ("It was 0.81.", 81.0, "%", False),
        # Dollars are printed in millions, whatever they are kept in.
        ("It was $2.56bn.", 2560.0, "usd_mn", True),
        ("It was $2.56bn.", 2.56, "usd_bn", True),
        ("It was $2.56bn.", 2.56e9, "usd", True),
        ("It was $2.56bn.", 2.56e6, "usd", False),
    ],
)
def test_a_number_prints_a_value_to_its_last_digit(
    text: str, value: float, unit: str, fits: bool
) -> None:
    """Half of the last printed digit either way, in a unit the value may be printed in."""
    (number,) = case(text).reading.numbers
    assert prints(number, item(value, unit)) is fits


@pytest.mark.parametrize(
    ("text", "led"),
    [
        ("The S&P 500 fell 2.4% (-1.9).", True),
        ("The S&P 500 fell 2.4% in a week (-1.9).", False),
        ("The S&P 500 fell 2.4% (once) -1.9.", False),
        ("The S&P 500 fell 2.4%, -1.9.", False),
    ],
)
def test_a_bracket_belongs_to_the_number_right_before_it(text: str, led: bool) -> None:
    """Nothing stands between the two, and the bracket is still open."""
    read_case = case(text)
    first, second = read_case.reading.numbers[0], read_case.reading.numbers[-1]
    assert leading(second, read_case) == (first if led else None)
    assert leading(first, read_case) is None


@pytest.mark.parametrize(
    ("text", "owned"),
    [
        ("The S&P 500 fell 2.4%.", ("change",)),
        ("The S&P 500 fell short of its beta by 2.0%.", ("residual",)),
        # Before its subject a number may be any item's of it.
        ("A fall of 2.4% hit the S&P 500, beta aside.", ("change", "residual")),
        # In a bracket it is of the item that the number before it prints.
        ("The S&P 500 fell 2.4% (2.0%).", ("change",)),
    ],
)
def test_a_number_is_of_the_move_or_of_what_is_beyond_beta(
    text: str, owned: tuple[str, ...]
) -> None:
    """Behind the word "beta" stands a residual, elsewhere what is none."""
    cited = (item(-2.4), item(-2.0, metric="residual"))
    found = Case(read(text, cited, ()), cited, Allowed())
    number = found.reading.numbers[-1]
    subject = subject_of(number.start, found)
    assert subject is not None
    assert tuple(one.metric for one in owners(number, subject, found)) == owned
    alone = found._replace(cited=cited[1:])
    if owned == ("change",) and "(" not in text:
        # Where only the other kind is cited it has to do.
        assert [one.metric for one in owners(number, subject, alone)] == ["residual"]


def test_a_place_is_of_what_was_last_named_else_of_what_comes_first() -> None:
    """Within its sentence alone; a sentence that names nothing has no subject."""
    found = case("Gold fell 1%, silver 2%. By 3% fell bitcoin, then ether. It fell 4%.")
    keys = [subject_of(number.start, found) for number in found.reading.numbers]
    assert [None if one is None else one.key for one in keys] == ["GOLD", "SILVER", "BTC", None]


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("The S&P 500 fell 2.4%.", -1),
        ("Gold rose. The S&P 500 at 2.4%.", None),
        ("The S&P 500 fell as gold moved 2.4%.", None),
        ("The S&P 500 fell 3.1%, then 2.4%.", None),
        ("Gold rose, the S&P 500 fell 2.4%.", -1),
    ],
)
def test_a_word_of_direction_governs_what_stands_right_behind_it(
    text: str, sign: int | None
) -> None:
    """No other number or name between the two, and none of another sentence."""
    found = case(text)
    turn = turn_of(found.reading.numbers[-1], found)
    assert (None if turn is None else turn.sign) == sign


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("In crypto rates shock is at 31%.", 0.31),
        ("Rates shock is at 31% in crypto.", 0.31),
        ("Rates shock is at 62%.", 0.62),
        # A group named before a semicolon holds behind it, one of another sentence does not.
        ("In crypto prices fell; rates shock is at 31%.", 0.31),
        ("In crypto prices fell. Rates shock is at 62%.", 0.62),
    ],
)
def test_a_cause_has_the_figures_of_the_group_it_is_told_of(text: str, value: float) -> None:
    """The group named nearest before, else after, in the same sentence."""
    found = case(
        text,
        Quantity("rates_shock", "probability", 0.62),
        Quantity("rates_shock", "probability", 0.31, group="crypto"),
    )
    (cause,) = (s for s in found.reading.subjects if s.kind == "cause")
    assert items_of(cause, found) == ()
    (number,) = found.reading.numbers
    assert [q.value for q in quantities(cause, number.start, found)] == [value]


@pytest.mark.parametrize(
    ("length", "unit", "fits"),
    [
        # Seven days from 29 January to 5 February, five of them weekdays.
        (7, "d", True),
        (5, "d", True),
        (6, "d", False),
        (8, "d", False),
        (4, "d", False),
        (5, "h", False),
    ],
)
def test_a_length_is_the_windows_own(length: int, unit: str, fits: bool) -> None:
    """Calendar days or weekdays after the start close, and no hours."""
    assert lasts(item(), Horizon(0, 0, length, unit)) is fits


def test_a_length_may_be_told_by_name_or_value() -> None:
    """In the metric as a whole, in the item's words, or as its value to half a unit."""
    assert lasts(item(metric="corr_20d"), Horizon(0, 0, 20, "d"))
    assert not lasts(item(metric="corr_120d"), Horizon(0, 0, 20, "d"))
    assert not lasts(item(metric="corr_20days"), Horizon(0, 0, 20, "d"))
    assert lasts(item(said="20-day correlation"), Horizon(0, 0, 20, "d"))
    assert lasts(item(3.5, "days"), Horizon(0, 0, 3, "d"))
    assert not lasts(item(3.6, "days"), Horizon(0, 0, 3, "d"))
    assert not lasts(item(3.0, "hours"), Horizon(0, 0, 3, "d"))
    assert lasts(item(3.0, "hours"), Horizon(0, 0, 3, "h"))
