"""A model's text to a validated record: the first JSON object in it, strictly checked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, TypeVar

from causemap.errors import ModelError

if TYPE_CHECKING:
    from pydantic import BaseModel

    Model = TypeVar("Model", bound=BaseModel)

_THOUGHT: Final = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL)
_TRAILING: Final = re.compile(r",\s*([}\]])")
_MAX_STARTS: Final = 20


class Unreadable(ModelError):
    """The answer is not the JSON that was asked for; the message says where, in words of ours."""


def parse(text: str, form: type[Model]) -> Model:
    """The record in a model's answer.

    Text round the object (thoughts, fences, greetings) is passed over; a trailing comma is
    forgiven. Raises :class:`Unreadable` when no object fits ``form``.
    """
    from pydantic import ValidationError

    bare = _THOUGHT.sub("", text)
    why = "no JSON object in the answer"
    for raw in _objects(bare):
        try:
            return form.model_validate(raw)
        except ValidationError as fault:
            first = fault.errors(include_url=False, include_input=False)[0]
            why = f"{_place(first['loc'], form)}: {first['msg'][:120]}"
    # Pieces of an object that was broken off may be objects too; what is wrong is the whole.
    raise Unreadable("no JSON object is complete" if _torn(bare) else why)


def _torn(text: str) -> bool:
    """Whether the first object begun is malformed or broken off."""
    start = text.find("{")
    if start < 0:
        return False
    try:
        json.JSONDecoder().raw_decode(text, start)
    except (ValueError, RecursionError):
        return True
    return False


def _place(parts: Sequence[int | str], form: type[BaseModel]) -> str:
    """Where the form is broken; a field of the model's own making is not named by its words."""
    known = set(_fields(form.model_json_schema()))
    return ".".join(
        str(part) if isinstance(part, int) or part in known else "a field not asked for"
        for part in parts
    )


def _fields(schema: object) -> Iterator[str]:
    if isinstance(schema, dict):
        yield from schema.get("properties", ())
        for part in schema.values():
            yield from _fields(part)


def _objects(text: str) -> list[dict[str, object]]:
    """The JSON objects that begin at an outer brace, in order."""
    for candidate in (text, _TRAILING.sub(r"\1", text)):
        found = _scan(candidate)
        if found:
            return found
    return []


def _scan(text: str) -> list[dict[str, object]]:
    decoder, found, at, tried = json.JSONDecoder(), [], text.find("{"), 0
    while at >= 0 and tried < _MAX_STARTS:
        tried += 1
        try:
            raw, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            # No JSON, nested past all measure, or a number Python will not read for its length.
            at = text.find("{", at + 1)
            continue
        if isinstance(raw, dict):
            found.append(raw)
        at = text.find("{", end)
    return found
