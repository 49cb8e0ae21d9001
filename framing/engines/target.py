"""Stance toward a target from the words around it: a linear model over masked, position-aware features.

Targeted sentiment in the sense of NewsMTSC (Hamborg & Donnay 2021): P(negative), P(neutral), P(positive) of a
sentence toward one of the names in it. Beside sparse features the model sums word vectors around the target;
as everything is linear, the vectors are stored as three numbers per word and place.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from framing.engines.stored import read_model
from framing.engines.target_features import PLACES, View, features, lay_out, verb_places, weightings
from framing.engines.target_types import Encoder, Types
from framing.lexicon import Match
from framing.records import Mention
from framing.segment import Document

FORMAT = 2
CLASSES: tuple[int, ...] = (-1, 0, 1)


class TargetModel:
    """The trained model: weights of keys, of words by place, and of dense columns; and the calibration.

    ``tables[p, word]`` is what a word adds to the three classes at place p.
    """

    def __init__(self, types: Types, arrays: dict[str, np.ndarray], parameters: dict[str, Any]) -> None:
        self.types = types
        self.encoder = Encoder(types)
        self.keys = arrays["keys"]
        self.weights = arrays["weights"]
        self.tables = arrays["tables"]
        self.dense = arrays["dense"]
        self.mean, self.scale = arrays["mean"], arrays["scale"]
        self.bias = arrays["bias"]
        self.parameters = parameters

    @classmethod
    def load(cls, folder: Path) -> TargetModel:
        """Read ``stance.json`` and ``stance.npz`` from a folder.

        Raises :class:`~framing.errors.ModelError` where they are missing or of another format.
        """
        parameters, arrays = read_model(folder, "stance", FORMAT)
        words = tuple(bytes(arrays.pop("words")).decode("utf-8").split("\n"))
        classes, cluster = (arrays.pop(name).astype(np.int64) for name in ("classes", "cluster"))
        types = Types(words, classes, arrays.pop("polarity"), arrays.pop("leaning"), cluster)
        for name in ("weights", "tables"):
            arrays[name] = arrays[name].astype(np.float64)
        return cls(types, arrays, parameters)

    def score(
        self,
        documents: Sequence[Document],
        mentions: Sequence[Sequence[Mention]],
        matches: Sequence[Sequence[Match]] | None = None,
    ) -> list[np.ndarray]:
        """P(negative), P(neutral), P(positive) of every mention: one array (mentions, 3) per document.

        Each row sums to 1. Only the mention's own sentence is looked at. ``matches`` is accepted for the
        engines' common call and not used: the model has its own word weights.
        """
        counts = [len(wanted) for wanted in mentions]
        flat = lay_out(documents, mentions, self.encoder)
        scores = self.margins(View(flat, self.types)) if len(flat.first) else np.zeros((0, 3))
        return np.split(self.calibrate(scores), np.cumsum(counts)[:-1]) if counts else []

    def margins(self, view: View) -> np.ndarray:
        """The linear scores of the three classes, before calibration."""
        rows, keys, dense = features(view)
        where = np.searchsorted(self.keys, keys)
        where[where == len(self.keys)] = 0
        known = np.flatnonzero(self.keys[where] == keys)
        total = _sums(rows[known], self.weights[where[known]], view.n)
        total += ((dense - self.mean) / self.scale) @ self.dense + self.bias
        codes = view.flat.codes
        found = sum(weight[:, None] * self.tables[place][codes] for place, weight in enumerate(weightings(view)))
        total += _sums(view.flat.mention, np.asarray(found), view.n)
        verbs = verb_places(view)
        for place, (at, held) in enumerate(verbs, PLACES - len(verbs)):
            total += self.tables[place][codes[np.maximum(at, 0)]] * held[:, None]
        return total

    def calibrate(self, scores: np.ndarray) -> np.ndarray:
        """Softmax of temperature-scaled scores (Guo et al. 2017) with one offset per class."""
        scaled = scores * self.parameters["temperature"] + np.array(self.parameters["offset"])
        scaled -= scaled.max(axis=1, keepdims=True) if len(scaled) else 0
        power = np.exp(scaled)
        return power / power.sum(axis=1, keepdims=True)


def _sums(rows: np.ndarray, values: np.ndarray, n: int) -> np.ndarray:
    return np.stack([np.bincount(rows, column, minlength=n) for column in values.T], axis=1)
