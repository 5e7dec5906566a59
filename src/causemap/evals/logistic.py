"""Plain logistic regressions on prices, and on prices with the words of the notes.

They answer what can be had from figures and bags of words without any reading: L2, C = 0.1, each
window counted once for each cause of its soft label with that share as its weight. Missing
features take the mean of the windows trained on, which is fair to a baseline and to nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from causemap.causes import CAUSES
from causemap.evals.answers import Prediction, from_shares
from causemap.evals.features import NAMES, price_features

if TYPE_CHECKING:
    from causemap.evals.systems import Example, System
    from causemap.records import Note, Scope
    from causemap.tools.market import AsOfView

STRENGTH: Final = 0.1
_CLIP: Final = 6.0
_TOPICS: Final = 20


@dataclass(frozen=True, slots=True)
class Logistic:
    """A multinomial logistic regression, to be fitted; ``words`` adds the notes' words."""

    words: bool

    def fit(self, examples: Sequence[Example]) -> System:
        """The regression fitted on windows of other episodes."""
        from sklearn.impute import SimpleImputer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        reader = _Reader.fit([_text(e.notes) for e in examples]) if self.words else None
        rows = np.array([_row(e.scope, e.view, e.notes, reader) for e in examples])
        scale = make_pipeline(SimpleImputer(keep_empty_features=True), StandardScaler())
        known = scale.fit_transform(rows)
        shares = np.array([[dict(e.label).get(c, 0.0) for c in CAUSES] for e in examples])
        which, classes = np.nonzero(shares)
        model = LogisticRegression(C=STRENGTH, max_iter=2000)
        model.fit(known[which], classes, sample_weight=shares[which, classes])
        return _Fitted(scale, model, reader)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Words of the notes as a few topics: TF-IDF and a truncated singular-value decomposition."""

    pipeline: Any

    @classmethod
    def fit(cls, texts: Sequence[str]) -> _Reader:
        from sklearn.decomposition import TruncatedSVD
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.pipeline import make_pipeline

        words = TfidfVectorizer(min_df=3, sublinear_tf=True, stop_words="english")
        return cls(make_pipeline(words, TruncatedSVD(_TOPICS, random_state=0)).fit(texts))

    def read(self, text: str) -> list[float]:
        topics: list[float] = self.pipeline.transform([text])[0].tolist()
        return topics


@dataclass(frozen=True, slots=True)
class _Fitted:
    scale: Any
    model: Any
    reader: _Reader | None

    def __call__(self, scope: Scope, view: AsOfView, notes: tuple[Note, ...]) -> Prediction:
        row = np.array([_row(scope, view, notes, self.reader)])
        given: npt.NDArray[np.float64] = self.model.predict_proba(self.scale.transform(row))[0]
        shares = {CAUSES[k]: float(p) for k, p in zip(self.model.classes_, given, strict=True)}
        return from_shares(shares)


def _text(notes: Sequence[Note]) -> str:
    return " ".join(note.text for note in notes)


def _row(
    scope: Scope, view: AsOfView, notes: Sequence[Note], reader: _Reader | None
) -> list[float]:
    prices = list(_prices(scope, view))
    flag = 1.0 if scope.groups == ("crypto",) else 0.0
    return [*prices, flag, *(reader.read(_text(notes)) if reader else ())]


@lru_cache(maxsize=512)
def _prices(scope: Scope, view: AsOfView) -> tuple[float, ...]:
    found = price_features(scope, view)
    return tuple(_clipped(found[name]) if name in found else math.nan for name in NAMES)


def _clipped(value: float) -> float:
    return max(-_CLIP, min(_CLIP, value))
