"""Options that several commands share, and how an error becomes one line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from framing.engines import DEFAULT_ENGINE, ENGINES

Command = Callable[..., Any]

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
_SELECTION = (
    click.option("--since", default="", metavar="DAY", help="Articles of this day and later, YYYY-MM-DD."),
    click.option("--until", default="", metavar="DAY", help="Articles of this day and earlier, YYYY-MM-DD."),
    click.option(
        "--outlet", "outlets", multiple=True, metavar="NAME", help="Articles of this outlet; may be repeated."
    ),
    click.option(
        "--query",
        default="",
        metavar="SQL",
        help="Articles of which a condition holds, as in \"title ILIKE '%ferry%'\".",
    ),
)
with_data = click.option(
    "--data", required=True, type=click.Path(path_type=Path), help="Folder of the annotated corpora."
)


def with_selection(command: Command) -> Command:
    """The options that say which articles of an input are wanted."""
    for option in reversed(_SELECTION):
        command = option(command)
    return command


def one_line(error: BaseException) -> str:
    """The message of an error without line breaks; its kind where it says nothing."""
    text = " ".join(str(error).split())
    return text or type(error).__name__
