"""Trains the stance model: word types from unlabelled news, linear weights from NewsMTSC and Park et al. (2021).

Word types and vectors use no label (``target_words``). The weights are logistic regressions over masked features
and sums of word vectors; temperature and class offsets are fitted on the development sentences at the end.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from framing.engines.stored import write_model
from framing.engines.target import CLASSES, FORMAT, TargetModel
from framing.engines.target_features import GROUP_BITS, PLACES, View, features, lay_out, verb_places, weightings
from framing.engines.target_types import SPECIAL, Encoder, Types
from framing.metrics import calibration_error, macro_f1
from framing.records import Mention
from framing.segment import Document, segment
from framing.training.readers import TargetSentence, read_newsmtsc, rows
from framing.training.target_words import TEXTS, word_types

_RIDGE = 0.003  # inverse strength of the penalty
_OFFSET_SHARE = 0.25
_LEAST = 2  # a feature is used when it occurs this often
_VECTOR_WEIGHT = 5.5  # length of a word vector beside a sparse feature
_ROLE_WEIGHT = 2.0  # size of a feature of the target's own place or role beside one of the sentence
_FIRST_ROLE = 8  # the groups of keys from here on are such features


@dataclass(frozen=True, eq=False)
class Instances:
    """Targets with their gold stance, ready to be laid out."""

    documents: list[Document]
    mentions: list[list[Mention]]
    gold: np.ndarray
    groups: list[str]


def instances(targets: Sequence[TargetSentence]) -> Instances:
    """One document per target; ``groups`` keeps the sentences of one article together."""
    documents = [segment(t.text, whole=True) for t in targets]
    mentions = [[Mention("target", t.start, t.end)] for t in targets]
    groups = ["_".join(t.id.split("_")[:3]) for t in targets]
    return Instances(documents, mentions, np.array([t.stance for t in targets]), groups)


def park_targets(data: Path) -> list[TargetSentence]:
    """Park et al.'s directed sentiment as targets: the one a sentiment is directed at has that stance.

    The one who holds the sentiment, and both in neutral rows, are neutral: no sentiment of the other is
    directed at them.
    """
    found = []
    for row in rows(data, "stance/park2021_train.jsonl"):
        text, spans = _unbracket(row["sentence"])
        label = row["label_name"]
        value = {"neg": -1, "pos": 1}.get(label[:3], 0)
        for which, (start, end) in zip("pq", spans, strict=False):
            stance = value if label.endswith(f"to_{which}") else 0
            found.append(TargetSentence(f"{row['id']}_{which}", text, start, end, stance))
    return found


def _unbracket(text: str) -> tuple[str, list[tuple[int, int]]]:
    out: list[str] = []
    spans: list[tuple[int, int]] = []
    at = size = 0
    for match in re.finditer(r"\[([^\[\]]*)\]", text):
        before = text[at : match.start()]
        out += [before, match.group(1)]
        size += len(before)
        spans.append((size, size + len(match.group(1))))
        size += len(match.group(1))
        at = match.end()
    out.append(text[at:])
    whole = "".join(out)
    return whole, [(start, _word_end(whole, end)) for start, end in spans]


def _word_end(text: str, end: int) -> int:
    """Where the word ends that a cut-off span ("Democrat]s") stops in."""
    while end < len(text) and text[end].isalnum():
        end += 1
    return end


@dataclass(frozen=True, eq=False)
class Rows:
    """Instances as the engine sees them: which mention has which key, dense columns, sums of word vectors."""

    row: np.ndarray
    key: np.ndarray
    dense: np.ndarray
    vectors: np.ndarray

    def matrix(self, keys: np.ndarray, mean: np.ndarray, scale: np.ndarray) -> Any:
        """Mentions by keys (their size where the mention has the key), scaled dense columns, and vectors."""
        from scipy import sparse

        where = np.searchsorted(keys, self.key)
        where[where == len(keys)] = 0
        known = keys[where] == self.key
        held = (_sizes(keys)[where[known]], (self.row[known], where[known]))
        matrix = sparse.csr_matrix(held, shape=(len(self.dense), len(keys)))
        dense = sparse.csr_matrix(np.hstack([(self.dense - mean) / scale, self.vectors]))
        return sparse.hstack([matrix, dense]).tocsr()


def _sizes(keys: np.ndarray) -> np.ndarray:
    return np.where(keys >> GROUP_BITS >= _FIRST_ROLE, _ROLE_WEIGHT, 1.0)


def look(given: Instances, types: Types, vectors: np.ndarray) -> Rows:
    """The features of all instances."""
    from scipy import sparse

    view = View(lay_out(given.documents, given.mentions, Encoder(types)), types)
    codes = view.flat.codes
    places = [
        sparse.csr_matrix((weight, (view.flat.mention, codes)), shape=(view.n, len(vectors))) @ vectors
        for weight in weightings(view)
    ]
    places += [vectors[codes[np.maximum(at, 0)]] * held[:, None] for at, held in verb_places(view)]
    return Rows(*features(view), np.hstack(places))


def fit(
    news: Rows, gold: np.ndarray, other: Rows, other_gold: np.ndarray, vectors: np.ndarray
) -> dict[str, np.ndarray]:
    """All weights of the model: NewsMTSC's own, and those of Park et al. as three more columns.

    The second corpus has other annotators and other shares of classes, so its rows are not mixed in: a model
    of it scores the NewsMTSC sentences, and its scores are weighed like any feature. The sum is linear again.
    """
    from scipy import sparse

    keys, counts = np.unique(news.key, return_counts=True)
    keys = keys[counts >= _LEAST]
    mean, scale = news.dense.mean(axis=0), news.dense.std(axis=0) + 1e-9
    x = news.matrix(keys, mean, scale)
    weights, bias = _classifiers(other.matrix(keys, mean, scale), other_gold)
    scores = x @ weights + bias
    middle, spread = scores.mean(axis=0), scores.std(axis=0)
    own, own_bias = _classifiers(sparse.hstack([x, sparse.csr_matrix((scores - middle) / spread)]).tocsr(), gold)
    passed = own[-3:] / spread[:, None]
    weights = own[:-3] + weights @ passed
    bias = own_bias + (bias - middle) @ passed
    sparse_end, dense_end = len(keys), len(keys) + len(mean)
    at_vectors = weights[dense_end:].reshape(PLACES, vectors.shape[1], 3)
    return {
        "keys": keys,
        "weights": weights[:sparse_end] * _sizes(keys)[:, None],
        "dense": weights[sparse_end:dense_end],
        "tables": np.einsum("wd,pdc->pwc", vectors, at_vectors),
        "mean": mean,
        "scale": scale,
        "bias": bias,
    }


def _classifiers(x: Any, gold: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Balanced logistic regression of each class against the others."""
    from sklearn.linear_model import LogisticRegression

    columns, bias = [], []
    for label in CLASSES:
        model = LogisticRegression(
            C=_RIDGE, solver="liblinear", dual=True, max_iter=100, intercept_scaling=3, class_weight="balanced"
        )
        model.set_params(random_state=0).fit(x, gold == label)
        columns.append(model.coef_[0])
        bias.append(model.intercept_[0])
    return np.array(columns).T, np.array(bias)


def calibration(scores: np.ndarray, gold: np.ndarray) -> tuple[float, list[float]]:
    """Temperature and class offsets by likelihood, the offsets at a quarter of their size.

    The likeliest offsets follow the shares of the classes and would call nearly nothing positive; a quarter of
    them keeps the rare classes in view and most of the calibration.
    """
    from scipy.optimize import minimize

    picked = np.arange(len(gold)), gold + 1

    def loss(values: np.ndarray) -> float:
        scaled = values[0] * scores + np.array([0, values[1], values[2]])
        return float((np.logaddexp.reduce(scaled, axis=1) - scaled[picked]).mean())

    slope, neutral, positive = minimize(loss, [0.7, 0.0, 0.0]).x
    return float(slope), [0.0, float(neutral * _OFFSET_SHARE), float(positive * _OFFSET_SHARE)]


def train(data: Path, out: Path, *, seed: int = 0) -> dict[str, Any]:
    """Learn word types and weights, calibrate, and write ``stance.npz`` and ``stance.json``."""
    types, vectors = word_types(data, seed=seed)
    return train_with(types, vectors, data, out, seed=seed)


def train_with(types: Types, vectors: np.ndarray, data: Path, out: Path, *, seed: int = 0) -> dict[str, Any]:
    """As :func:`train`, with word types and vectors that are there already."""
    vectors = vectors * _VECTOR_WEIGHT
    vectors[: len(SPECIAL)] = 0
    known, dev = (instances(read_newsmtsc(data, split)) for split in ("train", "dev"))
    other = instances(park_targets(data))
    rows_ = [look(given, types, vectors) for given in (known, other)]
    arrays = fit(rows_[0], known.gold, rows_[1], other.gold, vectors)
    model = TargetModel(types, arrays, {"temperature": 1.0, "offset": [0.0, 0.0, 0.0]})
    slope, offset = calibration(
        model.margins(View(lay_out(dev.documents, dev.mentions, model.encoder), types)), dev.gold
    )
    model.parameters = {"temperature": slope, "offset": offset}
    figures = evaluate(model, dev)
    save(model, out, seed=seed, figures=figures)
    return figures


def evaluate(model: TargetModel, given: Instances) -> dict[str, Any]:
    """Macro F1 of three classes over all targets, and the calibration error of each class."""
    probabilities = np.concatenate(model.score(given.documents, given.mentions))
    figures: dict[str, Any] = {
        "macro_f1": macro_f1(list(given.gold), list(probabilities.argmax(axis=1) - 1)),
        "targets": len(given.gold),
    }
    for column, name in enumerate(("negative", "neutral", "positive")):
        figures[f"calibration_error_{name}"] = calibration_error(
            [int(g == column - 1) for g in given.gold], list(probabilities[:, column])
        )
    return figures


def save(model: TargetModel, out: Path, *, seed: int, figures: dict[str, Any]) -> None:
    """Write a model where :meth:`TargetModel.load` finds it."""
    out.mkdir(parents=True, exist_ok=True)
    weights = model.weights.astype(np.float16)
    arrays: dict[str, np.ndarray] = {
        "words": np.frombuffer("\n".join(model.types.words).encode("utf-8"), np.uint8),
        "classes": model.types.classes.astype(np.uint16),
        "polarity": model.types.polarity.astype(np.float32),
        "leaning": model.types.leaning.astype(np.float32),
        "cluster": model.types.cluster.astype(np.uint16),
        "tables": model.tables.astype(np.float16),
        "keys": model.keys,
        "weights": weights,
        "dense": model.dense,
        "mean": model.mean,
        "scale": model.scale,
        "bias": model.bias,
    }
    parameters = {
        **model.parameters,
        "data": ["NewsMTSC (Hamborg & Donnay 2021), MIT", "Park et al. (2021), free to use by citing"],
        "polarity_from": ["TextBlob (pattern), BSD", "VADER, MIT"],
        "word_types_from": [*TEXTS, "unlabelled news"],
        "ridge": _RIDGE,
        "seed": seed,
        "figures": figures,
    }
    write_model(out, "stance", parameters, arrays, FORMAT)
