"""Uncertainty of ratios of sums: bootstrap and shuffling of articles, effect size, correction for many tests.

Every function takes plain arrays; ``values`` is always (articles, 2), a numerator and a denominator per article.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zlib import crc32

import numpy as np

from framing.errors import ParameterError

# Articles x resamples held at once: bounds memory at about 40 MB whatever the corpus.
_CHUNK = 1_000_000


def ratio_of_sums(values: np.ndarray, scale: float = 1.0) -> float:
    """``scale`` x sum of the numerators / sum of the denominators."""
    return float(values[:, 0].sum() / values[:, 1].sum() * scale)


def bootstrap_ratios(
    values: np.ndarray, scale: float = 1.0, *, seed: int = 0, stream: str = "", resamples: int = 2000
) -> np.ndarray:
    """Ratios of sums of ``resamples`` bootstrap samples of the articles.

    ``stream`` names the random numbers: draws depend on it and on these articles only, so that adding an outlet
    to a corpus does not move another outlet's interval.
    """
    rng = np.random.default_rng([seed, crc32(stream.encode("utf-8", "replace"))])
    n = len(values)
    step = max(1, _CHUNK // n)
    parts = []
    for first in range(0, resamples, step):
        picked = rng.integers(0, n, size=(min(step, resamples - first), n))
        parts.append(values[picked, 0].sum(axis=1) / values[picked, 1].sum(axis=1) * scale)
    return np.concatenate(parts)


def poisson_sums(values: np.ndarray, *, seed: int = 0, stream: str = "", resamples: int = 2000) -> np.ndarray:
    """Sums of both columns with Poisson(1) weights instead of drawn articles (Hanley & MacGibbon 2006).

    For some dozens of articles and more it is the bootstrap; and sums of parts add up to sums of the whole, so
    that all "rests" of a comparison cost no more than one. (resamples, 2).
    """
    rng = np.random.default_rng([seed, crc32(b"poisson " + stream.encode("utf-8", "replace"))])
    step = max(1, _CHUNK // max(1, len(values)))
    starts = range(0, resamples, step)
    return np.concatenate([rng.poisson(1.0, (min(step, resamples - a), len(values))) @ values for a in starts])


def expanded_interval(draws: np.ndarray, estimate: float, level: float, n: int) -> tuple[float, float]:
    """Expanded percentile interval (Hesterberg 2015, section 5.3): plain percentiles are too narrow for small n."""
    from scipy import stats

    tail = stats.norm.cdf(np.sqrt(n / (n - 1)) * stats.t.ppf((1 - level) / 2, n - 1))
    low, high = np.quantile(draws, [tail, 1 - tail])
    # A bootstrap of few articles can miss its own estimate by a hair; the interval always holds it.
    return min(float(low), estimate), max(float(high), estimate)


class Shuffled:
    """What differences would look like if articles had no outlet: shared by all groups of one measure.

    One shuffle of all articles serves every group: a group of n articles is its first n places.
    """

    def __init__(self, values: np.ndarray, scale: float, seed: int, resamples: int, sizes: Sequence[int]) -> None:
        total = values.sum(axis=0) if len(values) else np.zeros(2)
        wanted = sorted({size for size in sizes if 0 < size < len(values)})
        self._draws: dict[int, list[np.ndarray]] = {size: [] for size in wanted}
        rng = np.random.default_rng([seed, crc32(b"shuffle")])
        step = max(1, _CHUNK // max(1, len(values)))
        for first in range(0, resamples if wanted else 0, step):
            rows = min(step, resamples - first)
            order = rng.permuted(np.tile(np.arange(len(values)), (rows, 1)), axis=1)
            sums = values[order].cumsum(axis=1)
            for size in wanted:
                mine = sums[:, size - 1]
                rest = total - mine
                self._draws[size].append((mine[:, 0] / mine[:, 1] - rest[:, 0] / rest[:, 1]) * scale)

    def p(self, size: int, estimate: float) -> float:
        """Share of shuffles at least as far from 0; never 0 itself (Phipson & Smyth 2010)."""
        draws = np.concatenate(self._draws[size])
        beyond = np.abs(draws) >= abs(estimate) * (1 - 1e-9) - 1e-15
        return float((beyond.sum() + 1) / (len(draws) + 1))


def adjusted(p: np.ndarray) -> np.ndarray:
    """Benjamini-Hochberg over the tests that were made; NaN stays NaN and counts for nothing."""
    from scipy.stats import false_discovery_control

    q = np.full(len(p), np.nan)
    made = ~np.isnan(p)
    if made.any():
        q[made] = false_discovery_control(p[made])
    return q


def cliffs_delta(group: np.ndarray, rest: np.ndarray) -> float:
    """P(a value of ``group`` exceeds one of ``rest``) - P(it falls below), in [-1, 1]; 0 is no difference.

    0.15, 0.33 and 0.47 are customary borders of small, medium and large (Romano et al. 2006).
    """
    from scipy.stats import rankdata

    n, m = len(group), len(rest)
    if not n or not m:
        return float("nan")
    u = rankdata(np.concatenate([group, rest]))[:n].sum() - n * (n + 1) / 2
    return float(2 * u / (n * m) - 1)


def corrected_rate(rate: Any, sensitivity: float, specificity: float) -> Any:
    """A counted rate corrected for the instrument's own errors, in [0, 1] (Rogan & Gladen 1978).

    (rate + specificity - 1) / (sensitivity + specificity - 1), clipped to [0, 1]. It rises with the counted rate,
    so the ends of an interval may be corrected one by one. Takes a number or an array.

    Raises :class:`~framing.errors.ParameterError` where sensitivity + specificity is 1 or less: such an
    instrument knows nothing, and nothing corrects it.
    """
    if not (0 <= sensitivity <= 1 and 0 <= specificity <= 1 and sensitivity + specificity > 1):
        raise ParameterError(
            f"sensitivity {sensitivity!r} and specificity {specificity!r} cannot correct a rate; "
            "valid: both in [0, 1], with a sum above 1"
        )
    return np.clip((np.asarray(rate, float) + specificity - 1) / (sensitivity + specificity - 1), 0.0, 1.0)[()]
