"""Attribution: tagged spans joined to who says what, and whose voice every sentence and word is in.

Attributions are those of PARC and PolNeAR (Pareti 2016; Newell et al. 2018): a source span, a cue span, and the
content spans that the cue introduces. The tagger finds the spans; here they are joined.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from framing.engines import TAGS
from framing.entities.sources import resolve_sources
from framing.lexicon import cue_class
from framing.quotations import Quotation
from framing.records import Attribution, Kind, Span, Voice
from framing.reported import complete_reports
from framing.segment import Document

# Share of a sentence's own-or-attributed words that lie in content: from the first on its voice is mixed, from the
# second on it is the source's. Words of source and cue spans count for neither side: `"...," she said` is the source's.
MIXED, SOURCE = 0.2, 0.8
# Beyond this cost, about a distance in tokens, nothing is joined.
_FARTHEST = 60.0
# At most so many marks stand between the last word of a quotation and its end: `?!”`.
_TAIL = 3
# A quotation may go on from one at most so many sentences before.
_ADJACENT = 2
_ROLE = [tag[2:] for tag in TAGS]
_SOURCE_BEGINS, _CONTENT_BEGINS = TAGS.index("B-source"), TAGS.index("B-content")
# Number of a cue tag, halved: (tag + 1) // 2.
_CUE = 2
# Unquoted words from which on something may have been said though nobody is named who said it: "backed" in "rebel
# backed groups" is no cue.
_STATEMENT = 2
# Words from which on a quotation is somebody's speech, not a title or a single word.
_SPOKEN = 5
_ARTICLES = frozenset(["a", "an", "the"])
_BEGINS = [tag.startswith("B-") for tag in TAGS]


class _Tagged(NamedTuple):
    """A tagged span in tokens; ``sentence`` holds its first token, ``closing`` its last."""

    first: int
    last: int
    sentence: int
    closing: int


def attributions(document: Document, tags: np.ndarray, quotes: Sequence[Quotation]) -> tuple[Attribution, ...]:
    """Join tagged spans into attributions, in text order of their first span.

    Parameters
    ----------
    document
        The segmented text; all offsets are into ``document.text``.
    tags
        (tokens,) indices into :data:`framing.engines.TAGS`.
    quotes
        The quotations of the text, from :func:`framing.quotations.quotations`.

    A cue with neither source nor content is dropped, and so is content that is not quoted and has no cue, or has no
    source and only one word.
    ``kind`` is ``direct`` where all content words stand in quotation marks, ``indirect`` where none does,
    ``mixed`` otherwise.
    """
    marked = _quotation_of(document, quotes)
    found = _spans(document, _completed(document, tags, marked))
    cues, sources = found["cue"], found["source"]
    contents = [_with_marks(document, content, marked) for content in found["content"]]
    source_of = _sources_of_cues(cues, sources, contents)
    quoted = np.array([quotation is not None for quotation in marked], bool)
    cue_of = _cues_of_contents(
        cues, contents, quoted[[content.first for content in contents]].tolist(), document.paragraph
    )
    joined: list[tuple[_Tagged | None, _Tagged | None, list[_Tagged]]] = [
        (sources[source_of[k]] if source_of[k] is not None else None, cue, [])  # type: ignore[index]
        for k, cue in enumerate(cues)
    ]
    for content, owner in zip(contents, cue_of, strict=True):
        if owner is not None:
            joined[owner][2].append(content)
        elif quoted[content.first]:
            joined.append((None, None, [content]))
    joined = [
        one
        for one in joined
        if one[0] or any(quoted[part.first] or part.last - part.first >= _STATEMENT for part in one[2])
    ]
    used = {k for k in source_of if k is not None}
    joined += [(source, None, []) for k, source in enumerate(sources) if k not in used]
    speakers = sorted({source for source, _, _ in joined if source})
    spans = [(document.starts[source.first], document.ends[source.last - 1]) for source in speakers]
    names: dict[_Tagged | None, str | None] = dict(zip(speakers, resolve_sources(document, spans, quotes), strict=True))
    records = [_record(document, source, cue, parts, quoted, names.get(source)) for source, cue, parts in joined]
    return tuple(sorted(records, key=_position))


def _position(one: Attribution) -> tuple[int, int]:
    spans = [span for span in (one.source, one.cue, *one.content) if span]
    return min(span.start for span in spans), max(span.end for span in spans)


def _completed(
    document: Document,
    tags: np.ndarray,
    marked: Sequence[tuple[int, int] | None],
) -> np.ndarray:
    """The tags with names and quotations made whole.

    A source that breaks off inside a name takes the rest of it. A bare article is no content. Content that begins
    inside a quotation and reaches its end begins where the quotation does. A quotation of five words or more with
    no tag at all is content where its sentence has a cue; right before the cue two words are enough.
    """
    tags = tags.copy()
    words, sentence_of = document.words, document.sentence_of
    for k in np.flatnonzero((tags == _SOURCE_BEGINS) | (tags == _SOURCE_BEGINS + 1)).tolist():
        follow = k + 1
        while words[follow - 1][0].isupper() and follow < len(words) and not tags[follow]:
            if not words[follow][0].isupper() or sentence_of[follow] != sentence_of[k]:
                break
            tags[follow] = _SOURCE_BEGINS + 1
            follow += 1
    for k in np.flatnonzero(tags == _CONTENT_BEGINS).tolist():
        if document.lower[k] in _ARTICLES and (k + 1 == len(tags) or tags[k + 1] != _CONTENT_BEGINS + 1):
            tags[k] = 0
        quotation = marked[k]
        if quotation is None or not 1 < k - quotation[0] < _FARTHEST or tags[quotation[0] : k].any():
            continue
        last = quotation[1] - 1
        while last > k and not words[last][0].isalnum():
            last -= 1
        same = document.paragraph[sentence_of[quotation[0]]] == document.paragraph[sentence_of[k]]
        if same and (tags[k + 1 : last + 1] == _CONTENT_BEGINS + 1).all():
            tags[quotation[0] + 1 : k + 1] = _CONTENT_BEGINS + 1
            tags[quotation[0] + 1] = _CONTENT_BEGINS
    for quotation in sorted({pair for pair in marked if pair}):
        _take_quotation(document, tags, *quotation)
    complete_reports(document, tags)
    return tags


def _take_quotation(document: Document, tags: np.ndarray, first: int, end: int) -> None:
    beside_cue = end < len(tags) and (tags[end] + 1) // 2 == _CUE
    least = 2 if beside_cue else _SPOKEN
    if tags[first:end].any() or sum(word[0].isalnum() for word in document.words[first:end]) < least:
        return
    sentence, closing = document.sentence_of[first], document.sentence_of[end - 1]
    low, high = document.sentence_tokens[sentence][0], document.sentence_tokens[closing][1]
    if not ((tags[low:high] + 1) // 2 == _CUE).any():
        return
    line = -1
    for number in range(sentence, closing + 1):
        a, b = document.sentence_tokens[number]
        a, b = max(a, first), min(b, end)
        tags[a:b] = _CONTENT_BEGINS + 1
        if a < b and document.paragraph[number] != line:
            tags[a] = _CONTENT_BEGINS
            line = document.paragraph[number]


def _spans(document: Document, tags: np.ndarray) -> dict[str, list[_Tagged]]:
    found: dict[str, list[_Tagged]] = {"source": [], "cue": [], "content": []}
    sentence_of = document.sentence_of
    current, first = "", 0
    marked = np.flatnonzero(tags).tolist()
    values = tags.tolist()
    previous = -2
    for token in marked:
        tag = values[token]
        role = _ROLE[tag]
        if current and (token != previous + 1 or role != current or _BEGINS[tag]):
            found[current].append(_Tagged(first, previous + 1, sentence_of[first], sentence_of[previous]))
            current = ""
        if not current:
            current, first = role, token
        previous = token
    if current:
        found[current].append(_Tagged(first, previous + 1, sentence_of[first], sentence_of[previous]))
    return found


def _sources_of_cues(
    cues: Sequence[_Tagged], sources: Sequence[_Tagged], contents: Sequence[_Tagged]
) -> list[int | None]:
    """For each cue the nearest source of its sentence: another cue, or content, in between speaks against it."""
    chosen: list[int | None] = []
    for k, cue in enumerate(cues):
        best, least = None, 40.0
        at = bisect_left(sources, cue.first, key=lambda s: s.first)
        for index in range(max(0, at - 3), min(len(sources), at + 3)):
            source = sources[index]
            apart = max(0, cue.sentence - source.closing, source.sentence - cue.closing)
            cost = float(_between(cue, source))
            if apart and cost > 2:
                continue
            low, high = min(cue.first, source.first), max(cue.first, source.first)
            cost += 12 * _count_within(cues, low, high, k)
            cost += 6 * _count_within(contents, low, high, -1)
            cost += 3 * (source.first > cue.first)
            if cost < least:
                best, least = index, cost
        chosen.append(best)
    return chosen


def _count_within(spans: Sequence[_Tagged], low: int, high: int, besides: int) -> int:
    a = bisect_left(spans, low + 1, key=lambda s: s.first)
    b = bisect_left(spans, high, key=lambda s: s.first)
    return max(0, b - a) - (a <= besides < b)


def _between(one: _Tagged, other: _Tagged) -> int:
    return other.first - one.last if other.first >= one.last else max(0, one.first - other.last)


def _cues_of_contents(
    cues: Sequence[_Tagged], contents: Sequence[_Tagged], quoted: Sequence[bool], lines: Sequence[int]
) -> list[int | None]:
    """For each content span the cue that introduces or follows it.

    A span with no cue in its own sentences goes on from the span before: a quotation from the last quotation.
    ``quoted`` says which spans begin in quotation marks, ``lines`` in which line a sentence stands.
    """
    starts = [cue.first for cue in cues]
    chosen: list[int | None] = []
    last_quoted: int | None = None
    for k, content in enumerate(contents):
        before = contents[k - 1] if k else None
        after = contents[k + 1] if k + 1 < len(contents) else None
        right = bisect_left(starts, content.first)
        best, least = None, _FARTHEST
        if right > 0 and (cost := _introducing(cues[right - 1], content, before)) < least:
            best, least = right - 1, cost
        # `"... missing." Smith said.`: what little follows a quotation belongs to it, sentence or not.
        close = quoted[k] and right < len(cues) and lines[cues[right].sentence] == lines[content.closing]
        if right < len(cues) and _following(cues[right], content, after, close=close) < least:
            best = right
        alone = best is None or cues[best].closing < content.sentence or cues[best].sentence > content.closing
        if alone and before is not None and content.sentence - before.closing <= _ADJACENT:
            goes_on = quoted[k] and last_quoted is not None
            passed = best == right - 1 and quoted[k - 1] and best >= 0 and cues[best].first > before.first
            if best is None or (goes_on and passed):
                best = last_quoted if goes_on else chosen[-1]
        chosen.append(best)
        if quoted[k]:
            last_quoted = best
    return chosen


def _introducing(cue: _Tagged, content: _Tagged, before: _Tagged | None) -> float:
    """How far a cue is from the content after it; by way of the content between them, where there is some."""
    cost = _between(cue, content) + 10.0 * (content.sentence - cue.closing)
    if before is not None and before.first > cue.first:
        cost = min(cost, _between(before, content) + 5.0 * (content.sentence - before.closing)) + 8
    return cost


def _following(cue: _Tagged, content: _Tagged, after: _Tagged | None, *, close: bool) -> float:
    """How far a cue is from the content before it; ``close`` lets it stand in a sentence of its own."""
    cost = 2.0 + _between(cue, content)
    introduces = after is not None and after.first <= cue.last + 2
    if cost > 7 or introduces or not close:
        cost += 25 * (cue.sentence - content.closing)
    if after is not None and after.first < cue.first:
        cost += 8
    return cost


def _record(
    document: Document,
    source: _Tagged | None,
    cue: _Tagged | None,
    contents: Sequence[_Tagged],
    quoted: np.ndarray,
    name: str | None,
) -> Attribution:
    cue_span = _span(document, cue) if cue else None
    source_span = _span(document, source) if source else None
    return Attribution(
        source=source_span,
        cue=cue_span,
        content=tuple(_span(document, content) for content in contents),
        kind=_kind(document, contents, quoted),
        cue_class=cue_class(cue_span.text) if cue_span else "neutral",
        source_name=name,
    )


def _span(document: Document, tagged: _Tagged) -> Span:
    start, end = document.starts[tagged.first], document.ends[tagged.last - 1]
    return Span(start, end, document.text[start:end])


def _kind(document: Document, contents: Sequence[_Tagged], quoted: np.ndarray) -> Kind:
    words = [k for c in contents for k in range(c.first, c.last) if document.words[k][0].isalnum()]
    inside = sum(bool(quoted[k]) for k in words)
    return "indirect" if not inside else "direct" if inside == len(words) else "mixed"


def _quotation_of(document: Document, quotes: Sequence[Quotation]) -> list[tuple[int, int] | None]:
    """For every token the quotation it stands in, as (first, end) in tokens, marks included."""
    inside: list[tuple[int, int] | None] = [None] * len(document.words)
    for quotation in quotes:
        first, end = bisect_left(document.starts, quotation.start), bisect_left(document.starts, quotation.end)
        inside[first:end] = [(first, end)] * (end - first)
    return inside


def _with_marks(document: Document, content: _Tagged, marked: Sequence[tuple[int, int] | None]) -> _Tagged:
    """The content span with the quotation marks that stand right around its words."""
    first, last = content.first, content.last
    opened, closed = marked[first], marked[last - 1]
    if opened and opened[0] == first - 1:
        first -= 1
    tail = range(last, closed[1] if closed else last)
    if closed and len(tail) <= _TAIL and not any(document.words[k][0].isalnum() for k in tail):
        last = closed[1]
    return content._replace(first=first, last=last)


def voices(document: Document, given: Sequence[Attribution]) -> list[tuple[Voice, str | None]]:
    """The voice of every sentence, and the name of the source that says most of it.

    ``author``, ``source`` or ``mixed`` by the share of the words in content spans, among those in neither source
    nor cue spans: below ``MIXED`` author, from ``SOURCE`` on source.
    """
    role = np.zeros(len(document.words), np.int8)
    owner = np.full(len(document.words), -1, np.int64)
    for number, one in enumerate(given):
        for span in one.content:
            tokens = _tokens(document, span)
            role[tokens] = 2
            owner[tokens] = number
    for one in given:
        for part in (one.source, one.cue):
            if part and one.content:
                tokens = _tokens(document, part)
                role[tokens] = np.where(role[tokens] == 2, 2, 1)
    role[[not word[0].isalnum() for word in document.words]] = 1
    names: list[tuple[Voice, str | None]] = []
    for first, last in document.sentence_tokens:
        here = role[first:last]
        said, own = int((here == 2).sum()), int((here == 0).sum())
        share = said / (said + own) if said else 0.0
        if share < MIXED:
            names.append(("author", None))
            continue
        numbers = owner[first:last][here == 2]
        most = int(np.bincount(numbers).argmax())
        names.append(("source" if share >= SOURCE else "mixed", given[most].source_name))
    return names


def said_tokens(document: Document, given: Sequence[Attribution]) -> np.ndarray:
    """(tokens,) True where a token lies in somebody's content: not the author's words."""
    said = np.zeros(len(document.words), bool)
    for one in given:
        for span in one.content:
            said[_tokens(document, span)] = True
    return said


def _tokens(document: Document, span: Span) -> slice:
    return slice(bisect_left(document.starts, span.start), bisect_left(document.starts, span.end))
