"""``python -m causemap.cli``."""

from __future__ import annotations

from causemap.cli import main

main()
