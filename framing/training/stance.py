"""Trains the stance model: word types from unlabelled news, linear weights from NewsMTSC and from the encoder.

Word types and vectors use no label (``target_words``). The weights are one multinomial logistic regression over masked
features and sums of word vectors. It learns from the gold labels of NewsMTSC and, where the neural engine's model and
unlabelled news are at hand, from what that engine says of the news (``distil``), as probabilities: words that the
gold never shows are learnt so. Temperature and class offsets are fitted on the development sentences at the end.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from framing.engines.stored import write_model
from framing.engines.target import FORMAT, TargetModel
from framing.engines.target_features import GROUP_BITS, PLACES, View, features, lay_out, verb_places, weightings
from framing.engines.target_types import SPECIAL, Encoder, Types
from framing.metrics import calibration_error, macro_f1
from framing.records import Mention
from framing.segment import Document, segment
from framing.training.distil import Passage, can_distil, passages, soft_labels
from framing.training.readers import TargetSentence, read_newsmtsc, rows
from framing.training.target_words import TEXTS, word_types

# Chosen on a third of the NewsMTSC training articles, held back; where that could not decide, on the development
# sentences.
_RIDGE = 600.0  # strength of the penalty
_STEPS = 40  # of the optimiser, which is stopped before its last digits
_LEAST, _LEAST_SOFT = 2, 8  # a feature is used when it occurs this often in the gold, or in the soft-labelled news
_BALANCE, _BALANCE_SOFT = 1.0, 0.75  # 1 gives all classes the same weight, 0 the weight of their share
_SOFT_WEIGHT = 0.5  # of a soft label beside a gold one
_OFFSET_SHARE = 0.25
_INTERCEPT = 3.0  # size of the constant column, so that the penalty hardly touches the intercept
_VECTOR_WEIGHT = 5.5  # length of a word vector beside a sparse feature
_ROLE_WEIGHT = 2.0  # size of a feature of the target's own place or role beside one of the sentence
_SOFT = "the neural engine's, of unlabelled news"
_FIRST_ROLE = 8  # the groups of keys from here on are such features


@dataclass(frozen=True, eq=False)
class Instances:
    """Targets with their gold stance, ready to be laid out."""

    documents: list[Document]
    mentions: list[list[Mention]]
    gold: np.ndarray


def instances(targets: Sequence[TargetSentence]) -> Instances:
    """One document per target."""
    documents = [segment(t.text, whole=True) for t in targets]
    mentions = [[Mention("target", t.start, t.end)] for t in targets]
    return Instances(documents, mentions, np.array([t.stance for t in targets], np.int64))


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

    def matrix(self, keys: np.ndarray, mean: np.ndarray, scale: np.ndarray) -> tuple[Any, np.ndarray]:
        """Mentions by keys, sparse (their size where the mention has the key), and by everything else."""
        from scipy import sparse

        where = np.searchsorted(keys, self.key)
        where[where == len(keys)] = 0
        known = keys[where] == self.key
        held = (_sizes(keys)[where[known]], (self.row[known], where[known]))
        matrix = sparse.csr_matrix(held, shape=(len(self.dense), len(keys)), dtype=np.float32)
        constant = np.full((len(self.dense), 1), _INTERCEPT)
        return matrix, np.hstack([(self.dense - mean) / scale, self.vectors, constant]).astype(np.float32)


def _sizes(keys: np.ndarray) -> np.ndarray:
    return np.where(keys >> GROUP_BITS >= _FIRST_ROLE, _ROLE_WEIGHT, 1.0)


def look(
    documents: Sequence[Document], mentions: Sequence[Sequence[Mention]], types: Types, vectors: np.ndarray
) -> Rows:
    """The features of all mentions."""
    from scipy import sparse

    view = View(lay_out(documents, mentions, Encoder(types)), types)
    codes = view.flat.codes
    places = [
        sparse.csr_matrix((weight, (view.flat.mention, codes)), shape=(view.n, len(vectors))) @ vectors
        for weight in weightings(view)
    ]
    places += [vectors[codes[np.maximum(at, 0)]] * held[:, None] for at, held in verb_places(view)]
    return Rows(*features(view), np.hstack(places).astype(np.float32))


def fit(
    news: Rows, gold: np.ndarray, vectors: np.ndarray, soft: tuple[Rows, np.ndarray] | None = None
) -> dict[str, np.ndarray]:
    """All weights of the model, from gold labels -1, 0, 1 and from ``soft`` ones: rows and P of the classes."""
    keys = _frequent(news, _LEAST)
    mean, spread = news.dense.mean(axis=0), news.dense.std(axis=0)
    scale = np.where(spread > 1e-9, spread, 1.0)  # what never varies in the gold may in the rest
    labels = [(news, _balanced(np.eye(3)[gold + 1], _BALANCE))]
    if soft is not None:
        keys = np.union1d(keys, _frequent(soft[0], _LEAST_SOFT))
        labels.append((soft[0], _SOFT_WEIGHT * _balanced(soft[1], _BALANCE_SOFT)))
    weights = _regression([(*rows_.matrix(keys, mean, scale), wanted) for rows_, wanted in labels])
    sparse_end, dense_end = len(keys), len(keys) + len(mean)
    at_vectors = weights[dense_end:-1].reshape(PLACES, vectors.shape[1], 3)
    return {
        "keys": keys,
        "weights": weights[:sparse_end] * _sizes(keys)[:, None],
        "dense": weights[sparse_end:dense_end],
        "tables": np.einsum("wd,pdc->pwc", vectors, at_vectors),
        "mean": mean,
        "scale": scale,
        "bias": weights[-1] * _INTERCEPT,
    }


def _frequent(given: Rows, least: int) -> np.ndarray:
    keys, counts = np.unique(given.key, return_counts=True)
    return keys[counts >= least]


def _balanced(shares: np.ndarray, power: float) -> np.ndarray:
    """Labels (targets, 3) weighed against the share of their class; the weights of all labels sum to the targets."""
    part = shares.mean(axis=0)
    weight = np.maximum(part, 1e-6) ** -power
    return np.asarray(shares * weight / (part * weight).sum(), np.float32)


def _regression(parts: Sequence[tuple[Any, np.ndarray, np.ndarray]]) -> np.ndarray:
    """Multinomial logistic regression on labels that may be shares: (keys and dense columns, 3).

    Each part is sparse columns, dense columns and labels; the loss is the cross-entropy of all, and the penalty.
    """
    from scipy.optimize import minimize

    split, width = parts[0][0].shape[1], parts[0][1].shape[1]

    def loss(values: np.ndarray) -> tuple[float, np.ndarray]:
        weights = values.reshape(-1, 3).astype(np.float32)
        gradient, total = _RIDGE * values.reshape(-1, 3), _RIDGE / 2 * float(values @ values)
        for sparse, dense, wanted in parts:
            scores = sparse @ weights[:split] + dense @ weights[split:]
            scores -= scores.max(axis=1, keepdims=True)
            power = np.exp(scores)
            whole = power.sum(axis=1, keepdims=True)
            total -= float((wanted * (scores - np.log(whole))).sum(dtype=np.float64))
            error = power / whole * wanted.sum(axis=1, keepdims=True) - wanted
            gradient[:split] += sparse.T @ error
            gradient[split:] += dense.T @ error
        return total, gradient.ravel()

    start = np.zeros((split + width) * 3)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _STEPS, "maxcor": 8, "ftol": 1e-6})
    return np.asarray(found.x).reshape(-1, 3)


def calibration(scores: np.ndarray, gold: np.ndarray, *, share: float = _OFFSET_SHARE) -> tuple[float, list[float]]:
    """Temperature and class offsets by likelihood, the offsets at a ``share`` of their size.

    The likeliest offsets follow the shares of the classes, and of a linear model, which is seldom sure, they would call
    nearly nothing positive; a quarter of them keeps the rare classes in view and most of the calibration.
    """
    from scipy.optimize import minimize

    picked = np.arange(len(gold)), gold + 1

    def loss(values: np.ndarray) -> float:
        scaled = values[0] * scores + np.array([0, values[1], values[2]])
        return float((np.logaddexp.reduce(scaled, axis=1) - scaled[picked]).mean())

    slope, neutral, positive = minimize(loss, [0.7, 0.0, 0.0]).x
    return float(slope), [0.0, float(neutral * share), float(positive * share)]


def train(data: Path, out: Path, *, seed: int = 0) -> dict[str, Any]:
    """Learn word types and weights, calibrate, and write ``stance.npz`` and ``stance.json``.

    Raises :class:`~framing.errors.ModelError` where a neural model is there to learn from and has been altered.
    """
    types, vectors = word_types(data, seed=seed)
    asked = passages(data) if can_distil(data) else []
    return train_with(types, vectors, data, out, soft=(asked, soft_labels(asked)) if asked else None, seed=seed)


def train_with(
    types: Types,
    vectors: np.ndarray,
    data: Path,
    out: Path,
    *,
    soft: tuple[Sequence[Passage], np.ndarray] | None = None,
    seed: int = 0,
) -> dict[str, Any]:
    """As :func:`train`, with word types, vectors and soft labels (targets, 3) of passages that are there already."""
    vectors = vectors * _VECTOR_WEIGHT
    vectors[: len(SPECIAL)] = 0
    known, dev = (instances(read_newsmtsc(data, split)) for split in ("train", "dev"))
    taught = None
    if soft is not None:
        documents = [segment(one.text, whole=True) for one in soft[0]]
        taught = look(documents, [one.mentions for one in soft[0]], types, vectors), soft[1]
    arrays = fit(look(known.documents, known.mentions, types, vectors), known.gold, vectors, taught)
    model = TargetModel(types, arrays, {"temperature": 1.0, "offset": [0.0, 0.0, 0.0]})
    slope, offset = calibration(
        model.margins(View(lay_out(dev.documents, dev.mentions, model.encoder), types)), dev.gold
    )
    model.parameters = {"temperature": slope, "offset": offset}
    figures = {**evaluate(model, dev), "soft_labels": 0 if soft is None else len(soft[1])}
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
        "data": ["NewsMTSC (Hamborg & Donnay 2021), MIT"],
        "soft_labels": _SOFT if figures["soft_labels"] else "none: no neural model, or no unlabelled news, was there",
        "polarity_from": ["TextBlob (pattern), BSD", "VADER, MIT"],
        "word_types_from": [*TEXTS, "unlabelled news"],
        "ridge": _RIDGE,
        "seed": seed,
        "figures": figures,
    }
    write_model(out, "stance", parameters, arrays, FORMAT)
