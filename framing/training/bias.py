"""Trainer of the loaded-language model on BABE, and its figures in held-out folds.

The word model is trained first; the sentence model sees its scores on sentences it was not trained on, as it will
when it is used. So every held-out figure needs word models without two folds: the one held out, and the one the
sentence model is taught with.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from framing.engines.bias import FORMAT, NO_WORD
from framing.engines.bias_words import packed
from framing.engines.stored import write_model
from framing.lexicon import default_lexicon
from framing.records import CATEGORIES
from framing.training.bias_figures import bias_figures
from framing.training.bias_matrices import SENTENCE_PENALTY, WORD_PENALTY, Corpus, SentenceModel, WordModel
from framing.training.readers import read_babe
from framing.training.word_vectors import unlabelled, word_vectors

_LEAST_WEIGHT = 0.004  # weights of letter sequences below it are not stored
CORPORA = (
    "BABE (labels)",
    "PolNeAR train, NewsMTSC train, Park 2021 train, climate generic frames, an AllSides sample (unlabelled text)",
)


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Log-odds of words and sentences from models that have not seen the sentence's fold."""

    words: np.ndarray
    sentences: np.ndarray


def held_out(corpus: Corpus, folds: np.ndarray) -> HeldOut:
    """Score every fold by models of the others."""
    names = sorted(set(folds.tolist()))
    without: dict[tuple[int, ...], np.ndarray] = {
        (fold,): corpus.fit_words(folds != fold).scores(corpus) for fold in names
    }
    if len(names) > 2:
        for pair in combinations(names, 2):
            without[pair] = corpus.fit_words(~np.isin(folds, pair)).scores(corpus)
    fold_of_word = folds[corpus.laid.sentence]
    words, sentences = np.zeros(len(fold_of_word)), np.zeros(len(folds))
    for fold in names:
        taught = np.zeros(len(fold_of_word))
        for other in names:
            key = (fold,) if other == fold else tuple(sorted((fold, other)))
            taught[fold_of_word == other] = without[key][fold_of_word == other]
        _, scores = corpus.fit_sentences(folds != fold, taught)
        sentences[folds == fold] = scores[folds == fold]
        words[fold_of_word == fold] = taught[fold_of_word == fold]
    return HeldOut(words, sentences)


def platt(scores: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Slope and offset that turn log-odds into calibrated ones (Platt 1999)."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=1e6).fit(scores[:, None], labels)
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def calibrated(scores: np.ndarray, labels: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Probabilities; the two numbers for each fold come from the others."""
    chances = np.zeros(len(scores))
    for fold in set(folds.tolist()):
        slope, offset = platt(scores[folds != fold], labels[folds != fold])
        chances[folds == fold] = 1 / (1 + np.exp(-(slope * scores[folds == fold] + offset)))
    return chances


def prepare(data: Path, *, seed: int = 0) -> Corpus:
    """BABE with word vectors, ready to train on."""
    return Corpus(read_babe(data), word_vectors(list(unlabelled(data)), seed=seed))


def train(data: Path, out: Path, *, seed: int = 0) -> dict[str, Any]:
    """Train on all of BABE and write ``bias.npz`` and ``bias.json`` to ``out``; the figures are of held-out folds."""
    corpus = prepare(data, seed=seed)
    found = held_out(corpus, corpus.folds)
    chances = calibrated(found.sentences, corpus.labels, corpus.folds)
    figures = bias_figures(corpus.items, chances, word_bias(corpus, found.words))
    everything = np.ones(len(corpus.items), bool)
    words = corpus.fit_words(everything)
    sentences, _ = corpus.fit_sentences(everything, found.words)
    slope, offset = platt(found.sentences, corpus.labels)
    out.mkdir(parents=True, exist_ok=True)
    card = {
        "data": list(CORPORA),
        "parameters": {
            "word C": WORD_PENALTY,
            "sentence C": SENTENCE_PENALTY,
            "dimensions": corpus.vectors.vectors.shape[1],
        },
        "seed": seed,
        "platt": {"slope": slope, "offset": offset},
        "lexicon": default_lexicon().signature,
        "held_out": figures,
    }
    write_model(out, "bias", card, _arrays(corpus, words, sentences), FORMAT)
    return figures


def held_out_readings(corpus: Corpus, folds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Calibrated probability of every sentence and ``Reading.word_bias`` of every token, by models without its fold."""
    found = held_out(corpus, folds)
    return calibrated(found.sentences, corpus.labels, folds), word_bias(corpus, found.words)


def word_bias(corpus: Corpus, words: np.ndarray) -> np.ndarray:
    """Scores of the kept tokens as log-odds of all tokens, the way the engine gives them: no name is loaded."""
    laid = corpus.laid
    return np.where(laid.is_word & ~corpus.table.is_name[laid.rows], words, NO_WORD)[laid.stands_for]


def categories(corpus: Corpus) -> np.ndarray:
    """For every symbol the lexicon category nearest to it, as an index into ``CATEGORIES``.

    Learned from the single words of the lexicon; a word of the lexicon keeps its own.
    """
    from sklearn.linear_model import LogisticRegression

    matrix = corpus.own[0]
    taught = [
        (k, CATEGORIES.index(found[0].entry.category))
        for k, symbol in enumerate(corpus.symbols)
        if len(found := default_lexicon().match([symbol])) == 1
    ]
    rows, labels = (np.array(column) for column in zip(*taught, strict=True))
    model = LogisticRegression(C=1.0, max_iter=300, tol=1e-3).fit(matrix[rows], labels)
    nearest = model.predict(matrix).astype(np.int8)
    nearest[rows] = labels
    return nearest


def _arrays(corpus: Corpus, words: WordModel, sentences: SentenceModel) -> dict[str, np.ndarray]:
    """Everything the engine needs, folded: one number per symbol and role, per pair, per dense feature."""
    _, word_weights, keys, pair_weights = corpus.bags
    n, pairs, size = len(corpus.symbols), len(keys), corpus.vectors.vectors.shape[1]
    by_word, by_pair, by_vector, by_dense = np.split(sentences.coefficients, np.cumsum([n, pairs, size]))
    in_sentence = word_weights * by_word + corpus.rarity * (corpus._vectors @ by_vector)
    dense = by_dense * sentences.scale
    own, own_names = corpus.own
    near, near_names = corpus.near
    a, b = own.shape[1], near.shape[1]
    arrays = {
        "symbols": packed(corpus.symbols),
        "names": packed(sorted(corpus.vectors.names)),
        "scalars": np.column_stack([words.own, words.after, words.before, in_sentence]).astype(np.float32),
        "categories": categories(corpus),
        "pairs": keys,
        "pair_weights": (pair_weights * by_pair).astype(np.float32),
        "flag_weights": words.flags,
        "dense_weights": dense,
        "intercepts": np.array([words.intercept, sentences.intercept - float(sentences.mean @ dense)]),
    }
    for role, names, weights in (
        ("own", own_names, words.coefficients[:a]),
        ("after", near_names, words.coefficients[a : a + b]),
        ("before", near_names, words.coefficients[a + b : a + 2 * b]),
    ):
        kept = [(x, w) for x, w in zip(names, weights, strict=False) if abs(w) > _LEAST_WEIGHT and x[:5] != "word "]
        arrays[f"{role}_features"] = packed([name for name, _ in kept])
        arrays[f"{role}_weights"] = np.array([weight for _, weight in kept], np.float32)
    return arrays
