"""The instrument against annotated data, with TextBlob and VADER beside it.

Every figure is measured on articles or sentences that the models were not trained on: development splits, or
held-out folds where a corpus has no split of its own. One module per measure; each section takes the folder of the
corpora and the name of an engine, and gives a nested dictionary of numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from framing.benchmark.attributed import attribution, attribution_cofenet
from framing.benchmark.clusters import events
from framing.benchmark.costs import eight_bit, speed
from framing.benchmark.deletion import explanation
from framing.benchmark.framed import frames, headlines
from framing.benchmark.independence import batch_effect
from framing.benchmark.loaded import loaded_by_leaning, loaded_language, loaded_transfer
from framing.benchmark.targets import stance, stance_between
from framing.benchmark.voices import by_voice
from framing.engines import DEFAULT_ENGINE
from framing.errors import InputError, ParameterError, one_of
from framing.scoring import signature
from framing.training.blindness import swap_changes

SECTIONS: dict[str, Callable[[Path, str], dict[str, Any]]] = {
    "loaded_language": loaded_language,
    "loaded_by_leaning": loaded_by_leaning,
    "loaded_transfer": loaded_transfer,
    "attribution": attribution,
    "attribution_cofenet": attribution_cofenet,
    "stance": stance,
    "stance_between": stance_between,
    "by_voice": by_voice,
    "frames": frames,
    "headlines": headlines,
    "events": events,
    "blindness": swap_changes,
    "explanation": explanation,
    "batch_effect": batch_effect,
    "speed": speed,
    "eight_bit": eight_bit,
}
_INTERVAL = {"value", "low", "high"}
# Drawn by the report rather than printed: a page of numbers.
_DRAWN = ("calibration_bins", "calibration_bins_negative")


def run_benchmark(
    data: Path, *, engine: str = DEFAULT_ENGINE, only: Sequence[str] = (), quiet: bool = False
) -> dict[str, Any]:
    """Every metric as a nested dictionary of numbers, with the signature of the engine.

    ``only`` names the sections to measure, all of ``SECTIONS`` where it is empty; a section that has nothing to say
    of the engine is left out.

    Raises :class:`~framing.errors.InputError` where ``data`` does not hold the corpora, and
    :class:`~framing.errors.ParameterError` for a section that does not exist.
    """
    from tqdm import tqdm

    data = Path(data)
    if not data.is_dir():
        raise InputError(f"no folder {str(data)!r}; give the folder of the annotated corpora with --data")
    for name in only:
        if name not in SECTIONS:
            raise ParameterError(one_of("section", name, SECTIONS))
    figures: dict[str, Any] = {"signature": signature(engine)}
    for name in tqdm(
        [name for name in SECTIONS if name in only or not only], disable=quiet, unit="section", leave=False
    ):
        if found := SECTIONS[name](data, engine):
            figures[name] = found
    return figures


def render(figures: Mapping[str, Any], *beside: Mapping[str, Any]) -> str:
    """The figures as indented lines, three decimals each; a value and its interval are one line.

    ``beside`` are figures of other engines or of earlier runs, in columns of their own under the engines' names,
    without the intervals; a dash stands where they lack a figure.
    """
    lines = list(_lines(figures, beside, 0))
    if beside:
        names = [str(one.get("signature", {}).get("engine", "")) for one in (figures, *beside)]
        lines.insert(0, f"{'':<44}" + "".join(f"{name:>12}" for name in names))
    return "\n".join(lines)


def _lines(node: Mapping[str, Any], beside: Sequence[Mapping[str, Any]], depth: int) -> Iterator[str]:
    for key, value in node.items():
        if key in _DRAWN or (key == "signature" and not depth):
            continue
        label = f"{'  ' * depth}{key}"
        others = [other.get(key) for other in beside]
        if not isinstance(value, dict):
            yield f"{label:<44}" + "".join(f"{_shown(one):>12}" for one in (value, *others))
        elif value.keys() == _INTERVAL:
            ends = "" if others else f" ({_shown(value['low'])} to {_shown(value['high'])})"
            values = (one["value"] if isinstance(one, Mapping) else None for one in (value, *others))
            yield f"{label:<44}" + "".join(f"{_shown(one):>12}" for one in values) + ends
        else:
            yield label
            inner = [other if isinstance(other, Mapping) else {} for other in others]
            yield from _lines(value, inner, depth + 1)


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return value
    if not isinstance(value, (int, float)):
        return "–"
    return f"{value:.3f}" if isinstance(value, float) and abs(value) < 100 else f"{value:,.0f}"
