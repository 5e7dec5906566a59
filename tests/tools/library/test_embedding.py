from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx
import httpx2
import numpy as np
import openai
import pytest

from causemap.articles import Article
from causemap.errors import SourceError, UsageError
from causemap.tools.library import Library
from causemap.tools.library.embedding import OpenAIEmbedder, open_embedder

MakeArticle = Callable[..., Article]
NOW = datetime(2026, 6, 2, tzinfo=UTC)
KEY = "sk-canary-0123456789"


def server(answer: Callable[[httpx2.Request], httpx2.Response]) -> OpenAIEmbedder:
    """An embedder whose server is a function."""
    transport = httpx2.MockTransport(answer)
    client = openai.OpenAI(
        api_key=KEY,
        base_url="http://127.0.0.1:9/v1",
        max_retries=0,
        http_client=openai.DefaultHttpxClient(transport=transport),
    )
    return OpenAIEmbedder("openai:test-model", client)


def by_length(request: httpx2.Request) -> httpx2.Response:
    """Vectors that tell texts apart by length, handed back in the wrong order."""
    asked = json.loads(request.content)
    assert asked["model"] == "test-model"
    rows = [
        {"object": "embedding", "index": i, "embedding": [3.0 * len(text), 4.0 * len(text), 1.0]}
        for i, text in enumerate(asked["input"])
    ]
    usage = {"prompt_tokens": 1, "total_tokens": 1}
    body = {"object": "list", "data": rows[::-1], "model": "test-model", "usage": usage}
    return httpx2.Response(200, json=body)


def test_wordllama_works_offline_and_gives_unit_vectors() -> None:
    """The default model needs no network; related texts are nearer than unrelated ones."""
    vectors = open_embedder()(["bitcoin slumps", "crypto falls", "wheat harvest report", ""])
    assert vectors.shape == (4, 256)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]


def test_an_openai_server_gives_unit_vectors_in_the_order_asked() -> None:
    """Rows are put in order by their index and brought to length one, over several requests."""
    texts = ["a" * (1 + n % 7) for n in range(300)]
    vectors = server(by_length)(texts)
    raw = np.array([[3.0 * len(t), 4.0 * len(t), 1.0] for t in texts])
    assert np.allclose(vectors, raw / np.linalg.norm(raw, axis=1, keepdims=True), atol=1e-6)


@pytest.mark.parametrize("status", [401, 429, 500])
def test_a_failing_server_is_a_source_error_without_the_key(status: int) -> None:
    """The error names the model and the kind of fault, never the key or the request."""
    failing = server(lambda _: httpx2.Response(status, json={"error": {"message": f"bad {KEY}"}}))
    with pytest.raises(SourceError, match="test-model") as caught:
        failing(["text"])
    assert KEY not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "answer",
    [
        {},
        [],
        {"data": []},
        {"data": [1, 2]},
        {"data": [{"embedding": [1.0]}, {"embedding": [1.0]}]},
        {"data": [{"index": 0, "embedding": [1.0, 2.0]}, {"index": 1, "embedding": [1.0]}]},
        {"data": [{"index": 0, "embedding": None}, {"index": 1, "embedding": [1.0]}]},
        {"data": [{"index": 0, "embedding": ["a"]}, {"index": 1, "embedding": ["b"]}]},
        {"data": [{"index": 0, "embedding": []}, {"index": 1, "embedding": []}]},
        {"data": [{"index": 0, "embedding": 1.0}, {"index": 1, "embedding": 2.0}]},
        "<html>",
    ],
)
def test_an_answer_of_another_shape_is_a_source_error(answer: object) -> None:
    """Whatever a server sends in place of one vector for each text, the library names it."""
    odd = server(lambda _: httpx2.Response(200, json=answer))
    with pytest.raises(SourceError, match="test-model"):
        odd(["one", "two"])


def test_searches_go_on_without_the_embedding_server(tmp_path: Path, make: MakeArticle) -> None:
    """With the server down words still answer; nothing is stored without its vector."""
    working = Library(tmp_path, server(by_length))
    working.add([make("a", "Gold margin raised"), make("b", "Software shares sink")])
    assert working.check().in_chroma == 2
    working.close()
    down = Library(tmp_path, server(lambda _: httpx2.Response(500)))
    assert [h.article.id for h in down.search("gold margin", NOW)] == ["a"]
    with pytest.raises(SourceError):
        down.add([make("c", "Wheat harvest")])
    assert down.count() == 2
    down.close()


def test_another_model_needs_a_rebuild_and_says_so(tmp_path: Path, make: MakeArticle) -> None:
    """Vectors of one model are never compared with those of another; rebuild makes the missing."""
    first = Library(tmp_path, server(by_length))
    first.add([make("a", "Gold margin raised"), make("b", "Software shares sink")])
    first.close()
    second = Library(tmp_path, open_embedder())
    assert "no wordllama vector" in second.check().hints[0]
    assert [h.article.id for h in second.search("gold", NOW)] == ["a"]
    second.rebuild()
    assert second.check().hints == ()
    assert second.search("technology stocks fall", NOW)[0].article.id == "b"
    second.close()


def test_chroma_reopens_the_collection_with_its_function(shelf: Library) -> None:
    """The collection knows its embedding function by name and answers texts without a network."""
    collection = shelf._index._opened(shelf._link())._open()
    found = collection.query(query_texts=["bitcoin liquidations"], n_results=1)
    assert found["ids"] == [["2"]]
    from chromadb.utils.embedding_functions import known_embedding_functions

    made = known_embedding_functions["causemap"].build_from_config({"model": "wordllama"})
    assert made.get_config() == {"model": "wordllama"}


@pytest.mark.parametrize("fault", [httpx.ConnectError("gone"), Exception("<html>502</html>")])
def test_a_chroma_server_that_goes_away_costs_no_search(shelf: Library, fault: Exception) -> None:
    """Its client lets faults of the network and of proxies through: the exact search answers."""
    asked = "bitcoin liquidations"
    before = [hit.article.id for hit in shelf.search(asked, NOW)]

    class Gone:
        def __getattr__(self, _: str) -> object:
            raise fault

    index = shelf._index._opened(shelf._link())
    index._collection = Gone()  # type: ignore[assignment]  # a server that has gone away
    assert [hit.article.id for hit in shelf.search(asked, NOW)] == before
    assert shelf.check().in_chroma is None


@pytest.mark.parametrize("url", ["ftp://127.0.0.1", "localhost:8000", "http://"])
def test_a_bad_chroma_address_is_refused(tmp_path: Path, url: str, make: MakeArticle) -> None:
    """An address that is none is an error of the setting, not an index that is down."""
    library = Library(tmp_path, open_embedder(), url)
    with pytest.raises(UsageError, match="Chroma address"):
        library.add([make("a", "Gold margin raised")])
