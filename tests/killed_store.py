"""Run by the tests of crashes: a run over a corpus folder is killed, then looked at and run again, many times over.

    python killed_store.py FOLDER POINTS [careless]

Each point is a process of its own, forked before anything has been opened. It is killed with SIGKILL at the Nth line
that it executes in the store, which is between any two operations, or after some milliseconds, which may be
within DuckDB. Every other one begins with the corpus of the day before, the others with nothing. Prints a line of JSON:
how many were killed, and what was wrong afterwards. ``careless`` writes parts in place, and is killed in the
middle of the Nth, as a control: then something must be wrong.
"""

import json
import os
import random
import shutil
import signal
import sys
import traceback
from pathlib import Path

# What all of them load is loaded once, before the forks.
import duckdb  # noqa: F401
import pandas as pd  # noqa: F401
import pyarrow.compute
import pyarrow.parquet  # noqa: F401

from framing import storage
from framing.store import catalogue, export, folder, open_store, parts, verification, visited  # noqa: F401
from framing.store.records import Found, SetAside, Visit

STORE = (str(Path(folder.__file__).parent), storage.__file__)
LIVE = Found("https://wire.example/live", "Hour 1.", "Live", "Northgate Wire", "2026-11-01")


def batches():
    """Two batches of articles; one has changed since the day before, some are copies, some could not be read."""
    for number in range(2):
        urls = [f"https://wire.example/{number}/{n}" for n in range(3)]
        found = [Found(url, f"Text of {url}.", "A title", "Northgate Wire", f"2026-11-0{number + 1}") for url in urls]
        found += [Found(f"https://wire.example/live/{number}", "Hour 7.", "Live", "Northgate Wire", "2026-11-01")]
        found += [Found(LIVE.url, "Hour 9.", "Live", "Northgate Wire"), Found("", "Sir.", "A letter", "Daily Klaxon")]
        aside = [SetAside(f"https://wire.example/{number}/x", "a paywall")]
        yield found, aside, [Visit(url, "2026-11-28T06:00:00Z", "article") for url in urls]


def day_before(place):
    with open_store(place, create=True) as store:
        store.add([LIVE], collected="2026-11-27T06:00:00Z")


def run(place, told=None):
    """Collect everything; each batch that was reported as stored is noted outside the corpus."""
    with open_store(place, create=True) as store:
        for number, (found, aside, visits) in enumerate(batches()):
            store.add(found, aside, visits, collected=f"2026-11-28T06:00:0{number}Z")
            if told:
                with told.open("a") as out:
                    out.write(f"{number}\n")


def contents(place):
    """All that a corpus holds, and what is wrong with it."""
    with open_store(place) as store:
        rows = [dict(row.values or {}) for row in store.select(versions="all").rows]
        stats = store.stats()
        counts = {key: stats[key] for key in ("articles", "versions", "quarantined", "outlets", "visits")}
        return [rows, counts, [*store.verify()]]


def wrong_after(place, told, expected):
    """What is wrong with a corpus after a kill: damage, what was reported as stored and is lost, what a rerun gives."""
    wrong, reported = [], told.read_text().split() if told.exists() else []
    if (place / "corpus.json").is_file():
        rows, _, wrong = contents(place)
        there = {(row.get("url"), row.get("text")) for row in rows}
        (place / catalogue.FILE).unlink()
        for found, _, visits in [*batches()][: len(reported)]:
            with open_store(place) as store:
                forgotten = {visit.url for visit in visits}.difference(store.visits(visit.url for visit in visits))
            wrong += [f"reported as stored, and lost with the catalogue: {sorted(forgotten)}"] if forgotten else []
            copied = {article.url for article in found if article.text == "Hour 7."}
            lost = {(a.url or None, a.text) for a in found if a.url not in copied} - there
            wrong += [f"reported as stored, and lost: {sorted(lost, key=str)}"] if lost else []
    elif reported:
        wrong = ["something was reported as stored, and there is no corpus"]
    run(place)
    return wrong if contents(place) == expected else [*wrong, "a rerun gives other articles than an undisturbed run"]


def apart(work):
    """Do something in a process of its own; its exit status, negative where a signal ended it."""
    process = os.fork()
    if not process:
        try:
            work()
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def count_lines(limit=0):
    """Count the lines executed in the store from here on, and end this process at the one of that number."""
    seen = [0]

    def line(frame, event, argument):
        if event == "line":
            seen[0] += 1
            if seen[0] == limit:
                os.kill(os.getpid(), signal.SIGKILL)
        return line

    sys.settrace(lambda frame, event, argument: line if frame.f_code.co_filename.startswith(STORE) else None)
    return seen


def careless(limit):
    """Write files in place, and end this process in the middle of the one of that number."""
    seen = [0]

    def write(path, content):
        path.parent.mkdir(parents=True, exist_ok=True)
        seen[0] += 1
        path.write_bytes(content[: len(content) // 2] if seen[0] == limit else content)
        if seen[0] == limit:
            os.kill(os.getpid(), signal.SIGKILL)

    parts.write_whole = visited.write_whole = write


def main():
    base, points = Path(sys.argv[1]), int(sys.argv[2])

    def undisturbed():
        day_before(base / "before")
        shutil.copytree(base / "before", base / "after")
        seen = count_lines()
        run(base / "fresh")
        sys.settrace(None)
        run(base / "after")
        told = {"lines": seen[0], "fresh": contents(base / "fresh"), "after": contents(base / "after")}
        (base / "told.json").write_text(json.dumps(told))

    assert apart(undisturbed) == 0
    undisturbed = json.loads((base / "told.json").read_text())
    chance = random.Random(points)
    killed, wrong = 0, {}
    for point in range(points):
        place, told, found = (base / f"{name}{point}" for name in ("corpus", "told", "found"))
        start = "after" if point % 2 else "fresh"
        if start == "after":
            shutil.copytree(base / "before", place)
        milliseconds = chance.randrange(1, 120)

        def killing(point=point, place=place, told=told, milliseconds=milliseconds):
            if "careless" in sys.argv:
                careless(point + 2)
            elif point % 5:
                count_lines(1 + point * undisturbed["lines"] // points)
            else:
                signal.setitimer(signal.ITIMER_REAL, milliseconds / 1000)  # its signal ends the process where it is
            run(place, told)

        def looking(place=place, told=told, found=found, start=start):
            found.write_text(json.dumps(wrong_after(place, told, undisturbed[start])))

        killed += apart(killing) < 0
        problems = ["looking at it failed"] if apart(looking) else json.loads(found.read_text())
        if problems:
            wrong[point] = problems
    print(json.dumps({"killed": killed, "wrong": wrong}))


if __name__ == "__main__":
    main()
