"""Workers that die, hang or raise cost their own item and no other."""

import os
import time

import pytest

from framing.parallel import Failure, run_chunks


def work(items):
    """Doubles numbers; some numbers do harm."""
    for item in items:
        if item == 13:
            raise ValueError("thirteen")
        if item == 66:
            os.abort()
        if item == 99:
            time.sleep(60)
    return [2 * item for item in items]


def chunks(items, size=5):
    return [list(items[i : i + size]) for i in range(0, len(items), size)]


@pytest.mark.parametrize("jobs", [1, 2])
def test_results_come_in_order(jobs):
    assert list(run_chunks(work, chunks(range(12)), jobs=jobs)) == [(i, 2 * i) for i in range(12)]


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_item_that_raises_is_named_and_the_others_done(jobs):
    results = dict(run_chunks(work, chunks(range(20)), jobs=jobs))
    assert results.pop(13) == Failure("ValueError: thirteen")
    assert results == {i: 2 * i for i in range(20) if i != 13}


def test_an_item_that_kills_or_holds_its_worker_is_named_and_the_others_done():
    items = [*range(4), 66, *range(20, 24), 99, *range(40, 44)]
    results = list(run_chunks(work, chunks(items, 2), jobs=2, timeout=4))
    assert [item for item, _ in results] == items
    failed = {item: result for item, result in results if isinstance(result, Failure)}
    assert failed.keys() == {66, 99}
    assert "killed the worker" in failed[66].reason
    assert "longer than 4 seconds" in failed[99].reason


def test_it_is_lazy():
    taken = []

    def source():
        for i in range(100):
            taken.append(i)
            yield [i]

    next(run_chunks(work, source()))
    assert len(taken) == 1
