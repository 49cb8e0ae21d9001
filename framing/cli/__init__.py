"""The command line: parses, calls, prints. Errors are one line on standard error; exit code 0 only on success.

Each module here holds the commands of one matter and imports what they call only when they are called.
"""

from __future__ import annotations

import sys
from typing import Any

import click

from framing import __version__
from framing.cli.collecting import collect
from framing.cli.corpora import corpus
from framing.cli.models import benchmark, train
from framing.cli.options import one_line
from framing.cli.reports import report
from framing.cli.schedule import schedule, serve
from framing.cli.scoring import explain, score
from framing.errors import FramingError


class Group(click.Group):
    """Turns every expected error into one line and an exit code, wherever it comes from."""

    def main(self, *args: Any, **kwargs: Any) -> Any:  # noqa: D102
        debug = "--debug" in (kwargs.get("args") or (args[0] if args and args[0] else sys.argv[1:]))
        try:
            return super().main(*args, **{**kwargs, "standalone_mode": False})
        except (FramingError, OSError, MemoryError) as error:
            if debug:
                raise
            click.echo(f"framing: {one_line(error)}", err=True)
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


COMMANDS = (
    score,
    explain,
    report,
    collect,
    corpus,
    schedule,
    serve,
    benchmark,
    train,
)
for command in COMMANDS:
    main.add_command(command)
