"""What can go wrong, by kind. Every message names the bad value, the valid ones, and the remedy."""

from __future__ import annotations

from collections.abc import Iterable


class FramingError(Exception):
    """Base of every error that this package raises on purpose."""


class InputError(FramingError):
    """A corpus, an article or an argument that cannot be used as given."""


class LexiconError(FramingError):
    """A lexicon file that cannot be read; the message names the file and the line."""


class ModelError(FramingError):
    """A model that is missing, altered, or made for other versions."""


class ParameterError(FramingError):
    """A report parameter or an option that is unknown or out of range."""


class ReportError(FramingError):
    """A report run that did not complete."""


def one_of(what: str, value: object, valid: Iterable[object], *, remedy: str = "") -> str:
    """The sentence all errors about a choice share: what was given, what is valid, what to do.

    >>> one_of("engine", "fast", ["linear", "neural"])
    "unknown engine 'fast'; valid: linear, neural"
    """
    listed = ", ".join(map(str, valid)) or "(none)"
    return f"unknown {what} {value!r}; valid: {listed}" + (f". {remedy}" if remedy else "")
