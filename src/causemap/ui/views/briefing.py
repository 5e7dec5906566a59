"""Briefing: preview, edit, approve, export; made by the briefing part of the program."""

from __future__ import annotations

from causemap.ui.briefing_desk import page

page()
