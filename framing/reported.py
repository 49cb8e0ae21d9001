"""Reported speech by its commonest patterns, where the tagger saw the verb of saying but not what was said.

Two patterns of news prose are regular enough for a rule: the clause in front ("The plan failed, said Pell", "The plan,
Pell said, failed") and the clause behind ("Pell said on Friday the plan failed"). A rule speaks only where
a cue was left without content: content that the tagger found is never changed.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from framing.engines import TAGS
from framing.segment import Document

_B_SOURCE, _B_CUE, _B_CONTENT = (TAGS.index(tag) for tag in ("B-source", "B-cue", "B-content"))
_SAYING = frozenset(
    [
        "said",
        "says",
        "say",
        "added",
        "adds",
        "wrote",
        "claimed",
        "claims",
        "admitted",
        "warned",
        "argued",
        "insisted",
        "announced",
        "recalled",
        "explained",
        "replied",
        "observed",
        "noted",
        "concluded",
    ]
)
_DAYS = frozenset(["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "yesterday", "today"])
_PARTS_OF_DAY = frozenset(["morning", "afternoon", "evening", "night"])
# What ends the name of a source that stands behind its verb.
_AFTER_NAME = frozenset(
    [",", ".", ";", ":", "in", "on", "at", "after", "during", "who", "as", "when", "while", "-", "–", "—"]
)
_DETERMINERS = frozenset(["the", "a", "an", "his", "her", "their", "its", "one", "two", "some", "several"])
_JOINING = frozenset(["and", "but", "while", "although", "though"])
_LONGEST_TITLE = 4
# A clause of fewer words is as likely a fragment.
_SHORTEST = 3


def complete_reports(document: Document, tags: np.ndarray) -> None:
    """Tag, in place, the content (and the source behind the verb) of cues for which none was found.

    tags: (tokens,) indices into ``TAGS``.
    """
    for low, high in document.sentence_tokens:
        cues = (low + np.flatnonzero(tags[low:high] == _B_CUE)).tolist()
        if not cues:
            continue
        if len(cues) == 1 and not (tags[low:high] >= _B_CONTENT).any():
            _complete(document, tags, low, high, cues[0])
        for cue in cues:
            _name_behind(document, tags, low, high, cue)
        for cue, follow in pairwise(cues):
            first = _source_before(tags, low, follow)
            border = follow if first is None else first
            if not (tags[cue:border] >= _B_CONTENT).any():
                _clause_behind(document, tags, low, cue, border)


def _complete(document: Document, tags: np.ndarray, low: int, high: int, cue: int) -> None:
    lower = document.lower
    if lower[cue : cue + 2] == ["according", "to"]:
        _according(document, tags, low, high, cue)
        return
    first = _source_before(tags, low, cue)
    behind = _cue_end(tags, cue, high)
    if lower[cue] not in _SAYING:
        return
    if cue > low and lower[cue - 1] == ",":
        _inverted(document, tags, low, cue, behind, _clause_end(lower, behind, high))
    elif first is not None and first > low and lower[first - 1] == ",":
        _content(document, tags, low, first - 1, least=1)
        if behind < high and lower[behind] == ",":
            _content(document, tags, behind + 1, _clause_end(lower, behind, high), least=1)
    else:
        _clause_behind(document, tags, low, cue, high)


def _clause_behind(document: Document, tags: np.ndarray, low: int, cue: int, border: int) -> None:
    """`SOURCE said CONTENT`"""
    lower = document.lower
    behind = _cue_end(tags, cue, border)
    if lower[cue] in _SAYING and _source_before(tags, low, cue) is not None and behind < border:
        end = _clause_end(lower, behind, border)
        if lower[behind] != ",":
            _content(document, tags, _after_day(lower, behind, end), end)


def _according(document: Document, tags: np.ndarray, low: int, high: int, cue: int) -> None:
    """`According to SOURCE, CONTENT`: the last comma of what was taken for the source parts the two."""
    behind = end = _cue_end(tags, cue, high)
    while end < high and tags[end] in (_B_SOURCE, _B_SOURCE + 1):
        end += 1
    commas = [k for k in range(behind, end) if document.lower[k] == ","]
    if cue != low or not commas:
        return
    tags[commas[-1] : end] = 0
    _content(document, tags, commas[-1] + 1, _clause_end(document.lower, commas[-1], high))


def _cue_end(tags: np.ndarray, cue: int, border: int) -> int:
    behind = cue + 1
    while behind < border and tags[behind] == _B_CUE + 1:
        behind += 1
    return behind


def _clause_end(lower: list[str], behind: int, end: int) -> int:
    """Without the marks and the conjunction at the end."""
    while end > behind and (not lower[end - 1][0].isalnum() or lower[end - 1] in _JOINING):
        end -= 1
    return end


def _inverted(document: Document, tags: np.ndarray, low: int, cue: int, behind: int, end: int) -> None:
    """`CONTENT, said SOURCE`"""
    words, lower = document.words, document.lower
    if behind >= end or not (words[behind][0].isupper() or lower[behind] in _DETERMINERS):
        return
    if not (tags[behind] or (tags[low:cue].any() and tags[behind:end].any())):
        stop = behind + 1
        while stop < end and lower[stop] not in _AFTER_NAME:
            stop += 1
        tags[low:cue] = 0
        tags[behind:stop] = _B_SOURCE + 1
        tags[behind] = _B_SOURCE
    _content(document, tags, low, cue - 1)


def _name_behind(document: Document, tags: np.ndarray, low: int, high: int, cue: int) -> None:
    """`"CONTENT," recalled NAME` where the tagger left the name out."""
    before = cue - 1
    while before >= low and not document.words[before][0].isalnum():
        before -= 1
    behind = stop = _cue_end(tags, cue, high)
    if before < low or before == cue - 1 or tags[before] < _B_CONTENT or document.lower[cue] not in _SAYING:
        return
    words = document.words
    while stop < high and not tags[stop] and (words[stop][0].isupper() or _ends_title(words, behind, stop)):
        stop += 1
    if stop > behind:
        tags[behind:stop] = _B_SOURCE + 1
        tags[behind] = _B_SOURCE


def _ends_title(words: list[str], first: int, at: int) -> bool:
    """Whether the full stop belongs to a title: `Rep. Roe`."""
    return words[at] == "." and at > first and len(words[at - 1]) <= _LONGEST_TITLE


def _source_before(tags: np.ndarray, low: int, cue: int) -> int | None:
    """The first token of the source that ends where the cue begins."""
    first = cue
    while first > low and tags[first - 1] in (_B_SOURCE, _B_SOURCE + 1):
        first -= 1
        if tags[first] == _B_SOURCE:
            return first
    return None


def _after_day(lower: list[str], at: int, end: int) -> int:
    """Past `on Friday`, `Friday night`: when it was said is not what was said."""
    after = at + 1 if lower[at] == "on" else at
    if after < end and lower[after] in _DAYS:
        after += 1
        return after + 1 if after < end and lower[after] in _PARTS_OF_DAY else after
    return at


def _content(document: Document, tags: np.ndarray, first: int, end: int, *, least: int = _SHORTEST) -> None:
    if tags[first:end].any() or sum(word[0].isalnum() for word in document.words[first:end]) < least:
        return
    tags[first:end] = _B_CONTENT + 1
    tags[first] = _B_CONTENT
