"""Weights of the trained network -> the ONNX graphs that score text: the encoder, and the stance branch on top of it.

**8 bits, one scale per piece.** Every linear map is a product of 8-bit integers. A weight matrix has one scale per
output column, an activation one scale per row - per piece of text - taken from that row alone while the graph runs
(vector-wise quantisation, Dettmers et al. 2022, arXiv:2208.07339; token-wise, Yao et al. 2022, ZeroQuant,
arXiv:2206.01861). The usual dynamic quantisation takes one scale from the whole tensor, so that a score depends on
which sentences are read together; here no number of a row depends on its neighbours.

**Outliers.** A few channels of a transformer's states are ten times the others and would take the scale for
themselves. Channels are divided by a power of their range before rounding, and the weights multiplied by the same
(SmoothQuant, Xiao et al. 2022, arXiv:2211.10438). :func:`measure_ranges` finds the ranges on sample rows; without
them nothing is smoothed. A few neurons have outgoing weights thirty times the others: copies of the neuron carry
what is too large for 8 bits (outlier channel splitting, Zhao et al. 2019, arXiv:1901.09504).

Sums of integers are exact, normalisation and attention are computed in 32-bit floating point. Padding takes no part
in attention. The word table has one scale per word; all other tables and the heads stay in 32 bits.

The graphs are written operator by operator, with those that onnxruntime runs fastest: ``LayerNormalization`` after
plain additions (its fused form is four times slower), ``MatMulIntegerToFloat`` of unsigned rows by signed columns (the
pair with the fastest kernels; what old processors need for it is said at :func:`overflow_graph`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from framing.engines.pieces import ROW_PIECES
from framing.errors import ModelError, one_of
from framing.training.neural.graph_builder import BOOL, CONTRIB, FLOAT, INT32, Graph, Outputs, Weights
from framing.training.neural.rounding import quantize_columns, quantize_rows, quantize_splitting, smoothing

if TYPE_CHECKING:
    from onnx import ModelProto

EPS = 1e-12
# An activation is stored as value / scale + zero point, unsigned: 128 for values on both sides of zero. GELU never
# goes below -0.17, so its zero can lie lower and leave more steps to what is above.
_CENTRE = 128
_GELU_ZERO, _GELU_LEAST = 16, 0.17
_SMALLEST = 1e-12  # the scale of a row of zeros
# Strength of smoothing, and copies of neurons with very large outgoing weights: least error of the last states.
STRENGTH = {"attention": 0.75, "intermediate": 0.5}
_COPIES = 32


@dataclass(frozen=True)
class Rows:
    """Activations ready for linear maps: floats, or 8-bit integers with one scale per row.

    ``smooth`` are the factors (hidden,) the activations were divided by.
    """

    values: str
    scales: str = ""
    zero: int = _CENTRE
    smooth: np.ndarray | None = None


def quantize(graph: Graph, states: str, *, site: str = "", after_gelu: bool = False) -> Rows:
    """States to 8 bits, each row by its own scale, after smoothing where the ranges of the ``site`` are known.

    With 32 bits the states stay as they are.
    """
    if site:
        graph.sites[site] = states
    if graph.bits == 32:
        return Rows(states)
    smooth = None
    if site in graph.ranges:
        smooth = smoothing(graph.ranges[site], STRENGTH[site.rsplit(".", 1)[1]])
        states = graph.add("Mul", states, graph.floats(1 / smooth))
    last, zero = graph.constant(np.array([-1])), _GELU_ZERO if after_gelu else _CENTRE
    peaks = graph.add("ReduceMax", states if after_gelu else graph.add("Abs", states), last, keepdims=0)
    least = _GELU_LEAST / _GELU_ZERO if after_gelu else _SMALLEST
    scales = graph.add("Max", graph.add("Mul", peaks, graph.floats(1 / (255 - zero))), graph.floats(least))
    zeros = graph.add("Expand", graph.constant(np.array([zero], np.uint8)), graph.add("Shape", scales))
    integers = graph.add("QuantizeLinear", states, scales, zeros, axis=0)
    return Rows(integers, graph.add("Unsqueeze", scales, last), zero, smooth)


def multiply(graph: Graph, rows: Rows, weight: np.ndarray) -> str:
    """Rows times ``weight`` (inputs, outputs)."""
    if graph.bits == 32:
        return graph.add("MatMul", rows.values, graph.floats(weight))
    return multiply_integers(
        graph, rows, *quantize_columns(weight if rows.smooth is None else weight * rows.smooth[:, None])
    )


def multiply_integers(graph: Graph, rows: Rows, integers: np.ndarray, scales: np.ndarray) -> str:
    """Rows times weights that are 8-bit already, with a scale per column."""
    zero = graph.constant(np.uint8(rows.zero))
    inputs = [rows.values, graph.constant(integers), graph.floats(1), graph.floats(scales), zero]
    return graph.add("Mul", graph.add("MatMulIntegerToFloat", *inputs, domain=CONTRIB), rows.scales)


def normalize(graph: Graph, states: str, name: str) -> str:
    """Layer normalisation (Ba et al. 2016)."""
    scale, shift = graph.floats(graph.weight(f"{name}.weight")), graph.floats(graph.weight(f"{name}.bias"))
    return graph.add("LayerNormalization", states, scale, shift, epsilon=EPS)


@dataclass(frozen=True)
class Pieces:
    """What all layers need to know of the rows: shape (rows, length, hidden), and 1 where a piece is, 0 at padding."""

    shape: str
    mask: str
    flat: str


def read_pieces(graph: Graph, hidden: int) -> Pieces:
    """Shapes and mask from the input ``pieces``, (rows, length), 0 where a row is shorter."""
    shape = graph.add("Concat", graph.add("Shape", "pieces"), graph.constant(np.array([hidden])), axis=0)
    mask = graph.add("Cast", graph.add("Cast", "pieces", to=BOOL), to=INT32)
    return Pieces(shape, mask, graph.constant(np.array([-1, hidden])))


def embed(graph: Graph, pieces: Pieces) -> str:
    """Words, positions, the first token type and the facts of every piece, summed and normalised."""
    flat = graph.add("Reshape", "pieces", graph.constant(np.array([-1])))
    words = graph.weight("embeddings.word_embeddings.weight")
    if graph.bits == 32:
        states = graph.add("Gather", graph.floats(words), flat)
    else:
        integers, scales = (graph.add("Gather", graph.constant(part), flat) for part in quantize_rows(words))
        states = graph.add("DequantizeLinear", integers, scales, axis=0)
    kind = graph.weight("embeddings.token_type_embeddings.weight")[0]
    places = graph.floats(graph.weight("embeddings.position_embeddings.weight")[: ROW_PIECES + 2] + kind)
    first, second = graph.constant(np.array([1])), graph.constant(np.array([2]))
    length = graph.add("Slice", graph.add("Shape", "pieces"), first, second)
    places = graph.add("Slice", places, graph.constant(np.array([0])), length)
    facts = graph.add("Gather", graph.floats(graph.weight("facts.weight")), "facts")
    facts = graph.add("ReduceSum", facts, second, keepdims=0)
    states = graph.add("Add", graph.add("Reshape", states, pieces.shape), graph.add("Add", facts, places))
    return normalize(graph, graph.add("Reshape", states, pieces.flat), "embeddings.LayerNorm")


def attend(graph: Graph, states: str, pieces: Pieces, prefix: str) -> str:
    """What each piece takes from the others of its row (Vaswani et al. 2017), before it is added to the states."""
    maps = [f"{prefix}attention.self.{name}" for name in ("query", "key", "value")]
    weight = np.concatenate([graph.weight(f"{name}.weight") for name in maps]).T
    bias = graph.floats(np.concatenate([graph.weight(f"{name}.bias") for name in maps]))
    together = multiply(graph, quantize(graph, states, site=f"{prefix}attention"), weight)
    parts = graph.add_many("Split", together, outputs=3, axis=1, num_outputs=3)
    parts = [graph.add("Reshape", part, pieces.shape) for part in parts]
    mixed = graph.add("MultiHeadAttention", *parts, bias, pieces.mask, domain=CONTRIB, num_heads=graph.heads)
    mixed = graph.add("Reshape", mixed, pieces.flat)
    return multiply(graph, quantize(graph, mixed), graph.weight(f"{prefix}attention.output.dense.weight").T)


def feed_forward(graph: Graph, states: str, prefix: str) -> str:
    """The two maps with GELU between them (exact, by the error function), before the result is added to the states."""
    weight, bias = (
        graph.weight(f"{prefix}intermediate.dense.weight").T,
        graph.weight(f"{prefix}intermediate.dense.bias"),
    )
    out = graph.weight(f"{prefix}output.dense.weight").T
    if graph.bits == 8:
        neurons, integers, scales = quantize_splitting(out, _COPIES)
        weight, bias = weight[:, neurons], bias[neurons]
    wide = multiply(graph, quantize(graph, states, site=f"{prefix}intermediate"), weight)
    wide = graph.add("BiasGelu", wide, graph.floats(bias), domain=CONTRIB)
    if graph.bits == 8:
        return multiply_integers(graph, quantize(graph, wide, after_gelu=True), integers, scales)
    return multiply(graph, Rows(wide), out)


def add_layer(graph: Graph, states: str, pieces: Pieces, prefix: str) -> str:
    """One transformer layer, post-norm (Devlin et al. 2019); ``prefix`` as in ``encoder.layer.0.``."""
    states = residual(graph, states, attend(graph, states, pieces, prefix), f"{prefix}attention.output.")
    return residual(graph, states, feed_forward(graph, states, prefix), f"{prefix}output.")


def residual(graph: Graph, states: str, change: str, prefix: str) -> str:
    """What a part of a layer adds to its states, with its bias; the sum normalised."""
    change = graph.add("Add", change, graph.floats(graph.weight(f"{prefix}dense.bias")))
    return normalize(graph, graph.add("Add", change, states), f"{prefix}LayerNorm")


def head(graph: Graph, states: str, name: str) -> str:
    """A small linear head, in 32 bits."""
    product = graph.add("MatMul", states, graph.floats(graph.weight(f"{name}.weight").T))
    return graph.add("Add", product, graph.floats(graph.weight(f"{name}.bias")))


def encoder_graph(
    weights: Weights,
    *,
    shared_layer: int,
    heads: int = 12,
    bits: int = 8,
    ranges: Weights | None = None,
    name: str = "words",
) -> ModelProto:
    """The encoder, one pass over rows of pieces.

    Inputs: ``pieces`` int32 (rows, length), 0 at padding; ``facts`` int32 (rows, length, facts), rows of the table
    ``facts.weight``. Outputs: ``tokens`` float32 (rows, length, outputs of the linear head ``name``) and ``shared``
    (rows, length, hidden), the states after ``shared_layer`` layers, from which :func:`target_graph` goes on.
    ``bits`` 32 gives the same graph unquantised. Raises :class:`~framing.errors.ModelError` for a missing weight.
    """
    graph = Graph(weights, bits, heads, ranges or {})
    if shared_layer not in (valid := range(1, len(layers(weights, "encoder.layer.")) + 1)):
        raise ModelError(one_of("shared_layer", shared_layer, valid))
    pieces = read_pieces(graph, _hidden(graph))
    states = encode(graph, pieces)
    width = len(graph.weight(f"{name}.bias"))
    shape = graph.add("Concat", graph.add("Shape", "pieces"), graph.constant(np.array([width])), axis=0)
    outputs: Outputs = {
        "tokens": (graph.add("Reshape", head(graph, states[-1], name), shape), ["rows", "length", width]),
        "shared": (graph.add("Reshape", states[shared_layer], pieces.shape), ["rows", "length", _hidden(graph)]),
    }
    return graph.model(_encoder_inputs(), outputs)


def target_graph(
    weights: Weights,
    *,
    heads: int = 12,
    bits: int = 8,
    ranges: Weights | None = None,
    name: str = "target.head",
) -> ModelProto:
    """The stance branch: layers ``target.layer.N`` over shared states in which one target is marked.

    Inputs: ``shared`` float32 (mentions, length, hidden), the states of each mention's row; ``pieces`` int32 (mentions,
    length); ``marked`` int32 (mentions, length), 1 on the target's pieces. Output: ``stance`` float32 (mentions,
    outputs of ``name``), a linear map of the target's mean state and the first piece's state side by side.
    """
    graph = Graph(weights, bits, heads, ranges or {})
    pieces = read_pieces(graph, _hidden(graph))
    states = graph.add("Reshape", mark(graph, pieces), pieces.shape)
    one = graph.constant(np.array([1]))
    flags = graph.add("Cast", "marked", to=FLOAT)
    total = graph.add("Squeeze", graph.add("MatMul", graph.add("Unsqueeze", flags, one), states), one)
    count = graph.add("Max", graph.add("ReduceSum", flags, one, keepdims=1), graph.floats(1))
    first = graph.add("Gather", states, graph.constant(np.int64(0)), axis=1)
    stance = head(graph, graph.add("Concat", graph.add("Div", total, count), first, axis=1), name)
    return graph.model(_target_inputs(graph), {"stance": (stance, ["mentions", len(graph.weight(f"{name}.bias"))])})


def encode(graph: Graph, pieces: Pieces) -> list[str]:
    """The states of the encoder: after the embedding, then after each layer."""
    states = [embed(graph, pieces)]
    for prefix in layers(graph.weights, "encoder.layer."):
        states.append(add_layer(graph, states[-1], pieces, prefix))
    return states


def mark(graph: Graph, pieces: Pieces) -> str:
    """The final states of the stance branch."""
    marks = graph.add("Gather", graph.floats(graph.weight("target.mark.weight")), "marked")
    states = graph.add("Reshape", graph.add("Add", "shared", marks), pieces.flat)
    for prefix in layers(graph.weights, "target.layer."):
        states = add_layer(graph, states, pieces, prefix)
    return states


def overflow_graph() -> ModelProto:
    """A product that old processors get wrong: input ``bytes`` uint8 (rows, 64), output ``total`` (rows, 16).

    x86 processors without 8-bit dot products (no VNNI) add pairs of products in 16 bits, which overflow. For rows of
    255 the exact total is 255 * 127 * 64 = 2072640. Where it is less, a session needs the option
    ``session.x64quantprecision``; where it is right, that option only costs time.
    """
    graph = Graph({})
    large = graph.constant(np.full((64, 16), 127, np.int8))
    total = graph.add("Cast", graph.add("MatMulInteger", "bytes", large), to=FLOAT)
    return graph.model({"bytes": ["rows", 64]}, {"total": (total, ["rows", 16])})


def measure_ranges(
    weights: Weights,
    encoder_rows: Iterable[Mapping[str, np.ndarray]],
    target_rows: Iterable[Mapping[str, np.ndarray]] = (),
    *,
    heads: int = 12,
) -> dict[str, np.ndarray]:
    """The range of every channel of the states that are smoothed: the largest absolute value over sample rows.

    The rows are inputs of the two graphs, as the engine gives them; some hundred sentences are enough. The result
    belongs to these weights and goes to both builders.
    """
    found: dict[str, np.ndarray] = {}
    for flow, rows in ((encode, encoder_rows), (mark, target_rows)):
        graph = Graph(weights, 32, heads)
        flow(graph, read_pieces(graph, _hidden(graph)))
        outputs: Outputs = {site: (states, ["pieces", _hidden(graph)]) for site, states in graph.sites.items()}
        inputs = _encoder_inputs() if flow is encode else _target_inputs(graph)
        for site, values in _run(graph.model(inputs, outputs), rows):
            found[site] = np.maximum(found.get(site, 0), values)
    return found


def _run(model: ModelProto, rows: Iterable[Mapping[str, np.ndarray]]) -> Iterator[tuple[str, np.ndarray]]:
    session = None
    for batch in rows:
        session = session or _open(model.SerializeToString())
        there = batch["pieces"].reshape(-1) != 0
        for output, values in zip(session.get_outputs(), session.run(None, dict(batch)), strict=True):
            yield output.name, np.abs(values[there]).max(0)


def _open(model: bytes) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def layers(weights: Weights, prefix: str) -> list[str]:
    """The prefixes of the layers under ``encoder.layer.`` or ``target.layer.``, in order."""
    numbers = {int(name[len(prefix) :].split(".")[0]) for name in weights if name.startswith(prefix)}
    return [f"{prefix}{number}." for number in sorted(numbers)]


def _hidden(graph: Graph) -> int:
    return len(graph.weight("embeddings.LayerNorm.weight"))


def _encoder_inputs() -> dict[str, Sequence[Any]]:
    return {"pieces": ["rows", "length"], "facts": ["rows", "length", "facts"]}


def _target_inputs(graph: Graph) -> dict[str, Sequence[Any]]:
    shape = ["mentions", "length"]
    return {"shared": [*shape, _hidden(graph)], "pieces": shape, "marked": shape}
