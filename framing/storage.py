"""Files that are complete or absent: everything is written beside its place and renamed into it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from framing.errors import InputError

MANIFEST = "manifest.json"


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """A new folder beside ``target`` that takes its place when the block ends without an error.

    A folder that is there already is replaced only if it was written this way (it has a manifest) or is empty;
    it stays untouched until the new one is complete.

    Raises
    ------
    InputError
        Where ``target`` is a file, or a folder that holds something else.
    """
    target = Path(target)
    if target.exists() and not target.is_dir():
        raise InputError(f"{str(target)!r} is a file; name a folder")
    if target.is_dir() and any(target.iterdir()) and not (target / MANIFEST).is_file():
        raise InputError(f"the folder {str(target)!r} holds files that are not a finished run; name a new or empty one")
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{target.name[:80]}.", suffix=".partial", dir=target.parent))
    try:
        yield beside
        beside.chmod(0o755)
        replace_folder(beside, target)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def replace_folder(new: Path, target: Path) -> None:
    """Rename ``new`` to ``target``; what stood there is put aside first and put back if the rename fails."""
    if not target.exists():
        new.rename(target)
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{target.name[:80]}.", suffix=".old", dir=target.parent))
    target.rename(aside / "run")
    try:
        new.rename(target)
    except OSError:
        (aside / "run").rename(target)
        raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file beside its place, rename it, and wait until file and name are on the disk.

    A reader sees the old one or the new one, whole, also after a loss of power. Text is written as UTF-8.
    """
    _make_folder(path.parent)
    handle, beside = tempfile.mkstemp(prefix=f".{path.name[:80]}.", suffix=".partial", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content.encode("utf-8") if isinstance(content, str) else content)
            out.flush()
            os.fsync(out.fileno())
        Path(beside).chmod(0o644)
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
    _sync(path.parent)


def _make_folder(folder: Path) -> None:
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        _sync(folder.parent)


def _sync(folder: Path) -> None:
    """Wait until the names in a folder are on the disk, where the system has such a call."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
