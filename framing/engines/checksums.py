"""Model folders: every file is checked against its recorded sha256 before it is opened."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from framing.errors import ModelError

CHECKSUMS = "checksums.json"
_SUFFIXES = {".npz", ".json", ".onnx"}
# What tells of the model and is no part of it.
_REPORTS = {CHECKSUMS, "benchmark.json", "held_out.npz", "card.json"}


def write_checksums(folder: Path) -> None:
    """Record the sha256 of every model file of the folder; the last step of training."""
    sums = {path.name: sha256(path) for path in sorted(folder.iterdir()) if _is_model(path)}
    (folder / CHECKSUMS).write_text(json.dumps(sums, indent=1) + "\n", encoding="utf-8")


def read_checksums(folder: Path) -> dict[str, str]:
    """The recorded checksums; :class:`~framing.errors.ModelError` where the record is missing or unreadable."""
    try:
        sums = json.loads((folder / CHECKSUMS).read_text(encoding="utf-8"))
        return {str(name): str(digest) for name, digest in sums.items()}
    except (OSError, ValueError, AttributeError, RecursionError) as error:
        raise ModelError(
            f"no readable {CHECKSUMS} in the model folder {folder.name!r} ({error}); install the package again, "
            "or train the models with `framing train`"
        ) from error


def verify(folder: Path, needed: Iterable[str] = ()) -> None:
    """Compare every model file with its recorded checksum, and the files with the record.

    Raises :class:`~framing.errors.ModelError` for a file that is missing, altered, or not in the record; those
    ``needed`` must be in it.
    """
    recorded = read_checksums(folder)
    if strangers := sorted(path.name for path in folder.iterdir() if _is_model(path) and path.name not in recorded):
        raise ModelError(
            f"model file {strangers[0]!r} is not in {CHECKSUMS}; remove it, install the package again, "
            "or run `framing train`"
        )
    for name, expected in [*recorded.items(), *((name, "") for name in needed if name not in recorded)]:
        path = folder / name
        if not path.is_file():
            raise ModelError(f"model file {name!r} is missing; install the package again, or run `framing train`")
        if (found := sha256(path)) != expected:
            raise ModelError(
                f"model file {name!r} was altered: sha256 {found[:12]}, expected {expected[:12]}; "
                "install the package again, or run `framing train`"
            )


def sha256(path: Path) -> str:
    """Checksum of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _is_model(path: Path) -> bool:
    return path.is_file() and path.suffix in _SUFFIXES and path.name not in _REPORTS
