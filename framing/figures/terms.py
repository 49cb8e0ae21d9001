"""Words: the most distinctive loaded terms of each outlet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from framing.comparison import rows_of
from framing.figures.style import (
    SMALL,
    SOFT,
    WIDTH,
    Links,
    finish,
    in_words,
    linked,
    outlet_colours,
    rows,
    said,
    short,
    style,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

# Standard errors on each side of a 95% interval.
_SPREAD = 1.96


def distinctive(
    table: pd.DataFrame, *, top: int = 8, outlets: Sequence[str] = (), links: Links | None = None
) -> Figure:
    """The most distinctive loaded terms of each outlet as bars of z; ``table`` of ``keyness.distinctive_terms``.

    The thin line is the 95% interval of z; what reaches beyond the dotted line is more than chance would do. Beside
    it stand the uses by the outlet and by the rest. ``links`` lead from (outlet, term).
    """
    names = list(dict.fromkeys(table["group"]))
    if not names:
        return in_words("no term is used often enough")
    colours = outlet_colours([*names, *outlets])
    with style():
        import matplotlib.pyplot as plt

        columns = min(2, len(names))
        lines = -(-len(names) // columns)
        slots = min(top, int(table.groupby("group").size().max()))
        figure, grid = plt.subplots(lines, columns, figsize=(WIDTH, lines * (0.95 + 0.25 * slots)), squeeze=False)
        widest = float(table["z"].max()) + _SPREAD
        for axis, name in zip(grid.flat, names, strict=False):
            mine = table[table["group"] == name].head(top)
            for place, row in enumerate(rows_of(mine)):
                (bar,) = axis.barh([place], [row.z], color=colours[name], height=0.62)
                ends = [max(0.0, row.z - _SPREAD), row.z + _SPREAD]
                (line,) = axis.plot(ends, [place, place], color=SOFT, linewidth=1)
                counts = axis.text(ends[1], place, f" {row.count}:{row.count_rest}", va="center", fontsize=SMALL,
                                   color=SOFT)  # fmt: skip
                linked((links or {}).get((str(name), str(row.term))), bar, line, counts)
            rows(axis, [str(term) for term in mine["term"]], slots=slots, line=22)
            axis.set_yticks(
                np.arange(len(mine)), [short(term, most=20, line=22) for term in mine["term"]], fontsize=SMALL
            )
            axis.set_xlim(0, widest * (1.3 if columns == 2 else 1.15))
            axis.axvline(_SPREAD, color=SOFT, linewidth=0.9, linestyle=":", zorder=0)
            axis.set_title(short(name, line=26))
            axis.set_xlabel("z of log-odds")
        for axis in list(grid.flat)[len(names) :]:
            axis.set_visible(False)
        return finish(figure, f"Most distinctive loaded terms by outlet, with z. {_text(table, names, top)}.", links)


def _text(table: pd.DataFrame, names: Sequence[str], top: int) -> str:
    lines = []
    for name in names:
        mine = rows_of(table[table["group"] == name].head(top))
        lines.append(
            f"{said(name)}: "
            + ", ".join(f"{said(row.term)} {row.z:.1f} ({row.count}:{row.count_rest})" for row in mine)
        )
    return "; ".join(lines)
