"""The generic frames of an article, each with the sentences that carry it.

After Semetko & Valkenburg (2000), as annotated by Frermann et al. (2023).
"""

from __future__ import annotations

import numpy as np

from framing.records import FRAMES, Frame

STRONGEST = 3


def frames(probabilities: np.ndarray, sentence_scores: np.ndarray) -> tuple[Frame, ...]:
    """One :class:`~framing.records.Frame` per generic frame, in the order of ``records.FRAMES``.

    ``probabilities``, shape (5,), in [0, 1]: at 0.5 the article is said to use the frame. ``sentence_scores``,
    shape (sentences, 5): how much each sentence speaks for the frame; the three that speak for it most are
    given, strongest first, and none that speaks against it. Frames do not exclude one another.
    """
    found = []
    for k, name in enumerate(FRAMES):
        scores = sentence_scores[:, k]
        order = np.argsort(-scores, kind="stable")[:STRONGEST]
        found.append(Frame(name, float(probabilities[k]), tuple(int(i) for i in order if scores[i] > 0)))
    return tuple(found)
