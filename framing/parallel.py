"""Work in processes that may die: order kept, nothing lost, the culprit named.

A killed worker makes ``multiprocessing.Pool`` hang and costs ``ProcessPoolExecutor`` everything unfinished.
Here the work goes out in chunks; when a pool breaks or a chunk outlasts its time, the chunks that were under
way are done again one item at a time, each alone, so that only the item at fault is lost.
"""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, TimeoutError
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
Work = Callable[[Sequence[Item]], Sequence[Result]]


@dataclass(frozen=True)
class Failure:
    """Why an item has no result."""

    reason: str


def run_chunks(
    work: Work[Item, Result], chunks: Iterable[list[Item]], *, jobs: int = 1, timeout: float = 300.0
) -> Iterator[tuple[Item, Result | Failure]]:
    """Every item with its result or its :class:`Failure`, in order.

    ``work`` takes a list of items and returns as many results. With ``jobs=1`` it runs in this process, where
    neither a crash nor a hang can be caught; ``timeout`` is in seconds for one chunk.
    """
    if jobs == 1:
        for chunk in chunks:
            yield from zip(chunk, _guarded(work, chunk), strict=True)
        return
    yield from _Pool(work, jobs, timeout).run(chunks)


def _guarded(work: Work[Item, Result], chunk: list[Item]) -> list[Result | Failure]:
    """The chunk at once; where that fails, item by item."""
    try:
        return [*work(chunk)]
    except Exception as error:  # an article may fail in any way; the others must not
        if len(chunk) == 1:
            return [Failure(f"{type(error).__name__}: {error}")]
        return [result for item in chunk for result in _guarded(work, [item])]


class _Pool:
    def __init__(self, work: Work[Any, Any], jobs: int, timeout: float) -> None:
        self.work, self.jobs, self.timeout = work, jobs, timeout
        self.executor = self._start(jobs)

    # A fresh interpreter per worker: no lock or thread of this process is inherited half-way.
    @staticmethod
    def _start(jobs: int) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn"))

    def run(self, chunks: Iterable[list[Any]]) -> Iterator[tuple[Any, Any]]:
        waiting: deque[tuple[list[Any], Future[list[Any]]]] = deque()
        source = iter(chunks)
        try:
            while True:
                while len(waiting) < 2 * self.jobs and (chunk := next(source, None)) is not None:
                    waiting.append((chunk, self._submit(chunk)))
                if not waiting:
                    return
                chunk, future = waiting.popleft()
                try:
                    results = future.result(self.timeout)
                except (BrokenProcessPool, TimeoutError):
                    self._replace()
                    results = [self._alone(item) for item in chunk]
                    waiting = deque((c, f if f.done() and not f.exception() else self._submit(c)) for c, f in waiting)
                yield from zip(chunk, results, strict=True)
        finally:
            _kill(self.executor)

    def _submit(self, chunk: list[Any]) -> Future[list[Any]]:
        try:
            return self.executor.submit(_guarded, self.work, chunk)
        except BrokenProcessPool as error:  # broke meanwhile: its turn will come, alone
            broken: Future[list[Any]] = Future()
            broken.set_exception(error)
            return broken

    def _replace(self) -> None:
        _kill(self.executor)
        self.executor = self._start(self.jobs)

    def _alone(self, item: Any) -> Any:
        executor = self._start(1)
        try:
            return executor.submit(_guarded, self.work, [item]).result(self.timeout)[0]
        except BrokenProcessPool:
            return Failure("it killed the worker process that scored it")
        except TimeoutError:
            return Failure(f"it took longer than {self.timeout:g} seconds")
        finally:
            _kill(executor)


def _kill(executor: ProcessPoolExecutor) -> None:
    for process in list((getattr(executor, "_processes", None) or {}).values()):
        process.kill()
    executor.shutdown(wait=True, cancel_futures=True)
