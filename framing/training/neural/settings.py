"""The numbers fitted after training: calibration, decision thresholds, and what the folds said."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from framing.engines.bias import NO_WORD
from framing.engines.neural import Settings, decode_tags, log_odds, sigmoid
from framing.engines.pieces import Vocabulary
from framing.records import Mention
from framing.segment import Document, segment
from framing.training.bias_matrices import marked_tokens
from framing.training.frames import _decision
from framing.training.held_out import held_out, random_folds
from framing.training.neural.measure import outputs_of
from framing.training.neural.network import Network
from framing.training.neural.stages import GROUPED, RANDOM
from framing.training.readers import read_babe, read_gvfc, read_newsmtsc, read_polnear
from framing.training.stance import calibration
from framing.training.tagger import ROLES, _exact_f1

# Thresholds of a span's probability that are tried for each role.
THRESHOLDS = (0.3, 0.35, 0.4, 0.45, 0.5, 0.55)


class Said:
    """What the folds said of the small corpora, in the corpora's own order."""

    def __init__(self, data: Path, work: Path) -> None:
        self.babe, self.headlines = read_babe(data), read_gvfc(data)
        grouped = [np.load(work / f"grouped-{k}.npz") for k in range(GROUPED)]
        random = [np.load(work / f"random-{k}.npz") for k in range(RANDOM)]
        order = [item.id for item in self.babe]
        self.bias = _joined(grouped, "bias_ids", "bias", order)
        self.bias_random = _joined(random, "bias_ids", "bias", order)
        self.words = _joined_words(grouped, order)
        self.gvfc = _joined(grouped, "gvfc_ids", "gvfc", [h.id for h in self.headlines])
        self.lexical = held_out(data, "linear").bias
        self.labels = np.array([item.biased for item in self.babe])
        self.folds = np.array([item.fold for item in self.babe])
        self.marked = [marked_tokens(segment(item.text, whole=True), item.biased_words) for item in self.babe]


def _joined(parts: Sequence[Any], ids: str, name: str, order: list[str]) -> np.ndarray:
    found = {str(key): value for part in parts for key, value in zip(part[ids], part[name], strict=True)}
    return np.array([found[key] for key in order], np.float32)


def _joined_words(parts: Sequence[Any], order: list[str]) -> list[np.ndarray]:
    found: dict[str, np.ndarray] = {}
    for part in parts:
        ends = np.cumsum(part["bias_counts"])
        for key, values in zip(part["bias_ids"], np.split(part["words"], ends[:-1]), strict=True):
            found[str(key)] = values
    return [found[key] for key in order]


def fit_settings(network: Network, said: Said, dev: Dev) -> Settings:
    """Calibration and thresholds of the shipped network."""
    words, marked = np.concatenate(said.words), np.concatenate(said.marked)
    kept = said.lexical.words > NO_WORD
    return Settings(
        bias=stack([said.bias, log_odds(said.lexical.grouped)], said.labels),
        words=stack([words[kept], said.lexical.words[kept]], marked[kept]),
        stance=_stance(dev),
        transitions=network.transitions.detach().float().numpy(),
        thresholds=_thresholds(network, dev),
    )


class Dev:
    """What the shipped network says of the development sets, and their gold labels."""

    def __init__(self, network: Network, data: Path, vocabulary: Vocabulary) -> None:
        self.articles = read_polnear(data, "dev")
        self.documents = [segment(article.text) for article in self.articles]
        self.tokens = [one.tokens for one in outputs_of(network, vocabulary, self.documents)]
        items = read_newsmtsc(data, "dev")
        sentences = [segment(item.text, whole=True) for item in items]
        targets = [[Mention("", item.start, item.end)] for item in items]
        self.stance = np.array([one.stance[0] for one in outputs_of(network, vocabulary, sentences, targets)])
        self.gold = np.array([item.stance for item in items])


def _slope_offset(scores: np.ndarray, gold: np.ndarray) -> tuple[float, float]:
    threshold, slope = _decision(scores.astype(float), gold)
    return slope, -slope * threshold


def _stance(dev: Dev) -> tuple[float, tuple[float, float, float]]:
    slope, offsets = calibration(dev.stance, dev.gold, share=1.0)
    return slope, (offsets[0], offsets[1], offsets[2])


def _thresholds(network: Network, dev: Dev) -> tuple[float, float, float]:
    """For every role the threshold with the best exact F1, the same one tried for all roles at a time."""
    moves = network.transitions.detach().float().numpy()
    found = {}
    for threshold in THRESHOLDS:
        given = Settings((1, 0, 0), (1, 0, 0), (1, (0, 0, 0)), moves, (threshold,) * 3)
        found[threshold] = _exact_f1(dev.documents, decode_tags(dev.documents, dev.tokens, given), dev.articles)
    best = [max(found, key=lambda t, role=role: found[t][role]) for role in ROLES]  # type: ignore[misc]
    return best[0], best[1], best[2]


def stack(scores: Sequence[np.ndarray], labels: np.ndarray) -> tuple[float, float, float]:
    """Weights of two log-odds and an offset, by logistic regression on what neither model was trained on."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=1e6).fit(np.column_stack(scores), labels)
    return float(model.coef_[0, 0]), float(model.coef_[0, 1]), float(model.intercept_[0])


def calibrated(scores: Sequence[np.ndarray], labels: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Probabilities by weights and offset that were fitted on the other folds."""
    found = np.zeros(len(labels), np.float32)
    for fold in set(folds.tolist()):
        here = folds == fold
        a, b, offset = stack([one[~here] for one in scores], labels[~here])
        found[here] = sigmoid(a * scores[0][here] + b * scores[1][here] + offset)
    return found


def decided(scores: np.ndarray, gold: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Probabilities whose .5 is, for each column, the threshold with the best F1 on the other folds."""
    found = np.zeros(scores.shape, np.float32)
    for fold in set(folds.tolist()):
        for k in range(scores.shape[1]):
            slope, offset = _slope_offset(scores[folds != fold, k], gold[folds != fold, k])
            found[folds == fold, k] = sigmoid(slope * scores[folds == fold, k] + offset)
    return found


def held_out_arrays(said: Said, given: Settings) -> dict[str, np.ndarray]:
    """What ``held_out.npz`` holds: ids and numbers, no text."""
    random = random_folds(said.labels)
    headlines = np.array([h.fold for h in said.headlines])
    gold = np.array([h.frames for h in said.headlines])
    a, b, offset = given.words
    words = a * np.concatenate(said.words) + b * said.lexical.words + offset
    return {
        "babe_ids": np.array([item.id for item in said.babe]),
        "babe": calibrated([said.bias, log_odds(said.lexical.grouped)], said.labels, said.folds),
        "babe_random": calibrated([said.bias_random, log_odds(said.lexical.random)], said.labels, random),
        "babe_word_counts": np.array([len(words) for words in said.words], np.int32),
        "babe_words": np.where(said.lexical.words > NO_WORD, words, NO_WORD).astype(np.float16),
        "gvfc_ids": np.array([h.id for h in said.headlines]),
        "gvfc": decided(said.gvfc, gold, headlines),
    }


def samples(data: Path, count: int = 400) -> list[Document]:
    """Sentences on which the ranges of the states are measured, of the training sets of stance and attribution."""
    texts = [item.text for item in read_newsmtsc(data, "train")[: 2 * count : 2]]
    return [segment(text) for text in texts + [a.text for a in read_polnear(data, "train")[: count // 20]]]
