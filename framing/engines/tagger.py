"""Attribution tags by a conditional random field (Lafferty et al. 2001), read out of plain arrays.

The field is trained with python-crfsuite (:mod:`framing.training.tagger`) and shipped as weights: one table per
feature template, in an ``.npz`` file, with the vocabularies in JSON beside it. Scoring needs numpy only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from framing.engines import TAGS
from framing.engines.stored import read_model, write_model
from framing.engines.tagger_features import Alphabet, Features, Template, parse_template, part_of
from framing.segment import Document

FORMAT = 1
# Spans likelier than this are what the second pass sees of the first.
FIRST_PASS = (0.4, 0.4, 0.4)
# A span likelier than this (source, cue, content) completes a sentence that has a cue and lacks its role; no cue does.
COMPLETING = (0.3, 1.0, 0.1)
# Tables of up to so many keys are looked up directly, larger ones through a hash.
_DENSE = 80_000
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
# Tokens scored at a time: bounds the memory, changes no number.
_CHUNK = 200_000


@dataclass(frozen=True, eq=False)
class Table:
    """The weights of one feature template: ``keys`` sorted, ``weights[i]`` what ``keys[i]`` adds to each tag."""

    template: Template
    keys: np.ndarray
    weights: np.ndarray

    @cached_property
    def _dense(self) -> tuple[np.ndarray, list[int]] | None:
        """Where the parts of the keys are small numbers: weights by key, and how many values each part has.

        The last value of a part stands for all that no key has; its weights are zero.
        """
        parts = [part_of(self.keys, k, len(self.template.parts)) for k in range(len(self.template.parts))]
        sizes = [int(part.max(initial=0)) + 2 for part in parts]
        if np.prod(sizes, dtype=float) > _DENSE:
            return None
        dense = np.zeros((int(np.prod(sizes)), len(TAGS)), np.float32)
        dense[np.ravel_multi_index(parts, sizes)] = self.weights
        return dense, sizes

    @cached_property
    def _slots(self) -> tuple[np.ndarray, np.ndarray, int]:
        """An open-addressing hash of the keys: key (or -1) and row by slot, and the shift that makes a slot."""
        bits = max(8, int(np.ceil(np.log2(4 * len(self.keys) + 1))))
        held, row = np.full(1 << bits, -1, np.int64), np.zeros(1 << bits, np.int32)
        left = np.arange(len(self.keys))
        slot = _slot(self.keys, 64 - bits)
        while len(left):
            free = held[slot] < 0
            held[slot[free]] = self.keys[left[free]]
            settled = held[slot] == self.keys[left]
            row[slot[settled]] = left[settled]
            left, slot = left[~settled], (slot[~settled] + 1) & (len(held) - 1)
        return held, row, 64 - bits

    def add_to(self, scores: np.ndarray, keys: np.ndarray) -> None:
        """Add the weights of every token's key to its scores."""
        if not len(self.keys):
            return
        if self._dense is not None:
            dense, sizes = self._dense
            index = np.minimum(part_of(keys, 0, len(sizes)), sizes[0] - 1)
            for k in range(1, len(sizes)):
                index = index * sizes[k] + np.minimum(part_of(keys, k, len(sizes)), sizes[k] - 1)
            scores += dense[index]
            return
        held, row, shift = self._slots
        slot = _slot(keys, shift)
        there = held[slot]
        met = np.flatnonzero(there == keys)
        scores[met] += self.weights[row[slot[met]]]
        left = np.flatnonzero((there != keys) & (there >= 0))
        while len(left):
            slot[left] = (slot[left] + 1) & (len(held) - 1)
            there = held[slot[left]]
            met = left[there == keys[left]]
            scores[met] += self.weights[row[slot[met]]]
            left = left[(there != keys[left]) & (there >= 0)]


def _slot(keys: np.ndarray, shift: int) -> np.ndarray:
    """Multiplicative hashing (Knuth): the high bits of the key times the golden ratio."""
    return ((keys.astype(np.uint64) * _GOLDEN) >> np.uint64(shift)).astype(np.int64)


@dataclass(frozen=True, eq=False)
class Field:
    """A linear-chain conditional random field: feature tables, and transition weights ``[from, to]``."""

    tables: tuple[Table, ...]
    transitions: np.ndarray

    def scores(self, features: Features) -> np.ndarray:
        """State scores, (tokens, tags)."""
        scores = np.zeros((features.size, len(TAGS)), np.float32)
        for table in self.tables:
            table.add_to(scores, features.keys(table.template))
        return scores

    def read(self, features: Features, thresholds: Sequence[float], *, complete: bool) -> tuple[np.ndarray, np.ndarray]:
        """Probability of every tag, (tokens, tags), and the tags decided on (see :func:`decode`)."""
        found = posterior(self.scores(features), self.transitions, features.sequences)
        sentences = features.sentence if complete else None
        tags = decode(found, self.transitions, features.sequences, thresholds, sentences=sentences)
        return found.marginals, tags

    def scaled(self, factor: float) -> Field:
        """The same field with all weights multiplied: below 1 less sure of itself."""
        tables = tuple(Table(t.template, t.keys, t.weights * np.float32(factor)) for t in self.tables)
        return Field(tables, self.transitions * np.float32(factor))

    def pruned(self, least: float) -> Field:
        """The same field without the keys whose weights are all at most ``least``."""
        kept = [np.abs(t.weights).max(1, initial=0) > least for t in self.tables]
        tables = tuple(Table(t.template, t.keys[k], t.weights[k]) for t, k in zip(self.tables, kept, strict=True))
        return Field(tables, self.transitions)


@dataclass(frozen=True, eq=False)
class Tagger:
    """Source, cue and content tags of every token, in one pass or two: the second sees the answer of the first."""

    alphabet: Alphabet
    passes: tuple[Field, ...]
    card: dict[str, Any]

    @classmethod
    def load(cls, folder: Path) -> Tagger:
        """Read ``tagger.json`` and ``tagger.npz``; :class:`~framing.errors.ModelError` where they do not fit."""
        card, arrays = read_model(folder, "tagger", FORMAT)
        passes = tuple(_read_field(arrays, n, texts) for n, texts in enumerate(card["templates"]))
        return cls(Alphabet.from_dict(card.pop("alphabet")), passes, card)

    def save(self, folder: Path) -> None:
        """Write ``tagger.json`` and ``tagger.npz``."""
        arrays: dict[str, np.ndarray] = {}
        for n, field in enumerate(self.passes):
            arrays[f"{n}.transitions"] = field.transitions.astype(np.float32)
            for k, table in enumerate(field.tables):
                arrays[f"{n}.{k}.keys"] = np.diff(table.keys, prepend=0)
                arrays[f"{n}.{k}.weights"] = table.weights.astype(np.float16)
        templates = [[table.template.text for table in field.tables] for field in self.passes]
        card = {**self.card, "templates": templates, "alphabet": self.alphabet.to_dict()}
        write_model(folder, "tagger", card, arrays, FORMAT)

    def tag(self, documents: Sequence[Document]) -> list[np.ndarray]:
        """One array of indices into ``TAGS`` per document; a document's tags never depend on the others."""
        tags: list[np.ndarray] = []
        for batch in _chunks(documents):
            features = Features(self.alphabet, batch)
            best = np.zeros(features.size, np.int8)
            for number, field in enumerate(self.passes):
                last = number == len(self.passes) - 1
                thresholds = self.card["thresholds"] if last else FIRST_PASS
                marginals, best = field.read(features, thresholds, complete=last)
                if not last:
                    features.read_first_pass(marginals, best)
            tags += features.split(best)
        return tags


def _read_field(arrays: Mapping[str, np.ndarray], number: int, texts: Sequence[str]) -> Field:
    tables = tuple(
        Table(
            parse_template(text),
            np.cumsum(arrays[f"{number}.{k}.keys"]),
            arrays[f"{number}.{k}.weights"].astype(np.float32),
        )
        for k, text in enumerate(texts)
    )
    return Field(tables, arrays[f"{number}.transitions"].astype(np.float32))


def _chunks(documents: Sequence[Document]) -> list[list[Document]]:
    chunks: list[list[Document]] = []
    size = _CHUNK
    for document in documents:
        if size >= _CHUNK:
            chunks.append([])
            size = 0
        chunks[-1].append(document)
        size += len(document.words)
    return chunks


ROLES: tuple[str, ...] = ("source", "cue", "content")
# [from, to]: where a span goes on, and where BIO forbids the step: `I-x` continues `x` only, and begins nothing.
_CONTINUES = np.array([[b.startswith("I-") and a[2:] == b[2:] for b in TAGS] for a in TAGS])
FORBIDDEN = np.array([[b.startswith("I-") and a[2:] != b[2:] for b in TAGS] for a in TAGS])
_FIRST = np.array([not tag.startswith("I-") for tag in TAGS], float)
# Ends tried for each possible beginning of a span.
_ENDS = 8


@dataclass(frozen=True, eq=False)
class Posterior:
    """Forward-backward of a batch (Rabiner 1989): for every token, probabilities of its tags and of span ends.

    ``marginals`` is (tokens, tags); ``forward`` the scaled forward probabilities; ``steps`` (tokens, roles) the
    log probability of one more token inside a span; ``ends`` (tokens, tags) the factor for a span ending there.
    """

    marginals: np.ndarray
    forward: np.ndarray
    steps: np.ndarray
    ends: np.ndarray


def posterior(
    scores: np.ndarray,
    transitions: np.ndarray,
    sequences: np.ndarray,
    *,
    forbidden: np.ndarray = FORBIDDEN,
    first: np.ndarray = _FIRST,
) -> Posterior:
    """Run all sequences together, longest first; ``sequences`` is (n, 2), first token and end of each.

    ``forbidden`` marks the steps from tag to tag that cannot be, ``first`` the tags that a sequence may begin with.

    Sums run over the seven tags only, so a sequence's numbers are the same whatever stands beside it.
    """
    tokens, tags = scores.shape
    sequences = sequences[np.argsort(sequences[:, 0] - sequences[:, 1], kind="stable")]
    firsts, lengths = sequences[:, 0], sequences[:, 1] - sequences[:, 0]
    longest = int(lengths[0]) if len(lengths) else 0
    active = np.searchsorted(-lengths, -np.arange(longest), side="left")
    moves = np.where(forbidden, 0.0, np.exp(transitions.astype(float)))
    top = scores.max(1, keepdims=True).astype(float)
    states = np.exp(scores - top)
    forward = np.zeros((tokens, tags))
    scale = np.ones((tokens, 1))
    for t in range(longest):
        at = firsts[: int(active[t])] + t
        if t == 0:
            here = states[at] * first
        else:
            here = (forward[at - 1][:, :, None] * moves).sum(1) * states[at]
        total = here.sum(1, keepdims=True)
        scale[at] = total
        forward[at] = here / total
    weighted = states / scale
    backward = np.ones((tokens, tags))
    ends = np.ones((tokens, tags))
    onward = np.where(_CONTINUES, 0.0, moves)
    for t in range(longest - 1, 0, -1):
        at = firsts[: int(active[t])] + t
        reach = (weighted[at] * backward[at])[:, None, :]
        backward[at - 1] = (moves * reach).sum(2)
        ends[at - 1] = (onward * reach).sum(2)
    inside = [TAGS.index(f"I-{role}") for role in ROLES]
    steps = transitions[inside, inside] + scores[:, inside] - top - np.log(scale)
    return Posterior(forward * backward, forward, steps, ends)


def decode(
    found: Posterior,
    transitions: np.ndarray,
    sequences: np.ndarray,
    thresholds: Sequence[float],
    *,
    sentences: np.ndarray | None = None,
) -> np.ndarray:
    """Tags made of the spans whose posterior probability exceeds their role's threshold, the likeliest first.

    A threshold of about half the expected F1 maximises it (Lipton et al. 2014). With ``sentences`` (the sentence
    of every token) a sentence with a cue but no content, or no source, is completed by the likeliest span above
    ``COMPLETING``: somebody said something.
    """
    tags = np.zeros(len(found.marginals), np.int8)
    sequence_end = np.zeros(len(tags), np.int64)
    for first, last in sequences.tolist():
        sequence_end[first:last] = last
    least = thresholds if sentences is None else [min(pair) for pair in zip(thresholds, COMPLETING, strict=True)]
    likely = np.concatenate(
        [np.column_stack(_likely_spans(found, transitions, sequence_end, n, least[n])) for n in range(len(ROLES))]
    )
    likely = likely[np.lexsort((likely[:, 1], -likely[:, 0]))]
    number = likely[:, 3].astype(int)
    sure = likely[:, 0] > np.asarray(thresholds)[number]
    for first, last, role in likely[sure, 1:].astype(int).tolist():
        _place(tags, first, last + 1, role)
    if sentences is not None:
        _complete(tags, likely[~sure, 1:].astype(int), sentences)
    return tags


def _place(tags: np.ndarray, first: int, end: int, role: int) -> bool:
    if tags[first:end].any():
        return False
    tags[first:end] = 2 * role + 2
    tags[first] = 2 * role + 1
    return True


def _complete(tags: np.ndarray, likely: np.ndarray, sentences: np.ndarray) -> None:
    source, cue, content = ({*sentences[(tags + 1) // 2 == role].tolist()} for role in (1, 2, 3))
    wanting = {2: cue - content, 0: (cue & content) - source}
    for first, last, role in likely.tolist():
        sentence = int(sentences[first])
        if sentence in wanting[role] and _place(tags, first, last + 1, role):
            wanting[role].discard(sentence)


def _likely_spans(
    found: Posterior, transitions: np.ndarray, sequence_end: np.ndarray, number: int, threshold: float
) -> tuple[np.ndarray, ...]:
    """Probability, first and last token of the spans of one role above the threshold."""
    begin, inside = 2 * number + 1, 2 * number + 2
    starts = np.flatnonzero(found.marginals[:, begin] > threshold)
    forward, ends = found.forward, found.ends
    ending = forward[:, begin] * ends[:, begin] + forward[:, inside] * ends[:, inside]
    stops = np.append(np.flatnonzero((ending > threshold) & (sequence_end > 0)), len(sequence_end) + 1)
    choice = np.minimum(np.searchsorted(stops, starts)[:, None] + np.arange(_ENDS), len(stops) - 1)
    last = stops[choice]
    first = np.broadcast_to(starts[:, None], last.shape)
    kept = last < sequence_end[first]
    first, last = first[kept], last[kept]
    walked = np.cumsum(found.steps[:, number])
    longer = last > first
    path = walked[last] - walked[first] + longer * (transitions[begin, inside] - transitions[inside, inside])
    probability = forward[first, begin] * np.exp(np.minimum(path, 50)) * ends[last, np.where(longer, inside, begin)]
    good = probability > threshold
    return probability[good], first[good], last[good], np.full(int(good.sum()), number)
