"""One scheduled run at a time."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from framing.errors import FramingError
from framing.storage import write_whole


class Locked(FramingError):
    """Another run of the same plan is going on."""


@contextmanager
def alone(lock: Path, *, as_of: str, since: str, wait: float = 0.0) -> Iterator[None]:
    """Hold the lock while the block runs; the system lets go of it however the process ends.

    Raises :class:`Locked` where another run holds it for longer than ``wait`` seconds; the message says which.
    """
    from filelock import FileLock, Timeout

    lock.parent.mkdir(parents=True, exist_ok=True)
    holder = lock.with_name(f"{lock.name}.json")
    held = FileLock(lock)
    try:
        held.acquire(timeout=wait, poll_interval=0.05)
    except Timeout:
        raise Locked(f"another run is going on{_described(holder)}; wait for it, or give --wait SECONDS") from None
    try:
        write_whole(holder, json.dumps({"pid": os.getpid(), "as_of": as_of, "since": since}) + "\n")
        yield
    finally:
        holder.unlink(missing_ok=True)
        held.release()


def _described(holder: Path) -> str:
    try:
        told = json.loads(holder.read_text(encoding="utf-8"))
        return f" (process {told['pid']:d}, as of {told['as_of']!s:.10}, since {told['since']!s:.25})"
    except (OSError, ValueError, KeyError, TypeError):
        return ""  # it has only just begun, or only just ended
