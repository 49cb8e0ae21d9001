"""Outlet against outlet, with honest uncertainty: rates, differences, verdicts, corrected rates.

The unit is the story, then the article, never the sentence: sentences of one article resemble each other, and so do
articles on one story; intervals that forget it are far too narrow. So every measure is kept per article as a numerator
and a denominator, and it is stories and articles that are drawn again. Nothing here scores text; it works on the tidy
tables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from framing.comparison.groups import Groups
from framing.comparison.inference import (
    Side,
    adjusted,
    cliffs_delta,
    corrected_rate,
    enough,
    expanded_interval,
    welch,
)
from framing.comparison.measures import (
    MEASURES,
    VOICE_MEASURES,
    Measure,
    as_tables,
    need,
    per_article,
    rows_of,
)
from framing.errors import ParameterError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MEASURES", "VERDICTS", "VOICE_MEASURES", "Measure", "as_tables", "compare", "compare_pairs",
           "corrected_rate", "judge", "need", "per_article", "rates", "rows_of"]  # fmt: skip

HIGHER, LOWER, UNCLEAR = "higher", "lower", "no clear difference"
TOO_FEW, MISSING = "not enough articles", "not in the corpus"
NONE_FOUND, ALL_ALIKE = "none found", "all alike"
VERDICTS: tuple[str, ...] = (HIGHER, LOWER, UNCLEAR, TOO_FEW, MISSING)
# A rate of fewer articles is given without an interval.
MINIMUM_ARTICLES = 5
REST = "the rest"
_COLUMNS = ["group", "against", "measure", "estimate", "low", "high", "group_value", "rest_value", "cliffs_delta",
            "p", "q", "detectable", "n", "n_rest", "stories", "stories_rest", "verdict"]  # fmt: skip


def compare(
    tables: Mapping[str, pd.DataFrame] | pd.DataFrame,
    by: str = "outlet",
    measure: str | Sequence[str] = "loaded_rate_author",
    *,
    groups: Sequence[str] | None = None,
    target: str | None = None,
    seed: int = 0,
    resamples: int = 2000,
    level: float = 0.95,
) -> pd.DataFrame:
    """Each group against all the others together, for one or several measures.

    =======================  ===================================================================================
    column                   meaning
    =======================  ===================================================================================
    group, against           the outlet, and what it stands against ("the rest", or the other's name if only one)
    measure                  a key of ``MEASURES``
    estimate, low, high      ratio of sums of the group minus that of the rest; bootstrap over stories, then articles
    group_value, rest_value  the two ratios
    cliffs_delta             P(an article of the group is above one of the rest) - P(below), in [-1, 1]
    p, q                     Welch's t over stories (:func:`framing.comparison.inference.welch`), two-sided;
                             Benjamini-Hochberg over every test of this call
    detectable               the difference that would have been found four times out of five
    n, n_rest                different texts that have the measure; copies of one count once on either side
    stories, stories_rest    stories they tell
    verdict                  one of ``VERDICTS``
    =======================  ===================================================================================

    The verdict is *higher* or *lower* only where the interval leaves out 0 **and** q is below 1 - ``level``;
    *not enough articles*, with neither interval nor test, where even a very large difference would be missed more often
    than found (:func:`framing.comparison.inference.enough`); else *no clear difference*. ``groups`` asks for certain
    groups by name: one that is not in the corpus gets a row of its own with the verdict *not in the corpus* and no
    numbers. All others still count among "the rest".
    """
    import pandas as pd

    check_options(resamples, level)
    rows: list[dict[str, Any]] = []
    for name in [measure] if isinstance(measure, str) else measure:
        counts = per_article(tables, name, by, target=target)
        present = sorted(counts["group"].unique())
        measured = Groups(counts)
        asked = present if groups is None else list(groups)
        sides = {
            group: (measured.side(group), measured.side(group, others=True)) for group in asked if group in present
        }
        rows_found = compared(measured, [sides[group] for group in sides], name, seed, resamples, level)
        found = dict(zip(sides, rows_found, strict=True))
        for group in asked:
            others = [other for other in present if other != group]
            row: dict[str, Any] = dict.fromkeys(_COLUMNS, np.nan)
            row |= {"group": group, "against": others[0] if len(others) == 1 else REST, "measure": name}
            row |= {"n": 0, "n_rest": 0, "stories": 0, "stories_rest": 0, "verdict": MISSING}
            rows.append(row | found.get(group, {}))
    return judge([pd.DataFrame(rows, columns=_COLUMNS)], level=level)[0]


def compare_pairs(
    tables: Mapping[str, pd.DataFrame] | pd.DataFrame,
    by: str = "outlet",
    measure: str = "loaded_rate_author",
    *,
    groups: Sequence[str] | None = None,
    target: str | None = None,
    seed: int = 0,
    resamples: int = 2000,
    level: float = 0.95,
) -> pd.DataFrame:
    """Every group against every other, one row per pair; columns and verdicts as in :func:`compare`.

    ``group`` comes before ``against`` in the alphabet. ``groups`` keeps pairs among those.
    """
    import pandas as pd

    check_options(resamples, level)
    counts = per_article(tables, measure, by, target=target)
    present = set(counts["group"])
    measured = Groups(counts)
    names = sorted(present if groups is None else present & set(groups))
    sides = {name: measured.side(name) for name in names}
    pairs = list(combinations(names, 2))
    rows_found = compared(measured, [(sides[a], sides[b]) for a, b in pairs], measure, seed, resamples, level)
    rows = [
        {**dict.fromkeys(_COLUMNS, np.nan), "group": a, "against": b, "measure": measure, **found}
        for (a, b), found in zip(pairs, rows_found, strict=True)
    ]
    return judge([pd.DataFrame(rows, columns=_COLUMNS)], level=level)[0]


def judge(comparisons: Sequence[pd.DataFrame], *, level: float = 0.95) -> list[pd.DataFrame]:
    """The same comparisons with ``q`` and ``verdict`` over all their tests taken together.

    A row without a ``p`` keeps its verdict: no test was made, and its verdict says why.
    """
    import pandas as pd

    q = adjusted(np.concatenate([table["p"].to_numpy(float) for table in comparisons] or [np.empty(0)]))
    parts = np.split(q, np.cumsum([len(table) for table in comparisons])[:-1])
    judged = []
    for table, own in zip(comparisons, parts, strict=True):
        higher = (own < 1 - level) & (table["low"].to_numpy(float) > 0)
        lower = (own < 1 - level) & (table["high"].to_numpy(float) < 0)
        called = np.select([higher, lower], [HIGHER, LOWER], UNCLEAR)
        judged.append(
            table.assign(q=own, verdict=pd.Series(called, table.index).where(~np.isnan(own), table["verdict"]))
        )
    return judged


def check_options(resamples: int = 2000, level: float = 0.95) -> None:
    """An error that names the valid range, where an option is out of it."""
    if not 0 < level < 1:
        raise ParameterError(f"level {level!r} is out of range; valid: above 0 and below 1, usually 0.95")
    if resamples < 100:
        raise ParameterError(f"resamples {resamples!r} is too few for an interval; valid: 100 and more, usually 2000")


def compared(
    measured: Groups, pairs: Sequence[tuple[Side, Side]], measure: str, seed: int, resamples: int, level: float
) -> list[dict[str, Any]]:
    """The columns of :func:`compare` that two sides give, pair by pair; verdicts are for :func:`judge` to complete."""
    scale = MEASURES[measure].scale
    tested = [k for k, (a, b) in enumerate(pairs) if enough(measured.worth(a), measured.worth(b), level)]
    drawn = list({id(side): side for k in tested for side in pairs[k]}.values())
    places = {id(side): place for place, side in enumerate(drawn)}
    draws = measured.draws(drawn, seed=seed, resamples=resamples) if drawn else np.empty((0, 0))
    rows = []
    for k, (mine, rest) in enumerate(pairs):
        row = _described(measured, mine, rest, scale)
        if k in tested:
            test = welch(mine, rest, measured.units)
            difference = (draws[:, places[id(mine)]] - draws[:, places[id(rest)]]) * scale
            fewer = min(row["stories"], row["stories_rest"])
            row["low"], row["high"] = expanded_interval(
                difference, row["estimate"], level, test.freedom, fewer, test.inflation
            )
            # Articles that are all alike leave nothing to be tested: they do not differ.
            row["p"] = 1.0 if np.isnan(test.p) else test.p
            row["detectable"] = test.detectable(level) * scale
            row["verdict"] = UNCLEAR
        rows.append(row)
    return rows


def _described(measured: Groups, mine: Side, rest: Side, scale: float) -> dict[str, Any]:
    """Values and counts of two sides, and how far their articles lie apart."""
    row: dict[str, Any] = {"n": mine.articles, "n_rest": rest.articles, "verdict": TOO_FEW}
    row |= {"stories": int(mine.stories(measured.units).sum()), "stories_rest": int(rest.stories(measured.units).sum())}
    if mine.articles:
        row["group_value"] = mine.ratio * scale
    if rest.articles:
        row["rest_value"] = rest.ratio * scale
    if mine.articles and rest.articles:
        row["estimate"] = row["group_value"] - row["rest_value"]
        values = measured.counts["value"].to_numpy(float)
        a, b = mine.weight > 0, rest.weight > 0
        row["cliffs_delta"] = cliffs_delta(values[a], values[b], mine.weight[a], rest.weight[b])
    return row


def rates(
    tables: Mapping[str, pd.DataFrame] | pd.DataFrame,
    by: str = "outlet",
    *,
    measures: Sequence[str] = VOICE_MEASURES,
    groups: Sequence[str] | None = None,
    target: str | None = None,
    seed: int = 0,
    resamples: int = 2000,
    level: float = 0.95,
    minimum: int = MINIMUM_ARTICLES,
) -> pd.DataFrame:
    """Each group's rate with its interval, for the author's voice, the sources' voice, and both.

    Columns: ``group``, ``measure``, ``rate``, ``low``, ``high`` (bootstrap over stories, then articles; NaN below
    ``minimum`` articles), ``n`` different texts, ``counted`` and ``of`` (the two sums over all articles), ``note``
    (empty, *not enough articles*, *not in the corpus*, or *none found* and *all alike*: articles that do not differ say
    nothing of how far a rate could be off, so there is no interval either). A group that is asked for and missing has
    NaN, never 0.
    """
    import pandas as pd

    check_options(resamples, level)
    if minimum < 2:
        raise ParameterError(f"minimum {minimum!r} is too few articles for an interval; valid: 2 and more")
    rows = []
    for measure in measures:
        counts = per_article(tables, measure, by, target=target)
        present = sorted(counts["group"].unique())
        measured = Groups(counts)
        asked = present if groups is None else list(groups)
        sides = {name: measured.side(name) for name in asked if name in present}
        drawn = (
            measured.draws(list(sides.values()), seed=seed, resamples=resamples)
            if sides and len(measured.counts)
            else None
        )
        for name in asked:
            row: dict[str, Any] = {"group": name, "measure": measure, "n": 0, "counted": 0.0, "of": 0.0, "note": ""}
            row |= {"rate": np.nan, "low": np.nan, "high": np.nan}
            if name not in sides:
                rows.append(row | {"note": MISSING})
                continue
            draws = np.empty(0) if drawn is None else drawn[:, list(sides).index(name)]
            rows.append(row | _rated(measured, sides[name], draws, measure, level, minimum))
    return pd.DataFrame(rows, columns=["group", "measure", "rate", "low", "high", "n", "counted", "of", "note"])


def _rated(measured: Groups, side: Side, draws: np.ndarray, measure: str, level: float, minimum: int) -> dict[str, Any]:
    scale, mine = MEASURES[measure].scale, side.weight > 0
    row: dict[str, Any] = {"n": side.articles}
    row |= {"counted": float(side.numerator[mine].sum()), "of": float(side.denominator[mine].sum())}
    if side.articles:
        row["rate"] = side.ratio * scale
    if side.articles < minimum:
        return row | {"note": TOO_FEW}
    values = side.numerator[mine] / side.denominator[mine]
    if (values == values[0]).all():
        return row | {"note": ALL_ALIKE if row["rate"] else NONE_FOUND}
    stories = int(side.stories(measured.units).sum())
    ends = expanded_interval(draws * scale, row["rate"], level, max(stories - 1, 1), stories)
    return row | dict(zip(("low", "high"), ends, strict=True))
