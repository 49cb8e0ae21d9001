"""The instrument's own figures: calibration, scores beside those of others; and where one article stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from framing.comparison import rows_of
from framing.figures.style import (
    INK,
    PALETTE,
    PAPER,
    PLAIN,
    SMALL,
    SOFT,
    WIDTH,
    Links,
    anchor,
    between,
    finish,
    in_percent,
    in_words,
    limits,
    linked,
    name_of,
    plain,
    said,
    short,
    style,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

_Z = 1.959964
_FAINT = "#c4cbd4"
_OURS = PALETTE[0]


def wilson(share: Any, n: Any) -> tuple[np.ndarray, np.ndarray]:
    """The 95% interval of a share of ``n`` (Wilson 1927), in [0, 1]; NaN where nothing was counted."""
    p, count = np.asarray(share, float), np.asarray(n, float)
    with np.errstate(divide="ignore", invalid="ignore"):
        middle = (p + _Z**2 / (2 * count)) / (1 + _Z**2 / count)
        half = _Z / (1 + _Z**2 / count) * np.sqrt(p * (1 - p) / count + _Z**2 / (4 * count**2))
    return np.clip(middle - half, 0, 1), np.clip(middle + half, 0, 1)


def calibration(bins: pd.DataFrame, *, links: Links | None = None) -> Figure:
    """What was predicted against what was found, one panel per curve; on the diagonal a probability is what it says.

    ``bins`` has ``curve``, ``predicted`` (mean probability), ``observed`` (share) and ``n``; the 95% intervals are
    Wilson's where ``low`` and ``high`` are not given. ``links`` lead from (curve, ``"calibration"``).
    """
    if bins.empty:
        return in_words("calibration was not measured")
    import matplotlib.pyplot as plt

    if "low" not in bins:
        bins = bins.assign(**dict(zip(("low", "high"), wilson(bins["observed"], bins["n"]), strict=True)))
    curves = list(dict.fromkeys(bins["curve"]))
    columns = min(2, len(curves))
    lines = -(-len(curves) // columns)
    with style():
        size = (WIDTH, 0.2 + lines * 3.3)
        figure, grid = plt.subplots(lines, columns, figsize=size, squeeze=False, sharey=True)
        for axis, curve in zip(grid.flat, curves, strict=False):
            colour = PALETTE[curves.index(curve) % len(PALETTE)]
            mine = bins[bins["curve"] == curve].sort_values("predicted")
            _reliability(axis, mine, colour, (links or {}).get((str(curve), "calibration")))
            axis.set_title(short(curve, most=52, line=26))
        for axis in list(grid.flat)[len(curves) :]:
            axis.set_visible(False)
        for row in grid:
            row[0].set_ylabel("share found")
        return finish(figure, _calibration_text(bins, curves), links)


def _reliability(axis: Any, mine: pd.DataFrame, colour: str, href: str | None) -> None:
    axis.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), xlabel="probability given")
    axis.set_xticks([0, 0.5, 1], ["0", ".5", "1"])
    axis.set_yticks([0, 0.5, 1], ["0", ".5", "1"])
    axis.tick_params(axis="y", labelsize=SMALL, colors=SOFT, pad=3)
    axis.grid(visible=True, axis="both")
    axis.plot([0, 1], [0, 1], color=SOFT, linewidth=0.9, linestyle=(0, (4, 3)))
    axis.text(1, 0.01, "dashed: as it should be", ha="right", va="bottom", fontsize=SMALL, color=SOFT)
    x, y = mine["predicted"].to_numpy(float), mine["observed"].to_numpy(float)
    shapes = axis.plot(x, y, color=colour, linewidth=1, alpha=0.5)
    for place, row in enumerate(rows_of(mine)):
        shapes += axis.plot([x[place]] * 2, [row.low, row.high], color=colour, linewidth=1.8)
    shapes += axis.plot(x, y, linestyle="", marker="o", markersize=5, color=colour)
    shapes.append(axis.text(0.03, 0.97, _counted(mine), va="top", fontsize=SMALL, bbox=PAPER, color=INK))
    linked(href, *shapes)


def _counted(mine: pd.DataFrame) -> str:
    least, most = int(mine["n"].min()), int(mine["n"].max())
    each = f"{least:,}" if least == most else f"{least:,} to {most:,}"
    return f"{len(mine)} bins of {each}"


def _calibration_text(bins: pd.DataFrame, curves: Sequence[object]) -> str:
    parts = []
    for curve in curves:
        mine = bins[bins["curve"] == curve].sort_values("predicted")
        points = ", ".join(
            f"{row.predicted:.2f} given, {row.observed:.2f}{between(row.low, row.high, '{:.2f}')} found"
            for row in rows_of(mine)
        )
        parts.append(f"{said(curve)}, {_counted(mine)}: {points}")
    return f"Probabilities given and shares found, with 95% intervals. {'; '.join(parts)}."


def bars_beside(table: pd.DataFrame, *, links: Links | None = None) -> Figure:
    """Scores by task, a row per system under the name of the task: ours filled and bold, those of others hollow.

    ``table`` has ``task``, ``system``, ``score`` in [0, 1], ``ours``; ``low`` and ``high`` where there are
    intervals. ``links`` lead from (system, task).
    """
    if table.empty:
        return in_words("nothing was measured")
    import matplotlib.pyplot as plt

    tasks = list(dict.fromkeys(table["task"]))
    with style():
        figure, axis = plt.subplots(figsize=(WIDTH, 0.6 + 0.27 * (len(table) + 1.35 * len(tasks))))
        axis.set_xlim(0, 1)
        places, labels, bold, place = [], [], [], 0.0
        for task in tasks:
            axis.text(0, place, short(task, most=70, line=70), transform=axis.get_yaxis_transform(), fontweight="bold",
                      va="center", ha="left", bbox={**PAPER, "alpha": 1})  # fmt: skip
            place += 1
            for row in rows_of(table[table["task"] == task]):
                _score(axis, place, row, (links or {}).get((str(row.system), str(task))))
                places.append(place)
                labels.append(short(row.system, most=40, line=40))
                bold.append(bool(row.ours))
                place += 1
            place += 0.35
        axis.set_yticks(places, labels)
        for label, ours in zip(axis.get_yticklabels(), bold, strict=True):
            label.set(fontsize=SMALL, fontweight="bold" if ours else "normal")
        axis.set_ylim(place - 0.6, -0.6)
        axis.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", ".25", ".5", ".75", "1"])
        rows = [f"{said(row.task)}, {said(row.system)} {_number(row.score)}" for row in rows_of(table)]
        return finish(figure, f"Scores by task. {'; '.join(rows)}.", links)


def _score(axis: Any, place: float, row: Any, href: str | None) -> None:
    colour = _OURS if row.ours else SOFT
    shapes = []
    if np.isfinite(low := getattr(row, "low", np.nan)):
        shapes += axis.plot([low, row.high], [place] * 2, color=colour, linewidth=2)
    shapes += axis.plot([row.score], [place], marker="o", markersize=6, color=colour, markeredgewidth=1.4, zorder=3,
                        clip_on=False, markerfacecolor=colour if row.ours else "white")  # fmt: skip
    left = row.score > 0.9
    shapes.append(
        axis.annotate(_number(row.score), (row.score, place), xytext=(-8 if left else 8, 0), va="center",
                      textcoords="offset points", ha="right" if left else "left", fontsize=SMALL,
                      fontweight="bold" if row.ours else "normal", bbox=PAPER)
    )  # fmt: skip
    linked(href, *shapes)


def _number(score: float) -> str:
    """A score from 0 to 1 as the field prints it: three decimals, no zero before the point."""
    return f"{score:.3f}".replace("0.", ".", 1) if 0 <= score < 1 else f"{score:.3f}"


def where_it_stands(
    values: Iterable[float], own: float, label: str, *, name: str = "this article", links: Links | None = None
) -> Figure:
    """The values of all articles as a histogram, the middle half of them, and one article among them.

    ``label`` is a measure of ``comparison.MEASURES`` or what the values are; missing values are left out. Where the
    article stands is said in words: which share is below it, and which above. ``links`` lead from (``name``,
    ``label``).
    """
    known = np.asarray([value for value in values if np.isfinite(value)], float)
    factor, unit = (100, "%") if in_percent(label) and _is_share(known, own) else (1, "")
    text = name_of(label)
    if not len(known):
        return in_words(f"there is no article to compare {plain(name)} with")
    if not np.isfinite(own):
        return in_words(f"{plain(name)} has no value of {plain(text)}")
    import matplotlib.pyplot as plt

    known, own = known * factor, own * factor
    words = f"{said(name, most=40)}: {own:.1f}{unit}\n{standing(known, own)}"
    first, third = np.quantile(known, [0.25, 0.75]).tolist()
    with style():
        figure, axis = plt.subplots(figsize=(WIDTH, 2.1))
        axis.set_xlim(limits([*known.tolist(), own], zero=bool(min(known.min(), own) >= 0), least=factor / 20))
        count, _, _ = axis.hist(known, bins=min(30, max(5, round(len(known) ** 0.5))), color=_FAINT, rwidth=0.9)
        top = float(count.max())
        axis.set_ylim(-0.2 * top, 1.75 * top)
        axis.set_yticks([])
        axis.plot([first, third], [-0.1 * top] * 2, color=SOFT, linewidth=4, solid_capstyle="butt")
        shapes = [axis.plot([own] * 2, [-0.2 * top, 1.25 * top], color=PALETTE[1], linewidth=1.8)[0]]
        side = anchor(axis, own)
        shapes.append(axis.annotate(words, (own, 1.28 * top), ha=side, va="bottom", fontsize=PLAIN, color=INK))
        unit_of = ", percent" if factor == 100 else ""
        axis.set_xlabel(f"{short(text, most=60, line=60)}{unit_of}\nbar: the middle half of {len(known):,} articles")
        linked((links or {}).get((name, label)), *shapes)
        middle = f"Half of them lie between {first:.1f}{unit} and {third:.1f}{unit}."
        return finish(figure, f"{plain(text)}. {words.replace(chr(10), ', ')}. {middle}", links)


def standing(known: np.ndarray, own: float) -> str:
    """Where a value stands among others, in words."""
    below, above = float((known < own).mean()), float((known > own).mean())
    return f"{_share(below)} of {len(known):,} articles are lower, {_share(above)} higher"


def _share(part: float) -> str:
    """A share in percent; few are never called none, and most never all."""
    return "under 1%" if 0 < part < 0.005 else "over 99%" if 0.995 < part < 1 else f"{part:.0%}"


def _is_share(known: np.ndarray, own: float) -> bool:
    return bool(len(known)) and float(np.nanmin([*known, own])) >= 0 and float(np.nanmax([*known, own])) <= 1
