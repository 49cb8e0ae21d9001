"""Names in a text, by capitals and position alone: no list of people, parties, outlets or countries.

A name is a run of capitalised words that are not there for another reason (the start of a sentence, a
headline, a dateline, a title before a name). What the words stand for is left to :mod:`framing.entities`
and :mod:`framing.entities.sources`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple
from weakref import WeakKeyDictionary

from framing.segment import Document

_LEXICONS = files("framing") / "resources" / "lexicons"

PARTICLES = frozenset(["de", "van", "von", "der", "den", "bin", "ibn", "al", "el", "da", "di", "del", "la", "du"])
_SUFFIXES = frozenset(["jr", "jr.", "sr", "sr.", "ii", "iii", "iv"])
_OFFICES = frozenset(["secretary", "minister", "chief", "house", "city"])
_HONORIFICS = frozenset(["mr", "mrs", "ms", "miss", "sen", "rep", "gov", "dr", "prof"])
_JOINERS = PARTICLES | {".", "of", "for"}
_OPENING = frozenset(["“", '"', "‘", ":", "``", "—"])
_JOINED_ARABIC = ("al-", "el-", "bin-", "ibn-", "ad-", "ar-", "as-", "ash-")


class Name(NamedTuple):
    """One place where something is named: ``words[first:last]`` of the document, titles left out.

    ``titles`` holds the title words before it, in lower case; ``firm`` is False where the capital may be there
    for another reason and the name has to be confirmed by another mention; ``weak`` marks a word that only
    qualifies a titled name ("US" in "US President Jane Doe").
    """

    words: tuple[str, ...]
    first: int
    last: int
    titles: tuple[str, ...] = ()
    firm: bool = True
    weak: bool = False

    @property
    def text(self) -> str:
        """The name as one would cite it."""
        return spell(self.words)


def spell(words: tuple[str, ...]) -> str:
    """The words of a name as one writes them: an initial and its full stop together."""
    return " ".join(words).replace(" .", ".")


@lru_cache(maxsize=1)
def _capitals() -> dict[str, frozenset[str]]:
    kinds: dict[str, set[str]] = {}
    for line in (_LEXICONS / "capitals.txt").read_text(encoding="utf-8").splitlines():
        word, _, kind = line.strip().partition("\t")
        if kind:
            kinds.setdefault(kind, set()).add(word)
    kinds["people"] |= {word + "s" for word in kinds["people"]}
    return {kind: frozenset(words) for kind, words in kinds.items()}


def function_words() -> frozenset[str]:
    """Words that begin sentences and say nothing about a name."""
    return _capitals()["function"]


def bodies() -> frozenset[str]:
    """Words in the names of institutions and things; no person's."""
    return _capitals()["body"]


def peoples() -> frozenset[str]:
    """Words for a people, a language, a faith."""
    return _capitals()["people"]


@lru_cache(maxsize=1)
def titles() -> dict[str, str]:
    """Title and role words, with ``"f"``, ``"m"`` or ``""`` for the gender they say."""
    return _two_columns("titles.txt")


@lru_cache(maxsize=1)
def given_names() -> dict[str, str]:
    """Common given names, with the gender they mostly go with."""
    return _two_columns("given_names.txt")


def _two_columns(file: str) -> dict[str, str]:
    rows: dict[str, str] = {}
    for line in (_LEXICONS / file).read_text(encoding="utf-8").splitlines():
        word, _, gender = line.strip().partition("\t")
        if word and not word.startswith("#"):
            # A word listed with both genders says neither.
            rows[word] = gender if rows.get(word, gender) == gender else ""
    return rows


_CACHE: WeakKeyDictionary[Document, tuple[Name, ...]] = WeakKeyDictionary()


def names(document: Document) -> tuple[Name, ...]:
    """All names of a document in text order, not overlapping; linear in its length."""
    if document not in _CACHE:
        _CACHE[document] = tuple(_Scanner(document).scan())
    return _CACHE[document]


def _is_capital(word: str) -> bool:
    """Whether a word can be part of a name: Doe, al-Doe, Stop-and-Go, but not Doe-backed."""
    if word[0].isupper():
        return "-" not in word or not any(part[0].islower() and len(part) > 3 for part in word.split("-") if part)
    return "-" in word and word.startswith(_JOINED_ARABIC) and word.partition("-")[2][:1].isupper()


class _Scanner:
    """One pass over a document; what has to be looked up for every capital is held as an attribute."""

    def __init__(self, document: Document) -> None:
        self.words = document.words
        self.lower = document.lower
        self.sentences = document.sentence_tokens
        self.titles = titles()
        self.function = function_words()
        self.bodies = bodies()
        self.peoples = peoples()
        self.given = given_names()
        self.calendar = _capitals()["calendar"]
        # Words that the text writes small somewhere, and words with a capital inside a sentence.
        self.small: set[str] = set(document.words)
        self.capital = {word for word in self.small if _is_capital(word)}
        self.middle: set[str] = set()

    def scan(self) -> Iterator[Name]:
        runs = [run for low, high in self.sentences for run in self._runs(low, high)]
        for first, last, initial in runs:
            yield from self._names(first, last, initial)

    def _runs(self, low: int, high: int) -> list[tuple[int, int, bool]]:
        """Runs of capitalised words in one sentence, and whether the sentence (or a quotation) begins with each."""
        words, capital = self.words, self.capital
        capitals = [i for i in range(low, high) if words[i] in capital]
        # In a headline or a section label capitals say nothing.
        if not capitals or (2 * len(capitals) >= high - low and _is_headline(words, low, high, len(capitals))):
            return []
        start = _after_dateline(words, low, high)
        runs = []
        end = start
        for first in capitals:
            if first < end:
                continue
            end = self._run_end(first, high)
            initial = first == start or words[first - 1] in _OPENING
            runs.append((first, end, initial))
            self.middle.update(words[first + initial : end])
        return runs

    def _run_end(self, first: int, high: int) -> int:
        words, lower = self.words, self.lower
        i = first + 1
        while i < high and i - first < 12:
            word = words[i]
            if word in self.capital:
                i += 1
                continue
            if word not in _JOINERS or i + 1 >= high:
                break
            following = words[i + 1] in self.capital
            before = lower[i - 1]
            if word == ".":
                if not (following and self._abbreviates(words[i - 1], before)):
                    break
                i += 1
            elif word in PARTICLES:
                if not following and words[i + 1] not in PARTICLES:
                    break
                i += 1
            elif before in _OFFICES:
                if not following or word != "of":
                    break
                i += 2
            else:
                step = 2 if i + 2 < high and lower[i + 1] == "the" else 1
                joins = before in self.bodies if word == "of" else before in ("centers", "center", "centre")
                if not joins or words[i + step] not in self.capital:
                    break
                i += step + 1
        return i

    def _abbreviates(self, word: str, lower: str) -> bool:
        return len(word) == 1 or lower in _SUFFIXES or (len(word) <= 4 and lower in self.titles) or lower == "st"

    def _names(self, first: int, last: int, initial: bool) -> Iterator[Name]:
        """The names in one run: what qualifies a titled name, and the name itself without its titles."""
        words, lower = self.words, self.lower
        run = first, last
        first, last = self._without_common(first, last, initial)
        if first >= last or (
            last - first == 1 and (lower[first] in self.function or any(map(str.isdigit, words[first])))
        ):
            return
        start, held = self._after_titles(first, last)
        if held:
            qualifier = next(i for i in range(first, last) if lower[i] in self.titles)
            if qualifier > first and lower[first] not in self.peoples:
                yield Name(tuple(words[first:qualifier]), first, qualifier, weak=True)
        while last - start > 1 and (
            words[start] == "." or (lower[start] in self.peoples and lower[start + 1] in self.given)
        ):
            start += 1
        if start >= last:
            return
        only = last - start == 1
        if only and (
            lower[start] in self.peoples or (lower[start] in self.titles and not held) or len(words[start]) < 2
        ):
            return
        alone = initial and start == run[0] and only and not held
        firm = not alone or words[start] in self.middle or words[start].isupper()
        yield Name(tuple(words[start:last]), start, last, held, firm)

    def _without_common(self, first: int, last: int, initial: bool) -> tuple[int, int]:
        """A run without the words that owe their capital to the sentence, and without dates: "After Doe Monday"."""
        words, lower = self.words, self.lower
        while initial and first < last:
            word = lower[first]
            common = word in self.small and words[first] not in self.middle and word not in self.titles
            if not (common or (word in self.function and word != "new")):
                break
            first += 1
            if first < last and words[first] not in self.capital:
                first += 1
        while first < last and (lower[first] in self.calendar or lower[first] in ("the", "a", "an")):
            first += 1
        while last > first and (
            lower[last - 1] in self.calendar or words[last - 1] == "." or words[last - 1] in PARTICLES
        ):
            last -= 1
        return first, last

    def _after_titles(self, first: int, last: int) -> tuple[int, tuple[str, ...]]:
        words, lower = self.words, self.lower
        held = [i for i in range(first, last) if lower[i] in self.titles]
        if held and lower[held[-1]] == "justice" and held[-1] + 1 < last and lower[held[-1] + 1] in self.bodies:
            held.pop()
        if held and held[-1] == last - 1 and last - first > 1:
            # King, Dean and Pope are names too: after Mr. or a given name.
            before = last - 2 - (words[last - 2] == "." and last - first > 2)
            if lower[before] in self.given or lower[before] in _HONORIFICS:
                held.pop()
        if not held:
            return first, ()
        end = held[-1] + 1
        if end < last and words[end] == ".":
            end += 1
        if end + 1 < last and words[end] == "of":
            # Secretary of State, Chief of Staff: one more word, two where the office has two.
            end += 3 if lower[end + 1] in ("homeland", "veterans", "human", "foreign") else 2
        return end, tuple(lower[i] for i in held)


def _is_headline(words: list[str], low: int, high: int, capitals: int) -> bool:
    alphabetic = sum(1 for word in words[low:high] if word[0].isalpha())
    if words[high - 1] in (".", "!", "?", "”", '"'):
        return alphabetic >= 8 and capitals >= 0.7 * alphabetic
    return capitals >= 0.7 * alphabetic if alphabetic >= 5 else alphabetic == capitals


def _after_dateline(words: list[str], low: int, high: int) -> int:
    """Where the prose begins: after marks, and after ``WASHINGTON (AP) —``, ``(CNN)`` or ``LONDON —``."""
    while low < high and not words[low][0].isalnum():
        low += 1
    if high - low > 3 and words[low].isupper() and words[low + 1] == ")":
        return low + 2
    for i in range(low, min(high, low + 9)):
        if words[i] in ("—", "–", "--", "-") and i > low and words[low].isupper():
            return i + 1
        if words[i][0].islower():
            break
    return low


def names_a_place(words: tuple[str, ...]) -> bool:
    """Whether the first word speaks for a place: New, South, Los."""
    return words[0].lower() in _capitals()["place"]


def personhood(document: Document, found: list[Name]) -> int:
    """How much speaks for these mentions of one name being a person's: positive, negative, or 0 for no evidence."""
    words, lower = document.words, document.lower
    given = given_names()
    longest = max((name.words for name in found), key=len)
    titled = any(name.titles for name in found)
    if any(word.lower() in bodies() or word == "of" for word in longest) and not titled:
        return -3
    if names_a_place(longest) and not titled:
        return -3
    if all(len(word) > 1 and word.isupper() for word in longest):
        return -2
    score = 2 if longest[0].lower() in given and len(longest) > 1 else 0
    for name in found:
        before = lower[name.first - 1] if name.first else ""
        after = lower[name.last] if name.last < len(words) else ""
        score += 2 * bool(name.titles)
        score -= 2 * (before == "the" and not name.titles) + (before in ("in", "at", "across", "outside", "near"))
        score += after in ("said", "says", "told", "tweeted", "wrote", "added", "who", "argued", "himself", "herself")
        if after == "," and name.last + 1 < len(words):
            following = lower[name.last + 1]
            score += following in ("a", "an", "who", "the", "whose") or following.isdigit()
    return score
