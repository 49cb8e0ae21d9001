"""How far probabilities are what they say, bin by bin."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def calibration_bins(
    gold: Sequence[int], probability: Sequence[float], *, bins: int = 10
) -> dict[str, dict[str, float]]:
    """Mean probability (``predicted``), share of positives (``observed``) and size (``n``) of equal-mass bins.

    The bins of :func:`framing.metrics.calibration_error`, under the names ``01``, ``02`` ... from the lowest
    probabilities up; a bin in which nothing falls is left out.
    """
    g, p = np.asarray(gold, float), np.asarray(probability, float)
    parts = np.array_split(np.argsort(p, kind="stable"), bins)
    return {
        f"{number:02d}": {"predicted": float(p[part].mean()), "observed": float(g[part].mean()), "n": len(part)}
        for number, part in enumerate(parts, 1)
        if len(part)
    }
