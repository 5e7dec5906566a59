"""Texts as vectors: offline by default, through any OpenAI-compatible server by setting.

A model is named as it is written in the setting: ``wordllama`` (16 MB, inside the installed
package, no network) or ``openai:MODEL``, whose address and key the ``openai`` package reads from
``OPENAI_BASE_URL`` and ``OPENAI_API_KEY``. The name is stored with every vector.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from causemap.errors import SourceError, UsageError

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray
    from openai import OpenAI

    Vectors = NDArray[float32]

WORDLLAMA: Final = "wordllama"
OPENAI: Final = "openai:"
TIMEOUT: Final = 30.0
RETRIES: Final = 2
BATCH: Final = 256
# Characters of an article that are embedded: a mean over more words says less of each.
MAX_CHARACTERS: Final = 1_000


class Embedder(Protocol):
    """Makes unit vectors of texts."""

    name: str

    def __call__(self, texts: Sequence[str]) -> Vectors:
        """A unit vector for each text, shape (texts, dimensions); zero for an empty text."""
        ...


def open_embedder(name: str = WORDLLAMA) -> Embedder:
    """The embedder of a setting; ``UsageError`` for a name that is none."""
    if name == WORDLLAMA:
        return WordLlamaEmbedder()
    if name.startswith(OPENAI) and len(name) > len(OPENAI):
        return OpenAIEmbedder(name)
    raise UsageError(
        f"{name!r:.80} is no embedding model; use {WORDLLAMA!r} or {OPENAI}MODEL, "
        "for example openai:text-embedding-3-small."
    )


class WordLlamaEmbedder:
    """Static token vectors, averaged; 256 dimensions."""

    name = WORDLLAMA

    def __call__(self, texts: Sequence[str]) -> Vectors:
        """See :class:`Embedder`."""
        import numpy as np

        if not texts:
            return np.zeros((0, 256), dtype=np.float32)
        # A blank text has no token and would be divided by zero.
        spoken = [text if text.strip() else "." for text in texts]
        made = _wordllama().embed(spoken, norm=True)
        return np.ascontiguousarray(made, dtype=np.float32)


class OpenAIEmbedder:
    """Vectors of an OpenAI-compatible ``/embeddings``, normalised to length one."""

    def __init__(self, name: str, client: OpenAI | None = None) -> None:
        """``client`` is given by tests; otherwise one is made at the first call."""
        self.name = name
        self._model = name.removeprefix(OPENAI)
        self._client = client

    def __call__(self, texts: Sequence[str]) -> Vectors:
        """See :class:`Embedder`; :class:`SourceError` if the server gives no vectors."""
        import numpy as np

        if not texts:
            return np.zeros((0, 0), dtype=np.float32)
        rows = [row for i in range(0, len(texts), BATCH) for row in self._ask(texts[i : i + BATCH])]
        try:
            made = np.array(rows, dtype=np.float32)
        except (TypeError, ValueError):
            made = np.zeros((0, 0), dtype=np.float32)
        shaped = made.ndim == 2 and len(made) == len(texts) and made.size > 0
        if not (shaped and np.isfinite(made).all()):
            raise SourceError(f"{self.name}: the answer does not hold one vector for each text.")
        norms = np.linalg.norm(made, axis=1, keepdims=True)
        unit: Vectors = made / np.maximum(norms, 1e-12)
        return unit

    def _ask(self, texts: Sequence[str]) -> list[list[float]]:
        from openai import OpenAIError

        try:
            answer = self._server().embeddings.create(
                model=self._model, input=[text or "." for text in texts], encoding_format="float"
            )
            return [row.embedding for row in sorted(answer.data, key=lambda row: row.index)]
        except OpenAIError as fault:
            # The fault may repeat the request, and with it a key: only its kind is told.
            raise SourceError(f"{self.name}: no embeddings ({type(fault).__name__}).") from None
        except (AttributeError, TypeError, ValueError):
            # The package checks no types: what is not of the protocol fails as it is read.
            raise SourceError(f"{self.name}: the answer is none of embeddings.") from None

    def _server(self) -> OpenAI:
        if self._client is None:
            from openai import OpenAI

            self._client = OpenAI(timeout=TIMEOUT, max_retries=RETRIES)
        return self._client


@cache
def _wordllama() -> Any:
    import wordllama

    # Plain ``load()`` looks in another folder and then tries to download.
    folder = Path(wordllama.__file__).parent
    return wordllama.WordLlama.load(cache_dir=folder, disable_download=True)
