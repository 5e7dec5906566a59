"""An issue as JSON and back: what review, corrections and the desk work on."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from typing import Final

from pydantic import TypeAdapter, ValidationError

from causemap.briefing.tree import Issue
from causemap.errors import UsageError

SCHEMA: Final = 1


def dumps(issue: Issue) -> str:
    """The issue as JSON text; the same issue gives the same bytes."""
    raw = _adapter().dump_python(issue, mode="python")
    for picture in raw["pictures"]:
        picture["png"] = base64.b64encode(picture["png"]).decode()
    return json.dumps({"schema": SCHEMA, **raw}, ensure_ascii=False, indent=1) + "\n"


def loads(text: str) -> Issue:
    """Read an issue. Raises :class:`UsageError` for anything that is not one."""
    try:
        raw = json.loads(text)
        if not isinstance(raw, dict) or raw.pop("schema", None) != SCHEMA:
            raise UsageError("This file is no briefing of this version; write it again.")
        for picture in raw.get("pictures", ()):
            picture["png"] = base64.b64decode(picture["png"])
        return _adapter().validate_python(raw)
    except (ValidationError, ValueError, TypeError, KeyError) as fault:
        raise UsageError(f"This file is no briefing: {str(fault).splitlines()[0]:.120}.") from fault


def digest(issue: Issue) -> str:
    """A hash of what readers are told; the review mark and the corrections do not count."""
    bare = replace(issue, review="", corrections=())
    return hashlib.sha256(dumps(bare).encode()).hexdigest()


def _adapter() -> TypeAdapter[Issue]:
    return TypeAdapter(Issue)
