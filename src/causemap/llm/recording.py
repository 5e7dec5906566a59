"""Every model call on disk: cache, audit and replay in one.

A call is filed under the hash of all that shapes its answer (model, messages, schema, tools,
limits). Asked the same again, the record answers; in replay mode only records answer. Writing is
atomic, and no key ever enters: what is stored passes :func:`redacted` first.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets as random_source
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from causemap.errors import ModelError
from causemap.files import write_atomically
from causemap.model_records import Priced

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA: Final = 1
_HIDDEN: Final = "[key]"
_SHORTEST_KEY: Final = 6


@dataclass(frozen=True, slots=True)
class Recorded:
    """A finished call: what was asked, what came back, and what it took.

    ``priced`` says by which table it was priced; records made before that was kept have none.
    """

    agent: str
    prompt: str
    asked: str
    request: str
    model: str
    text: str
    tool_calls: tuple[tuple[str, str, str], ...]
    tokens_in: int
    tokens_out: int
    seconds: float
    cost_usd: float | None
    rung: str
    finish: str
    priced: Priced | None = None

    @property
    def response_hash(self) -> str:
        """Hash of the answer: text and tool calls."""
        return digest({"text": self.text, "tools": self.tool_calls})


def digest(value: object) -> str:
    """SHA-256 of a value's canonical JSON, in hexadecimal."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def redacted(text: str, key: str) -> str:
    """``text`` without the key, should a server have echoed it."""
    return text.replace(key, _HIDDEN) if len(key) >= _SHORTEST_KEY else text


class Records:
    """The record folder; ``replay`` forbids anything that is not recorded."""

    def __init__(self, folder: Path, *, replay: bool = False) -> None:
        self.folder = folder
        self.replay = replay

    def _path(self, request_hash: str) -> Path:
        return self.folder / request_hash[:2] / f"{request_hash}.json"

    def find(self, request_hash: str) -> Recorded | None:
        """The record of a request. Raises :class:`ModelError` in replay if there is none."""
        path = self._path(request_hash)
        try:
            with on_disk(FileNotFoundError):
                raw = json.loads(path.read_text(encoding="utf-8"))
            return _restored(raw)
        except FileNotFoundError:
            if self.replay:
                raise ModelError("no record of this call to replay") from None
            return None
        except (ValueError, KeyError, TypeError) as fault:
            raise ModelError(f"the record {path.name} is damaged; remove it") from fault

    def keep(self, request_hash: str, recorded: Recorded, key: str) -> Recorded:
        """File a finished call under its request's hash and return it as it was stored."""
        text = redacted(json.dumps(asdict(recorded), ensure_ascii=False), key)
        stored: dict[str, Any] = {"schema": SCHEMA, **json.loads(text)}
        write_whole(self._path(request_hash), json.dumps(stored, ensure_ascii=False, indent=1))
        return _restored(stored)

    def salt(self) -> str:
        """A secret of this folder, made once: outsiders cannot foresee what is derived from it."""
        path = self.folder / "salt"
        with on_disk():
            try:
                return path.read_text(encoding="utf-8").strip()
            except FileNotFoundError:
                self._make_salt(path)
            return path.read_text(encoding="utf-8").strip()

    def _make_salt(self, path: Path) -> None:
        """Whole and once: of several processes that come to it together the first makes it."""
        from filelock import FileLock

        self.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{path}.lock"):
            if path.exists():
                return
            part = path.with_name("salt.part")
            part.unlink(missing_ok=True)
            handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(random_source.token_hex(16))
            part.replace(path)


def _restored(raw: Mapping[str, Any]) -> Recorded:
    if raw.get("schema") != SCHEMA:
        raise ValueError("another schema")
    rest = {name: raw[name] for name in Recorded.__dataclass_fields__ if name != "priced"}
    rest["tool_calls"] = tuple(tuple(call) for call in rest["tool_calls"])
    priced = raw.get("priced")
    return Recorded(**rest, priced=None if priced is None else Priced(**priced))


@contextmanager
def on_disk(*expected: type[OSError]) -> Iterator[None]:
    """A disk that is full or may not be written as what it is to a run: no model's part."""
    try:
        yield
    except expected:
        raise
    except OSError as fault:
        raise ModelError(
            f"the folder of model calls cannot be used: {fault.strerror} (CAUSEMAP_MODEL_RECORDS "
            "names another)"
        ) from fault


def write_whole(path: Path, text: str) -> None:
    """Write a file so that a reader sees the old one or the new one, never a part.

    Raises:
        ModelError: it cannot be written.
    """
    with on_disk():
        write_atomically(path, text.encode("utf-8"))
