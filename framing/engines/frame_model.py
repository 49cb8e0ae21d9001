"""Generic news frames of an article: a linear model over words and frame cues, additive over sentences.

The frames are those of Semetko & Valkenburg (2000) as annotated by Frermann et al. (2023): conflict, resolution,
human interest, morality, economic consequences. An article's score for a frame is a sum over its words, so each
sentence's part in it is exact. Names are left out: a capitalised word inside a sentence counts as NAME.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from framing.engines.stored import read_model
from framing.errors import LexiconError, one_of
from framing.records import FRAMES
from framing.segment import Document

FORMAT = 1
CUES = Path(__file__).parent.parent / "resources" / "lexicons" / "frames.tsv"
NAME = "<name>"
_MOST_TYPES = 200_000  # spellings remembered before the cache starts anew


@dataclass(frozen=True)
class FrameCues:
    """Words that point to a frame: exact words and stems, each with the bits of its frames."""

    words: dict[str, int]
    stems: dict[str, int]

    @cached_property
    def _lengths(self) -> tuple[int, ...]:
        return tuple(sorted({len(stem) for stem in self.stems}))

    def bits(self, word: str) -> int:
        """The frames a word in lower case points to: bit k stands for ``FRAMES[k]``."""
        found = self.words.get(word, 0)
        for length in self._lengths:
            if length > len(word):
                break
            found |= self.stems.get(word[:length], 0)
        return found

    @classmethod
    def read(cls, path: Path = CUES) -> FrameCues:
        """Read a cue file: ``term`` and ``frame`` separated by a tab, ``*`` for any ending.

        Raises :class:`~framing.errors.LexiconError` naming the file and the line.
        """
        words: dict[str, int] = {}
        stems: dict[str, int] = {}
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip() or line.startswith(("#", "term\t")):
                continue
            term, _, frame = line.partition("\t")
            if frame not in FRAMES:
                raise LexiconError(f"{path.name}, line {number}: {one_of('frame', frame, FRAMES)}")
            table, key = (stems, term[:-1]) if term.endswith("*") else (words, term)
            table[key] = table.get(key, 0) | 1 << FRAMES.index(frame)
        return cls(words, stems)


# Row b: which frames the bits b stand for.
_ROWS = np.array([[b >> k & 1 for k in range(len(FRAMES))] for b in range(1 << len(FRAMES))], float)


@dataclass(frozen=True, eq=False)
class Counted:
    """An article as the model sees it: per word token its code (-1 unknown), cue bits, and sentence."""

    codes: np.ndarray
    bits: np.ndarray
    sentence: np.ndarray
    sentences: int


class Reader:
    """Documents to codes; remembers every spelling it has met."""

    def __init__(self, words: Sequence[str], cues: FrameCues) -> None:
        self.index = {word: code for code, word in enumerate(words)}
        self.cues = cues
        self._seen: dict[str, tuple[int, int]] = {}

    def read(self, document: Document) -> Counted:
        """Codes and cue bits of the words of a document; numbers and punctuation are left out."""
        if len(self._seen) > _MOST_TYPES:
            self._seen.clear()
        seen = self._seen
        pairs: list[tuple[int, int]] = []
        for first, last in document.sentence_tokens:
            # The first word is capitalised whatever it is.
            if first < last:
                lower = document.words[first].lower()
                pairs.append(seen.get(lower) or self._meet(lower))
                pairs += [seen.get(word) or self._meet(word) for word in document.words[first + 1 : last]]
        if not pairs:
            empty = np.zeros(0, np.int64)
            return Counted(empty, empty, empty, len(document.sentences))
        codes, bits = np.array(pairs, np.int64).T
        sizes = [last - first for first, last in document.sentence_tokens]
        sentence = np.repeat(np.arange(len(sizes)), sizes)
        ok = codes > -2
        return Counted(codes[ok], bits[ok], sentence[ok], len(document.sentences))

    def _meet(self, word: str) -> tuple[int, int]:
        if not word[:1].isalpha():
            found = (-2, 0)
        elif word[0].isupper() and word != "I":
            found = (self.index.get(NAME, -1), 0)
        else:
            lower = word.lower().replace("’", "'")
            found = (self.index.get(lower, -1), self.cues.bits(lower))
        self._seen[word] = found
        return found


def tfidf(counted: Counted, idf: np.ndarray) -> np.ndarray:
    """Article vector: (1 + log count) x idf, of length one."""
    counts = np.bincount(counted.codes[counted.codes >= 0], minlength=len(idf)).astype(float)
    held = counts > 0
    counts[held] = (1 + np.log(counts[held])) * idf[held]
    return counts / max(float(np.linalg.norm(counts)), 1e-12)


def cue_rates(counted: Counted) -> np.ndarray:
    """Cues of each frame per word."""
    return _ROWS[counted.bits].sum(axis=0) / max(len(counted.bits), 1)


class FrameModel:
    """The trained model: per frame a weight for every word and every kind of cue, an offset, and a slope."""

    def __init__(self, words: Sequence[str], arrays: dict[str, np.ndarray], parameters: dict[str, Any]) -> None:
        self.reader = Reader(words, FrameCues.read())
        self.idf = arrays["idf"].astype(float)
        self.weights = arrays["weights"].astype(float)
        self.cues = arrays["cues"].astype(float)
        self.offset = arrays["offset"].astype(float)
        self.slope = arrays["slope"].astype(float)
        self.parameters = parameters

    @classmethod
    def load(cls, folder: Path) -> FrameModel:
        """Read ``frames.json`` and ``frames.npz`` from a folder.

        Raises :class:`~framing.errors.ModelError` where they are missing or of another format.
        """
        parameters, arrays = read_model(folder, "frames", FORMAT)
        words = bytes(arrays.pop("words")).decode("utf-8").split("\n")
        return cls(words, arrays, parameters)

    def score(self, documents: Sequence[Document]) -> list[tuple[np.ndarray, np.ndarray]]:
        """Per document: P(frame), shape (5,), 0.5 being the decision; and each sentence's part, (sentences, 5).

        The parts of all sentences and the offset add up to the article's log-odds before the slope; a positive
        part speaks for the frame. Order of frames: ``records.FRAMES``.
        """
        return [self._score(self.reader.read(document)) for document in documents]

    def _score(self, counted: Counted) -> tuple[np.ndarray, np.ndarray]:
        vector = tfidf(counted, self.idf)
        known = counted.codes >= 0
        codes = counted.codes[known]
        # A word's weight in the article is shared out over the places where it stands.
        share = (vector / np.maximum(np.bincount(codes, minlength=len(vector)), 1))[codes]
        parts = (_ROWS[counted.bits] @ self.cues) / max(len(counted.bits), 1)
        parts[known] += share[:, None] * self.weights[codes]
        sentences = np.stack(
            [np.bincount(counted.sentence, column, minlength=counted.sentences) for column in parts.T], axis=1
        )
        scores = (sentences.sum(axis=0) + self.offset) * self.slope
        return 1 / (1 + np.exp(-np.clip(scores, -30, 30))), sentences
