"""Two names and one number: stance of outlets toward targets, and every outlet against every other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from framing.comparison import HIGHER, LOWER, TOO_FEW, rows_of
from framing.figures.style import (
    DIVERGING,
    INK,
    PALE,
    SMALL,
    SOFT,
    WIDTH,
    Links,
    between,
    finish,
    in_percent,
    in_words,
    linked,
    name_of,
    said,
    short,
    style,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

MOST_PAIRED = 12
# Of so many columns each has its name above it, wrapped; of more, slanting.
_UPRIGHT = 5
# Cells of so many columns hold a number with all its decimals.
_WIDE = 8
_FLIPPED = {HIGHER: LOWER, LOWER: HIGHER}
# How far a difference that is not clear is moved toward white.
_FADED = 0.75


def stance_heatmap(table: pd.DataFrame, *, outlets: Sequence[str] = (), links: Links | None = None) -> Figure:
    """Mean stance of each outlet (row) toward each target (column), with its interval or number of articles.

    ``table`` as from ``summary.stance_by_target``. Cells without an interval stay grey. ``links`` lead from
    (outlet, target); ``outlets`` is taken as by the other figures.
    """
    if table.empty:
        return in_words("no stance toward a target was found")
    targets, names = list(dict.fromkeys(table["target"])), list(dict.fromkeys(table["group"]))
    with style():
        figure, axis = _grid(names, targets)
        for row in rows_of(table):
            place = names.index(row.group), targets.index(row.target)
            known = bool(np.isfinite(row.low))
            colour = _colour(row.stance if known else np.nan, 1)
            if not np.isfinite(row.stance):
                text = "–"
            else:
                text = _signed(row.stance) + ("" if known else f"\nn = {row.n}")
            _cell(axis, place, text, colour, ends=(row.low, row.high), scale=1,
                  href=(links or {}).get((str(row.group), str(row.target))))  # fmt: skip
        axis.set_xlabel("orange: negative, purple: positive, grey: too few articles\nbar: 95% interval, from -1 to 1")
        lines = "; ".join(f"{said(row.group)} toward {said(row.target)} {_plain(row)}" for row in rows_of(table))
        return finish(figure, f"Mean stance by outlet and target: {lines}.", links)


def pairs(table: pd.DataFrame, *, outlets: Sequence[str] = (), links: Links | None = None) -> Figure:
    """Every outlet (row) minus every other (column) in one measure: the difference, and a bar for its interval.

    ``table`` has ``group``, ``against``, ``estimate``, ``low``, ``high``, ``verdict``, and ``measure`` where it is
    known; a pair that is given one way only is drawn both ways. Clear differences are filled and bold, others pale.
    Of more than twelve outlets the first twelve are drawn, and the figure says so. ``links`` lead from (group,
    against); ``outlets`` is taken as by the other figures.
    """
    if table.empty:
        return in_words("there is no pair of outlets to compare")
    measure = str(table["measure"].iloc[0]) if "measure" in table else ""
    everyone = list(dict.fromkeys([*table["group"], *table["against"]]))
    names = everyone[:MOST_PAIRED]
    factor, form = (100, "{:+.1f}") if in_percent(measure) else (1, "{:+.2f}")
    # The cells of many outlets are narrow: whole points, while the words keep the decimals.
    drawn = form if len(names) <= _WIDE else "{:+.0f}" if factor == 100 else "{:+.1f}"
    both = _both_ways(table, names, factor)
    widest = max((abs(end) for one in both.values() for end in one[:3] if np.isfinite(end)), default=1.0) or 1.0
    largest = max((abs(one[0]) for one in both.values() if np.isfinite(one[0])), default=1.0) or 1.0
    with style():
        figure, axis = _grid(names, names, numbered=len(names) > _UPRIGHT)
        for row, group in enumerate(names):
            for column, against in enumerate(names):
                value, low, high, verdict = both.get((group, against), (np.nan, np.nan, np.nan, ""))
                clear = verdict in (HIGHER, LOWER)
                colour = _colour(value, largest, faded=0.0 if clear else _FADED)
                text = drawn.format(value) if np.isfinite(value) else "" if row == column else "–"
                _cell(axis, (row, column), text, "white" if row == column else colour, ends=(low, high), scale=widest,
                      bold=clear, href=(links or {}).get((str(group), str(against))))  # fmt: skip
        unit = "points" if factor == 100 else "difference"
        rest = "" if len(everyone) == len(names) else f"; {len(names)} of {len(everyone)} outlets"
        axis.set_xlabel(f"row minus column, {unit}; bold: clear{rest}\nbar: 95% interval, with a mark at 0")
        return finish(figure, _pairs_text(both, measure, form, rest), links)


def _both_ways(table: pd.DataFrame, names: Sequence[str], factor: float) -> dict[tuple[str, str], Any]:
    """(group, against) to (estimate, low, high, verdict), each pair in both directions."""
    found: dict[tuple[str, str], Any] = {}
    for row in rows_of(table):
        if row.group in names and row.against in names:
            value, low, high = row.estimate * factor, row.low * factor, row.high * factor
            verdict = str(row.verdict)
            found[(row.group, row.against)] = (value, low, high, verdict)
            found.setdefault((row.against, row.group), (-value, -high, -low, _FLIPPED.get(verdict, verdict)))
    return found


def _grid(names: Sequence[str], columns: Sequence[str], *, numbered: bool = False) -> tuple[Figure, Any]:
    """An axis of cells: rows named on the left, columns above; ``numbered`` where both are the same names."""
    import matplotlib.pyplot as plt

    upright = len(columns) <= _UPRIGHT
    size = (max(WIDTH, 1.8 + 0.35 * len(columns)), (0.9 if upright or numbered else 1.6) + 0.46 * len(names))
    figure, axis = plt.subplots(figsize=size)
    axis.set(xlim=(0, len(columns)), ylim=(len(names), 0))
    axis.grid(False)
    axis.spines[:].set_visible(False)
    axis.xaxis.tick_top()
    heads = [str(k + 1) for k in range(len(columns))] if numbered else [short(name, line=12) for name in columns]
    axis.set_xticks(np.arange(len(columns)) + 0.5, heads, color=INK)
    if not (upright or numbered):
        heads = [short(name, most=22, line=30) for name in columns]
        axis.set_xticks(
            np.arange(len(columns)) + 0.35, heads, color=INK, rotation=35, ha="left", rotation_mode="anchor"
        )
    shown = [short(f"{k + 1}  {name}" if numbered else name, line=20) for k, name in enumerate(names)]
    axis.set_yticks(np.arange(len(names)) + 0.5, shown)
    return figure, axis


def _cell(
    axis: Any, place: tuple[int, int], text: str, colour: str, *, ends: tuple[float, float], scale: float,
    bold: bool = False, href: str | None = None,
) -> None:  # fmt: skip
    """One cell: its number, and below it the interval on a line from ``-scale`` to ``scale``."""
    from matplotlib.patches import Rectangle

    row, column = place
    ink = _readable(colour)
    shapes = [axis.add_patch(Rectangle((column + 0.02, row + 0.03), 0.96, 0.94, facecolor=colour, edgecolor="none"))]
    drawn = bool(np.isfinite(ends[0]))
    shapes.append(
        axis.text(column + 0.5, row + (0.40 if drawn else 0.5), text, ha="center", va="center", fontsize=SMALL,
                  color=ink if drawn or bold else SOFT, fontweight="bold" if bold else "normal")
    )  # fmt: skip
    if drawn:
        at = [column + 0.5 + 0.42 * float(np.clip(end / scale, -1, 1)) for end in ends]
        shapes += axis.plot(at, [row + 0.78] * 2, color=ink, linewidth=1.6, solid_capstyle="butt")
        axis.plot([column + 0.5] * 2, [row + 0.70, row + 0.86], color=ink, linewidth=0.8)
    linked(href, *shapes)


def _colour(value: float, scale: float, *, faded: float = 0.0) -> str:
    """The colour of a value from ``-scale`` to ``scale``, moved toward white by ``faded``; grey where there is none."""
    import matplotlib as mpl
    from matplotlib.colors import to_hex

    if not np.isfinite(value):
        return PALE
    red, green, blue, _ = mpl.colormaps[DIVERGING](0.5 + 0.42 * float(np.clip(value / scale, -1, 1)))
    return str(to_hex([1 - (1 - part) * (1 - faded) for part in (red, green, blue)]))


def _readable(colour: str) -> str:
    """Ink or white, whichever stands out more (relative luminance of WCAG 2)."""
    from matplotlib.colors import to_rgb

    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(colour)]
    return INK if 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2] > 0.19 else "white"


def _plain(row: Any) -> str:
    if not np.isfinite(row.stance):
        return "no mention"
    return _signed(row.stance) + (between(row.low, row.high, "{:+.2f}") or " (too few)")


def _pairs_text(both: dict[tuple[str, str], Any], measure: str, form: str, rest: str) -> str:
    lines, done = [], set()
    for (group, against), (value, low, high, verdict) in both.items():
        if (against, group) in done:
            continue
        done.add((group, against))
        number = form.format(value) + between(low, high, form) if np.isfinite(value) else "no number"
        lines.append(f"{said(group)} against {said(against)} {number}, {verdict or TOO_FEW}")
    return f"Differences between all pairs of outlets in {name_of(measure) or 'one measure'}{rest}: {'; '.join(lines)}."


def _signed(value: float) -> str:
    """Two digits with a sign, and no minus before a zero."""
    return f"{round(float(value), 2) + 0.0:+.2f}"
