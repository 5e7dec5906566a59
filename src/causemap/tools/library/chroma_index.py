"""The vector index in Chroma: rebuildable, one writer, never asked for more than vectors.

Chroma holds a vector and the time for each article, not its text; what it answers is looked up in
SQLite before it is believed. Two processes that write one folder lose vectors in silence, even if
they take turns, because each keeps its own copy of the graph in memory. So whoever holds the file
lock opens a fresh client if another process wrote since, and counts afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlsplit

from causemap.errors import SourceError, UsageError

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    import numpy as np
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection

    from causemap.tools.library.embedding import Embedder, Vectors

BATCH: Final = 2_000
# Breadth of the search in the graph: 0.99 of the true nearest fifty at 20,000 articles.
EF_SEARCH: Final = 200
# What an answer of another shape becomes in Chroma's client.
_SHAPES: Final = (ValueError, KeyError, AttributeError)


class _ChromaFaults:
    """Whatever Chroma fails with, as one error: the caller answers without it."""

    def __enter__(self) -> None:
        """Nothing has failed yet."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Name a fault of Chroma's; any other goes on as it is."""
        if fault is None:
            return
        import httpx
        from chromadb.errors import ChromaError

        theirs = (ChromaError, httpx.HTTPError, OSError, RuntimeError, *_SHAPES)
        # Its client raises the bare class for an answer that is none of Chroma's, as a proxy's.
        if kind is Exception or isinstance(fault, theirs):
            said = f"the Chroma index does not answer ({type(fault).__name__})"
            raise SourceError(said) from fault


class Near(NamedTuple):
    """Article numbers with their cosine, nearest first."""

    seqs: tuple[int, ...]
    cosines: tuple[float, ...]


class ChromaIndex:
    """One collection for each embedding model, in a folder or on a Chroma server."""

    def __init__(self, folder: Path, url: str, embedder: Embedder) -> None:
        """Nothing is opened until the first call."""
        self._folder = folder
        self._url = url
        self._embedder = embedder
        self._name = f"articles-{slug(embedder.name)}"
        self._client: ClientAPI | None = None
        self._collection: Collection | None = None

    def add(self, seqs: Sequence[int], times: Sequence[float], vectors: Vectors) -> None:
        """Put vectors in, again if need be; ``times`` in seconds since 1970. Raises SourceError."""
        with _ChromaFaults():
            for i in range(0, len(seqs), BATCH):
                part = slice(i, i + BATCH)
                self._open().upsert(
                    ids=[str(seq) for seq in seqs[part]],
                    embeddings=_listed(vectors[part]),
                    metadatas=[{"available": time} for time in times[part]],
                )

    def nearest(self, vector: np.ndarray, limit: int) -> Near:
        """The nearest ``limit`` of all articles, whenever they became available."""
        with _ChromaFaults():
            found = self._open().query(
                query_embeddings=_listed(vector[None, :]), n_results=limit, include=["distances"]
            )
        distances = found["distances"]
        if distances is None:
            raise SourceError("Chroma answered without distances.")
        return Near(tuple(int(seq) for seq in found["ids"][0]), tuple(1 - d for d in distances[0]))

    def count(self) -> int:
        """How many vectors are held. Raises SourceError."""
        with _ChromaFaults():
            return self._open().count()

    def close(self) -> None:
        """Let go of the client, so that the next call sees what other processes wrote."""
        if self._client is not None:
            self._client.close()  # type: ignore[attr-defined]  # on the class, not on its interface
        self._client = self._collection = None

    def drop(self) -> None:
        """Delete the collection. Raises SourceError."""
        with _ChromaFaults():
            self._open()
            if self._client:
                self._client.delete_collection(self._name)
        self.close()

    def _open(self) -> Collection:
        if self._collection is None:
            from causemap.tools.library.chroma_embedding import CausemapEmbedding

            self._client = self._connect()
            # Chroma types every function as one for texts and images; this one takes texts.
            function: Any = CausemapEmbedding(self._embedder.name)
            self._collection = self._client.get_or_create_collection(
                self._name,
                embedding_function=function,
                configuration={"hnsw": {"space": "cosine", "ef_search": EF_SEARCH}},
            )
        return self._collection

    def _connect(self) -> ClientAPI:
        import chromadb
        from chromadb.config import Settings

        quiet = Settings(anonymized_telemetry=False)
        if not self._url:
            return chromadb.PersistentClient(str(self._folder), settings=quiet)
        parts = urlsplit(self._url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UsageError(f"{self._url!r:.80} is no Chroma address; use http://127.0.0.1:8000.")
        return chromadb.HttpClient(
            parts.hostname, parts.port or 8000, ssl=parts.scheme == "https", settings=quiet
        )


def slug(model: str) -> str:
    """An embedding model's name as part of a folder's and a collection's."""
    return re.sub(r"[^a-z0-9]+", "-", model.casefold()).strip("-")


def _listed(vectors: Vectors) -> list[Sequence[float] | Sequence[int]]:
    return [row.tolist() for row in vectors]
