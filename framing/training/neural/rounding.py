"""Weights to 8-bit integers, and what is done to them before so that rounding costs little."""

from __future__ import annotations

import numpy as np

STEPS = 127
_SMALLEST = 1e-12  # the scale of a column of zeros
_LEAST_RANGE = 1e-2  # of a channel; sample rows may hardly touch one


def quantize_columns(weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(inputs, outputs) to int8 in [-127, 127] and one scale per output: ``weight ~ integers * scales``."""
    scales = _scales(np.abs(weight).max(0))
    return np.round(weight / scales).astype(np.int8), scales


def quantize_rows(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(rows, hidden) to int8 in [-127, 127] and one scale per row: ``table ~ integers * scales[:, None]``."""
    integers, scales = quantize_columns(table.T)
    return np.ascontiguousarray(integers.T), scales


def quantize_splitting(weight: np.ndarray, copies: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Like :func:`quantize_columns`, but a few very large weights no longer set the scale of their column.

    A weight above the scale's end is carried by copies of its input: 300 becomes 127 + 127 + 46, for three inputs of
    the same value (outlier channel splitting, Zhao et al. 2019, arXiv:1901.09504; here the parts add up exactly).
    Columns end at the smallest multiple of their root mean square for which at most ``copies`` are needed. Returns
    ``inputs``, the number of the input that each row stands for, and (rows, outputs) integers and scales.
    """
    ends = np.abs(weight).max(0)
    size = np.sqrt(np.square(weight).mean(0)) + _SMALLEST
    for multiple in np.arange(2, (ends / size).max(), 0.1):
        scales = _scales(np.minimum(multiple * size, ends))
        if _parts(weight, scales).sum() <= len(weight) + copies:
            break
    else:
        scales = _scales(ends)
    parts = _parts(weight, scales)
    inputs = np.repeat(np.arange(len(weight)), parts)
    steps = np.round(weight / scales)[inputs]
    number = np.arange(len(inputs)) - np.repeat(np.cumsum(parts) - parts, parts)
    left = np.abs(steps) - STEPS * number[:, None]  # after what the copies before this one have carried
    return inputs, (np.sign(steps) * np.clip(left, 0, STEPS)).astype(np.int8), scales


def _scales(ends: np.ndarray) -> np.ndarray:
    return np.maximum(ends / STEPS, _SMALLEST).astype(np.float32)


def _parts(weight: np.ndarray, scales: np.ndarray) -> np.ndarray:
    """How many int8 numbers each input's weights need."""
    return np.maximum(np.ceil(np.abs(np.round(weight / scales)).max(1) / STEPS), 1).astype(np.int64)


def smoothing(ranges: np.ndarray, strength: float) -> np.ndarray:
    """Factors to divide channels by before rounding, and to multiply the weights behind them with.

    They are ``ranges ** strength``: 0 leaves channels as they are; 1 gives all the same range and moves the trouble
    into the weights (SmoothQuant, Xiao et al. 2022, arXiv:2211.10438).
    """
    return np.asarray(np.maximum(ranges, _LEAST_RANGE) ** strength, np.float32)
