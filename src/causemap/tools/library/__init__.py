"""The article library: SQLite is the truth, Chroma and the text index can be rebuilt from it."""

from __future__ import annotations

from causemap.tools.library.collection import Library, open_library
from causemap.tools.library.outlets import independent_sources
from causemap.tools.library.results import Added, Checkup, Hit

__all__ = ["Added", "Checkup", "Hit", "Library", "independent_sources", "open_library"]
