"""Models on disk: numbers in ``NAME.npz``, everything else in ``NAME.json``; neither can hold code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from framing.errors import ModelError


def read_model(folder: Path, name: str, version: int) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The card and the arrays of a model.

    Raises :class:`~framing.errors.ModelError` where a file is missing or unreadable, or the model was written
    in another format than ``version``.
    """
    remedy = "install the package again, or run `framing train`"
    try:
        card = json.loads((Path(folder) / f"{name}.json").read_text(encoding="utf-8"))
        found = card["format"]
        if found != version:
            raise ModelError(f"model {name!r} has format {found!r}, this version reads {version}; {remedy}")
        with np.load(Path(folder) / f"{name}.npz", allow_pickle=False) as stored:
            return card, {key: stored[key] for key in stored.files}
    except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile) as error:
        raise ModelError(f"model {name!r} in {Path(folder).name!r} cannot be read ({error}); {remedy}") from error


def write_model(folder: Path, name: str, card: dict[str, Any], arrays: dict[str, np.ndarray], version: int) -> None:
    """Write what :func:`read_model` reads."""
    np.savez_compressed(Path(folder) / f"{name}.npz", allow_pickle=False, **arrays)
    text = json.dumps({"format": version, **card}, indent=1, ensure_ascii=False)
    (Path(folder) / f"{name}.json").write_text(text + "\n", encoding="utf-8")
