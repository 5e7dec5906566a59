"""One call from a question, a scope or a frozen case to the report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causemap.records import Scope

if TYPE_CHECKING:
    from pathlib import Path

    from causemap.records import Dossier, Note, Report
    from causemap.settings import Settings


def explain(
    subject: Scope | str, *, data_dir: Path | None = None, notes: tuple[Note, ...] = ()
) -> Report:
    """Explain a fall.

    ``subject`` is the name of a frozen case (``"2026-02-seed"``), which needs no data and is the
    same on every machine, or a :class:`Scope`, which is measured on ``data_dir`` (default: the
    setting, see :mod:`causemap.settings`) together with ``notes``. Raises ``UsageError`` for an
    unknown case or a folder without data.
    """
    from causemap.agents.conclude import conclude

    return conclude(_dossier(subject, data_dir, notes))


def _dossier(subject: Scope | str, data_dir: Path | None, notes: tuple[Note, ...]) -> Dossier:
    if isinstance(subject, str):
        from causemap.cases.store import load_case

        return load_case(subject)
    from causemap.settings import load_settings

    return _measure(subject, notes, load_settings(data_dir=data_dir))


def _measure(scope: Scope, notes: tuple[Note, ...], settings: Settings) -> Dossier:
    from datetime import datetime

    from causemap.agents.graph import run
    from causemap.tools.market import open_market

    view = open_market(settings.data_dir).view(datetime.fromisoformat(scope.as_of))
    return run(scope, view, notes, settings)
