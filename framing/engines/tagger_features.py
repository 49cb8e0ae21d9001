"""What the attribution tagger sees of a token: small integers, all documents of a batch at once.

A *field* is one integer per token (its word, its shape, where it stands in a quotation, the nearest cue word ...).
A *template* names fields at offsets around a token, and turns them into one number, the *key* of the feature:
``"w[-1] w[0]"`` is the pair of the word before and the word itself.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from framing.quotations import quotations
from framing.segment import Document

# Fields read off the word alone, in the order of `Alphabet.word_fields`.
WORD_FIELDS: tuple[str, ...] = ("w", "s", "x3", "x2", "p3", "c1", "c2", "c3", "cue")
# Zero tokens between documents, so that no window reaches from one into the next.
PAD = 4
# Bits of one part of a key: values stay below 2 ** 15, and three parts fit 64 bits.
_BITS = 15
_BOUNDS = np.array([5, 7, 10, 15, 25])
_NONE, _UNKNOWN = 0, 1
_CUE = 2
# Where probabilities are cut into five grades.
_LEVELS = np.array([0.1, 0.35, 0.65, 0.9])

TEMPLATES: tuple[str, ...] = (
    *(f"w[{o}]" for o in range(-3, 4)),
    *(f"s[{o}]" for o in range(-3, 4)),
    *(f"{c}[{o}]" for c in ("c1", "c2", "c3") for o in range(-3, 4)),
    *(f"x3[{o}]" for o in range(-2, 3)),
    *(f"{x}[{o}]" for x in ("x2", "p3") for o in range(-1, 2)),
    *(f"w[{o}] w[{o + 1}]" for o in range(-2, 2)),
    *(f"s[{o}] s[{o + 1}]" for o in range(-2, 2)),
    "s[-2] s[-1] s[0]",
    "s[-1] s[0] s[1]",
    "w[-1] w[1]",
    "pos[0]",
    "q[-1]",
    "q[0]",
    "q[1]",
    "q[-1] q[0]",
    "q[0] q[1]",
    "lc[0]",
    "rc[0]",
    "ld[0]",
    "rd[0]",
    "ld[0] rd[0]",
    "lc[0] ld[0]",
    "rc[0] rd[0]",
    "lc[0] q[0]",
    "rc[0] q[0]",
    "w[0] ld[0]",
    "w[0] rd[0]",
    "qa[0] q[0]",
    "qb[0] q[0]",
    "qa[1]",
    "qb[-1]",
    "sc[0]",
    "sw[0]",
    "sc[0] q[0]",
    "lc[0] ln[0]",
    "ln[0] ld[0]",
    "rc[0] rp[0]",
    "rp[0] rd[0]",
    "oc[0] od[0]",
    "uc[0] ud[0]",
    "oc[0] q[0]",
    "uc[0] q[0]",
    "od[0] ud[0]",
    *(f"c2[{o}] c2[{o + 1}]" for o in range(-2, 2)),
    "c1[-2] c1[-1] c1[0]",
    "c1[-1] c1[0] c1[1]",
    "c1[0] c1[1] c1[2]",
)


# What the second pass sees besides: the answer of the first.
SECOND_TEMPLATES: tuple[str, ...] = (
    *(f"t[{o}]" for o in range(-3, 4)),
    "t[-2] t[-1] t[0]",
    "t[-1] t[0] t[1]",
    "t[0] t[1] t[2]",
    "t[-1] t[0]",
    "t[0] t[1]",
    "t[0] w[0]",
    "t[0] w[-1]",
    "t[0] w[1]",
    "t[-1] w[0]",
    "t[1] w[0]",
    "t[0] q[0]",
    *(f"{m}[{o}]" for m in ("m", "mb") for o in range(-1, 2)),
    "m[-1] m[0]",
    "m[0] m[1]",
    "mb[0] m[0]",
    "pp[0] nn[0]",
    "pp[0] nn[0] t[0]",
    *(f"{n}[0] {x}[0]" for n in ("pp", "nn") for x in ("t", "q")),
    *(f"{n}c[0]" for n in "kh"),
    *(f"{n}c[0] {x}[0]" for n in "kh" for x in (f"{n}d", "q", "t")),
    *(f"{n}d[0] {x}[0]" for n in "kh" for x in ("w", "t")),
    "kd[0] hd[0]",
)


@dataclass(frozen=True)
class Template:
    """Fields at offsets: ``parts`` of ``text``."""

    text: str
    parts: tuple[tuple[str, int], ...]


_PART = re.compile(r"([a-z]\w*)\[(-?\d+)\]")


def parse_template(text: str) -> Template:
    """Read ``"w[-1] w[0]"``; ValueError for anything else."""
    matches = [_PART.fullmatch(part) for part in text.split()]
    parts = tuple((m.group(1), int(m.group(2))) for m in matches if m)
    if not parts or len(parts) != len(matches) or any(abs(offset) > PAD for _, offset in parts):
        raise ValueError(f"bad feature template {text!r}")
    return Template(text, parts)


def part_of(keys: np.ndarray, number: int, parts: int) -> np.ndarray:
    """One part of keys that were made of ``parts`` parts: the inverse of :meth:`Features.keys`."""
    if parts == 1:
        return keys
    shifted = keys >> (_BITS * (parts - 1 - number))
    return shifted if number == 0 else shifted & ((1 << _BITS) - 1)


def shape(word: str) -> str:
    """The make of a word: ``Aa`` Paris, ``AA`` NATO, ``a`` peace, ``a-`` so-called, ``9`` 1990s; a mark is itself."""
    first = word[0]
    if first.isupper():
        return "A" if len(word) == 1 else "AA" if word.isupper() else "Aa"
    if first.isdigit():
        return "9"
    if word.isalpha():
        return "a"
    return "a-" if first.isalnum() else word[:3]


@dataclass(frozen=True, eq=False)
class Alphabet:
    """Words, affixes, shapes, clusters and cue words by number; 0 is "nothing here", 1 is "not met in training"."""

    ids: Mapping[str, Mapping[str, int]]
    clusters: Mapping[str, tuple[int, int, int]]
    _types: dict[str, tuple[int, ...]] = field(default_factory=dict, repr=False)

    @classmethod
    def from_lists(cls, lists: Mapping[str, Sequence[str]], clusters: Mapping[str, tuple[int, int, int]]) -> Alphabet:
        """Number the values of every word field in the order given, from 2."""
        return cls({name: {value: k + 2 for k, value in enumerate(lists[name])} for name in lists}, clusters)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Alphabet:
        """The inverse of :meth:`to_dict`."""
        words = data["clusters"]["words"]
        labels = zip(*(data["clusters"][level] for level in ("c1", "c2", "c3")), strict=True)
        return cls.from_lists(data["lists"], dict(zip(words, labels, strict=True)))

    def to_dict(self) -> dict[str, Any]:
        """Plain lists, ready for JSON."""
        levels = list(zip(*self.clusters.values(), strict=True)) if self.clusters else [(), (), ()]
        clusters = {"words": list(self.clusters), **{f"c{k + 1}": list(level) for k, level in enumerate(levels)}}
        return {"lists": {name: list(ids) for name, ids in self.ids.items()}, "clusters": clusters}

    def of(self, word: str) -> tuple[int, ...]:
        """The word fields of a word, remembered per type."""
        known = self._types.get(word)
        if known is None:
            if len(self._types) > 200_000:
                self._types.clear()
            known = self._types[word] = self._read(word)
        return known

    def _read(self, word: str) -> tuple[int, ...]:
        lower = word.lower().replace("’", "'")
        letters = lower[0].isalpha()
        get = {name: self.ids[name].get for name in self.ids}
        first, second, third = self.clusters.get("0" if lower[0].isdigit() else lower, (-1, -1, -1))
        return (
            get["w"](lower, _UNKNOWN),
            get["s"](shape(word), _UNKNOWN),
            get["x3"](lower[-3:], _UNKNOWN) if letters else _NONE,
            get["x2"](lower[-2:], _UNKNOWN) if letters else _NONE,
            get["p3"](lower[:3], _UNKNOWN) if letters else _NONE,
            first + 2,
            second + 2,
            third + 2,
            get["cue"](lower, _NONE),
        )


class Features:
    """The fields of every token of a batch of documents, laid end to end with ``PAD`` empty tokens between."""

    def __init__(self, alphabet: Alphabet, documents: Sequence[Document]) -> None:
        self.documents = documents
        sizes = np.array([len(document.words) for document in documents], np.int64)
        self.firsts = np.cumsum(np.concatenate(([PAD], sizes[:-1] + PAD))) if len(sizes) else sizes
        self.size = int(sizes.sum()) + PAD * (len(sizes) + 1)
        self.fields: dict[str, np.ndarray] = {}
        self._read_words(alphabet)
        self.sentences, self.sequences = self._ranges()
        self._read_places()
        self._read_quotations()
        self._read_cues()

    def _ranges(self) -> tuple[np.ndarray, np.ndarray]:
        """First token and end of every sentence, and of every paragraph: spans may cross sentences, not lines."""
        sentences: list[tuple[int, int]] = []
        paragraphs: list[tuple[int, int]] = []
        for document, offset in zip(self.documents, self.firsts.tolist(), strict=True):
            line = -1
            for (first, last), number in zip(document.sentence_tokens, document.paragraph, strict=True):
                if last == first:
                    continue
                sentences.append((offset + first, offset + last))
                if number == line:
                    paragraphs[-1] = (paragraphs[-1][0], offset + last)
                else:
                    paragraphs.append((offset + first, offset + last))
                line = number
        return np.array(sentences, np.int64).reshape(-1, 2), np.array(paragraphs, np.int64).reshape(-1, 2)

    def split(self, values: np.ndarray) -> list[np.ndarray]:
        """Per-token values, one array per document."""
        return [values[f : f + len(d.words)] for f, d in zip(self.firsts.tolist(), self.documents, strict=True)]

    def keys(self, template: Template) -> np.ndarray:
        """The key of the template for every token."""
        keys: np.ndarray | None = None
        for name, offset in template.parts:
            part = self._shifted(name, offset)
            keys = part if keys is None else (keys << _BITS) + part
        assert keys is not None
        return keys

    def _shifted(self, name: str, offset: int) -> np.ndarray:
        values = self.fields[name]
        return values if not offset else np.roll(values, -offset)

    def _read_words(self, alphabet: Alphabet) -> None:
        table = np.zeros((len(WORD_FIELDS), self.size), np.int64)
        of = alphabet.of
        for first, document in zip(self.firsts.tolist(), self.documents, strict=True):
            if document.words:
                table[:, first : first + len(document.words)] = np.array([of(word) for word in document.words]).T
        self.fields.update(zip(WORD_FIELDS, table, strict=True))

    def _read_places(self) -> None:
        """First, second, middle, last but one, last of its sentence."""
        place = np.zeros(self.size, np.int64)
        self.sentence = np.full(self.size, -1, np.int64)
        first, end = self.sentences[:, 0], self.sentences[:, 1]
        for k, (a, b) in enumerate(self.sentences.tolist()):
            self.sentence[a:b] = k
        place[self.sentence >= 0] = 3
        place[np.maximum(end - 2, first)] = 4
        place[end - 1] = 5
        place[np.minimum(first + 1, end - 1)] = 2
        place[first] = 1
        self.fields["pos"] = place

    def _read_cues(self) -> None:
        """The nearest cue words before and after a token in its sentence, how far away, and what stands beside them.

        Once over all cue words (``l`` and ``r``), once over those on the token's own side of quotation marks
        (``o`` and ``u``).
        """
        cue, words = self.fields["cue"], self.fields["w"]
        inside = self.fields["q"] > 0
        before, after = self._nearest(cue > 0)
        for name, position in (("l", before), ("r", after)):
            self._describe(name, position, cue)
        self.fields["ln"] = np.where(self.fields["lc"] > 0, words[np.clip(before + 1, 0, self.size - 1)], 0)
        self.fields["rp"] = np.where(self.fields["rc"] > 0, words[np.clip(after - 1, 0, self.size - 1)], 0)
        outer, inner = self._nearest((cue > 0) & ~inside), self._nearest((cue > 0) & inside)
        for name, out, within in zip("ou", outer, inner, strict=True):
            self._describe(name, np.where(inside, within, out), cue)
        counts = np.bincount(self.sentence + 1, (cue > 0) & ~inside, minlength=len(self.sentences) + 1)
        self.fields["sc"] = np.minimum(counts, 3).astype(np.int64)[self.sentence + 1] * (self.sentence >= 0)
        self.fields["sw"] = np.append(words[self.sentences[:, 0]], 0)[self.sentence]

    def _nearest(self, there: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """For every token the nearest marked one before and after it; -1 and ``size`` where there is none."""
        at = np.arange(self.size)
        before = np.maximum.accumulate(np.where(there, at, -1))
        after = np.minimum.accumulate(np.where(there, at, self.size)[::-1])[::-1]
        return np.concatenate(([-1], before[:-1])), np.concatenate((after[1:], [self.size]))

    def _describe(self, name: str, position: np.ndarray, values: np.ndarray) -> None:
        """The value at a position and how far it is, where the position lies in the token's own sentence."""
        there = np.clip(position, 0, self.size - 1)
        near = (position >= 0) & (position < self.size) & (self.sentence[there] == self.sentence) & (self.sentence >= 0)
        self.fields[f"{name}c"] = np.where(near, values[there], 0)
        self.fields[f"{name}d"] = np.where(near, bucket(np.abs(position - np.arange(self.size))), 0)

    def _read_quotations(self) -> None:
        """Where a token stands in a quotation: outside, first, second, inside, last but one, last; by its length."""
        state = np.zeros(self.size, np.int64)
        words = self.fields["w"]
        ahead, behind = np.zeros((2, self.size), np.int64)
        for first, document in zip(self.firsts.tolist(), self.documents, strict=True):
            for quotation in quotations(document.text):
                a = first + bisect_left(document.starts, quotation.start)
                b = first + bisect_left(document.starts, quotation.end)
                if a >= b:
                    continue
                length = 1 if b - a <= 5 else 6 if b - a <= 10 else 11
                state[a:b] = length + 2
                state[max(a, b - 2) : b] = (length + 3, length + 4)[-(b - max(a, b - 2)) :]
                state[a : min(a + 2, b)] = (length, length + 1)[: min(2, b - a)]
                ahead[a:b] = words[b]
                behind[a:b] = words[a - 1]
        self.fields.update(q=state, qa=ahead, qb=behind)

    def read_first_pass(self, marginals: np.ndarray, tags: np.ndarray) -> None:
        """Fields of the second pass: the tags, how sure they are, the spans beside, and the nearest cue found."""
        self.fields["t"] = tags + np.int64(1)
        level = (
            np.searchsorted(_LEVELS, marginals[:, 1::2]),
            np.searchsorted(_LEVELS, marginals[:, 1::2] + marginals[:, 2::2]),
        )
        self.fields["mb"], self.fields["m"] = (1 + part[:, 0] + 5 * part[:, 1] + 25 * part[:, 2] for part in level)
        role = (tags + np.int64(1)) // 2
        self._read_neighbours(role, tags % 2 == 1)
        before, after = self._nearest(role == _CUE)
        for name, position in (("k", before), ("h", after)):
            self._describe(name, position, self.fields["w"])

    def _read_neighbours(self, role: np.ndarray, begins: np.ndarray) -> None:
        """The roles of the two spans before, and of the two after, a token in its sentence."""
        starts = np.append(np.flatnonzero(begins), 0)
        count = len(starts) - 1
        sofar = np.cumsum(begins)
        roles, sentences = role[starts], self.sentence[starts]

        def code(number: np.ndarray) -> np.ndarray:
            there = np.where((number >= 0) & (number < count), number, count)
            return np.where((there < count) & (sentences[there] == self.sentence), roles[there], 0)

        before = np.where(role > 0, sofar - 2, sofar - 1)
        self.fields["pp"] = 1 + code(before) + 4 * code(before - 1)
        self.fields["nn"] = 1 + code(sofar) + 4 * code(sofar + 1)


def bucket(distance: np.ndarray) -> np.ndarray:
    """Distances 1 to 4 as they are, then in widening steps, up to 9."""
    return np.where(distance < 5, distance, 4 + np.searchsorted(_BOUNDS, distance, side="right"))
