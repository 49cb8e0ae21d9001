"""Does a text's score depend on the texts that are read with it?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from framing.benchmark.targets import mention_of
from framing.training.readers import read_newsmtsc
from framing.training.whole_sentences import read_texts


def batch_effect(data: Path, engine: str, *, sentences: int = 128) -> dict[str, Any]:
    """NewsMTSC dev sentences read one by one and all together: the largest change of any number.

    ``loaded`` of a sentence's probability, ``words`` of a word's, ``stance`` of a class of stance, all in [0, 1], and
    ``tags``, the share of tokens that are tagged otherwise. 0 is wholly independent.
    """
    targets = read_newsmtsc(data, "dev")[:sentences]
    texts, mentions = [t.text for t in targets], [[mention_of(t)] for t in targets]
    alone = [one.reading for one in read_texts(texts, mentions, engine=engine, batch=1)]
    together = [one.reading for one in read_texts(texts, mentions, engine=engine, batch=len(texts))]
    pairs = list(zip(alone, together, strict=True))
    return {
        "loaded": max(_change(a.bias, b.bias) for a, b in pairs),
        "words": max(_change(_chance(a.word_bias), _chance(b.word_bias)) for a, b in pairs),
        "stance": max(_change(a.stance, b.stance) for a, b in pairs),
        "tags": float(np.mean(np.concatenate([a.tags != b.tags for a, b in pairs]))),
        "sentences": len(targets),
    }


def _chance(log_odds: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-log_odds)))


def _change(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one - other).max(initial=0.0))
