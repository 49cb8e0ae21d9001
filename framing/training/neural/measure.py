"""Figures of a network while it is still in torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from framing.engines.neural import Outputs, Reader, Settings, decode_tags
from framing.engines.pieces import Vocabulary, lay_out
from framing.metrics import macro_f1
from framing.records import Mention
from framing.segment import Document, segment
from framing.training.neural.examples import find_matches
from framing.training.neural.network import Network
from framing.training.readers import read_newsmtsc, read_polnear
from framing.training.tagger import ROLES, _exact_f1


class TorchEncoder:
    """A network as the engine wants it; in 16 bits twice as fast, in 32 (``exact``) as the exported graphs compute."""

    def __init__(self, network: Network, head: str = "head", *, exact: bool = False) -> None:
        self.network, self.head, self.half = network.eval(), head, not exact
        self.device = next(network.parameters()).device

    @torch.no_grad()
    def read(self, pieces: np.ndarray, facts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """See :class:`framing.engines.neural.Encoder`."""
        given = (torch.from_numpy(a.astype(np.int64)).to(self.device) for a in (pieces, facts))
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.half):
            shared, mask = self.network.shared(*given)
            outputs = self.network.words(self.network.upper(shared, mask))
        return outputs.float().cpu().numpy(), shared.float().cpu().numpy()

    @torch.no_grad()
    def toward(self, states: np.ndarray, pieces: np.ndarray, marked: np.ndarray) -> np.ndarray:
        """See :class:`framing.engines.neural.Encoder`."""
        mask = torch.from_numpy(np.where(pieces == 0, -1e4, 0.0)[:, None, None, :]).to(self.device, torch.bfloat16)
        given, flags = (torch.from_numpy(a).to(self.device) for a in (states, marked.astype(np.int64)))
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.half):
            logits = self.network.toward(given, mask, flags, self.head)
        return np.asarray(logits.float().cpu().numpy())


def outputs_of(
    network: Network,
    vocabulary: Vocabulary,
    documents: Sequence[Document],
    mentions: Sequence[Sequence[Mention]] | None = None,
    head: str = "head",
) -> list[Outputs]:
    """What a network says of documents."""
    laid = [lay_out(d, find_matches(d), vocabulary) for d in documents]
    return Reader(vocabulary, TorchEncoder(network, head)).read(documents, laid, mentions or [[] for _ in documents])


def tag_figures(
    network: Network, vocabulary: Vocabulary, data: Path, thresholds: Sequence[float] = (0.4, 0.4, 0.4)
) -> dict[str, float]:
    """Exact F1 of each role on PolNeAR dev, in percent."""
    articles = read_polnear(data, "dev")
    documents = [segment(a.text) for a in articles]
    tokens = [o.tokens for o in outputs_of(network, vocabulary, documents)]
    return tag_f1(documents, tokens, network, thresholds, articles)


def tag_f1(documents: Any, tokens: Any, network: Network, thresholds: Any, articles: Any) -> dict[str, float]:
    """Exact F1 at some thresholds."""
    moves = network.transitions.detach().float().cpu().numpy()
    settings = Settings((1, 0, 0), (1, 0, 0), (1, (0, 0, 0)), moves, tuple(thresholds))
    found = _exact_f1(documents, decode_tags(documents, tokens, settings), articles)
    return {role: round(100 * found[role], 2) for role in ROLES}


def stance_figures(network: Network, vocabulary: Vocabulary, data: Path) -> dict[str, float]:
    """Macro F1 on NewsMTSC dev."""
    items = read_newsmtsc(data, "dev")
    documents = [segment(t.text, whole=True) for t in items]
    found = outputs_of(network, vocabulary, documents, [[Mention("", t.start, t.end)] for t in items])
    called = [int(o.stance[0].argmax()) - 1 for o in found]
    gold = [t.stance for t in items]
    return {"macro_f1": macro_f1(gold, called), "accuracy": float(np.mean(np.array(gold) == called))}
