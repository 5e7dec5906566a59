"""What is asked of a model and what comes back: the records of one call and how they are read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from pydantic import BaseModel

from causemap.errors import ModelError
from causemap.llm.parsing import parse
from causemap.records import ModelCall

if TYPE_CHECKING:
    from causemap.llm.prompting import Rendered
    from causemap.llm.recording import Recorded

Form = TypeVar("Form", bound=BaseModel)
FAILED: Final = "failed: "


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


def call_of(ask: Ask[Form], request_hash: str, recorded: Recorded) -> ModelCall:
    """The call as a dossier keeps it."""
    return ModelCall(
        agent=ask.agent,
        stage=ask.stage,
        prompt=recorded.prompt,
        model=recorded.model[:80],
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
        raise ModelError("the answer is empty")
    return parse(recorded.text, ask.form)


def usable(ask: Ask[Form], recorded: Recorded) -> bool:
    """Whether a record is worth using again: a refusal or broken answer is asked for anew."""
    try:
        validated(ask, recorded)
    except ModelError:
        return False
    return True
