"""A run over a corpus folder that ends anywhere loses nothing that was reported as stored, and stores nothing twice."""

import errno
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from killed_store import batches, contents, run

from framing.store import catalogue, open_store, parts, visited

SCRIPT = Path(__file__).with_name("killed_store.py")


def killed(folder, points, *more):
    done = subprocess.run(
        [sys.executable, SCRIPT, folder, str(points), *more], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def test_fifty_kills(tmp_path):
    found = killed(tmp_path, 50)
    assert found["wrong"] == {}
    assert found["killed"] >= 36, "those at a line nearly always, those by time as it comes"


def test_without_whole_parts_kills_do_harm(tmp_path):
    assert len(killed(tmp_path, 3, "careless")["wrong"]) == 3, "the control: the test above would see it"


# --- a disk that is full, or fails


OPERATIONS = {
    "make a folder": (Path, "mkdir"),
    "begin a file": (tempfile, "mkstemp"),
    "open it": (os, "fdopen"),
    "sync": (os, "fsync"),
    "rename": (Path, "replace"),
    "open the catalogue": (catalogue, "_connection"),
    "enter a part": (catalogue, "enter"),
    "enter visits": (catalogue, "put_visits"),
    "write visits": (visited, "write"),
}


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed")
    run(folder)
    return contents(folder)


def failing_at(monkeypatch, operation, number, code):
    """Let the Nth operation of a kind fail, and say whether there was one."""
    owner, name = OPERATIONS[operation]
    true, calls = getattr(owner, name), []

    def perhaps(*arguments, **options):
        calls.append(name)
        if len(calls) == number:
            raise OSError(code, os.strerror(code))
        return true(*arguments, **options)

    monkeypatch.setattr(owner, name, perhaps)
    return calls


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_disk_that_fails_once_costs_one_call(tmp_path, monkeypatch, expected, operation):
    failures = 0
    # The first few of a kind are of the making of the corpus, then of one batch; the others repeat them.
    for number in range(1, 6):
        folder, code = tmp_path / str(number), (errno.ENOSPC, errno.EIO)[number % 2]
        with monkeypatch.context() as patch:
            calls = failing_at(patch, operation, number, code)
            try:
                run(folder)
            except OSError as error:
                failures += 1
                assert error.errno == code
        if len(calls) < number:
            break
        run(folder)
        assert contents(folder) == expected, "the same articles, and nothing wrong"
        with open_store(folder) as store:
            assert store.leftovers() == []
    assert failures


def test_a_call_after_one_that_failed_in_the_same_run_stores_nothing_twice(tmp_path, monkeypatch):
    (found, aside, visits), *_ = batches()
    with open_store(tmp_path, create=True) as store:
        with monkeypatch.context() as patch:
            failing_at(patch, "enter visits", 1, errno.EIO)
            with pytest.raises(OSError, match="Input/output error"):
                store.add(found, aside, visits, collected="2026-11-28T06:00:00Z")
        assert len(parts.places(tmp_path)) == 2, "the parts were written, and nobody was told"
        again = store.add(found, aside, visits, collected="2026-11-28T06:00:00Z")
        assert (again.new, again.unchanged) == (0, len(found))
        assert store.stats()["articles"] == len(found)
        assert store.verify() == []


def test_no_room_for_the_catalogue_itself(tmp_path, expected):
    """DuckDB's own writing fails: the limit on the size of a file is the child's, so that only it is hit."""
    code = "import sys; from killed_store import run; from pathlib import Path; run(Path(sys.argv[1]))"

    def limited():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "corpus"], cwd=SCRIPT.parent, capture_output=True, text=True,
        preexec_fn=limited,
    )  # fmt: skip
    assert "OSError: the catalogue cannot be written" in done.stderr, done.stderr
    run(tmp_path / "corpus")
    assert contents(tmp_path / "corpus") == expected
