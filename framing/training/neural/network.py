"""The network: one BERT encoder for every task, a branch of its own for stance, and linear heads.

Parameters carry the names they have in the published encoder, so that its weights load as they are and
:mod:`framing.training.neural.graph` finds them. Every sentence head is a sum over the words of the sentence,
``sum_i a_i v_i`` with attention ``a`` and value ``v``, both linear in the word's state: what a word adds to the
score of its sentence can be read off.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from framing.engines.neural_heads import WIDTH
from framing.engines.pieces import FACT_ROWS, ROW_PIECES
from framing.errors import ModelError
from framing.training.readers import GUN_FRAMES

logger = logging.getLogger(__name__)

# What the graphs that score text compute; an encoder made otherwise would score other than it was trained.
_CONFIG = {"hidden_act": "gelu", "layer_norm_eps": 1e-12, "position_embedding_type": "absolute"}
# Of the published encoder, what its own tasks had on top.
_UNUSED = ("pooler.", "cls.", "embeddings.position_ids")


@dataclass(frozen=True)
class Shape:
    """Sizes of the encoder; ``shared`` layers serve stance and everything else, the layers above are doubled."""

    vocabulary: int
    hidden: int
    layers: int
    heads: int
    between: int
    positions: int
    shared: int = 4
    eps: float = 1e-12


class Layer(nn.Module):
    """One post-norm transformer layer (Devlin et al. 2019)."""

    def __init__(self, shape: Shape, dropout: float) -> None:
        super().__init__()
        n, m = shape.hidden, shape.between
        own = nn.Module()
        own.query, own.key, own.value = nn.Linear(n, n), nn.Linear(n, n), nn.Linear(n, n)
        output = nn.Module()
        output.dense, output.LayerNorm = nn.Linear(n, n), nn.LayerNorm(n, eps=shape.eps)
        self.attention = nn.Module()
        self.attention.add_module("self", own)
        self.attention.output = output
        self.intermediate = nn.Module()
        self.intermediate.dense = nn.Linear(n, m)
        self.output = nn.Module()
        self.output.dense, self.output.LayerNorm = nn.Linear(m, n), nn.LayerNorm(n, eps=shape.eps)
        self.heads, self.dropout = shape.heads, dropout

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """States (rows, length, hidden) to states; ``mask`` (rows, 1, 1, length) is added to the attention."""
        own = self.attention.self
        rows, length, n = states.shape
        parts = [
            f(states).view(rows, length, self.heads, n // self.heads).transpose(1, 2)
            for f in (own.query, own.key, own.value)
        ]
        rate = self.dropout
        # Written out: on CPUs the fused kernel's backward pass takes three times as long.
        weights = torch.matmul(parts[0] * (n // self.heads) ** -0.5, parts[1].transpose(2, 3)) + mask
        mixed = torch.matmul(weights.softmax(3, dtype=parts[2].dtype), parts[2])
        mixed = self.attention.output.dense(mixed.transpose(1, 2).reshape(rows, length, n))
        states = self.attention.output.LayerNorm(states + mixed)
        wide = self.output.dense(functional.gelu(self.intermediate.dense(states)))
        return self.output.LayerNorm(states + functional.dropout(wide, rate, self.training))


class Network(nn.Module):
    """Encoder, stance branch and heads."""

    def __init__(self, shape: Shape, *, dropout: float = 0.1) -> None:
        super().__init__()
        self.shape = shape
        n = shape.hidden
        self.embeddings = nn.Module()
        self.embeddings.word_embeddings = nn.Embedding(shape.vocabulary, n)
        self.embeddings.position_embeddings = nn.Embedding(shape.positions, n)
        self.embeddings.token_type_embeddings = nn.Embedding(2, n)
        self.embeddings.LayerNorm = nn.LayerNorm(n, eps=shape.eps)
        self.facts = nn.Embedding(FACT_ROWS, n)
        self.encoder = nn.Module()
        self.encoder.layer = nn.ModuleList(Layer(shape, dropout) for _ in range(shape.layers))
        self.target = nn.Module()
        self.target.mark = nn.Embedding(2, n)
        self.target.layer = nn.ModuleList(Layer(shape, dropout) for _ in range(shape.layers - shape.shared))
        self.target.head = nn.Linear(2 * n, 3)
        self.target.between = nn.Linear(2 * n, 3)  # the corpus of directed sentiment has its own judges
        self.words = nn.Linear(n, WIDTH)
        self.extra = nn.Linear(n, 1 + len(GUN_FRAMES))  # teaches beside the others; not exported
        self.transitions = nn.Parameter(torch.zeros(7, 7))
        self.rate = dropout
        for module in (self.facts, self.target.mark):
            nn.init.zeros_(module.weight)
        for head in (self.words, self.target.head, self.target.between, self.extra):
            nn.init.normal_(head.weight, std=0.02)
            nn.init.zeros_(head.bias)

    def shared(self, pieces: Tensor, facts: Tensor) -> tuple[Tensor, Tensor]:
        """States after the shared layers, (rows, length, hidden), and the mask."""
        e = self.embeddings
        at = torch.arange(pieces.shape[1], device=pieces.device)
        states = e.word_embeddings(pieces) + e.position_embeddings(at) + e.token_type_embeddings.weight[0]
        states = e.LayerNorm(states + self.facts(facts).sum(2))
        states = functional.dropout(states, self.rate, self.training)
        mask = torch.zeros_like(pieces, dtype=torch.bfloat16).masked_fill_(pieces == 0, -1e4)[:, None, None, :]
        for layer in self.encoder.layer[: self.shape.shared]:
            states = layer(states, mask)
        return states, mask

    def upper(self, states: Tensor, mask: Tensor) -> Tensor:
        """Final states of the words."""
        for layer in self.encoder.layer[self.shape.shared :]:
            states = layer(states, mask)
        return functional.dropout(states, self.rate, self.training)

    def toward(self, states: Tensor, mask: Tensor, marked: Tensor, head: str = "head") -> Tensor:
        """Logits (targets, 3) from shared states, one row per target; ``marked`` is 1 on the target's pieces."""
        states = states + self.target.mark(marked)
        for layer in self.target.layer:
            states = layer(states, mask)
        weight = marked.unsqueeze(2).to(states.dtype)
        target = (states * weight).sum(1) / weight.sum(1).clamp(min=1)
        both = functional.dropout(torch.cat([target, states[:, 0]], 1), self.rate, self.training)
        return getattr(self.target, head)(both)


def inside(pieces: Tensor) -> Tensor:
    """Where the words of a row are: neither padding nor the pieces at its two ends."""
    there = pieces != 0
    words = there & functional.pad(there[:, 1:], (0, 1), value=False)
    words[:, 0] = False
    return words


def pooled(outputs: Tensor, pieces: Tensor) -> Tensor:
    """Scores of a sentence, (rows, values): means over its words, weighted by attention.

    The first column of ``outputs`` (rows, length, 1 + values) is the logarithm of the weight, the others are values.
    """
    weights = outputs[..., :1].float().masked_fill(~inside(pieces).unsqueeze(2), -1e4).softmax(1)
    return (weights * outputs[..., 1:].float()).sum(1)


def load_encoder(folder: Path, *, shared: int = 4, dropout: float = 0.1) -> Network:
    """The network on top of a published BERT encoder: a folder with config.json and model.safetensors.

    The stance branch starts as a copy of the upper layers, heads start at random.

    Raises
    ------
    ModelError
        For a file that cannot be read, an encoder that is no BERT of the usual kind, a weight that is missing or of
        another shape.
    """
    shape = _shape(folder, shared)
    weights = _published(folder)
    network = Network(shape, dropout=dropout)
    own = network.state_dict()
    wanted = {name: name for name in own if name.startswith(("embeddings.", "encoder."))}
    for name in own:
        if name.startswith("target.layer."):
            number, rest = name.split(".", 3)[2:]
            wanted[name] = f"encoder.layer.{int(number) + shared}.{rest}"
    for name, source in wanted.items():
        if source not in weights:
            raise ModelError(f"the encoder in {str(folder)!r} has no weight {source!r}; give a BERT encoder")
        if weights[source].shape != own[name].shape:
            raise ModelError(
                f"the weight {source!r} of the encoder in {str(folder)!r} is {tuple(weights[source].shape)}, "
                f"config.json says {tuple(own[name].shape)}; give the files of one and the same encoder"
            )
    if unused := sorted(name for name in weights if name not in wanted.values() and not name.startswith(_UNUSED)):
        logger.warning("%d weights of the encoder are not used: %s", len(unused), ", ".join(unused[:5]))
    network.load_state_dict({**own, **{name: weights[source] for name, source in wanted.items()}})
    return network


def _published(folder: Path) -> dict[str, Tensor]:
    from safetensors.torch import load_file

    try:
        found = load_file(folder / "model.safetensors")
    except Exception as error:  # its errors have no class of their own
        raise ModelError(f"cannot read model.safetensors of the encoder in {str(folder)!r} ({error})") from error
    return {name.removeprefix("bert."): weight.float() for name, weight in found.items()}


def _shape(folder: Path, shared: int) -> Shape:
    try:
        config: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        shape = Shape(
            config["vocab_size"],
            config["hidden_size"],
            config["num_hidden_layers"],
            config["num_attention_heads"],
            config["intermediate_size"],
            config["max_position_embeddings"],
            shared,
            config.get("layer_norm_eps", 1e-12),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"cannot read config.json of the encoder in {str(folder)!r} ({error!r})") from error
    for name, value in _CONFIG.items():
        if config.get(name, value) != value:
            raise ModelError(f"the encoder in {str(folder)!r} has {name} {config[name]!r}, only {value!r} is supported")
    if shape.layers <= shared:
        raise ModelError(f"the encoder in {str(folder)!r} has {shape.layers} layers, more than {shared} are needed")
    if shape.positions < ROW_PIECES + 2:
        raise ModelError(
            f"the encoder in {str(folder)!r} reads {shape.positions} pieces at a time, {ROW_PIECES + 2} are needed"
        )
    return shape
