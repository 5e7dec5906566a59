"""How far labellers agree: Krippendorff's alpha, over all labels and for each one apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence


def nominal_alpha(units: Iterable[Sequence[Hashable]]) -> float | None:
    """Krippendorff's alpha for nominal data (Krippendorff 2011, form for any number of coders).

    ``units`` hold the values that coders gave one thing each, missing ones left out; a unit with
    fewer than two says nothing. ``alpha = 1 - (n - 1) sum_u o_u / e`` with ``o_u`` the unlike
    ordered pairs of a unit over (values in it - 1), ``e`` the unlike ordered pairs of all ``n``
    paired values. ``None`` where no value varies: then nothing could have been disagreed on.
    """
    paired = [list(unit) for unit in units if len(unit) > 1]
    unlike = sum(_unlike(unit) / (len(unit) - 1) for unit in paired)
    every = [value for unit in paired for value in unit]
    expected = _unlike(every)
    return 1.0 - (len(every) - 1) * unlike / expected if expected else None


def class_alpha(units: Iterable[Sequence[Hashable]], label: Hashable) -> float | None:
    """Alpha of one label against all others together."""
    return nominal_alpha([[value == label for value in unit] for unit in units])


def _unlike(values: Sequence[Hashable]) -> int:
    """Ordered pairs of unlike values."""
    return len(values) ** 2 - sum(count**2 for count in Counter(values).values())
