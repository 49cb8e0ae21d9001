"""Blindness to names: how much a score changes when only names change.

Names of the same kind are exchanged in pairs, both ways at once, and the sentence is scored again. A blind
instrument gives the same number; the figure is the mean absolute change over the sentences that hold a name.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from framing.records import Mention
from framing.training.name_swaps import KINDS, swap, swapped
from framing.training.readers import TargetSentence, read_babe, read_newsmtsc, rows
from framing.training.whole_sentences import read_texts

_LARGE = 0.1


def swap_changes(data: Path, engine: str) -> dict[str, Any]:
    """Mean absolute change of the loaded probability and of the stance when names are swapped, in all and by kind.

    ``loaded`` is on BABE, ``loaded_unseen`` on BASIL, of which no engine has seen a sentence; ``stance`` on NewsMTSC
    dev.

    ``all`` and each kind are means over sentences, in [0, 1] for the probability and [0, 2] for the stance; 0 is
    wholly blind. ``swaps`` counts them, in all and, in ``n``, by kind; ``large`` is the share that changes by more
    than .1.
    """
    unseen = list(dict.fromkeys(row["text"] for row in rows(data, "loaded/basil_sentences.jsonl")))
    return {
        "loaded": _figures(*loaded_changes([item.text for item in read_babe(data)], engine)),
        "loaded_unseen": _figures(*loaded_changes(unseen, engine)),
        "stance": _figures(*stance_changes(read_newsmtsc(data, "dev"), engine)),
    }


def loaded_changes(texts: Sequence[str], engine: str) -> tuple[list[str], np.ndarray]:
    """The kind of every swap that changes a text, and by how much the loaded probability then moves."""
    swaps = [(kind, text, other) for text in texts for kind in KINDS if (other := swap(text, kind)) != text]
    before = read_texts([text for _, text, _ in swaps], engine=engine)
    after = read_texts([other for _, _, other in swaps], engine=engine)
    moved = [abs(a.probability - b.probability) for a, b in zip(before, after, strict=True)]
    return [kind for kind, _, _ in swaps], np.array(moved)


def stance_changes(targets: Sequence[TargetSentence], engine: str) -> tuple[list[str], np.ndarray]:
    """The kind of every swap that changes a sentence, and by how much the stance toward its target then moves."""
    kinds: list[str] = []
    texts: list[str] = []
    mentions: list[list[Mention]] = []
    for target in targets:
        for kind in KINDS:
            other = swapped(target.text, kind)
            if other.edits:
                kinds.append(kind)
                texts += [target.text, other.text]
                mentions.append([Mention("", target.start, target.end)])
                mentions.append([Mention("", other.at(target.start), other.at(target.end, end=True))])
    read = read_texts(texts, mentions, engine=engine)
    stance = np.array([one.reading.stance[0][2] - one.reading.stance[0][0] for one in read])
    return kinds, np.abs(stance[::2] - stance[1::2])


def _figures(kinds: Sequence[str], moved: np.ndarray) -> dict[str, Any]:
    if not len(kinds):
        return {"swaps": 0}
    of = np.array(kinds)
    present = [kind for kind in KINDS if (of == kind).any()]
    return {
        "all": float(moved.mean()),
        **{kind: float(moved[of == kind].mean()) for kind in present},
        "large": float((moved > _LARGE).mean()),
        "swaps": len(kinds),
        "n": {kind: int((of == kind).sum()) for kind in present},
    }
