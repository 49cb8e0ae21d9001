"""Loaded language: BABE in held-out folds, by the leaning of the outlet, and on corpora never trained on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

from framing.benchmark.calibrated import calibration_bins
from framing.comparison.inference import bootstrap_ratios, expanded_interval, ratio_of_sums
from framing.metrics import binary_figures
from framing.polarity import polarity
from framing.training.bias_figures import baselines, bias_figures
from framing.training.held_out import held_out
from framing.training.readers import BiasSentence, read_babe, rows
from framing.training.whole_sentences import read_texts

LEANINGS: tuple[str, ...] = ("left", "center", "right")


def loaded_language(data: Path, engine: str) -> dict[str, Any]:
    """BABE in held-out folds grouped by article; random folds as in its paper; TextBlob and VADER beside them."""
    items, found = read_babe(data), held_out(data, engine).bias
    return {
        **bias_figures(items, found.grouped, found.words, in_context=engine == "neural"),
        "calibration_bins": calibration_bins([item.biased for item in items], found.grouped.tolist()),
        "random_folds": binary_figures([item.biased for item in items], found.random.tolist()),
        "baselines": baselines(items),
    }


def loaded_transfer(data: Path, engine: str) -> dict[str, Any]:
    """Corpora never trained on: does the sentence probability rank BASIL's and CheckThat's labels? (area under ROC)."""
    figures = {}
    for name, file, label in (
        ("basil_lexical", "loaded/basil_sentences.jsonl", "lex"),
        ("checkthat", "loaded/checkthat_subjectivity.jsonl", "subjective"),
    ):
        items = list(rows(data, file))
        gold = [int(row[label]) for row in items]
        texts = [row["text"] for row in items]
        ours = [read.probability for read in read_texts(texts, engine=engine)]
        blob = [polarity(text).subjectivity for text in texts]
        figures[name] = {
            "auc": binary_figures(gold, ours)["auc"],
            "auc_textblob_subjectivity": binary_figures(gold, blob)["auc"],
            "sentences": len(items),
        }
    return figures


def loaded_by_leaning(data: Path, engine: str) -> dict[str, Any]:
    """Does the instrument err alike on outlets of the left, the centre and the right? (BABE, held-out folds.)

    Per leaning ``error_rate``, ``sensitivity``, ``specificity`` and ``excess``, the mean probability minus the mean
    label (above 0: it calls more biased than the experts did), with 95% intervals from a bootstrap over articles.
    ``left_minus_right``: the difference of each between these two, with its interval. ``largest_difference``: of each,
    the highest leaning minus the lowest, and the share of shuffles of the leanings over the articles that give as
    large a one (``p``). Outlets of the centre are mostly agencies, of whose sentences the experts called few biased,
    which moves an error rate by itself; left and right are the like to be compared with like. A sentence without a
    leaning takes that of its outlet's others.
    """
    items = read_babe(data)
    return by_leaning(items, held_out(data, engine).bias.grouped)


def by_leaning(
    items: Sequence[BiasSentence], chances: np.ndarray, *, seed: int = 0, resamples: int = 2000
) -> dict[str, Any]:
    """The figures of :func:`loaded_by_leaning` from probabilities."""
    of_outlet = {item.outlet: item.leaning for item in items if item.leaning}
    leaning = np.array([item.leaning or of_outlet.get(item.outlet, "") for item in items])
    # An article is what stands under one leaning in one group.
    keys = [f"{side} {item.group}" for side, item in zip(leaning, items, strict=True)]
    _, first, article = np.unique(keys, return_index=True, return_inverse=True)
    side_of = leaning[first]
    labels = np.array([item.biased for item in items])
    figures: dict[str, Any] = {
        side: {"sentences": int((leaning == side).sum()), "articles": int((side_of == side).sum())} for side in LEANINGS
    }
    sided: dict[str, Any] = {}
    largest: dict[str, Any] = {}
    for name, columns in _ratios(labels, chances).items():
        values = np.column_stack([np.bincount(article, weights=column) for column in columns])
        counted = (values[:, 1] > 0) & np.isin(side_of, LEANINGS)
        values, sides = values[counted], side_of[counted]
        draws = {}
        for side in LEANINGS:
            if len(own := values[sides == side]) > 1:
                draws[side] = bootstrap_ratios(own, seed=seed, stream=f"{side} {name}", resamples=resamples)
                figures[side][name] = _with_interval(draws[side], ratio_of_sums(own), len(own))
        present = list(draws)
        if "left" in draws and "right" in draws:
            value = figures["left"][name]["value"] - figures["right"][name]["value"]
            fewer = min((sides == "left").sum(), (sides == "right").sum())
            sided[name] = _with_interval(draws["left"] - draws["right"], value, int(fewer))
        if len(present) > 1:
            largest[name] = _largest(values, sides, present, seed=seed, stream=name, resamples=resamples)
    return {**figures, "left_minus_right": sided, "largest_difference": largest}


def _with_interval(draws: np.ndarray, value: float, articles: int) -> dict[str, float]:
    low, high = expanded_interval(draws, value, 0.95, articles - 1, articles)
    return {"value": value, "low": low, "high": high}


def _ratios(labels: np.ndarray, chances: np.ndarray) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Numerator and denominator of each measure, per sentence."""
    called, one = chances > 0.5, np.ones(len(labels))
    return {
        "error_rate": (called != labels, one),
        "sensitivity": (called & (labels == 1), labels == 1),
        "specificity": (~called & (labels == 0), labels == 0),
        "excess": (chances - labels, one),
    }


def _largest(
    values: np.ndarray, sides: np.ndarray, present: Sequence[str], *, seed: int, stream: str, resamples: int
) -> dict[str, Any]:
    """The widest difference between leanings, and how often leanings given out by lot are as far apart."""
    number = np.array([present.index(side) if side in present else -1 for side in sides.tolist()])
    values, number = values[number >= 0], number[number >= 0]

    def spread(order: np.ndarray) -> tuple[float, np.ndarray]:
        sums = np.stack([np.bincount(order, weights=column, minlength=len(present)) for column in values.T])
        ratios = sums[0] / sums[1]
        return float(ratios.max() - ratios.min()), ratios

    difference, ratios = spread(number)
    rng = np.random.default_rng([seed, crc32(stream.encode())])
    beyond = sum(spread(rng.permutation(number))[0] >= difference - 1e-12 for _ in range(resamples))
    highest, lowest = present[int(ratios.argmax())], present[int(ratios.argmin())]
    return {"value": difference, "between": f"{highest} > {lowest}", "p": (beyond + 1) / (resamples + 1)}
