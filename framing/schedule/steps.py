"""The steps of a scheduled run, each a function from plain values to plain values, run in a process of its own.

``python -m framing.schedule.steps`` reads one request from standard input, a line of JSON ``{"step", "arguments"}``,
and answers with one on standard output: ``{"result": {...}}`` or ``{"error": "..."}``.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from framing.errors import FramingError, InputError
from framing.schedule import ALREADY, EMPTY, MADE

Step = Callable[..., dict[str, Any]]


def collect(
    file: str, into: str, now: str, delay: float, allow_hosts: Sequence[str], user_agent: str, quiet: bool
) -> dict[str, Any]:
    """Collect articles into a corpus; what :meth:`framing.collecting.run.Outcome.to_dict` gives."""
    from framing.collecting.run import collect as run

    named: dict[str, Any] = {"user_agent": user_agent} if user_agent else {}
    return run(file, into, now=now, delay=delay, allow_hosts=allow_hosts, quiet=quiet, **named).to_dict()


def score(
    corpus: str, reports_folder: str, since: str, until: str, engine: str, lexicon: str, targets_file: str
) -> dict[str, Any]:
    """Score the articles of a period whose scores are not kept yet, so that every report finds them: ``scored``."""
    from framing.corpus import read_articles
    from framing.report.scored import read_options
    from framing.store import SCORES, is_corpus
    from framing.store.records import Selection
    from framing.stored_scores import scored_arrow

    fresh = 0

    def counted(articles: Sequence[Any]) -> Iterable[Any]:
        nonlocal fresh
        fresh += len(articles)
        return articles

    found = read_articles(corpus, select=Selection(since=since, until=until))
    folder = Path(corpus if is_corpus(corpus) else reports_folder)
    targets, words = read_options(targets_file, lexicon)
    failed: list[str] = []
    scored_arrow(
        found.articles, targets, engine=engine, lexicon=words, folder=folder / SCORES, progress=counted, jobs=_jobs(),
        on_failure=lambda article, reason: failed.append(article.id), notes=[],
    )  # fmt: skip
    return {"scored": fresh - len(failed), "not_scored": len(failed)}


def _jobs() -> int:
    """Processes that score side by side: memory grows with them, by some 200 MB each."""
    return min(os.cpu_count() or 1, 4)


def report(
    name: str, parameters: Mapping[str, Any], reports_folder: str, force: bool, quiet: bool, notebooks: str = ""
) -> dict[str, Any]:
    """Make a report: the ``path`` of its folder, ``title``, first ``finding``, and whether it was there ``already``.

    Where no article falls into its days nothing is made, and the status is ``empty``.
    """
    from framing.report import run_report, start_quickly
    from framing.storage import MANIFEST

    if _nothing_to_report(parameters):
        return {"status": EMPTY, "error": f"no article from {parameters['since']} to {parameters['until']}"}
    start_quickly()

    def runs() -> dict[Path, int]:
        return {path: path.stat().st_mtime_ns for path in Path(reports_folder).glob(f"*/*/{MANIFEST}")}

    before = runs()
    path = run_report(name, parameters, reports=reports_folder, force=force, quiet=quiet, notebooks=notebooks or None)
    manifest = path / MANIFEST
    told = json.loads(manifest.read_text(encoding="utf-8"))
    status = ALREADY if before.get(manifest) == runs()[manifest] else MADE
    return {"path": str(path.resolve()), "status": status, "title": told["title"],
            "finding": next(iter(told["findings"]), "")}  # fmt: skip


def _nothing_to_report(parameters: Mapping[str, Any]) -> bool:
    """Whether no article that a report asks for falls into its days; what else is wrong, the report tells itself."""
    from framing.corpus import read_articles
    from framing.store import is_corpus, open_store
    from framing.store.records import Selection

    if not parameters.get("since"):
        return False
    corpus, outlets, query = Path(parameters["corpus"]), parameters.get("outlets", ()), parameters.get("query", "")
    asked = Selection(parameters["since"], parameters["until"], tuple(outlets), query)
    try:
        if is_corpus(corpus):
            with open_store(corpus) as store:
                return not store.list(asked)
        return not read_articles(corpus, select=asked).articles
    except InputError:  # such as a slip in the name of an outlet
        return False


def coverage(corpus: str, as_of: str) -> dict[str, Any]:
    """What a corpus holds up to a day: its ``first`` day and the ``last`` of each outlet.

    In a corpus folder an article without a date counts for the day that it was collected; elsewhere it does not count.
    """
    from framing.report.parameters import is_day

    first, last = "", dict[str, str]()
    for outlet, time in _dated(Path(corpus)):
        day = time[: len("2026-11-28")]
        if is_day(day) and len(day) == len(as_of) and day <= as_of:
            first = min(first or day, day)
            last[outlet] = max(last.get(outlet, ""), day)
    return {"first": first, "last": last}


def _dated(corpus: Path) -> Iterator[tuple[str, str]]:
    """Outlet and date of each article, without a look at the texts where there is a catalogue of them."""
    from framing.corpus import read_articles
    from framing.store import is_corpus, open_store

    if is_corpus(corpus):
        with open_store(corpus) as store:
            yield from ((row["outlet"] or "", row["date"] or row["collected"]) for row in store.list())
    else:
        yield from ((article.outlet, article.date or "") for article in read_articles(corpus).articles)


def post(url: str, payload: Mapping[str, Any], allow_hosts: Sequence[str]) -> dict[str, Any]:
    """Send a JSON object to a webhook; only an answer of 2xx counts."""
    from framing.schedule.delivery import post_json

    return {"status": post_json(url, payload, allow_hosts=allow_hosts)}


STEPS: Mapping[str, Step] = {step.__name__: step for step in (collect, score, report, coverage, post)}


def main(steps: Mapping[str, Step] = STEPS) -> None:
    """Answer the request on standard input; what a step prints goes to standard error."""
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    # Leaves by way of an exception, so that unfinished files are taken away.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    with os.fdopen(0, "rb", buffering=0, closefd=False) as request:
        asked = json.loads(request.readline())
    threading.Thread(target=_stop_with_the_asker, daemon=True).start()
    told: dict[str, Any]
    try:
        told = {"result": steps[asked["step"]](**asked["arguments"])}
    except (FramingError, OSError, MemoryError) as error:
        told = {"error": _line(error)}
    except Exception as error:
        traceback.print_exc()  # a fault of this program, not of the input: whoever mends it needs the place
        told = {"error": f"{type(error).__name__}: {_line(error)}"}
    with answer:
        json.dump(told, answer)


def _stop_with_the_asker() -> None:
    """The asking process never writes again: the end of its pipe means that it is gone, or wants no result."""
    os.read(0, 1)
    os.kill(os.getpid(), signal.SIGTERM)


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:1000] or type(error).__name__


if __name__ == "__main__":
    main()
