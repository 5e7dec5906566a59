"""The fetcher of the program: its cache in the home folder, its pace shared by the process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causemap.tools.fetch import Fetcher
from causemap.tools.fetching.cache import Cache
from causemap.tools.fetching.pacing import PROCESS

if TYPE_CHECKING:
    from causemap.settings import Settings


def open_fetcher(settings: Settings) -> Fetcher:
    """A fetcher for one event loop; use it as ``async with``."""
    cache = Cache(settings.home / "cache" / "http")
    return Fetcher(settings.user_agent, cache, pacing=PROCESS)
