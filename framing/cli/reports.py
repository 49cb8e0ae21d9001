"""``framing report``: a notebook run into a report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from framing.cli.options import one_line, with_debug, with_quiet, with_selection
from framing.errors import ParameterError


@click.command()
@click.argument("name")
@click.option("-p", "parameters", nargs=2, multiple=True, metavar="KEY VALUE", help="One parameter; may be repeated.")
@click.option("-f", "files", multiple=True, type=click.Path(path_type=Path), help="YAML file of parameters.")
@with_selection
@click.option("--reports", default="reports", show_default=True, type=click.Path(path_type=Path), help="Where runs go.")
@click.option("--force", is_flag=True, help="Run again even if the same run is there.")
@with_quiet
@with_debug
def report(
    name: str,
    parameters: tuple[tuple[str, str], ...],
    files: tuple[Path, ...],
    since: str,
    until: str,
    outlets: tuple[str, ...],
    query: str,
    reports: Path,
    force: bool,
    quiet: bool,
    debug: bool,
) -> None:
    """Run a report notebook: comparative, trend, article, benchmark, explore.

    --since, --until, --query and --outlet are short for the parameters since, until, query and outlets.
    """
    from framing.report import run_report, start_quickly

    start_quickly()
    chosen = {"since": since, "until": until, "outlets": list(outlets), "query": query}
    merged = _parameters(files, parameters) | {key: value for key, value in chosen.items() if value}
    run = run_report(name, merged, reports=reports, force=force, quiet=quiet)
    click.echo(str(run / "report.html"))


def _parameters(files: tuple[Path, ...], pairs: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """Parameters of the files; later ones win, and ``-p`` over all. Its values stay text, for the report to type."""
    import yaml

    merged: dict[str, Any] = {}
    for path in files:
        try:
            loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise ParameterError(f"cannot read the parameter file {str(path)!r}: {one_line(error)}") from error
        if not isinstance(loaded, dict):
            raise ParameterError(f"the parameter file {str(path)!r} does not hold `name: value` lines")
        merged.update(loaded)
    return {**merged, **dict(pairs)}
