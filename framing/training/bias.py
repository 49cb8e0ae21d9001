"""Trainer of the loaded-language model on BABE, and its figures in held-out folds.

The word model is trained first; the sentence model sees its scores on sentences it was not trained on, as it will
when it is used. So every held-out figure needs word models without two folds: the one held out, and the one the
sentence model is taught with.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from framing.engines import Reading
from framing.engines.bias import (
    FLAGS,
    FORMAT,
    PAIR_BASE,
    WORD_SUMMARY,
    BiasModel,
    Layout,
    lay_out,
    moods,
    summary,
    sums,
)
from framing.engines.bias_words import EDGE, Vocabulary, WordTable, context_features, word_features
from framing.lexicon import Match, default_lexicon
from framing.loaded import loaded_terms
from framing.metrics import Tally, calibration_error, f1, macro_f1
from framing.polarity import polarity
from framing.quotations import quotations
from framing.records import LoadedTerm
from framing.segment import TOKEN, Document, segment
from framing.training.readers import BiasSentence, read_babe
from framing.training.word_vectors import WordVectors, unlabelled, word_vectors

WORD_PENALTY = 0.7  # C of the word model
SENTENCE_PENALTY = 1.0
_VECTOR_SCALE, _NEAR_VECTOR_SCALE, _NEAR_DIMENSIONS = 3.0, 1.0, 50
_SUMMARY_SCALE, _DENSE_SCALE = 0.3, 0.1
_RARE = 1e-4  # words more frequent than this count less in the vector of a sentence
_LEAST_WEIGHT = 0.004  # weights of letter sequences below it are not stored
CORPORA = ("BABE (labels)", "PolNeAR train, NewsMTSC train, Park 2021 train, climate frames, AllSides sample (text only)")


@dataclass(frozen=True, eq=False)
class WordModel:
    """What the word model adds per symbol in its own place, to the next and to the last word, per flag, and always."""

    own: np.ndarray
    after: np.ndarray
    before: np.ndarray
    flags: np.ndarray
    intercept: float
    coefficients: np.ndarray

    def scores(self, corpus: Corpus) -> np.ndarray:
        """Log-odds for every kept token of the corpus."""
        laid, symbol = corpus.laid, corpus.table.symbol
        scores = self.own[symbol[laid.rows]] + self.after[symbol[laid.previous]] + self.before[symbol[laid.following]]
        return scores + laid.flags @ self.flags + self.intercept


@dataclass(frozen=True, eq=False)
class SentenceModel:
    """Weights of the columns of ``Corpus.sentence_matrix`` and how its dense part was scaled."""

    coefficients: np.ndarray
    intercept: float
    mean: np.ndarray
    scale: np.ndarray


class Corpus:
    """BABE, laid out, with the matrices that depend on no label."""

    def __init__(self, items: Sequence[BiasSentence], vectors: WordVectors) -> None:
        self.items = items
        self.vectors = vectors
        self.documents = [segment(item.text, whole=True) for item in items]
        self.matches: list[list[Match]] = [default_lexicon().match(document.words) for document in self.documents]
        self.labels = np.array([item.biased for item in items])
        self.folds = np.array([item.fold for item in items])
        plain = {word for document in self.documents for word in document.lower if word in document.words}
        self.vocabulary = Vocabulary(vectors.common | (plain - vectors.names), vectors.names)
        met = {self.vocabulary.symbol(word) for document in self.documents for word in document.words}
        enough = {word for word in vectors.common if vectors.counts.get(word, 0) >= 2}
        self.symbols = sorted(met | enough | {EDGE})
        number = {symbol: k for k, symbol in enumerate(self.symbols)}
        self.table = WordTable(self.vocabulary, number, np.zeros((len(number), WordTable.SCALARS)), {}, {}, {})
        self.laid: Layout = lay_out(self.table, self.documents, self.matches)
        self.mood = moods(self.documents)
        self.gold = np.concatenate([marked_tokens(d, i.biased_words) for d, i in zip(self.documents, items, strict=True)])

    @cached_property
    def kept(self) -> np.ndarray:
        """For every kept token, its place among all tokens."""
        stands_for = self.laid.stands_for
        return np.flatnonzero(np.diff(stands_for, prepend=-1))

    @cached_property
    def own(self) -> tuple[sparse.csr_matrix, list[str]]:
        """Features of every symbol in its own place, and their names; the vector comes last and has none."""
        met = {self.table.vocabulary.symbol(word) for document in self.documents for word in document.words}
        matrix, names = _feature_matrix([word_features(s, self._frequency(s)) for s in self.symbols])
        in_babe = np.array([symbol in met for symbol in self.symbols])
        wanted = np.asarray((matrix[in_babe] != 0).sum(0)).ravel() >= 2
        wanted |= np.array([name.startswith("word ") and name[5:] in met for name in names])
        return (
            sparse.hstack([matrix[:, wanted], self._vectors * _VECTOR_SCALE]).tocsr(),
            [name for name, keep in zip(names, wanted, strict=True) if keep],
        )

    @cached_property
    def near(self) -> tuple[sparse.csr_matrix, list[str]]:
        """Features of every symbol as a neighbour."""
        matrix, names = _feature_matrix([context_features(s, self._frequency(s)) for s in self.symbols])
        vectors = self._vectors[:, :_NEAR_DIMENSIONS] * _NEAR_VECTOR_SCALE
        return sparse.hstack([matrix, vectors]).tocsr(), names

    @cached_property
    def _vectors(self) -> sparse.csr_matrix:
        number = {word: k for k, word in enumerate(self.vectors.words)}
        found = [(k, number[symbol]) for k, symbol in enumerate(self.symbols) if symbol in number]
        vectors = np.zeros((len(self.symbols), self.vectors.vectors.shape[1]), np.float32)
        for k, row in found:
            vectors[k] = self.vectors.vectors[row]
        return sparse.csr_matrix(vectors)

    def _frequency(self, symbol: str) -> float:
        return float(np.log1p(self.vectors.counts.get(symbol, 0)))

    @cached_property
    def token_matrix(self) -> sparse.csr_matrix:
        """One row per kept word token."""
        symbol, laid = self.table.symbol, self.laid
        own, near = self.own[0], self.near[0]
        rows = np.flatnonzero(laid.is_word)
        return sparse.hstack(
            [
                own[symbol[laid.rows[rows]]],
                near[symbol[laid.previous[rows]]],
                near[symbol[laid.following[rows]]],
                sparse.csr_matrix(laid.flags[rows].astype(np.float32)),
            ]
        ).tocsr()

    @cached_property
    def bags(self) -> tuple[sparse.csr_matrix, np.ndarray, np.ndarray, np.ndarray]:
        """Words, pairs of words and vectors of each sentence; with the words' weights, the pairs' keys and weights."""
        laid = self.laid
        symbols = self.table.symbol[laid.rows]
        n = len(self.items)
        share = 1 / np.sqrt(np.maximum(laid.lengths, 1))[laid.sentence]
        shape = (n, len(self.symbols))
        words = sparse.coo_matrix((share, (laid.sentence, symbols)), shape=shape).tocsr()
        word_weights = _rarity(words) / 6
        same = laid.sentence[1:] == laid.sentence[:-1]
        keys, column = np.unique(symbols[:-1][same] * PAIR_BASE + symbols[1:][same], return_inverse=True)
        pairs = sparse.coo_matrix((share[1:][same], (laid.sentence[1:][same], column)), shape=(n, len(keys))).tocsr()
        frequent = np.asarray((pairs > 0).sum(0)).ravel() >= 2
        pairs, keys = pairs[:, frequent], keys[frequent]
        pair_weights = _rarity(pairs) / 6
        vectors = words @ sparse.diags(self.rarity) @ self._vectors
        both = sparse.hstack([words @ sparse.diags(word_weights), pairs @ sparse.diags(pair_weights), vectors])
        return both.tocsr(), word_weights, keys, pair_weights

    @cached_property
    def rarity(self) -> np.ndarray:
        """How much a symbol counts in the vector of a sentence."""
        counts = np.array([self.vectors.counts.get(symbol, 0) for symbol in self.symbols])
        return 1 / (1 + counts / self.vectors.tokens / _RARE)

    def dense(self, words: np.ndarray) -> np.ndarray:
        """The features beside the words, not yet scaled."""
        words = np.where(self.laid.is_word, words, 0)
        return np.hstack([summary(self.laid, words), self.laid.lexicon, self.laid.shape, self.mood])

    def fit_words(self, sentences: np.ndarray) -> WordModel:
        """The word model from the sentences of a mask."""
        from sklearn.linear_model import LogisticRegression

        laid = self.laid
        here = sentences[laid.sentence[laid.is_word]]
        gold = self.gold[self.kept][laid.is_word]
        model = LogisticRegression(C=WORD_PENALTY, max_iter=300, tol=1e-4)
        model.fit(self.token_matrix[here], gold[here])
        weights = model.coef_[0].astype(np.float64)
        own, near = self.own[0], self.near[0]
        a, b = own.shape[1], near.shape[1]
        return WordModel(
            own @ weights[:a],
            near @ weights[a : a + b],
            near @ weights[a + b : a + 2 * b],
            weights[a + 2 * b :],
            float(model.intercept_[0]),
            weights,
        )

    def fit_sentences(self, sentences: np.ndarray, words: np.ndarray) -> tuple[SentenceModel, np.ndarray]:
        """The sentence model from the sentences of a mask; its log-odds for every sentence."""
        from sklearn.linear_model import LogisticRegression

        dense = self.dense(words)
        mean, spread = dense[sentences].mean(0), dense[sentences].std(0)
        scale = np.where(np.arange(dense.shape[1]) < len(WORD_SUMMARY), _SUMMARY_SCALE, _DENSE_SCALE)
        scale = np.where(spread > 1e-9, scale / np.maximum(spread, 1e-9), 0)
        matrix = sparse.hstack([self.bags[0], sparse.csr_matrix((dense - mean) * scale)]).tocsr()
        model = LogisticRegression(C=SENTENCE_PENALTY, max_iter=2000, tol=1e-6)
        model.fit(matrix[sentences], self.labels[sentences])
        weights = model.coef_[0]
        fitted = SentenceModel(weights, float(model.intercept_[0]), mean, scale)
        return fitted, matrix @ weights + fitted.intercept


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Log-odds of words and sentences from models that have not seen the sentence's fold."""

    words: np.ndarray
    sentences: np.ndarray


def held_out(corpus: Corpus, folds: np.ndarray) -> HeldOut:
    """Score every fold by models of the others."""
    names = sorted(set(folds.tolist()))
    without = {(fold,): corpus.fit_words(folds != fold).scores(corpus) for fold in names}
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
    """Train on all of BABE, write ``bias.npz`` and ``bias.json`` to ``out``; the figures are those of held-out folds."""
    corpus = prepare(data, seed=seed)
    found = held_out(corpus, corpus.folds)
    figures = _figures(corpus, found, corpus.folds)
    everything = np.ones(len(corpus.items), bool)
    words = corpus.fit_words(everything)
    sentences, _ = corpus.fit_sentences(everything, found.words)
    slope, offset = platt(found.sentences, corpus.labels)
    out.mkdir(parents=True, exist_ok=True)
    arrays = _arrays(corpus, words, sentences)
    np.savez_compressed(out / "bias.npz", **arrays)
    card = {
        "format": FORMAT,
        "data": list(CORPORA),
        "parameters": {"word C": WORD_PENALTY, "sentence C": SENTENCE_PENALTY, "vectors": int(corpus.vectors.vectors.shape[1])},
        "seed": seed,
        "platt": {"slope": slope, "offset": offset},
        "lexicon": default_lexicon().signature,
        "held_out": figures,
    }
    (out / "bias.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    return figures


def cross_validate(data: Path, *, seed: int = 0) -> dict[str, Any]:
    """Figures of models that have not seen the sentence's article, the same on random folds, and two baselines.

    ``macro_f1`` at probability .5, ``calibration_error`` over ten equal-mass bins, ``word_f1`` over word tokens
    (gold: tokens of the words that experts marked; predicted: tokens inside the loaded terms).
    """
    from sklearn.model_selection import StratifiedKFold

    corpus = prepare(data, seed=seed)
    figures = _figures(corpus, held_out(corpus, corpus.folds), corpus.folds)
    random = np.zeros(len(corpus.items), int)
    splitter = StratifiedKFold(5, shuffle=True, random_state=42)
    for fold, (_, test) in enumerate(splitter.split(random, corpus.labels)):
        random[test] = fold
    chances = calibrated(held_out(corpus, random).sentences, corpus.labels, random)
    figures["random_folds"] = _sentence_figures(corpus.labels, chances)
    figures["baselines"] = baselines(corpus)
    return figures


def baselines(corpus: Corpus) -> dict[str, dict[str, float]]:
    """Logistic regression over the numbers of TextBlob and of VADER, in the same folds; VADER where it is installed."""
    from sklearn.linear_model import LogisticRegression

    columns = {"textblob": np.array([polarity(item.text) for item in corpus.items])}
    try:
        from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer
    except ImportError:
        pass
    else:
        analyser = SentimentIntensityAnalyzer()
        columns["vader"] = np.array([list(analyser.polarity_scores(item.text).values()) for item in corpus.items])
    found = {}
    for name, values in columns.items():
        values = np.column_stack([values, np.abs(values)])
        chances = np.zeros(len(values))
        for fold in set(corpus.folds.tolist()):
            held = corpus.folds == fold
            model = LogisticRegression(max_iter=1000).fit(values[~held], corpus.labels[~held])
            chances[held] = model.predict_proba(values[held])[:, 1]
        found[name] = _sentence_figures(corpus.labels, chances)
    return found


def terms_of(corpus: Corpus, words: np.ndarray, chances: np.ndarray) -> Iterator[list[LoadedTerm]]:
    """The loaded terms of every sentence, from held-out scores."""
    none = np.zeros(0)
    words = np.where(corpus.laid.is_word, words, -12.0)[corpus.laid.stands_for]
    at = 0
    for document, matches, chance in zip(corpus.documents, corpus.matches, chances.tolist(), strict=True):
        own = words[at : at + len(document.words)]
        at += len(document.words)
        reading = Reading(np.array([chance]), own, none, none, none, none, 1.0)
        yield loaded_terms(document, reading, matches, quotations(document.text))


def marked_tokens(document: Document, marked: Sequence[str]) -> np.ndarray:
    """Which tokens of a sentence belong to the words that experts marked in it."""
    inside = np.zeros(len(document.words), bool)
    lower = document.lower
    for phrase in marked:
        words = [word.lower().replace("’", "'") for word in TOKEN.findall(phrase)]
        for at in range(len(lower) - len(words) + 1):
            if words and lower[at : at + len(words)] == words:
                inside[at : at + len(words)] = True
    return inside


def _figures(corpus: Corpus, found: HeldOut, folds: np.ndarray) -> dict[str, Any]:
    chances = calibrated(found.sentences, corpus.labels, folds)
    tally = Tally()
    base = 0
    terms = terms_of(corpus, found.words, chances)
    for number, (document, spans) in enumerate(zip(corpus.documents, terms, strict=True)):
        gold = np.flatnonzero(corpus.gold[base : base + len(document.words)]).tolist()
        base += len(document.words)
        inside = [
            k
            for k, (start, end, word) in enumerate(zip(document.starts, document.ends, document.words, strict=True))
            if word[0].isalnum() and any(term.start <= start and end <= term.end for term in spans)
        ]
        tally.add([(number, k) for k in inside], [(number, k) for k in gold if document.words[k][0].isalnum()])
    return {
        **_sentence_figures(corpus.labels, chances),
        "word_f1": tally.f1,
        "word_precision": tally.precision,
        "word_recall": tally.recall,
        "sentences": len(corpus.items),
    }


def _sentence_figures(labels: np.ndarray, chances: np.ndarray) -> dict[str, float]:
    from sklearn.metrics import roc_auc_score

    gold, called = labels.tolist(), (chances > 0.5).astype(int).tolist()
    scores = []
    for label in (0, 1):
        hits = sum(g == p == label for g, p in zip(gold, called, strict=True))
        scores.append(f1(hits, called.count(label), gold.count(label)) * gold.count(label) / len(gold))
    return {
        "macro_f1": macro_f1(gold, called),
        "weighted_f1": sum(scores),
        "auc": float(roc_auc_score(labels, chances)),
        "calibration_error": calibration_error(gold, chances.tolist()),
    }


def _rarity(counts: sparse.csr_matrix) -> np.ndarray:
    return np.log(counts.shape[0] / np.maximum(np.asarray((counts > 0).sum(0)).ravel(), 1)) + 1


def _feature_matrix(features: Sequence[Mapping[str, float]]) -> tuple[sparse.csr_matrix, list[str]]:
    from sklearn.feature_extraction import DictVectorizer

    vectorizer = DictVectorizer(dtype=np.float32)
    matrix = vectorizer.fit_transform(features).tocsr()
    return matrix, list(vectorizer.feature_names_)


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
        "symbols": _packed(corpus.symbols),
        "names": _packed(sorted(corpus.vectors.names)),
        "scalars": np.column_stack([words.own, words.after, words.before, in_sentence]).astype(np.float32),
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
        arrays[f"{role}_features"] = _packed([name for name, _ in kept])
        arrays[f"{role}_weights"] = np.array([weight for _, weight in kept], np.float32)
    return arrays


def _packed(words: Sequence[str]) -> np.ndarray:
    return np.frombuffer("\n".join(words).encode("utf-8"), np.uint8)
