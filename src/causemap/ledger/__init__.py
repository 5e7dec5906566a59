"""The run ledger: every run's dossier, its follow-ups and what readers said of it."""

from __future__ import annotations

from causemap.ledger.store import FeedbackRow, Ledger, RunRow, TurnRow, open_ledger

__all__ = ["FeedbackRow", "Ledger", "RunRow", "TurnRow", "open_ledger"]
