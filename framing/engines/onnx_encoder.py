"""The encoder as onnxruntime runs it: two graphs, one thread each call."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from framing.engines.neural_heads import WIDTH
from framing.engines.pieces import FACT_ROWS, FACTS
from framing.errors import ModelError, ParameterError

ENCODER, TARGET, PROBE = "encoder.onnx", "target.onnx", "probe.onnx"
# Rows are read on so many threads at once; the numbers are the same whatever it is.
THREADS = "FRAMING_THREADS"
_REMEDY = "install the package again, or run `framing train --engine neural`"
# The key by which a graph says that some of its weights lie in another file, as it is written in the file.
_ELSEWHERE = b"\x0a\x08location"


def thread_count() -> int:
    """How many threads read rows: the environment variable ``FRAMING_THREADS``, else one per core.

    A worker process of ``--jobs`` takes one, since its siblings keep the other cores busy. Raises
    :class:`~framing.errors.ParameterError` for a value that is no positive number.
    """
    given = os.environ.get(THREADS, "")
    if given:
        if not given.isdecimal() or not int(given):
            raise ParameterError(f"{THREADS}={given!r} is not a number of threads; set it to 1 or more, or unset it")
        return int(given)
    if multiprocessing.parent_process() is not None:
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def open_session(model: bytes | str, *, exact: bool = False) -> Any:
    """An onnxruntime session with the settings the graphs are made for.

    One thread: rows are read in parallel by calling ``run`` from several threads, which keeps results the same
    whatever their number and wastes no time waiting. ``exact`` asks for the slower products of processors without
    8-bit dot products (see :func:`overflows`).
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # read when onnxruntime is imported: it would write under the home folder
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    if exact:
        options.add_session_config_entry("session.x64quantprecision", "1")
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def overflows(probe: bytes | str) -> bool:
    """Whether this processor adds products of bytes in 16 bits, where they overflow: x86 without VNNI does.

    ``probe`` is a graph that sums 64 products of 255 by 127.
    """
    total = open_session(probe).run(["total"], {"bytes": np.full((16, 64), 255, np.uint8)})[0]
    return bool(np.any(total != 255 * 127 * 64))


class OnnxEncoder:
    """See :class:`framing.engines.neural.Encoder`. The files were checked before; what cannot be run is an error.

    Raises :class:`~framing.errors.ModelError` for a graph that onnxruntime cannot open, that keeps weights in another
    file (which no checksum covers), or whose inputs and outputs are not those that this version knows: ``largest`` is
    the largest number of a piece.
    """

    def __init__(self, folder: Path, *, largest: int = 1) -> None:
        self._folder = folder
        exact = self._open(PROBE, overflows)
        self._encoder, self._target = (
            self._open(name, lambda path: open_session(path, exact=exact)) for name in (ENCODER, TARGET)
        )
        self._try(largest)

    def _open(self, name: str, opened: Callable[[str], Any]) -> Any:
        path = self._folder / name
        if path.is_file() and _ELSEWHERE in path.read_bytes():
            raise ModelError(f"the model file {name!r} keeps weights in another file, which is refused; {_REMEDY}")
        try:
            return opened(str(path))
        except ImportError as error:
            raise ModelError(f"the neural engine needs onnxruntime ({error}); run `pip install onnxruntime`") from error
        except Exception as error:  # onnxruntime's own exceptions share no base but this
            reason = " ".join(str(error).split())[:200]
            raise ModelError(f"onnxruntime cannot open the model file {name!r} ({reason}); {_REMEDY}") from error

    def _try(self, largest: int) -> None:
        """Read two pieces, to find out now and not in the middle of a corpus that the graphs are other ones."""
        pieces, marked = np.full((1, 2), largest, np.int32), np.ones((1, 2), np.int32)
        facts = np.full((1, 2, len(FACTS)), FACT_ROWS - 1, np.int32)
        try:
            tokens, states = self.read(pieces, facts)
            stance = self.toward(states, pieces, marked)
        except Exception as error:
            reason = " ".join(str(error).split())[:200]
            raise ModelError(f"onnxruntime cannot run the model files ({reason}); {_REMEDY}") from error
        if tokens.shape != (1, 2, WIDTH) or stance.shape != (1, 3):
            raise ModelError(
                f"the model's outputs are {tokens.shape[-1]} numbers a piece and {stance.shape[-1]} a target, this "
                f"version reads {WIDTH} and 3; {_REMEDY}"
            )

    def read(self, pieces: np.ndarray, facts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Outputs of every piece, and the states that stance starts from."""
        tokens, shared = self._encoder.run(["tokens", "shared"], {"pieces": pieces, "facts": facts})
        return tokens, shared

    def toward(self, states: np.ndarray, pieces: np.ndarray, marked: np.ndarray) -> np.ndarray:
        """Logits of negative, neutral, positive, (targets, 3)."""
        given = {"shared": np.ascontiguousarray(states), "pieces": pieces, "marked": marked}
        return np.asarray(self._target.run(["stance"], given)[0])
