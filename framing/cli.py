"""The command line: parses, calls, prints. Errors are one line on standard error; exit code 0 only on success."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from typing import Any

import click

from framing import __version__
from framing.engines import DEFAULT_ENGINE, ENGINES
from framing.errors import FramingError, InputError, ParameterError, one_of

_debug = click.option("--debug", is_flag=True, help="Show the whole traceback of an error.")
_quiet = click.option("--quiet", "-q", is_flag=True, help="No progress bar, no summary.")
_engine = click.option(
    "--engine", default=DEFAULT_ENGINE, show_default=True, metavar="|".join(ENGINES), help="Which engine scores."
)
_lexicon = click.option(
    "--lexicon", type=click.Path(path_type=Path), help="TSV of terms to add or silence: term, category, weight, unless."
)
_targets = click.option(
    "--targets", type=click.Path(path_type=Path), help="YAML of targets and their aliases; without it they are found."
)
_data = click.option("--data", required=True, type=click.Path(path_type=Path), help="Folder of the annotated corpora.")


class Group(click.Group):
    """Turns every expected error into one line and an exit code, wherever it comes from."""

    def main(self, *args: Any, **kwargs: Any) -> Any:  # noqa: D102
        debug = "--debug" in (kwargs.get("args") or (args[0] if args and args[0] else sys.argv[1:]))
        try:
            return super().main(*args, **{**kwargs, "standalone_mode": False})
        except (FramingError, OSError, MemoryError) as error:
            if debug:
                raise
            click.echo(f"framing: {_line(error)}", err=True)
            sys.exit(1)
        except click.ClickException as error:
            error.show()
            sys.exit(error.exit_code)
        except (click.Abort, KeyboardInterrupt):
            click.echo("framing: interrupted; nothing unfinished was left behind", err=True)
            sys.exit(130)


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="framing")
def main() -> None:
    """Measure how news text frames its subject: loaded language, attribution, stance, frames."""


@main.command()
@click.argument("source", metavar="INPUT", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the tables.")
@click.option("--column", "columns", multiple=True, metavar="FIELD=NAME", help="Column of a field, as in text=body.")
@_targets
@_lexicon
@_engine
@click.option(
    "--events",
    default="found",
    show_default=True,
    metavar="found|column|NAME",
    help="Stories: worked out from wording and date, or taken from the column event or NAME.",
)
@click.option(
    "--scores",
    type=click.Path(path_type=Path),
    help="Folder to keep scores in by content: what is there is not scored again.",
)
@click.option("--csv", is_flag=True, help="Write CSV beside the Parquet files.")
@click.option("--jobs", default=1, show_default=True, type=click.IntRange(1, 256), help="Worker processes.")
@click.option("--batch-size", default=32, show_default=True, type=click.IntRange(1), help="Articles scored at once.")
@click.option("--timeout", default=300.0, show_default=True, help="Seconds a batch may take (with --jobs above 1).")
@_quiet
@_debug
def score(
    source: Path,
    out: Path,
    columns: tuple[str, ...],
    targets: Path | None,
    lexicon: Path | None,
    engine: str,
    events: str,
    scores: Path | None,
    csv: bool,
    jobs: int,
    batch_size: int,
    timeout: float,
    quiet: bool,
    debug: bool,
) -> None:
    """Score a corpus: CSV, JSONL, Parquet, or a folder of HTML or text files."""
    from framing.entities import read_targets
    from framing.lexicon import default_lexicon, read_lexicon
    from framing.scoring import score_corpus

    outcome = score_corpus(
        source,
        out,
        columns=_pairs(columns),
        targets=read_targets(targets) if targets else None,
        engine=engine,
        lexicon=read_lexicon(lexicon, default_lexicon()) if lexicon else None,
        batch_size=batch_size,
        jobs=jobs,
        timeout=timeout,
        events=events,
        scores=scores or "",
        csv=csv,
        quiet=quiet,
    )
    if quiet:
        return
    counts = outcome.manifest["counts"]
    for note in outcome.notes[:5]:
        click.echo(f"note: {note}", err=True)
    if len(outcome.notes) > 5:
        click.echo(f"note: {len(outcome.notes) - 5} more in manifest.json", err=True)
    if outcome.quarantined:
        click.echo(f"{len(outcome.quarantined)} could not be read or scored: see quarantine.jsonl", err=True)
    click.echo(f"{counts['read']} read = {counts['scored']} scored + {counts['quarantined']} quarantined")
    click.echo(", ".join(f"{n:,} {name}" for name, n in outcome.rows.items()) + f" -> {out}")


@main.command()
@click.argument("text")
@click.option("--target", multiple=True, help="Toward whom stance is measured; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole analysis as JSON.")
@click.option("--color/--no-color", default=None, help="Colours or plain marks; by default as the terminal allows.")
@_lexicon
@_engine
@_debug
def explain(
    text: str,
    target: tuple[str, ...],
    as_json: bool,
    color: bool | None,
    lexicon: Path | None,
    engine: str,
    debug: bool,
) -> None:
    """Score a text and show the words behind the numbers; TEXT may be - for standard input."""
    from framing.analysis import analyze
    from framing.lexicon import default_lexicon, read_lexicon
    from framing.terminal import explanation

    if text == "-":
        text = sys.stdin.read()
    if not text.strip():
        raise InputError("there is no text to explain; give a sentence or an article, or - for standard input")
    given = read_lexicon(lexicon, default_lexicon()) if lexicon else None
    analysis = analyze(text, list(target) or None, engine=engine, lexicon=given)
    if as_json:
        click.echo(json.dumps(analysis.to_dict(), indent=1, ensure_ascii=False))
        return
    coloured = sys.stdout.isatty() if color is None else color
    click.echo(explanation(analysis, color=coloured), color=coloured)


@main.command()
@click.argument("name")
@click.option("-p", "parameters", nargs=2, multiple=True, metavar="KEY VALUE", help="One parameter; may be repeated.")
@click.option("-f", "files", multiple=True, type=click.Path(path_type=Path), help="YAML file of parameters.")
@click.option("--reports", default="reports", show_default=True, type=click.Path(path_type=Path), help="Where runs go.")
@click.option("--force", is_flag=True, help="Run again even if the same run is there.")
@_quiet
@_debug
def report(
    name: str,
    parameters: tuple[tuple[str, str], ...],
    files: tuple[Path, ...],
    reports: Path,
    force: bool,
    quiet: bool,
    debug: bool,
) -> None:
    """Run a report notebook: comparative, trend, article, benchmark, explore."""
    from framing.report import run_report

    run = run_report(name, _parameters(files, parameters), reports=reports, force=force, quiet=quiet)
    click.echo(str(run / "report.html"))


@main.command()
@_data
@click.option("--out", type=click.Path(path_type=Path), help="JSON file of every figure.")
@click.option("--only", multiple=True, metavar="SECTION", help="Measure this section only; may be repeated.")
@click.option(
    "--beside",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Figures of another run, a file of --out, to print beside these.",
)
@_engine
@_quiet
@_debug
def benchmark(
    data: Path,
    out: Path | None,
    only: tuple[str, ...],
    beside: tuple[Path, ...],
    engine: str,
    quiet: bool,
    debug: bool,
) -> None:
    """Measure the instrument against annotated corpora, TextBlob and VADER beside it."""
    from framing.benchmark import render, run_benchmark
    from framing.storage import write_whole

    figures = run_benchmark(data, engine=engine, only=only, quiet=quiet)
    if out:
        write_whole(out, json.dumps(figures, indent=1) + "\n")
    click.echo(render(figures, *[json.loads(path.read_text(encoding="utf-8")) for path in beside]))


@main.command()
@_data
@click.option("--out", type=click.Path(path_type=Path), help="Model folder; without it the package's own is replaced.")
@click.option(
    "--only", multiple=True, metavar="MODEL", help="Linear: train this model only: bias, tagger, stance, frames."
)
@click.option(
    "--encoder",
    default="sentence-transformers/all-MiniLM-L6-v2",
    show_default=True,
    help="Neural: the encoder to start from, a folder or its public name.",
)
@click.option(
    "--teacher",
    default="",
    help="Neural: a larger encoder to learn from as well, a folder or its public name.",
)
@click.option(
    "--work",
    type=click.Path(path_type=Path),
    default=Path("training"),
    show_default=True,
    help="Neural: where runs keep checkpoints; what is there already is not trained again.",
)
@click.option("--jobs", default=0, help="Neural: runs side by side; 0 is one per core.")
@click.option("--seed", default=0, show_default=True, help="Seed of everything random.")
@_engine
@_debug
def train(
    data: Path,
    out: Path | None,
    only: tuple[str, ...],
    encoder: str,
    teacher: str,
    work: Path,
    jobs: int,
    seed: int,
    engine: str,
    debug: bool,
) -> None:
    """Train the models of an engine from the annotated corpora: minutes for linear, hours for neural."""
    from framing.training import TRAINERS, train_models
    from framing.training.neural import train_neural

    for name in only:
        if engine == "neural":
            raise ParameterError("the neural engine is one model; --only names models of --engine linear")
        if name not in TRAINERS:
            raise ParameterError(one_of("model", name, TRAINERS))
    if engine not in ENGINES:
        raise ParameterError(one_of("engine", engine, ENGINES))
    if engine == "neural":
        logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
        runs = train_neural(data, encoder, out, work=work, teacher=teacher, seed=seed, jobs=jobs)
    else:
        runs = train_models(data, out, only=only or tuple(TRAINERS), seed=seed)
    for name, figures in runs:
        click.echo(f"{name}: {json.dumps(figures)}")


def _pairs(columns: tuple[str, ...]) -> dict[str, str]:
    pairs = {}
    for given in columns:
        field, equals, column = given.partition("=")
        if not (field and equals and column):
            raise InputError(f"--column {given!r} is not of the form FIELD=NAME, as in text=body")
        pairs[field.strip()] = column.strip()
    return pairs


def _parameters(files: tuple[Path, ...], pairs: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """Parameters of the files; later ones win, and ``-p`` over all. Its values stay text, for the report to type."""
    import yaml

    merged: dict[str, Any] = {}
    for path in files:
        try:
            loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise ParameterError(f"cannot read the parameter file {str(path)!r}: {_line(error)}") from error
        if not isinstance(loaded, dict):
            raise ParameterError(f"the parameter file {str(path)!r} does not hold `name: value` lines")
        merged.update(loaded)
    return {**merged, **dict(pairs)}


def _line(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return text or type(error).__name__
