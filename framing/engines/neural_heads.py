"""The numbers the encoder gives of every piece."""

from __future__ import annotations

from framing.engines import TAGS

# Columns of the output: the attribution tags; the log-odds that experts mark the word as biased; and for the score of
# the sentence, which is a weighted mean over its pieces, the logarithm of the piece's weight and its value.
TAG_COLUMNS = slice(0, len(TAGS))
WORD_COLUMN, WEIGHT_COLUMN, VALUE_COLUMN = range(len(TAGS), len(TAGS) + 3)
WIDTH = VALUE_COLUMN + 1
