"""Fit the learned reader: ``python scripts/fit_reader.py [--check]``.

Writes ``tools/news/words.npz`` from the sentences in ``scripts/reading/training.jsonl``. With
``--check`` nothing is written: figures on sentences held out (``held_out.jsonl``) are printed for
the lexicon, the learned reader and both together.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from causemap.causes import NAMED
from causemap.closed_sets import Cause
from causemap.tools.news import words
from causemap.tools.news.reading import by_lexicon, read
from causemap.tools.news.words import CLASSES, terms

FOLDER: Final = Path(__file__).resolve().parent / "reading"
OUT: Final = Path(words.__file__).with_name("words.npz")
# A term that stands in one sentence only tells nothing of others.
LEAST_SENTENCES: Final = 2
# Inverse strength of the ridge, and the classes' balance, by four-fold log-loss.
INVERSE_RIDGE: Final = 30.0
Floats = npt.NDArray[np.float64]
Sentence = dict[str, Any]
Reader = Callable[[str], Mapping[Cause, float]]


def sentences(name: str) -> list[Sentence]:
    """The labelled sentences of a file: ``text``, ``cause`` (or none), perhaps ``also``."""
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def fit(train: list[Sentence]) -> words.Words:
    """Terms, inverse document frequencies and weights from labelled sentences."""
    found = Counter(term for row in train for term in set(terms(row["text"])))
    names = sorted(term for term, n in found.items() if n >= LEAST_SENTENCES)
    place = {name: number for number, name in enumerate(names)}
    idf = np.array([np.log((1 + len(train)) / (1 + found[name])) + 1.0 for name in names])
    model = LogisticRegression(
        C=INVERSE_RIDGE, max_iter=300, tol=1e-3, class_weight="balanced"
    ).fit(_matrix(train, place, idf), [CLASSES.index(row["cause"]) for row in train])
    return words.Words(place, idf, model.coef_.T.copy(), model.intercept_.copy())


def _matrix(rows: list[Sentence], place: dict[str, int], idf: Floats) -> csr_matrix:
    values: list[float] = []
    columns: list[int] = []
    ends = [0]
    for row in rows:
        counted = Counter(term for term in terms(row["text"]) if term in place)
        at = [place[term] for term in counted]
        vector = (1.0 + np.log(np.array(list(counted.values()), dtype=np.float64))) * idf[at]
        values.extend(vector / (np.sqrt((vector**2).sum()) or 1.0))
        columns.extend(at)
        ends.append(len(columns))
    return csr_matrix((values, columns, ends), shape=(len(rows), len(place)))


def write(fitted: words.Words) -> None:
    """Write what was fitted in half precision, the same bytes for the same numbers."""
    text = "\n".join(fitted.place).encode("utf-8")
    np.savez_compressed(
        OUT,
        terms=np.frombuffer(text, dtype=np.uint8),
        idf=fitted.idf.astype(np.float16),
        weights=fitted.weights.astype(np.float16),
        bias=fitted.bias.astype(np.float32),
    )


def figures(name: str, reader: Reader, rows: list[Sentence]) -> None:
    """Print how often the likeliest of the causes and none is the label, or the second label."""
    right, named = [], []
    for row in rows:
        found = reader(row["text"])
        chances: dict[str, float] = {c: found.get(c, 0.0) for c in NAMED} | {
            "none": 1.0 - sum(found.values())
        }
        right.append(max(chances, key=lambda c: chances[c]) in (row["cause"], row.get("also")))
        named.append(row["cause"] != "none")
    whole, part = np.mean(right), np.mean(np.array(right)[named])
    sys.stdout.write(
        f"{name}: {len(rows)} sentences, right {whole:.3f}; {sum(named)} name a cause, {part:.3f}\n"
    )


def check() -> None:
    """Print the figures of the lexicon, the learned reader and both on the held-out sentences."""
    rows = sentences("held_out.jsonl")
    figures("lexicon", lambda text: dict(by_lexicon(text).weights), rows)
    figures("learned", lambda text: dict(words.chances(text)), rows)
    figures("both", lambda text: dict(read(text).weights), rows)


def main(*options: str) -> None:
    """Fit and write, or check."""
    if "--check" in options:
        check()
    else:
        write(fit(sentences("training.jsonl")))


if __name__ == "__main__":
    main(*sys.argv[1:])
