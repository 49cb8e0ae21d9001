"""Loaded terms: the spans of a document whose wording carries a judgement, each with a category and a weight.

They come from the lexicon, from the engine's score of single words, and from the marks by which a writer steps back
from a word (scare quotes). A term inside a quotation or inside what is attributed to a source is the source's.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from framing.engines import Reading
from framing.engines.bias_words import part_of_speech, word_category
from framing.lexicon import Entry, Match, default_lexicon
from framing.quotations import Quotation, scare_quotes
from framing.records import LoadedTerm, Voice
from framing.segment import Document


@dataclass(frozen=True)
class Enough:
    """The log-odds from which a word counts; all chosen on held-out folds of BABE for the F1 of marked words.

    A word's score is its own log-odds and ``sentence_share`` of its sentence's: in a sober sentence a word has to be
    stronger to count. ``words``: what a word needs that only the engine finds loaded, by part of speech; ``compounds``:
    the same for words with hyphens. ``entries``: what an entry of the lexicon needs, by its weight; from the last
    weight on it counts wherever it is met.
    """

    sentence_share: float
    words: Mapping[str, float]
    compounds: float
    entries: tuple[tuple[float, float], ...]

    def word(self, word: str) -> float:
        """What a word needs by itself; infinite for a part of speech that never counts."""
        return self.compounds if "-" in word else self.words.get(part_of_speech(word)[:2], np.inf)

    def entry(self, entry: Entry) -> float:
        """What an entry of the package's lexicon needs: the surer, the less."""
        return next((score for most, score in self.entries if entry.weight < most), -np.inf)


# Plain nouns turn up in loaded sentences more often than they load them, and words with hyphens are mostly made for
# the occasion ("six-vote", "flood-lit"): who judges words alone asks more of these. Who has read the sentence does not,
# and even a strong entry has to show some colour where it stands ("jobless claims").
_ALONE = Enough(
    0.15, {"JJ": -0.9, "RB": -0.6, "VB": -0.6, "NN": -0.3, "UH": 0.0, "FW": 0.0}, 0.0, ((0.25, -0.8), (0.45, -1.3))
)
_IN_CONTEXT = Enough(0.0, dict.fromkeys(_ALONE.words, -1.3), -1.3, ((0.45, -1.3), (np.inf, -2.2)))
# A sober sentence puts a term of art ("place of residence") in quotation marks, not a sneer.
_SCARE_CHANCE = 0.25
_SCARE_WEIGHT = 0.6
_HEADLINE_REACH = 30  # words to each side that tell a headline from a sentence
_MOST_WORDS = 4  # in a term put together from single words
_NEVER_ALONE = """
    be is are was were been being am have has had having do does did done doing get gets got getting go goes went gone
    going make makes made making take takes took taken taking say says said saying come comes came coming mr mrs ms
    percent not never very also just then there here now so too only even still yet again once people man men woman
    women year years day days week weeks time times thing things way ways part number lot it one two word words sic
    org com www http https amp inbox podcast iframe browser photo video caption email newsletter masse hat pipe stuff
    allegedly guilty flood floods flooded flooding floodwaters elephant unused forever
"""
_TITLE_PREFIXES = ("then-", "vice-", "co-", "ex-")
_LIGHT_WORDS = frozenset(_NEVER_ALONE.split())


def loaded_terms(
    document: Document,
    reading: Reading,
    matches: Sequence[Match],
    quotations: Sequence[Quotation] = (),
    attributed: Iterable[tuple[int, int]] = (),
) -> list[LoadedTerm]:
    """The loaded terms of a document, in order, never overlapping; ``text[start:end]`` is always the term's text.

    ``weight`` in (0, 1]: the lexicon's weight, or the chance that experts would mark the word. Entries of a lexicon of
    the caller's own always count, as do the package's own of weight .45 and more where the engine judges words alone;
    other entries, and words that are in no lexicon, count where the engine finds them loaded; a silent entry is never a
    term. ``voice`` is ``source`` inside quotation marks and inside ``attributed`` spans, else ``author``.

    matches: token indices of the document. attributed: string offsets of what sources are reported to say.
    """
    scare = [
        span
        for span in scare_quotes(document, quotations)
        if " " not in span.text
        or reading.bias[document.sentence_of[_tokens(document, span.start, span.end)[0]]] >= _SCARE_CHANCE
    ]
    scared = [(span.start, span.end) for span in scare]
    spoken = _Spans([*attributed, *(q.inner for q in quotations if not _holds(q, scared))])
    enough = _IN_CONTEXT if reading.in_context else _ALONE
    scores = _scores(document, reading, enough.sentence_share)
    found: list[tuple[int, int, str, float]] = []
    taken = np.zeros(len(document.words), bool)
    for span in scare:
        first, last = _tokens(document, span.start, span.end)
        taken[first:last] = True
        found.append((first, last, "insinuation", _SCARE_WEIGHT))
    for first, last, entry in matches:
        if entry.silent:  # nor may the engine find the word
            taken[first:last] = True
            continue
        if taken[first:last].any() or (last - first == 1 and _in_a_name(document, first)):
            continue
        unnamed = entry.category == "insinuation" and last - first > 1  # "critics say": no single word of it is loaded
        if unnamed or scores[first:last].max() > _entry_enough(entry, enough):
            taken[first:last] = True
            found.append((first, last, entry.category, entry.weight))
    found += _from_words(document, scores, taken, enough)
    terms = []
    for first, last, category, weight in sorted(found):
        start, end = document.starts[first], document.ends[last - 1]
        voice: Voice = "source" if spoken.cover(start, end) else "author"
        terms.append(LoadedTerm(start, end, document.text[start:end], category, weight, voice))
    return terms


def _scores(document: Document, reading: Reading, share: float) -> np.ndarray:
    """The score of every token: its own log-odds and a share of its sentence's."""
    if not document.words:
        return np.zeros(0)
    chance = np.clip(reading.bias, 0.001, 0.999)
    tilt = share * np.log(chance / (1 - chance))
    return reading.word_bias + np.repeat(tilt, [last - first for first, last in document.sentence_tokens])


def _from_words(
    document: Document, scores: np.ndarray, taken: np.ndarray, enough: Enough
) -> list[tuple[int, int, str, float]]:
    """Terms from the engine's scores alone; neighbours become one term."""
    of = document.sentence_of
    found: list[tuple[int, int, str, float]] = []
    run: list[int] = []
    for k in np.flatnonzero((scores > min(enough.words.values())) & ~taken).tolist():
        if scores[k] <= _word_enough(document.lower[k], enough) or _in_a_name(document, k) or _in_a_handle(document, k):
            continue
        if run and (k != run[-1] + 1 or of[k] != of[run[-1]] or len(run) == _MOST_WORDS):
            found.append(_joined(document, scores, run))
            run = []
        run.append(k)
    if run:
        found.append(_joined(document, scores, run))
    return found


def _joined(document: Document, scores: np.ndarray, run: Sequence[int]) -> tuple[int, int, str, float]:
    strongest = max(run, key=lambda k: float(scores[k]))
    chance = 1 / (1 + float(np.exp(-scores[strongest])))
    return run[0], run[-1] + 1, word_category(document.lower[strongest]), round(chance, 3)


def _word_enough(word: str, enough: Enough) -> float:
    """The score from which a word is loaded by itself; infinite for one that never is."""
    if len(word) < 3 or not word[0].isalpha() or word in _LIGHT_WORDS or word.startswith(_TITLE_PREFIXES):
        return np.inf
    return enough.word(word)


def _entry_enough(entry: Entry, enough: Enough) -> float:
    """The score from which an entry counts. Who adds an entry wants it counted."""
    if entry not in _shipped():
        return -np.inf
    return enough.entry(entry)


@lru_cache(maxsize=1)
def _shipped() -> frozenset[Entry]:
    return frozenset(default_lexicon().entries.values())


def _in_a_name(document: Document, k: int) -> bool:
    """Whether a capital inside a sentence, beside another one, makes the word part of a name ("Arlen Specter")."""
    words = document.words
    if not words[k][0].isupper() or words[k].isupper():
        return False
    first, last = document.sentence_tokens[document.sentence_of[k]]
    beside = [words[near] for near in (k - 1, k + 1) if first <= near < last]
    if k == first or not any(word[0].isupper() and word != "I" for word in beside):
        return False
    near = words[max(first, k - _HEADLINE_REACH) : min(last, k + _HEADLINE_REACH)]
    capitals = [word[0].isupper() for word in near if word[0].isalpha()]
    return 2 * sum(capitals) <= len(capitals)  # in a headline every word has one


def _in_a_handle(document: Document, k: int) -> bool:
    """Whether the word belongs to a user name, a tag or an address: @so, #so, so.com."""
    text, start, end = document.text, document.starts[k], document.ends[k]
    before, after = text[max(0, start - 1) : start], text[end : end + 2]
    return (
        before in ("@", "#", "/", "_", "=")
        or after[:1] in ("/", "_", "@")
        or (after[:1] == "." and after[1:].isalnum())
    )


def _tokens(document: Document, start: int, end: int) -> tuple[int, int]:
    """The tokens that lie inside a span of text."""
    first = bisect_right(document.ends, start)
    last = bisect_right(document.ends, end)
    return first, last


def _holds(quotation: Quotation, spans: Sequence[tuple[int, int]]) -> bool:
    at = bisect_right(spans, (quotation.start, quotation.start))
    return at < len(spans) and spans[at][1] <= quotation.end


class _Spans:
    """The union of spans, for asking what lies inside."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        self.starts: list[int] = []
        self.ends: list[int] = []
        for start, end in sorted(spans):
            if self.ends and start <= self.ends[-1]:
                self.ends[-1] = max(self.ends[-1], end)
            else:
                self.starts.append(start)
                self.ends.append(end)

    def cover(self, start: int, end: int) -> bool:
        """Whether at least half of the span lies inside one of them."""
        at = bisect_right(self.starts, (start + end) // 2) - 1
        return at >= 0 and (start + end) // 2 < self.ends[at]
