"""Outlet against outlet, with honest uncertainty: rates, differences, verdicts, corrected rates.

The unit is the article, never the sentence: sentences of one article resemble each other, and intervals that
forget it are about three times too narrow. So every measure is kept per article as a numerator and a
denominator, and it is articles that are resampled. Nothing here scores text; it works on the tidy tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from framing.comparison.resampling import (
    Shuffled,
    adjusted,
    bootstrap_ratios,
    cliffs_delta,
    corrected_rate,
    expanded_interval,
    poisson_sums,
    ratio_of_sums,
)
from framing.errors import InputError, ParameterError, one_of
from framing.records import CUE_CLASSES, FRAMES

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MEASURES", "Measure", "compare", "corrected_rate", "per_article", "rates"]

HIGHER, LOWER, UNCLEAR = "higher", "lower", "no clear difference"
TOO_FEW, MISSING = "not enough articles", "not in the corpus"
NONE_FOUND, ALL_ALIKE = "none found", "all alike"
VERDICTS: tuple[str, ...] = (HIGHER, LOWER, UNCLEAR, TOO_FEW, MISSING)
MINIMUM_ARTICLES = 5
# A rest of more articles is resampled by Poisson weights.
_LARGE_REST = 60
_SHUFFLES_PER_TEST, _MOST_SHUFFLES = 40, 20_000


@dataclass(frozen=True, slots=True)
class Measure:
    """A ratio of two sums over articles: ``scale`` x sum(numerator) / sum(denominator).

    ``table`` names the table that its counts come from; ``unit`` says what the denominator counts.
    """

    name: str
    label: str
    unit: str
    table: str = "articles"
    numerator: str = ""
    denominator: str = ""
    scale: float = 1.0

    @property
    def percent(self) -> bool:
        """Whether its values are shares, to be shown in percent."""
        return self.scale == 1.0 and self.table != "stances"


_MEASURES = (
    Measure("loaded_rate_author", "loaded language in its own voice", "sentence parts in the author's voice",
            numerator="loaded_author_parts", denominator="author_parts"),
    Measure("loaded_rate_source", "loaded language in the voices it quotes", "sentence parts in a source's voice",
            numerator="loaded_source_parts", denominator="source_parts"),
    Measure("loaded_rate", "loaded language in all voices", "sentences",
            numerator="loaded_sentences", denominator="sentences"),
    Measure("attributed_share", "words attributed to a source", "words",
            numerator="attributed_words", denominator="words"),
    Measure("loaded_terms_author", "loaded terms in its own voice per 1,000 words", "words",
            numerator="terms_author", denominator="words", scale=1000.0),
    Measure("loaded_terms", "loaded terms per 1,000 words in all voices", "words", "loaded_terms",
            denominator="words", scale=1000.0),
    Measure("stance", "stance toward targets, -1 to 1", "mentions", "stances"),
    Measure("stance_author", "stance toward targets in its own voice, -1 to 1", "mentions", "stances", "author"),
    *(Measure(f"{name}_cues", f"{name} cues", "attributions", "attributions", name) for name in CUE_CLASSES),
    *(Measure(f"frame_{name}", f"the {name.replace('_', ' ')} frame", "articles", "frames", name) for name in FRAMES),
)  # fmt: skip
MEASURES: dict[str, Measure] = {measure.name: measure for measure in _MEASURES}
VOICE_MEASURES: tuple[str, ...] = ("loaded_rate_author", "loaded_rate_source", "loaded_rate")


def as_tables(tables: Mapping[str, pd.DataFrame] | pd.DataFrame) -> Mapping[str, pd.DataFrame]:
    """The mapping of tables; a bare DataFrame is taken for the ``articles`` table."""
    import pandas as pd

    found = {"articles": tables} if isinstance(tables, pd.DataFrame) else tables
    if "articles" not in found:
        raise InputError(f"no table 'articles' among: {', '.join(found) or '(none)'}. Pass framing.tables.tables(...)")
    return found


def per_article(
    tables: Mapping[str, pd.DataFrame] | pd.DataFrame,
    measure: str = "loaded_rate_author",
    by: str = "outlet",
    *,
    target: str | None = None,
) -> pd.DataFrame:
    """The statistics that everything else here is summed from: one row per article.

    Columns: ``article_id``, ``group`` (the value of ``by``), ``numerator``, ``denominator``, ``value`` (their
    scaled ratio, NaN where the denominator is 0). ``target`` keeps stances toward that target only. Rows are
    in the order of ``article_id``, so that no result depends on the order of the corpus.
    """
    found = as_tables(tables)
    if measure not in MEASURES:
        raise ParameterError(one_of("measure", measure, MEASURES))
    chosen = MEASURES[measure]
    articles = found["articles"]
    need(articles, "articles", ["article_id", by])
    counts = articles[["article_id", by]].rename(columns={by: "group"}).copy()
    counts["group"] = counts["group"].fillna("").astype(str)
    counts["numerator"], counts["denominator"] = _sums(found, chosen, target)
    counts = counts.sort_values("article_id", kind="stable", ignore_index=True)
    usable = counts["denominator"] > 0
    ratio = counts["numerator"] / counts["denominator"].where(usable) * chosen.scale
    return counts.assign(value=ratio.astype(float))


def _sums(found: Mapping[str, pd.DataFrame], measure: Measure, target: str | None) -> tuple[np.ndarray, np.ndarray]:
    """Numerator and denominator of every row of the articles table."""
    articles = found["articles"]
    if measure.table == "articles":
        need(articles, "articles", [measure.numerator, measure.denominator])
        counted = articles[[measure.numerator, measure.denominator]].fillna(0).to_numpy(float)
        return counted[:, 0], counted[:, 1]
    if measure.table not in found:
        raise InputError(f"measure {measure.name!r} needs the table {measure.table!r}; given: {', '.join(found)}")
    rows = found[measure.table]
    ids = articles["article_id"]
    if measure.table == "loaded_terms":
        return _count(rows, ids), articles[measure.denominator].to_numpy(float)
    if measure.table == "attributions":
        rows = rows[rows["cue_text"].notna()]  # without a cue there is no class to count
        return _count(rows[rows["cue_class"] == measure.numerator], ids), _count(rows, ids)
    if measure.table == "frames":
        kept = rows[rows["frame"] == measure.numerator]
        return _total(kept, "probability", ids), _count(kept, ids)
    kept = rows[rows["holder"] == "author"] if measure.numerator else rows
    kept = kept if target is None else kept[kept["target"] == target]
    return _total(kept, "stance", ids), _count(kept, ids)


def _count(rows: pd.DataFrame, ids: pd.Series) -> np.ndarray:
    return rows.groupby("article_id").size().reindex(ids).fillna(0).to_numpy(float)


def _total(rows: pd.DataFrame, column: str, ids: pd.Series) -> np.ndarray:
    return rows.groupby("article_id")[column].sum().reindex(ids).fillna(0).to_numpy(float)


def rows_of(table: pd.DataFrame) -> list[Any]:
    """The rows of a table with their columns as attributes."""
    return list(table.itertuples())


def need(table: pd.DataFrame, name: str, columns: Iterable[str]) -> None:
    """An error that names the columns there are, where one of ``columns`` is not among them."""
    for column in columns:
        if column not in table.columns:
            raise InputError(one_of(f"column of table {name!r}", column, map(str, table.columns)))


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
    minimum: int = MINIMUM_ARTICLES,
) -> pd.DataFrame:
    """Each group against all the others together, for one or several measures.

    ======================  ====================================================================================
    column                  meaning
    ======================  ====================================================================================
    group, against          the outlet, and what it stands against ("the rest", or the other's name if only one)
    measure                 a key of ``MEASURES``
    estimate, low, high     ratio of sums of the group minus that of the rest; bootstrap over articles
    group_value, rest_value the two ratios
    cliffs_delta            P(an article of the group is above one of the rest) - P(below), in [-1, 1]
    p, q                    permutation of articles between group and rest, two-sided; Benjamini-Hochberg
                            over every test of this call
    n, n_rest               articles that have the measure
    verdict                 one of ``VERDICTS``
    ======================  ====================================================================================

    The verdict is *higher* or *lower* only where the interval leaves out 0 **and** q is below 1 - ``level``;
    *not enough articles* where either side has fewer than ``minimum``; else *no clear difference*.
    ``groups`` asks for certain groups by name: one that is not in the corpus gets a row of its own with the
    verdict *not in the corpus* and no numbers. All others still count among "the rest".
    """
    import pandas as pd

    check_options(resamples, level, minimum)
    names = [measure] if isinstance(measure, str) else list(measure)
    all_counts = {name: per_article(tables, name, by, target=target) for name in names}
    # The smallest p that shuffling can find is 1 / (shuffles + 1): many tests need many shuffles.
    tests = sum(counts["group"].nunique() for counts in all_counts.values())
    shuffles = max(resamples, min(_SHUFFLES_PER_TEST * tests, _MOST_SHUFFLES))
    rows: list[dict[str, Any]] = []
    for name, counts in all_counts.items():
        rows += _against_rest(counts, name, groups, seed, (resamples, shuffles), level, minimum)
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


_COLUMNS = ["group", "against", "measure", "estimate", "low", "high", "group_value", "rest_value", "cliffs_delta",
            "p", "q", "n", "n_rest", "verdict"]  # fmt: skip


def check_options(resamples: int, level: float, minimum: int) -> None:
    """An error that names the valid range, where an option is out of it."""
    if not 0 < level < 1:
        raise ParameterError(f"level {level!r} is out of range; valid: above 0 and below 1, usually 0.95")
    if resamples < 100:
        raise ParameterError(f"resamples {resamples!r} is too few for an interval; valid: 100 and more, usually 2000")
    if minimum < 2:
        raise ParameterError(f"minimum {minimum!r} is too few articles for an interval; valid: 2 and more")


def _against_rest(
    counts: pd.DataFrame, measure: str, groups: Sequence[str] | None, seed: int, draws_of: tuple[int, int],
    level: float, minimum: int,
) -> list[dict[str, Any]]:  # fmt: skip
    usable = counts[counts["denominator"] > 0]
    values = {str(name): _values(rows) for name, rows in usable.groupby("group")}
    present = sorted(counts["group"].unique())
    sides = _Sides(values, MEASURES[measure].scale, seed, draws_of)
    rows = []
    for name in present if groups is None else groups:
        mine = values.get(name, np.empty((0, 2)))
        others = [other for other in present if other != name]
        rest = np.concatenate([values[other] for other in others if other in values] or [np.empty((0, 2))])
        row: dict[str, Any] = dict.fromkeys(_COLUMNS, np.nan)
        row |= {"group": name, "against": others[0] if len(others) == 1 else "the rest", "measure": measure}
        row |= {"n": len(mine), "n_rest": len(rest), "verdict": TOO_FEW if name in present else MISSING}
        if len(mine):
            row["group_value"] = ratio_of_sums(mine, sides.scale)
        if len(rest) and name in present:
            row["rest_value"] = ratio_of_sums(rest, sides.scale)
        if len(mine) and len(rest):
            row["estimate"] = row["group_value"] - row["rest_value"]
            row["cliffs_delta"] = cliffs_delta(mine[:, 0] / mine[:, 1], rest[:, 0] / rest[:, 1])
        if min(len(mine), len(rest)) >= minimum:
            draws = sides.difference(name, mine, rest)
            row["low"], row["high"] = expanded_interval(draws, row["estimate"], level, min(len(mine), len(rest)))
            row["p"] = sides.shuffled.p(len(mine), row["estimate"])
        rows.append(row)
    return rows


class _Sides:
    """Resamples of each group and of its rest, and shuffles of all articles, shared by the groups of one measure."""

    def __init__(self, values: Mapping[str, np.ndarray], scale: float, seed: int, draws_of: tuple[int, int]) -> None:
        self.scale, self.seed, (self.resamples, shuffles) = scale, seed, draws_of
        everything = np.concatenate([*values.values(), np.empty((0, 2))])
        self.shuffled = Shuffled(everything, scale, seed, shuffles, [len(rows) for rows in values.values()])
        self._sums: dict[str, np.ndarray] = {}
        if len(everything) > _LARGE_REST:
            self._sums = {
                name: poisson_sums(rows, seed=seed, stream=name, resamples=self.resamples)
                for name, rows in values.items()
            }
        self._total = sum(self._sums.values())

    def difference(self, name: str, mine: np.ndarray, rest: np.ndarray) -> np.ndarray:
        """Resampled differences between a group and its rest."""
        options = {"seed": self.seed, "resamples": self.resamples}
        own = bootstrap_ratios(mine, self.scale, stream=name, **options)
        if len(rest) <= _LARGE_REST:
            return own - bootstrap_ratios(rest, self.scale, stream=f"not {name}", **options)
        sums = self._total - self._sums[name]
        return own - sums[:, 0] / sums[:, 1] * self.scale


def _values(counts: pd.DataFrame) -> np.ndarray:
    """Numerators and denominators, a row per article."""
    return counts[["numerator", "denominator"]].to_numpy(float)


def bootstrap_interval(
    counts: pd.DataFrame, measure: str, *, seed: int = 0, stream: str = "", resamples: int = 2000, level: float = 0.95
) -> tuple[float, float]:
    """The interval of one ratio of :func:`per_article` rows; ``stream`` names its random numbers."""
    scale, values = MEASURES[measure].scale, _values(counts)
    draws = bootstrap_ratios(values, scale, seed=seed, stream=stream, resamples=resamples)
    return expanded_interval(draws, ratio_of_sums(values, scale), level, len(values))


def rates(
    tables: Mapping[str, pd.DataFrame] | pd.DataFrame,
    by: str = "outlet",
    *,
    measures: Sequence[str] = VOICE_MEASURES,
    groups: Sequence[str] | None = None,
    seed: int = 0,
    resamples: int = 2000,
    level: float = 0.95,
    minimum: int = MINIMUM_ARTICLES,
) -> pd.DataFrame:
    """Each group's rate with its interval, for the author's voice, the sources' voice, and both.

    Columns: ``group``, ``measure``, ``rate``, ``low``, ``high`` (bootstrap over articles; NaN below ``minimum``
    articles), ``n`` articles, ``counted`` and ``of`` (the two sums), ``note`` (empty, *not enough articles*, *not
    in the corpus*, or *none found* and *all alike*: articles that do not differ say nothing of how far a rate
    could be off, so there is no interval either). A group that is asked for and missing has NaN, never 0.
    """
    import pandas as pd

    check_options(resamples, level, minimum)
    rows = []
    for measure in measures:
        counts = per_article(tables, measure, by)
        present = sorted(counts["group"].unique())
        for name in present if groups is None else groups:
            mine = counts[(counts["group"] == name) & (counts["denominator"] > 0)]
            row: dict[str, Any] = {"group": name, "measure": measure, "n": len(mine), "note": ""}
            row |= {"counted": mine["numerator"].sum(), "of": mine["denominator"].sum()}
            row |= {"rate": np.nan, "low": np.nan, "high": np.nan}
            if name not in present:
                row["note"] = MISSING
            elif len(mine):
                row["rate"] = ratio_of_sums(_values(mine), MEASURES[measure].scale)
            if len(mine) >= minimum and mine["value"].nunique() == 1:
                row["note"] = ALL_ALIKE if row["rate"] else NONE_FOUND
            elif len(mine) >= minimum:
                row["low"], row["high"] = bootstrap_interval(
                    mine, measure, seed=seed, stream=name, resamples=resamples, level=level
                )
            elif name in present:
                row["note"] = TOO_FEW
            rows.append(row)
    return pd.DataFrame(rows, columns=["group", "measure", "rate", "low", "high", "n", "counted", "of", "note"])
