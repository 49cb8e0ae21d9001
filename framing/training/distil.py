"""What the encoder says of news that nobody labelled: soft labels for the linear stance model (Hinton et al. 2015).

The teacher is the neural engine. It is asked about news articles that nobody labelled, and not about the corpora it
was trained on, where it would repeat the gold with more certainty than it deserves.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from framing.engines.checksums import CHECKSUMS
from framing.engines.neural import MODELS, NeuralEngine
from framing.entities import find_mentions, find_targets
from framing.records import Mention
from framing.segment import segment
from framing.training.readers import read_newsmtsc, rows
from framing.training.whole_sentences import read_texts

NEWS = "allsides.jsonl"  # in a folder ``corpora`` beside the data folder
_MOST_TARGETS = 12  # of an article


@dataclass(frozen=True)
class Passage:
    """A sentence and where it names its targets."""

    text: str
    spans: tuple[tuple[int, int], ...]

    @property
    def mentions(self) -> list[Mention]:
        """The targets as an engine takes them."""
        return [Mention("target", start, end) for start, end in self.spans]


def can_distil(data: Path) -> bool:
    """Whether there is a teacher, the neural engine's model, and news to ask it about."""
    return (MODELS / CHECKSUMS).is_file() and news_file(data).is_file()


def passages(data: Path) -> list[Passage]:
    """The sentences of unlabelled news that name a target of their article and have no gold label."""
    path = news_file(data)
    articles = ((row.get("title", ""), row["text"]) for row in rows(path.parent, path.name))
    return unannotated(in_articles(articles), data)


def unannotated(found: Iterable[Passage], data: Path) -> list[Passage]:
    """The passages that are not in NewsMTSC: its training set has gold labels, its development set must stay unseen."""
    held = {_letters(target.text) for split in ("train", "dev") for target in read_newsmtsc(data, split)}
    return [passage for passage in found if _letters(passage.text) not in held]


def soft_labels(asked: Sequence[Passage]) -> np.ndarray:
    """P(negative), P(neutral), P(positive) toward every target of the passages, by the neural engine: (targets, 3).

    Without the class offsets of its calibration: they follow the shares of the classes where it was calibrated.
    Raises :class:`~framing.errors.ModelError` where the neural model is missing or altered.
    """
    read = read_texts([one.text for one in asked], [one.mentions for one in asked], engine="neural")
    shares = np.concatenate([np.zeros((0, 3)), *(one.reading.stance for one in read)])
    shares = shares * np.exp(-np.array(NeuralEngine.load().settings.stance[1]))
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def news_file(data: Path) -> Path:
    """Where unlabelled news is looked for."""
    return Path(data).resolve().parent / "corpora" / NEWS


def in_articles(articles: Iterable[tuple[str, str]]) -> Iterator[Passage]:
    """The sentences that name a target of their article, of titles and texts."""
    for title, text in articles:
        document = segment(text)
        starts = [start for start, _ in document.sentences]
        spans: dict[int, list[tuple[int, int]]] = {}
        targets = find_targets(document, title, most=_MOST_TARGETS)
        for mention in find_mentions(document, targets):
            spans.setdefault(bisect_right(starts, mention.start) - 1, []).append((mention.start, mention.end))
        for k, places in spans.items():
            start, end = document.sentences[k]
            yield Passage(text[start:end], tuple((a - start, b - start) for a, b in places if b <= end))


def _letters(text: str) -> str:
    """A text without what its copies differ in: capitals, spaces, marks."""
    return re.sub(r"\W+", "", text.lower())
