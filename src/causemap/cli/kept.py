"""Runs kept in the ledger, by their id on the command line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from causemap.errors import UsageError

if TYPE_CHECKING:
    from causemap.records import Dossier

# Twelve letters and digits without those that are taken for one another.
_SHAPE: Final = re.compile(r"[2-9a-hjkmnp-z]{12}")


def kept_run(name: str) -> Dossier | None:
    """The dossier of the kept run called ``name``; ``None`` if no run is called so.

    Raises :class:`UsageError` for a run without a result. A ledger that is not there yet is not
    made by looking.
    """
    if not _SHAPE.fullmatch(name):
        return None
    from causemap.settings import load_settings

    settings = load_settings()
    if settings.ledger_url is None and not (settings.home / "ledger.sqlite").is_file():
        return None
    from causemap.ledger import open_ledger

    with open_ledger(settings) as ledger:
        try:
            ledger.row(name)
        except UsageError:
            return None
        return ledger.load(name)
