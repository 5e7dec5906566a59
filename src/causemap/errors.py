"""Errors, one class per reaction of the caller.

CausemapError                  never raised itself; catch it in ``main`` only
├── UsageError                 bad input: one line (what, why, what to do), exit code 2
│   └── UnclearQuestion        the question was not understood: ask back, do not guess
├── GateError                  a gate failed: the output may not leave, exit code 1
├── IncompleteError            something needed is missing; what was computed is kept, exit code 3
├── SourceError                a source failed: becomes a Gap(kind="failed") at the desk boundary
└── ModelError                 a model gave nothing usable: the rules answer, and it is said so
"""

from __future__ import annotations


class CausemapError(Exception):
    """Base of all errors this package raises on purpose."""


class UsageError(CausemapError):
    """The input cannot be used; the message says what, why and what to do."""


class UnclearQuestion(UsageError):
    """The question cannot be turned into a window; the message is the question back."""


class GateError(CausemapError):
    """A gate failed; the message says which and why, and nothing was written."""


class IncompleteError(CausemapError):
    """The run cannot be completed; the message says what is missing."""


class SourceError(CausemapError):
    """A source could not be read; the message names the source and the fault."""


class ModelError(CausemapError):
    """A model call gave nothing usable; the message says why, without a secret."""
