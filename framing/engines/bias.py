"""Loaded language of sentences and words (first version: lexicon only)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from framing.lexicon import Match
from framing.segment import Document


class BiasModel:
    def __init__(self, weights: dict[str, float]) -> None:
        self.weights = weights

    @classmethod
    def load(cls, folder: Path) -> BiasModel:
        return cls(json.loads((folder / "bias.json").read_text())["weights"])

    def known(self, document: Document) -> float:
        return 1.0

    def score(
        self, documents: Sequence[Document], matches: Sequence[Sequence[Match]]
    ) -> list[tuple[np.ndarray, np.ndarray]]:
        out = []
        for document, found in zip(documents, matches, strict=True):
            words = np.full(len(document.words), -4.0)
            logit = np.full(len(document.sentences), self.weights["bias"])
            of = document.sentence_of
            for match in found:
                words[match.first : match.last] = 3 * match.entry.weight - 1
                logit[of[match.first]] += self.weights["sum"] * match.entry.weight
            out.append((1 / (1 + np.exp(-logit)), words))
        return out
