"""Steps of a scheduled run that do as a test says, and tiny notebooks; also a program that runs them in a process.

``python made_up_schedule.py steps SCRIPT`` answers steps as ``framing.schedule.steps`` does: those that the JSON file
SCRIPT tells of as told there, the others for real. ``python made_up_schedule.py run PLAN SCRIPT NOTEBOOKS`` is a whole
run, and ends with its exit code.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

NOW = datetime(2026, 11, 28, 5, 0, tzinfo=UTC)
WAITING = """
import os, time
note = os.environ.get("NOTE") or note
with open(note + ".part", "w") as out:
    out.write(str(os.getpid()))
os.replace(note + ".part", note)
time.sleep(120)
"""
COLUMNS = ("group", "against", "measure", "group_value", "rest_value", "verdict")


def worker(script: Path) -> tuple[str, ...]:
    return sys.executable, __file__, "steps", str(script)


def write_script(folder: Path, **steps: Any) -> Path:
    """Steps as they are told: a result, ``{"fails": reason}``, ``{"dies": signal}`` or ``{"starts": file}``.

    The last starts a process of its own session, as a notebook's kernel is, writes its id to the file, and waits.
    """
    path = folder / "script.json"
    path.write_text(json.dumps(steps), encoding="utf-8")
    return path


class Desk:
    """A folder with a corpus, a notebook that does nothing, and a plan of one report, which keywords change."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.notebooks = folder, folder / "notebooks"
        (folder / "corpus.csv").write_text("outlet,date,text\nNorthgate Wire,2026-11-01,A ferry sank.\n")
        (folder / "pages").mkdir()
        (folder / "feeds.yaml").write_text("outlets: [{name: Northgate Wire, html: pages}]")
        tiny_notebook(self.notebooks, "tiny", "pass")

    def __call__(self, **changes: Any) -> Path:
        import yaml

        given = {"corpus": "corpus.csv", "reports": [{"name": "tiny"}], **changes}
        path = self.folder / "daily.yaml"
        path.write_text(yaml.safe_dump({key: value for key, value in given.items() if value is not None}))
        return path


def collected(*, failed: tuple[str, ...] = (), outlets: tuple[str, ...] = ("Northgate Wire",), **counts: int) -> Any:
    """What collecting says that it did."""
    return {
        "counts": {"new": 0, "revised": 0, "set_aside": 0, **counts}, "outlets": {name: {} for name in outlets},
        "failed": list(failed), "reasons": {}, "notes": [],
    }  # fmt: skip


def verdict_rows(*rows: tuple[str, str]) -> list[list[Any]]:
    """Rows of a table of differences, from outlet and verdict."""
    return [[outlet, "the rest", "loaded_rate_author", 0.3, 0.1, verdict] for outlet, verdict in rows]


def tiny_notebook(folder: Path, name: str, code: str) -> Path:
    """A report notebook that does one thing."""
    import nbformat

    cells = [
        nbformat.v4.new_code_cell(
            'title: str = "A tiny report"  # heading\nas_of: str = ""  # the day\nnote: str = ""  # a file to write to',
            metadata={"tags": ["parameters"]},
        ),
        nbformat.v4.new_code_cell(code),
    ]
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}_report.ipynb"
    kernel = {"name": "python3", "language": "python", "display_name": "Python 3"}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    return folder


def _told(step: str, script: dict[str, Any]) -> Any:
    def do(**arguments: Any) -> dict[str, Any]:
        told = script[step]
        if step == "report":
            told = told[arguments["parameters"]["as_of"]]
        if "fails" in told:
            raise OSError(told["fails"])
        if "starts" in told:
            kernel = subprocess.Popen(
                [sys.executable, "-c", WAITING], start_new_session=True, env={"NOTE": told["starts"]}
            )
            kernel.wait()
        if "dies" in told:
            os.kill(os.getpid(), told["dies"])
        return made(told, arguments) if step == "report" else told

    return do


def made(told: dict[str, Any], arguments: dict[str, Any]) -> dict[str, Any]:
    """A report with the verdicts it was told of."""
    period = "__".join(arguments["parameters"].get(key, "made-up") for key in ("as_of", "since"))
    run = Path(arguments["reports_folder"]) / arguments["name"] / period
    (run / "tables").mkdir(parents=True, exist_ok=True)
    lines = [",".join(COLUMNS), *(",".join(map(str, row)) for row in told["rows"])]
    (run / "tables" / "differences.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return {"path": str(run), "title": told.get("title", "The week"), "status": "made", "finding": ""}


def main() -> None:
    # Where it is installed, importing nbformat makes it build a grammar for over a second, which nothing here uses.
    sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]
    from framing.schedule import steps

    if sys.argv[1] == "steps":
        script = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
        steps.main({**steps.STEPS, **{name: _told(name, script) for name in script}})
    else:
        from framing.schedule.run import run_schedule

        plan, script, notebooks = map(Path, sys.argv[2:5])
        outcome = run_schedule(
            plan, as_of=date(2026, 11, 28), worker=worker(script), notebooks=notebooks, now=lambda: NOW, quiet=True
        )
        sys.exit(outcome.code)


if __name__ == "__main__":
    main()
