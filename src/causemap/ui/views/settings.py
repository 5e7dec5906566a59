"""Settings: one's own questions, this server, objections, shared run files."""

from __future__ import annotations

from causemap.ui.settings_desk import page

page()
