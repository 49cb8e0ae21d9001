"""The format of lexicon files: lines, entries and contexts, each checked; every mistake is named with its place."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from framing.errors import LexiconError, one_of
from framing.lexicon.inflection import inflections
from framing.records import CATEGORIES

SILENT = "none"  # the category that makes a term neutral
_MOST_BYTES = 20_000_000
_MOST_WORDS = 8  # in a term or a context
GAP = "..."  # in a context: up to three words
_NO_WORDS = re.compile(r"[\W\d_]*")


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


class Place(NamedTuple):
    """One place of a context: the words that may stand there."""

    words: frozenset[str]
    globs: tuple[tuple[str, str], ...]

    def fits(self, word: str) -> bool:
        """Whether the word may stand in this place."""
        return word in self.words or any(fits(glob, word) for glob in self.globs)


class Context(NamedTuple):
    """A context in which a term is neutral: words beside it, or one word anywhere in the sentence.

    ``None`` among the words is a gap; ``before`` runs leftwards from the term.
    """

    before: tuple[Place | None, ...]
    after: tuple[Place | None, ...]
    anywhere: Place | None


def parts_of(word: str) -> tuple[str, ...]:
    """The words of a token or a term, in normal form: hyphens separate, possessive endings go."""
    word = word.lower().replace("’", "'").replace("‑", "-").replace("‐", "-")
    if "-" in word and word.strip("-"):
        return tuple(chain.from_iterable(map(parts_of, filter(None, word.split("-")))))
    if "'" in word:
        word = word.removesuffix("'s")
        word = word.rstrip("'") if len(word) > 1 else word
        return (word,) if word else ()
    return (word,)


@lru_cache(maxsize=50_000)
def key_of(term: str) -> str:
    """The normal form by which a term is known: lower case, spaces for hyphens, no mark of inflection."""
    return " ".join(chain.from_iterable(map(parts_of, term.removeprefix("=").split())))


def forms_of(term: str) -> Iterator[tuple[str, ...]]:
    """The word sequences a term stands for, the written one first."""
    words = tuple(key_of(term).split())
    yield words
    if "-" in term and " " not in term:
        yield ("".join(words),)
    if term.startswith("="):
        return
    yield from ((form, *words[1:]) for form in sorted(inflections(words[0])))
    if len(words) > 1:
        yield from ((*words[:-1], form) for form in sorted(inflections(words[-1])))


def fits(glob: tuple[str, str], word: str) -> bool:
    """Whether a word begins and ends as a glob does; a glob has one ``*``, so this is all there is to it."""
    prefix, suffix = glob
    return len(word) >= len(prefix) + len(suffix) and word.startswith(prefix) and word.endswith(suffix)


@lru_cache(maxsize=50_000)
def parse_context(written: str, term: str) -> Context:
    """Parse one context. Raises ValueError with the reason."""
    words: list[str] = []
    for word in written.lower().split():
        words += [word] if word in ("_", GAP) else parts_of(word) if "/" not in word else [word.replace("’", "'")]
    if not words or len(words) > _MOST_WORDS + 1:
        raise ValueError(f"has {len(words)} words; it can have 1 to {_MOST_WORDS + 1}")
    own = key_of(term).split()
    if "_" not in words:
        for at in range(len(words) - len(own) + 1):
            if words[at : at + len(own)] == own and len(words) > len(own):
                words[at : at + len(own)] = ["_"]
                break
    if "_" not in words:
        if len(words) > 1 or words[0] == GAP:
            raise ValueError("must hold the term, or _ in its place, or be one word (met anywhere in the sentence)")
        return Context((), (), _place(words[0]))
    if words.count("_") > 1 or len(words) == 1:
        raise ValueError("must hold _ (the term) once, and at least one word beside it")
    at = words.index("_")
    before, after = words[at - 1 :: -1] if at else [], words[at + 1 :]
    for side in (before, after):
        if side.count(GAP) > 1 or (side and side[-1] == GAP):
            raise ValueError(f"can have one gap {GAP} on each side of _, with a word beyond it")
    return Context(tuple(map(_place, before)), tuple(map(_place, after)), None)


def _place(written: str) -> Place | None:
    if written == GAP:
        return None
    words = written.split("/")
    for word in words:
        if not word or word.count("*") > 1 or word == "*" or "-" in word or "_" in word:
            raise ValueError(f"has {word!r} where one word is due, with at most one * in it")
    globs = tuple((word.partition("*")[0], word.partition("*")[2]) for word in words if "*" in word)
    return Place(frozenset(word for word in words if "*" not in word), globs)


def parse_entry(where: str, row: Mapping[str, str]) -> Entry:
    """An entry from the fields of a line. Raises LexiconError for the first field that is wrong."""
    term, category, written = row["term"], row["category"], row.get("weight", "")
    check_term(where, term)
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
            parse_context(context, term)
        except ValueError as error:
            raise LexiconError(f"{where}: context {context!r} of {term!r} {error}; write e.g. 'kidney _'") from None
    return Entry(term, category, weight, unless)


def check_term(where: str, term: str) -> None:
    """Raise LexiconError where a term cannot be matched, or would match nearly everything."""
    words = key_of(term).split()
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


def rows(path: Path, required: Sequence[str], optional: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """The lines of a tab-separated table with their numbers; blank lines and those that begin with # are left out.

    Raises LexiconError for a file that cannot be read, and for the first line that does not fit the header.
    """
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
