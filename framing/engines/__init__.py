"""Engines turn segmented text into numbers; the measures turn the numbers into records.

Every engine keeps one protocol, :class:`Engine`, and fills the same :class:`Reading`, so that nothing after
it knows which engine was used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import numpy as np

from framing.errors import ParameterError, one_of
from framing.lexicon import Match
from framing.records import Mention
from framing.segment import Document

# Attribution tags of a token, in BIO form; the index is what `Reading.tags` holds.
TAGS: tuple[str, ...] = ("O", "B-source", "I-source", "B-cue", "I-cue", "B-content", "I-content")


@dataclass(frozen=True, eq=False)
class Reading:
    """What an engine says of one document.

    ==================  =====================  ==============================================================
    field               shape                  meaning
    ==================  =====================  ==============================================================
    bias                (sentences,)           calibrated P(the wording is biased), in [0, 1]
    word_bias           (tokens,)              log-odds that expert readers would mark the token as biased
    tags                (tokens,)              attribution tag, an index into ``TAGS``
    stance              (mentions, 3)          P(negative), P(neutral), P(positive) toward each mention
    frames              (frames,)              P(the article uses the frame), in the order of ``FRAMES``
    frame_sentences     (sentences, frames)    how much each sentence speaks for the frame
    known               float                  share of word tokens that the engine has met in training
    parts               (tokens,)              what each token adds to its sentence's log-odds of biased wording
    ==================  =====================  ==============================================================

    ``in_context``: whether ``word_bias`` judges a word by its sentence, or (false) mostly by itself.

    ``parts``: above 0 a token raises its sentence's score, below 0 it lowers it. Summed over the sentence, and with
    what the engine says of no single token (a constant), they are the log-odds of ``bias``.
    """

    bias: np.ndarray
    word_bias: np.ndarray
    tags: np.ndarray
    stance: np.ndarray
    frames: np.ndarray
    frame_sentences: np.ndarray
    known: float
    parts: np.ndarray
    in_context: bool = False


class Engine(Protocol):
    """Anything that reads documents. A document's reading never depends on the others in the batch."""

    @property
    def name(self) -> str:
        """The engine's name, as in ``ENGINES``."""
        ...

    @property
    def signature(self) -> dict[str, Any]:
        """Name, versions and checksums: enough to say which numbers these are."""
        ...

    def read(
        self,
        documents: Sequence[Document],
        mentions: Sequence[Sequence[Mention]],
        matches: Sequence[Sequence[Match]],
    ) -> list[Reading]:
        """One reading per document.

        ``mentions[i]`` are the places of document i whose stance is wanted; ``matches[i]`` is what the lexicon
        found in it (an engine that needs no lexicon ignores them).
        """
        ...


ENGINES: tuple[str, ...] = ("neural", "linear")
DEFAULT_ENGINE = "neural"


@lru_cache(maxsize=4)
def get_engine(name: str = DEFAULT_ENGINE) -> Engine:
    """The engine of that name, loaded on first use.

    Raises :class:`~framing.errors.ParameterError` for a name that is not in ``ENGINES``, and
    :class:`~framing.errors.ModelError` where its model is missing or altered.
    """
    if name == "neural":
        from framing.engines.neural import NeuralEngine

        return NeuralEngine.load()
    if name == "linear":
        from framing.engines.linear import LinearEngine

        return LinearEngine.load()
    raise ParameterError(one_of("engine", name, ENGINES))
