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


def write_whole(path: Path, text: str) -> None:
    """Write a text file beside its place and rename it: a reader sees the old one or the new one, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(prefix=f".{path.name[:80]}.", suffix=".partial", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        Path(beside).chmod(0o644)
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
