"""How the instrument is measured: plain functions from gold and predicted to a number.

The definitions follow the field: exact and token F1 per role for attribution (Pareti 2016; Newell et al. 2018),
macro F1 for classes, expected calibration error over equal-mass bins (Nixon et al. 2019), B-cubed for clusters
(Bagga & Baldwin 1998).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence

import numpy as np

# What does not count when the ends of two spans are compared.
_MARGIN = " \t\r\n\xa0\"'“”‘’«»`.,;:!?-–—()[]…"


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without white space, quotation marks and punctuation at its ends."""
    while start < end and text[start] in _MARGIN:
        start += 1
    while end > start and text[end - 1] in _MARGIN:
        end -= 1
    return start, end


def f1(hits: int, predicted: int, gold: int) -> float:
    """2PR / (P + R), and 0 where nothing was right."""
    return 2 * hits / (predicted + gold) if hits else 0.0


class Tally:
    """Counts that add up to precision, recall and F1 over many documents."""

    def __init__(self) -> None:
        self.hits = self.predicted = self.gold = 0

    def add(self, predicted: Iterable[Hashable], gold: Iterable[Hashable]) -> None:
        """Count one document; equal items match once each."""
        p, g = Counter(predicted), Counter(gold)
        self.hits += (p & g).total()
        self.predicted += p.total()
        self.gold += g.total()

    @property
    def precision(self) -> float:
        """Share of the predicted that are gold."""
        return self.hits / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """Share of the gold that were predicted."""
        return self.hits / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of the two."""
        return f1(self.hits, self.predicted, self.gold)


def macro_f1(gold: Sequence[object], predicted: Sequence[object]) -> float:
    """Unweighted mean of the F1 of every class that occurs in the gold labels."""
    scores = []
    for label in sorted(set(gold), key=str):
        hits = sum(g == label and p == label for g, p in zip(gold, predicted, strict=True))
        scores.append(f1(hits, sum(p == label for p in predicted), sum(g == label for g in gold)))
    return float(np.mean(scores)) if scores else 0.0


def multilabel_f1(gold: np.ndarray, predicted: np.ndarray) -> list[float]:
    """F1 of every column of two (items, labels) arrays of 0/1; their mean is the macro F1 of a multi-label decision."""
    g, p = np.asarray(gold, bool), np.asarray(predicted, bool)
    counts = zip((g & p).sum(0).tolist(), p.sum(0).tolist(), g.sum(0).tolist(), strict=True)
    return [f1(*column) for column in counts]


def binary_figures(gold: Sequence[int], probability: Sequence[float], *, threshold: float = 0.5) -> dict[str, float]:
    """What a yes-or-no probability is worth, at a threshold and without one.

    ``macro_f1`` and ``weighted_f1`` (by the size of the classes), ``sensitivity`` and ``specificity``, and
    ``calibration_error``, all in [0, 1]. ``auc``, the area under the ROC curve, is left out where the gold labels
    are all the same; so is the one of sensitivity and specificity that nothing can be said about.
    """
    labels = [int(label) for label in gold]
    called = [int(chance > threshold) for chance in probability]
    yes, no = labels.count(1), labels.count(0)
    both = zip(labels, called, strict=True)
    agreed = Counter(label for label, call in both if label == call)
    figures = {
        "macro_f1": macro_f1(labels, called),
        "weighted_f1": sum(f1(agreed[k], called.count(k), n) * n for k, n in ((0, no), (1, yes))) / max(len(labels), 1),
    }
    if yes and no:
        from scipy.stats import rankdata

        ranks = rankdata(np.asarray(probability, float))[np.asarray(labels) == 1]
        figures["auc"] = float((ranks.sum() - yes * (yes + 1) / 2) / (yes * no))
    if yes:
        figures["sensitivity"] = agreed[1] / yes
    if no:
        figures["specificity"] = agreed[0] / no
    return figures | {"calibration_error": calibration_error(labels, probability)}


def calibration_error(gold: Sequence[int], probability: Sequence[float], *, bins: int = 10) -> float:
    """Expected calibration error: mean over equal-mass bins of |share of positives - mean probability|."""
    g, p = np.asarray(gold, float), np.asarray(probability, float)
    order = np.argsort(p, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    return float(sum(len(part) * abs(g[part].mean() - p[part].mean()) for part in parts) / max(len(g), 1))


def b_cubed(gold: Sequence[Hashable], predicted: Sequence[Hashable]) -> float:
    """B-cubed F1 of a clustering, each given as one cluster label per item."""
    both = Counter(zip(gold, predicted, strict=True))
    g, p = Counter(gold), Counter(predicted)
    n = max(len(gold), 1)
    precision = sum(c * c / p[b] for (_, b), c in both.items()) / n
    recall = sum(c * c / g[a] for (a, _), c in both.items()) / n
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
