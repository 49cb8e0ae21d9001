"""The numbers the encoder gives of every piece, and which head each belongs to."""

from __future__ import annotations

from framing.engines import TAGS
from framing.records import FRAMES

# Columns of the output: the attribution tags, the word's log-odds of being marked as biased, and for each sentence
# head the columns of its attention and of its values. One attention serves all values, or each has its own.
TAG_COLUMNS = (0, len(TAGS))
WORD_COLUMN = len(TAGS)
_BIAS = WORD_COLUMN + 1
_FRAMES = _BIAS + 2
HEADS: dict[str, tuple[tuple[int, int], tuple[int, int]]] = {
    "bias": ((_BIAS, _BIAS + 1), (_BIAS + 1, _BIAS + 2)),
    "frames": ((_FRAMES, _FRAMES + len(FRAMES)), (_FRAMES + len(FRAMES), _FRAMES + 2 * len(FRAMES))),
}
WIDTH = _FRAMES + 2 * len(FRAMES)
