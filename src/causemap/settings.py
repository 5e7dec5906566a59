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

LlmMode = Literal["off", "auto"]

PREFIX: Final = "CAUSEMAP_"
KNOWN: Final = (
    "CAUSEMAP_CHROMA_URL",
    "CAUSEMAP_DATA_DIR",
    "CAUSEMAP_DESK_TIMEOUT",
    "CAUSEMAP_EMBEDDINGS",
    "CAUSEMAP_FEEDS",
    "CAUSEMAP_FRED_KEY",
    "CAUSEMAP_HOME",
    "CAUSEMAP_LANGUAGE",
    "CAUSEMAP_LEDGER_URL",
    "CAUSEMAP_LLM",
    "CAUSEMAP_MODEL",
    "CAUSEMAP_MODEL_DAY_TOKENS",
    "CAUSEMAP_MODEL_DAY_USD",
    "CAUSEMAP_MODEL_DEADLINE",
    "CAUSEMAP_MODEL_KEY",
    "CAUSEMAP_MODEL_PRICES",
    "CAUSEMAP_MODEL_RECORDS",
    "CAUSEMAP_MODEL_RUN_SECONDS",
    "CAUSEMAP_MODEL_RUN_TOKENS",
    "CAUSEMAP_MODEL_RUN_USD",
    "CAUSEMAP_MODEL_URL",
    "CAUSEMAP_SEED",
    "CAUSEMAP_USER_AGENT",
)
USER_AGENT: Final = "causemap (set CAUSEMAP_USER_AGENT to a name and contact)"


@dataclass(frozen=True, slots=True)
class Abstention:
    """When the engine says ``mixed_unclear`` instead of naming a cause.

    ``min_probability``: with nine outcomes 0.45 is four times an even spread; below it the cause
    in the lead is, by the engine's own account, more likely wrong than right by a clear step.
    ``min_margin``: two causes within 0.10 cannot be told apart when about a hundred labelled
    windows exist (an accuracy near 0.70 is then known to 9 points either way at 95 %).
    """

    min_probability: float = 0.45
    min_margin: float = 0.10


ABSTENTION: Final = Abstention()


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """An OpenAI-compatible server and what may be spent on it.

    ``deadline`` bounds one call with its retries, ``run_seconds`` all calls of a run (seconds).
    Tokens are prompt and completion together; money is in US dollars and counts only where a
    price table knows the model (``prices`` is one of the user's, asked first). ``records`` is the
    folder every call is written to; with ``replay`` only what stands there answers, and no server
    is asked.
    """

    name: str
    records: Path
    url: str | None = None
    key: str = field(default="", repr=False)
    deadline: float = 60.0
    run_seconds: float = 240.0
    run_tokens: int = 60_000
    day_tokens: int = 1_000_000
    run_usd: float = 0.50
    day_usd: float = 5.0
    language: str = "en"
    replay: bool = False
    prices: Path | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a run may be told from outside.

    ``home`` holds what the program keeps (runs, library, caches); ``data_dir`` the market data.
    ``desk_timeout`` is in seconds, for each desk: a desk over local files takes a few seconds, so
    a minute means it hangs and becomes a gap. ``draws`` counts the random rotations of a
    sign-restricted decomposition (thousands are needed before the accepted share is stable to
    1 %), ``resamples`` the block-bootstrap resamples behind an 80 % interval; ``seed`` starts both.
    ``embeddings`` names the model of the article library's vectors (``wordllama``, offline, or
    ``openai:MODEL``), ``chroma_url`` a Chroma server in place of the library's own folder.
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
    embeddings: str = "wordllama"
    chroma_url: str = ""
    # Live sources: who asks (the SEC wants a contact), the optional key, another list of feeds.
    user_agent: str = USER_AGENT
    fred_key: str | None = field(default=None, repr=False)
    feeds_file: Path | None = None
    model: ModelSettings | None = None
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
        embeddings=env.get("CAUSEMAP_EMBEDDINGS") or "wordllama",
        chroma_url=env.get("CAUSEMAP_CHROMA_URL") or "",
        user_agent=_line("CAUSEMAP_USER_AGENT", env.get("CAUSEMAP_USER_AGENT")) or USER_AGENT,
        fred_key=_line("CAUSEMAP_FRED_KEY", env.get("CAUSEMAP_FRED_KEY")),
        feeds_file=_file(env.get("CAUSEMAP_FEEDS")),
        model=_model(env, home),
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


def _line(name: str, text: str | None) -> str | None:
    """A header or key: one line of plain characters (the value is in no message)."""
    if text and not (text.isascii() and text.isprintable() and len(text) <= 300):
        raise UsageError(f"{name} must be one line of plain ASCII, at most 300 characters.")
    return text or None


def _file(text: str | None) -> Path | None:
    from pathlib import Path

    return Path(text).expanduser() if text else None


def _llm(text: str) -> LlmMode:
    if text == "off":
        return "off"
    if text == "auto":
        return "auto"
    raise UsageError(f"CAUSEMAP_LLM={text!r} is neither 'off' nor 'auto'; use one of the two.")


def _model(env: Mapping[str, str], home: Path) -> ModelSettings | None:
    """The model named by ``CAUSEMAP_MODEL``, or ``None``; address and key as OpenAI's tools do."""
    from pathlib import Path

    name = env.get("CAUSEMAP_MODEL", "").strip()
    if not name:
        return None
    records = env.get("CAUSEMAP_MODEL_RECORDS")
    key = env.get("CAUSEMAP_MODEL_KEY") or env.get("OPENAI_API_KEY", "")
    return ModelSettings(
        name=name,
        records=Path(records).expanduser() if records else home / "model_calls",
        url=_address(env.get("CAUSEMAP_MODEL_URL") or env.get("OPENAI_BASE_URL"), key),
        key=key,
        deadline=_seconds("CAUSEMAP_MODEL_DEADLINE", env.get("CAUSEMAP_MODEL_DEADLINE", "60")),
        run_seconds=_seconds(
            "CAUSEMAP_MODEL_RUN_SECONDS", env.get("CAUSEMAP_MODEL_RUN_SECONDS", "240")
        ),
        run_tokens=_whole("CAUSEMAP_MODEL_RUN_TOKENS", env, 60_000),
        day_tokens=_whole("CAUSEMAP_MODEL_DAY_TOKENS", env, 1_000_000),
        run_usd=_dollars("CAUSEMAP_MODEL_RUN_USD", env, 0.50),
        day_usd=_dollars("CAUSEMAP_MODEL_DAY_USD", env, 5.0),
        language=_language(env.get("CAUSEMAP_LANGUAGE", "en")),
        prices=_file(env.get("CAUSEMAP_MODEL_PRICES")),
    )


def _address(text: str | None, key: str) -> str | None:
    """A plain http(s) address; a key goes in clear text to this machine only."""
    from urllib.parse import urlsplit

    if not text:
        return None
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        parts, host = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
        raise UsageError(
            "CAUSEMAP_MODEL_URL is not an http(s) address without credentials; use for example "
            "http://127.0.0.1:8000/v1."
        )
    if parts.scheme == "http" and key and host not in ("127.0.0.1", "localhost", "::1"):
        raise UsageError(
            "CAUSEMAP_MODEL_URL would send the key unencrypted to another machine; use https."
        )
    return text


def _language(text: str) -> str:
    import re

    if not re.fullmatch(r"[A-Za-z]{2,20}(?:-[A-Za-z]{2,8})?", text):
        raise UsageError(f"CAUSEMAP_LANGUAGE={text!r:.40} is no language; use en, zh or a name.")
    return text


def _whole(name: str, env: Mapping[str, str], default: int) -> int:
    text = env.get(name, str(default))
    if not text.isdecimal():
        raise UsageError(f"{name}={text!r} is not a whole number from zero up.")
    return int(text)


def _dollars(name: str, env: Mapping[str, str], default: float) -> float:
    try:
        value = float(env.get(name, default))
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value >= 0):
        raise UsageError(f"{name} is not an amount in US dollars from zero up; use for example 1.")
    return value


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
