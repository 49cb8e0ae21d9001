"""Stance toward a target, sentence by sentence, and who holds it.

Targeted sentiment in the sense of NewsMTSC (Hamborg & Donnay 2021): how a sentence speaks of one target, which
may differ from how it speaks of another. The holder keeps the outlet's own words and the quoted words apart.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

import numpy as np

from framing.records import Attribution, Mention, Stance
from framing.segment import Document

AUTHOR = "author"
UNNAMED = "unnamed source"


def stances(
    document: Document,
    mentions: Sequence[Mention],
    probabilities: np.ndarray,
    attributions: Sequence[Attribution],
) -> list[Stance]:
    """One :class:`~framing.records.Stance` per target and sentence, in the order of the text.

    ``probabilities``, shape (mentions, 3): P(negative), P(neutral), P(positive), each row summing to 1. Where a
    sentence names a target several times, its probabilities are their mean and the offsets are the first
    mention's. ``stance`` = P(positive) - P(negative), in [-1, 1]. ``holder`` is ``"author"``, or the source of
    the innermost attribution whose content covers the (first) mention: its resolved name, else its words, else
    ``"unnamed source"``.
    """
    heads = [start for start, _ in document.sentences]
    together: dict[tuple[int, str], list[int]] = {}
    for at in sorted(range(len(mentions)), key=lambda i: (mentions[i].start, mentions[i].end)):
        mention = mentions[at]
        together.setdefault((bisect_right(heads, mention.start) - 1, mention.target), []).append(at)
    contents = [(span.start, span.end, one) for one in attributions for span in one.content]
    found = []
    for (_, target), places in together.items():
        first = mentions[places[0]]
        negative, neutral, positive = (float(p) for p in np.mean(probabilities[places], axis=0))
        found.append(
            Stance(
                target,
                first.start,
                first.end,
                negative,
                neutral,
                positive,
                positive - negative,
                _holder(first, contents),
            )
        )
    return found


def _holder(mention: Mention, contents: Sequence[tuple[int, int, Attribution]]) -> str:
    covering = [(end - start, one) for start, end, one in contents if start <= mention.start and mention.end <= end]
    if not covering:
        return AUTHOR
    source = min(covering, key=lambda pair: pair[0])[1]
    if source.source_name:
        return source.source_name
    return source.source.text if source.source else UNNAMED
