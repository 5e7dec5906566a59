"""The embedding function Chroma stores by name, so that a collection reopens with it offline.

A module of its own because it needs Chroma's base class, and Chroma is loaded only when asked.
"""

from __future__ import annotations

from typing import Any

from chromadb.api.types import Documents, EmbeddingFunction, Embeddings, Space
from chromadb.utils.embedding_functions import register_embedding_function

from causemap.tools.library.embedding import WORDLLAMA, open_embedder


@register_embedding_function
class CausemapEmbedding(EmbeddingFunction[Documents]):
    """Chroma's view of :func:`open_embedder`."""

    def __init__(self, model: str = WORDLLAMA) -> None:
        """``model`` as in the setting."""
        self._embedder = open_embedder(model)

    def __call__(self, input: Documents) -> Embeddings:  # noqa: A002 Chroma calls it by name
        """A vector for each text."""
        return list(self._embedder(input))

    @staticmethod
    def name() -> str:
        """The name in Chroma's registry."""
        return "causemap"

    def get_config(self) -> dict[str, Any]:
        """What is stored with the collection."""
        return {"model": self._embedder.name}

    @staticmethod
    def build_from_config(config: dict[str, Any]) -> CausemapEmbedding:
        """The function a stored collection asks for."""
        return CausemapEmbedding(**config)

    def default_space(self) -> Space:
        """Vectors have length one; the angle is what counts."""
        return "cosine"

    def supported_spaces(self) -> list[Space]:
        """Any: the vectors have length one."""
        return ["cosine", "l2", "ip"]
