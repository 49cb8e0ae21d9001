"""Word types as the loaded-language model sees them: their symbol, their features, and a growing table of both.

Everything here depends on the form of one word alone, so it is worked out once per word type and remembered.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from framing.polarity import parts_of_speech, sentiment_lexicon
from framing.records import CATEGORIES

FOLDER = Path(__file__).parent.parent / "resources" / "models" / "linear"

NAME = "<name>"  # every name of a person, party, outlet, country or faith
NUMBER = "<number>"
EDGE = "<edge>"  # before the first and after the last word of a sentence

# Words of one camp and their counterparts share a symbol: whose camp it is must not move a score.
_COUNTERPARTS = (
    ("conservative", "liberal", "progressive"),
    ("conservatives", "liberals", "progressives"),
    ("conservatism", "liberalism", "progressivism"),
    ("left-wing", "right-wing"),
    ("left-winger", "right-winger"),
    ("leftist", "rightist"),
    ("leftists", "rightists"),
    ("left-leaning", "right-leaning"),
    ("far-left", "far-right"),
    ("hard-left", "hard-right"),
    ("alt-left", "alt-right"),
    ("pro-life", "pro-choice"),
    ("anti-abortion", "pro-abortion"),
    ("white", "black"),
    ("whites", "blacks"),
)
_SYMBOL = {word: "<" + "|".join(words) + ">" for words in _COUNTERPARTS for word in words}

# Columns of the style table: how often each occurs in a sentence is a feature of the sentence.
STYLE: tuple[str, ...] = (
    "exclamation",
    "question",
    "quotation mark",
    "first person",
    "second person",
    "adverb in -ly",
    "adjective",
    "number",
    "dash",
    "comma",
    "reporting verb",
    "parenthesis",
    "hyphenated",
    "letters",
    "word",
    "negation",
    "always and never",
    "must and should",
    "name",
)


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_LISTS: dict[str, frozenset[str]] = {
    "exclamation": frozenset("!"),
    "question": frozenset("?"),
    "quotation mark": frozenset(('"', "“", "”", "``", "''")),
    "first person": _words("i we me us my our mine ours myself ourselves"),
    "second person": _words("you your yours yourself yourselves"),
    "dash": _words("- – — -- ---"),
    "comma": frozenset(","),
    "reporting verb": _words("said says say saying told tells reported reports according announced added"),
    "parenthesis": frozenset("([)]"),
    "negation": _words("not no nor don't doesn't didn't isn't aren't wasn't can't cannot won't"),
    "always and never": _words("always never ever every all nothing everything everyone nobody only just"),
    "must and should": _words("must should need needs ought"),
}
_ADJECTIVE_ENDS = ("able", "al", "ful", "ible", "ient", "ish", "ive", "less", "tic", "ous")


class Vocabulary:
    """The words that occur mainly in lower case, and those that occur mainly with a capital."""

    def __init__(self, common: Collection[str], names: Collection[str]) -> None:
        self.common = frozenset(common)
        self.names = frozenset(names)

    def symbol(self, word: str) -> str:
        """What the model sees of a word: its lower-case form, or the class of names or numbers it belongs to.

        A word is a name wherever it stands, in a headline or at the start of a sentence too, so a score cannot
        depend on which name it is.
        """
        lower = word.lower().replace("’", "'")
        if lower[:1].isdigit():
            return NUMBER
        if lower in _SYMBOL:
            return _SYMBOL[lower]
        if not lower[:1].isalpha():
            return lower
        if "-" in lower:
            return self._compound(word, lower)
        if lower in self.common:
            return lower
        if lower in self.names:
            return NAME
        if word[0].isupper() and not _listed(lower):
            return NAME
        return lower

    def _compound(self, word: str, lower: str) -> str:
        """A word with hyphens, its names and camps replaced: anti-<name>."""
        parts = lower.split("-")
        plain = [_SYMBOL.get(part, NAME if part in self.names and len(part) > 2 else part) for part in parts]
        unknown = lower not in self.common and word[0].isupper() and not _listed(parts[0])
        if plain == parts and (lower in self.names or unknown):
            return NAME
        return NAME if all(part == NAME for part in plain) else "-".join(plain)


def _listed(word: str) -> bool:
    tag = parts_of_speech().get(word)
    return bool(tag) and not str(tag).startswith("NNP")


@lru_cache(maxsize=100_000)
def part_of_speech(word: str) -> str:
    """The most frequent part of speech of a word, guessed from its ending where it is not listed."""
    tag = parts_of_speech().get(word)
    if tag:
        return str(tag)
    for ending, guess in (("ly", "RB"), ("ing", "VBG"), ("ed", "VBN")):
        if word.endswith(ending):
            return guess
    if word.endswith(_ADJECTIVE_ENDS) or "-" in word:
        return "JJ"
    return "NNS" if word.endswith("s") else "NN"


def context_features(symbol: str, frequency: float) -> dict[str, float]:
    """Features of a word as the neighbour of another; ``frequency``: log(1 + its count in unlabelled news)."""
    features = {"pos " + part_of_speech(symbol): 1.0, "word " + symbol: 0.5}
    senses = sentiment_lexicon()
    if symbol in senses:
        polarity, subjectivity, _ = senses[symbol][None]
        features |= {
            "polarity": abs(polarity),
            "negative": max(0.0, -polarity),
            "subjectivity": subjectivity,
            "sentiment": 1.0,
        }
    if not frequency:
        features["unseen"] = 1.0
    return features


def word_features(symbol: str, frequency: float) -> dict[str, float]:
    """Features of a word in its own place: those of a neighbour, its letters, its length and frequency."""
    features = context_features(symbol, frequency)
    features["word " + symbol] = 1.0
    features["frequency"] = frequency / 10
    features["length"] = min(len(symbol), 30) / 10
    if "-" in symbol:
        features["hyphen"] = 1.0
    if symbol[0].isalpha():
        shown = "^" + symbol[:40] + "$"
        for size in (3, 4, 5):
            for at in range(len(shown) - size + 1):
                features[shown[at : at + size]] = 0.3
    return features


def style_row(symbol: str) -> list[float]:
    """The word's count in each column of ``STYLE``."""
    is_word = symbol[:1].isalpha() or symbol in (NAME, NUMBER) or symbol[:1] == "<"
    counts = {name: float(symbol in words) for name, words in _LISTS.items()}
    counts["adverb in -ly"] = float(symbol.endswith("ly") and len(symbol) > 4)
    counts["adjective"] = float(is_word and part_of_speech(symbol)[:2] == "JJ")
    counts["number"] = float(symbol == NUMBER)
    counts["hyphenated"] = float("-" in symbol and len(symbol) > 2)
    counts["letters"] = 6.0 if symbol[:1] == "<" else float(min(len(symbol), 25)) if is_word else 0.0
    counts["word"] = float(is_word)
    counts["name"] = float(symbol == NAME)
    return [counts[name] for name in STYLE]


@lru_cache(maxsize=1)
def _categories() -> Mapping[str, str]:
    """The nearest lexicon category of the words the package's model knows."""
    path = FOLDER / "bias.npz"
    if not path.is_file():  # while the first model is trained
        return {}
    with np.load(path, allow_pickle=False) as stored:
        symbols, numbers = unpacked(stored["symbols"]), stored["categories"].tolist()
    return {symbol: CATEGORIES[number] for symbol, number in zip(symbols, numbers, strict=True)}


@lru_cache(maxsize=50_000)
def word_category(word: str) -> str:
    """The category of a loaded word that stands in no lexicon: that of the lexicon's words most like it.

    Likeness is in letters and in company; what the model has not met is judged by its ending.
    """
    known = _categories().get(word)
    if known:
        return known
    if word.endswith(("ist", "ists", "ism", "ite", "ites", "ocrat", "ocrats")):
        return "labelling"
    return "intensifier" if word.endswith("ly") else "evaluation"


class WordTable:
    """Rows of numbers per word type, made when a type is first met.

    Columns: the log-odds a word adds in its own place, to the word after it and to the word before it; what it
    adds to its sentence; then ``STYLE``. ``symbol[row]`` is the number of its symbol in the shipped list, -1 for
    one that is not in it.
    """

    SCALARS = 4

    def __init__(
        self,
        vocabulary: Vocabulary,
        symbols: Mapping[str, int],
        scalars: np.ndarray,
        own: Mapping[str, float],
        after: Mapping[str, float],
        before: Mapping[str, float],
        *,
        most: int = 200_000,
    ) -> None:
        self.vocabulary = vocabulary
        self._symbols = symbols
        self._scalars = scalars
        self._unseen = (own, after, before)
        self._most = most
        self._rows: dict[str, int] = {}
        self._fresh()

    def _fresh(self) -> None:
        self._rows = {}
        self.numbers = np.zeros((4096, self.SCALARS + len(STYLE)), np.float64)
        self.symbol = np.full(4096, -1, np.int64)
        self.is_name = np.zeros(4096, bool)

    def rows(self, words: list[str]) -> np.ndarray:
        """The row of every word; new types are added."""
        if len(self._rows) + len(words) > self._most:
            self._fresh()
        known = self._rows
        return np.array([known[word] if word in known else self._add(word) for word in words], np.int64)

    def _add(self, word: str) -> int:
        row = len(self._rows)
        if row == len(self.symbol):
            self.numbers = np.concatenate([self.numbers, np.zeros_like(self.numbers)])
            self.symbol = np.concatenate([self.symbol, np.full_like(self.symbol, -1)])
            self.is_name = np.concatenate([self.is_name, np.zeros_like(self.is_name)])
        symbol = self.vocabulary.symbol(word)
        number = self._symbols.get(symbol, -1)
        if number >= 0:
            self.numbers[row, : self.SCALARS] = self._scalars[number]
        else:
            own, after, before = self._unseen
            near = context_features(symbol, 0.0)
            self.numbers[row, 0] = sum(own.get(name, 0.0) * value for name, value in word_features(symbol, 0.0).items())
            self.numbers[row, 1] = sum(after.get(name, 0.0) * value for name, value in near.items())
            self.numbers[row, 2] = sum(before.get(name, 0.0) * value for name, value in near.items())
        self.numbers[row, self.SCALARS :] = style_row(symbol)
        self.symbol[row] = number
        self.is_name[row] = symbol == NAME
        self._rows[word] = row
        return row


def packed(words: Sequence[str]) -> np.ndarray:
    """A list of words as bytes, the way model files hold them."""
    return np.frombuffer("\n".join(words).encode("utf-8"), np.uint8)


def unpacked(stored: np.ndarray) -> list[str]:
    """The words of :func:`packed`."""
    text = stored.tobytes().decode("utf-8")
    return text.split("\n") if text else []
