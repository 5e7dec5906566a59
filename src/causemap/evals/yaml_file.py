"""YAML files of an evaluator, read strictly: one object, no field twice, faults by their line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from causemap.errors import UsageError

_MAX_BYTES: Final = 16_000_000


def read_yaml(path: Path) -> Mapping[str, object]:
    """A YAML file that holds one object; ``UsageError`` for anything else."""
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise UsageError(f"{path} is larger than 16 MB; that is no events file.")
        raw = _loaded(path.read_text(encoding="utf-8-sig"))
    except OSError as fault:
        raise UsageError(f"{path} cannot be read: {fault.strerror}.") from fault
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as fault:
        raise UsageError(f"{path} is not YAML: {_said(fault)}.") from fault
    return as_object(raw, path.name)


def as_object(raw: object, where: str) -> Mapping[str, object]:
    """A mapping with text keys; ``UsageError`` naming ``where`` for anything else."""
    if not isinstance(raw, dict) or not all(isinstance(key, str) for key in raw):
        raise UsageError(f"{where}: an object with named fields is needed.")
    return raw


def _loaded(text: str) -> object:
    # The C loader is the same safe loader, ten times as fast; not every build has it.
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
    try:
        node = loader.get_single_node()
        _refuse_twice(node)
        return None if node is None else loader.construct_document(node)
    finally:
        loader.dispose()


def _refuse_twice(root: yaml.Node | None) -> None:
    """YAML would take the last of two equal keys in silence: a label could be lost."""
    waiting: list[Any] = [root]
    seen: set[int] = set()
    while waiting:
        node = waiting.pop()
        # An alias leads to the same node again.
        if id(node) in seen or not isinstance(node, yaml.CollectionNode):
            continue
        seen.add(id(node))
        if not isinstance(node, yaml.MappingNode):
            waiting += node.value
            continue
        keys = [key for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        told: set[tuple[str, str]] = set()
        for key in keys:
            if (key.tag, key.value) in told:
                problem = f"{key.value!r:.60} is given twice"
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=key.start_mark)
            told.add((key.tag, key.value))
        waiting += [value for _, value in node.value]


def _said(fault: Exception) -> str:
    """What is wrong, in one line, and where."""
    mark = getattr(fault, "problem_mark", None)
    said = getattr(fault, "problem", None) or str(fault).partition("\n")[0] or "nested too deeply"
    return f"{said} (line {mark.line + 1})" if mark is not None else said
