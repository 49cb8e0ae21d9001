"""Lexicon files to a matcher: phrases, inflections, globs, weights, and the contexts in which a term is neutral.

A lexicon is a tab-separated file with the header ``term category weight unless``; the format is described in
``resources/lexicons/README.md``. Matching walks a trie of words over the tokens of one sentence: its cost is
linear in the sentence, whatever the sentence holds, and no regular expression is involved.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from functools import cached_property, lru_cache
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from framing.errors import LexiconError, one_of
from framing.lexicon.format import (
    Context,
    Entry,
    Place,
    check_term,
    fits,
    forms_of,
    key_of,
    parse_context,
    parse_entry,
    parts_of,
    rows,
)
from framing.records import CUE_CLASSES, CueClass
from framing.segment import TOKEN

LEXICONS = Path(__file__).parent.parent / "resources" / "lexicons"
_MOST_TYPES = 100_000  # word types remembered before the cache starts anew
_LONG = 64  # longer words are not worth remembering
_STRONGEST_FIRST: tuple[CueClass, ...] = ("charged", "doubting", "endorsing", "neutral")
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


class _Start(NamedTuple):
    """What a word may begin: the nodes, and the words one of which must follow (None: it may stand alone)."""

    nodes: tuple[_Node, ...]
    follow: Set[str] | None


class Lexicon:
    """Entries in layers, the last one strongest: a user's file lies over the lexicon of the package.

    Immutable once made, and safe to share; pickling carries the entries only.
    """

    def __init__(self, *layers: Iterable[Entry]) -> None:
        self.layers: tuple[tuple[Entry, ...], ...] = tuple(map(tuple, layers))
        self._root = _Node()
        self._pieces: dict[str, tuple[str, ...]] = {}
        self._starts: dict[str, _Start] = {}
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

    def match(self, words: Sequence[str], *, silent: bool = False) -> list[Match]:
        """The loaded terms among the tokens of one sentence, in order and without overlap.

        The longest term wins; a term whose context makes it neutral gives way to the next shorter one, and a
        silent term hides what lies inside it. Case, hyphen or space, straight or curly apostrophe make no
        difference.

        words: the tokens of **one** sentence, as :class:`framing.segment.Document` gives them. silent: give the
        matches of silent terms too, for whoever must not find the words by other means.
        """
        pieces = self._pieces
        split = [pieces.get(word) or self._remember(word) for word in words]
        parts = [part for several in split for part in several if part]
        starts = self._starts
        found: list[Match] = []
        sentence: _Sentence | None = None
        owner: list[int] = []
        resume = 0
        for at, part in enumerate(parts):
            if at < resume:
                continue
            start = starts.get(part) or self._resolve(part)
            # Most words that begin a phrase ("in", "the") do not go on to one: the next word tells.
            if start.follow is not None and (at + 1 == len(parts) or parts[at + 1] not in start.follow):
                continue
            if sentence is None:
                sentence = _Sentence(parts)
                owner = [number for number, several in enumerate(split) for part in several if part]
            for last, _, node in _candidates(parts, at, start.nodes):
                if node.entry is None or any(sentence.holds(context, at, last) for context in node.contexts):
                    continue
                if silent or not node.entry.silent:
                    _append(found, Match(owner[at], owner[last - 1] + 1, node.entry))
                resume = last
                break
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
        # An empty part stands for "no word here" ('s), so that what is remembered is never false.
        split = parts_of(word) or ("",)
        if len(self._pieces) >= _MOST_TYPES:
            self._pieces.clear()
        if len(word) < _LONG:
            self._pieces[word] = split
        return split

    def _resolve(self, part: str) -> _Start:
        nodes = tuple(_next(self._root, part))
        follow: Set[str] | None = None
        if all(node.entry is None and not node.globs for node in nodes):
            follow = frozenset(chain.from_iterable(node.words for node in nodes))
        start = _Start(nodes, follow)
        if len(self._starts) >= _MOST_TYPES:
            self._starts.clear()
        if len(part) < _LONG:
            self._starts[part] = start
        return start


class Cues:
    """Reporting cues and their classes: how an outlet passes on what a source says."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self._known: dict[str, CueClass] = {}

    def __reduce__(self) -> tuple[type[Cues], tuple[Lexicon]]:
        return Cues, (self.lexicon,)

    @property
    def signature(self) -> str:
        """SHA-256 of the content."""
        return self.lexicon.signature

    def cue_class(self, cue: str) -> CueClass:
        """The class of a cue's text: that of the longest known cue inside it, ``neutral`` where none is known.

        Among equally long ones charged goes before doubting, doubting before endorsing, endorsing before neutral
        ("said mockingly" is charged).
        """
        if cue not in self._known:
            if len(self._known) >= _MOST_TYPES:
                self._known.clear()
            matches = self.lexicon.match(TOKEN.findall(cue))
            longest = max((match.last - match.first for match in matches), default=0)
            classes = {match.entry.category for match in matches if match.last - match.first == longest}
            self._known[cue] = next((name for name in _STRONGEST_FIRST if name in classes), "neutral")
        return self._known[cue]


def read_lexicon(path: str | os.PathLike[str], base: Lexicon | None = None) -> Lexicon:
    """Read a lexicon file, laid over ``base`` where one is given (which itself stays as it is).

    A term of the file replaces the same term of the base; category ``none`` or weight 0 makes it neutral. Nothing
    is read by halves: a file with one mistake gives an error and no lexicon.

    Raises LexiconError naming the file, the line, the bad value, the valid ones and the remedy.
    """
    entries = _read(Path(path), ("term", "category"), ("weight", "unless"), parse_entry)
    return Lexicon(*(base.layers if base else ()), entries)


def read_cues(path: str | os.PathLike[str], base: Cues | None = None) -> Cues:
    """Read a cue file (header ``term class``), laid over ``base`` where one is given.

    Raises LexiconError as :func:`read_lexicon` does.
    """
    entries = _read(Path(path), ("term", "class"), (), _parse_cue)
    return Cues(Lexicon(*(base.lexicon.layers if base else ()), entries))


def _parse_cue(where: str, row: Mapping[str, str]) -> Entry:
    check_term(where, row["term"])
    if row["class"] not in CUE_CLASSES:
        raise LexiconError(f"{where}: {one_of('cue class', row['class'], CUE_CLASSES)}")
    return Entry(row["term"], row["class"], 1.0)


def _read(
    path: Path, required: Sequence[str], optional: Sequence[str], parse: Callable[[str, Mapping[str, str]], Entry]
) -> list[Entry]:
    entries: list[Entry] = []
    lines: dict[str, int] = {}
    for line, row in rows(path, required, optional):
        entry = parse(f"{path}:{line}", row)
        first = lines.setdefault(key_of(entry.term), line)
        if first != line:
            raise LexiconError(f"{path}:{line}: term {entry.term!r} is already in line {first}; keep one of the two")
        entries.append(entry)
    return entries


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


def _append(found: list[Match], match: Match) -> None:
    """Of two terms inside one hyphenated token the surer one stands for the token."""
    if not found or found[-1].last <= match.first:
        found.append(match)
    elif found[-1].first == match.first and found[-1].entry.weight < match.entry.weight:
        found[-1] = match


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
