"""Losses of the tasks, one function per kind of label."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from framing.engines.neural_heads import TAG_COLUMNS, WEIGHT_COLUMN, WORD_COLUMN
from framing.engines.pieces import Batch, Laid
from framing.engines.tagger import FORBIDDEN
from framing.training.neural.network import Network, pooled

_NEVER = -1e4
# Loss of the marked words beside that of the sentence.
WORD_SHARE = 1.0


def first_pieces(batch: Batch, laid: list[Laid]) -> Tensor:
    """Where each token's first piece stands in its row, (rows, tokens); -1 where a row has fewer tokens."""
    at = [laid[r.document].first[r.first : r.last] - laid[r.document].first[r.first] + 1 for r in batch.rows]
    out = np.full((len(at), max(map(len, at))), -1, np.int64)
    for k, row in enumerate(at):
        out[k, : len(row)] = row
    return torch.from_numpy(out)


def gather(outputs: Tensor, first: Tensor) -> Tensor:
    """The outputs at the first piece of every token, (rows, tokens, columns)."""
    index = first.clamp(min=0).unsqueeze(2).expand(-1, -1, outputs.shape[2])
    return outputs.gather(1, index)


def tag_loss(network: Network, outputs: Tensor, first: Tensor, labels: list[np.ndarray], *, crf: bool = True) -> Tensor:
    """Negative log-likelihood of the tags per token, under a linear-chain CRF (Lafferty et al. 2001)."""
    scores = gather(outputs[..., TAG_COLUMNS], first).float()
    gold = torch.zeros(first.shape, dtype=torch.long, device=scores.device)
    for k, label in enumerate(labels):
        gold[k, : len(label)] = torch.from_numpy(label.astype(np.int64))
    there = first >= 0
    if not crf:
        return functional.cross_entropy(scores[there], gold[there])
    moves = network.transitions.masked_fill(torch.from_numpy(FORBIDDEN).to(scores.device), _NEVER)
    path = scores.gather(2, gold.unsqueeze(2)).squeeze(2) * there
    steps = moves[gold[:, :-1], gold[:, 1:]] * there[:, 1:]
    alpha = scores[:, 0]
    for t in range(1, scores.shape[1]):
        onward = torch.logsumexp(alpha.unsqueeze(2) + moves, 1) + scores[:, t]
        alpha = torch.where(there[:, t : t + 1], onward, alpha)
    return (torch.logsumexp(alpha, 1) - path.sum(1) - steps.sum(1)).sum() / there.sum()


def bias_loss(outputs: Tensor, pieces: Tensor, first: Tensor, labels: Tensor, words: list[np.ndarray]) -> Tensor:
    """Cross-entropy of the sentence label, and of each word's mark."""
    sentence = functional.binary_cross_entropy_with_logits(
        pooled(outputs[..., WEIGHT_COLUMN:], pieces)[:, 0], labels[:, 0].float()
    )
    scores = gather(outputs[..., WORD_COLUMN : WORD_COLUMN + 1], first)[..., 0].float()
    gold = torch.zeros(first.shape, device=scores.device)
    for k, marked in enumerate(words):
        gold[k, : len(marked)] = torch.from_numpy(marked.astype(np.float32))
    there = first >= 0
    return sentence + WORD_SHARE * functional.binary_cross_entropy_with_logits(scores[there], gold[there])


def frame_loss(scores: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy of each frame's 0/1."""
    return functional.binary_cross_entropy_with_logits(scores, labels.float())
