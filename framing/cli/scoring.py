"""``framing score`` and ``framing explain``: a corpus into tables, a text into an explanation."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from framing.cli.options import with_debug, with_engine, with_lexicon, with_quiet, with_selection, with_targets
from framing.errors import InputError


@click.command()
@click.argument("source", metavar="INPUT", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the tables.")
@click.option("--column", "columns", multiple=True, metavar="FIELD=NAME", help="Column of a field, as in text=body.")
@with_targets
@with_lexicon
@with_engine
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
    help="Folder to keep scores in by content: what is there is not scored again. A corpus folder keeps its own.",
)
@with_selection
@click.option("--csv", is_flag=True, help="Write CSV beside the Parquet files.")
@click.option("--jobs", default=1, show_default=True, type=click.IntRange(1, 256), help="Worker processes.")
@click.option("--batch-size", default=32, show_default=True, type=click.IntRange(1), help="Articles scored at once.")
@click.option("--timeout", default=300.0, show_default=True, help="Seconds a batch may take (with --jobs above 1).")
@with_quiet
@with_debug
def score(
    source: Path,
    out: Path,
    columns: tuple[str, ...],
    targets: Path | None,
    lexicon: Path | None,
    engine: str,
    events: str,
    scores: Path | None,
    since: str,
    until: str,
    outlets: tuple[str, ...],
    query: str,
    csv: bool,
    jobs: int,
    batch_size: int,
    timeout: float,
    quiet: bool,
    debug: bool,
) -> None:
    """Score a corpus: CSV, JSONL, Parquet, a folder of HTML or text files, or a corpus folder of `framing collect`."""
    from framing.entities import read_targets
    from framing.lexicon import default_lexicon, read_lexicon
    from framing.scoring import score_corpus
    from framing.store.records import Selection

    selection = Selection(since, until, outlets, query)
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
        select=selection if selection != Selection() else None,
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


@click.command()
@click.argument("text")
@click.option("--target", multiple=True, help="Toward whom stance is measured; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole analysis as JSON.")
@click.option("--color/--no-color", default=None, help="Colours or plain marks; by default as the terminal allows.")
@with_lexicon
@with_engine
@with_debug
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


def _pairs(columns: tuple[str, ...]) -> dict[str, str]:
    pairs = {}
    for given in columns:
        field, equals, column = given.partition("=")
        if not (field and equals and column):
            raise InputError(f"--column {given!r} is not of the form FIELD=NAME, as in text=body")
        pairs[field.strip()] = column.strip()
    return pairs
