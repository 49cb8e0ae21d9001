"""Lexicon files to a matcher: phrases, inflections, globs, weights, and the contexts in which a term is neutral.

A lexicon is a tab-separated file with the header ``term category weight unless``; the format is described in
``resources/lexicons/README.md``. Matching walks a trie of words over the tokens of one sentence: its cost is
linear in the sentence, whatever the sentence holds, and no regular expression is involved.
"""

from __future__ import annotations

import hashlib
import math
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from framing.errors import LexiconError, one_of
from framing.records import CATEGORIES, CUE_CLASSES, CueClass
from framing.segment import TOKEN

LEXICONS = Path(__file__).with_name("resources") / "lexicons"
SILENT = "none"  # the category that makes a term neutral
_MOST_BYTES = 20_000_000
_MOST_WORDS = 8  # in a term or a context
_MOST_TYPES = 100_000  # word types remembered before the cache starts anew
_GAP = "..."  # in a context: up to three words
_GAP_WIDTH = 3
_NO_WORDS = re.compile(r"[\W\d_]*")
# Not inflected inside a phrase: these have no other forms a reader would recognise.
_FIXED = frozenset(
    "a about after against all an and any as at away back be but by down ever few for from how i if in into is it its "
    "many more most much my never no not of off on once one only or other others our out over own self so some such "
    "than that the their them there they this those through to too under up upon us we what when which who whom "
    "whose why with without yet you".split()
)
_IRREGULAR = {
    forms[0]: frozenset(forms[1:])
    for forms in map(
        str.split,
        """be is are was were been being|bear bears bore borne bearing|beat beats beating beaten|become becomes became
        becoming|begin begins began begun beginning|bend bends bent bending|bite bites bit biting bitten|bleed bleeds
        bled bleeding|blow blows blew blown blowing|break breaks broke broken breaking|bring brings brought bringing|
        buy buys bought buying|cast casts casting|catch catches caught catching|choke chokes choked choking|come comes
        came coming|crisis crises|cut cuts cutting|deal deals dealt dealing|dig digs dug digging|do does did done doing|
        draw draws drew drawn drawing|drive drives drove driven driving|eat eats ate eaten eating|fall falls fell fallen
        falling|feed feeds fed feeding|feel feels felt feeling|fight fights fought fighting|find finds found finding|
        flee flees fled fleeing|fling flings flung flinging|fly flies flew flown flying|forget forgets forgot forgotten
        forgetting|get gets got gotten getting|give gives gave given giving|go goes went gone going|grow grows grew
        grown growing|have has had having|hide hides hid hidden hiding|hit hits hitting|hold holds held holding|hurt
        hurts hurting|hypocrisy hypocrisies|keep keeps kept keeping|know knows knew known knowing|lay lays laid laying|
        lead leads led leading|leave leaves left leaving|lie lies lied lying|life lives|lose loses lost losing|make
        makes made making|mislead misleads misled misleading|panic panics panicked panicking|pay pays paid paying|
        put puts putting|read reads reading|ride rides rode ridden riding|ring rings rang rung ringing|rise rises rose
        risen rising|run runs ran running|say says said saying|see sees saw seen seeing|seek seeks sought seeking|sell
        sells sold selling|send sends sent sending|set sets setting|shed sheds shedding|shoot shoots shot shooting|
        shove shoves shoved shoving|sing sings sang sung singing|sink sinks sank sunk sinking|sit sits sat sitting|sling
        slings slung slinging|speak speaks spoke spoken speaking|spew spews spewed spewing|spin spins spun spinning|spit
        spits spat spitting|stand stands stood standing|steal steals stole stolen stealing|stick sticks stuck sticking|
        sting stings stung stinging|stink stinks stank stunk stinking|strike strikes struck striking|sweep sweeps swept
        sweeping|swing swings swung swinging|take takes took taken taking|teach teaches taught teaching|tear tears tore
        torn tearing|tell tells told telling|think thinks thought thinking|throw throws threw thrown throwing|thief
        thieves|tread treads trod trodden treading|understand understands understood understanding|wage wages waged
        waging|wear wears wore worn wearing|weep weeps wept weeping|win wins won winning|write writes wrote written
        writing|shameful shamefully|henchman henchmen|strongman strongmen|conman conmen|madman madmen|boogeyman boogeymen
        |bogeyman bogeymen|hatchetman hatchetmen|frontman frontmen|elite elites|good better best|bad badly worse worst
        """.replace("\n", " ").split("|"),
    )
}
_ADJECTIVE = re.compile(r"(?:ous|ful|less|ive|ic|al|able|ible|ish|ing|ed|ent|ant|ary|some|ile)$")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a lexicon.

    ``weight`` in (0, 1]: how surely the term is loaded when met in news prose (0 for a silent entry);
    ``unless``: the contexts, as written in the file, in which it is neutral.
    """

    term: str
    category: str
    weight: float
    unless: tuple[str, ...] = ()

    @property
    def silent(self) -> bool:
        """Whether the entry makes its term neutral instead of loaded."""
        return self.category == SILENT or self.weight == 0


class Match(NamedTuple):
    """An entry found over the tokens ``first`` to ``last`` (exclusive) of a sentence."""

    first: int
    last: int
    entry: Entry


class _Word(NamedTuple):
    """One place of a context: the words that may stand there."""

    words: frozenset[str]
    globs: tuple[tuple[str, str], ...]

    def fits(self, word: str) -> bool:
        return word in self.words or any(_fits(glob, word) for glob in self.globs)


class _Context(NamedTuple):
    """A context in which a term is neutral. ``None`` among the words is a gap; ``before`` runs leftwards."""

    before: tuple[_Word | None, ...]
    after: tuple[_Word | None, ...]
    anywhere: _Word | None


class _Node:
    __slots__ = ("contexts", "entry", "globs", "rank", "words")

    def __init__(self) -> None:
        self.words: dict[str, _Node] = {}
        self.globs: dict[tuple[str, str], _Node] = {}
        self.entry: Entry | None = None
        self.rank = -1
        self.contexts: tuple[_Context, ...] = ()


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
        return {_key(entry.term): entry for entry in chain.from_iterable(self.layers)}

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
        present: set[str] = set()
        starts = self._starts
        at, end = 0, len(parts)
        while at < end:
            nodes = starts.get(parts[at])
            if nodes is None:
                nodes = self._resolve(parts[at])
            if not nodes:
                at += 1
                continue
            candidates = _candidates(parts, at, nodes)
            if not present and any(node.contexts for _, _, node in candidates):
                present.update(parts)
            for last, _, node in candidates:
                if node.contexts and any(_holds(context, parts, at, last, present) for context in node.contexts):
                    continue
                entry = node.entry
                if entry is not None and not entry.silent:
                    match = Match(owner[at], owner[last - 1] + 1, entry)
                    # Two terms inside one hyphenated token: the surer one stands for the token.
                    if not found or found[-1].last <= match.first:
                        found.append(match)
                    elif found[-1].entry.weight < entry.weight and found[-1].first == match.first:
                        found[-1] = match
                at = last
                break
            else:
                at += 1
        return found

    def _numbered(self) -> Iterator[tuple[int, Entry]]:
        return ((depth, entry) for depth, layer in enumerate(self.layers) for entry in layer)

    def _add(self, entry: Entry, depth: int) -> None:
        contexts = tuple(_context(written, entry.term) for written in entry.unless)
        for number, words in enumerate(_forms(entry.term)):
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
        split = _parts(word)
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
    for line, row in _rows(path, ("term", "category"), ("weight", "unless")):
        where = f"{path}:{line}"
        entry = _entry(where, row)
        key = _key(entry.term)
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
    for line, row in _rows(path, ("term", "class"), ()):
        where = f"{path}:{line}"
        _check_term(where, row["term"])
        if row["class"] not in CUE_CLASSES:
            raise LexiconError(f"{where}: {one_of('cue class', row['class'], CUE_CLASSES)}")
        key = _key(row["term"])
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


def inflections(word: str) -> frozenset[str]:
    """The forms a dictionary word may take, itself left out.

    The part of speech is not known, so the forms of every plausible one are given; those that are no words do no
    harm. Nouns: plural. Verbs: -s, -ed, -ing with doubled consonants. Adjectives: -ly, and -er, -est after y.
    """
    if len(word) < 3 or word in _FIXED or "*" in word or not word.isalpha() or word.endswith("ly"):
        return frozenset()
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if _ADJECTIVE.search(word):
        forms = {_adverb(word)}
        if word.endswith(("ous", "less", "ed", "ing", "ful", "ish")):
            return frozenset(forms)
    else:
        forms = set()
    vowel_y = len(word) > 1 and word[-2] in "aeiou"
    if word.endswith(("s", "x", "z", "ch", "sh")):
        forms.add(word + "es")
    elif word.endswith("y") and not vowel_y:
        stem = word[:-1] + "i"
        return frozenset(forms | {stem + "es", stem + "ed", word + "ing", stem + "er", stem + "est", stem + "ly"})
    else:
        forms.add(word + "s")
    if word.endswith("ie"):
        return frozenset(forms | {word + "d", word[:-2] + "ying"})
    if word.endswith("e"):
        return frozenset(forms | {word + "d", (word if word.endswith("ee") else word[:-1]) + "ing"})
    if word.endswith("c"):
        return frozenset(forms | {word + "ked", word + "king"})
    doubles = re.search(r"(?:[^aeiou]|qu)[aeiou][bdfgklmnprtvz]$", word)
    single = len(re.findall("[aeiouy]+", word)) == 1
    if doubles:
        forms |= {word + word[-1] + "ed", word + word[-1] + "ing"}
    if not (doubles and single):
        forms |= {word + "ed", word + "ing"}
    return frozenset(forms)


def _adverb(word: str) -> str:
    if word.endswith("ic"):
        return word + "ally"
    if word.endswith("le"):
        return word[:-1] + "y"
    return word + ("y" if word.endswith("ll") else "ly")


def _parts(word: str) -> tuple[str, ...]:
    """The words of a token or a term, in normal form: hyphens separate, possessive endings go."""
    word = word.lower().replace("’", "'").replace("‑", "-").replace("‐", "-")
    if "-" in word and word.strip("-"):
        return tuple(chain.from_iterable(map(_parts, filter(None, word.split("-")))))
    if "'" in word:
        word = word.removesuffix("'s")
        word = word.rstrip("'") if len(word) > 1 else word
        return (word,) if word else ()
    return (word,)


def _key(term: str) -> str:
    return " ".join(chain.from_iterable(map(_parts, term.removeprefix("=").split())))


def _forms(term: str) -> Iterator[tuple[str, ...]]:
    """The word sequences a term stands for, the written one first."""
    words = tuple(_key(term).split())
    yield words
    if "-" in term and " " not in term:
        yield ("".join(words),)
    if term.startswith("="):
        return
    yield from ((form, *words[1:]) for form in sorted(inflections(words[0])))
    if len(words) > 1:
        yield from ((*words[:-1], form) for form in sorted(inflections(words[-1])))


def _fits(glob: tuple[str, str], word: str) -> bool:
    prefix, suffix = glob
    return len(word) >= len(prefix) + len(suffix) and word.startswith(prefix) and word.endswith(suffix)


def _next(node: _Node, part: str) -> Iterator[_Node]:
    following = node.words.get(part)
    if following is not None:
        yield following
    for glob, following in node.globs.items():
        if _fits(glob, part):
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


def _holds(context: _Context, parts: Sequence[str], first: int, last: int, present: set[str]) -> bool:
    if context.anywhere is not None:
        return not context.anywhere.words.isdisjoint(present)
    return _runs(context.before, parts, first - 1, -1) and _runs(context.after, parts, last, 1)


def _runs(places: tuple[_Word | None, ...], parts: Sequence[str], at: int, step: int) -> bool:
    """Whether the words stand there one after the other; at most one gap, so the cost has a small bound."""
    for number, place in enumerate(places):
        if place is None:
            rest = places[number + 1 :]
            return any(_runs(rest, parts, at + step * skip, step) for skip in range(_GAP_WIDTH + 1))
        if not 0 <= at < len(parts) or not place.fits(parts[at]):
            return False
        at += step
    return True


def _context(written: str, term: str) -> _Context:
    """Parse one context. Raises ValueError with the reason."""
    words: list[str] = []
    for word in written.lower().split():
        words += [word] if word in ("_", _GAP) else _parts(word) if "/" not in word else [word.replace("’", "'")]
    if not words or len(words) > _MOST_WORDS + 1:
        raise ValueError(f"has {len(words)} words; it can have 1 to {_MOST_WORDS + 1}")
    own = _key(term).split()
    if "_" not in words:
        for at in range(len(words) - len(own) + 1):
            if words[at : at + len(own)] == own and len(words) > len(own):
                words[at : at + len(own)] = ["_"]
                break
    if "_" not in words:
        if len(words) > 1 or words[0] == _GAP or "*" in words[0]:
            raise ValueError("must hold the term, or _ in its place, or be one plain word (met anywhere in the sentence)")
        return _Context((), (), _place(words[0]))
    if words.count("_") > 1 or len(words) == 1:
        raise ValueError("must hold _ (the term) once, and at least one word beside it")
    at = words.index("_")
    before, after = words[at - 1 :: -1] if at else [], words[at + 1 :]
    for side in (before, after):
        if side.count(_GAP) > 1 or (side and side[-1] == _GAP):
            raise ValueError(f"can have one gap {_GAP} on each side of _, with a word beyond it")
    return _Context(tuple(map(_place, before)), tuple(map(_place, after)), None)


def _place(written: str) -> _Word | None:
    if written == _GAP:
        return None
    words = written.split("/")
    for word in words:
        if not word or word.count("*") > 1 or word == "*" or "-" in word or "_" in word:
            raise ValueError(f"has {word!r} where one word is due, with at most one * in it")
    globs = tuple((word.partition("*")[0], word.partition("*")[2]) for word in words if "*" in word)
    return _Word(frozenset(word for word in words if "*" not in word), globs)


def _entry(where: str, row: Mapping[str, str]) -> Entry:
    term, category, written = row["term"], row["category"], row.get("weight", "")
    _check_term(where, term)
    if category not in (*CATEGORIES, SILENT):
        raise LexiconError(f"{where}: {one_of('category', category, (*CATEGORIES, SILENT))}")
    try:
        weight = 0.0 if category == SILENT and not written else float(written)
    except ValueError:
        weight = math.nan
    if not 0 <= weight <= 1:
        raise LexiconError(
            f"{where}: weight {written!r} of {term!r} is not a number from 0 to 1 with a point, such as 0.7"
            " (0 makes the term neutral)"
        )
    unless = tuple(context.strip() for context in row.get("unless", "").split(";")) if row.get("unless") else ()
    for context in unless:
        try:
            _context(context, term)
        except ValueError as error:
            raise LexiconError(f"{where}: context {context!r} of {term!r} {error}; write e.g. 'kidney _'") from None
    return Entry(term, category, weight, unless)


def _check_term(where: str, term: str) -> None:
    words = _key(term).split()
    problem = ""
    if not words or _NO_WORDS.fullmatch(term):
        problem = "holds no word; write at least one"
    elif len(words) > _MOST_WORDS or len(term) > 100:
        problem = f"is too long; a term has at most {_MOST_WORDS} words and 100 characters"
    elif any(character in '"“”,;:!?()[]{}<>=|/\\_`' for character in term.removeprefix("=")):
        problem = "holds punctuation, which is never part of a term; take it out (fields are not quoted)"
    elif any(word.count("*") > 1 or ("*" in word and len(word) < 4) for word in words):
        problem = "has a glob that is too wide; a word can hold one * beside at least three letters"
    elif "*" in term and term.startswith("="):
        problem = "has both = (no inflection) and a glob, which is never inflected; drop the ="
    if problem:
        raise LexiconError(f"{where}: term {term!r} {problem}")


def _rows(path: Path, required: Sequence[str], optional: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """The lines of a table with their numbers. Blank lines and those that begin with # are left out."""
    columns: list[str] = []
    valid = "\\t".join((*required, *optional))
    for line, text in enumerate(_text(path).split("\n"), start=1):
        text = text.removesuffix("\r")
        if not text.strip() or text.startswith("#"):
            continue
        where = f"{path}:{line}"
        control = next((character for character in text if character != "\t" and not character.isprintable()), "")
        if control and control != "\u00a0":
            raise LexiconError(f"{where}: character {control!r} cannot be in a lexicon; take it out")
        fields = [field.strip() for field in text.split("\t")]
        if not columns:
            columns = [field.lower() for field in fields]
            wrong = [name for name in columns if name not in (*required, *optional)]
            missing = [name for name in required if name not in columns]
            if wrong or missing or len(set(columns)) < len(columns):
                raise LexiconError(f"{where}: header {text!r} is not valid; the first line must be {valid!r}")
            continue
        if len(fields) > len(columns):
            raise LexiconError(
                f"{where}: {len(fields)} fields where the header names {len(columns)} ({', '.join(columns)}); "
                "fields are parted by single tabs"
            )
        row = dict(zip(columns, fields, strict=False))
        for name in required:
            if not row.get(name):
                raise LexiconError(f"{where}: no {name} in {text!r}; fields are parted by single tabs: {valid!r}")
        yield line, row
    if not columns:
        raise LexiconError(f"{path}:1: the file is empty; its first line must be {valid!r}")


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise LexiconError(f"{path}: cannot be read ({error.strerror or error}); give the path of a TSV file") from None
    except ValueError as error:
        raise LexiconError(f"{str(path)!r}: is no path ({error}); give the path of a TSV file") from None
    if len(data) > _MOST_BYTES:
        raise LexiconError(f"{path}: larger than {_MOST_BYTES:,} bytes; split it, or give the right file")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        bad = data[error.start : error.end]
        raise LexiconError(f"{path}:{line}: bytes {bad!r} are not UTF-8; save the file as UTF-8") from None
