"""Results in words: findings, tables as they are shown, and the instrument's own error beside them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

from framing.comparison import HIGHER, LOWER, MEASURES, corrected_rate, rows_of
from framing.engines import DEFAULT_ENGINE

if TYPE_CHECKING:
    import pandas as pd

# So many outlets are named one by one; more are counted.
_LISTED = 10
_SHORT = {
    "loaded_rate_author": "loaded, own voice",
    "loaded_rate_source": "loaded, quoted voices",
    "attributed_share": "words attributed",
}
VOICE_NAMES = {"loaded_rate_author": "own voice", "loaded_rate_source": "quoted voices", "loaded_rate": "both"}


def amount(value: float, measure: str, *, signed: bool = False) -> str:
    """A value of a measure as text: percent for shares (percentage points where ``signed``), else the number."""
    if not np.isfinite(value):
        return "–"
    sign = "+" if signed else ""
    if MEASURES[measure].percent:
        return f"{value * 100:{sign}.1f}" + ("" if signed else "%")
    return f"{value:{sign}.2f}"


def with_interval(value: float, low: float, high: float, measure: str, *, signed: bool = False) -> str:
    """A value and its interval: ``12.3% (9.8 to 15.0)``."""
    text = amount(value, measure, signed=signed)
    if not np.isfinite(low):
        return text
    ends = [amount(end, measure, signed=signed).rstrip("%") for end in (low, high)]
    return f"{text} ({ends[0]} to {ends[1]})"


def findings(differences: pd.DataFrame, within: pd.DataFrame | None = None) -> list[str]:
    """Every clear difference as a sentence; where there is none, a sentence that says so.

    ``within``: comparisons of the same stories, told after the others.
    """
    lines = _clear(differences, "") + ([] if within is None else _clear(within, ", on the same stories"))
    if not lines:
        lines = ["No clear difference between the outlets was found in any of the measures."]
    few = sorted(set(differences[differences["verdict"] == "not enough articles"]["group"]))
    if few:
        listed = ", ".join(few) if len(few) <= _LISTED else f"{len(few)} of {differences['group'].nunique()} outlets"
        lines.append(f"Not enough articles for a verdict on some or all measures: {listed}.")
    return lines


def _clear(table: pd.DataFrame, where: str) -> list[str]:
    lines = []
    for row in rows_of(table[table["verdict"].isin([HIGHER, LOWER])]):
        label = MEASURES[row.measure].label
        change = amount(row.estimate, row.measure, signed=True) + (" points" if MEASURES[row.measure].percent else "")
        ends = " to ".join(amount(end, row.measure, signed=True) for end in (row.low, row.high))
        mine, rest = amount(row.group_value, row.measure), amount(row.rest_value, row.measure)
        lines.append(
            f"{row.group} is {row.verdict} than {row.against} in {label}{where}: {mine} against {rest} "
            f"(difference {change}, 95% interval {ends}, q = {row.q:.3f})."
        )
    return lines


def rates_shown(table: pd.DataFrame, *, labels: Mapping[str, str] = VOICE_NAMES) -> pd.DataFrame:
    """One row per outlet, one column per measure, each rate with its interval; a gap says why it is one."""
    import pandas as pd

    rows: dict[str, dict[str, Any]] = {}
    for row in rows_of(table):
        cell = with_interval(row.rate, row.low, row.high, row.measure)
        if row.note:
            cell = row.note if cell == "–" else f"{cell}, {row.note}"
        name = labels.get(row.measure, MEASURES[row.measure].label.removeprefix("the ").removesuffix(" frame"))
        rows.setdefault(row.group, {"outlet": row.group})[name] = cell
    return pd.DataFrame(list(rows.values()))


def differences_shown(table: pd.DataFrame) -> pd.DataFrame:
    """A comparison as it is read: difference with interval, effect size, q, articles, verdict."""
    import pandas as pd

    return pd.DataFrame(
        [
            {
                "outlet": row.group,
                "measure": _SHORT.get(row.measure, MEASURES[row.measure].label),
                "outlet's": amount(row.group_value, row.measure),
                "the rest's": amount(row.rest_value, row.measure),
                "difference": with_interval(row.estimate, row.low, row.high, row.measure, signed=True),
                "Cliff's delta": f"{row.cliffs_delta:+.2f}" if np.isfinite(row.cliffs_delta) else "–",
                "q": f"{row.q:.3f}" if np.isfinite(row.q) else "–",
                "articles": f"{row.n} : {row.n_rest}",
                "verdict": row.verdict,
            }
            for row in rows_of(table)
        ],
        columns=[
            "outlet",
            "measure",
            "outlet's",
            "the rest's",
            "difference",
            "Cliff's delta",
            "q",
            "articles",
            "verdict",
        ],
    )


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
    """Rates as counted and corrected for the engine's errors on sentences; empty where those were not measured."""
    sensitivity = find_figure(figures, "loaded_language", "sensitivity")
    specificity = find_figure(figures, "loaded_language", "specificity")
    rows = table[["group", "measure", "rate", "low", "high"]].copy()
    if sensitivity is None or specificity is None or sensitivity + specificity <= 1:
        return rows.head(0)
    for column in ("rate", "low", "high"):
        rows[f"corrected_{column}"] = corrected_rate(rows[column].to_numpy(float), sensitivity, specificity)
    return rows
