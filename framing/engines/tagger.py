"""Attribution tags by a conditional random field (Lafferty et al. 2001), read out of plain arrays.

The field is trained with python-crfsuite (:mod:`framing.training.tagger`) and shipped as weights: one table per
feature template, in an ``.npz`` file, with the vocabularies in JSON beside it. Scoring needs numpy only, and every
weight can be looked up with :meth:`Tagger.weights_of`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from framing.engines import TAGS
from framing.engines.tagger_features import Alphabet, Features, Template, parse_template
from framing.errors import ModelError
from framing.segment import Document

FORMAT = 1
_NEVER = -1e4
# Tokens scored at a time: bounds the memory, changes no number.
_CHUNK = 200_000


@dataclass(frozen=True, eq=False)
class Table:
    """The weights of one feature template: ``keys`` sorted, ``weights[i]`` what ``keys[i]`` adds to each tag."""

    template: Template
    keys: np.ndarray
    weights: np.ndarray

    @cached_property
    def _dense(self) -> np.ndarray | None:
        """Weights by key, the last row zero, where the keys are small numbers."""
        top = int(self.keys[-1]) + 1 if len(self.keys) else 0
        if top > 400_000:
            return None
        dense = np.zeros((top + 1, len(TAGS)), np.float32)
        dense[self.keys] = self.weights
        return dense

    def add_to(self, scores: np.ndarray, keys: np.ndarray) -> None:
        """Add the weights of every token's key to its scores."""
        if not len(self.keys):
            return
        if self._dense is not None:
            scores += self._dense[np.minimum(keys, len(self._dense) - 1)]
            return
        at = np.searchsorted(self.keys, keys)
        at[at == len(self.keys)] = 0
        met = np.flatnonzero(self.keys[at] == keys)
        scores[met] += self.weights[at[met]]


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


@dataclass(frozen=True, eq=False)
class Tagger:
    """Source, cue and content tags of every token."""

    alphabet: Alphabet
    field: Field
    card: dict[str, Any]

    @classmethod
    def load(cls, folder: Path) -> Tagger:
        """Read ``tagger.json`` and ``tagger.npz``; :class:`~framing.errors.ModelError` where they do not fit."""
        try:
            card = json.loads((folder / "tagger.json").read_text(encoding="utf-8"))
            if card["format"] != FORMAT:
                raise ModelError(f"tagger.json has format {card['format']!r}; valid: {FORMAT}; install the package again")
            with np.load(folder / "tagger.npz", allow_pickle=False) as arrays:
                tables = tuple(
                    Table(parse_template(text), np.cumsum(arrays[f"keys{k}"]), arrays[f"weights{k}"].astype(np.float32))
                    for k, text in enumerate(card["templates"])
                )
                transitions = arrays["transitions"].astype(np.float32)
        except (OSError, ValueError, KeyError, EOFError) as error:
            raise ModelError(f"the tagger in {folder.name!r} cannot be read ({error}); run `framing train`") from error
        return cls(Alphabet.from_dict(card["alphabet"]), Field(tables, transitions), card)

    def save(self, folder: Path) -> None:
        """Write ``tagger.json`` and ``tagger.npz``."""
        arrays: dict[str, np.ndarray] = {"transitions": self.field.transitions.astype(np.float32)}
        for k, table in enumerate(self.field.tables):
            arrays[f"keys{k}"] = np.diff(table.keys, prepend=0)
            arrays[f"weights{k}"] = table.weights.astype(np.float16)
        np.savez_compressed(folder / "tagger.npz", allow_pickle=False, **arrays)  # type: ignore[arg-type]
        templates = [table.template.text for table in self.field.tables]
        card = {**self.card, "format": FORMAT, "templates": templates, "alphabet": self.alphabet.to_dict()}
        (folder / "tagger.json").write_text(json.dumps(card, ensure_ascii=False) + "\n", encoding="utf-8")

    def tag(self, documents: Sequence[Document]) -> list[np.ndarray]:
        """One array of indices into ``TAGS`` per document; a document's tags never depend on the others."""
        tags: list[np.ndarray] = []
        for batch in _chunks(documents):
            features = Features(self.alphabet, batch)
            scores = self.field.scores(features)
            found = posterior(scores, self.field.transitions, features.sequences)
            tags += features.split(decode(found, self.field.transitions, features.sequences, self.card["thresholds"]))
        return tags


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


def posterior(scores: np.ndarray, transitions: np.ndarray, sequences: np.ndarray) -> Posterior:
    """Run all sequences together, longest first; ``sequences`` is (n, 2), first token and end of each.

    Sums run over the seven tags only, so a sequence's numbers are the same whatever stands beside it.
    """
    tokens, tags = scores.shape
    sequences = sequences[np.argsort(sequences[:, 0] - sequences[:, 1], kind="stable")]
    firsts, lengths = sequences[:, 0], sequences[:, 1] - sequences[:, 0]
    longest = int(lengths[0]) if len(lengths) else 0
    active = np.searchsorted(-lengths, -np.arange(longest), side="left")
    moves = np.exp(transitions.astype(float) + _forbidden())
    top = scores.max(1, keepdims=True).astype(float)
    states = np.exp(scores - top)
    forward = np.zeros((tokens, tags))
    scale = np.ones((tokens, 1))
    for t in range(longest):
        at = firsts[: int(active[t])] + t
        if t == 0:
            here = states[at] * _FIRST
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
    found: Posterior, transitions: np.ndarray, sequences: np.ndarray, thresholds: Sequence[float]
) -> np.ndarray:
    """Tags made of the spans whose posterior probability exceeds their role's threshold, the likeliest first.

    A threshold of about half the expected F1 maximises it (Lipton et al. 2014); the single best sequence of tags,
    the usual answer, finds too few spans.
    """
    tags = np.zeros(len(found.marginals), np.int8)
    sequence_end = np.zeros(len(tags), np.int64)
    for first, last in sequences.tolist():
        sequence_end[first:last] = last
    spans = [
        np.column_stack(part)
        for number, _ in enumerate(ROLES)
        for part in [_likely_spans(found, transitions, sequence_end, number, thresholds[number])]
    ]
    likely = np.concatenate(spans)
    order = np.lexsort((likely[:, 1], -likely[:, 0]))
    for _, first, last, number in likely[order].tolist():
        a, b = int(first), int(last) + 1
        if not tags[a:b].any():
            tags[a:b] = 2 * int(number) + 2
            tags[a] = 2 * int(number) + 1
    return tags


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


def _forbidden() -> np.ndarray:
    """0 where a tag may follow another, a very low score where BIO forbids it: ``I-x`` continues ``x`` only."""
    forbidden = np.zeros((len(TAGS), len(TAGS)))
    for j, tag in enumerate(TAGS):
        if tag.startswith("I-"):
            forbidden[[before[2:] != tag[2:] for before in TAGS], j] = _NEVER
    return forbidden


# Tags that a sequence may begin with; [from, to] where a span goes on.
_FIRST = np.array([not tag.startswith("I-") for tag in TAGS], float)
_CONTINUES = np.array([[b.startswith("I-") and a[2:] == b[2:] for b in TAGS] for a in TAGS])
