"""Folds that respect time: windows that share days form one episode and are never split.

Two windows of one episode hold much of the same tape, so one must not train the answer to the
other, and neither counts as an independent sample in an interval.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple


class Span(NamedTuple):
    """The closes of a window as ISO dates, both inside it."""

    start: str
    end: str


class Fold(NamedTuple):
    """Positions to train on and positions to answer; they share no episode."""

    train: tuple[int, ...]
    test: tuple[int, ...]


def shares_days(one: Span, two: Span) -> bool:
    """Whether two windows have a day in common, their first and last closes included."""
    return one.start <= two.end and two.start <= one.end


def episodes(spans: Sequence[Span]) -> tuple[int, ...]:
    """The episode of each window, numbered from 0 in time order.

    Windows that share a day (the first or last close included) belong together, and so does
    whatever overlaps one of them: an episode is a connected run of days.

    >>> episodes([Span("2020-02-19", "2020-03-06"), Span("2020-06-08", "2020-06-11"),
    ...           Span("2020-03-06", "2020-03-20")])
    (0, 1, 0)
    """
    numbers = [0] * len(spans)
    number, last = -1, ""
    for k in sorted(range(len(spans)), key=lambda k: (spans[k].start, spans[k].end)):
        if number < 0 or spans[k].start > last:
            number, last = number + 1, spans[k].end
        else:
            last = max(last, spans[k].end)
        numbers[k] = number
    return tuple(numbers)


def episode_spans(spans: Sequence[Span]) -> tuple[Span, ...]:
    """For each window, the first and the last day of its whole episode."""
    numbers = episodes(spans)
    whole = {
        number: Span(
            min(s.start for s, n in zip(spans, numbers, strict=True) if n == number),
            max(s.end for s, n in zip(spans, numbers, strict=True) if n == number),
        )
        for number in set(numbers)
    }
    return tuple(whole[number] for number in numbers)


def leave_one_episode_out(spans: Sequence[Span]) -> Iterator[Fold]:
    """A fold per episode in time order: its windows are answered, all others trained on."""
    numbers = episodes(spans)
    for number in sorted(set(numbers)):
        test = tuple(k for k, other in enumerate(numbers) if other == number)
        yield Fold(tuple(k for k, other in enumerate(numbers) if other != number), test)


def walk_forward(spans: Sequence[Span], least: int = 20) -> Iterator[Fold]:
    """As :func:`leave_one_episode_out`, training on earlier episodes only (``least`` windows)."""
    numbers = episodes(spans)
    for number in sorted(set(numbers)):
        train = tuple(k for k, other in enumerate(numbers) if other < number)
        if len(train) >= least:
            yield Fold(train, tuple(k for k, other in enumerate(numbers) if other == number))
