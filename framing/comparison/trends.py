"""Over time: a group's rates by period, and the periods at which they change.

The unit stays the story, then the article. A change is a border between two periods at which what a group wrote before
differs from what it wrote after. Borders are found by binary segmentation (Fryzlewicz 2014): the strongest one of a
series first, then the strongest in each of the two stretches it leaves, until none is left.

What this cannot tell: a change of topics looks like a change of manner, and so does a season that comes back every
year. A slow drift has no border; where it is long enough, it is cut into steps. Stories of neighbouring days may
resemble each other more than those of other days, which the tests do not know.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from framing.comparison import (
    HIGHER,
    LOWER,
    MINIMUM_ARTICLES,
    MISSING,
    TOO_FEW,
    UNCLEAR,
    VOICE_MEASURES,
    as_tables,
    check_options,
    compared,
    judge,
    need,
    per_article,
    rates,
)
from framing.comparison.groups import Groups
from framing.comparison.inference import Side
from framing.comparison.measures import members
from framing.errors import InputError, ParameterError, one_of

if TYPE_CHECKING:
    import pandas as pd

    Tables = Mapping[str, pd.DataFrame] | pd.DataFrame

NO_ARTICLES, UNDATED = "no articles", "no article with a usable date"
BEFORE = "before"
# More periods make neither a figure that can be read nor a test that finds anything; one false date makes them.
MOST_PERIODS = 400
_DATE = re.compile(r"\s*(\d{4})-(\d\d)(?:-(\d\d))?(?:[T ].*)?\s*\Z", re.DOTALL)
_COLUMNS = ["group", "against", "period", "measure", "estimate", "low", "high", "group_value", "rest_value",
            "cliffs_delta", "p", "q", "detectable", "n", "n_rest", "stories", "stories_rest", "since", "until",
            "verdict"]  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Calendar:
    """Days in periods that are counted without a gap; the names of periods sort by time."""

    number: Callable[[date], int]
    name: Callable[[int], str]
    whole_months: bool = False


def _week_name(number: int) -> str:
    year, week, _ = date.fromordinal(7 * number + 1).isocalendar()
    return f"{year:04d}-W{week:02d}"


_CALENDARS = {
    "day": _Calendar(date.toordinal, lambda number: date.fromordinal(number).isoformat()),
    "week": _Calendar(lambda day: (day.toordinal() - 1) // 7, _week_name),
    "month": _Calendar(lambda day: day.year * 12 + day.month - 1,
                       lambda number: f"{number // 12:04d}-{number % 12 + 1:02d}", whole_months=True),
    "quarter": _Calendar(lambda day: day.year * 4 + (day.month - 1) // 3,
                         lambda number: f"{number // 4:04d}-Q{number % 4 + 1}", whole_months=True),
}  # fmt: skip
EVERY: tuple[str, ...] = tuple(_CALENDARS)


def period_of(dates: pd.Series, every: str = "month") -> pd.Series:
    """The period of every date: ``2026-03-02`` (day), ``2026-W10`` (ISO week), ``2026-03`` (month), ``2026-Q1``.

    A date is usable where it begins as ISO 8601 has it, ``2026-03-02`` or ``2026-03-02T09:00``; ``2026-03`` is too,
    where periods are whole months. Every other one has no period (None).

    Raises :class:`~framing.errors.ParameterError` for a length of periods that is not among ``EVERY``.
    """
    import pandas as pd

    numbers = _numbers(dates, every)
    names = [None if number is None else _CALENDARS[every].name(number) for number in numbers]
    return pd.Series(names, index=dates.index, dtype=object)


def _numbers(dates: pd.Series, every: str) -> list[int | None]:
    if every not in _CALENDARS:
        raise ParameterError(one_of("length of periods", every, EVERY))
    calendar = _CALENDARS[every]
    known = {value: _number(value, calendar) for value in map(str, dates)}
    return [known[value] for value in map(str, dates)]


def _number(value: str, calendar: _Calendar) -> int | None:
    found = _DATE.match(value)
    if not found or not (found[3] or calendar.whole_months):
        return None
    try:
        return calendar.number(date(int(found[1]), int(found[2]), int(found[3] or 1)))
    except ValueError:
        return None


def _periods(articles: pd.DataFrame, every: str) -> dict[str, int]:
    """The number of the period of every article with a usable date, by its id."""
    need(articles, "articles", ["article_id", "date"])
    numbers = _numbers(articles["date"], every)
    found = {key: number for key, number in zip(articles["article_id"], numbers, strict=True) if number is not None}
    if found and (count := max(found.values()) - min(found.values()) + 1) > MOST_PERIODS:
        ends = (min(found, key=lambda key: (found[key], key)), max(found, key=lambda key: (found[key], key)))
        named = " to ".join(f"{_CALENDARS[every].name(found[key])} (article {key!r})" for key in ends)
        raise InputError(
            f"{count:,} periods by {every}, from {named}; valid: up to {MOST_PERIODS}. Correct a false date, or take "
            "longer periods: " + ", ".join(EVERY[EVERY.index(every) + 1 :] or ["(there are none)"])
        )
    return found


def periods(tables: Tables, every: str = "month") -> list[str]:
    """Every period from the first to the last with an article that has a usable date; empty where none has."""
    numbers = _periods(as_tables(tables)["articles"], every).values()
    return [_CALENDARS[every].name(at) for at in range(min(numbers), max(numbers) + 1)] if numbers else []


def _each(measures: str | Sequence[str]) -> list[str]:
    return [measures] if isinstance(measures, str) else list(dict.fromkeys(measures))


def over_time(
    tables: Tables,
    measures: str | Sequence[str] = VOICE_MEASURES,
    *,
    by: str = "outlet",
    every: str = "month",
    groups: Sequence[str] | None = None,
    target: str | None = None,
    seed: int = 0,
    resamples: int = 2000,
    level: float = 0.95,
    minimum: int = MINIMUM_ARTICLES,
) -> pd.DataFrame:
    """Each group's rate in each period, with its interval: one row per measure, group and period, in that order.

    Columns: ``group``, ``period``, then those of :func:`framing.comparison.rates`, whose bootstrap is made within each
    period. There is a row for every period between the first and the last of the corpus: one in which a group has no
    article has NaN and the note *no articles*, never 0; of a group without any usable date the note says that. Articles
    without a usable date are left out (:func:`period_of`); where no article has one, the table is empty.

    Raises :class:`~framing.errors.InputError` for dates that lie more than ``MOST_PERIODS`` periods apart.
    """
    import pandas as pd

    columns = ["group", "period", "measure", "rate", "low", "high", "n", "counted", "of", "note"]
    found, measures = as_tables(tables), _each(measures)
    numbers = _periods(found["articles"], every)
    check_options(resamples, level)
    everyone = members(found["articles"], by)
    asked = list(dict.fromkeys(sorted(everyone["group"].unique()) if groups is None else groups))
    absent = dict.fromkeys(everyone["group"], UNDATED)
    absent |= dict.fromkeys(everyone.loc[everyone["article_id"].isin(numbers), "group"], NO_ARTICLES)
    parts = []
    for number, mine in _by_period(found, numbers).items():
        rows = rates(mine, by, measures=measures, groups=asked, target=target, seed=seed, resamples=resamples,
                     level=level, minimum=minimum)  # fmt: skip
        gap = rows["note"] == MISSING
        rows["note"] = rows["note"].where(~gap, rows["group"].map(absent).fillna(MISSING))
        parts.append(rows.assign(period=_CALENDARS[every].name(number)))
    if not parts:
        return pd.DataFrame(columns=columns)
    table = pd.concat(parts, ignore_index=True)
    order = (table["measure"].map(measures.index), table["group"].map(asked.index), table["period"])
    return table.iloc[np.lexsort(order[::-1])].reset_index(drop=True)[columns]


def _by_period(tables: Mapping[str, pd.DataFrame], numbers: Mapping[str, int]) -> dict[int, dict[str, pd.DataFrame]]:
    """The tables of every period between the first and the last, empty where nothing was published."""
    if not numbers:
        return {}
    parts = {
        name: dict(list(table.groupby(table["article_id"].map(numbers)))) for name, table in tables.items()
    }  # fmt: skip
    return {
        number: {name: parts[name].get(number, table.iloc[:0]) for name, table in tables.items()}
        for number in range(min(numbers.values()), max(numbers.values()) + 1)
    }


@dataclass(frozen=True)
class _Series:
    """The articles of one group that have a measure, each in its period; tests are kept by the stretch they are of."""

    group: str
    measure: str
    measured: Groups
    place: np.ndarray
    text: np.ndarray
    tested: dict[tuple[int, int], list[dict[str, Any]]] = field(default_factory=dict)

    def borders(self, first: int, last: int, chance: Mapping[str, Any]) -> list[dict[str, Any]]:
        """What was written before and after every border of the periods ``first`` to ``last``.

        A border stands at a period with articles: where periods without any follow one another, there is one.
        """
        if (first, last) not in self.tested:
            inside = (self.place >= first) & (self.place <= last)
            found = np.unique(self.place[inside])[1:].tolist()
            pairs = [(self._side(inside & (self.place >= at)), self._side(inside & (self.place < at))) for at in found]
            rows = compared(self.measured, pairs, self.measure, **chance)
            named = {"group": self.group, "measure": self.measure, "since": first, "until": last}
            self.tested[first, last] = [
                {**named, "period": at, **row} for at, row in zip(found, rows, strict=True)
            ]  # fmt: skip
        return self.tested[first, last]

    def _side(self, chosen: np.ndarray) -> Side:
        copies = np.bincount(self.text, chosen, minlength=int(self.text.max(initial=0)) + 1)
        counts = self.measured.counts
        weight = chosen / np.maximum(copies[self.text], 1)
        return Side(weight, counts["numerator"].to_numpy(float), counts["denominator"].to_numpy(float))

    def segmented(self, limit: float, chance: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Every border once, tested in the stretch that the marked ones leave it; marked where p is below ``limit``."""
        todo, rows = [(int(self.place.min()), int(self.place.max()))] if len(self.place) else [], []
        while todo:
            first, last = todo.pop()
            borders = self.borders(first, last, chance)
            clear = [row for row in borders if row.get("p", 1) < limit and (row["low"] > 0 or row["high"] < 0)]
            if not clear:
                rows += borders
                continue
            best = min(clear, key=lambda row: (row["p"], row["period"]))
            rows.append({**best, "marked": True})
            todo += [(first, best["period"] - 1), (best["period"], last)]
        return sorted(rows, key=lambda row: row["period"])


def changes(
    tables: Tables,
    measures: str | Sequence[str] = VOICE_MEASURES,
    *,
    by: str = "outlet",
    every: str = "month",
    groups: Sequence[str] | None = None,
    seed: int = 0,
    resamples: int = 2000,
    level: float = 0.95,
) -> pd.DataFrame:
    """The borders between periods at which a group's rates change: one row per measure, group and border.

    Columns as in :func:`framing.comparison.compare`, where the group's articles from ``period`` on stand against those
    before it, so that *higher* says that the rate rose; ``since`` and ``until`` are the first and the last period of
    the stretch in which this was tested.

    Every border of a stretch is tested where both of its sides have enough articles. Of those whose p is below a limit
    and whose interval leaves out 0, the strongest is marked, and the two stretches beside it are treated in the same
    way. The limit is lowered from 1 - ``level`` until every marked border has a q below 1 - ``level``
    (Benjamini-Hochberg over every border of every group and measure of this call, each with its last test): one change
    makes all borders around it look like changes, and they must not help others over the bar. Only marked borders have
    the verdict *higher* or *lower*; all other tested ones have *no clear difference*, whatever their q.

    A group without a border has one row without ``period``: *not enough articles*, or *not in the corpus*.

    Of 400 simulated reports on six series of twelve months without a change, 5% had a mark. Where three of twelve
    series had a step from 15% to 30%, 2% of the marks were false, and four in five steps were marked within a month of
    their place; of steps to 25%, three in five were. Of drifts from 12% to 22% over the year, every third was cut.
    """
    import pandas as pd

    check_options(resamples, level)
    chance = {"seed": seed, "resamples": resamples, "level": level}
    found, measures = as_tables(tables), _each(measures)
    numbers = _periods(found["articles"], every)
    everyone = set(members(found["articles"], by)["group"])
    asked = list(dict.fromkeys(sorted(everyone) if groups is None else groups))
    series = [one for measure in measures for one in _series(found, measure, by, asked, numbers)]
    limit = 1 - level
    while True:
        rows = [row for one in series for row in one.segmented(limit, chance) or [_nothing(one, everyone)]]
        table = judge([pd.DataFrame(rows, columns=[*_COLUMNS, "marked"])], level=level)[0]
        marked = table["marked"].eq(True)
        failed = marked & ~table["verdict"].isin([HIGHER, LOWER])
        if not failed.any():
            break
        limit = float(table.loc[failed, "p"].min())
    table["against"] = BEFORE
    table["verdict"] = table["verdict"].mask(~marked & table["verdict"].isin([HIGHER, LOWER]), UNCLEAR)
    for column in ("period", "since", "until"):
        table[column] = [None if pd.isna(at) else _CALENDARS[every].name(int(at)) for at in table[column]]
    return table[_COLUMNS]


def _series(
    tables: Mapping[str, pd.DataFrame], measure: str, by: str, asked: Sequence[str], numbers: Mapping[str, int]
) -> list[_Series]:
    import pandas as pd

    counts = per_article(tables, measure, by)
    counts = counts[counts["article_id"].isin(numbers)]
    parts = dict(list(counts.groupby("group")))
    found = []
    for group in asked:
        mine = parts.get(group, counts.iloc[:0])
        # Within a story that is drawn again, every period keeps as many articles as it has.
        measured = Groups(mine.assign(group=mine["article_id"].map(numbers).astype(int)))
        texts = np.asarray(pd.factorize(measured.counts["text"])[0])
        found.append(_Series(group, measure, measured, measured.counts["group"].to_numpy(int), texts))
    return found


def _nothing(series: _Series, everyone: set[str]) -> dict[str, Any]:
    verdict = TOO_FEW if series.group in everyone else MISSING
    return {"group": series.group, "measure": series.measure, "n": series._side(series.place == series.place).articles,
            "n_rest": 0, "stories": 0, "stories_rest": 0, "verdict": verdict}  # fmt: skip
