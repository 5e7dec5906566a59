"""What is asked of a model and what comes back: the records of one call and how they are read."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from pydantic import BaseModel

from causemap.errors import ModelError
from causemap.llm.parsing import Unreadable, parse
from causemap.llm.prompting import Rendered, render
from causemap.model_records import ModelCall
from causemap.words import clean

if TYPE_CHECKING:
    from causemap.llm.recording import Recorded

Form = TypeVar("Form", bound=BaseModel)
FAILED: Final = "failed: "
_TOO_LONG: Final = "it was cut off at the limit of its length; be shorter"


@dataclass(frozen=True, slots=True)
class Tool:
    """A function the model may ask for; ``parameters`` is its JSON schema."""

    name: str
    description: str
    parameters: dict[str, Any]

    def wire(self) -> dict[str, Any]:
        """The tool as the protocol writes it."""
        about = {
            "name": self.name,
            "description": self.description,
            "parameters": self.parameters,
        }
        return {"type": "function", "function": about}


@dataclass(frozen=True, slots=True)
class Ask(Generic[Form]):
    """A question to a model: who asks, with which prompt, for which form of answer."""

    agent: str
    stage: int
    prompt: Rendered
    form: type[Form]
    max_tokens: int = 1_200
    tools: tuple[Tool, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer(Generic[Form]):
    """What came back: a validated record, or the tool calls asked for (name, JSON arguments)."""

    form: Form | None
    tools: tuple[tuple[str, str], ...]
    call: ModelCall


def asked_again(ask: Ask[Form], fault: Unreadable) -> Ask[Form]:
    """The question once more, one place further down the chain, with what was wrong.

    It goes to the same agent with the form in words and without tools. The broken answer is not
    shown: what a reader returned may repeat outside text without its marks.
    """
    prompt = render(
        "again",
        system=ask.prompt.system,
        user=ask.prompt.user,
        why=str(fault),
        form=json.dumps(ask.form.model_json_schema(), separators=(",", ":")),
    )
    label = f"{ask.prompt.label}+{prompt.label}"
    return replace(ask, stage=ask.stage + 1, prompt=replace(prompt, label=label), tools=())


def call_of(ask: Ask[Form], request_hash: str, recorded: Recorded) -> ModelCall:
    """The call as a dossier keeps it."""
    named = recorded.model
    return ModelCall(
        agent=ask.agent,
        stage=ask.stage,
        prompt=recorded.prompt,
        # Servers of one's own may give a file of this machine; its folder is nobody's business.
        model=clean(PurePath(named).name if named[:1] == "/" else named, 80),
        request_hash=request_hash[:16],
        response_hash=recorded.response_hash[:16],
        tokens_in=recorded.tokens_in,
        tokens_out=recorded.tokens_out,
        seconds=recorded.seconds,
        cost_usd=recorded.cost_usd,
        rung=recorded.rung,
    )


def validated(ask: Ask[Form], recorded: Recorded) -> Form | None:
    """The record in the answer; ``None`` where tools were asked for instead."""
    if recorded.finish.startswith(FAILED):
        raise ModelError(recorded.finish.removeprefix(FAILED))
    if recorded.finish in ("refusal", "content_filter"):
        raise ModelError("the model refused")
    if recorded.tool_calls and ask.tools and not recorded.text.strip():
        return None
    if not recorded.text.strip():
        raise Unreadable("the answer is empty")
    try:
        return parse(recorded.text, ask.form)
    except Unreadable as fault:
        if recorded.finish != "length":
            raise
        raise Unreadable(f"{fault}; {_TOO_LONG}") from None


def usable(ask: Ask[Form], recorded: Recorded) -> bool:
    """Whether a record is worth using again: a refusal or broken answer is asked for anew."""
    try:
        validated(ask, recorded)
    except ModelError:
        return False
    return True
