"""From a trained network to the files that the engine reads."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from framing.engines.checksums import write_checksums
from framing.engines.neural import SETTINGS, TOKENIZER, Settings
from framing.engines.onnx_encoder import ENCODER, PROBE, TARGET
from framing.engines.pieces import Vocabulary, batches, lay_out, rows
from framing.segment import Document
from framing.training.neural.examples import find_matches
from framing.training.neural.graph import encoder_graph, measure_ranges, overflow_graph, target_graph
from framing.training.neural.network import Network
from framing.training.neural.pruning import prune

_WORDS = "embeddings.word_embeddings.weight"


def export(
    network: Network,
    settings: Settings,
    tokenizer: Path,
    out: Path,
    *,
    samples: Sequence[Document] = (),
    held_out: Mapping[str, np.ndarray] | None = None,
    card: Mapping[str, Any] | None = None,
    bits: int = 8,
) -> None:
    """Write the model folder. ``samples`` are documents on which the ranges of the states are measured."""
    out.mkdir(parents=True, exist_ok=True)
    weights = {name: value.detach().float().cpu().numpy() for name, value in network.state_dict().items()}
    ranges = _ranges(network, weights, Vocabulary(tokenizer), samples) if samples else None
    shown, stay = prune(tokenizer.read_text(encoding="utf-8"))
    weights[_WORDS] = weights[_WORDS][stay]
    shape = network.shape
    for name, model in (
        (ENCODER, encoder_graph(weights, shared_layer=shape.shared, heads=shape.heads, bits=bits, ranges=ranges)),
        (TARGET, target_graph(weights, heads=shape.heads, bits=bits, ranges=ranges)),
        (PROBE, overflow_graph()),
    ):
        (out / name).write_bytes(model.SerializeToString())
    (out / SETTINGS).write_text(settings.to_json(), encoding="utf-8")
    (out / TOKENIZER).write_text(shown, encoding="utf-8")
    if held_out is not None:
        np.savez_compressed(out / "held_out.npz", **held_out)  # type: ignore[arg-type]
    if card is not None:
        (out / "card.json").write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    write_checksums(out)


@torch.no_grad()
def _ranges(
    network: Network, weights: Mapping[str, np.ndarray], vocabulary: Vocabulary, samples: Sequence[Document]
) -> dict[str, np.ndarray]:
    """The ranges over the samples; every word in turn stands in as a target."""
    network.eval()
    laid = [lay_out(document, find_matches(document), vocabulary) for document in samples]
    chosen = [row for k, (d, one) in enumerate(zip(samples, laid, strict=True)) for row in rows(k, d, one)]
    encoder_rows, target_rows = [], []
    for n, given in enumerate(batches(chosen, laid, vocabulary, size=2048)):
        encoder_rows.append({"pieces": given.pieces, "facts": given.facts})
        if n % 4 == 0:
            pieces, facts = (torch.from_numpy(a.astype(np.int64)) for a in (given.pieces, given.facts))
            shared, _ = network.shared(pieces, facts)
            marked = np.zeros_like(given.pieces)
            marked[:, 1 + n % max(1, given.pieces.shape[1] - 2)] = 1
            target_rows.append({"shared": shared.float().numpy(), "pieces": given.pieces, "marked": marked})
    return measure_ranges(weights, encoder_rows, target_rows, heads=network.shape.heads)
