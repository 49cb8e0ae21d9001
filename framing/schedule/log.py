"""The log of scheduled runs: one JSON object per line, one line per run and per day that a run made up for."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from framing.schedule import ALREADY, DONE, FAILED, PARTIAL, THERE

Line = Mapping[str, Any]
# So often a missed day is made up for: what still fails then would fail, and take its time, on every morning.
MOST_TRIES = 3


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
            _check(line)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            if raw.strip():
                notes.append(f"line {number} of {log.name} is damaged and was skipped")
            continue
        lines.append(line)
    return lines, notes


def _check(line: Any) -> None:
    """Look at all that runs read in a line, so that none of them stumbles over it."""
    silent = line.get("silent")
    days = [line["as_of"], *(() if silent is None else silent.values())]
    texts = [line["status"], *(one[key] for one in line["reports"] for key in ("name", "title", "path", "status"))]
    texts += [one[key] for one in line.get("deliveries", ()) for key in ("to", "status")]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError
    if any(date.fromisoformat(day).isoformat() != day for day in days):
        raise ValueError


def succeeded(line: Line) -> bool:
    """Whether all reports of a run are there that have articles, whatever became of collecting and delivery."""
    return line["status"] in (DONE, PARTIAL) and all(one["status"] != "failed" for one in line["reports"])


def told_before(lines: Sequence[Line], as_of: date) -> list[Line]:
    """The runs for days before ``as_of`` that told a summary, the last one first; of days made up for nobody read."""
    told = [
        line
        for line in lines
        if line["status"] in (DONE, PARTIAL, FAILED) and not line.get("catch_up") and line["as_of"] < as_of.isoformat()
    ]
    return sorted(told, key=lambda line: str(line["as_of"]))[::-1]


def last_report(told: Sequence[Line], wanted: Mapping[str, Any]) -> tuple[str, str] | None:
    """Day and path of the first run here in which a report is there of the same name, days and parameters."""
    for line in told:
        for one in line["reports"]:
            if one["status"] in THERE and all(one.get(key) == wanted[key] for key in ("name", "days", "parameters")):
                return line["as_of"], one["path"]
    return None


def last_silence(told: Sequence[Line]) -> tuple[str, dict[str, str]] | None:
    """Day and silent outlets of the first run here that knew which they are."""
    return next(((line["as_of"], line["silent"]) for line in told if line.get("silent") is not None), None)


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
    """The days within ``days`` before ``as_of`` that are to be made up for, oldest first; none before ``first``.

    Those are the days without a successful run for which less than :data:`MOST_TRIES` were made. ``first`` is the day
    of the corpus's first article, as YYYY-MM-DD; empty where it has none, and then no day is missed.
    """
    there = {line["as_of"] for line in lines if succeeded(line)}
    tries = Counter(line["as_of"] for line in lines if line.get("catch_up"))
    there |= {day for day, number in tries.items() if number >= MOST_TRIES}
    asked = (date.fromordinal(day) for day in range(max(as_of.toordinal() - days, 1), as_of.toordinal()))
    return [day for day in asked if first and day.isoformat() >= first and day.isoformat() not in there]
