"""Prompts: Markdown files of the package, known by their hash, rendered strictly.

A file has a part ``## System`` and a part ``## User``; both are Jinja templates in which every
name must be given (an unknown one is an error, never an empty string). The hash is that of the
file, so a record says which words were used.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from jinja2 import Environment

_SYSTEM: Final = "## System\n"
_USER: Final = "## User\n"
LANGUAGES: Final = {"en": "English", "zh": "Chinese (simplified)"}


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt file: two templates and the hash of the file."""

    name: str
    system: str
    user: str
    digest: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """A prompt ready to send; ``label`` is ``name@hash``."""

    label: str
    system: str
    user: str


@cache
def load_prompt(name: str) -> Prompt:
    """The prompt of the package with this name."""
    text = (resources.files("causemap.prompts") / f"{name}.md").read_text(encoding="utf-8")
    head, found, rest = text.partition(_SYSTEM)
    system, both, user = rest.partition(_USER)
    if not found or not both or head.strip().count("\n"):
        raise ValueError(f"prompts/{name}.md needs one title, '## System' and '## User'")
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    return Prompt(name, system.strip(), user.strip(), digest)


def prompt_names() -> tuple[str, ...]:
    """All prompts of the package."""
    files = resources.files("causemap.prompts").iterdir()
    return tuple(sorted(f.name.removesuffix(".md") for f in files if f.name.endswith(".md")))


def render(name: str, **values: object) -> Rendered:
    """The prompt with its values; raises ``jinja2.UndefinedError`` for one that is missing."""
    prompt, environment = load_prompt(name), _environment()
    system = environment.from_string(prompt.system).render(**values)
    user = environment.from_string(prompt.user).render(**values)
    return Rendered(f"{name}@{prompt.digest}", system, user)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, StrictUndefined, select_autoescape

    # Prompts are plain text: escaping for HTML would corrupt the quotes they carry.
    return Environment(
        undefined=StrictUndefined,
        autoescape=select_autoescape((), (), default_for_string=False, default=False),
        trim_blocks=True,
        lstrip_blocks=True,
    )


def language_name(language: str) -> str:
    """A language as a prompt names it."""
    return LANGUAGES.get(language, language)
