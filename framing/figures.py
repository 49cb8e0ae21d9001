"""Table in, figure out: one style, colours that the colour-blind can tell apart, intervals always drawn.

Every function takes a tidy table and returns a matplotlib ``Figure`` with its alternative text in
``figure.alt``. Names of outlets are data: never read as mathematical notation, never cut.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from framing.comparison import MEASURES, rows_of
from framing.errors import ParameterError, one_of
from framing.records import CUE_CLASSES

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

# Okabe & Ito (2008), without black and yellow, which vanish on dark and on light paper.
PALETTE: tuple[str, ...] = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7F7F7F")
MARKERS: tuple[str, ...] = ("o", "s", "D", "^", "v", "P", "X")
INK, SOFT, RULE = "#1b1f24", "#5b6470", "#d5dae1"
WIDTH = 7.2
_VOICE_LABELS = {"loaded_rate_author": "own voice", "loaded_rate_source": "quoted voices", "loaded_rate": "both"}
_CUE_COLOURS = dict(zip(CUE_CLASSES, ("#9aa5b1", "#E69F00", "#56B4E9", "#D55E00"), strict=True))
_MAX_NAME = 32
_PAPER = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}


@contextmanager
def style() -> Iterator[None]:
    """The one style of all figures, for drawing and for saving."""
    import matplotlib as mpl

    settings: dict[str, Any] = {
        "figure.facecolor": "white", "axes.facecolor": "white", "axes.edgecolor": RULE, "axes.labelcolor": SOFT,
        "axes.spines.top": False, "axes.spines.right": False, "axes.spines.left": False, "axes.grid": True,
        "axes.grid.axis": "x", "axes.axisbelow": True, "grid.color": "#e8ebef", "grid.linewidth": 0.8,
        "axes.titlesize": 10.5, "axes.titleweight": "bold", "axes.titlelocation": "left", "axes.titlepad": 9,
        "axes.labelsize": 9, "xtick.color": SOFT, "ytick.color": INK, "xtick.labelsize": 8.5, "ytick.labelsize": 9.5,
        "xtick.major.size": 0, "ytick.major.size": 0, "text.color": INK, "font.family": "DejaVu Sans",
        "font.size": 9.5, "text.parse_math": False, "svg.fonttype": "path", "svg.hashsalt": "framing",
        "savefig.bbox": "tight", "savefig.pad_inches": 0.08, "legend.frameon": False, "legend.fontsize": 9,
    }  # fmt: skip
    with mpl.rc_context(settings):
        yield


def outlet_colours(names: Sequence[str]) -> dict[str, str]:
    """A colour per outlet, by its place in the alphabet.

    Figures take all ``outlets`` of a report, so that an outlet keeps its colour where others are absent.
    """
    return {name: PALETTE[index % len(PALETTE)] for index, name in enumerate(sorted(set(names)))}


def _panels(table: pd.DataFrame) -> tuple[Figure, list[tuple[Any, str, pd.DataFrame]]]:
    """One panel per measure with its rows by outlet; every panel names the same outlets in the same order."""
    measures, names = list(dict.fromkeys(table["measure"])), list(dict.fromkeys(table["group"]))
    figure, axes = _figure(len(names), len(measures), share_x=True)
    panels = []
    for axis, measure in zip(axes, measures, strict=True):
        _rows(axis, [_short(name) for name in names])
        panels.append((axis, measure, table[table["measure"] == measure].set_index("group").reindex(names)))
    return figure, panels


def loaded_rates(table: pd.DataFrame, *, outlets: Sequence[str] = ()) -> Figure:
    """Rates with intervals, one panel per voice, one row per outlet; ``table`` as from ``comparison.rates``."""
    colours = outlet_colours([*table["group"], *outlets])
    with style():
        figure, panels = _panels(table)
        for axis, measure, rows in panels:
            percent = measure not in MEASURES or MEASURES[measure].percent
            factor = 100 if percent else 1
            for place, (name, row) in enumerate(rows.iterrows()):
                _interval(axis, place, row["rate"] * factor, row["low"] * factor, row["high"] * factor,
                          colours[str(name)], MARKERS[list(colours).index(str(name)) % len(MARKERS)],
                          str(row["note"] or ""), "{:.1f}%" if percent else "{:.1f}")  # fmt: skip
            axis.set_title(_VOICE_LABELS.get(measure, MEASURES[measure].label if measure in MEASURES else measure))
            axis.set_xlabel("percent" if percent else "")
        _from_zero([axis for axis, _, _ in panels], table, [measure for _, measure, _ in panels])
        return _finish(figure, _rates_text(table, list(dict.fromkeys(table["measure"]))))


def differences(table: pd.DataFrame, *, outlets: Sequence[str] = ()) -> Figure:
    """Each outlet minus the rest, with its interval; filled where the verdict is clear. ``table`` of ``compare``."""
    colours = outlet_colours([*table["group"], *outlets])
    with style():
        figure, panels = _panels(table)
        for axis, measure, rows in panels:
            axis.axvline(0, color=SOFT, linewidth=1)
            factor = 100 if MEASURES[measure].percent else 1
            for place, (name, row) in enumerate(rows.iterrows()):
                _interval(axis, place, row["estimate"] * factor, row["low"] * factor, row["high"] * factor,
                          colours[str(name)], "o", "" if np.isfinite(row["low"]) else str(row["verdict"]),
                          "{:+.1f}" if factor == 100 else "{:+.2f}",
                          hollow=row["verdict"] not in ("higher", "lower"))  # fmt: skip
            axis.set_title(_VOICE_LABELS.get(measure, MEASURES[measure].label))
            axis.set_xlabel("percentage points from the rest" if factor == 100 else "difference from the rest")
        said = "; ".join(f"{row.group} {row.verdict}" for row in rows_of(table))
        return _finish(figure, f"Difference of each outlet from the rest with 95% intervals: {said}.")


def stance_heatmap(table: pd.DataFrame) -> Figure:
    """Mean stance of each outlet (row) toward each target (column), its interval or number of articles in the cell.

    ``table`` as from ``summary.stance_by_target``. Cells without an interval stay grey.
    """
    import matplotlib.pyplot as plt
    import seaborn as sns

    targets, names = list(dict.fromkeys(table["target"])), list(dict.fromkeys(table["group"]))
    values = table.pivot(index="group", columns="target", values="stance").reindex(index=names, columns=targets)
    known = table.assign(known=table["low"].notna()).pivot(index="group", columns="target", values="known")
    known = known.reindex(index=names, columns=targets).fillna(False).astype(bool)
    words = {(row.group, row.target): _cell(row) for row in rows_of(table)}
    notes = np.array([[words.get((name, target), "–") for target in targets] for name in names], dtype=object)
    with style():
        size = (max(WIDTH, 2.6 + 1.05 * len(targets)), 1.2 + 0.48 * max(1, len(names)))
        figure, axis = plt.subplots(figsize=size)
        if values.size:
            bar = {"label": "-1 negative, 1 positive", "shrink": 0.8, "aspect": 30, "pad": 0.02}
            sns.heatmap(values.where(known).astype(float), ax=axis, vmin=-1, vmax=1, cmap="PuOr", annot=notes, fmt="",
                        linewidths=2, annot_kws={"fontsize": 7.5}, cbar_kws=bar, mask=~known.to_numpy())  # fmt: skip
            for row, column in zip(*np.where(~known.to_numpy()), strict=True):
                axis.text(
                    column + 0.5, row + 0.5, notes[row, column], ha="center", va="center", fontsize=7.5, color=SOFT
                )
        axis.set_facecolor("#eef0f3")
        axis.grid(False)
        axis.set(xlabel="", ylabel="")
        axis.set_xticks(np.arange(len(targets)) + 0.5, [_wrap(target) for target in targets], rotation=0)
        axis.set_yticks(np.arange(len(names)) + 0.5, [_short(name) for name in names], rotation=0)
        said = "; ".join(f"{row.group} toward {row.target} {_plain(row)}" for row in rows_of(table))
        return _finish(figure, f"Mean stance by outlet and target: {said}.")


def cue_classes(table: pd.DataFrame) -> Figure:
    """How each outlet passes on what others say: intervals of each cue class's share, one panel per class.

    ``table`` as from ``comparison.rates`` over the measures ``neutral_cues``, ``doubting_cues`` ...
    """
    measures = list(dict.fromkeys(table["measure"]))
    names = list(dict.fromkeys(table["group"]))
    with style():
        figure, axes = _figure(len(names), len(measures), share_x=False)
        for axis, measure in zip(axes, measures, strict=True):
            rows = table[table["measure"] == measure].set_index("group").reindex(names)
            cue_class = measure.removesuffix("_cues")
            for place, (_, row) in enumerate(rows.iterrows()):
                _interval(axis, place, row["rate"] * 100, row["low"] * 100, row["high"] * 100,
                          _CUE_COLOURS.get(cue_class, INK), "o", str(row["note"] or ""), "{:.1f}%")  # fmt: skip
            axis.set_title(cue_class)
            axis.set_xlabel("percent")
            _rows(axis, [_short(name) for name in names])
            axis.set_xlim(left=0)
        return _finish(figure, _rates_text(table, list(dict.fromkeys(table["measure"]))))


def distinctive(table: pd.DataFrame, *, top: int = 8, outlets: Sequence[str] = ()) -> Figure:
    """The most distinctive loaded terms of each outlet as bars of z; ``table`` of ``keyness.distinctive_terms``."""
    names = list(dict.fromkeys(table["group"]))
    colours = outlet_colours([*names, *outlets])
    with style():
        import matplotlib.pyplot as plt

        columns = min(2, max(1, len(names)))
        lines = -(-max(1, len(names)) // columns)
        slots = min(top, int(table.groupby("group").size().max())) if len(table) else 1
        figure, grid = plt.subplots(lines, columns, figsize=(WIDTH, lines * (0.95 + 0.25 * slots)), squeeze=False)
        widest = float(table["z"].max()) if len(table) else 1.0
        for axis, name in zip(grid.flat, names, strict=False):
            rows = table[table["group"] == name].head(top)
            places = np.arange(len(rows))
            axis.barh(places, rows["z"], color=colours[name], height=0.62)
            for place, (z, row) in enumerate(zip(rows["z"], rows_of(rows), strict=True)):
                axis.text(z, place, f" {row.count}:{row.count_rest}", va="center", fontsize=8, color=SOFT)
            _rows(axis, [_short(term) for term in rows["term"]], slots=slots)
            axis.set_xlim(0, max(widest * 1.2, 2.2))
            axis.axvline(1.96, color=SOFT, linewidth=0.9, linestyle=":", zorder=0)
            axis.set_title(_short(name))
            axis.set_xlabel("z of log-odds")
        for axis in list(grid.flat)[max(1, len(names)) :]:
            axis.set_visible(False)
        if not names:
            _rows(grid[0, 0], [])
            grid[0, 0].set_xticks([])
            grid[0, 0].text(0.5, 0, "no term is used often enough", ha="center", va="center", color=SOFT)
        said = "; ".join(f"{n}: {', '.join(table[table['group'] == n]['term'].head(top))}" for n in names) or "none"
        return _finish(figure, f"Most distinctive loaded terms by outlet. {said}.")


def save(figure: Figure, kind: Literal["svg", "png"] = "svg") -> bytes:
    """The figure as SVG, or as PNG at twice the usual resolution; the same bytes for the same figure."""
    if kind not in ("svg", "png"):
        raise ParameterError(one_of("kind of figure", kind, ("svg", "png")))
    buffer = io.BytesIO()
    metadata: dict[str, Any] = {"Date": None, "Creator": None} if kind == "svg" else {"Software": None}
    with style():
        figure.savefig(buffer, format=kind, dpi=192, metadata=metadata)
    return buffer.getvalue()


def _figure(rows: int, panels: int, *, share_x: bool) -> tuple[Figure, list[Any]]:
    import matplotlib.pyplot as plt

    size = (WIDTH, 1.05 + 0.36 * max(1, rows))
    figure, axes = plt.subplots(1, max(1, panels), figsize=size, sharey=True, sharex=share_x, squeeze=False)
    return figure, list(axes[0][:panels])


def _interval(
    axis: Any, place: float, value: float, low: float, high: float, colour: str, marker: str, note: str, form: str,
    *, hollow: bool = False,
) -> None:  # fmt: skip
    """One estimate with its interval and its number; hollow without an interval, words where there is no estimate."""
    if not np.isfinite(value):
        axis.text(0.02, place, note or "no data", transform=axis.get_yaxis_transform(), va="center", fontsize=8,
                  color=SOFT, style="italic")  # fmt: skip
        return
    if np.isfinite(low):
        axis.plot([low, high], [place, place], color=colour, linewidth=2.2, solid_capstyle="round", clip_on=False)
    axis.plot([value], [place], marker=marker, color=colour, markersize=6.5, clip_on=False, zorder=3,
              markeredgewidth=1.6, markerfacecolor="white" if hollow or not np.isfinite(low) else colour)  # fmt: skip
    axis.annotate(form.format(value), (value, place), textcoords="offset points", xytext=(0, 7),
                  ha="center", fontsize=7.8, color=INK, bbox=_PAPER)  # fmt: skip


def _rows(axis: Any, labels: Sequence[str], *, slots: int = 0) -> None:
    axis.set_yticks(range(len(labels)), labels)
    axis.set_ylim(max(len(labels), slots) - 0.4, -0.7)


def _from_zero(axes: Sequence[Any], table: pd.DataFrame, measures: Sequence[str]) -> None:
    if axes and len(table) and all(m not in MEASURES or MEASURES[m].table != "stances" for m in measures):
        for axis in axes:
            axis.set_xlim(left=0)


def _finish(figure: Figure, text: str) -> Figure:
    import matplotlib.pyplot as plt

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Tight layout")  # of a figure that holds nothing but a word
        figure.tight_layout()
    plt.close(figure)
    figure.alt = text  # type: ignore[attr-defined]
    return figure


def _cell(row: Any) -> str:
    if not np.isfinite(row.stance):
        return "–"
    return f"{row.stance:+.2f}\n" + (f"{row.low:+.2f} to {row.high:+.2f}" if np.isfinite(row.low) else f"n = {row.n}")


def _plain(row: Any) -> str:
    if not np.isfinite(row.stance):
        return "no mention"
    return f"{row.stance:+.2f}" + (f" ({row.low:+.2f} to {row.high:+.2f})" if np.isfinite(row.low) else " (too few)")


def _rates_text(table: pd.DataFrame, measures: Sequence[str]) -> str:
    parts = []
    for measure in measures:
        rows = table[table["measure"] == measure]
        label = MEASURES[measure].label if measure in MEASURES else measure
        factor, unit = (100, "%") if measure not in MEASURES or MEASURES[measure].percent else (1, "")
        said = [
            f"{row.group} {row.rate * factor:.1f}{unit}"
            + (f" ({row.low * factor:.1f} to {row.high * factor:.1f})" if np.isfinite(row.low) else "")
            if np.isfinite(row.rate) else f"{row.group} {row.note or 'no data'}"
            for row in rows_of(rows)
        ]  # fmt: skip
        parts.append(f"{label}: {', '.join(said)}")
    return "Rates with 95% intervals. " + "; ".join(parts) + "."


def _short(name: str) -> str:
    clean = "".join(c if c.isprintable() else " " for c in str(name)) or "(no name)"
    return clean if len(clean) <= _MAX_NAME else clean[: _MAX_NAME - 1] + "…"


def _wrap(name: str, width: int = 14) -> str:
    from textwrap import wrap

    return "\n".join(wrap(_short(name), width)) or "(no name)"
