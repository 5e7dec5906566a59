"""What a server can do, found once with small probes and remembered beside the records.

Structured output comes in three rungs: ``json_schema``, ``json_object`` (with the schema as a hint
and in the prompt), ``prompt`` (the schema in the prompt only). A server says "not supported" with
400, 422 or 500; some accept a rung and do not enforce it, so answers are validated on every rung.
The dialect says whether the server knows today's parameters (``max_completion_tokens``, usage in
streams) or the older ones.
"""

from __future__ import annotations

import json
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from causemap.errors import ModelError
from causemap.llm.recording import digest, write_whole

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Format = Literal["json_schema", "json_object", "prompt"]
Dialect = Literal["modern", "plain"]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)
DIALECTS: Final[tuple[Dialect, ...]] = get_args(Dialect)
UNSUPPORTED: Final = frozenset({400, 422, 500})
# Seconds for which a capability below the best is believed.
KEPT: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Capability:
    """A rung, a dialect, and whether the server takes tools."""

    format: Format = "json_schema"
    dialect: Dialect = "modern"
    tools: bool = True

    @property
    def rung(self) -> str:
        """The rung as records name it."""
        return self.format

    def lower(self) -> Capability | None:
        """The next rung down in the same dialect, or ``None`` at the bottom."""
        at = FORMATS.index(self.format)
        return replace(self, format=FORMATS[at + 1]) if at + 1 < len(FORMATS) else None


PROBES: Final = tuple(Capability(form, dialect) for form in FORMATS for dialect in DIALECTS)


def options(
    capability: Capability, name: str, schema: dict[str, Any], tokens: int
) -> dict[str, Any]:
    """The request's parameters for structured output, length and usage on a server."""
    made: dict[str, Any] = {"stream": True}
    if capability.dialect == "modern":
        made |= {"stream_options": {"include_usage": True}, "max_completion_tokens": tokens}
    else:
        made["max_tokens"] = tokens
    if capability.format == "json_schema":
        form = {"name": name, "schema": _all_required(schema), "strict": True}
        made["response_format"] = {"type": "json_schema", "json_schema": form}
    elif capability.format == "json_object":
        made["response_format"] = {"type": "json_object", "schema": schema}
    return made


def _all_required(schema: Any) -> Any:
    """The schema with every property required, as servers that enforce schemas want it."""
    if isinstance(schema, list):
        return [_all_required(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    made = {k: _all_required(part) for k, part in schema.items() if k != "default"}
    return {**made, "required": list(made["properties"])} if "properties" in made else made


def in_words(capability: Capability, schema: dict[str, Any]) -> str:
    """What the prompt must say about the form of the answer on this rung."""
    if capability.format == "json_schema":
        return ""
    shape = json.dumps(schema, ensure_ascii=False, separators=(",", ":"))
    return f"\n\nAnswer with one JSON object and nothing else. It must fit this schema:\n{shape}"


class Memory:
    """Capabilities by server and model, in one small file."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._path = folder / "capabilities.json"
        self._clock = clock

    def find(self, url: str | None, model: str) -> Capability | None:
        """What is remembered, or ``None``; a damaged file is as good as none.

        Less than the best is remembered for a day: what a server could not do while it was in
        trouble it may do again.
        """
        try:
            row = dict(self._rows().get(_key(url, model)) or {})
            age = self._clock() - float(row.pop("at", 0.0))
            known = Capability(**row) if row else None
        except (TypeError, ValueError):
            return None
        return known if known == Capability() or 0 <= age < KEPT else None

    def keep(self, url: str | None, model: str, capability: Capability) -> None:
        """Remember a server's capability; where that fails it is probed again."""
        row = {**asdict(capability), "at": self._clock()}
        rows = self._rows() | {_key(url, model): row}
        with suppress(ModelError):
            write_whole(self._path, json.dumps(rows, indent=1, sort_keys=True))

    def _rows(self) -> dict[str, dict[str, Any]]:
        try:
            raw = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return raw if isinstance(raw, dict) else {}


def _key(url: str | None, model: str) -> str:
    return digest([url or "", model])[:16]
