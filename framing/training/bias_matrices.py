"""BABE laid out for training: the matrices behind the word model and the sentence model, and how each is fitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from framing.engines.bias import PAIR_BASE, WORD_SUMMARY, Layout, lay_out, moods, summary
from framing.engines.bias_words import EDGE, Vocabulary, WordTable, context_features, word_features
from framing.lexicon import Match, default_lexicon
from framing.segment import TOKEN, Document, segment
from framing.training.readers import BiasSentence
from framing.training.word_vectors import WordVectors

WORD_PENALTY = 0.7  # C of the word model
SENTENCE_PENALTY = 1.0
_VECTOR_SCALE, _NEAR_VECTOR_SCALE, _NEAR_DIMENSIONS = 3.0, 1.0, 50
_SUMMARY_SCALE, _DENSE_SCALE = 0.3, 0.1
_RARE = 1e-4  # words more frequent than this count less in the vector of a sentence


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
        marked = [marked_tokens(d, item.biased_words) for d, item in zip(self.documents, items, strict=True)]
        self.gold = np.concatenate(marked)

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


def _rarity(counts: sparse.csr_matrix) -> np.ndarray:
    return np.log(counts.shape[0] / np.maximum(np.asarray((counts > 0).sum(0)).ravel(), 1)) + 1


def _feature_matrix(features: Sequence[Mapping[str, float]]) -> tuple[sparse.csr_matrix, list[str]]:
    from sklearn.feature_extraction import DictVectorizer

    vectorizer = DictVectorizer(dtype=np.float32)
    matrix = vectorizer.fit_transform(features).tocsr()
    return matrix, list(vectorizer.feature_names_)
