"""Ask: a question, its run desk by desk, the answer in the order a reader needs it, follow-ups."""

from __future__ import annotations

from causemap.ui.asking import page

page()
