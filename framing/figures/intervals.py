"""Estimates of outlets with their intervals: rates, differences from the rest, classes of cues."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from framing.comparison import HIGHER, LOWER, MEASURES, rows_of
from framing.figures.style import (
    INK,
    SOFT,
    Links,
    between,
    finish,
    in_percent,
    in_words,
    interval,
    limits,
    name_of,
    outlet_colours,
    outlet_markers,
    panels,
    rows,
    said,
    style,
    title_of,
)
from framing.records import CUE_CLASSES

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

_VOICE_LABELS = {"loaded_rate_author": "own voice", "loaded_rate_source": "quoted voices", "loaded_rate": "both"}
_CUE_COLOURS: dict[str, str] = dict(zip(CUE_CLASSES, ("#7F7F7F", "#E69F00", "#56B4E9", "#D55E00"), strict=True))


def loaded_rates(table: pd.DataFrame, *, outlets: Sequence[str] = (), links: Links | None = None) -> Figure:
    """Rates with intervals, one panel per voice, one row per outlet; ``table`` as from ``comparison.rates``.

    ``outlets`` are all outlets of the report: each keeps its colour. ``links`` lead from (outlet, measure) to an
    address inside the report.
    """
    if table.empty:
        return in_words("no rate could be counted")
    everyone = [*table["group"], *outlets]
    colours, markers = outlet_colours(everyone), outlet_markers(everyone)
    with style():
        figure, parts = _panels(table)
        for axis, measure, mine, factor in parts:
            counted = all(MEASURES[m].table != "stances" for _, m, _, _ in parts if m in MEASURES)
            same = table if len({f for *_, f in parts}) == 1 else mine
            axis.set_xlim(
                limits(same[["rate", "low", "high"]].to_numpy(float) * factor, zero=counted, least=factor / 20)
            )
            for place, (name, row) in enumerate(mine.iterrows()):
                _row(axis, place, row, "rate", factor, "{:.1f}%" if factor == 100 else "{:.1f}",
                     colour=colours[str(name)], marker=markers[str(name)], note=str(row["note"] or ""),
                     href=_href(links, name, measure))  # fmt: skip
            axis.set_title(title_of(_VOICE_LABELS.get(measure, name_of(measure))))
            axis.set_xlabel("percent" if factor == 100 else "")
        return finish(figure, rates_text(table), links)


def differences(table: pd.DataFrame, *, outlets: Sequence[str] = (), links: Links | None = None) -> Figure:
    """Each outlet minus the rest, with its interval; filled where the verdict is clear. ``table`` of ``compare``."""
    if table.empty:
        return in_words("nothing could be compared")
    colours = outlet_colours([*table["group"], *outlets])
    with style():
        figure, parts = _panels(table)
        for axis, measure, mine, factor in parts:
            axis.axvline(0, color=SOFT, linewidth=1)
            low, high = limits(mine[["estimate", "low", "high"]].to_numpy(float) * factor, pad=0.12, least=factor / 20)
            axis.set_xlim(min(low, -factor / 100), max(high, factor / 100))
            for place, (name, row) in enumerate(mine.iterrows()):
                _row(axis, place, row, "estimate", factor, "{:+.1f}" if factor == 100 else "{:+.2f}",
                     colour=colours[str(name)], note=str(row["verdict"] or ""),
                     hollow=row["verdict"] not in (HIGHER, LOWER), href=_href(links, name, measure))  # fmt: skip
            axis.set_title(title_of(_VOICE_LABELS.get(measure, name_of(measure))))
            axis.set_xlabel("points" if factor == 100 else "difference")
        return finish(figure, _differences_text(table), links)


def cue_classes(table: pd.DataFrame, *, outlets: Sequence[str] = (), links: Links | None = None) -> Figure:
    """How each outlet passes on what others say: intervals of each cue class's share, one panel per class.

    ``table`` as from ``comparison.rates`` over the measures ``neutral_cues``, ``doubting_cues`` ... The colour is
    that of the class; ``outlets`` is taken as by the other figures.
    """
    if table.empty:
        return in_words("no attribution with a cue was found")
    with style():
        figure, parts = _panels(table, columns=2)
        for axis, measure, mine, factor in parts:
            cue_class = measure.removesuffix("_cues")
            axis.set_xlim(limits(mine[["rate", "low", "high"]].to_numpy(float) * factor, zero=True, least=factor / 20))
            for place, (name, row) in enumerate(mine.iterrows()):
                _row(axis, place, row, "rate", factor, "{:.1f}%", colour=_CUE_COLOURS.get(cue_class, INK),
                     note=str(row["note"] or ""), href=_href(links, name, measure))  # fmt: skip
            axis.set_title(cue_class)
            axis.set_xlabel("percent")
        return finish(figure, rates_text(table), links)


def rates_text(table: pd.DataFrame) -> str:
    """Rates and intervals in words, measure by measure."""
    parts = []
    for measure in dict.fromkeys(table["measure"]):
        percent = in_percent(measure)
        factor, form = (100, "{:.1f}") if percent else (1, "{:.1f}")
        lines = [
            f"{said(row.group)} {row.rate * factor:.1f}{'%' if percent else ''}"
            + between(row.low * factor, row.high * factor, form)
            if np.isfinite(row.rate)
            else f"{said(row.group)} {row.note or 'no data'}"
            for row in rows_of(table[table["measure"] == measure])
        ]
        parts.append(f"{name_of(measure)}: {', '.join(lines)}")
    return "Rates with 95% intervals. " + "; ".join(parts) + "."


def _differences_text(table: pd.DataFrame) -> str:
    parts = []
    for measure in dict.fromkeys(table["measure"]):
        factor, form = (100, "{:+.1f}") if in_percent(measure) else (1, "{:+.2f}")
        lines = [
            f"{said(row.group)} {row.verdict}"
            + (f", {form.format(row.estimate * factor)}" if np.isfinite(row.estimate) else "")
            + between(row.low * factor, row.high * factor, form)
            for row in rows_of(table[table["measure"] == measure])
        ]
        parts.append(f"{name_of(measure)}: {'; '.join(lines)}")
    return "Difference of each outlet from the rest with 95% intervals. " + ". ".join(parts) + "."


def _panels(table: pd.DataFrame, *, columns: int = 3) -> tuple[Figure, list[tuple[Any, str, pd.DataFrame, int]]]:
    """One panel per measure with its rows by outlet; every panel names the same outlets in the same order."""
    measures, names = list(dict.fromkeys(table["measure"])), list(dict.fromkeys(table["group"]))
    figure, axes = panels(len(names), len(measures), columns=columns)
    parts = []
    for axis, measure in zip(axes, measures, strict=True):
        rows(axis, names)
        mine = table[table["measure"] == measure].set_index("group").reindex(names)
        if "note" in mine:
            mine["note"] = mine["note"].fillna("")
        parts.append((axis, measure, mine, 100 if in_percent(measure) else 1))
    return figure, parts


def _row(axis: Any, place: int, row: Any, column: str, factor: int, form: str, **look: Any) -> None:
    interval(axis, place, row[column] * factor, row["low"] * factor, row["high"] * factor, form=form, **look)


def _href(links: Links | None, name: object, measure: str) -> str | None:
    return (links or {}).get((str(name), measure))
