"""``framing schedule`` and ``framing serve``: reports made every morning, and looked at."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from framing.cli.options import with_debug, with_quiet


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--as-of",
    default="today",
    show_default=True,
    metavar="DAY",
    help="The day the reports speak for: YYYY-MM-DD, or today or yesterday in UTC; "
    'for the day here: --as-of "$(date +%F)".',
)
@click.option("--catch-up", default=0, type=click.IntRange(0, 366), metavar="DAYS", help="Make up for missed days.")
@click.option("--wait", default=0.0, type=click.FloatRange(0), metavar="SECONDS", help="Wait for another run to end.")
@click.option("--timeout", type=click.FloatRange(1), metavar="SECONDS", help="For the whole run; else the file's.")
@click.option("--force", is_flag=True, help="Make reports again that are there, and send mail and webhook again.")
@click.option("--json", "as_json", is_flag=True, help="Print the line of the log instead of the summary.")
@with_quiet
@with_debug
def schedule(
    file: Path,
    as_of: str,
    catch_up: int,
    wait: float,
    timeout: float | None,
    force: bool,
    as_json: bool,
    quiet: bool,
    debug: bool,
) -> None:
    """One run of what FILE plans: collect, score what is new, make the reports, say what changed.

    The same day again makes no report twice. The summary is printed, in Markdown; each run that begins is a
    line in the log.

    \b
    Exit codes:
      0    all done, all there already, or no article to report on
      1    nothing done: the file cannot be used, or every part failed
      2    a wrong option or argument
      3    done in part: a report or a delivery failed, collecting failed,
           or no source of an outlet could be read
      75   another run of this file is going on
      124  out of time; what was finished stays
      130  interrupted (Ctrl-C, SIGTERM); what was finished stays
    """  # noqa: D301 (click reads the backspace itself, as the mark of a paragraph to be left as it is)
    from framing.schedule import LOCKED
    from framing.schedule.lock import Locked
    from framing.schedule.run import read_day, run_schedule, utc_now

    day = read_day(as_of, utc_now().date())
    try:
        outcome = run_schedule(file, as_of=day, catch_up=catch_up, wait=wait, timeout=timeout, force=force, quiet=quiet)
    except Locked as error:
        click.echo(f"framing: {error}", err=True)
        sys.exit(LOCKED)
    for note in outcome.notes:
        click.echo(f"note: {note}", err=True)
    if as_json:
        click.echo(json.dumps(outcome.line))
    elif not quiet:
        click.echo(outcome.summary, nl=False)
    sys.exit(outcome.code)


@click.command()
@click.argument("reports", default="reports", type=click.Path(path_type=Path))
@click.option("--port", default=8765, show_default=True, type=click.IntRange(0, 65535), help="0 picks a free one.")
@with_quiet
@with_debug
def serve(reports: Path, port: int, quiet: bool, debug: bool) -> None:
    """Show the folder REPORTS to browsers on this machine, until Ctrl-C. Not for the internet."""
    from framing.serving import serve as show

    show(reports, port, say=(lambda text: None) if quiet else click.echo)
