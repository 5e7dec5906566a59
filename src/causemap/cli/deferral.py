"""Packages that others load and nobody here uses run their code only once they are asked for.

LangGraph's runtime names two types of ``langgraph_sdk`` and one of ``langsmith.types`` in its
annotations, and LangSmith looks whether ``psutil`` is there. That alone runs the clients of two web
services and some seventy data models: a quarter of what importing LangGraph costs. Deferred, the
modules keep their place, their path and their submodules; their own code runs at the first
attribute they lack. The standard library's :class:`importlib.util.LazyLoader` does the same at the
first attribute of any kind, and so would run a package as soon as one of its submodules is sought.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from threading import RLock
from types import ModuleType
from typing import Final

UNUSED: Final = frozenset({"langgraph_sdk", "langsmith.types", "psutil"})
_RUNNING: Final = RLock()


@contextmanager
def deferring(names: frozenset[str] = UNUSED) -> Iterator[None]:
    """Defer the code of the named modules where they are first imported within this block."""
    finder = _Finder(names)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


class _Finder(MetaPathFinder):
    """Finds the named modules where the path finder finds them."""

    def __init__(self, names: frozenset[str]) -> None:
        self.names = names

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name not in self.names:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader)
        return spec


class _Loader(Loader):
    """Puts a module in its place and leaves its code for later."""

    def __init__(self, real: Loader) -> None:
        self.real = real

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self.real.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        module.__class__ = _Deferred


class _Deferred(ModuleType):
    """A module whose code has not run yet."""

    def __getattr__(self, name: str) -> object:
        with _RUNNING:
            if type(self) is _Deferred:
                _run(self)
        return getattr(self, name)


def _run(module: ModuleType) -> None:
    """Run a deferred module's code; should it fail, the next attribute asked for tries again."""
    spec, finished = module.__spec__, False
    # While its code runs, what the module does not have yet is simply not there.
    module.__class__ = ModuleType
    try:
        if spec is not None and isinstance(spec.loader, _Loader):
            spec.loader.real.exec_module(module)
        finished = True
    finally:
        if not finished:
            module.__class__ = _Deferred
