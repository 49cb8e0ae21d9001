"""Options that several commands share, and how an error becomes one line."""

from __future__ import annotations

from pathlib import Path

import click

from framing.engines import DEFAULT_ENGINE, ENGINES

with_debug = click.option("--debug", is_flag=True, help="Show the whole traceback of an error.")
with_quiet = click.option("--quiet", "-q", is_flag=True, help="No progress bar, no summary.")
with_engine = click.option(
    "--engine", default=DEFAULT_ENGINE, show_default=True, metavar="|".join(ENGINES), help="Which engine scores."
)
with_lexicon = click.option(
    "--lexicon", type=click.Path(path_type=Path), help="TSV of terms to add or silence: term, category, weight, unless."
)
with_targets = click.option(
    "--targets", type=click.Path(path_type=Path), help="YAML of targets and their aliases; without it they are found."
)
with_data = click.option(
    "--data", required=True, type=click.Path(path_type=Path), help="Folder of the annotated corpora."
)


def one_line(error: BaseException) -> str:
    """The message of an error without line breaks; its kind where it says nothing."""
    text = " ".join(str(error).split())
    return text or type(error).__name__
