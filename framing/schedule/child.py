"""Steps of a run in processes of their own, which end with all they started when time is up or somebody interrupts.

A notebook's kernel is a process in a session of its own, out of reach of signals to the group of the process that
started it. So all descendants are looked up, asked to end, and killed if they do not.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

from framing.errors import FramingError

# Answers the request on its standard input; see `framing.schedule.steps`.
WORKER = (sys.executable, "-m", "framing.schedule.steps")
# Seconds that a process has to tidy up before it is killed.
GRACE = 4.0


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
    with tempfile.TemporaryFile() as answer:
        child = subprocess.Popen([*command], stdin=subprocess.PIPE, stdout=answer, bufsize=0, start_new_session=True)
        assert child.stdin is not None
        try:
            # The pipe stays open: when this process is gone, however it went, the child sees its end and stops.
            with suppress(BrokenPipeError):  # it has ended already; `_result` says how
                child.stdin.write(json.dumps({"step": step, "arguments": arguments}).encode("utf-8") + b"\n")
            child.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            raise OutOfTime from None
        finally:
            _end(child)
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


def _end(child: subprocess.Popen[bytes]) -> None:
    """End a process and its descendants; those that do not go when asked are killed."""
    import psutil

    if child.poll() is not None:
        return
    try:
        root = psutil.Process(child.pid)
        family = [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return
    child.terminate()
    try:
        child.wait(timeout=GRACE)
    except subprocess.TimeoutExpired:
        family = [*family, *root.children(recursive=True)]
    for process in family:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            pass
    child.wait()
    psutil.wait_procs(family, timeout=GRACE)


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
