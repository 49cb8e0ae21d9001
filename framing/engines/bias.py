"""The linear model of loaded language: which words experts would mark, and which sentences they would call biased.

Two logistic regressions, one on top of the other. The first scores every word: would an expert mark it as biased
(from its letters, its company in unlabelled news, its lexicon category, its neighbours). The second scores the
sentence, from the words' scores, words and pairs of words, lexicon, style and TextBlob's two numbers. Everything
that depends on one word alone is folded into a table of word types, so scoring is looking up and adding.

Trained on BABE (Spinde et al. 2021, "Neural Media Bias Detection Using Distant Supervision With BABE").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from framing.engines.bias_words import EDGE, STYLE, Vocabulary, WordTable, unpacked
from framing.engines.stored import read_model
from framing.lexicon import Match
from framing.polarity import polarity
from framing.records import CATEGORIES
from framing.segment import Document

FORMAT = 1
FLAGS: tuple[str, ...] = (*CATEGORIES, "phrase", "weight", "matched", "capital", "headline", "quoted", "shouted")
WORD_SUMMARY: tuple[str, ...] = ("top", "top 2", "top 4", "any", "expected", "density", "likely", "mean")
LEXICON_SUMMARY: tuple[str, ...] = (
    *(f"sum {name}" for name in CATEGORIES),
    *(f"max {name}" for name in CATEGORIES),
    "sum",
    "max",
    "count",
    "share",
)
SHAPE: tuple[str, ...] = ("log length", "length", "word length", "adjectives", "headline", "quotation open")
MOOD: tuple[str, ...] = ("polarity", "subjectivity", "strength of polarity")
# Features of a sentence beside its words, in the order of the weights.
DENSE: tuple[str, ...] = (*WORD_SUMMARY, *LEXICON_SUMMARY, *STYLE, *SHAPE, *MOOD)
NO_WORD = -12.0  # the score of what is no word
_WORDLESS = np.array([-6.0, -6.0, -6.0, np.log(0.01), 0.0, 0.0, 0.0, -6.0])  # the word summary of a sentence of none
_MOST_OF_STYLE = 4.0
_LONGEST = 20_000  # characters of a sentence that are shown to TextBlob, whose time grows with the square
_WORD, _LETTERS, _ADJECTIVE = (WordTable.SCALARS + STYLE.index(name) for name in ("word", "letters", "adjective"))
_OPENING, _CLOSING, _STRAIGHT = frozenset(("“", "``", "„")), frozenset(("”", "''")), '"'


@dataclass(frozen=True, eq=False)
class Layout:
    """The tokens of a batch of documents in one row, and what the models need to know of them.

    A name of several words is one token here: ``kept`` are the places of the tokens that stand, ``stands_for``
    gives for every token of the batch its index among them.
    """

    rows: np.ndarray  # (kept,) row in the word table
    previous: np.ndarray  # (kept,) row of the token before it in the sentence
    following: np.ndarray  # (kept,)
    flags: np.ndarray  # (kept, FLAGS)
    is_word: np.ndarray  # (kept,)
    stands_for: np.ndarray  # (tokens,)
    sentence: np.ndarray  # (kept,) index of the sentence in the batch
    starts: np.ndarray  # (sentences,) index of its first kept token
    lengths: np.ndarray  # (sentences,) in kept tokens
    lexicon: np.ndarray  # (sentences, LEXICON_SUMMARY)
    shape: np.ndarray  # (sentences, STYLE + SHAPE)


class BiasScores(NamedTuple):
    """What the model says of one document; see :meth:`BiasModel.score`."""

    bias: np.ndarray
    words: np.ndarray
    parts: np.ndarray


class BiasModel:
    """Scores sentences and words for loaded language. Made by :meth:`load`; see :mod:`framing.training.bias`."""

    def __init__(self, arrays: Mapping[str, np.ndarray], card: Mapping[str, Any]) -> None:
        self.card = card
        symbols = unpacked(arrays["symbols"])
        vocabulary = Vocabulary(symbols, unpacked(arrays["names"]))
        unseen = {
            role: dict(zip(unpacked(arrays[f"{role}_features"]), arrays[f"{role}_weights"].tolist(), strict=True))
            for role in ("own", "after", "before")
        }
        numbers = {symbol: k for k, symbol in enumerate(symbols)}
        self.table = WordTable(
            vocabulary,
            numbers,
            arrays["scalars"].astype(np.float64),
            unseen["own"],
            unseen["after"],
            unseen["before"],
        )
        self._flag_weights = arrays["flag_weights"].astype(np.float64)
        self._dense_weights = arrays["dense_weights"].astype(np.float64)
        self._summary_weights = self._dense_weights[: len(WORD_SUMMARY)]
        before = len(WORD_SUMMARY) + len(LEXICON_SUMMARY)
        self._style_weights = self._dense_weights[before : before + len(STYLE)].copy()
        self._style_weights[[STYLE.index("letters"), STYLE.index("word")]] = 0  # they measure length, as no word does
        self._pairs = arrays["pairs"].astype(np.int64)
        self._pair_weights = arrays["pair_weights"].astype(np.float64)
        self._word_intercept, self._intercept = (float(value) for value in arrays["intercepts"])
        self._slope, self._offset = (float(card["platt"][name]) for name in ("slope", "offset"))

    @classmethod
    def load(cls, folder: Path) -> BiasModel:
        """The model in ``folder``. Raises ModelError where it is missing or of another format."""
        card, arrays = read_model(folder, "bias", FORMAT)
        return cls(arrays, card)

    def score(self, documents: Sequence[Document], matches: Sequence[Sequence[Match]]) -> list[BiasScores]:
        """For each document: P(wording is biased) per sentence; per token, the log-odds that experts mark it, and its
        part in the log-odds of its sentence.

        Shapes ``(sentences,)``, ``(tokens,)`` and ``(tokens,)``. In ``words`` tokens that are no words, and names, get
        ``NO_WORD``. For ``parts`` see :meth:`word_parts`; a name of several tokens shares its part among them.
        """
        if not documents:
            return []
        laid = lay_out(self.table, documents, matches)
        words = self.word_scores(laid)
        summed, pairs = summary(laid, words), self._pair_weights_of(laid)
        logits = self.sentence_scores(laid, summed, pairs, moods(documents))
        chances = 1 / (1 + np.exp(-(self._slope * logits + self._offset)))
        parts = self._slope * self.word_parts(laid, words, summed, pairs)
        words = np.where(self.table.is_name[laid.rows], NO_WORD, words)
        parts /= np.bincount(laid.stands_for, minlength=len(parts))
        sentences = np.cumsum([len(document.sentences) for document in documents])[:-1]
        tokens = np.cumsum([len(document.words) for document in documents])[:-1]
        return [
            BiasScores(*found)
            for found in zip(
                np.split(chances, sentences),
                np.split(words[laid.stands_for], tokens),
                np.split(parts[laid.stands_for], tokens),
                strict=True,
            )
        ]

    def known(self, document: Document) -> float:
        """Share of the words, names aside, met in training or in unlabelled news; 1 without words."""
        rows = self.table.rows(document.words)
        words = (self.table.numbers[rows, _WORD] > 0) & ~self.table.is_name[rows]
        return float((self.table.symbol[rows[words]] >= 0).mean()) if words.any() else 1.0

    def word_scores(self, laid: Layout) -> np.ndarray:
        """Log-odds that experts mark each kept token."""
        numbers = self.table.numbers
        scores = numbers[laid.rows, 0] + numbers[laid.previous, 1] + numbers[laid.following, 2]
        scores += laid.flags @ self._flag_weights + self._word_intercept
        return np.where(laid.is_word, scores, NO_WORD)

    def sentence_scores(self, laid: Layout, summed: np.ndarray, pairs: np.ndarray, mood: np.ndarray) -> np.ndarray:
        """Log-odds of each sentence before calibration; ``summed`` is the :func:`summary` of its words' scores."""
        dense = np.hstack([summed, laid.lexicon, laid.shape, mood])
        per_token = self.table.numbers[laid.rows, 3] + pairs
        share = sums(per_token[:, None], laid)[:, 0] / np.sqrt(np.maximum(laid.lengths, 1))
        return share + dense @ self._dense_weights + self._intercept

    def word_parts(self, laid: Layout, words: np.ndarray, summed: np.ndarray, pairs: np.ndarray) -> np.ndarray:
        """What each kept token adds to the log-odds of its sentence, before calibration.

        Exact for what the sentence model adds word by word: the weight of the word, of its pairs (half to either
        word), and of its style (an exclamation mark, a reporting verb). What the scores of all words together add to
        the sentence is not a sum over words; it is taken against a sentence without a word, and shared in proportion
        to each word's chance of being marked. Left out, because no word has them: length, the average form of the
        words, a headline's capitals, an open quotation, the lexicon's totals, TextBlob's numbers.
        """
        numbers, sentence = self.table.numbers[laid.rows], laid.sentence
        own = numbers[:, 3] + pairs / 2
        own[:-1] += pairs[1:] / 2
        chances = np.where(laid.is_word, 1 / (1 + np.exp(-words)), 0.0)
        through = (summed - _WORDLESS) @ self._summary_weights / np.maximum(sums(chances[:, None], laid)[:, 0], 1e-9)
        own /= np.sqrt(np.maximum(laid.lengths, 1))[sentence]
        return own + chances * through[sentence] + numbers[:, WordTable.SCALARS :] @ self._style_weights

    def _pair_weights_of(self, laid: Layout) -> np.ndarray:
        """What each kept token and the one before it add as a pair; 0 for the first of a sentence."""
        pairs = np.zeros(len(laid.rows))
        symbols = self.table.symbol[laid.rows]
        first, second = symbols[:-1], symbols[1:]
        keys = np.where((first >= 0) & (second >= 0), first * PAIR_BASE + second, -1)
        keys[laid.sentence[1:] != laid.sentence[:-1]] = -1
        at = np.minimum(np.searchsorted(self._pairs, keys), len(self._pairs) - 1)
        pairs[1:] = np.where(self._pairs[at] == keys, self._pair_weights[at], 0.0)
        return pairs


PAIR_BASE = 1 << 31


def lay_out(table: WordTable, documents: Sequence[Document], matches: Sequence[Sequence[Match]]) -> Layout:
    """The tokens of the documents as the models read them."""
    words = [word for document in documents for word in document.words]
    sizes = np.array([last - first for d in documents for first, last in d.sentence_tokens], np.int64)
    rows = table.rows(words)
    edge = int(table.rows([EDGE])[0])
    sentence = np.repeat(np.arange(len(sizes)), sizes)
    flags, lexicon = _lexicon_flags(documents, matches, len(words), sentence, sizes)
    is_word = table.numbers[rows, _WORD] > 0
    first = np.zeros(len(words), bool)
    first[(np.cumsum(sizes) - sizes)[sizes > 0]] = True
    headline = _case_flags(flags, words, is_word, sentence, len(sizes))
    open_quote = _quote_flags(flags, words, sentence, sizes)
    names = table.is_name[rows]
    kept = ~(names & np.concatenate([[False], names[:-1]]) & ~first) if len(words) else np.zeros(0, bool)
    stands_for = np.cumsum(kept) - 1
    rows, sentence, flags, is_word, first = rows[kept], sentence[kept], flags[kept], is_word[kept], first[kept]
    lengths = np.bincount(sentence, minlength=len(sizes))
    starts = np.cumsum(lengths) - lengths
    previous, following = np.full(len(rows), edge), np.full(len(rows), edge)
    if len(rows):
        previous[1:] = np.where(first[1:], edge, rows[:-1])
        following[:-1] = np.where(first[1:], edge, rows[1:])
    laid = Layout(
        rows, previous, following, flags, is_word, stands_for, sentence, starts, lengths, lexicon, np.zeros((0, 0))
    )
    counts = sums(table.numbers[rows, WordTable.SCALARS :], laid)
    length = np.maximum(lengths, 1)
    letters, spoken = counts[:, STYLE.index("letters")], np.maximum(counts[:, STYLE.index("word")], 1)
    shape = np.column_stack(
        [
            np.minimum(counts, _MOST_OF_STYLE),
            np.log(length),
            np.minimum(length / 40, 3),
            letters / spoken,
            counts[:, STYLE.index("adjective")] / spoken,
            headline,
            open_quote,
        ]
    )
    object.__setattr__(laid, "shape", shape)
    return laid


def summary(laid: Layout, words: np.ndarray) -> np.ndarray:
    """What the scores of its words say of a sentence: ``(sentences, WORD_SUMMARY)``."""
    n = len(laid.lengths)
    chances = np.where(laid.is_word, 1 / (1 + np.exp(-words)), 0.0)
    ranked = np.lexsort((-np.where(laid.is_word, words, -np.inf), laid.sentence))
    best = np.where(laid.is_word, words, -np.inf)[ranked]
    top = np.full((n, 4), -np.inf)
    for rank in range(4):
        has = laid.lengths > rank
        top[has, rank] = best[laid.starts[has] + rank]
    missing = ~np.isfinite(top)
    top[missing[:, 0], 0] = -6.0
    for rank in range(1, 4):  # a short sentence repeats its weakest word
        top[missing[:, rank], rank] = top[missing[:, rank], rank - 1]
    none = -np.log1p(-np.minimum(chances, 1 - 1e-9))
    columns = np.column_stack([chances, none, chances > 0.25, np.where(laid.is_word, words, 0.0), laid.is_word])
    total = sums(columns, laid)
    spoken = np.maximum(total[:, 4], 1)
    return np.column_stack(
        [
            top[:, 0],
            top[:, :2].mean(1),
            top.mean(1),
            np.log(-np.expm1(-total[:, 1]) + 0.01),
            np.minimum(total[:, 0], 4),
            10 * total[:, 0] / spoken,
            np.minimum(total[:, 2], 6),
            np.where(total[:, 4] > 0, total[:, 3] / spoken, -6.0),
        ]
    )


def moods(documents: Sequence[Document]) -> np.ndarray:
    """TextBlob's numbers of every sentence: ``(sentences, MOOD)``."""
    values = [polarity(d.text[start : min(end, start + _LONGEST)]) for d in documents for start, end in d.sentences]
    found = np.array(values, np.float64).reshape(-1, 2)
    return np.column_stack([found, np.abs(found[:, 0])])


def sums(values: np.ndarray, laid: Layout) -> np.ndarray:
    """Column sums over the kept tokens of each sentence."""
    out = np.zeros((len(laid.lengths), values.shape[1]))
    filled = laid.lengths > 0
    if filled.any():
        out[filled] = np.add.reduceat(values.astype(np.float64, copy=False), laid.starts[filled], axis=0)
    return out


def _lexicon_flags(
    documents: Sequence[Document],
    matches: Sequence[Sequence[Match]],
    tokens: int,
    sentence: np.ndarray,
    sizes: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    flags = np.zeros((tokens, len(FLAGS)))
    found = np.zeros((len(sizes), len(LEXICON_SUMMARY)))
    kinds = len(CATEGORIES)
    base = 0
    for document, listed in zip(documents, matches, strict=True):
        for first, last, entry in listed:
            kind, weight = CATEGORIES.index(entry.category), entry.weight
            here = flags[base + first : base + last]
            here[:, kind] = weight
            here[:, kinds : kinds + 3] = (last - first > 1, weight, 1)
            line = found[sentence[base + first]]
            line[kind] += weight
            line[kinds + kind] = max(line[kinds + kind], weight)
            line[2 * kinds] += weight
            line[2 * kinds + 1] = max(line[2 * kinds + 1], weight)
            line[2 * kinds + 2] += 1
        base += len(document.words)
    found[:, 2 * kinds + 3] = found[:, 2 * kinds] / np.sqrt(np.maximum(sizes, 1))
    return flags, found


def _case_flags(
    flags: np.ndarray, words: list[str], is_word: np.ndarray, sentence: np.ndarray, sentences: int
) -> np.ndarray:
    """Fill ``capital``, ``headline`` and ``shouted``; whether most words of each sentence have a capital."""
    capital = np.array([word[0].isupper() for word in words], bool)
    letters = np.array([word[0].isalpha() for word in words], bool)
    spoken = np.maximum(np.bincount(sentence[letters], minlength=sentences), 1)
    headline = np.bincount(sentence[capital], minlength=sentences) / spoken > 0.5
    flags[:, FLAGS.index("capital")] = capital
    flags[:, FLAGS.index("headline")] = headline[sentence]
    flags[:, FLAGS.index("shouted")] = [len(word) > 1 and word.isupper() for word in words]
    return headline


def _quote_flags(flags: np.ndarray, words: list[str], sentence: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Fill ``quoted``; whether each sentence ends inside a quotation."""
    depth = np.array([(word in _OPENING) - (word in _CLOSING) for word in words], np.int64)
    straight = np.array([word == _STRAIGHT for word in words], np.int64)
    ends = np.cumsum(sizes)
    quoted = np.zeros(len(words), bool)
    for steps, level in ((depth, 0), (straight, 1)):
        run = np.concatenate([[0], np.cumsum(steps)])
        since = run[1:] - run[(ends - sizes)][sentence] if len(words) else run[1:]
        quoted |= since % 2 == 1 if level else since > 0
    flags[:, FLAGS.index("quoted")] = quoted
    closing = np.zeros(len(sizes))
    filled = sizes > 0
    closing[filled] = quoted[ends[filled] - 1]
    return closing
