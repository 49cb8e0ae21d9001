"""From probabilities of BABE sentences that their models had not seen, to figures; and what two baselines reach."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from framing.engines import Reading
from framing.loaded import loaded_terms
from framing.metrics import Tally, binary_figures
from framing.polarity import polarity
from framing.quotations import quotations
from framing.records import LoadedTerm
from framing.segment import Document, segment
from framing.training.bias_matrices import marked_tokens
from framing.training.readers import BiasSentence
from framing.training.whole_sentences import find_matches


def bias_figures(
    items: Sequence[BiasSentence], chances: np.ndarray, words: np.ndarray, *, in_context: bool = False
) -> dict[str, Any]:
    """Sentences at probability .5, and the loaded terms against the words that experts marked.

    ``chances`` (sentences,) are calibrated probabilities, ``words`` (tokens of all sentences,) log-odds as in
    ``Reading.word_bias``, ``in_context`` as there. ``word_f1``, ``word_precision`` and ``word_recall`` are over word
    tokens (gold: tokens of the marked words; predicted: tokens inside the loaded terms); for the others see
    :func:`framing.metrics.binary_figures`.
    """
    tally = Tally()
    documents = [segment(item.text, whole=True) for item in items]
    terms = _terms(documents, chances, words, in_context)
    for number, (item, document, found) in enumerate(zip(items, documents, terms, strict=True)):
        gold = np.flatnonzero(marked_tokens(document, item.biased_words)).tolist()
        inside = [
            k
            for k, (start, end) in enumerate(zip(document.starts, document.ends, strict=True))
            if any(term.start <= start and end <= term.end for term in found)
        ]
        word = [text[0].isalnum() for text in document.words]
        tally.add([(number, k) for k in inside if word[k]], [(number, k) for k in gold if word[k]])
    return {
        **binary_figures([item.biased for item in items], chances.tolist()),
        "word_f1": tally.f1,
        "word_precision": tally.precision,
        "word_recall": tally.recall,
        "sentences": len(items),
    }


def baselines(items: Sequence[BiasSentence]) -> dict[str, dict[str, float]]:
    """Logistic regression over the numbers of TextBlob and of VADER, in the same folds; VADER where it is installed."""
    from sklearn.linear_model import LogisticRegression

    labels, folds = np.array([item.biased for item in items]), np.array([item.fold for item in items])
    columns = {"textblob": np.array([polarity(item.text) for item in items])}
    try:
        from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer
    except ImportError:
        pass
    else:
        analyser = SentimentIntensityAnalyzer()
        columns["vader"] = np.array([list(analyser.polarity_scores(item.text).values()) for item in items])
    found = {}
    for name, values in columns.items():
        values = np.column_stack([values, np.abs(values)])
        chances = np.zeros(len(values))
        for fold in set(folds.tolist()):
            held = folds == fold
            model = LogisticRegression(max_iter=1000).fit(values[~held], labels[~held])
            chances[held] = model.predict_proba(values[held])[:, 1]
        found[name] = binary_figures(labels.tolist(), chances.tolist())
    return found


def _terms(
    documents: Sequence[Document], chances: np.ndarray, words: np.ndarray, in_context: bool
) -> Iterator[list[LoadedTerm]]:
    """The loaded terms of every sentence, as the package finds them from these numbers."""
    at = 0
    for document, chance in zip(documents, chances.tolist(), strict=True):
        own = words[at : at + len(document.words)]
        at += len(document.words)
        none = np.zeros(0)
        reading = Reading(np.array([chance]), own, none, none, none, none, 1.0, none, in_context)
        yield loaded_terms(document, reading, find_matches(document), quotations(document.text))
