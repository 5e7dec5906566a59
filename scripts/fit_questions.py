"""Fit the learned guess at a question's kind: ``python scripts/fit_questions.py [--check]``.

Writes ``agents/chat_kinds.zip`` from the questions in ``scripts/questions``: ``plain.txt`` holds
the usual shapes, ``varied.txt`` freer wordings. With ``--check`` nothing is written: figures on the
varied ones, each fold fitted without its own, are printed for several thresholds.
"""

from __future__ import annotations

import sys
import zipfile
from collections import Counter
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from causemap.agents import chat_kinds
from causemap.agents.chat_kinds import CLASSES, OTHER, Fitted, Kind, kind_of, terms, vector

FOLDER: Final = Path(__file__).resolve().parent / "questions"
OUT: Final = Path(chat_kinds.__file__).with_name("chat_kinds.zip")
# A term that stands in one question only tells nothing of others.
LEAST_QUESTIONS: Final = 2
# Inverse strength of the ridge, by log-loss of the folds.
INVERSE_RIDGE: Final = 20.0
FOLDS: Final = 5
THRESHOLDS: Final = (0.3, 0.4, 0.5, 0.6, 0.7)
# Names are looked up by their words, as what is no question about a run is refused by them.
_LOOKED_UP: Final = ("names", "none")


class Question(NamedTuple):
    """A question and its kind, one of :data:`CLASSES`."""

    text: str
    kind: str


def questions(name: str) -> list[Question]:
    """The questions of a file, each under the last ``= kind`` before it."""
    kind, held = "", []
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("= "):
            kind = OTHER if line[2:] in _LOOKED_UP else line[2:]
        else:
            held.append(Question(line, kind))
    return held


def fit(train: list[Question]) -> Fitted:
    """Terms, inverse document frequencies and weights from labelled questions."""
    found = Counter(term for row in train for term in set(terms(row.text)))
    names = sorted(term for term, n in found.items() if n >= LEAST_QUESTIONS)
    place = {name: number for number, name in enumerate(names)}
    seen = np.array([*(found[name] for name in names), 1])
    idf = (np.log((1 + len(train)) / (1 + seen)) + 1.0).astype("<f4").tolist()
    model = LogisticRegression(
        C=INVERSE_RIDGE, max_iter=300, tol=1e-3, class_weight="balanced"
    ).fit(_matrix(train, place, idf), [CLASSES.index(row.kind) for row in train])
    weights = model.coef_.T.astype("<f2").tobytes()
    return Fitted(place, idf, weights, model.intercept_.astype("<f4").tolist())


def _matrix(rows: list[Question], place: dict[str, int], idf: list[float]) -> csr_matrix:
    columns: list[int] = []
    values: list[float] = []
    ends = [0]
    for row in rows:
        held = vector(row.text, place, idf)
        columns += [at for at, _ in held]
        values += [value for _, value in held]
        ends.append(len(columns))
    return csr_matrix((values, columns, ends), shape=(len(rows), len(place)))


def write(fitted: Fitted) -> None:
    """Write what was fitted, the same bytes for the same numbers."""
    parts = {
        "terms": "\n".join(fitted.place).encode("utf-8"),
        "idf": np.array(fitted.idf, dtype="<f4").tobytes(),
        "weights": fitted.weights,
        "bias": np.array(fitted.bias, dtype="<f4").tobytes(),
    }
    with zipfile.ZipFile(OUT, "w", zipfile.ZIP_DEFLATED) as held:
        for name, part in parts.items():
            held.writestr(zipfile.ZipInfo(name), part, zipfile.ZIP_DEFLATED)


def out_of_fold() -> list[tuple[Question, Kind]]:
    """Each varied question with the guess of a fit that did not see it."""
    plain, varied = questions("plain.txt"), questions("varied.txt")
    guessed = []
    for fold in range(FOLDS):
        fitted = fit([*plain, *(q for n, q in enumerate(varied) if n % FOLDS != fold)])
        guessed += [(q, kind_of(q.text, fitted)) for q in varied[fold::FOLDS]]
    return guessed


def check() -> None:
    """Print how many of the varied questions are answered at each threshold, and how well."""
    guessed = out_of_fold()
    sys.stdout.write(f"{len(guessed)} questions\n")
    for least in THRESHOLDS:
        told = [(q, g) for q, g in guessed if g.intent and g.chance >= least]
        right = sum(q.kind == g.intent for q, g in told)
        sys.stdout.write(
            f"from {least}: {len(told) / len(guessed):.2f} told, {right / len(told):.2f} right\n"
        )


def main(*options: str) -> None:
    """Fit and write, or check."""
    if "--check" in options:
        check()
    else:
        write(fit([*questions("plain.txt"), *questions("varied.txt")]))


if __name__ == "__main__":
    main(*sys.argv[1:])
