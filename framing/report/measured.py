"""The figures of ``framing benchmark`` as tables for the benchmark report.

Whatever the file does not hold is left out of a table, and a table without rows is empty: the report then says that
it was not measured. Nothing here measures anything.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framing.engines import ENGINES
from framing.errors import ParameterError, one_of
from framing.report.phrasing import find_figure, measured_error
from framing.report.published import PUBLISHED

if TYPE_CHECKING:
    import pandas as pd

ROLES: tuple[str, ...] = ("source", "cue", "content")
LEANINGS: tuple[str, ...] = ("left", "center", "right")
VOICES: tuple[str, ...] = ("author", "source", "mixed")
KINDS: tuple[str, ...] = ("people", "parties", "outlets", "countries", "faiths")
Where = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """One score of the benchmark: what it is called, on what it is measured, where it stands among the figures.

    ``beside`` are systems that the benchmark runs on the same data, with where their scores stand; ``size`` is where
    the number of ``unit`` stands.
    """

    name: str
    group: str
    label: str
    corpus: str
    path: Where
    beside: Mapping[str, Where] = field(default_factory=dict)
    size: Where = ()
    unit: str = "sentences"


_BABE = ("loaded_language",)
_STANCE = {"TextBlob": ("stance", "textblob_macro_f1"), "VADER": ("stance", "vader_macro_f1")}
_FRAMES = {
    "TF-IDF, logistic regression": ("frames", "tfidf_logistic_macro_f1"),
    "the same, thresholds tuned": ("frames", "tfidf_logistic_tuned_macro_f1"),
}
TASKS: tuple[Task, ...] = (
    Task("babe", "loaded", "Loaded sentences, macro F1", "BABE, held-out articles", (*_BABE, "macro_f1"),
         {"TextBlob": (*_BABE, "baselines", "textblob", "macro_f1"),
          "VADER": (*_BABE, "baselines", "vader", "macro_f1")}, (*_BABE, "sentences")),
    Task("babe_random", "loaded", "Loaded sentences, weighted F1", "BABE, random folds as in its paper",
         (*_BABE, "random_folds", "weighted_f1"), {}, (*_BABE, "sentences")),
    Task("words", "loaded", "Loaded words, F1", "BABE, held-out articles", (*_BABE, "word_f1"), {},
         (*_BABE, "sentences")),
    *(Task(name, "loaded", f"Loaded sentences ranked, area under ROC, {label}", f"{label}, never trained on",
           ("loaded_transfer", name, "auc"),
           {"TextBlob subjectivity": ("loaded_transfer", name, "auc_textblob_subjectivity")},
           ("loaded_transfer", name, "sentences"))
      for name, label in (("basil_lexical", "BASIL"), ("checkthat", "CheckThat"))),
    *(Task(f"attribution_{role}", "attribution", f"Attribution, exact {role}, F1", "PolNeAR dev articles",
           ("attribution", "exact_f1", role), {}, ("attribution", "spans", role), "spans") for role in ROLES),
    *(Task(f"cofenet_{role}", "attribution", f"Attribution, exact {role}, F1, CofeNet's cut",
           "PolNeAR dev articles as CofeNet cuts them", ("attribution_cofenet", "exact_f1", role)) for role in ROLES),
    Task("stance", "others", "Stance, macro F1", "NewsMTSC dev", ("stance", "macro_f1"), _STANCE,
         ("stance", "targets"), "targets"),
    Task("stance_between", "others", "Stance between two names, macro F1", "Park et al. 2021, dev",
         ("stance_between", "macro_f1"), {}, ("stance_between", "pairs"), "pairs"),
    Task("frames", "others", "Generic frames, macro F1", "climate articles, five folds", ("frames", "macro_f1"),
         _FRAMES, ("frames", "articles"), "articles"),
    Task("headlines", "others", "Frames of headlines, macro F1", "GVFC, folds", ("headlines", "macro_f1"),
         {"TF-IDF, balanced": ("headlines", "tfidf_logistic_balanced_macro_f1")}, ("headlines", "headlines"),
         "headlines"),
    *(Task(f"events_{label}", "others", f"Same-event clusters, B-cubed F1, {label}", label,
           ("events", *within, "b_cubed_f1"), {}, ("events", *within, "articles"), "articles")
      for label, within in (("BASIL", ()), ("NewsWCL50", ("newswcl50",)), ("AllSides", ("allsides",)))),
)  # fmt: skip


@dataclass(frozen=True)
class Benchmark:
    """Figures of an engine under its ``name``, and of others beside it by theirs; ``signature`` is of the first."""

    name: str
    figures: Mapping[str, Any]
    beside: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def signature(self) -> Mapping[str, Any]:
        """Which instrument was measured; empty where the file does not say."""
        found = self.figures.get("signature")
        return found if isinstance(found, Mapping) else {}

    @property
    def engines(self) -> dict[str, Mapping[str, Any]]:
        """Name to figures, the measured engine first."""
        return {self.name: self.figures, **self.beside}

    def figure(self, *path: str) -> float | None:
        """A number of the measured engine, or None where it is not there."""
        return find_figure(self.figures, *path)


def read_benchmark(figures_file: str = "", *, engine: str, beside: str = "") -> Benchmark:
    """The figures of a file that ``framing benchmark --out`` wrote, or those shipped with ``engine``.

    ``beside`` is the engine whose shipped figures stand beside them, empty for none.

    Raises :class:`~framing.errors.ParameterError` for an engine that does not exist and for a file that is not a
    JSON object.
    """
    for name, value in (("engine", engine), ("beside", beside)):
        if value not in ENGINES and (value or name == "engine"):
            raise ParameterError(one_of(name, value, ENGINES))
    if not figures_file:
        others = {beside: measured_error(beside)} if beside and beside != engine else {}
        return Benchmark(engine, measured_error(engine), others)
    try:
        found = json.loads(Path(figures_file).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ParameterError(f"cannot read the figures {figures_file!r}: {error}; give what --out wrote") from error
    if not isinstance(found, dict):
        raise ParameterError(f"{figures_file!r} holds no JSON object; give a file of `framing benchmark --out`")
    signature = found.get("signature")
    own = str(signature.get("engine") or engine) if isinstance(signature, dict) else engine
    label = f"{beside}, as shipped" if beside == own else beside
    return Benchmark(own, found, {label: measured_error(beside)} if beside else {})


def scores(benchmark: Benchmark, group: str = "") -> pd.DataFrame:
    """Every score by task: ours, those measured on the same data, and published ones.

    Columns: ``task``, ``system``, ``score`` in [0, 1], ``ours``, ``corpus``, ``source``. ``group`` keeps the tasks of
    ``loaded``, ``attribution`` or ``others``. A task that was not measured has no row.
    """
    import pandas as pd

    rows: list[tuple[str, str, float, bool, str, str]] = []
    for task in TASKS:
        if group not in ("", task.group) or benchmark.figure(*task.path) is None:
            continue
        own = [(name, find_figure(figures, *task.path), True) for name, figures in benchmark.engines.items()]
        measured = [(name, benchmark.figure(*path), False) for name, path in task.beside.items()]
        rows += [
            (task.label, name, value, ours, task.corpus, "measured here")
            for name, value, ours in [*own, *measured]
            if value is not None
        ]
        rows += [
            (task.label, one.system, one.score, False, one.note or task.corpus, one.citation)
            for one in PUBLISHED
            if one.task == task.name
        ]
    return pd.DataFrame(rows, columns=["task", "system", "score", "ours", "corpus", "source"])


def measured_on(benchmark: Benchmark) -> pd.DataFrame:
    """What was measured, on what, and on how much of it; tasks that were not measured say so."""
    import pandas as pd

    rows = []
    for task in TASKS:
        done = benchmark.figure(*task.path) is not None
        size = benchmark.figure(*task.size) if task.size else None
        amount = f"{size:,.0f} {task.unit}" if done and size is not None else "" if done else "not measured"
        rows.append((task.label, task.corpus, amount))
    return pd.DataFrame(rows, columns=["score", "corpus", "size"])


def calibration_bins(benchmark: Benchmark) -> pd.DataFrame:
    """Bins of probability by engine and measure: ``curve``, ``predicted``, ``observed``, ``n``."""
    import pandas as pd

    rows: list[tuple[str, float, float, float]] = []
    for label, path in (
        ("loaded", ("loaded_language", "calibration_bins")),
        ("negative stance", ("stance", "calibration_bins_negative")),
    ):
        for name, figures in benchmark.engines.items():
            for one in _inner(figures, *path).values():
                values = [find_figure(one, key) for key in ("predicted", "observed", "n")]
                if None not in values:
                    rows.append((f"{label}, {name}", *values))  # type: ignore[arg-type]
    return pd.DataFrame(rows, columns=["curve", "predicted", "observed", "n"])


def by_leaning(benchmark: Benchmark) -> pd.DataFrame:
    """Errors on sentences of outlets of the left, the centre and the right, in the columns of ``comparison.rates``."""
    import pandas as pd

    rows = []
    for measure in ("error_rate", "sensitivity", "specificity"):
        for side in LEANINGS:
            path = ("loaded_by_leaning", side, measure)
            if (value := benchmark.figure(*path, "value")) is not None:
                ends = [benchmark.figure(*path, end) for end in ("low", "high")]
                rows.append((side, measure, value, *ends, benchmark.figure("loaded_by_leaning", side, "articles"), ""))
    columns = ["group", "measure", "rate", "low", "high", "n", "note"]
    numbers = dict.fromkeys(["rate", "low", "high", "n"], float)
    return pd.DataFrame(rows, columns=columns).astype(numbers)


def by_voice(benchmark: Benchmark) -> pd.DataFrame:
    """Scores by who speaks: ``voice``, then loaded language and stance with how much was counted."""
    names = {"author": "the outlet", "source": "a source", "mixed": "both in one sentence"}
    return _table(
        (
            {
                "voice": names[voice],
                "loaded sentences, macro F1": benchmark.figure("by_voice", "loaded_language", voice, "macro_f1"),
                "sensitivity": benchmark.figure("by_voice", "loaded_language", voice, "sensitivity"),
                "specificity": benchmark.figure("by_voice", "loaded_language", voice, "specificity"),
                "sentences": benchmark.figure("by_voice", "loaded_language", voice, "sentences"),
                "stance, macro F1": benchmark.figure("by_voice", "stance", voice, "macro_f1"),
                "targets": benchmark.figure("by_voice", "stance", voice, "targets"),
            }
            for voice in VOICES
        ),
        "voice",
    )


def blindness(benchmark: Benchmark) -> pd.DataFrame:
    """How far scores move when names are swapped, by kind of name: mean absolute changes and numbers of swaps."""
    parts = {"loaded": "loaded, BABE", "loaded_unseen": "loaded, BASIL", "stance": "stance, NewsMTSC dev"}
    rows = []
    for kind in ("all", *KINDS):
        row: dict[str, Any] = {"names": "all" if kind == "all" else kind}
        for part, label in parts.items():
            row[label] = benchmark.figure("blindness", part, kind)
            count = ("swaps",) if kind == "all" else ("n", kind)
            row[f"swaps, {label.partition(', ')[2]}"] = benchmark.figure("blindness", part, *count)
        rows.append(row)
    return _table(rows, "names")


def costs(benchmark: Benchmark) -> pd.DataFrame:
    """Time and memory, an engine a column; TextBlob and VADER on the same sentences beside them."""
    measures = {
        "sentences a second of processor time": ("sentences_per_second", "framing"),
        "sentences a second, files to tables": ("files_to_tables",),
        "one article, milliseconds": ("article_ms",),
        "first article in a fresh process, seconds": ("cold_start_s",),
        "most memory, MB": ("peak_memory_mb",),
        "TextBlob, sentences a second of processor time": ("sentences_per_second", "textblob"),
        "VADER, sentences a second of processor time": ("sentences_per_second", "vader"),
    }
    rows = ({"measure": label, **_of_each(benchmark, "speed", *path)} for label, path in measures.items())
    return _table(rows, "measure")


def eight_bit(benchmark: Benchmark) -> pd.DataFrame:
    """The shipped 8-bit model beside the same one in 32 bits."""
    names = _inner(benchmark.figures, "eight_bit", "bits_32")
    rows = (
        {
            "score": name.replace("_", " "),
            "8 bits": benchmark.figure("eight_bit", "bits_8", name),
            "32 bits": benchmark.figure("eight_bit", "bits_32", name),
        }
        for name in names
    )
    return _table(rows, "score")


def _of_each(benchmark: Benchmark, *path: str) -> dict[str, float | None]:
    return {name: find_figure(figures, *path) for name, figures in benchmark.engines.items()}


def _inner(figures: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    node: Any = figures
    for key in path:
        node = node.get(key) if isinstance(node, Mapping) else None
    return node if isinstance(node, Mapping) else {}


def _table(rows: Iterable[Mapping[str, Any]], name: str) -> pd.DataFrame:
    """The rows that hold a number, and the columns that do."""
    import pandas as pd

    kept = [row for row in rows if any(value is not None for key, value in row.items() if key != name)]
    table = pd.DataFrame(kept, columns=list(kept[0]) if kept else [name])
    numbers = [column for column in table.columns if column != name]
    return table.astype(dict.fromkeys(numbers, float)).dropna(axis="columns", how="all")
