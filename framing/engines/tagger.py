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
            best = viterbi(scores, self.field.transitions, features.sequences)
            tags += features.split(best)
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


def allowed_transitions() -> np.ndarray:
    """0 where a tag may follow another, a very low score where BIO forbids it: ``I-x`` continues ``x`` only."""
    allowed = np.zeros((len(TAGS), len(TAGS)), np.float32)
    for j, tag in enumerate(TAGS):
        if tag.startswith("I-"):
            for i, before in enumerate(TAGS):
                if before[2:] != tag[2:]:
                    allowed[i, j] = _NEVER
    return allowed


def viterbi(scores: np.ndarray, transitions: np.ndarray, sequences: np.ndarray) -> np.ndarray:
    """The best tags of every sequence, all sequences advanced together.

    ``sequences`` is (n, 2): first token and end of each; tokens outside get tag 0.
    """
    best = np.zeros(len(scores), np.int8)
    sequences = sequences[np.argsort(sequences[:, 0] - sequences[:, 1], kind="stable")]
    firsts, lengths = sequences[:, 0], sequences[:, 1] - sequences[:, 0]
    if not len(sequences) or not lengths[0]:
        return best
    moves = transitions + allowed_transitions()
    start = np.where([tag.startswith("I-") for tag in TAGS], np.float32(_NEVER), np.float32(0))
    active = np.searchsorted(-lengths, -np.arange(int(lengths[0])), side="left")
    back = np.zeros((len(scores), len(TAGS)), np.int8)
    state = scores[firsts] + start
    for t in range(1, int(lengths[0])):
        n = int(active[t])
        paths = state[:n, :, None] + moves
        back[firsts[:n] + t] = paths.argmax(1)
        state[:n] = paths.max(1) + scores[firsts[:n] + t]
    at = firsts + lengths - 1
    best[at[lengths > 0]] = state.argmax(1)[lengths > 0]
    for t in range(int(lengths[0]) - 1, 0, -1):
        n = int(active[t])
        here = firsts[:n] + t
        best[here - 1] = back[here, best[here]]
    return best
