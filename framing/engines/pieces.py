"""Text to rows of word pieces: what the encoder reads.

A row is one sentence, or a window of a sentence that is too long for one row. Beside its piece (WordPiece,
Schuster & Nakajima 2012) every position carries a few facts that the pieces hide: the shape of the word, which an
uncased vocabulary drops, whether it is quoted, and what the lexicons say of it. Rows of similar length are read
together; what a row is read with changes none of its numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np

from framing.errors import ModelError
from framing.lexicon import Match, default_cues
from framing.quotations import quotations
from framing.records import CUE_CLASSES
from framing.segment import Document

PADDING, UNKNOWN, BEGIN, END = "[PAD]", "[UNK]", "[CLS]", "[SEP]"
# Each fact has its own values; the encoder adds one vector per fact. 0 stands for the ends of a row.
SHAPES = ("end", "lower", "begins sentence", "Capital", "CAPITALS", "digit", "mark")
QUOTED = ("end", "outside", "quoted")
LOADED = ("end", "none", "weak", "middling", "strong")
CUES = ("end", "none", *CUE_CLASSES)
FACTS: tuple[tuple[str, ...], ...] = (SHAPES, QUOTED, LOADED, CUES)
FACT_OFFSETS = tuple(int(n) for n in np.cumsum([0, *(len(values) for values in FACTS[:-1])]))
FACT_ROWS = sum(len(values) for values in FACTS)
# A row holds up to so many pieces; windows of a longer sentence overlap by the edge, and each word is read in the
# window that shows most around it.
ROW_PIECES = 192
EDGE = 32
_MOST_PIECES = 16  # of one "word": what is longer is an address, a hash, noise
_LONGEST = 2000  # characters of a word that are shown to the tokenizer, far more than make so many pieces
_MOST_TYPES = 200_000  # words remembered before the cache starts anew
_SURROGATE = re.compile("[\ud800-\udfff]")
_REMEDY = "install the package again, or run `framing train --engine neural`"
_WEIGHTS = (0.4, 0.7)  # lexicon weights from which an entry is middling, strong


class Vocabulary:
    """Words to piece numbers. ``tokenizers`` does the work; every word is asked for once.

    Raises :class:`~framing.errors.ModelError` where ``tokenizers`` is not installed, or cannot read the file, or the
    file lacks a piece that a row is made of.
    """

    def __init__(self, path: Path) -> None:
        try:
            from tokenizers import Tokenizer

            self._tokenizer = Tokenizer.from_file(str(path))
        except ImportError as error:
            raise ModelError(f"the neural engine needs tokenizers ({error}); run `pip install tokenizers`") from error
        except Exception as error:  # its errors have no class of their own
            raise ModelError(
                f"the tokenizer {path.name!r} of the neural model cannot be read ({error}); {_REMEDY}"
            ) from error
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self.begin, self.end, self.unknown = map(self._number, (BEGIN, END, UNKNOWN))
        if self._number(PADDING) != 0:
            raise ModelError(f"the tokenizer of the neural model numbers {PADDING!r} other than 0; {_REMEDY}")
        self.largest = int(self._tokenizer.get_vocab_size()) - 1
        self._known: dict[str, tuple[int, ...]] = {}

    def _number(self, piece: str) -> int:
        found = self._tokenizer.token_to_id(piece)
        if found is None:
            raise ModelError(f"the tokenizer of the neural model has no piece {piece!r}; {_REMEDY}")
        return int(found)

    def pieces(self, words: Sequence[str]) -> list[tuple[int, ...]]:
        """The pieces of every word; a word that has none (a stray mark) is the unknown piece."""
        known = self._known
        if missing := sorted({word for word in words if word not in known}):
            if len(known) > _MOST_TYPES:
                known = self._known = {}  # another thread may still be reading from the old one
                missing = sorted(set(words))
            # A lone surrogate is no text; it is shown as the replacement character, which has no piece.
            shown = [_SURROGATE.sub("\ufffd", word[:_LONGEST]) for word in missing]
            encodings = self._tokenizer.encode_batch(shown, add_special_tokens=False)
            for word, encoding in zip(missing, encodings, strict=True):
                known[word] = tuple(encoding.ids[:_MOST_PIECES]) or (self.unknown,)
        return [known[word] for word in words]


@dataclass(frozen=True, eq=False)
class Laid:
    """A document in pieces: token k has the pieces ``first[k]`` to ``first[k + 1]``; facts are (pieces, facts)."""

    pieces: np.ndarray
    first: np.ndarray
    facts: np.ndarray


@dataclass(frozen=True)
class Row:
    """Tokens ``first`` to ``last`` of a document, of which ``kept`` (first, last) take their numbers from this row."""

    document: int
    first: int
    last: int
    kept: tuple[int, int]


def lay_out(document: Document, matches: Sequence[Match], vocabulary: Vocabulary) -> Laid:
    """Pieces and facts of a document; ``matches`` are what the lexicon found in it."""
    pieces = vocabulary.pieces(document.words)
    counts = np.fromiter(map(len, pieces), np.int64, len(pieces))
    first = np.concatenate([[0], np.cumsum(counts)])
    flat = np.fromiter(chain.from_iterable(pieces), np.int32, int(first[-1]))
    facts = np.repeat(_facts(document, matches), counts, axis=0)
    return Laid(flat, first, facts)


def rows(number: int, document: Document, laid: Laid) -> Iterator[Row]:
    """The rows of a document: every token is kept in exactly one of them."""
    for first, last in document.sentence_tokens:
        if first == last:
            continue
        if laid.first[last] - laid.first[first] <= ROW_PIECES:
            yield Row(number, first, last, (first, last))
        else:
            yield from _windows(number, first, last, laid.first)


def _windows(number: int, first: int, last: int, starts: np.ndarray) -> Iterator[Row]:
    begin = kept = first
    while kept < last:
        end = int(np.searchsorted(starts, starts[begin] + ROW_PIECES, side="right")) - 1
        if end >= last:
            yield Row(number, begin, last, (kept, last))
            return
        keep_to = int(np.searchsorted(starts, starts[end] - EDGE, side="left"))
        yield Row(number, begin, end, (kept, keep_to))
        kept = keep_to
        begin = int(np.searchsorted(starts, starts[kept] - EDGE, side="left"))


@dataclass(frozen=True, eq=False)
class Batch:
    """Rows side by side: ``pieces`` (rows, length), 0 where a row is shorter, and ``facts`` (rows, length, facts)."""

    rows: list[Row]
    pieces: np.ndarray
    facts: np.ndarray


def batches(chosen: Sequence[Row], laid: Sequence[Laid], vocabulary: Vocabulary, *, size: int) -> Iterator[Batch]:
    """The rows in batches of about ``size`` pieces, shortest first."""
    lengths = [int(laid[r.document].first[r.last] - laid[r.document].first[r.first]) for r in chosen]
    order = sorted(range(len(chosen)), key=lengths.__getitem__)
    held: list[int] = []
    for k in order:
        if held and (len(held) + 1) * (lengths[k] + 2) > size:
            yield batch([chosen[j] for j in held], laid, vocabulary)
            held = []
        held.append(k)
    if held:
        yield batch([chosen[j] for j in held], laid, vocabulary)


def batch(chosen: Sequence[Row], laid: Sequence[Laid], vocabulary: Vocabulary) -> Batch:
    """These rows, padded to the longest."""
    spans = [(laid[r.document].first[r.first], laid[r.document].first[r.last]) for r in chosen]
    longest = max(int(b - a) for a, b in spans) + 2
    pieces = np.zeros((len(chosen), longest), np.int32)
    facts = np.zeros((len(chosen), longest, len(FACTS)), np.int32)
    for k, (row, (a, b)) in enumerate(zip(chosen, spans, strict=True)):
        pieces[k, 0] = vocabulary.begin
        pieces[k, 1 : b - a + 1] = laid[row.document].pieces[a:b]
        pieces[k, b - a + 1] = vocabulary.end
        facts[k, 1 : b - a + 1] = laid[row.document].facts[a:b]
    return Batch(list(chosen), pieces, facts + np.array(FACT_OFFSETS, np.int32))


def _facts(document: Document, matches: Sequence[Match]) -> np.ndarray:
    """One column per fact, (tokens, facts)."""
    facts = np.ones((len(document.words), len(FACTS)), np.int32)
    begins = {first for first, _ in document.sentence_tokens}
    facts[:, 0] = [_shape(word, k in begins) for k, word in enumerate(document.words)]
    starts = np.array(document.starts)
    for quotation in quotations(document.text):
        a, b = np.searchsorted(starts, [quotation.start, quotation.end])
        facts[a:b, 1] = 2
    for match in matches:
        facts[match.first : match.last, 2] = 2 + int(np.searchsorted(_WEIGHTS, match.entry.weight, side="right"))
    lexicon = default_cues().lexicon
    for first, last in document.sentence_tokens:
        for match in lexicon.match(document.lower[first:last]):
            facts[first + match.first : first + match.last, 3] = CUES.index(match.entry.category)
    return facts


def _shape(word: str, begins: bool) -> int:
    lead = word[0]
    if lead.isdigit():
        return 5
    if not lead.isalpha():
        return 6
    if not lead.isupper():
        return 1
    if len(word) > 1 and word.isupper():
        return 4
    return 2 if begins else 3
