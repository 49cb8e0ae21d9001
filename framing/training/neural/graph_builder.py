"""ONNX graphs, written operator by operator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from framing.errors import ModelError, one_of

if TYPE_CHECKING:
    from onnx import ModelProto

Weights = Mapping[str, np.ndarray]
Outputs = Mapping[str, tuple[str, Sequence[Any]]]  # name to tensor and shape

OPSET, IR_VERSION = 18, 8  # old enough for every onnxruntime since 1.14
CONTRIB = "com.microsoft"
BITS = (8, 32)
FLOAT, UINT8, INT32, BOOL = 1, 2, 6, 9  # element types, onnx.TensorProto


@dataclass(eq=False)
class Graph:
    """An ONNX graph in the making. States travel flat, (rows * length, hidden); names stand for tensors."""

    weights: Weights
    bits: int = 8
    heads: int = 12
    ranges: Weights = field(default_factory=dict)
    nodes: list[Any] = field(default_factory=list)
    constants: dict[tuple[bytes, str, tuple[int, ...]], Any] = field(default_factory=dict)
    sites: dict[str, str] = field(default_factory=dict)  # places that are smoothed: the tensor there

    def __post_init__(self) -> None:
        if self.bits not in BITS:
            raise ModelError(one_of("number of bits", self.bits, BITS))

    def weight(self, name: str) -> np.ndarray:
        """A tensor of the network as 32-bit floats; :class:`~framing.errors.ModelError` when it is not there."""
        if name not in self.weights:
            raise ModelError(
                f"the weights have no {name!r}; they have {', '.join(sorted(self.weights)[:5])} ... "
                "Export them from the network that this graph is for."
            )
        return np.asarray(self.weights[name], np.float32)

    def constant(self, value: Any) -> str:
        """A tensor stored in the file, once."""
        from onnx import numpy_helper

        array = np.ascontiguousarray(value)
        key = (array.tobytes(), array.dtype.str, np.shape(value))
        if key not in self.constants:
            name = f"constant_{len(self.constants)}"
            self.constants[key] = numpy_helper.from_array(array.reshape(np.shape(value)), name)
        return str(self.constants[key].name)

    def floats(self, value: Any) -> str:
        """A constant of 32-bit floats."""
        return self.constant(np.asarray(value, np.float32))

    def add(self, operator: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        """One operator with one output; gives the output's name."""
        return self.add_many(operator, *inputs, outputs=1, domain=domain, **attributes)[0]

    def add_many(self, operator: str, *inputs: str, outputs: int, domain: str = "", **attributes: Any) -> list[str]:
        """One operator with several outputs."""
        from onnx import helper

        names = [f"{operator}_{len(self.nodes)}_{k}" for k in range(outputs)]
        self.nodes.append(helper.make_node(operator, list(inputs), names, domain=domain, **attributes))
        return names

    def model(self, inputs: Mapping[str, Sequence[Any]], outputs: Outputs) -> ModelProto:
        """The finished model; inputs are int32, but for ``shared`` (floats) and ``bytes`` (uint8)."""
        from onnx import helper

        kinds = {name: {"shared": FLOAT, "bytes": UINT8}.get(name, INT32) for name in inputs}
        for name, (tensor, _) in outputs.items():
            self.nodes.append(helper.make_node("Identity", [tensor], [name]))
        graph = helper.make_graph(
            self.nodes,
            "framing",
            [helper.make_tensor_value_info(name, kinds[name], list(shape)) for name, shape in inputs.items()],
            [helper.make_tensor_value_info(name, FLOAT, list(shape)) for name, (_, shape) in outputs.items()],
            list(self.constants.values()),
        )
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(CONTRIB, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="framing")
