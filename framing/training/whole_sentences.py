"""Many texts read at once: what the scoring functions say of each, without a pass of the engine for every one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from framing import attribution
from framing.engines import Reading, get_engine
from framing.lexicon import Match, default_lexicon
from framing.quotations import quotations
from framing.records import Attribution, Mention, Voice
from framing.segment import Document, segment

_BATCH = 256


@dataclass(frozen=True, eq=False)
class Read:
    """A text and what an engine says of it.

    ``probability`` in [0, 1] is that of :func:`framing.score_loaded_language`; ``voice`` is in whose words the
    first sentence stands.
    """

    document: Document
    reading: Reading

    @property
    def probability(self) -> float:
        """P(the wording is biased) of the first sentence, 0 where there is none."""
        return float(self.reading.bias[0]) if self.document.sentences else 0.0

    @cached_property
    def attributions(self) -> tuple[Attribution, ...]:
        """Who says what in the text."""
        return attribution.attributions(self.document, self.reading.tags, quotations(self.document.text))

    @property
    def voice(self) -> Voice:
        """The voice of the first sentence."""
        return attribution.voices(self.document, self.attributions)[0][0] if self.document.sentences else "author"


def read_texts(
    texts: Sequence[str],
    mentions: Sequence[Sequence[Mention]] | None = None,
    *,
    engine: str,
    whole: bool = True,
    batch: int = _BATCH,
) -> list[Read]:
    """Every text as the engine reads it, each taken as one sentence unless ``whole`` is false.

    ``mentions[i]`` are the places of text i whose stance is wanted; ``batch`` texts are read together.
    """
    read: list[Read] = []
    wanted = mentions if mentions is not None else [()] * len(texts)
    for first in range(0, len(texts), batch):
        documents = [segment(text, whole=whole) for text in texts[first : first + batch]]
        matches = [[match for match in find_matches(d) if not match.entry.silent] for d in documents]
        readings = get_engine(engine).read(documents, wanted[first : first + batch], matches)
        read += [Read(document, reading) for document, reading in zip(documents, readings, strict=True)]
    return read


def find_matches(document: Document) -> list[Match]:
    """What the package's lexicon finds in each sentence, as token indices of the document; silent terms included."""
    return [
        Match(first + match.first, first + match.last, match.entry)
        for first, last in document.sentence_tokens
        for match in default_lexicon().match(document.lower[first:last], silent=True)
    ]
