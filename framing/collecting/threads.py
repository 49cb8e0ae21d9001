"""Several things at once: the results of many jobs, as they come, through a queue that never grows long."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

S = TypeVar("S")
T = TypeVar("T")

WAITING = 8
"""Results that wait at most: so many pages are in memory, whatever the sources hold."""


def at_once(items: Sequence[S], job: Callable[[S], Iterable[T]], workers: int) -> Iterator[T]:
    """The results of ``job(item)`` for every item, from as many threads as ``workers``, as they come.

    An error in a job is raised here. The threads end when the iterator is closed, after what they are just doing, and
    never keep the program from ending.
    """
    results: queue.Queue[tuple[str, Any]] = queue.Queue(WAITING)
    todo: queue.SimpleQueue[S] = queue.SimpleQueue()
    for item in items:
        todo.put(item)
    stop = threading.Event()
    threads = [
        threading.Thread(target=_work, args=(todo, job, results, stop), daemon=True)
        for _ in range(min(workers, len(items)))
    ]
    for thread in threads:
        thread.start()
    running = len(threads)
    try:
        while running:
            kind, value = results.get()
            if kind == "result":
                yield value
            elif kind == "error":
                raise value
            else:
                running -= 1
    finally:
        stop.set()


def _work(
    todo: queue.SimpleQueue[S], job: Callable[[S], Iterable[T]], results: queue.Queue[tuple[str, Any]],
    stop: threading.Event,
) -> None:  # fmt: skip
    try:
        while not stop.is_set():
            try:
                item = todo.get_nowait()
            except queue.Empty:
                break
            for result in job(item):
                if not _put(results, ("result", result), stop):
                    return
    except BaseException as error:  # raised where the results are read
        _put(results, ("error", error), stop)
    _put(results, ("end", None), stop)


def _put(results: queue.Queue[tuple[str, Any]], value: tuple[str, Any], stop: threading.Event) -> bool:
    """Whether a result could be handed over before the reader left."""
    while not stop.is_set():
        try:
            results.put(value, timeout=0.2)
        except queue.Full:
            continue
        return True
    return False
