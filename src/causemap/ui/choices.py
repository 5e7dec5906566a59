"""What a visitor sets for the questions of one session; it only narrows what the server allows.

Where the model is asked, and with which key, is no choice of a visitor: the key goes wherever the
address points. Nothing here is written anywhere; a reload is back at the server's settings.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from causemap.settings import ModelSettings, Settings

_Amount = TypeVar("_Amount", int, float)


@dataclass(frozen=True, slots=True)
class Choices:
    """A session's own settings; ``None`` stands for the server's.

    ``model``: whether a language model may take part; ``tokens``, ``usd`` and ``seconds``: what it
    may use for one question (never more than the server allows); ``language`` of the account it
    writes; ``library``: whether what the article library holds is read into claims.
    """

    model: bool = True
    tokens: int | None = None
    usd: float | None = None
    seconds: float | None = None
    language: str | None = None
    library: bool = True

    def applied(self, settings: Settings) -> Settings:
        """The server's settings within these choices."""
        if not self.model or settings.model is None:
            return replace(settings, llm="off")
        return replace(settings, model=self._narrowed(settings.model))

    def _narrowed(self, model: ModelSettings) -> ModelSettings:
        return replace(
            model,
            run_tokens=_least(self.tokens, model.run_tokens),
            run_usd=_least(self.usd, model.run_usd),
            run_seconds=_least(self.seconds, model.run_seconds),
            language=self.language or model.language,
        )


def _least(chosen: _Amount | None, allowed: _Amount) -> _Amount:
    """The smaller of two amounts; none is below zero."""
    return allowed if chosen is None else min(max(chosen, type(allowed)(0)), allowed)
