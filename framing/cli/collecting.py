"""``framing collect``: from feeds, addresses and saved pages into a corpus folder."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from framing.cli.options import with_debug, with_quiet
from framing.errors import InputError

if TYPE_CHECKING:
    from framing.collecting.keeping import Outcome

_SHOWN = 8


@click.command()
@click.argument("source", metavar="SOURCE")
@click.option("--into", required=True, type=click.Path(path_type=Path), help="The corpus folder; made where absent.")
@click.option("--delay", default=1.0, show_default=True, help="Seconds between two requests to one host.")
@click.option("--deadline", default=30.0, show_default=True, help="Seconds for one page, redirects and all.")
@click.option(
    "--limit", default=500, show_default=True, type=click.IntRange(1), help="Pages of an outlet per run, newest first."
)
@click.option(
    "--allow-host",
    "allow_hosts",
    multiple=True,
    metavar="HOST[:PORT]",
    help="A host that may be private or local; may be repeated.",
)
@click.option("--user-agent", default="", help="How we name ourselves to servers; give an address to be reached at.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
@with_quiet
@with_debug
def collect(
    source: str,
    into: Path,
    delay: float,
    deadline: float,
    limit: int,
    allow_hosts: tuple[str, ...],
    user_agent: str,
    as_json: bool,
    quiet: bool,
    debug: bool,
) -> None:
    """Collect articles into a corpus folder.

    SOURCE is a file of outlets (YAML), the address of a feed, sitemap or page, a text file of addresses, a folder of
    saved pages, an .mbox or a .warc file. What could not be read is set aside with its reason. Exit code 1 where
    something was asked for, and no article came of it nor is there from before.
    """
    from framing.collecting.fetch import USER_AGENT
    from framing.collecting.run import collect as run

    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    outcome = run(
        source, into, now=now, delay=delay, deadline=deadline, limit=limit, allow_hosts=allow_hosts,
        user_agent=user_agent or USER_AGENT, quiet=quiet or as_json,
    )  # fmt: skip
    if as_json:
        click.echo(json.dumps(outcome.to_dict(), indent=1, ensure_ascii=False))
    elif not quiet:
        click.echo(_told(outcome, into))
    if outcome.fruitless:
        raise InputError(f"nothing could be read: {next(iter({**outcome.reasons, **outcome.postponed}))}")


def _told(outcome: Outcome, into: Path) -> str:
    """The account of a run: where every address went, why something was set aside, which outlets gave nothing."""
    counts = outcome.counts
    lines = [
        f"{counts['listed']:,} listed = {counts['new']:,} new + {counts['revised']:,} revised"
        f" + {counts['unchanged']:,} unchanged + {counts['copies']:,} copies + {counts['set_aside']:,} set aside"
        f" + {counts['known']:,} known + {counts['later']:,} left for later -> {into}"
    ]
    reasons = sorted(outcome.reasons.items(), key=lambda item: (-item[1], item[0]))
    lines += [f"set aside {number:,}: {reason}" for reason, number in reasons[:_SHOWN]]
    if len(reasons) > _SHOWN:
        lines.append(f"and {len(reasons) - _SHOWN} other reasons: framing corpus list {into} --quarantined")
    lines += [f"nothing could be read of {name}" for name in outcome.failed]
    return "\n".join([*lines, *outcome.notes])
