"""A neural model small enough to be made on the spot: random weights, a vocabulary of letters and a few words.

It says nothing sensible, and says it in the same way as the shipped model: same files, same outputs, same engine.
Needs the ``onnx`` package (extra ``train``); guard with ``pytest.importorskip("onnx")``.
"""

from __future__ import annotations

import string
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

from framing.engines import TAGS
from framing.engines.checksums import write_checksums
from framing.engines.neural import SETTINGS, TOKENIZER, Settings
from framing.engines.neural_heads import WIDTH
from framing.engines.onnx_encoder import ENCODER, PROBE, TARGET
from framing.engines.pieces import FACT_ROWS, ROW_PIECES
from framing.training.neural.graph import encoder_graph, overflow_graph, target_graph

HIDDEN, BETWEEN, HEADS, LAYERS = 32, 64, 4, 2
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
WORDS = ("the", "said", "council", "failed", "plan", "##ing", "##ed")
# Every word of lower-case letters has pieces; a digit, a symbol or another alphabet is unknown, as are long words.
PIECES = (*SPECIAL, *WORDS, *'.,!?"', *string.ascii_lowercase, *(f"##{letter}" for letter in string.ascii_lowercase))

SETTING = Settings(
    bias=(0.8, 0.5, -0.1),
    words=(0.6, 0.5, 0.2),
    stance=(0.9, (0.1, 0.0, -0.1)),
    transitions=np.zeros((len(TAGS), len(TAGS)), np.float32),
    thresholds=(0.3, 0.3, 0.3),
)


def tiny_weights(seed: int = 0, *, width: int = WIDTH) -> dict[str, np.ndarray]:
    """Weights of an encoder of two layers and a stance branch of one, named as the trained network names them."""
    rng = np.random.default_rng(seed)
    weights: dict[str, np.ndarray] = {}

    def table(name: str, *shape: int, size: float) -> None:
        weights[name] = rng.normal(0, size, shape).astype(np.float32)

    def linear(name: str, outputs: int, inputs: int) -> None:
        table(f"{name}.weight", outputs, inputs, size=0.25)
        table(f"{name}.bias", outputs, size=0.1)

    def norm(name: str) -> None:
        weights[f"{name}.weight"] = rng.uniform(0.6, 1.4, HIDDEN).astype(np.float32)
        table(f"{name}.bias", HIDDEN, size=0.1)

    for name, rows in (("word", len(PIECES)), ("position", ROW_PIECES + 2), ("token_type", 2)):
        table(f"embeddings.{name}_embeddings.weight", rows, HIDDEN, size=0.5)
    norm("embeddings.LayerNorm")
    table("facts.weight", FACT_ROWS, HIDDEN, size=0.3)
    table("target.mark.weight", 2, HIDDEN, size=0.5)
    for prefix in (*(f"encoder.layer.{n}" for n in range(LAYERS)), "target.layer.0"):
        for part in ("self.query", "self.key", "self.value", "output.dense"):
            linear(f"{prefix}.attention.{part}", HIDDEN, HIDDEN)
        norm(f"{prefix}.attention.output.LayerNorm")
        linear(f"{prefix}.intermediate.dense", BETWEEN, HIDDEN)
        linear(f"{prefix}.output.dense", HIDDEN, BETWEEN)
        norm(f"{prefix}.output.LayerNorm")
    linear("words", width, HIDDEN)
    linear("target.head", 3, 2 * HIDDEN)
    return weights


def tiny_tokenizer(pieces: tuple[str, ...] = PIECES) -> str:
    """A ``tokenizer.json`` of these pieces, uncased."""
    tokenizer: Any = Tokenizer(WordPiece({piece: n for n, piece in enumerate(pieces)}, unk_token="[UNK]"))
    tokenizer.normalizer = BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = BertPreTokenizer()
    return str(tokenizer.to_str())


def write_tiny_model(folder: Path, seed: int = 0, *, width: int = WIDTH) -> Path:
    """A model folder that ``NeuralEngine.load`` reads; ``width`` other than the heads' makes one that does not fit."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = tiny_weights(seed, width=width)
    for name, graph in (
        (ENCODER, encoder_graph(weights, shared_layer=1, heads=HEADS)),
        (TARGET, target_graph(weights, heads=HEADS)),
        (PROBE, overflow_graph()),
    ):
        (folder / name).write_bytes(graph.SerializeToString())
    (folder / SETTINGS).write_text(SETTING.to_json(), encoding="utf-8")
    (folder / TOKENIZER).write_text(tiny_tokenizer(), encoding="utf-8")
    write_checksums(folder)
    return folder
