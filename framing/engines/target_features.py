"""What the stance model sees of a target: the masked words around it, by side, distance, clause and role.

The features follow the target-dependent tradition (Jiang et al. 2011; Vo & Zhang 2015): words by side, distance
and clause, the verbs that the target is subject or object of, negation, polarity by side, and pairs of words in
which the target is a placeholder.

Names are masked before anything is looked at (the target becomes TARGET, every other name NAME, and a run of
names counts as one), so a score cannot depend on who is named. Everything is looked up once per word type and
then gathered by numpy over all mentions of a batch.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from framing.engines.target_types import (
    ADJECTIVE,
    AUXILIARY,
    BE,
    BOUNDARY,
    EDGE,
    NAME,
    NEGATOR,
    NOUN,
    POSSESSIVE,
    PREPOSITION,
    QUOTE,
    REVERSER,
    SPECIAL,
    TARGET,
    VERB,
    Encoder,
    Types,
    words_of,
)
from framing.records import Mention
from framing.segment import Document

_LONGEST = 120  # tokens of a sentence that are looked at on either side of a target
_NEGATED = 3  # how many tokens after a negator are in its scope
_REVERSED = 6  # and after a verb that turns round what follows ("condemned the attack", "cleared of fraud")
# Distance in tokens to the target -> zone, on either side.
_ZONES = np.array([0, 1, 2, 3, 4, 4, 5, 5, 5, 5, 6])
GROUP_BITS, _ZONE_BITS, _WORD_BITS = 40, 35, 17  # of a key: group | zone | first code | second code


@dataclass(frozen=True, eq=False)
class Flat:
    """All mentions of a batch laid end to end: one row per token of each mention's sentence.

    ``mention`` says which mention a token belongs to, ``first`` where each mention's tokens begin, ``target``
    where its target stands, ``codes`` what is there.
    """

    codes: np.ndarray
    mention: np.ndarray
    first: np.ndarray
    last: np.ndarray
    target: np.ndarray
    pronoun: np.ndarray


def lay_out(documents: Sequence[Document], mentions: Sequence[Sequence[Mention]], encoder: Encoder) -> Flat:
    """The batch as flat arrays, each target replaced by its placeholder and runs of names joined."""
    pieces: list[np.ndarray] = []
    spans: list[tuple[int, int]] = []
    pronoun: list[int] = []
    for document, wanted in zip(documents, mentions, strict=True):
        heads = [start for start, _ in document.sentences]
        known: dict[int, np.ndarray] = {}
        for mention in wanted:
            k = max(bisect_right(heads, mention.start) - 1, 0)
            lo, hi = document.sentence_tokens[k] if document.sentence_tokens else (0, 0)
            if k not in known:
                known[k] = encoder.codes(document.words[lo:hi]) if hi > lo else np.zeros(0, np.int64)
            begin = bisect_right(document.ends, mention.start, lo, hi) - lo
            end = max(bisect_right(document.starts, mention.end - 1, lo, hi) - lo, begin)
            codes = known[k]
            left = max(0, begin - _LONGEST)
            pieces.append(np.concatenate((codes[left:begin], [TARGET], codes[end : end + _LONGEST])))
            spans.append((begin - left, len(pieces[-1])))
            pronoun.append(mention_is_pronoun(document, lo + begin, lo + end))
    if not pieces:
        empty = np.zeros(0, np.int64)
        return Flat(empty, empty, empty, empty, empty, empty)
    return _join_names(np.concatenate(pieces), np.array(spans), np.array(pronoun))


_PRONOUNS = words_of(
    """
    he she they him her them his their it its we us our i me my you your who
    """
)


def mention_is_pronoun(document: Document, begin: int, end: int) -> int:
    """2 for a pronoun, 1 for a name, 0 for a description in lower case."""
    words = document.words[begin:end]
    if len(words) == 1 and words[0].lower() in _PRONOUNS:
        return 2
    return int(any(word[:1].isupper() for word in words))


def _join_names(codes: np.ndarray, spans: np.ndarray, pronoun: np.ndarray) -> Flat:
    lengths = spans[:, 1]
    ends = np.cumsum(lengths)
    first = ends - lengths
    target = first + spans[:, 0]
    mention = np.repeat(np.arange(len(spans)), lengths)
    name = codes == NAME
    inside = np.empty(len(codes), bool)
    inside[0] = False
    inside[1:] = mention[1:] == mention[:-1]
    keep = np.ones(len(codes), bool)
    keep[1:] = ~(name[1:] & inside[1:] & (name[:-1] | (codes[:-1] == TARGET)))
    # "President TARGET": a name that runs into the target is part of it.
    before = target[target > first] - 1
    keep[before[name[before]]] = False
    place = np.cumsum(keep) - 1
    codes, mention = codes[keep], mention[keep]
    counts = np.bincount(mention, minlength=len(spans))
    last = np.cumsum(counts)
    return Flat(codes, mention, last - counts, last, place[target], pronoun)


def _next(flags: np.ndarray, last: np.ndarray) -> np.ndarray:
    """For every place, the first flagged place at or after it, or -1 where its sentence holds none."""
    n = len(flags)
    at = np.where(flags, np.arange(n), n)
    found = np.minimum.accumulate(at[::-1])[::-1]
    return np.where(found < last, found, -1)


def _previous(flags: np.ndarray, first: np.ndarray) -> np.ndarray:
    at = np.where(flags, np.arange(len(flags)), -1)
    found = np.maximum.accumulate(at)
    return np.where(found >= first, found, -1)


def features(view: View) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Every feature of every mention: (mention of each, key of each, dense columns).

    A key packs a group, a zone and one or two codes into 64 bits; the model holds the keys it has weights for.
    """
    rows: list[np.ndarray] = []
    keys: list[np.ndarray] = []

    def add(group: int, row: np.ndarray, a: np.ndarray, b: Any = 0, zone: Any = 0) -> None:
        rows.append(row)
        keys.append((np.int64(group) << GROUP_BITS) + (zone << _ZONE_BITS) + (a << _WORD_BITS) + b)

    _add_words(view, add)
    _add_pairs(view, add)
    _add_roles(view, add)
    return np.concatenate(rows), np.concatenate(keys), np.hstack([_dense(view), _leanings(view)])


class View:
    """A batch with what the feature groups share: signed distances, clauses, negation, verbs."""

    def __init__(self, flat: Flat, types: Types) -> None:
        self.flat, self.types = flat, types
        self.n = len(flat.first)
        codes = flat.codes
        self.classes = types.classes[codes]
        self.polarity = types.polarity[codes]
        self.cluster = types.cluster[codes]
        self.distance = np.arange(len(codes)) - flat.target[flat.mention]
        self.side = np.sign(self.distance)
        reach = _ZONES[np.minimum(np.abs(self.distance), len(_ZONES) - 1)]
        self.zone = np.where(self.side < 0, reach, reach + 7)
        boundary = np.cumsum(self.has(BOUNDARY))
        clause = np.abs(boundary - boundary[flat.target][flat.mention])
        self.clause = np.minimum(clause, 2) + np.where(self.side < 0, 0, 3)
        negators = np.concatenate(([0], np.cumsum(self.has(NEGATOR))))
        begin = np.maximum(np.arange(len(codes)) - _NEGATED, flat.first[flat.mention])
        self.negated = (negators[:-1] - negators[begin] > 0).astype(np.int64)
        # Who fights corruption is not corrupt: only what follows such a verb of the target's is turned round.
        places = np.arange(len(codes))
        reverser = np.maximum.accumulate(np.where(self.has(REVERSER), places, -1))
        turned = (reverser > flat.target[flat.mention]) & (reverser < places) & (places - reverser <= _REVERSED)
        self.negated |= turned
        quotes = np.cumsum(self.has(QUOTE))
        start = quotes[flat.first] - self.has(QUOTE)[flat.first]
        self.quoted = ((quotes - start[flat.mention]) % 2).astype(np.int64)
        telling = self.has(VERB | NOUN | ADJECTIVE) & ~self.has(AUXILIARY) & (codes >= len(SPECIAL))
        self.telling = telling.astype(float)
        verb = self.has(VERB) & ~self.has(AUXILIARY)
        # The first full verb after each target and the last before it, -1 where there is none.
        self.follower = _next(verb, flat.last[flat.mention])[flat.target]
        self.leader = _previous(verb, flat.first[flat.mention])[flat.target]
        be = np.concatenate(([0], np.cumsum(self.has(BE))))
        self.passive = be[np.maximum(self.follower, 0)] - be[flat.target] > 0

    def has(self, bits: int) -> np.ndarray:
        """Which tokens have one of these word classes."""
        return (self.classes & bits) != 0

    def span(self, at: np.ndarray, shift: int) -> np.ndarray:
        """Codes ``shift`` places from the target, EDGE outside the sentence."""
        where = at + shift
        ok = (where >= self.flat.first) & (where < self.flat.last)
        return np.where(ok, self.flat.codes[np.clip(where, 0, len(self.flat.codes) - 1)], EDGE)


def _add_words(view: View, add: Any) -> None:
    codes, row = view.flat.codes, view.flat.mention
    add(0, row, codes)
    add(1, row, codes, view.negated, view.side + 1)
    add(2, row, codes, 0, view.zone)
    add(3, row, codes, view.negated, view.clause)
    add(4, row, view.cluster, view.negated, view.zone)
    add(5, row, view.cluster, view.negated, view.clause)
    inside = np.flatnonzero(row[1:] == row[:-1])
    add(6, row[inside], codes[inside], codes[inside + 1])
    near = inside[np.abs(view.distance[inside]) <= 6]
    add(7, row[near], codes[near], codes[near + 1], view.side[near] + 1)


def _add_pairs(view: View, add: Any) -> None:
    """The words next to the target, in twos and threes."""
    at, every = view.flat.target, np.arange(view.n)
    before1, before2, before3 = (view.span(at, -k) for k in (1, 2, 3))
    after1, after2, after3 = (view.span(at, k) for k in (1, 2, 3))
    add(8, every, before1, after1)
    add(9, every, before2, before1)
    add(10, every, after1, after2)
    add(11, every, before3, before1)
    add(12, every, after1, after3)
    mixed = (before2 * 1_000_003 + before1) & ((1 << _WORD_BITS) - 1)
    add(13, every, before3, mixed)
    mixed = (after2 * 1_000_003 + after3) & ((1 << _WORD_BITS) - 1)
    add(14, every, after1, mixed)


def _add_roles(view: View, add: Any) -> None:
    """Verbs, nouns and adjectives that the target is likely subject, object or bearer of."""
    flat, at, every = view.flat, view.flat.target, np.arange(view.n)
    codes, cluster = flat.codes, view.cluster
    ends, begins = flat.last[flat.mention], flat.first[flat.mention]
    followers, leaders = view.follower, view.leader
    prepositions = _previous(view.has(PREPOSITION), begins)[at]
    close = (prepositions >= 0) & (prepositions >= at - 3)
    preposition = np.where(close, codes[prepositions], EDGE)
    passive = view.passive.astype(np.int64)
    crossed = np.minimum(np.abs(view.clause[np.maximum(followers, 0)] - 3), 2)
    ok = followers >= 0
    zone = passive + 2 * view.negated[followers] + 4 * (crossed > 0)
    add(15, every[ok], codes[followers[ok]], 0, zone[ok])
    add(16, every[ok], cluster[followers[ok]], 0, zone[ok])
    after = np.where(followers + 1 < flat.last, codes[np.minimum(followers + 1, len(codes) - 1)], EDGE)
    add(17, every[ok], codes[followers[ok]], after[ok], passive[ok])
    ok = leaders >= 0
    behind = np.minimum(view.clause[np.maximum(leaders, 0)], 1)
    zone = view.negated[leaders] + 2 * behind
    add(18, every[ok], codes[leaders[ok]], preposition[ok], zone[ok])
    add(19, every[ok], codes[leaders[ok]], 0, zone[ok])
    add(20, every[ok], cluster[leaders[ok]], preposition[ok], zone[ok])
    add(21, every, preposition, 0)
    noun = view.has(NOUN)
    left, right = _previous(noun, begins)[at], _next(noun, ends)[at]
    owns = (view.classes[np.minimum(at + 1, len(codes) - 1)] & POSSESSIVE) != 0
    owns &= at + 1 < flat.last
    ok = left >= 0
    add(22, every[ok], codes[left[ok]], preposition[ok])
    ok = right >= 0
    add(23, every[ok], codes[right[ok]], 0, owns[ok].astype(np.int64))
    add(24, every[ok], cluster[right[ok]], 0, owns[ok].astype(np.int64))
    adjective = view.has(ADJECTIVE)
    left, right = _previous(adjective, begins)[at], _next(adjective, ends)[at]
    ok = (left >= 0) & (left >= at - 4)
    add(25, every[ok], codes[left[ok]], 0)
    ok = (right >= 0) & (right <= at + 6)
    add(26, every[ok], codes[right[ok]], view.negated[right[ok]])


def _dense(view: View) -> np.ndarray:
    """Numbers per mention: polarity by side, nearness and clause; counts; place; quotation."""
    flat, n = view.flat, view.n
    row, value = flat.mention, np.where(view.negated > 0, -0.6 * view.polarity, view.polarity)

    def total(weight: np.ndarray) -> np.ndarray:
        return np.bincount(row, weight, minlength=n)

    near = 1.0 / (1.0 + np.abs(view.distance))
    left, right = view.side < 0, view.side > 0
    same = (view.clause % 3) == 0
    size = (flat.last - flat.first).astype(float)
    up, down = np.maximum(value, 0), np.maximum(-value, 0)
    names = flat.codes == NAME
    columns = [total(part * where) for part in (up, down) for where in (left, right, near, same & left, same & right)]
    columns += [
        np.log1p(size),
        (flat.target - flat.first) / size,
        flat.target == flat.first,
        total(names),
        total(names & left),
        total(names * near),
        view.quoted[flat.target],
        total(view.has(QUOTE)) > 0,
        flat.pronoun == 2,
        flat.pronoun == 0,
        view.has(POSSESSIVE)[np.minimum(flat.target + 1, len(row) - 1)] & (flat.target + 1 < flat.last),
        total(view.has(NEGATOR)),
        total(view.has(BOUNDARY) & left),
        total(view.has(BOUNDARY) & right),
    ]
    return np.stack([np.asarray(column, float) for column in columns], axis=1)


def _leanings(view: View) -> np.ndarray:
    """The leaning of the telling words by side, nearness and clause, and of the verbs around the target."""
    n, row = view.n, view.flat.mention
    value = view.types.leaning[view.flat.codes] * view.telling * np.where(view.negated > 0, -1, 1)
    near = 1.0 / (1.0 + np.abs(view.distance))
    left, right, same = view.side < 0, view.side > 0, view.clause % 3 == 0
    weights = (left, right, near, near * left, near * right, same, same & right)
    columns = [np.bincount(row, value * weight, minlength=n) for weight in weights]
    columns += [np.bincount(row, np.abs(value) * weight, minlength=n) for weight in (1, near)]
    columns += [
        np.where(held, view.types.leaning[view.flat.codes[np.maximum(at, 0)]], 0) for at, held in verb_places(view)
    ]
    return np.stack(columns, axis=1)


def verb_places(view: View) -> list[tuple[np.ndarray, np.ndarray]]:
    """Per mention a place and whether it holds: active verb after, passive verb after, verb before."""
    after, before = view.follower >= 0, view.leader >= 0
    return [(view.follower, after & ~view.passive), (view.follower, after & view.passive), (view.leader, before)]


PLACES = 8  # how many word-vector sums there are: five weightings and three verbs


def weightings(view: View) -> list[np.ndarray]:
    """Five weights of each token, under which the word vectors around a target are summed."""
    near = np.exp(-np.abs(view.distance) / 4.0)
    left, right = view.side < 0, view.side > 0
    told = view.telling
    return [told * left * near, told * right * near, told / 3, told * left / 4, told * right / 4]
