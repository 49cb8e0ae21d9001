"""The figures of ``framing benchmark`` in plain words, for the benchmark report.

Each function gives sentences, none where the file does not hold the numbers they need. Scores are printed as the
field prints them: .807.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from framing.comparison import corrected_rate
from framing.report.measured import KINDS, ROLES, Benchmark, by_leaning

if TYPE_CHECKING:
    import pandas as pd

# A change of a probability that a reader would notice, as the benchmark counts it.
_LARGE = ".1"
NOT_MEASURED = "Not measured: the figures that this report was made from do not hold it."


def number(value: float, digits: int = 3) -> str:
    """A score from 0 to 1 without the zero before its point; other numbers as they are."""
    text = f"{value:.{digits}f}"
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


def percent(value: float) -> str:
    """A share in percent."""
    return f"{value:.1%}"


def or_not_measured(lines: list[str]) -> list[str]:
    """The lines, or the one that says that there are none."""
    return lines or [NOT_MEASURED]


def headlines(benchmark: Benchmark) -> list[str]:
    """The benchmark in a few sentences: accuracy beside the familiar baselines, calibration, fairness."""
    found = benchmark.figure
    lines = []
    if (ours := found("loaded_language", "macro_f1")) is not None:
        others = _listed(benchmark, {"TextBlob": ("loaded_language", "baselines", "textblob", "macro_f1"),
                                     "VADER": ("loaded_language", "baselines", "vader", "macro_f1")})  # fmt: skip
        lines.append(f"Loaded sentences: macro F1 {number(ours)} against expert readers{others}.")
    exact = [(role, found("attribution", "exact_f1", role)) for role in ROLES]
    if all(value is not None for _, value in exact):
        said = ", ".join(f"{role} {number(value)}" for role, value in exact if value is not None)
        lines.append(f"Attribution: exact F1 of {said}.")
    if (ours := found("stance", "macro_f1")) is not None:
        others = _listed(benchmark, {"TextBlob": ("stance", "textblob_macro_f1"),
                                     "VADER": ("stance", "vader_macro_f1")})  # fmt: skip
        lines.append(f"Stance: macro F1 {number(ours)}{others}.")
    if (error := found("loaded_language", "calibration_error")) is not None:
        lines.append(f"A probability is off by {number(error)} on average (expected calibration error).")
    if sides := _sides(benchmark):
        lines.append(sides)
    return lines or ["The figures that this report was made from hold none of the scores."]


def _listed(benchmark: Benchmark, systems: Mapping[str, tuple[str, ...]]) -> str:
    values = {name: benchmark.figure(*path) for name, path in systems.items()}
    said = " and ".join(f"{name} {number(value)}" for name, value in values.items() if value is not None)
    return f" ({said})" if said else ""


def calibration_lines(benchmark: Benchmark) -> list[str]:
    """Expected calibration error, in words."""
    lines = []
    for path, what in (
        (("loaded_language", "calibration_error"), "that a sentence is loaded (BABE, held-out articles)"),
        (("stance", "calibration_error_negative"), "that a stance is negative (NewsMTSC dev)"),
    ):
        if (error := benchmark.figure(*path)) is not None:
            lines.append(f"Expected calibration error of the probability {what}: {number(error)}.")
    if lines:
        lines.append(
            "That is how far the share found lies from the mean probability given, on average over bins of one size."
        )
    return lines


def rate_lines(benchmark: Benchmark) -> list[str]:
    """What sensitivity and specificity are, and what they do to a rate."""
    pair = _errors(benchmark)
    if pair is None:
        return []
    hit, spared = pair
    lines = [
        f"Sensitivity {number(hit)}: of 100 sentences that experts call biased, {100 * hit:.0f} are found and "
        f"{100 - round(100 * hit)} missed. Specificity {number(spared)}: of 100 that they do not, {100 * spared:.0f} "
        f"pass and {100 - round(100 * spared)} are called loaded all the same.",
        f"So where nothing is loaded, about {percent(1 - spared)} is counted, and where everything is, "
        f"{percent(hit)}. A counted rate tells outlets apart; read as a share of loaded sentences it needs the "
        "correction (Rogan & Gladen 1978): (counted + specificity - 1) / (sensitivity + specificity - 1).",
    ]
    if hit + spared <= 1:
        return [*lines, "These two add up to 1 or less: such an instrument knows nothing, and nothing corrects it."]
    return lines


def rate_examples(benchmark: Benchmark) -> pd.DataFrame:
    """What is counted where so much is loaded, and what the correction makes of a count of that size."""
    import pandas as pd

    columns = ["share", "counted_where_it_is_so", "corrected_where_it_is_counted"]
    pair = _errors(benchmark)
    if pair is None or sum(pair) <= 1:
        return pd.DataFrame(columns=columns)
    hit, spared = pair
    shares = [0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75]
    rows = [(one, one * hit + (1 - one) * (1 - spared), float(corrected_rate(one, hit, spared))) for one in shares]
    return pd.DataFrame(rows, columns=columns)


def _errors(benchmark: Benchmark) -> tuple[float, float] | None:
    hit = benchmark.figure("loaded_language", "sensitivity")
    spared = benchmark.figure("loaded_language", "specificity")
    return None if hit is None or spared is None else (hit, spared)


def blindness_lines(benchmark: Benchmark) -> list[str]:
    """How far swapped names move a score, with what that means for one sentence."""
    lines = []
    for part, what, from_ in (
        ("loaded", "the probability of being loaded (BABE)", 0.5),
        ("loaded_unseen", "that probability on sentences that no training has seen (BASIL)", 0.5),
        ("stance", "stance, which runs from -1 to 1 (NewsMTSC dev),", 0.0),
    ):
        change = benchmark.figure("blindness", part, "all")
        if change is None:
            continue
        ends = f"{number(from_ - change)} or {number(from_ + change)}"
        line = f"Over all swaps, {what} moves by {number(change, 4)}: from {number(from_)} to {ends}, say."
        if (large := benchmark.figure("blindness", part, "large")) is not None:
            line += f" {percent(large)} of the swaps move it by more than {_LARGE}."
        kinds = {kind: benchmark.figure("blindness", part, kind) for kind in KINDS}
        most = max((kind for kind in kinds if kinds[kind] is not None), key=lambda kind: kinds[kind] or 0, default="")
        if most:
            line += f" It moves most with {most} ({number(kinds[most] or 0, 4)})."
        lines.append(line)
    return lines


def leaning_lines(benchmark: Benchmark) -> list[str]:
    """Whether the instrument errs alike on outlets of the left and of the right."""
    if by_leaning(benchmark).empty:
        return []
    lines = [one] if (one := _sides(benchmark)) else []
    counts = {side: benchmark.figure("loaded_by_leaning", side, "sentences") for side in ("left", "center", "right")}
    counted = ", ".join(f"{value:,.0f} of the {side}" for side, value in counts.items() if value is not None)
    if counted:
        lines.append(f"Sentences by the leaning of their outlet: {counted}.")
    excess = {side: benchmark.figure("loaded_by_leaning", side, "excess", "value") for side in counts}
    if said := ", ".join(f"{side} {number(value)}" for side, value in excess.items() if value is not None):
        lines.append(
            f"Mean probability minus share that experts marked (above 0: it calls more than they did): {said}."
        )
    return lines


def _sides(benchmark: Benchmark) -> str:
    """Left against right in one sentence; nothing where it was not measured."""
    difference = [benchmark.figure("loaded_by_leaning", "left_minus_right", "error_rate", key)
                  for key in ("value", "low", "high")]  # fmt: skip
    errors = [benchmark.figure("loaded_by_leaning", side, "error_rate", "value") for side in ("left", "right")]
    value, low, high = difference
    left, right = errors
    if value is None or low is None or high is None or left is None or right is None:
        return ""
    alike = "no clear difference" if low <= 0 <= high else "a clear difference"
    return (
        f"Errors on outlets of the left and of the right: {number(left)} and {number(right)}, {alike} "
        f"({number(value)}, 95% interval {number(low)} to {number(high)})."
    )


def deletion_lines(benchmark: Benchmark) -> list[str]:
    """Whether the words that are said to carry a score carry it."""
    top, lot = benchmark.figure("explanation", "drop_top"), benchmark.figure("explanation", "drop_random")
    if top is None or lot is None:
        return []
    count = benchmark.figure("explanation", "sentences")
    of = f" of {count:,.0f} sentences of BASIL" if count is not None else ""
    line = (
        f"Deleting the three words that are said to add most lowers the log-odds{of} by {top:.2f} on average; deleting "
        f"three words drawn by lot lowers them by {lot:.2f}."
    )
    if (larger := benchmark.figure("explanation", "top_is_larger")) is not None:
        line += f" The first drop is the larger in {percent(larger)} of the sentences."
    return [line]


def batch_lines(benchmark: Benchmark) -> list[str]:
    """Whether a score depends on what is read beside it."""
    names = {
        "loaded": "the probability of a sentence",
        "words": "that of a word",
        "stance": "that of a class of stance",
    }
    values = {label: benchmark.figure("batch_effect", key) for key, label in names.items()}
    said = ", ".join(f"{label} {_tiny(value)}" for label, value in values.items() if value is not None)
    if not said:
        return []
    count = benchmark.figure("batch_effect", "sentences")
    of = f" {count:,.0f}" if count is not None else ""
    line = f"Largest change of a number between{of} sentences read one by one and all together: {said}."
    if (tags := benchmark.figure("batch_effect", "tags")) is not None:
        line += f" Words tagged otherwise: {percent(tags)}."
    return [line]


def _tiny(value: float) -> str:
    return "0" if value < 1e-12 else f"{value:.1e}"


def cost_lines(benchmark: Benchmark) -> list[str]:
    """On what the time was measured."""
    count, words = benchmark.figure("speed", "sentences"), benchmark.figure("speed", "article_words")
    lines = []
    if count is not None:
        lines.append(f"Measured on {count:,.0f} sentences of PolNeAR dev; time and memory are those of one machine.")
    if words is not None:
        lines.append(f"The one article has {words:,.0f} words.")
    return lines


def eight_bit_lines(benchmark: Benchmark) -> list[str]:
    """What storing the model in 8 bits moves."""
    lines = []
    for key, what in (("bias_change", "the probability of a sentence"), ("stance_change", "a class of stance")):
        mean, largest = (benchmark.figure("eight_bit", key, one) for one in ("mean", "largest"))
        if mean is not None and largest is not None:
            lines.append(f"8 bits move {what} by {number(mean, 4)} on average, by {number(largest)} at most.")
    return lines


def limit_lines(benchmark: Benchmark) -> list[str]:
    """What the measured errors mean for a reader."""
    lines = []
    if (recall := benchmark.figure("attribution", "recall", "content")) is not None:
        precision = benchmark.figure("attribution", "precision", "content")
        right = f"; of what is found, {percent(precision)} is exactly right" if precision is not None else ""
        lines.append(
            f"{percent(1 - recall)} of what sources are reported to say is not found with its exact ends{right}. "
            "What is missed counts as the outlet's own words."
        )
    precision, recall = (benchmark.figure("loaded_language", f"word_{one}") for one in ("precision", "recall"))
    if precision is not None and recall is not None:
        lines.append(
            f"{percent(precision)} of the words that are marked are words that experts marked, and {percent(recall)} "
            "of theirs are found: readers differ on single words more than on sentences."
        )
    if (stance := benchmark.figure("stance", "macro_f1")) is not None:
        lines.append(f"One stance is little evidence (macro F1 {number(stance)}): average over many and read them.")
    return lines


def instrument_lines(benchmark: Benchmark, as_of: str) -> list[str]:
    """Which engine was measured, when, and what stands beside it."""
    day = f"on {as_of}" if as_of else "on a day that the file does not name"
    lines = [f"Engine {benchmark.name}, measured {day}."]
    beside = [name for name, figures in benchmark.beside.items() if figures]
    if beside:
        lines.append(f"Beside it: {', '.join(beside)}.")
    return lines


def signature_of(benchmark: Benchmark) -> dict[str, Any]:
    """The signature as names and values, or that the file has none."""
    from framing.report.phrasing import flat

    return flat(benchmark.signature) or {"Signature": "not in the file"}
