"""Outlets on the same stories: what is left of a difference when every outlet has the same news to tell.

An outlet that covers more scandals than others will look more loaded than they do. So each story is compared
with itself: the outlet's articles on it against all other articles on it. The unit is the story.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from framing.comparison import MEASURES, MISSING, REST, UNCLEAR, check_options, judge, per_article
from framing.comparison.groups import Groups
from framing.comparison.inference import POWER, paired_power, t_quantile, two_sided

if TYPE_CHECKING:
    import pandas as pd

TOO_FEW_STORIES = "not enough stories"
_COLUMNS = ["group", "against", "measure", "estimate", "low", "high", "group_value", "rest_value", "above", "p", "q",
            "detectable", "n", "verdict"]  # fmt: skip


def compare_within(
    tables: Mapping[str, pd.DataFrame] | pd.DataFrame,
    by: str = "outlet",
    measure: str | Sequence[str] = "loaded_rate_author",
    *,
    groups: Sequence[str] | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Each group against the others on the stories that both cover.

    Of each story the ratio of the group's articles minus that of all other articles; ``estimate`` is the mean of
    these differences, every story counting once. ``low``, ``high`` and ``p``: the paired t test of the two sides, which
    kept its level in simulations where a bootstrap of so few differences did not. ``above``: share of stories in which
    the group stands higher. ``n``: stories. ``detectable``: the mean difference that would have been found four times
    out of five. ``group_value`` and ``rest_value``: means over these stories. ``q`` and ``verdict`` as in
    :func:`framing.comparison.compare`; *not enough stories* where a very large difference would be missed more often
    than found: with fewer than 5.

    Articles that tell a story of their own are left out.
    """
    import pandas as pd

    check_options(level=level)
    rows: list[dict[str, Any]] = []
    for name in [measure] if isinstance(measure, str) else measure:
        counts = per_article(tables, name, by)
        measured = Groups(counts)
        present = sorted(counts["group"].unique())
        for group in present if groups is None else groups:
            others = [other for other in present if other != group]
            row: dict[str, Any] = dict.fromkeys(_COLUMNS, np.nan)
            row |= {"group": group, "against": others[0] if len(others) == 1 else REST, "measure": name}
            pairs = (paired(measured, group) if group in present else np.empty((0, 2))) * MEASURES[name].scale
            row |= {"n": len(pairs), "verdict": TOO_FEW_STORIES if group in present else MISSING}
            rows.append(row | _tested(pairs, level))
    return judge([pd.DataFrame(rows, columns=_COLUMNS)], level=level)[0]


def paired(measured: Groups, group: str) -> np.ndarray:
    """Of each story that both sides cover: the ratio of the group and that of the rest, (stories, 2)."""
    ratios = _ratios(measured, group)
    return ratios[~np.isnan(ratios).any(axis=1)]


def story_by_story(measured: Groups) -> pd.DataFrame:
    """What :func:`compare_within` averages: ``event``, ``group``, ``value``, ``others``, ``difference`` (unscaled).

    One row per story and group on which both sides have the measure.
    """
    import pandas as pd

    events = measured.counts["event"].drop_duplicates().to_numpy()
    parts = []
    for name in measured.names:
        ratios = _ratios(measured, name)
        there = ~np.isnan(ratios).any(axis=1)
        parts.append(pd.DataFrame({"event": events[there], "group": name, "value": ratios[there, 0],
                                   "others": ratios[there, 1]}))  # fmt: skip
    found = (
        pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["event", "group", "value", "others"])
    )
    return found.assign(difference=found["value"] - found["others"])


def _ratios(measured: Groups, group: str) -> np.ndarray:
    """The ratios of a group and of all others on every story, (stories, 2); NaN where a side has nothing."""
    ratios = []
    for side in (measured.side(group), measured.side(group, others=True)):
        above = np.bincount(measured.stories, side.weight * side.numerator)
        below = np.bincount(measured.stories, side.weight * side.denominator)
        ratios.append(np.divide(above, below, out=np.full_like(above, np.nan), where=below > 0))
    return np.column_stack(ratios)


def _tested(pairs: np.ndarray, level: float) -> dict[str, Any]:
    if not len(pairs):
        return {}
    differences = pairs[:, 0] - pairs[:, 1]
    n, estimate = len(pairs), float(differences.mean())
    found: dict[str, Any] = {"group_value": float(pairs[:, 0].mean()), "rest_value": float(pairs[:, 1].mean())}
    found |= {"estimate": estimate, "above": float((differences > 0).mean() + (differences == 0).mean() / 2)}
    if paired_power(n, level) < POWER:
        return found
    error = float(differences.std(ddof=1) / np.sqrt(n))
    reach = error * t_quantile((1 + level) / 2, n - 1)
    found |= {"low": estimate - reach, "high": estimate + reach}
    if error > 1e-12:
        found["p"] = two_sided(estimate / error, n - 1)
    else:  # the same difference in every story: what is left is its sign
        found["p"] = 2.0 ** (1 - n) if abs(estimate) > 1e-12 else 1.0
    found["detectable"] = error * (t_quantile((1 + level) / 2, n - 1) + t_quantile(0.8, n - 1))
    return found | {"verdict": UNCLEAR}
