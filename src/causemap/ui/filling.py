"""Filling the data folder from its sources in the background: one pull at a time, for all pages."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Literal

from causemap.errors import CausemapError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from causemap.settings import Settings
    from causemap.tools.fetch import Fetcher
    from causemap.tools.pulling import Outcome, Wish
    from causemap.tools.sources.contract import Source

PullingState = Literal["idle", "running", "done", "stopped", "failed"]


@dataclass(frozen=True, slots=True)
class Pulling:
    """How the pull stands: how many sources are asked, which have answered, a fault in words."""

    state: PullingState = "idle"
    asked: int = 0
    outcomes: tuple[Outcome, ...] = ()
    said: str = ""


@dataclass(slots=True)
class Filler:
    """Runs a pull in a thread of its own; what has come is on disk even if it is stopped."""

    settings: Settings
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _now: Pulling = field(default_factory=Pulling, repr=False)
    _cancel: Callable[[], object] | None = field(default=None, repr=False)

    def start(self, wish: Wish, sources: Sequence[Source] | None = None) -> bool:
        """Begin a pull of ``sources`` (default: all); ``False`` if one is at work already."""
        with self._lock:
            if self._now.state == "running":
                return False
            self._now = Pulling("running")
        work = threading.Thread(target=self._work, args=(wish, sources), name="pull", daemon=True)
        work.start()
        return True

    def standing(self) -> Pulling:
        """How the pull stands now."""
        with self._lock:
            return self._now

    def stop(self) -> bool:
        """Break the pull off; the next one goes on where it stopped."""
        with self._lock:
            cancel = self._cancel
        if cancel is None:
            return False
        cancel()
        return True

    def _work(self, wish: Wish, sources: Sequence[Source] | None) -> None:
        state: PullingState = "failed"
        said = "The pull broke off; 'causemap data pull' in a terminal shows why."
        try:
            asyncio.run(self._pull(wish, sources))
            state, said = "done", ""
        except asyncio.CancelledError:
            state, said = "stopped", "Stopped; what had come is kept."
        except CausemapError as fault:
            said = str(fault)
        finally:  # a fault nobody named still ends the pull for those who watch it
            with self._lock:
                self._cancel = None
                self._now = replace(self._now, state=state, said=said)

    async def _pull(self, wish: Wish, sources: Sequence[Source] | None) -> None:
        from causemap.tools.library.shelving import PAGES, follow_waiting, shelve
        from causemap.tools.pulling import pull
        from causemap.tools.sources.catalogue import all_sources

        task, loop = asyncio.current_task(), asyncio.get_running_loop()
        wanted = tuple(all_sources(self.settings) if sources is None else sources)
        named = [s for s in wanted if not wish.sources or s.name in wish.sources]
        with self._lock:
            if task is not None:
                self._cancel = lambda: loop.call_soon_threadsafe(task.cancel)
            self._now = replace(self._now, asked=len(named))
        async with _fetcher(self.settings) as fetcher:
            now = datetime.now(UTC)
            keep = partial(shelve, self.settings, waits=True)
            await pull(self.settings.data_dir, wanted, fetcher, now, wish, self._note, keep)
            if any(source.name == "feeds" for source in named) and not wish.series:
                await follow_waiting(self.settings, fetcher, PAGES)

    def _note(self, outcome: Outcome) -> None:
        with self._lock:
            self._now = replace(self._now, outcomes=(*self._now.outcomes, outcome))


def _fetcher(settings: Settings) -> Fetcher:
    from causemap.tools.fetching.opening import open_fetcher

    return open_fetcher(settings)
