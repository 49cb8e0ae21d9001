"""Outlets on the same stories: what is left of a difference when every outlet has the same news to tell.

An outlet that covers more scandals than others will look more loaded than they do. So each story is compared
with itself: the outlet's articles on it against all other articles on it. The unit is the story.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np

from framing.comparison import MEASURES, MINIMUM_ARTICLES, MISSING, as_tables, check_options, judge, need, per_article
from framing.comparison.resampling import bootstrap_ratios, expanded_interval

if TYPE_CHECKING:
    import pandas as pd

TOO_FEW_STORIES = "not enough stories"
_COLUMNS = ["group", "against", "measure", "estimate", "low", "high", "group_value", "rest_value", "above", "p", "q",
            "n", "verdict"]  # fmt: skip


def compare_within(
    tables: Mapping[str, pd.DataFrame] | pd.DataFrame,
    by: str = "outlet",
    measure: str | Sequence[str] = "loaded_rate_author",
    *,
    within: str = "event",
    groups: Sequence[str] | None = None,
    seed: int = 0,
    resamples: int = 2000,
    level: float = 0.95,
    minimum: int = MINIMUM_ARTICLES,
) -> pd.DataFrame:
    """Each group against the others on the stories that both cover.

    Of each story the ratio of the group's articles minus that of all other articles; ``estimate`` is the mean of
    these differences, every story counting once. ``low`` and ``high``: bootstrap over stories. ``p``: signs of the
    differences flipped at random, two-sided. ``above``: share of stories in which the group stands higher.
    ``n``: stories. ``group_value`` and ``rest_value``: means over these stories. ``q`` and ``verdict`` as in
    :func:`framing.comparison.compare`; *not enough stories* below ``minimum``.

    Articles without a story (``within`` empty) are left out.
    """
    import pandas as pd

    check_options(resamples, level, minimum)
    articles = as_tables(tables)["articles"]
    need(articles, "articles", ["article_id", within])
    stories = articles.set_index("article_id")[within].fillna("").astype(str).str.strip()
    rows: list[dict[str, Any]] = []
    for name in [measure] if isinstance(measure, str) else measure:
        counts = per_article(tables, name, by)
        counts["story"] = counts["article_id"].map(stories)
        usable = counts[(counts["denominator"] > 0) & (counts["story"] != "")]
        present = sorted(counts["group"].unique())
        for group in present if groups is None else groups:
            others = [other for other in present if other != group]
            row: dict[str, Any] = dict.fromkeys(_COLUMNS, np.nan)
            row |= {"group": group, "against": others[0] if len(others) == 1 else "the rest", "measure": name}
            pairs = _pairs(usable, group) * MEASURES[name].scale
            row |= {"n": len(pairs), "verdict": TOO_FEW_STORIES if group in present else MISSING}
            rows.append(row | _tested(pairs, f"{group}", seed, resamples, level, minimum))
    return judge([pd.DataFrame(rows, columns=_COLUMNS)], level=level)[0]


def _pairs(usable: pd.DataFrame, group: str) -> np.ndarray:
    """Of each story that both sides cover, in order: the ratio of the group and that of the rest."""
    inside = usable["group"] == group
    sums = [rows.groupby("story")[["numerator", "denominator"]].sum() for rows in (usable[inside], usable[~inside])]
    both = sorted(set(sums[0].index) & set(sums[1].index))
    return np.array([(side.loc[both, "numerator"] / side.loc[both, "denominator"]).to_numpy(float) for side in sums]).T


def _tested(pairs: np.ndarray, stream: str, seed: int, resamples: int, level: float, minimum: int) -> dict[str, float]:
    if not len(pairs):
        return {}
    differences = pairs[:, 0] - pairs[:, 1]
    estimate = float(differences.mean())
    found = {"group_value": float(pairs[:, 0].mean()), "rest_value": float(pairs[:, 1].mean()), "estimate": estimate}
    found["above"] = float((differences > 0).mean() + (differences == 0).mean() / 2)
    if len(pairs) < minimum:
        return found
    draws = bootstrap_ratios(np.column_stack([differences, np.ones(len(pairs))]), seed=seed, stream=f"story {stream}",
                             resamples=resamples)  # fmt: skip
    found["low"], found["high"] = expanded_interval(draws, estimate, level, len(pairs))
    rng = np.random.default_rng([seed, crc32(f"signs {stream}".encode("utf-8", "replace"))])
    flips = max(resamples, 10_000)
    signs = rng.integers(0, 2, size=(flips, len(pairs)), dtype=np.int8) * 2.0 - 1
    beyond = np.abs(signs @ differences) >= abs(differences.sum()) * (1 - 1e-9) - 1e-15
    found["p"] = float((beyond.sum() + 1) / (flips + 1))
    return found
