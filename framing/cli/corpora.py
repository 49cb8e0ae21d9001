"""``framing corpus``: what a corpus folder holds, taken out of it, and checked."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from framing.cli.options import with_debug, with_selection
from framing.errors import ParameterError

_folder = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_versions = click.option(
    "--versions",
    default="latest",
    show_default=True,
    type=click.Choice(["latest", "all"]),
    help="The latest version of each article, or every version.",
)


@click.group()
def corpus() -> None:
    """Look into a corpus folder that `framing collect` has made."""


@corpus.command("list")
@_folder
@with_selection
@click.option("--quarantined", is_flag=True, help="What could not be read instead, with the reasons.")
@_json
@with_debug
def list_articles(
    folder: Path,
    since: str,
    until: str,
    outlets: tuple[str, ...],
    query: str,
    quarantined: bool,
    as_json: bool,
    debug: bool,
) -> None:
    """The articles: id, day, outlet, title, and how many versions there are."""
    from framing.store import open_store
    from framing.store.records import Selection

    selection = Selection(since, until, outlets, query)
    if quarantined and selection != Selection():
        raise ParameterError("--quarantined lists all that could not be read; it goes with no other choice")
    with open_store(folder) as store:
        found = store.quarantined() if quarantined else store.list(selection)
    if as_json:
        _print(found)
        return
    if quarantined:
        for row in found:
            click.echo("\t".join(map(_shown, (row["place"], row["outlet"], row["reason"]))))
        return
    for row in found:
        more = f" (version {row['versions']})" if row["versions"] > 1 else ""
        told = [
            row["date"][:10] or "undated",
            row["outlet"] or "(no outlet given)",
            (row["title"] or row["url"]) + more,
        ]
        click.echo("\t".join([row["id"], *map(_shown, told)]))


@corpus.command()
@_folder
@_json
@with_debug
def stats(folder: Path, as_json: bool, debug: bool) -> None:
    """How much there is, of which outlets and days."""
    from framing.store import open_store

    with open_store(folder) as store:
        found = store.stats()
    if as_json:
        _print(found)
        return
    click.echo(f"{found['articles']:,} articles, {found['versions']:,} versions, {found['quarantined']:,} quarantined")
    click.echo(f"dated {found['first'] or '-'} to {found['last'] or '-'}, last collected {found['collected'] or '-'}")
    click.echo(f"{found['parts']:,} parts, {found['bytes']:,} bytes")
    for outlet, count in found["outlets"].items():
        click.echo(f"{count:>9,}  {_shown(outlet) or '(no outlet given)'}")


@corpus.command()
@_folder
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="File to write: .jsonl, .csv or .parquet; without it lines of JSON are printed.",
)
@with_selection
@_versions
@_json
@with_debug
def export(
    folder: Path,
    out: Path | None,
    since: str,
    until: str,
    outlets: tuple[str, ...],
    query: str,
    versions: str,
    as_json: bool,
    debug: bool,
) -> None:
    """Write articles to a file that every command takes as its input, or print them."""
    from framing.store import open_store
    from framing.store.export import article_rows
    from framing.store.records import Selection

    selection = Selection(since, until, outlets, query)
    with open_store(folder) as store:
        if out is None:
            rows = [dict(row) for row in article_rows(store, selection, versions=versions)]
        else:
            count = store.export(out, selection, versions=versions)
    if out is None and as_json:
        _print(rows)
    elif out is None:
        for row in rows:
            click.echo(json.dumps(row, ensure_ascii=False))
    elif as_json:
        _print({"articles": count, "file": str(out)})
    else:
        click.echo(f"{count:,} articles -> {out}")


@corpus.command()
@_folder
@_json
@with_debug
def verify(folder: Path, as_json: bool, debug: bool) -> None:
    """Check every part, the visits and the catalogue; exit code 1 where something is damaged."""
    from framing.store import open_store

    with open_store(folder) as store:
        problems, leftovers = store.verify(), store.leftovers()
    if as_json:
        _print({"sound": not problems, "problems": problems, "leftovers": leftovers})
    else:
        for problem in problems:
            click.echo(_shown(problem), err=True)
        for leftover in leftovers:
            click.echo(f"{_shown(leftover)}: left by a run that was ended; harmless, can be deleted")
        click.echo("damaged" if problems else "sound: every part, the visits and the catalogue")
    if problems:
        sys.exit(1)


def _shown(text: str) -> str:
    """Text from articles on one line of a terminal, without what would steer it."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def _print(value: Mapping[str, Any] | Sequence[Any]) -> None:
    click.echo(json.dumps(value, indent=1, ensure_ascii=False))
