"""The log of scheduled runs: one JSON object per line, one line per run."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from framing.schedule import ALREADY, DONE, PARTIAL

Line = Mapping[str, Any]


def append_line(log: Path, line: Line) -> None:
    """Add a line by a single write and have it on the disk; what a crash left unfinished before it is closed off."""
    text = json.dumps(line, ensure_ascii=True).encode("ascii") + b"\n"
    log.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(log, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        size = os.fstat(handle).st_size
        if size and os.lseek(handle, size - 1, os.SEEK_SET) >= 0 and os.read(handle, 1) != b"\n":
            text = b"\n" + text
        if os.write(handle, text) != len(text):
            raise OSError(f"the log {log.name!r} could not be written whole; is the disk full?")
        os.fsync(handle)
    finally:
        os.close(handle)


def read_log(log: Path) -> tuple[list[Line], list[str]]:
    """The lines of a log, oldest first, and a note on each that is damaged; no log is an empty one."""
    lines: list[Line] = []
    notes: list[str] = []
    try:
        content = log.read_bytes()
    except FileNotFoundError:
        return [], []
    for number, raw in enumerate(content.splitlines(), 1):
        try:
            line = json.loads(raw)
            date.fromisoformat(line["as_of"])
            if not all(isinstance(one["status"], str) for one in (line, *line["reports"])):
                raise TypeError
        except (ValueError, KeyError, TypeError, RecursionError):
            if raw.strip():
                notes.append(f"line {number} of {log.name} is damaged and was skipped")
            continue
        lines.append(line)
    return lines, notes


def succeeded(line: Line) -> bool:
    """Whether all reports of a run are there, whatever became of collecting and delivery."""
    return line["status"] in (DONE, PARTIAL) and all(one["status"] != "failed" for one in line["reports"])


def previous(lines: Sequence[Line], as_of: date) -> Line | None:
    """The last successful run for the nearest day before ``as_of``; of days made up for nobody read a summary."""
    read = [line for line in lines if succeeded(line) and not line.get("catch_up")]
    earlier = [line for line in read if line["as_of"] < as_of.isoformat()]
    return max(reversed(earlier), key=lambda line: line["as_of"], default=None)


def told_already(lines: Sequence[Line], as_of: date, reports: Sequence[Mapping[str, Any]], to: str) -> bool:
    """Whether a run for the same day has delivered a summary of these very reports there; of none nothing is told."""
    made = [one["path"] for one in reports]
    return bool(made) and any(
        line["as_of"] == as_of.isoformat()
        and [one.get("path") for one in line["reports"]] == made
        and any(one.get("to") == to and one.get("status") in (DONE, ALREADY) for one in line.get("deliveries", ()))
        for line in lines
    )


def missed_days(lines: Sequence[Line], as_of: date, days: int, first: str) -> list[date]:
    """The days within ``days`` before ``as_of`` without a successful run, oldest first; none before the day ``first``.

    ``first`` is the day of the corpus's first article, as YYYY-MM-DD; empty where it has none, and then no day is
    missed.
    """
    there = {line["as_of"] for line in lines if succeeded(line)}
    asked = (as_of - timedelta(days=back) for back in range(days, 0, -1))
    return [day for day in asked if first and day.isoformat() >= first and day.isoformat() not in there]
