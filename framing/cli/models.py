"""``framing benchmark`` and ``framing train``: how good the instrument is, and making it anew."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import click

from framing.cli.options import with_data, with_debug, with_engine, with_quiet
from framing.engines import ENGINES
from framing.errors import ParameterError, one_of


@click.command()
@with_data
@click.option("--out", type=click.Path(path_type=Path), help="JSON file of every figure.")
@click.option("--only", multiple=True, metavar="SECTION", help="Measure this section only; may be repeated.")
@click.option(
    "--beside",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Figures of another run, a file of --out, to print beside these.",
)
@with_engine
@with_quiet
@with_debug
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


@click.command()
@with_data
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
@with_engine
@with_debug
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
