"""Results in words: findings, tables as they are shown, and the instrument's own error beside them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from unicodedata import bidirectional

import numpy as np

from framing.comparison import MEASURES, corrected_rate, rows_of
from framing.engines import DEFAULT_ENGINE

if TYPE_CHECKING:
    import pandas as pd

_SHORT = {
    "loaded_rate_author": "loaded, own voice",
    "loaded_rate_source": "loaded, quoted voices",
    "attributed_share": "words attributed",
}
# A normal interval of 95% reaches so many standard errors either way.
_TWO_SIDED = 1.959964
_LONGEST_NAME = 80
_DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
VOICE_NAMES = {"loaded_rate_author": "own voice", "loaded_rate_source": "quoted voices", "loaded_rate": "both"}


def amount(value: float, measure: str, *, signed: bool = False) -> str:
    """A value of a measure as text: percent for shares (percentage points where ``signed``), else the number."""
    if not np.isfinite(value):
        return "–"
    sign = "+" if signed else ""
    shown, digits = (value * 100, 1) if MEASURES[measure].percent else (value, 2)
    # What rounds to zero has no sign of its own: never "-0.0".
    text = f"{round(float(shown), digits) + 0.0:{sign}.{digits}f}"
    return text + ("%" if MEASURES[measure].percent and not signed else "")


def signed(value: float) -> str:
    """A number between -1 and 1 with its sign, as a stance or Cliff's delta."""
    return f"{round(float(value), 2) + 0.0:+.2f}" if np.isfinite(value) else "–"


def with_interval(value: float, low: float, high: float, measure: str, *, signed: bool = False) -> str:
    """A value and its interval: ``12.3% (9.8 to 15.0)``."""
    text = amount(value, measure, signed=signed)
    if not np.isfinite(low):
        return text
    ends = [amount(end, measure, signed=signed).rstrip("%") for end in (low, high)]
    return f"{text} ({ends[0]} to {ends[1]})"


def listed(names: Sequence[str], most: int, noun: str) -> str:
    """Names in a row: all where they are few, else the first and how many more."""
    if len(names) <= most:
        return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
    return f"{', '.join(names[: most - 1])} and {len(names) - most + 1:,} more {noun}"


def counted(number: int, noun: str) -> str:
    """A number and its noun: ``1 article``, ``1,200 articles``."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def named(name: str) -> str:
    """A name as a part of a sentence: cut where it is endless, and never turning the words around it.

    Signs that set the direction of writing are left out, and a name written right to left is set apart by a pair of
    isolates (Unicode Standard Annex 9): else a name could turn the verdict behind it around.
    """
    plain = _DIRECTION.sub("", name)
    plain = plain if len(plain) <= _LONGEST_NAME else f"{plain[: _LONGEST_NAME - 1]}…"
    turns = any(bidirectional(sign) in ("R", "AL", "AN") for sign in plain)
    return f"\N{FIRST STRONG ISOLATE}{plain}\N{POP DIRECTIONAL ISOLATE}" if turns else plain


def points(value: float) -> str:
    """A difference of shares in percentage points, without a sign."""
    return counted(round(abs(value) * 100), "point")


def rates_shown(table: pd.DataFrame, *, labels: Mapping[str, str] = VOICE_NAMES) -> pd.DataFrame:
    """One row per outlet, one column per measure, each rate with its interval; a gap says why it is one."""
    import pandas as pd

    rows: dict[str, dict[str, Any]] = {}
    for row in rows_of(table):
        cell = with_interval(row.rate, row.low, row.high, row.measure)
        if row.note:
            cell = row.note if cell == "–" else f"{cell}, {row.note}"
        rows.setdefault(row.group, {"outlet": row.group})[_column(row.measure, labels)] = cell
    return pd.DataFrame(list(rows.values()), columns=None if rows else ["outlet"])


def rate_links(
    table: pd.DataFrame, links: Mapping[tuple[str, str], str], *, labels: Mapping[str, str] = VOICE_NAMES
) -> dict[tuple[Any, str], str]:
    """Addresses for the cells of :func:`rates_shown`: from (outlet, measure) to (row, column)."""
    rows = {name: place for place, name in enumerate(dict.fromkeys(table["group"]))}
    return {
        (rows[row.group], _column(row.measure, labels)): links[row.group, row.measure]
        for row in rows_of(table)
        if (row.group, row.measure) in links and np.isfinite(row.rate)
    }


def row_links(
    table: pd.DataFrame, links: Mapping[tuple[str, str], str], *, group: str, key: str
) -> dict[tuple[Any, str], str]:
    """Addresses for the cells of one column: from (value of ``group``, value of ``key``) to (row, ``key``)."""
    pairs = zip(table[group], table[key], strict=True)
    return {(place, key): links[pair] for place, pair in enumerate(pairs) if links.get(pair)}


def _column(measure: str, labels: Mapping[str, str]) -> str:
    return labels.get(measure, MEASURES[measure].label.removeprefix("the ").removesuffix(" frame"))


def differences_shown(
    table: pd.DataFrame, *, against: bool = False, also: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """A comparison as it is read: difference with interval, effect size, q, articles, verdict.

    ``against`` names the other side in a column of its own, for pairs; ``also`` are further columns of the table, with
    the names they get.
    """
    import pandas as pd

    mine, theirs = ("its", "the other's") if against else ("outlet's", "the rest's")
    rows = []
    for row in rows_of(table):
        shown: dict[str, Any] = {"outlet": row.group} | ({"against": row.against} if against else {})
        shown |= {name: getattr(row, column) for column, name in (also or {}).items()}
        shown |= {
            "measure": _SHORT.get(row.measure, MEASURES[row.measure].label),
            mine: amount(row.group_value, row.measure),
            theirs: amount(row.rest_value, row.measure),
            "difference": with_interval(row.estimate, row.low, row.high, row.measure, signed=True),
            "Cliff's delta": signed(row.cliffs_delta),
            "q": f"{row.q:.3f}" if np.isfinite(row.q) else "–",
            "articles": f"{row.n} : {row.n_rest}",
            "verdict": row.verdict,
            "would have been found": amount(row.detectable, row.measure, signed=True).lstrip("+"),
        }
        rows.append(shown)
    columns = ["outlet", *(["against"] if against else []), *(also or {}).values(), "measure", mine, theirs,
               "difference", "Cliff's delta", "q", "articles", "verdict", "would have been found"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def within_shown(table: pd.DataFrame) -> pd.DataFrame:
    """A comparison within stories as it is read."""
    import pandas as pd

    return pd.DataFrame(
        [
            {
                "outlet": row.group,
                "measure": _SHORT.get(row.measure, MEASURES[row.measure].label),
                "stories": row.n,
                "outlet's": amount(row.group_value, row.measure),
                "others' on them": amount(row.rest_value, row.measure),
                "difference": with_interval(row.estimate, row.low, row.high, row.measure, signed=True),
                "stands higher in": f"{row.above:.0%}" if np.isfinite(row.above) else "–",
                "q": f"{row.q:.3f}" if np.isfinite(row.q) else "–",
                "verdict": row.verdict,
            }
            for row in rows_of(table)
        ],
        columns=[
            "outlet",
            "measure",
            "stories",
            "outlet's",
            "others' on them",
            "difference",
            "stands higher in",
            "q",
            "verdict",
        ],
    )


def corrected_shown(table: pd.DataFrame) -> pd.DataFrame:
    """Rates as counted and as corrected, side by side."""
    import pandas as pd

    return pd.DataFrame(
        [
            {
                "outlet": row.group,
                "voice": VOICE_NAMES.get(row.measure, row.measure),
                "as counted": with_interval(row.rate, row.low, row.high, row.measure),
                "corrected": with_interval(row.corrected_rate, row.corrected_low, row.corrected_high, row.measure),
            }
            for row in rows_of(table)
        ],
        columns=["outlet", "voice", "as counted", "corrected"],
    )


def flat(signature: Mapping[str, Any], prefix: Sequence[str] = ()) -> dict[str, str]:
    """A nested signature as one level of names and values; checksums are cut to their first 12 digits."""
    lines: dict[str, str] = {}
    for key, value in signature.items():
        if isinstance(value, Mapping):
            lines |= flat(value, prefix if key == "versions" else (*prefix, str(key)))
        else:
            text = str(value)
            lines[" ".join((*prefix, str(key)))] = text[:12] if len(text) == 64 and text.isalnum() else text
    return lines


def measured_error(engine: str = DEFAULT_ENGINE) -> dict[str, Any]:
    """The benchmark figures that ship with an engine; empty where there are none."""
    path = files("framing").joinpath("resources", "models", engine, "benchmark.json")
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def find_figure(figures: Mapping[str, Any], *path: str) -> float | None:
    """A number in nested benchmark figures, or None where it is not there."""
    node: Any = figures
    for key in path:
        node = node.get(key) if isinstance(node, Mapping) else None
    return float(node) if isinstance(node, (int, float)) and not isinstance(node, bool) else None


def error_lines(figures: Mapping[str, Any]) -> dict[str, str]:
    """The measured error of an engine in words, one line per measure; what was not measured is left out."""

    def said(*path: str) -> str | None:
        value = find_figure(figures, *path)
        return None if value is None else f"{value:.2f}"

    lines = {
        "Loaded sentences (BABE, held-out articles)": _join(
            ("macro F1", said("loaded_language", "macro_f1")),
            ("sensitivity", said("loaded_language", "sensitivity")),
            ("specificity", said("loaded_language", "specificity")),
            ("calibration error", said("loaded_language", "calibration_error")),
        ),
        "Loaded words (BABE)": _join(("F1", said("loaded_language", "word_f1"))),
        "Attribution, exact spans (PolNeAR dev)": _join(
            *((f"{role} F1", said("attribution", "exact_f1", role)) for role in ("source", "cue", "content"))
        ),
        "Stance (NewsMTSC dev)": _join(("macro F1", said("stance", "macro_f1"))),
        "Frames (climate articles, five folds)": _join(("macro F1", said("frames", "macro_f1"))),
    }
    return {name: text for name, text in lines.items() if text}


def _join(*pairs: tuple[str, str | None]) -> str:
    return ", ".join(f"{name} {value}" for name, value in pairs if value is not None)


def corrected(table: pd.DataFrame, figures: Mapping[str, Any]) -> pd.DataFrame:
    """Rates as counted and corrected for the engine's errors on sentences; empty where those were not measured.

    Sensitivity and specificity were themselves measured on a sample, and their uncertainty is in the corrected
    interval: its variance is that of Rogan & Gladen (1978, equation 3), with the counted rate's own taken from the
    width of its interval. Where the sizes of the sample are not known the ends of the interval are corrected instead.
    """
    sensitivity = find_figure(figures, "loaded_language", "sensitivity")
    specificity = find_figure(figures, "loaded_language", "specificity")
    rows = table[["group", "measure", "rate", "low", "high"]].copy()
    if sensitivity is None or specificity is None or sensitivity + specificity <= 1:
        return rows.head(0)
    for column in ("rate", "low", "high"):
        rows[f"corrected_{column}"] = corrected_rate(rows[column].to_numpy(float), sensitivity, specificity)
    if (sizes := _sample(figures)) is not None:
        value, width = rows["corrected_rate"], (rows["high"] - rows["low"]) / (2 * _TWO_SIDED)
        variance = width**2 + value**2 * sensitivity * (1 - sensitivity) / sizes[0]
        variance += (1 - value) ** 2 * specificity * (1 - specificity) / sizes[1]
        reach = _TWO_SIDED * np.sqrt(variance) / (sensitivity + specificity - 1)
        rows["corrected_low"], rows["corrected_high"] = (value - reach).clip(0, 1), (value + reach).clip(0, 1)
    return rows


def _sample(figures: Mapping[str, Any]) -> tuple[float, float] | None:
    """How many loaded and how many other sentences the engine's errors were measured on."""
    bins = figures.get("loaded_language", {}).get("calibration_bins")
    if not isinstance(bins, Mapping) or not bins:
        return None
    n, observed = np.array([[one["n"], one["observed"]] for one in bins.values()], float).T
    loaded = float(n @ observed)
    return (loaded, float(n.sum()) - loaded) if 0 < loaded < n.sum() else None
