"""TextBlob's polarity and subjectivity of a sentence, to the last bit, at a fraction of its cost.

TextBlob (its pattern analyser, De Smedt & Daelemans 2012) spends its time on tokens it then ignores. Here each
stretch between spaces is cut and looked up once, and remembered; the assessment itself repeats TextBlob's
arithmetic in TextBlob's order. Text that holds what its emoticon, sarcasm or paragraph rules might touch goes to
TextBlob's own code, so the two never differ.

Only TextBlob's pattern module and its word lists are opened: ``import textblob`` itself loads NLTK, which takes
seconds and two hundred megabytes and is not needed.
"""

from __future__ import annotations

import re
import sys
from functools import lru_cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from framing.errors import ModelError

# Anything in which TextBlob's emoticon, sarcasm or paragraph-break rules could find something.
_RARE = re.compile(
    r"[:;=<>♥°*]|8\s*(?:-\s*)?[)D]|[Xx]\s*(?:-\s*)?D|o\s*[_.]\s*O|\(\s*!|\n\s*\n|END-OF-SENTENCE",
)
_QUOTES = re.compile("[“”‘’'\"]")
_MOST_CHUNKS = 200_000
_LONGEST_CHUNK = 60

# What a token does to the assessment of a sentence.
_KNOWN, _NEGATION, _EXCLAMATION, _EMOTICON, _OTHER = range(5)


class _Token(NamedTuple):
    """What the analyser has to know of a token."""

    kind: int
    polarity: float
    subjectivity: float
    intensity: float
    modifies: bool  # a known adverb: it scales the known word after it
    is_adverb_form: bool  # ends in "ly"
    negates: bool
    over_one: bool  # longer than one character, apostrophes aside: ends a negation
    over_two: bool  # ends the reach of a modifier


class Sentiment(NamedTuple):
    """``polarity`` in [-1, 1], ``subjectivity`` in [0, 1]; 0 and 0 where TextBlob knows no word of the text."""

    polarity: float
    subjectivity: float


@lru_cache(maxsize=8192)
def polarity(text: str) -> Sentiment:
    """TextBlob's two numbers: exactly what ``TextBlob(text).sentiment`` gives.

    The values describe sentiment in reviews, not bias: "slammed" and "so-called reform" get 0. They are kept as
    the familiar baseline.
    """
    return _analyser()(text)


@lru_cache(maxsize=1)
def parts_of_speech() -> Any:
    """TextBlob's lexicon of 94,000 words: a mapping from a word to its most frequent Penn tag."""
    library, folder = _pattern()
    files = {name: str(folder / f"en-{name}.txt") for name in ("morphology", "context", "entities")}
    lexicon = library.Lexicon(path=str(folder / "en-lexicon.txt"), language="en", **files)
    len(lexicon)  # reads the file
    return lexicon


@lru_cache(maxsize=1)
def sentiment_lexicon() -> Any:
    """TextBlob's sentiment lexicon, made as ``textblob.en`` makes it.

    A mapping from a word to its ``(polarity, subjectivity, intensity)`` by part of speech, None for all of them.
    """
    library, folder = _pattern()
    lexicon = library.Sentiment(
        path=str(folder / "en-sentiment.xml"),
        synset="wordnet_id",
        negations=("no", "not", "n't", "never"),
        modifiers=("RB",),
        modifier=lambda word: word.endswith("ly"),
        tokenizer=library.find_tokens,
        language="en",
    )
    len(lexicon)  # reads the file
    for word, senses in list(lexicon.items()):
        if "JJ" in senses:
            stem = word[:-1] + "i" if word.endswith("y") else word
            stem = stem[:-2] if stem.endswith("le") else stem
            lexicon.annotate(stem + "ly", "RB", *senses["JJ"])
    return lexicon


@lru_cache(maxsize=1)
def _pattern() -> tuple[Any, Path]:
    """TextBlob's pattern module and the folder of its English word lists."""
    package = find_spec("textblob")
    if package is None or package.origin is None:
        raise ModelError("the package textblob is not installed; install framing again, with its dependencies")
    folder = Path(package.origin).parent
    spec = spec_from_file_location("framing_textblob_pattern", folder / "_text.py")
    if spec is None or spec.loader is None:
        raise ModelError("the package textblob has no pattern module; install textblob>=0.19")
    module: ModuleType = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module, folder / "en"


@lru_cache(maxsize=1)
def _analyser() -> _Analyser:
    return _Analyser()


class _Analyser:
    def __init__(self) -> None:
        self._sentiment = sentiment_lexicon()
        self._library = _pattern()[0]
        self._marks: str = self._library.PUNCTUATION.replace(".", "")
        self._chunks: dict[str, tuple[_Token, ...]] = {}

    def __call__(self, text: str) -> Sentiment:
        if _RARE.search(text):
            score = self._sentiment(text)
            return Sentiment(score[0], score[1])
        if "'" in text or "’" in text or '"' in text or "“" in text or "‘" in text or "”" in text:
            text = _QUOTES.sub(r" \g<0> ", text.replace("n't", " n't"))
        tokens: list[_Token] = []
        chunks = self._chunks
        for chunk in text.split():
            found = chunks.get(chunk)
            if found is None:
                found = self._cut(chunk)
            tokens += found
        return _assess(tokens)

    def _cut(self, chunk: str) -> tuple[_Token, ...]:
        if chunk.isalpha():
            words = [chunk]
        elif chunk[-1] == "," and chunk[:-1].isalpha():
            words = [chunk[:-1], ","]
        else:
            # TextBlob takes marks off the ends one by one, in square time; the outcome is the same.
            inner = chunk.lstrip(self._marks)
            before, inner = chunk[: len(chunk) - len(inner)], inner.rstrip(self._marks)
            after = chunk[len(before) + len(inner) :]
            words = [*before, *" ".join(self._library.find_tokens(inner)).split(), *after]
        tokens = tuple(self._token(word.lower()) for word in words)
        if len(self._chunks) >= _MOST_CHUNKS:
            self._chunks.clear()
        if len(chunk) <= _LONGEST_CHUNK:
            self._chunks[chunk] = tokens
        return tokens

    def _token(self, word: str) -> _Token:
        sentiment = self._sentiment
        negates = word in sentiment.negations
        shape: tuple[bool, bool, bool, bool] = (word.endswith("ly"), negates, len(word.strip("'")) > 1, len(word) > 2)
        if word in sentiment and None in sentiment[word]:
            scores = sentiment[word]
            value, subjectivity, intensity = scores[None]
            return _Token(_KNOWN, value, subjectivity, intensity, "RB" in scores, *shape)
        if not word.isalpha() and len(word) <= 5 and word not in self._library.PUNCTUATION:
            for (_, value), faces in self._library.EMOTICONS.items():
                if word in map(str.lower, faces):
                    return _Token(_EMOTICON, value, 1.0, 1.0, False, *shape)
        kind = _NEGATION if negates else _EXCLAMATION if word == "!" else _OTHER
        return _Token(kind, 0.0, 0.0, 1.0, False, *shape)


def _assess(tokens: list[_Token]) -> Sentiment:
    """Pattern's walk over the tokens: adverbs scale, negations turn round, exclamation marks raise."""
    scored: list[list[float]] = []  # polarity, subjectivity, intensity, sign
    modifier: _Token | None = None
    negated = False
    for token in tokens:
        kind = token.kind
        if kind == _KNOWN:
            if modifier is None:
                scored.append([token.polarity, token.subjectivity, token.intensity, 1])
            else:
                last = scored[-1]
                last[0] = max(-1.0, min(token.polarity * last[2], +1.0))
                last[1] = max(-1.0, min(token.subjectivity * last[2], +1.0))
                last[2] = token.intensity
            if negated:
                scored[-1][2] = 1.0 / scored[-1][2]
                scored[-1][3] = -1
            modifier = token if token.modifies else None
            negated = token.negates
            continue
        if token.negates:
            negated = True
        elif negated and token.over_one:
            negated = False
        if negated and modifier is not None and modifier.is_adverb_form:
            scored[-1][3] = -1
            negated = False
        elif modifier is not None and token.over_two:
            modifier = None
        if kind == _EXCLAMATION:
            if scored:
                scored[-1][0] = max(-1.0, min(scored[-1][0] * 1.25, +1.0))
        elif kind == _EMOTICON:
            scored.append([token.polarity, 1.0, 1.0, 1])
    if not scored:
        return Sentiment(0.0, 0.0)
    polarity_sum = subjectivity_sum = 0.0
    for value, subjectivity, _, sign in scored:
        polarity_sum += value * -0.5 if sign < 0 else value
        subjectivity_sum += subjectivity
    return Sentiment(polarity_sum / float(len(scored)), subjectivity_sum / float(len(scored)))
