"""Quotations by their marks alone: where quoted words begin and end, whatever marks the outlet uses.

Marks are read one paragraph (line) at a time and classed by the characters beside them, so one stray mark can
cost at most its own paragraph. Everything is linear in the length of the text.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from framing.records import Span
from framing.segment import Document


@dataclass(frozen=True, slots=True)
class Quotation:
    """A stretch of quoted text, ``text[start:end]``, outer marks included.

    Quotations inside it belong to it. ``marks`` holds the opening and the closing mark as they are written
    (``“`` and ``”``, two backticks and two apostrophes, ``&quot;`` and ``&quot;``); ``closed`` is False and the
    second empty where the closing mark is missing. A quotation over several paragraphs, each opened again, is one.
    """

    start: int
    end: int
    closed: bool
    marks: tuple[str, str]

    @property
    def inner(self) -> tuple[int, int]:
        """The offsets of the words between the marks."""
        return self.start + len(self.marks[0]), self.end - len(self.marks[1])


_OPEN, _CLOSE, _EITHER = 1, 2, 3
_ENTITY = re.compile(r"&(?:quot|[lr][ds]quo|[lr]aquo|bdquo|apos|#34|#39|#x2[27]|#821[67]|#822[012]);", re.IGNORECASE)
_LINE = re.compile(r"[^\r\n]+")
# Feet and inches come first: their marks quote nothing. One or two digits, so that a number is not read as a height.
_MARK = re.compile(
    r"""(?P<inch>(?<=\d)['’′] ?\d{1,2}(?:''|["”″]))|(?P<mark>""" + _ENTITY.pattern + r"""|``|''|["“”„‟«»‘’‚'`])""",
    re.IGNORECASE,
)
_PLAIN = {
    "&quot;": '"', "&#34;": '"', "&#x22;": '"', "&ldquo;": "“", "&#8220;": "“", "&rdquo;": "”", "&#8221;": "”",
    "&bdquo;": "„", "&#8222;": "„", "&laquo;": "«", "&raquo;": "»", "&lsquo;": "‘", "&#8216;": "‘",
    "&rsquo;": "’", "&#8217;": "’", "&apos;": "'", "&#39;": "'", "&#x27;": "'", "''": '"', "``": "“", "‟": "“",
    "`": "‘", "‚": "‘",
}  # fmt: skip
_QUOTE_CHARACTERS = frozenset("\"“”„‟«»‘’'`")
_OPENERS = frozenset("([{-–—/>=")
_CLOSERS = frozenset(".,;:!?)]}-–—/…<")
# What an apostrophe at the start of a word stands in for: no quotation begins here.
_ELISION = re.compile(
    r"(?:\d0s?|\d\ds?|n|em|til|till|tis|twas|twere|cause|cos|cuz|round|bout|neath|nuff|tude|hood|kay|fraid)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Mark:
    start: int
    end: int
    plain: str  # one of " “ ” „ « » ‘ ’ ' or "" for feet and inches
    side: int


# Tagging, attribution, sources and loaded terms each ask for the quotations of the text in hand.
@lru_cache(maxsize=64)
def quotations(text: str) -> tuple[Quotation, ...]:
    """All quotations of a text, in order, never overlapping.

    Double marks (straight, curly, LaTeX, HTML entities), guillemets, and single marks where they are no
    apostrophes. A quotation without its closing mark ends with its paragraph, or before the next opening mark,
    unless the next paragraph opens again (each paragraph of a long quotation opens, only the last closes).
    """
    found: list[Quotation] = []
    carried: Quotation | None = None
    for line in _LINE.finditer(text):
        start, end = _stripped(text, line.start(), line.end())
        if start == end:
            continue
        marks = _marks(text, start, end)
        if carried is not None:
            if marks and marks[0].start == start and _reopens(carried, marks[0]):
                resumed = _Mark(marks[0].start, marks[0].end, marks[0].plain, _OPEN)
                marks[0] = resumed
            else:
                found.append(carried)
                carried = None
        here = _read_paragraph(text, end, marks, carried) if marks else []
        carried = None
        if here and not here[-1].closed and here[-1].end == end:
            carried = here.pop()
        found += here
    if carried is not None:
        found.append(carried)
    return tuple(found)


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _marks(text: str, start: int, end: int) -> list[_Mark]:
    marks = []
    for match in _MARK.finditer(text, start, end):
        if match.lastgroup == "inch":
            marks.append(_Mark(match.start(), match.end(), "", 0))
            continue
        token = match.group()
        plain = _PLAIN.get(token.lower(), token)
        marks.append(_Mark(match.start(), match.end(), plain, _side(text, match.start(), match.end(), start, end)))
    return marks


def _side(text: str, start: int, end: int, low: int, high: int) -> int:
    """Which way a mark faces, by its neighbours; up to three marks in a row are looked through."""
    left, steps = start - 1, 0
    while left >= low and steps < 3 and text[left] in _QUOTE_CHARACTERS:
        left, steps = left - 1, steps + 1
    right, steps = end, 0
    while right < high and steps < 3 and text[right] in _QUOTE_CHARACTERS:
        right, steps = right + 1, steps + 1
    before = text[left] if left >= low else " "
    after = text[right] if right < high else " "
    space_before, space_after = before.isspace(), after.isspace()
    if space_before and space_after:
        # `" ` at the very start opens, ` "` at the very end closes; between two spaces either is possible.
        return _OPEN if left < low and right < high else _CLOSE if right >= high and left >= low else _EITHER
    if space_before:
        if after in _CLOSERS and left >= low and not text.startswith(("...", "…", "[…", ". . ."), right):
            return _EITHER
        return _OPEN
    if space_after:
        return _CLOSE
    if before in _OPENERS and after not in _CLOSERS:
        return _OPEN
    if after in _CLOSERS and before not in _OPENERS:
        return _CLOSE
    return _EITHER


def _family(plain: str) -> str:
    return "«" if plain in "«»" else "‘" if plain in "‘’'" else '"'


def _reopens(carried: Quotation, mark: _Mark) -> bool:
    token = carried.marks[0].lower()
    return mark.plain not in ("", "”", "’") and _family(mark.plain) == _family(_PLAIN.get(token, token))


class _Paragraph:
    """The marks of one paragraph with what has to be known ahead of each, all filled from right to left."""

    def __init__(self, text: str, marks: list[_Mark]) -> None:
        self.text = text
        self.marks = marks
        count = len(marks)
        # Closing minus opening double marks from each mark on.
        self.balance = [0] * (count + 1)
        # Double marks up to each mark.
        self.doubles = [0] * (count + 1)
        self.single_open = [count] * (count + 2)
        self.single_close = [count] * (count + 2)
        self.single_firm = [count] * (count + 2)
        for index in range(count - 1, -1, -1):
            mark = marks[index]
            single = mark.plain in ("‘", "’", "'")
            self.balance[index] = self.balance[index + 1]
            for after in (self.single_open, self.single_close, self.single_firm):
                after[index] = after[index + 1]
            if single:
                if self.opens_single(mark):
                    self.single_open[index] = index
                elif self.closes_single(mark):
                    self.single_close[index] = index
                    if not self._maybe_apostrophe(mark):
                        self.single_firm[index] = index
            elif mark.plain:
                self.balance[index] += 1 if self.faces(mark) == _CLOSE else -1 if self.faces(mark) == _OPEN else 0
        for index, mark in enumerate(marks):
            self.doubles[index + 1] = self.doubles[index] + (bool(mark.plain) and mark.plain not in "‘’'")

    def faces(self, mark: _Mark) -> int:
        """Which way a double mark faces: by its shape where it has one, unless its place contradicts it."""
        if mark.plain == "“":
            return _CLOSE if mark.side == _CLOSE else _OPEN
        if mark.plain == "”":
            return _OPEN if mark.side == _OPEN else _CLOSE
        if mark.plain == "„":
            return _OPEN
        if mark.plain in ("«", "»"):
            return mark.side if mark.side != _EITHER else _OPEN if mark.plain == "«" else _CLOSE
        return mark.side

    def opens_single(self, mark: _Mark) -> bool:
        if mark.plain == "’" or mark.side != _OPEN or mark.end >= len(self.text):
            return False
        following = self.text[mark.end]
        if following.isspace():
            return False
        if mark.plain == "'" and not (following.isalnum() or following in '"“$£€….'):
            return False
        return not _ELISION.match(self.text, mark.end)

    def closes_single(self, mark: _Mark) -> bool:
        return mark.plain != "‘" and mark.side in (_CLOSE, _EITHER) and not self.text[mark.end : mark.end + 1].isalnum()

    def _maybe_apostrophe(self, mark: _Mark) -> bool:
        """James' book, workin' hard, 6' tall: a mark that may close nothing."""
        before = self.text[mark.start - 1 : mark.start]
        after = self.text[mark.end : mark.end + 2]
        return (before in "sSnz" or before.isdigit()) and len(after) == 2 and after[0] == " " and after[1].isalnum()

    def closer_of_single(self, index: int) -> int | None:
        """The mark that closes the single quotation opened at ``index``, if this is a quotation at all."""
        count = len(self.marks)
        closer = self.single_close[index + 1]
        if closer == count:
            return None
        if self.single_open[index + 1] < closer:
            # A quotation inside a quotation, in the same marks: only curly ones are safe to read so.
            outer = self.single_close[closer + 1]
            if self.marks[index].plain != "‘" or outer == count or self.single_open[closer + 1] < outer:
                return None
            closer = outer
        firm = self.single_firm[closer]
        if firm < count and self.single_open[closer + 1] > firm:
            closer = firm
        if (self.doubles[closer] - self.doubles[index + 1]) % 2:
            return None  # it would cut a double quotation in two
        return closer


def _read_paragraph(text: str, end: int, marks: list[_Mark], carried: Quotation | None) -> list[Quotation]:
    """The quotations of one paragraph; the last one may be unclosed and then reaches the paragraph's end."""
    paragraph = _Paragraph(text, marks)
    found: list[Quotation] = []
    index = 0
    while index < len(marks):
        mark = marks[index]
        resumed = carried if index == 0 else None
        if not mark.plain:
            index += 1
        elif mark.plain in "‘’'":
            quotation, index = _read_single(paragraph, index, end, resumed)
            if quotation:
                found.append(quotation)
        elif resumed or _begins(paragraph, index):
            quotation, index = _read_double(paragraph, index, end, resumed)
            found.append(quotation)
        else:
            # A closing mark with nothing open: the quotation before it closed too early, at an inch mark.
            if found and found[-1].closed and _is_inch(text, found[-1]) and mark.plain not in "«»":
                last = found[-1]
                found[-1] = Quotation(last.start, mark.end, True, (last.marks[0], text[mark.start : mark.end]))
            index += 1
    return found


def _is_inch(text: str, quotation: Quotation) -> bool:
    return quotation.marks[1] == '"' and text[quotation.end - 2].isdigit()


def _begins(paragraph: _Paragraph, index: int) -> bool:
    mark = paragraph.marks[index]
    side = paragraph.faces(mark)
    if side == _OPEN:
        return True
    if side == _CLOSE:
        return False
    before = paragraph.text[mark.start - 1 : mark.start]
    if before.isdigit():
        return False
    # Words run into the mark: believe in a quotation only if something can close it.
    return paragraph.doubles[-1] > paragraph.doubles[index + 1]


def _read_double(paragraph: _Paragraph, index: int, end: int, resumed: Quotation | None) -> tuple[Quotation, int]:
    """The quotation opened by the double mark or guillemet at ``index``, and the mark to go on from."""
    text, marks = paragraph.text, paragraph.marks
    opening = marks[index]
    start = resumed.start if resumed else opening.start
    token = resumed.marks[0] if resumed else text[opening.start : opening.end]
    guillemet = opening.plain in "«»"
    german = opening.plain == "„"
    depth = 1
    inch: int | None = None
    at = index + 1
    while at < len(marks):
        mark = marks[at]
        if not mark.plain:
            inch = at
        elif mark.plain not in "‘’'" and (mark.plain in "«»") == guillemet:
            side = paragraph.faces(mark)
            if german and mark.plain == "“" and mark.side != _OPEN:
                side = _CLOSE
            if side == _OPEN:
                # Inside, if the marks to come close both; otherwise the first was never closed.
                if paragraph.balance[at + 1] <= depth:
                    return Quotation(start, _trimmed_end(text, opening.end, mark.start), False, (token, "")), at
                depth += 1
            else:
                depth -= 1
                if depth == 0:
                    return Quotation(start, mark.end, True, (token, text[mark.start : mark.end])), at + 1
        at += 1
    if inch is not None:
        mark = marks[inch]
        return Quotation(start, mark.end, True, (token, text[mark.end - 1])), inch + 1
    return Quotation(start, end, False, (token, "")), len(marks)


def _read_single(
    paragraph: _Paragraph, index: int, end: int, resumed: Quotation | None
) -> tuple[Quotation | None, int]:
    text, marks = paragraph.text, paragraph.marks
    opening = marks[index]
    if not resumed and not paragraph.opens_single(opening):
        return None, index + 1
    start = resumed.start if resumed else opening.start
    token = resumed.marks[0] if resumed else text[opening.start : opening.end]
    closer = paragraph.closer_of_single(index)
    if closer is not None:
        mark = marks[closer]
        return Quotation(start, mark.end, True, (token, text[mark.start : mark.end])), closer + 1
    # Without its closing mark a single mark is believed only if curly and where speech begins.
    before = text[max(0, opening.start - 2) : opening.start]
    speech = not before.strip() or before[:1] in ",:" or before.endswith("\n")
    alone = paragraph.single_open[index + 1] == len(marks) and paragraph.doubles[-1] == paragraph.doubles[index]
    if resumed or (opening.plain == "‘" and speech and alone):
        return Quotation(start, end, False, (token, "")), len(marks)
    return None, index + 1


def _trimmed_end(text: str, low: int, end: int) -> int:
    while end > low and text[end - 1].isspace():
        end -= 1
    return end


_DETERMINERS = re.compile(
    "the|a|an|this|that|these|those|his|her|its|their|our|my|your|'s|so-called|alleged|supposed|self-styled|"
    "self-proclaimed|any|no|such|some|of|by|with|from|about|for|against|own|new|all|many|more"
)


@lru_cache(maxsize=1)
def _naming_words() -> frozenset[str]:
    listed = files("framing") / "resources" / "lexicons" / "naming.txt"
    lines = listed.read_text(encoding="utf-8").splitlines()
    return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))


def scare_quotes(document: Document, found: Sequence[Quotation]) -> tuple[Span, ...]:
    """Short quotations by which the writer steps back from a word: the "experts", their "reforms".

    One to three words in lower case (a capital speaks for a title or a name) after a determiner or a preposition,
    in a sentence with no verb or noun of saying or naming: those make it somebody's words. The spans are the
    words without their marks, in text order.
    """
    spans = []
    for quotation in found:
        if not quotation.closed:
            continue
        start, end = quotation.inner
        if end - start > 60:
            continue
        while end > start and document.text[end - 1] in ",.;: ":
            end -= 1
        first, last = bisect_left(document.starts, start), bisect_right(document.ends, end)
        words = [word for word in document.words[first:last] if word[0].isalnum()]
        if not 1 <= len(words) <= 3 or not document.text[start : start + 1].islower() or end <= start:
            continue
        sentence = document.sentence_of[first]
        low, high = document.sentence_tokens[sentence]
        if not any(_DETERMINERS.fullmatch(word) for word in document.lower[max(low, first - 3) : first]):
            continue
        if _naming_words().isdisjoint(document.lower[low:high]):
            spans.append(Span(start, end, document.text[start:end]))
    return tuple(spans)
