"""Training: readers of the annotated corpora, and one trainer per measure. Never imported when scoring."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from framing.engines.checksums import write_checksums
from framing.engines.linear import MODELS

TRAINERS: tuple[str, ...] = ("bias", "tagger", "stance", "frames")


def train_models(
    data: Path, out: Path | None = None, *, only: Sequence[str] = TRAINERS, seed: int = 0
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Train models of the linear engine and give each one's figures.

    Each model is trained beside its place and moved into it when it is done; the checksums follow. Without
    ``out`` the package's own models are replaced.
    """
    folder = Path(out or MODELS)
    folder.mkdir(parents=True, exist_ok=True)
    for name in only:
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".training-") as beside:
            figures = import_module(f"framing.training.{name}").train(Path(data), Path(beside), seed=seed)
            for path in sorted(Path(beside).iterdir()):
                shutil.move(path, folder / path.name)
        write_checksums(folder)
        yield name, figures
