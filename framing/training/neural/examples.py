"""The corpora as rows with labels: what each task learns from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from framing.engines.pieces import Laid, Row, Vocabulary, lay_out, rows
from framing.lexicon import Match, default_lexicon
from framing.segment import Document, segment
from framing.training.bias_matrices import marked_tokens
from framing.training.neural.renaming import renamed
from framing.training.readers import TargetSentence, read_babe, read_gvfc, read_newsmtsc, read_polnear
from framing.training.stance import park_targets
from framing.training.tagger import gold_tags


@dataclass(frozen=True, eq=False)
class Task:
    """Documents laid out, their rows, and per row what is to be learned.

    ``labels[k]`` belongs to ``rows[k]``: tags of its tokens (tags), 0/1 of the sentence (bias) with ``words[k]`` for
    its tokens, shares of the three classes with ``targets[k]`` the target's tokens (stance), 0/1 per frame (gvfc).
    """

    name: str
    laid: list[Laid]
    rows: list[Row]
    labels: list[np.ndarray]
    words: list[np.ndarray] = field(default_factory=list)
    targets: list[tuple[int, int]] = field(default_factory=list)
    # Rows that say the same with other names; one of each list is read per pass. Empty: every row stands alone.
    variants: list[list[int]] = field(default_factory=list)

    def size(self, k: int) -> int:
        """Pieces of row k."""
        row = self.rows[k]
        return int(self.laid[row.document].first[row.last] - self.laid[row.document].first[row.first]) + 2


def find_matches(document: Document) -> list[Match]:
    """What the lexicon finds in each sentence, as token indices of the document."""
    return [
        Match(first + m.first, first + m.last, m.entry)
        for first, last in document.sentence_tokens
        for m in default_lexicon().match(document.lower[first:last])
    ]


def _laid(documents: Sequence[Document], vocabulary: Vocabulary) -> list[Laid]:
    return [lay_out(d, find_matches(d), vocabulary) for d in documents]


def tag_task(data: Path, vocabulary: Vocabulary) -> Task:
    """PolNeAR articles: one tag per token."""
    articles = read_polnear(data, "train")
    documents = [segment(a.text) for a in articles]
    laid = _laid(documents, vocabulary)
    chosen: list[Row] = []
    labels: list[np.ndarray] = []
    for k, (document, article) in enumerate(zip(documents, articles, strict=True)):
        tags = gold_tags(document, article)
        for row in rows(k, document, laid[k]):
            chosen.append(row)
            labels.append(tags[row.first : row.last])
    return Task("tags", laid, chosen, labels)


def bias_task(data: Path, vocabulary: Vocabulary, *, count: int = 0, seed: int = 0) -> Task:
    """BABE sentences: biased or not, and the words that experts marked; sentence k is ``variants[k][0]``."""
    rng = np.random.default_rng(seed)
    documents: list[Document] = []
    labels, words = [], []
    variants: list[list[int]] = []
    for item in read_babe(data):
        variants.append([])
        for text, *marked in renamings((item.text, *item.biased_words), count, rng):
            variants[-1].append(len(documents))
            documents.append(segment(text, whole=True))
            words.append(marked_tokens(documents[-1], marked))
            labels.append(np.array([item.biased]))
    laid = _laid(documents, vocabulary)
    chosen = [Row(k, 0, len(d.words), (0, len(d.words))) for k, d in enumerate(documents)]
    return Task("bias", laid, chosen, labels, words=words, variants=variants)


def stance_task(
    name: str,
    items: Sequence[TargetSentence],
    vocabulary: Vocabulary,
    *,
    shares: np.ndarray | None = None,
    count: int = 0,
    seed: int = 0,
) -> Task:
    """One row per target and each of ``count`` renamings; a target is marked by its tokens.

    ``shares`` (items, 3) are soft labels in place of the items' own.
    """
    if shares is None:
        shares = np.eye(3)[[item.stance + 1 for item in items]]
    rng = np.random.default_rng(seed)
    documents: list[Document] = []
    laid: dict[int, Laid] = {}
    number: dict[str, int] = {}
    chosen: list[Row] = []
    labels, targets = [], []
    variants: list[list[int]] = []
    for item, share in zip(items, shares.astype(np.float32), strict=True):
        variants.append([])
        for head, target, tail in renamings(three_parts(item), count, rng):
            text = head + target + tail
            if text not in number:
                number[text] = len(documents)
                documents.append(segment(text, whole=True))
                laid[number[text]] = _laid(documents[-1:], vocabulary)[0]
            k = number[text]
            first, last = target_tokens(documents[k], len(head), len(head) + len(target))
            if first < last:
                variants[-1].append(len(chosen))
                chosen.append(_around(k, documents[k], laid[k], first, last))
                labels.append(share)
                targets.append((first, last))
    return Task(
        name, list(laid.values()), chosen, labels, targets=targets, variants=[found for found in variants if found]
    )


def three_parts(item: TargetSentence) -> tuple[str, str, str]:
    """The text before the target, the target, and the text after it."""
    return item.text[: item.start], item.text[item.start : item.end], item.text[item.end :]


def renamings(parts: tuple[str, ...], count: int, rng: np.random.Generator) -> list[tuple[str, ...]]:
    """The parts as they are, then as often as asked with other names; once where they name nobody listed."""
    found = [parts]
    for _ in range(count):
        other = renamed(parts, rng)
        if other not in found:
            found.append(other)
    return found


def target_tokens(document: Document, start: int, end: int) -> tuple[int, int]:
    """The tokens that a span touches."""
    return int(np.searchsorted(document.ends, start, side="right")), int(np.searchsorted(document.starts, end))


def _around(k: int, document: Document, laid: Laid, first: int, last: int) -> Row:
    """The row of a sentence that shows most around a target."""
    found = list(rows(k, document, laid))
    return next((row for row in found if row.kept[0] <= first < row.kept[1]), found[0])


def newsmtsc_task(data: Path, vocabulary: Vocabulary, *, count: int = 0, seed: int = 0) -> Task:
    """NewsMTSC targets."""
    return stance_task("stance", read_newsmtsc(data, "train"), vocabulary, count=count, seed=seed)


def park_task(data: Path, vocabulary: Vocabulary) -> Task:
    """Directed sentiment of Park et al. (2021) as targets."""
    return stance_task("between", park_targets(data), vocabulary)


def gvfc_task(data: Path, vocabulary: Vocabulary) -> Task:
    """Headlines on gun violence (Liu et al. 2019): up to two of nine frames each."""
    items = read_gvfc(data)
    documents = [segment(item.text, whole=True) for item in items]
    laid = _laid(documents, vocabulary)
    chosen = [Row(k, 0, len(d.words), (0, len(d.words))) for k, d in enumerate(documents)]
    return Task("gvfc", laid, chosen, [np.array(item.frames) for item in items])
