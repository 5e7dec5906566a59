"""One streamed chat completion, put together: text, tool calls, usage, and how it ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from causemap.errors import ModelError

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from openai.types import CompletionUsage
    from openai.types.chat import ChatCompletionChunk
    from openai.types.chat.chat_completion_chunk import ChoiceDelta

MAX_CHARS: Final = 200_000
_MAX_TOOLS: Final = 8
_UNREADABLE: Final = "the server's stream could not be read"


@dataclass
class Streamed:
    """What has come in so far; ``tools`` maps places to ``[id, name, arguments]``."""

    text: str = ""
    refusal: str = ""
    model: str = ""
    finish: str = ""
    tokens_in: int | None = None
    tokens_out: int | None = None
    tools: dict[int, list[str]] = field(default_factory=dict)

    def add(self, chunk: ChatCompletionChunk) -> None:
        """Take one event in; raises :class:`ModelError` if the answer grows past all measure.

        The package checks no types: an event that is not of the protocol raises here what Python
        raises for it.
        """
        self.model = _text(chunk.model) or self.model
        if chunk.usage is not None:
            self._count(chunk.usage)
        # Some servers send null beside the usage.
        for choice in (chunk.choices or ())[:1]:
            self.finish = _text(choice.finish_reason) or self.finish
            if choice.delta is not None:
                self._join(choice.delta)
        if len(self.text) > MAX_CHARS:
            raise ModelError("the answer is too long")

    def _count(self, usage: CompletionUsage) -> None:
        """Both counts, or neither: less than nothing would pay back into the budget."""
        told = _whole(usage.prompt_tokens), _whole(usage.completion_tokens)
        if None not in told:
            self.tokens_in, self.tokens_out = told

    def whole(self) -> Streamed:
        """The finished answer with every half of a character pair either joined or replaced.

        A lone half (a surrogate) stands for no character, and no file could hold it.
        """
        tools = {at: [_joined(part) for part in held] for at, held in self.tools.items()}
        return replace(
            self,
            text=_joined(self.text),
            refusal=_joined(self.refusal),
            model=_joined(self.model),
            finish=_joined(self.finish),
            tools=tools,
        )

    def _join(self, delta: ChoiceDelta) -> None:
        self.text += _text(delta.content)
        self.refusal += _text(delta.refusal)
        for part in delta.tool_calls or ():
            if not 0 <= part.index < _MAX_TOOLS:
                continue
            held = self.tools.setdefault(part.index, ["", "", ""])
            held[0] = _text(part.id) or held[0]
            if part.function is not None:
                held[1] += _text(part.function.name)
                held[2] += _text(part.function.arguments)
            if len(held[2]) > MAX_CHARS:
                raise ModelError("the answer is too long")


async def stream(
    api: AsyncOpenAI,
    request: dict[str, Any],
    timeout: float,  # noqa: ASYNC109 - the transport's own limit, inside the caller's deadline
    heard: Callable[[int], None] = lambda _: None,
) -> Streamed:
    """Send a request and gather its stream; ``heard`` is told the characters so far."""
    got = Streamed()
    events = await api.chat.completions.create(**request, timeout=timeout)
    try:
        async for chunk in events:
            _add(got, chunk)
            heard(len(got.text))
    except ValueError:
        raise ModelError(_UNREADABLE) from None
    finally:
        await events.close()
    return got.whole()


def _add(got: Streamed, chunk: ChatCompletionChunk) -> None:
    try:
        got.add(chunk)
    except (TypeError, AttributeError, KeyError):
        raise ModelError(_UNREADABLE) from None


def _text(value: object) -> str:
    """A text, empty for null; TypeError for anything else."""
    if value is None or isinstance(value, str):
        return value or ""
    raise TypeError(type(value).__name__)


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and value >= 0 else None


def _joined(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
