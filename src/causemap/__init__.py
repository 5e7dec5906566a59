"""Says why a market fell: the cause, the evidence, what was rejected and what is not known.

The public face is five names. They are loaded on first use, so that ``import causemap`` (and with
it ``causemap --help``) costs nothing.

>>> from causemap import explain
>>> explain("2026-02-seed").verdict.primary  # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from causemap._version import __version__

if TYPE_CHECKING:
    from causemap.cases.store import load_case
    from causemap.explaining import explain
    from causemap.records import Report, Scope

__all__ = ["Report", "Scope", "__version__", "explain", "load_case"]

_HOMES: Final = {
    "Report": "causemap.records",
    "Scope": "causemap.records",
    "explain": "causemap.explaining",
    "load_case": "causemap.cases.store",
}


def __getattr__(name: str) -> object:
    """Load a public name from its module on first use."""
    if name not in _HOMES:
        raise AttributeError(f"module 'causemap' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
