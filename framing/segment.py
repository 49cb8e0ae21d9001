"""Text to sentences and tokens, every one with exact offsets.

Sentences come from sentencex behind a guard; tokens from one regular expression. Nothing here changes a
character of the text: whatever has to be hidden from the splitter is replaced one for one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

import sentencex

# sentencex panics on a capital followed by one of these and a full stop, so they are shown to it as plain spaces.
_SPACES = "\t\v\f\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
_SPACES += "\u2028\u2029\u202f\u205f\u3000"
# It keeps a quotation of several sentences whole; without the marks it splits inside, as a reader would.
_HIDDEN = str.maketrans({**dict.fromkeys(_SPACES, " "), **dict.fromkeys('"“”„«»()', " ")})
# Lone surrogates cannot be encoded for the splitter.
_SURROGATE = re.compile("[\ud800-\udfff]")
_CLOSERS = "\"'”’»)]"
_LINE = re.compile(r"[^\r\n]+")
_INITIAL = re.compile(r"(?<![^\W_])[^\W\d_]\.\Z")
# A "line" longer than this is no sentence of any article: it is cut at white space so that time and memory stay linear.
_LONGEST = 20_000

TOKEN = re.compile(
    r"""
      (?:[^\W\d_]\.){2,}                      # U.S., a.m.
    | \d+(?:[.,:/]\d+)*(?:st|nd|rd|th|s)?\b   # 1.53, 10:30, 2,000, 21st, 1990s
    | ['’]s\b                                 # the possessive stands alone, so that a name is a name
    | \w+(?:['’](?!s\b)\w+ | -\w+ | &\w+)*    # don't, so-called, AT&T
    | \.{2,} | -{2,} | `` | ''
    | [^\w\s]
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, eq=False)
class Document:
    """A segmented text.

    ``words[i]`` stands at ``text[starts[i]:ends[i]]``; sentence ``k`` is ``text[slice(*sentences[k])]`` and
    holds the tokens ``range(*sentence_tokens[k])``; ``paragraph[k]`` is the paragraph (line) it stands in.
    Every token belongs to exactly one sentence.
    """

    text: str
    sentences: list[tuple[int, int]]
    paragraph: list[int]
    words: list[str]
    starts: list[int]
    ends: list[int]
    sentence_tokens: list[tuple[int, int]] = field(default_factory=list)

    @cached_property
    def lower(self) -> list[str]:
        """The words in lower case, with straight apostrophes."""
        return [word.lower().replace("’", "'") for word in self.words]

    @cached_property
    def sentence_of(self) -> list[int]:
        """For every token, the index of its sentence."""
        return [k for k, (first, last) in enumerate(self.sentence_tokens) for _ in range(first, last)]


def segment(text: str, *, whole: bool = False) -> Document:
    """Cut a text into sentences and tokens.

    Lines are paragraphs: a headline is never joined to the sentence below it. With ``whole=True`` the text
    is taken as one sentence, whatever it holds.
    """
    sentences: list[tuple[int, int]] = []
    paragraph: list[int] = []
    if whole:
        trimmed = _trim(text, 0, len(text))
        if trimmed:
            sentences, paragraph = [trimmed], [0]
    else:
        for number, line in enumerate(_LINE.finditer(text)):
            for span in _split_line(text, line.start(), line.end()):
                sentences.append(span)
                paragraph.append(number)
    words: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    ranges: list[tuple[int, int]] = []
    for start, end in sentences:
        first = len(words)
        for match in TOKEN.finditer(text, start, end):
            words.append(match.group())
            starts.append(match.start())
            ends.append(match.end())
        ranges.append((first, len(words)))
    return Document(text, sentences, paragraph, words, starts, ends, ranges)


def _split_line(text: str, start: int, end: int) -> list[tuple[int, int]]:
    pieces: list[tuple[int, int]] = []
    while end - start > _LONGEST:
        cut = text.rfind(" ", start, start + _LONGEST)
        cut = cut + 1 if cut > start else start + _LONGEST
        pieces.append((start, cut))
        start = cut
    pieces.append((start, end))
    spans = []
    for piece in pieces:
        spans += [kept for span in _cuts(text, *piece) if (kept := _trim(text, *span))]
    return spans


def _cuts(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Sentence spans of one line; each cut is moved so that closing marks stay with the sentence they close."""
    shown = _SURROGATE.sub("?", text[start:end].translate(_HIDDEN))
    parts = sentencex.segment("en", shown)
    if sum(map(len, parts)) != len(shown):  # the splitter lost or added a character: keep the line whole
        return [(start, end)]
    spans = []
    at = begin = start
    for part in parts[:-1]:
        at += len(part)
        cut = _after_closers(text, at, begin, end)
        following = _next_letter(text, cut, end)
        # `"Stop!" he said` is one sentence: what goes on in lower case was not over. Nor is an abbreviation
        # over between two of its letters: `R-S.C.`
        if following.islower() or (text[cut : cut + 1].isalpha() and _INITIAL.search(text, max(begin, cut - 4), cut)):
            continue
        spans.append((begin, cut))
        begin = cut
    spans.append((begin, end))
    return spans


def _after_closers(text: str, cut: int, begin: int, end: int) -> int:
    """Where the sentence that the splitter ended at ``cut`` ends, closing quotation marks included."""
    last = cut
    while last > begin and (text[last - 1].isspace() or text[last - 1] in '"“”„«»()'):
        last -= 1
    while last < end and text[last] in _CLOSERS:
        last += 1
    return last


def _next_letter(text: str, at: int, end: int) -> str:
    for position in range(at, min(end, at + 12)):
        if text[position].isalnum():
            return text[position]
    return ""


def _trim(text: str, start: int, end: int) -> tuple[int, int] | None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return (start, end) if start < end else None
