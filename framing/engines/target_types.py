"""Word types of the stance model: what is known of each, and tokens to codes with names masked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# Codes of the word types that stand for many; the model's own vocabulary starts after them.
UNKNOWN, NAME, TARGET, NUMBER, EDGE = range(5)
SPECIAL = ("<unknown>", "<name>", "<target>", "<number>", "<edge>")

# Word classes, one bit each, kept per word type.
VERB, PARTICIPLE, NOUN, ADJECTIVE, PREPOSITION, AUXILIARY, BE, NEGATOR, BOUNDARY, QUOTE = (1 << k for k in range(10))
POSSESSIVE = 1 << 10
REVERSER = 1 << 11

_MOST_TYPES = 200_000  # spellings remembered before the cache starts anew


def words_of(text: str) -> frozenset[str]:
    """The words of a text as a set."""
    return frozenset(text.split())


@dataclass(frozen=True, eq=False)
class Types:
    """What is known of every word type.

    ``classes`` holds bits; ``polarity`` is a lexicon's, in [-1, 1]; ``leaning`` is the polarity of a word's
    distributional neighbours, standardised; ``cluster`` groups words that stand in like contexts.
    """

    words: tuple[str, ...]
    classes: np.ndarray
    polarity: np.ndarray
    leaning: np.ndarray
    cluster: np.ndarray

    def index(self) -> dict[str, int]:
        """Word in lower case -> code."""
        return {word: code for code, word in enumerate(self.words)}


class Encoder:
    """Tokens to codes, with names masked; remembers every spelling it has met."""

    def __init__(self, types: Types) -> None:
        self.types = types
        self._codes = types.index()
        self._seen: dict[str, tuple[int, int]] = {}

    def codes(self, words: Sequence[str]) -> np.ndarray:
        """The codes of one sentence.

        A capitalised word is a name, unless it opens the sentence (or stands in a line of capitals) and is
        known in lower case.
        """
        if len(self._seen) > _MOST_TYPES:
            self._seen.clear()
        seen = self._seen
        pairs = [seen.get(word) or self._meet(word) for word in words]
        inner, plain = zip(*pairs, strict=True)
        shouting = sum(code == NAME for code in inner) * 2 > sum(word[:1].isalpha() for word in words)
        if shouting:
            return np.array(plain, np.int64)
        codes = np.array(inner, np.int64)
        for at in range(min(len(codes), 3)):
            codes[at] = plain[at]
            if words[at][:1].isalnum():
                break
        return codes

    def _meet(self, word: str) -> tuple[int, int]:
        lower = word.lower().replace("’", "'")
        code = self._codes.get(lower, UNKNOWN)
        capital = word[:1].isupper()
        if word[:1].isdigit():
            inner = plain = NUMBER
        elif lower in _CAMPS:
            inner = plain = NAME
        elif capital:
            inner, plain = (code if lower in _NEVER_NAMES else NAME), (code or NAME)
        else:
            inner = plain = code
        self._seen[word] = inner, plain
        return inner, plain


_NEVER_NAMES = frozenset(["i", "i'm", "i've", "i'd", "i'll"])
# Camps are names even in lower case: which one it is must not move a score.
_CAMPS = words_of(
    """
    conservative conservatives liberal liberals republican republicans democrat democrats democratic right-wing
    left-wing right-winger right-wingers left-winger left-wingers rightist rightists leftist leftists progressive
    progressives far-right far-left alt-right alt-left socialist socialists communist communists muslim muslims
    christian christians islamic jewish evangelical evangelicals gop tory tories labour
    """
)
