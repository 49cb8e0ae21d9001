"""Do the words that are said to carry a score carry it? Checked by deletion."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from framing.segment import Document
from framing.training.readers import rows
from framing.training.whole_sentences import Read, read_texts

_LEAST_WORDS = 8  # of fewer, three are most of the sentence


def explanation(
    data: Path, engine: str, *, words: int = 3, draws: int = 5, most: int = 500, seed: int = 0
) -> dict[str, Any]:
    """What deleting words does to the loaded score of BASIL sentences, on which nothing was trained.

    Of sentences scored above .5, the ``words`` that add most to the score by the instrument's own account are
    deleted, and in their stead as many words drawn by lot (``draws`` times). ``drop_top`` and ``drop_random`` are the
    mean drops of the log-odds; ``ratio`` is the first over the second, left out where random deletions lower nothing;
    ``top_is_larger`` is the share of sentences in which the first is larger. The comprehensiveness of DeYoung et al.
    (2020), with a yardstick.
    """
    texts = list(dict.fromkeys(row["text"] for row in rows(data, "loaded/basil_sentences.jsonl")))
    rng = np.random.default_rng(seed)
    loaded = [
        read
        for read in read_texts(texts, engine=engine)
        if read.probability > 0.5 and len(_word_tokens(read.document)) >= _LEAST_WORDS
    ]
    chosen = [loaded[k] for k in sorted(rng.permutation(len(loaded))[:most].tolist())]
    shortened: list[str] = []
    for read in chosen:
        own = _word_tokens(read.document)
        shortened.append(without(read.document, strongest(read, words)))
        shortened += [without(read.document, rng.choice(own, words, replace=False).tolist()) for _ in range(draws)]
    if not chosen:
        return {"sentences": 0}
    after = np.array([log_odds(read.probability) for read in read_texts(shortened, engine=engine)])
    drops = np.array([log_odds(read.probability) for read in chosen])[:, None] - after.reshape(len(chosen), 1 + draws)
    top, random = drops[:, 0], drops[:, 1:].mean(1)
    figures = {"sentences": len(chosen), "drop_top": float(top.mean()), "drop_random": float(random.mean())}
    if random.mean() > 0:
        figures["ratio"] = float(top.mean() / random.mean())
    return {**figures, "top_is_larger": float((top > random).mean())}


def strongest(read: Read, words: int) -> list[int]:
    """The word tokens that add most to the log-odds of the text's one sentence, most first."""
    own = _word_tokens(read.document)
    return sorted(own, key=lambda k: -float(read.reading.parts[k]))[:words]


def without(document: Document, tokens: Sequence[int]) -> str:
    """The text without some tokens; the space they leave is closed."""
    kept, at = [], 0
    for k in sorted(tokens):
        kept.append(document.text[at : document.starts[k]])
        at = document.ends[k]
    text = re.sub(r"\s+", " ", "".join([*kept, document.text[at:]])).strip()
    return re.sub(r" (?=[,.;:!?])", "", text)


def log_odds(chance: float) -> float:
    """Of a probability, kept finite."""
    chance = min(max(chance, 1e-6), 1 - 1e-6)
    return float(np.log(chance / (1 - chance)))


def _word_tokens(document: Document) -> list[int]:
    return [k for k, word in enumerate(document.words) if word[0].isalnum()]
