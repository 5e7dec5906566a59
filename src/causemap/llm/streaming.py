"""One streamed chat completion, put together: text, tool calls, usage, and how it ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from causemap.errors import ModelError

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from openai.types import CompletionUsage
    from openai.types.chat import ChatCompletionChunk
    from openai.types.chat.chat_completion_chunk import ChoiceDelta

MAX_CHARS: Final = 200_000
_MAX_TOOLS: Final = 8


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
        """Take one event in; raises :class:`ModelError` if the answer grows past all measure."""
        self.model = chunk.model or self.model
        if chunk.usage is not None:
            self._count(chunk.usage)
        for choice in chunk.choices[:1]:
            self.finish = choice.finish_reason or self.finish
            self._join(choice.delta)
        if len(self.text) > MAX_CHARS:
            raise ModelError("the answer is too long")

    def _count(self, usage: CompletionUsage) -> None:
        self.tokens_in, self.tokens_out = usage.prompt_tokens, usage.completion_tokens

    def _join(self, delta: ChoiceDelta) -> None:
        self.text += delta.content or ""
        self.refusal += delta.refusal or ""
        for part in delta.tool_calls or ():
            if part.index >= _MAX_TOOLS:
                continue
            held = self.tools.setdefault(part.index, ["", "", ""])
            held[0] = part.id or held[0]
            if part.function is not None:
                held[1] += part.function.name or ""
                held[2] += part.function.arguments or ""
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
            got.add(chunk)
            heard(len(got.text))
    except ValueError:
        raise ModelError("the server's stream could not be read") from None
    finally:
        await events.close()
    return got
