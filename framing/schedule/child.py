"""Steps of a run in processes of their own, which end with all they started when time is up or somebody interrupts.

A notebook's kernel is a process in a session of its own, out of reach of signals to the group of the process that
started it, and a step that is killed leaves its descendants to the system. So they are looked up by a mark in their
environment, which each has from the step, by the step's session, and, while it runs, as its descendants.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TYPE_CHECKING, Any

from framing.errors import FramingError

if TYPE_CHECKING:
    import psutil

# Answers the request on its standard input; see `framing.schedule.steps`.
WORKER = (sys.executable, "-m", "framing.schedule.steps")
# Seconds that a process has to tidy up before it is killed.
GRACE = 4.0
# The variable that holds a step's mark.
MARK = "FRAMING_STEP"


class StepFailed(FramingError):
    """A step that gave no result; the message is its error."""


class OutOfTime(Exception):
    """A step that was ended because the time was up."""


def in_child(
    step: str, arguments: Mapping[str, Any], *, seconds: float, command: Sequence[str] = WORKER
) -> dict[str, Any]:
    """The result of a step that runs in a new process.

    However the block is left, no process that the step started outlives it. Raises :class:`StepFailed` with the step's
    error, and :class:`OutOfTime` after ``seconds``.
    """
    if seconds <= 0:
        raise OutOfTime
    mark = secrets.token_hex(8)
    with tempfile.TemporaryFile() as answer:
        child = subprocess.Popen(
            [*command], stdin=subprocess.PIPE, stdout=answer, bufsize=0, start_new_session=True,
            env={**os.environ, MARK: mark},
        )  # fmt: skip
        assert child.stdin is not None
        try:
            # The pipe stays open: when this process is gone, however it went, the child sees its end and stops.
            with suppress(BrokenPipeError):  # it has ended already; `_result` says how
                child.stdin.write(json.dumps({"step": step, "arguments": arguments}).encode("utf-8") + b"\n")
            child.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            raise OutOfTime from None
        finally:
            _end(child, mark)
            child.stdin.close()
        answer.seek(0)
        return _result(answer.read(), child.returncode)


def _result(answer: bytes, code: int) -> dict[str, Any]:
    try:
        told = json.loads(answer)
    except ValueError:
        how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
        raise StepFailed(f"its process {how} without a result" + (" (out of memory?)" if code == -9 else "")) from None
    if "error" in told:
        raise StepFailed(told["error"])
    return dict(told["result"])


def _end(child: subprocess.Popen[bytes], mark: str) -> None:
    """End a step, which is asked first, and all that it started; it may have ended by itself and left something."""
    import psutil

    family = _family(child, mark)
    if child.poll() is None:
        child.terminate()
        with suppress(subprocess.TimeoutExpired):
            child.wait(timeout=GRACE)
        family |= _family(child, mark)
        child.kill()
        child.wait()
    for process in family:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    deadline = time.monotonic() + GRACE
    while not all(map(_gone, family)) and time.monotonic() < deadline:
        time.sleep(0.01)


def _family(child: subprocess.Popen[bytes], mark: str) -> set[psutil.Process]:
    """The processes that a step has started and that are still there."""
    import psutil

    found = set()
    if child.poll() is None:  # else its number may be another's
        found.update(psutil.Process(child.pid).children(recursive=True))
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):  # gone meanwhile, or another user's
            if os.getsid(process.pid) == child.pid or process.environ().get(MARK) == mark:
                found.add(process)
    return found


def _gone(process: psutil.Process) -> bool:
    """Whether a process has ended; it may still be listed until its parent has heard of it."""
    import psutil

    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


@contextmanager
def interruptible() -> Iterator[None]:
    """Within the block SIGTERM and SIGINT raise KeyboardInterrupt, once: what tidies up is not interrupted again."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    signals = (signal.SIGTERM, signal.SIGINT)

    def interrupt(number: int, frame: FrameType | None) -> None:
        for one in signals:
            signal.signal(one, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {one: signal.signal(one, interrupt) for one in signals}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
