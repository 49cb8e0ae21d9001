"""One measure of each outlet over time."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from framing.comparison import rows_of
from framing.errors import ParameterError
from framing.figures.style import (
    INK,
    PAPER,
    SMALL,
    SOFT,
    WIDTH,
    Links,
    between,
    finish,
    in_percent,
    in_words,
    limits,
    linked,
    name_of,
    outlet_colours,
    said,
    short,
    style,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

_COLUMNS = 2
# Points of a letter of a label, and of the room of a panel's axis.
_LETTER, _AXIS = 5.6, 175.0


def trend(
    table: pd.DataFrame, marks: pd.DataFrame | None = None, *, outlets: Sequence[str] = (), links: Links | None = None
) -> Figure:
    """A measure over time, one panel per outlet on one scale: line, band of 95% intervals, changes that are clear.

    ``table`` has ``group``, ``period`` (text that sorts by time), ``measure`` (one), ``rate``, ``low``, ``high``,
    ``n``, ``note``. The periods are those of the table; where an outlet has no article the line is broken, never
    zero, and a point without an interval is hollow. ``marks`` has ``group``, ``period``, ``measure``, ``verdict``:
    a line with that verdict stands at the period. ``links`` lead from (outlet, period), else from (outlet, measure).

    Raises :class:`~framing.errors.ParameterError` for a table of several measures.
    """
    if table.empty:
        return in_words("no article has a date, so nothing can be said over time")
    measures = list(dict.fromkeys(table["measure"]))
    if len(measures) > 1:
        raise ParameterError(f"trend draws one measure; given: {', '.join(map(str, measures))}; filter the table first")
    names, periods = list(dict.fromkeys(table["group"])), sorted(set(table["period"]))
    factor = 100 if in_percent(measures[0]) else 1
    colours = outlet_colours([*names, *outlets])
    changes = [] if marks is None else rows_of(marks[marks["measure"] == measures[0]])
    with style():
        figure, axes = _panels(len(names))
        bottom, top = limits(table[["rate", "low", "high"]].to_numpy(float) * factor,
                             zero=bool(table["rate"].min() >= 0), least=factor / 20)  # fmt: skip
        own = {name: sorted((c for c in changes if c.group == name), key=lambda c: c.period) for name in names}
        # Room above the lines for the words of the changes.
        top += (top - bottom) * 0.17 * max(map(len, own.values()), default=0)
        for number, (axis, name) in enumerate(zip(axes, names, strict=True)):
            axis.set(xlim=(-0.4, max(len(periods) - 0.6, 0.6)), ylim=(bottom, top))
            mine = table[table["group"] == name].drop_duplicates("period").set_index("period").reindex(periods)
            _line(axis, mine, factor, colours[name])
            _points(axis, mine, factor, colours[name], str(name), str(measures[0]), links or {})
            _changes(axis, own[name], periods)
            _ticks(axis, periods)
            axis.set_title(short(name, most=22, line=22))
            if number % _COLUMNS == 0:
                axis.set_ylabel("percent" if factor == 100 else "")
        return finish(figure, _text(table, changes, str(measures[0])), links)


def _panels(count: int) -> tuple[Figure, list[Any]]:
    import matplotlib.pyplot as plt

    columns = min(_COLUMNS, count)
    lines = -(-count // columns)
    figure, grid = plt.subplots(lines, columns, figsize=(WIDTH, 0.2 + 1.75 * lines), sharey=True, squeeze=False)
    for axis in grid.flat:
        axis.grid(visible=True, axis="y")
        axis.grid(visible=False, axis="x")
        axis.tick_params(axis="y", labelsize=SMALL, colors=SOFT, pad=3)
    for axis in list(grid.flat)[count:]:
        axis.set_visible(False)
    return figure, list(grid.flat)[:count]


def _line(axis: Any, mine: pd.DataFrame, factor: int, colour: str) -> None:
    """Line and band over every stretch without a gap; a bar where a stretch is one point."""
    rate, low, high = (mine[column].to_numpy(float) * factor for column in ("rate", "low", "high"))
    for stretch in _stretches(np.isfinite(rate)):
        axis.plot(stretch, rate[stretch], color=colour, linewidth=1.8)
    for stretch in _stretches(np.isfinite(low)):
        if len(stretch) > 1:
            axis.fill_between(stretch, low[stretch], high[stretch], color=colour, alpha=0.18, linewidth=0)
        else:
            axis.plot(stretch * 2, [low[stretch[0]], high[stretch[0]]], color=colour, alpha=0.35, linewidth=3)


def _stretches(known: np.ndarray) -> list[list[int]]:
    """The places of every run of true values."""
    runs = groupby(range(len(known)), key=lambda place: bool(known[place]))
    return [list(run) for there, run in runs if there]


def _points(
    axis: Any, mine: pd.DataFrame, factor: int, colour: str, name: str, measure: str, links: Links
) -> None:  # fmt: skip
    rate, low = mine["rate"].to_numpy(float) * factor, mine["low"].to_numpy(float)
    if not np.isfinite(rate).any():
        notes = [str(note) for note in mine["note"].dropna() if note]
        axis.text(0.02, 0.5, notes[0] if notes else "no article", transform=axis.transAxes, color=SOFT, style="italic")
    for place in np.flatnonzero(np.isfinite(rate)).tolist():
        points = axis.plot([place], [rate[place]], marker="o", markersize=4, color=colour, markeredgewidth=1.2,
                           zorder=3, markerfacecolor=colour if np.isfinite(low[place]) else "white")  # fmt: skip
        linked(links.get((name, str(mine.index[place])), links.get((name, measure))), *points)


def _changes(axis: Any, changes: Sequence[Any], periods: Sequence[str]) -> None:
    """A line at every change with its verdict and period; one label below the other."""
    for number, change in enumerate(changes):
        if change.period not in periods:
            continue
        place = periods.index(change.period)
        right = place > (len(periods) - 1) / 2
        axis.axvline(place, color=INK, linewidth=1, linestyle=(0, (3, 2)), zorder=1)
        axis.annotate(f"{change.verdict}, {change.period}", (place, 1 - 0.13 * number), fontsize=SMALL, va="top",
                      xycoords=axis.get_xaxis_transform(), textcoords="offset points", bbox=PAPER, zorder=4,
                      xytext=(-3 if right else 3, 0), ha="right" if right else "left")  # fmt: skip


def _ticks(axis: Any, periods: Sequence[str]) -> None:
    """As many periods by name as fit beside one another, the first and the last among them."""
    room = max(2, int(_AXIS / (_LETTER * max(map(len, periods)) + 14)))
    count = min(len(periods), room)
    places = sorted({round(place) for place in np.linspace(0, len(periods) - 1, count).tolist()})
    axis.set_xticks(places, [periods[place] for place in places])
    if len(places) > 1:
        axis.get_xticklabels()[0].set_ha("left")
        axis.get_xticklabels()[-1].set_ha("right")


def _text(table: pd.DataFrame, changes: Sequence[Any], measure: str) -> str:
    factor, unit = (100, "%") if in_percent(measure) else (1, "")
    parts = []
    for name in dict.fromkeys(table["group"]):
        mine = table[table["group"] == name].sort_values("period").dropna(subset="rate")
        ends = [
            f"{row.period} {row.rate * factor:.1f}{unit}" + between(row.low * factor, row.high * factor, "{:.1f}")
            for row in rows_of(mine.iloc[[0, -1]] if len(mine) > 1 else mine)
        ]
        found = [f"{change.verdict} in {change.period}" for change in changes if change.group == name]
        words = " to ".join(ends) or "no article"
        parts.append(f"{said(name)}: {words}; " + (", ".join(found) if found else "no clear change"))
    return f"{name_of(measure)} over time with 95% intervals. {'. '.join(parts)}."
