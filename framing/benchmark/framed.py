"""Frames: climate articles and headlines on gun violence, both in held-out folds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from framing.metrics import multilabel_f1
from framing.training.frames import baselines, frame_figures, read
from framing.training.held_out import held_out
from framing.training.readers import GUN_FRAMES, FramedHeadline, read_gvfc


def frames(data: Path, engine: str) -> dict[str, Any]:
    """Generic frames of climate articles in five folds: macro F1, TF-IDF with logistic regression beside it."""
    articles = read(data)
    called = held_out(data, engine).climate > 0.5
    return {**frame_figures(articles.gold, called), **baselines(articles)}


def headlines(data: Path, engine: str) -> dict[str, Any]:
    """The nine frames of the Gun Violence Frame Corpus (Liu et al. 2019) in its four folds: macro F1 at probability .5.

    TF-IDF with logistic regression in the same folds stands beside it, and alone for an engine without these frames.
    """
    items = read_gvfc(data)
    gold = np.array([item.frames for item in items])
    ours = held_out(data, engine).headlines
    figures: dict[str, Any] = {"headlines": len(items)}
    if ours is not None:
        each = multilabel_f1(gold, ours > 0.5)
        figures["macro_f1"] = float(np.mean(each))
        figures |= {f"{name}_f1": value for name, value in zip(GUN_FRAMES, each, strict=True)}
    for name, weight in (("", None), ("balanced_", "balanced")):
        called = tfidf_logistic(items, weight)
        figures[f"tfidf_logistic_{name}macro_f1"] = float(np.mean(multilabel_f1(gold, called)))
    return figures


def tfidf_logistic(items: Sequence[FramedHeadline], class_weight: str | None) -> np.ndarray:
    """Which frames TF-IDF (words and pairs, sublinear) with logistic regression gives each headline, (headlines, 9)."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    gold, folds = np.array([item.frames for item in items]), np.array([item.fold for item in items])
    texts, called = np.array([item.text for item in items]), np.zeros(gold.shape, int)
    for fold in sorted(set(folds.tolist())):
        train, test = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
        seen = vectorizer.fit_transform(texts[train])
        new = vectorizer.transform(texts[test])
        for column, labels in enumerate(gold[train].T):
            if 0 < labels.sum() < len(labels):
                model = LogisticRegression(max_iter=500, class_weight=class_weight).fit(seen, labels)
                called[test, column] = model.predict(new)
            else:  # the training folds hold one answer only
                called[test, column] = labels[0]
    return called
