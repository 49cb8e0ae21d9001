"""Loaded terms of a document (first version: lexicon only)."""

from __future__ import annotations

from collections.abc import Sequence

from framing.engines import Reading
from framing.lexicon import Match
from framing.quotations import Quotation
from framing.records import LoadedTerm
from framing.segment import Document


def loaded_terms(
    document: Document,
    reading: Reading,
    matches: Sequence[Match],
    quotations: Sequence[Quotation] = (),
    quoted: Sequence[tuple[int, int]] = (),
) -> list[LoadedTerm]:
    terms = []
    for match in matches:
        start, end = document.starts[match.first], document.ends[match.last - 1]
        voice = "source" if any(s <= start and end <= e for s, e in quoted) else "author"
        terms.append(LoadedTerm(start, end, document.text[start:end], match.entry.category, match.entry.weight, voice))
    return terms
