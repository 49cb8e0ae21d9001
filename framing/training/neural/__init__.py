"""Training of the neural engine: ``framing train --engine neural``. Needs torch, onnx and safetensors.

``teacher`` labels unlabelled news, ``stages`` names the runs and what each learns from, ``trainer`` trains,
``settings`` fits calibration and thresholds on what the runs were not shown, ``export`` writes what the engine reads.
"""

from __future__ import annotations

import importlib.util
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from framing.errors import InputError, ModelError
from framing.training.distil import news_file

logger = logging.getLogger(__name__)

_NEEDED = ("torch", "onnx", "safetensors")
ENCODER = "sentence-transformers/all-MiniLM-L6-v2"


def train_neural(
    data: Path,
    encoder: str = ENCODER,
    out: Path | None = None,
    *,
    work: Path,
    teacher: str = "",
    seed: int = 0,
    jobs: int = 0,
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Train the neural engine, run by run, and give each run's figures; the last ones are of the written model.

    Parameters
    ----------
    data
        The folder of the annotated corpora.
    encoder
        A folder with ``config.json``, ``model.safetensors`` and ``tokenizer.json`` of a BERT encoder, or the name of
        one on the Hugging Face hub (needs ``huggingface_hub``).
    out
        Where the model goes; None replaces the package's own.
    work
        Where runs keep their checkpoints. A run that is there already is not done again, and one that was
        interrupted goes on where it stopped.
    teacher
        A folder with a larger encoder of any kind that ``transformers`` reads, or its public name. It learns first,
        and labels unlabelled news (``allsides.jsonl`` in a folder ``corpora`` beside the data) for the small one.
        Without it that learns from the annotation alone.
    seed, jobs
        The seed of everything random; how many runs train side by side (0: one per core).

    Raises
    ------
    InputError
        For a missing package, corpus or encoder.
    """
    if missing := [name for name in _NEEDED if importlib.util.find_spec(name) is None]:
        raise InputError(f"training the neural engine needs {', '.join(missing)}; run `pip install framing[encoder]`")
    if teacher and importlib.util.find_spec("transformers") is None:
        raise InputError("a teacher needs transformers; run `pip install framing[encoder]`")
    if teacher and not (news := news_file(data)).is_file():
        raise InputError(f"a teacher is asked about unlabelled news, and there is no file {str(news)!r}; put it there")
    from framing.training.neural.runs import Setting, run_all

    given = Setting(data, find_encoder(encoder), find_encoder(teacher) if teacher else None, work, seed)
    yield from run_all(given, out, jobs=jobs or os.cpu_count() or 1)


def find_encoder(encoder: str) -> Path:
    """The folder of an encoder, by path or by its public name."""
    folder = Path(encoder)
    wanted = ("config.json", "model.safetensors", "tokenizer.json")
    if not folder.is_dir():
        if importlib.util.find_spec("huggingface_hub") is None:
            raise InputError(
                f"no folder {encoder!r}; give the folder of an encoder with --encoder, or install huggingface_hub to "
                "fetch one by its public name"
            )
        from huggingface_hub import snapshot_download

        try:
            folder = Path(snapshot_download(encoder, allow_patterns=list(wanted)))
        except Exception as error:  # of the network, of the hub, of a name that is none
            raise InputError(
                f"no folder {encoder!r}, and no encoder of that name could be fetched ({error}); give the folder of "
                "one with --encoder"
            ) from error
    if missing := [name for name in wanted if not (folder / name).is_file()]:
        raise ModelError(f"the encoder folder {str(folder)!r} holds no {', '.join(missing)}")
    return folder
