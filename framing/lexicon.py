"""Lexicon files to a matcher: phrases, inflections, globs, weights, and the contexts in which a term is neutral.

A lexicon is a tab-separated file with the header ``term category weight unless``; the format is described in
``resources/lexicons/README.md``. Matching walks a trie of words over the tokens of one sentence: its cost is
linear in the sentence, whatever the sentence holds, and no regular expression is involved.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from framing.errors import LexiconError, one_of
from framing.lexicon_format import Context, Entry, Place, check_term, fits, forms_of, key_of, parse_context
from framing.lexicon_format import parse_entry, parts_of, rows
from framing.records import CUE_CLASSES, CueClass
from framing.segment import TOKEN

LEXICONS = Path(__file__).with_name("resources") / "lexicons"
_MOST_TYPES = 100_000  # word types remembered before the cache starts anew
_GAP_WIDTH = 3  # words that a gap in a context may skip


class Match(NamedTuple):
    """An entry found over the tokens ``first`` to ``last`` (exclusive) of a sentence."""

    first: int
    last: int
    entry: Entry


class _Node:
    __slots__ = ("contexts", "entry", "globs", "rank", "words")

    def __init__(self) -> None:
        self.words: dict[str, _Node] = {}
        self.globs: dict[tuple[str, str], _Node] = {}
        self.entry: Entry | None = None
        self.rank = -1
        self.contexts: tuple[Context, ...] = ()


class Lexicon:
    """Entries in layers, the last one strongest: a user's file lies over the lexicon of the package.

    Immutable once made, and safe to share; pickling carries the entries only.
    """

    def __init__(self, *layers: Iterable[Entry]) -> None:
        self.layers: tuple[tuple[Entry, ...], ...] = tuple(map(tuple, layers))
        self._root = _Node()
        self._pieces: dict[str, tuple[str, ...]] = {}
        self._starts: dict[str, tuple[_Node, ...]] = {}
        for depth, layer in enumerate(self.layers):
            for entry in layer:
                self._add(entry, depth)

    def __reduce__(self) -> tuple[type[Lexicon], tuple[tuple[Entry, ...], ...]]:
        return Lexicon, self.layers

    @cached_property
    def entries(self) -> Mapping[str, Entry]:
        """The entries in force, silent ones included, by normal form (lower case, spaces for hyphens)."""
        return {key_of(entry.term): entry for entry in chain.from_iterable(self.layers)}

    @cached_property
    def signature(self) -> str:
        """SHA-256 of the content: the same for the same entries in the same layers."""
        lines = (repr((depth, e.term, e.category, e.weight, e.unless)) for depth, e in self._numbered())
        return hashlib.sha256("\n".join(lines).encode("utf-8", "backslashreplace")).hexdigest()

    def match(self, words: Sequence[str]) -> list[Match]:
        """The loaded terms among the tokens of one sentence, in order and without overlap.

        The longest term wins; a term whose context makes it neutral gives way to the next shorter one, and a
        silent term hides what lies inside it. Case, hyphen or space, straight or curly apostrophe make no
        difference.

        words: the tokens of **one** sentence, as :class:`framing.segment.Document` gives them.
        """
        parts: list[str] = []
        owner: list[int] = []
        pieces = self._pieces
        for number, word in enumerate(words):
            split = pieces.get(word)
            if split is None:
                split = self._remember(word)
            for part in split:
                parts.append(part)
                owner.append(number)
        found: list[Match] = []
        sentence = _Sentence(parts)
        starts = self._starts
        at, end = 0, len(parts)
        while at < end:
            nodes = starts.get(parts[at])
            if nodes is None:
                nodes = self._resolve(parts[at])
            if not nodes:
                at += 1
                continue
            for last, _, node in _candidates(parts, at, nodes):
                if node.entry is None or any(sentence.holds(context, at, last) for context in node.contexts):
                    continue
                if not node.entry.silent:
                    match = Match(owner[at], owner[last - 1] + 1, node.entry)
                    # Two terms inside one hyphenated token: the surer one stands for the token.
                    if not found or found[-1].last <= match.first:
                        found.append(match)
                    elif found[-1].first == match.first and found[-1].entry.weight < match.entry.weight:
                        found[-1] = match
                at = last
                break
            else:
                at += 1
        return found

    def _numbered(self) -> Iterator[tuple[int, Entry]]:
        return ((depth, entry) for depth, layer in enumerate(self.layers) for entry in layer)

    def _add(self, entry: Entry, depth: int) -> None:
        contexts = tuple(parse_context(written, entry.term) for written in entry.unless)
        for number, words in enumerate(forms_of(entry.term)):
            node = self._root
            globbed = False
            for word in words:
                if "*" in word:
                    globbed = True
                    prefix, _, suffix = word.partition("*")
                    node = node.globs.setdefault((prefix, suffix), _Node())
                else:
                    node = node.words.setdefault(word, _Node())
            # A later layer over an earlier one; as written over inflected, inflected over globbed.
            rank = 3 * depth + (0 if globbed else 2 if number == 0 else 1)
            if rank > node.rank:
                node.entry, node.rank, node.contexts = entry, rank, contexts

    def _remember(self, word: str) -> tuple[str, ...]:
        split = parts_of(word)
        if len(self._pieces) >= _MOST_TYPES:
            self._pieces.clear()
        if len(word) < 64:
            self._pieces[word] = split
        return split

    def _resolve(self, part: str) -> tuple[_Node, ...]:
        nodes = tuple(_next(self._root, part))
        if len(self._starts) >= _MOST_TYPES:
            self._starts.clear()
        if len(part) < 64:
            self._starts[part] = nodes
        return nodes


class Cues:
    """Reporting cues and their classes: how an outlet passes on what a source says."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.cue_class = lru_cache(maxsize=50_000)(self._cue_class)

    def __reduce__(self) -> tuple[type[Cues], tuple[Lexicon]]:
        return Cues, (self.lexicon,)

    @property
    def signature(self) -> str:
        """SHA-256 of the content."""
        return self.lexicon.signature

    def _cue_class(self, cue: str) -> CueClass:
        """The class of a cue's text: that of the longest known cue inside it, ``neutral`` where none is known.

        Among equally long ones charged goes before doubting, doubting before endorsing, endorsing before neutral
        ("said mockingly" is charged).
        """
        matches = self.lexicon.match(TOKEN.findall(cue))
        classes = [(match.last - match.first, CUE_CLASSES.index(match.entry.category)) for match in matches]  # type: ignore[arg-type]
        if not classes:
            return "neutral"
        longest = max(length for length, _ in classes)
        found = {CUE_CLASSES[number] for length, number in classes if length == longest}
        return next(name for name in ("charged", "doubting", "endorsing", "neutral") if name in found)  # type: ignore[return-value]


def read_lexicon(path: str | os.PathLike[str], base: Lexicon | None = None) -> Lexicon:
    """Read a lexicon file, laid over ``base`` where one is given (whose own entries stay as they are).

    A term of the file replaces the same term of the base; category ``none`` or weight 0 makes it neutral. Nothing
    is read by halves: a file with one mistake gives an error and no lexicon.

    Raises LexiconError naming the file, the line, the bad value, the valid ones and the remedy.
    """
    path = Path(path)
    entries: list[Entry] = []
    lines: dict[str, int] = {}
    for line, row in rows(path, ("term", "category"), ("weight", "unless")):
        where = f"{path}:{line}"
        entry = parse_entry(where, row)
        key = key_of(entry.term)
        if key in lines:
            raise LexiconError(f"{where}: term {entry.term!r} is already in line {lines[key]}; keep one of the two")
        lines[key] = line
        entries.append(entry)
    return Lexicon(*(base.layers if base else ()), entries)


def read_cues(path: str | os.PathLike[str], base: Cues | None = None) -> Cues:
    """Read a cue file (header ``term class``), laid over ``base`` where one is given.

    Raises LexiconError as :func:`read_lexicon` does.
    """
    path = Path(path)
    entries: list[Entry] = []
    lines: dict[str, int] = {}
    for line, row in rows(path, ("term", "class"), ()):
        where = f"{path}:{line}"
        check_term(where, row["term"])
        if row["class"] not in CUE_CLASSES:
            raise LexiconError(f"{where}: {one_of('cue class', row['class'], CUE_CLASSES)}")
        key = key_of(row["term"])
        if key in lines:
            raise LexiconError(f"{where}: term {row['term']!r} is already in line {lines[key]}; keep one of the two")
        lines[key] = line
        entries.append(Entry(row["term"], row["class"], 1.0))
    return Cues(Lexicon(*(base.lexicon.layers if base else ()), entries))


@lru_cache(maxsize=1)
def default_lexicon() -> Lexicon:
    """The lexicon of loaded terms that comes with the package."""
    return read_lexicon(LEXICONS / "loaded.tsv")


@lru_cache(maxsize=1)
def default_cues() -> Cues:
    """The reporting cues that come with the package."""
    return read_cues(LEXICONS / "cues.tsv")


def cue_class(cue: str) -> CueClass:
    """How a cue passes on what its source says, by the cues of the package (see :class:`Cues`).

    >>> cue_class("lashed out at")
    'charged'
    """
    return default_cues().cue_class(cue)


def _next(node: _Node, part: str) -> Iterator[_Node]:
    following = node.words.get(part)
    if following is not None:
        yield following
    for glob, following in node.globs.items():
        if fits(glob, part):
            yield following


def _candidates(parts: Sequence[str], at: int, nodes: Iterable[_Node]) -> list[tuple[int, int, _Node]]:
    """The terms that begin at a place, the longest first, then the strongest layer."""
    found = []
    last = at + 1
    frontier = list(nodes)
    while frontier:
        found += [(last, node.rank, node) for node in frontier if node.entry is not None]
        if last == len(parts):
            break
        frontier = [following for node in frontier for following in _next(node, parts[last])]
        last += 1
    if len(found) > 1:
        found.sort(key=lambda candidate: candidate[:2], reverse=True)
    return found


class _Sentence:
    """The words of one sentence, and which of the words asked for anywhere in it are there.

    Each such question is answered once, so that a sentence of a million guarded terms still costs linear time.
    """

    __slots__ = ("_answers", "_types", "parts")

    def __init__(self, parts: Sequence[str]) -> None:
        self.parts = parts
        self._types: frozenset[str] | None = None
        self._answers: dict[Place, bool] = {}

    def holds(self, context: Context, first: int, last: int) -> bool:
        if context.anywhere is None:
            return _runs(context.before, self.parts, first - 1, -1) and _runs(context.after, self.parts, last, 1)
        answer = self._answers.get(context.anywhere)
        if answer is None:
            if self._types is None:
                self._types = frozenset(self.parts)
            place = context.anywhere
            answer = not place.words.isdisjoint(self._types)
            if place.globs and not answer:
                answer = any(fits(glob, word) for word in self._types for glob in place.globs)
            self._answers[place] = answer
        return answer


def _runs(places: tuple[Place | None, ...], parts: Sequence[str], at: int, step: int) -> bool:
    """Whether the words stand there one after the other; at most one gap, so the cost has a small bound."""
    for number, place in enumerate(places):
        if place is None:
            rest = places[number + 1 :]
            return any(_runs(rest, parts, at + step * skip, step) for skip in range(_GAP_WIDTH + 1))
        if not 0 <= at < len(parts) or not place.fits(parts[at]):
            return False
        at += step
    return True


