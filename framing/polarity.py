"""TextBlob's polarity and subjectivity of a sentence, to the last bit, at a fraction of its cost.

TextBlob (its pattern analyser, De Smedt & Daelemans 2012) spends its time on tokens it then ignores. Here each
stretch between spaces is cut and looked up once, and remembered; the assessment itself repeats TextBlob's
arithmetic in TextBlob's order. Text that holds what its emoticon, sarcasm or paragraph rules might touch goes to
TextBlob itself, so the two never differ.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, NamedTuple

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
def _analyser() -> _Analyser:
    return _Analyser()


class _Analyser:
    def __init__(self) -> None:
        from textblob import _text
        from textblob.en import sentiment

        self._sentiment = sentiment
        self._library: Any = _text
        self._chunks: dict[str, tuple[_Token, ...]] = {}
        len(sentiment)  # loads its lexicon

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
        words = " ".join(self._library.find_tokens(chunk)).split()
        tokens = tuple(self._token(word.lower()) for word in words)
        if len(self._chunks) >= _MOST_CHUNKS:
            self._chunks.clear()
        if len(chunk) <= _LONGEST_CHUNK:
            self._chunks[chunk] = tokens
        return tokens

    def _token(self, word: str) -> _Token:
        sentiment = self._sentiment
        negates = word in sentiment.negations
        shape = (word.endswith("ly"), negates, len(word.strip("'")) > 1, len(word) > 2)
        if word in sentiment and None in sentiment[word]:
            scores = sentiment[word]
            return _Token(_KNOWN, *scores[None], "RB" in scores, *shape)
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
