"""Settings: one frozen object, built once in ``main`` and passed on as an argument.

This is the only module that reads the environment, and it does so when :func:`load_settings` is
called, never at import. What changes a verdict (:class:`Abstention`) is deliberately not settable
from outside: a frozen case must give the same report on every machine.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from causemap.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LlmMode = Literal["off"]

PREFIX: Final = "CAUSEMAP_"
KNOWN: Final = (
    "CAUSEMAP_DATA_DIR",
    "CAUSEMAP_DESK_TIMEOUT",
    "CAUSEMAP_HOME",
    "CAUSEMAP_LEDGER_URL",
    "CAUSEMAP_LLM",
    "CAUSEMAP_SEED",
)


@dataclass(frozen=True, slots=True)
class Abstention:
    """When the engine says ``mixed_unclear`` instead of naming a cause.

    ``min_probability``: with nine outcomes 0.45 is four times an even spread; below it the cause
    in the lead is, by the engine's own account, more likely wrong than right by a clear step.
    ``min_margin``: two causes within 0.10 cannot be told apart when about a hundred labelled
    windows exist (an accuracy near 0.70 is then known to 9 points either way at 95 %).
    ``cascade_cap``: without open interest or liquidation data a cascade is inferred from the tape
    alone; it stays possible but is held at 0.65, and the missing source is a named gap.
    """

    min_probability: float = 0.45
    min_margin: float = 0.10
    cascade_cap: float = 0.65


ABSTENTION: Final = Abstention()


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a run may be told from outside.

    ``home`` holds what the program keeps (runs, library, caches); ``data_dir`` the market data.
    ``desk_timeout`` is in seconds, for each desk: a desk over local files takes a few seconds, so
    a minute means it hangs and becomes a gap. ``draws`` counts the random rotations of a
    sign-restricted decomposition (thousands are needed before the accepted share is stable to
    1 %), ``resamples`` the block-bootstrap resamples behind an 80 % interval; ``seed`` starts both.
    ``ledger_url`` is a database for the runs in place of the file in ``home``; it may hold a
    password.
    """

    data_dir: Path
    home: Path
    llm: LlmMode = "off"
    desk_timeout: float = 60.0
    seed: int = 0
    draws: int = 4_000
    resamples: int = 200
    abstention: Abstention = field(default=ABSTENTION)
    ledger_url: str | None = field(default=None, repr=False)


def load_settings(
    environ: Mapping[str, str] | None = None, *, data_dir: Path | None = None
) -> Settings:
    """Settings from ``environ`` (default: the process environment) over the defaults.

    An argument wins over the environment, the environment over the default. Raises
    :class:`UsageError` for an unknown ``CAUSEMAP_`` variable (a typing error would otherwise be
    ignored in silence) and for a value that cannot be used.
    """
    env = os.environ if environ is None else environ
    unknown = sorted(name for name in env if name.startswith(PREFIX) and name not in KNOWN)
    if unknown:
        raise UsageError(f"{unknown[0]} is not a setting; known are {', '.join(KNOWN)}.")
    home = _home(env.get("CAUSEMAP_HOME"))
    return Settings(
        data_dir=data_dir or _data_dir(env.get("CAUSEMAP_DATA_DIR"), home),
        home=home,
        llm=_llm(env.get("CAUSEMAP_LLM", "off")),
        desk_timeout=_seconds("CAUSEMAP_DESK_TIMEOUT", env.get("CAUSEMAP_DESK_TIMEOUT", "60")),
        seed=_seed("CAUSEMAP_SEED", env.get("CAUSEMAP_SEED", "0")),
        ledger_url=env.get("CAUSEMAP_LEDGER_URL") or None,
    )


def _home(text: str | None) -> Path:
    from pathlib import Path

    if text:
        return Path(text).expanduser()
    from platformdirs import user_data_path

    return user_data_path("causemap", appauthor=False)


def _data_dir(text: str | None, home: Path) -> Path:
    from pathlib import Path

    return Path(text).expanduser() if text else home / "data"


def _llm(text: str) -> LlmMode:
    if text != "off":
        raise UsageError(f"CAUSEMAP_LLM={text!r}: only 'off' works in this version; unset it.")
    return "off"


def _seconds(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value > 0):
        raise UsageError(
            f"{name}={text!r} is not a number of seconds above zero; use for example 60."
        )
    return value


def _seed(name: str, text: str) -> int:
    if not text.isdecimal():
        raise UsageError(f"{name}={text!r} is not a whole number from zero up; use for example 0.")
    return int(text)
