"""Trains the frame model on climate articles with generic frames (Frermann et al. 2023), and measures it.

Ridge logistic regression per frame over tf-idf of words and rates of cues. Articles are few and long, so the
fit is done in the space that the articles span; thresholds come from predictions on held-out training articles.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from framing.engines.frame_model import FORMAT, Counted, FrameCues, Reader, cue_rates, tfidf
from framing.engines.stored import write_model
from framing.metrics import f1, multilabel_f1
from framing.records import FRAMES
from framing.segment import Document, segment
from framing.training.readers import FRAME_CODES, rows

_RIDGE = 5.0  # inverse strength of the penalty
_CUE_WEIGHT = 0.1  # size of a standardised cue rate beside a tf-idf vector of length one
_LEAST, _MOST = 3, 0.8  # a word is used when it is in this many articles, and in at most this share of them
_SHARE_SMOOTHED = 15  # a threshold's F1 is averaged over a window of 1/15 of the articles


@dataclass(frozen=True, eq=False)
class Framed:
    """The annotated articles: text, segmented text, gold frames (articles, 5), and the test fold of each."""

    texts: list[str]
    documents: list[Document]
    gold: np.ndarray
    fold: list[str]


def read(data: Path) -> Framed:
    """The climate articles; every article is in the test part of exactly one fold."""
    found = list(rows(data, "frames/climate_generic_frames.jsonl"))
    gold = np.array([[int(bool(row["frames"][code])) for code in FRAME_CODES] for row in found])
    fold = [next(name for name, part in row["folds"].items() if part == "test") for row in found]
    texts = [row["text"] for row in found]
    return Framed(texts, [segment(text) for text in texts], gold, fold)


@dataclass(frozen=True, eq=False)
class Fitted:
    """The numbers of a trained model, as the engine reads them."""

    words: list[str]
    idf: np.ndarray
    weights: np.ndarray
    cues: np.ndarray
    offset: np.ndarray
    slope: np.ndarray

    def log_odds(self, counted: Sequence[Counted]) -> np.ndarray:
        """Score of every article for every frame; above 0 the article is said to use the frame."""
        articles = np.array([tfidf(one, self.idf) for one in counted])
        rates = np.array([cue_rates(one) for one in counted])
        return (articles @ self.weights + rates @ self.cues + self.offset) * self.slope


def fit(documents: Sequence[Document], gold: np.ndarray, *, seed: int = 0) -> Fitted:
    """Vocabulary, weights and thresholds from articles; nothing else is looked at."""
    cues = FrameCues.read()
    words = _vocabulary(documents)
    counted = [Reader(words, cues).read(document) for document in documents]
    held = np.zeros(len(words))
    for one in counted:
        held[np.unique(one.codes[one.codes >= 0])] += 1
    idf = np.log((1 + len(documents)) / (1 + held)) + 1
    vectors = np.array([tfidf(one, idf) for one in counted])
    rates = np.array([cue_rates(one) for one in counted])
    mean, scale = rates.mean(axis=0), rates.std(axis=0) + 1e-9
    whole = np.hstack([vectors, (rates - mean) / scale * _CUE_WEIGHT])
    left, sizes, right = np.linalg.svd(whole, full_matrices=False)
    inner = left * sizes
    weights = np.zeros((whole.shape[1], len(FRAMES)))
    offset, slope = np.zeros(len(FRAMES)), np.ones(len(FRAMES))
    for k in range(len(FRAMES)):
        solution = _ridge(inner, gold[:, k])
        threshold, slope[k] = _decision(_held_out(inner, gold[:, k], seed=seed), gold[:, k])
        weights[:, k] = right.T @ solution[:-1]
        offset[k] = solution[-1] - threshold
    at_cues = weights[len(words) :] * (_CUE_WEIGHT / scale)[:, None]
    return Fitted(words, idf, weights[: len(words)], at_cues, offset - mean @ at_cues, slope)


def _vocabulary(documents: Sequence[Document]) -> list[str]:
    held: Counter[str] = Counter()
    for document in documents:
        words = set()
        for first, last in document.sentence_tokens:
            for at, word in enumerate(document.words[first:last]):
                if word[:1].isalpha() and (at == 0 or word[0].islower() or word == "I"):
                    words.add(word.lower().replace("’", "'"))
        held.update(words)
    return sorted(word for word, count in held.items() if _LEAST <= count <= _MOST * len(documents))


def _ridge(x: np.ndarray, y: np.ndarray, rounds: int = 12) -> np.ndarray:
    """Class-balanced logistic regression by Newton's method; the intercept comes last."""
    n, d = x.shape
    weight = np.where(y == 1, n / (2 * max(y.sum(), 1)), n / (2 * max(n - y.sum(), 1)))
    design = np.c_[x, np.ones(n)]
    penalty = np.r_[np.full(d, 1 / _RIDGE), 1e-6]
    solution = np.zeros(d + 1)
    for _ in range(rounds):
        p = 1 / (1 + np.exp(-design @ solution))
        slope = design.T @ (weight * (p - y)) + penalty * solution
        curve = (design.T * (weight * p * (1 - p))) @ design + np.diag(penalty)
        step = np.linalg.solve(curve, slope)
        solution -= step
        if np.abs(step).max() < 1e-5:
            break
    return solution


def _held_out(x: np.ndarray, y: np.ndarray, *, seed: int, parts: int = 5, rounds: int = 2) -> np.ndarray:
    """The score of every article by models that have not seen it."""
    scores = np.zeros(len(y))
    random = np.random.default_rng(seed)
    for _ in range(rounds):
        for test in np.array_split(random.permutation(len(y)), parts):
            train = np.setdiff1d(np.arange(len(y)), test)
            scores[test] += np.c_[x[test], np.ones(len(test))] @ _ridge(x[train], y[train]) / rounds
    return scores


def _decision(scores: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """The threshold with the best F1, smoothed over its neighbours, and the slope that calibrates around it."""
    order = np.unique(scores)
    cuts = (order[:-1] + order[1:]) / 2
    values = np.array([f1(int((y[scores > cut]).sum()), int((scores > cut).sum()), int(y.sum())) for cut in cuts])
    width = max(3, len(values) // _SHARE_SMOOTHED) | 1
    smooth = np.convolve(np.pad(values, width // 2, mode="edge"), np.ones(width) / width, "valid")
    threshold = float(cuts[int(smooth.argmax())])
    slopes = np.geomspace(0.1, 10, 60)
    losses = [np.logaddexp(0, -slope * (scores - threshold) * (2 * y - 1)).sum() for slope in slopes]
    return threshold, float(slopes[int(np.argmin(losses))])


def held_out(articles: Framed, *, seed: int = 0) -> np.ndarray:
    """Log-odds of every article and frame by a model that has not seen the article's fold, (articles, 5)."""
    scores = np.zeros(articles.gold.shape)
    for train, test in _parts(articles):
        model = fit([articles.documents[i] for i in train], articles.gold[train], seed=seed)
        reader = Reader(model.words, FrameCues.read())
        scores[test] = model.log_odds([reader.read(articles.documents[i]) for i in test])
    return scores


def frame_figures(gold: np.ndarray, called: np.ndarray) -> dict[str, Any]:
    """Macro F1 of the multi-label decision and the F1 of each frame; both arrays (articles, 5) of 0/1."""
    each = multilabel_f1(gold, called)
    by_frame = {f"{name}_f1": value for name, value in zip(FRAMES, each, strict=True)}
    return {"macro_f1": float(np.mean(each)), "articles": len(gold), **by_frame}


def baselines(articles: Framed, *, seed: int = 0) -> dict[str, float]:
    """Macro F1 of TF-IDF with logistic regression in the same folds.

    The baseline (words and pairs of words, sublinear, scikit-learn's defaults) is given as it comes, with
    balanced class weights, and with thresholds tuned on held-out training articles as the linear engine's are.
    """
    plain, balanced, tuned = (np.zeros(articles.gold.shape, int) for _ in range(3))
    for train, test in _parts(articles):
        plain[test], balanced[test], tuned[test] = _baseline(articles, train, test, seed=seed)
    named = {"": plain, "balanced_": balanced, "tuned_": tuned}
    return {
        f"tfidf_logistic_{name}macro_f1": float(np.mean(multilabel_f1(articles.gold, called)))
        for name, called in named.items()
    }


def cross_validate(data: Path, *, seed: int = 0) -> dict[str, Any]:
    """Macro F1 over the test parts of the five folds, beside TF-IDF with logistic regression on the same parts."""
    articles = read(data)
    figures = frame_figures(articles.gold, held_out(articles, seed=seed) > 0)
    return {**figures, **baselines(articles, seed=seed)}


def _parts(articles: Framed) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Training and test articles of every fold."""
    for fold in sorted(set(articles.fold)):
        test = np.array([one == fold for one in articles.fold])
        yield np.flatnonzero(~test), np.flatnonzero(test)


def _baseline(
    articles: Framed, train: np.ndarray, test: np.ndarray, *, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
    seen = vectorizer.fit_transform([articles.texts[i] for i in train])
    new = vectorizer.transform([articles.texts[i] for i in test])
    # The span of the training articles holds all there is to fit, at a hundredth of the size.
    values, vectors = np.linalg.eigh((seen @ seen.T).toarray())
    basis = vectors[:, values > 1e-9] / np.sqrt(values[values > 1e-9])
    inner, outer = (seen @ seen.T) @ basis, (new @ seen.T) @ basis
    found = []
    for k in range(len(FRAMES)):
        gold = articles.gold[train, k]
        default = LogisticRegression(max_iter=500).fit(inner, gold)
        even = LogisticRegression(max_iter=500, class_weight="balanced").fit(inner, gold)
        threshold, _ = _decision(_held_out(inner, gold, seed=seed), gold)
        ridge = np.c_[outer, np.ones(len(test))] @ _ridge(inner, gold)
        found.append((default.predict(outer), even.predict(outer), ridge > threshold))
    plain, balanced, tuned = (np.stack(columns, axis=1) for columns in zip(*found, strict=True))
    return plain, balanced, tuned


def train(data: Path, out: Path, *, seed: int = 0) -> dict[str, Any]:
    """Fit on all articles, write ``frames.npz`` and ``frames.json``; the figures are cross-validated."""
    articles = read(data)
    model = fit(articles.documents, articles.gold, seed=seed)
    figures = cross_validate(data, seed=seed)
    out.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, np.ndarray] = {
        "words": np.frombuffer("\n".join(model.words).encode("utf-8"), np.uint8),
        "idf": model.idf.astype(np.float32),
        "weights": model.weights.astype(np.float32),
        "cues": model.cues,
        "offset": model.offset,
        "slope": model.slope,
    }
    parameters = {
        "data": ["climate generic frames (Frermann et al. 2023), MIT"],
        "ridge": _RIDGE,
        "cue_weight": _CUE_WEIGHT,
        "seed": seed,
        "figures": figures,
    }
    write_model(out, "frames", parameters, arrays, FORMAT)
    return figures
