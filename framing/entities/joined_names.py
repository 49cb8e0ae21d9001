"""Which names of a text mean the same: Jane Q. Doe, Jane Doe and Doe; United States, U.S. and US."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from weakref import WeakKeyDictionary

from framing.entities.names import (
    Name,
    bodies,
    function_words,
    given_names,
    names,
    names_a_place,
    peoples,
    personhood,
    spell,
    titles,
)
from framing.segment import Document

# How words end that name a people or a persuasion.
ADJECTIVES = ("ian", "can", "ese", "ish", "ic", "ean")


@dataclass
class Candidate:
    """Mentions that name one and the same; ``found`` holds them in text order."""

    words: tuple[str, ...]
    found: list[Name] = field(default_factory=list)
    _person: int | None = None
    _forms: Counter[tuple[str, ...]] | None = None

    @property
    def forms(self) -> Counter[tuple[str, ...]]:
        """How often each way of writing the name occurs."""
        if self._forms is None:
            self._forms = Counter([name.words for name in self.found])
        return self._forms

    def join(self, other: Candidate) -> None:
        """Take over the mentions of a name that means the same."""
        self.found += other.found
        self.found.sort(key=lambda name: name.first)
        self._person = self._forms = None

    def is_person(self, document: Document, *, unsure: bool = False) -> bool:
        """Whether the mentions speak for a person; ``unsure`` takes full names without evidence too."""
        if self._person is None:
            self._person = personhood(document, self.found)
        return self._person > 0 or (unsure and self._person == 0 and 2 <= len(name_key(self.words)) <= 3)

    @property
    def name(self) -> str:
        """The name by which to call it: the full form that occurs most."""
        if all(name.words == self.words for name in self.found):
            return self.found[0].text
        forms = self.forms
        full = [form for form in forms if name_key(form) == name_key(self.words)]
        longest = max(full or sorted(forms), key=lambda form: (forms[form], len(form)))
        spelled = max(forms, key=len)
        if all(len(word) > 1 and word.isupper() for word in longest) and len(spelled) > 1:
            longest = spelled
        plural = (*longest[:-1], longest[-1] + "s")
        return spell(plural if plural in forms else longest)


@lru_cache(maxsize=16_384)
def name_key(words: tuple[str, ...]) -> tuple[str, ...]:
    """What stays the same between U.S. and US, Jane Q. Doe and Jane Doe."""
    plain = tuple(word.replace(".", "").replace("’", "'") for word in words if word not in (".", "Jr", "Sr"))
    kept = tuple(word for word in plain if word)
    if len(kept) > 2 and len(kept[0]) == 1:
        kept = kept[1:]
    if len(kept) > 2:
        kept = (kept[0], *(word for word in kept[1:-1] if len(word) > 1), kept[-1])
    return kept


_CACHE: WeakKeyDictionary[Document, tuple[Candidate, ...]] = WeakKeyDictionary()


def candidates(document: Document) -> tuple[Candidate, ...]:
    """The names of a document, joined where they name the same: by last name, first name, initials."""
    if document not in _CACHE:
        _CACHE[document] = tuple(_joined(document))
    return _CACHE[document]


def _joined(document: Document) -> list[Candidate]:
    by_key: dict[tuple[str, ...], Candidate] = {}
    for name in names(document):
        key = name_key(name.words)
        if key:
            one = by_key.get(key)
            if one is None:
                by_key[key] = one = Candidate(name.words)
            one.found.append(name)
    _join_plurals_and_short_names(by_key)
    firm = {key for key, one in by_key.items() if any(name.firm for name in one.found)}
    longer: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for key in firm:
        if len(key) > 1:
            longer[key[-1]].append(key)
            longer[key[0]].append(key)
            longer["".join(word[0] for word in key if word[0].isupper())].append(key)
    for key in list(by_key):
        if len(key) == 1:
            target = _full_name(document, key[0], longer.get(key[0], ()), by_key)
            if target is not None:
                by_key[target].join(by_key.pop(key))
    return list(by_key.values())


def _lower(words: tuple[str, ...]) -> set[str]:
    return {word.lower() for word in words}


def _is_modified(document: Document, key: tuple[str, ...], by_key: Mapping[tuple[str, ...], Candidate]) -> bool:
    """Whether the words before the last only qualify it: Lower House Yellows, Meet Jane."""
    one, alone = by_key[key], by_key[key[-1:]]
    if key[0].lower() in given_names():
        return False
    if key[0].lower() in titles() or key[0].lower() in peoples():
        return True
    articles = sum(
        document.lower[name.first - 1] == "the" and not qualifies(document, name) for name in alone.found if name.first
    )
    group = len({len(form[-1]) for form in alone.forms}) > 1 or 10 * articles >= len(alone.found)
    return (group or key[-1].endswith(ADJECTIVES)) and (len(one.found) == 1 or 3 * len(one.found) <= len(alone.found))


def _join_plurals_and_short_names(by_key: dict[tuple[str, ...], Candidate]) -> None:
    """Elbonians with Elbonian, Mike Doe with Michael Doe."""
    given = given_names()
    same: dict[tuple[str, str], tuple[str, ...]] = {}
    for key in list(by_key):
        other: tuple[str, ...] | None = None
        if len(key) == 1 and key[0].endswith("s") and len(key[0]) > 4:
            other = (key[0][:-1],)
        elif len(key) == 2 and key[0].lower() in given:
            other = same.setdefault((key[0][0], key[1]), key)
        if other and other != key and other in by_key:
            kept, lost = (other, key) if len(by_key[other].found) >= len(by_key[key].found) else (key, other)
            by_key[kept].join(by_key.pop(lost))
            if len(key) == 2:
                same[(key[0][0], key[1])] = kept


def _full_name(
    document: Document, word: str, longer: Sequence[tuple[str, ...]], by_key: Mapping[tuple[str, ...], Candidate]
) -> tuple[str, ...] | None:
    """Which longer name a single word stands for: the one most often written out."""
    options = [key for key in longer if key in by_key]
    if not options or (word.lower() in bodies() and not word.isupper()):
        return None
    if len(word) > 1 and word.isupper():
        options = [key for key in options if "".join(w[0] for w in key if w[0].isupper()) == word]
    else:
        options = [key for key in options if len(key) < 5 and not names_a_place(key) and not bodies() & _lower(key)]
        last = [key for key in options if key[-1] == word and not _is_modified(document, key, by_key)]
        people = [key for key in options if key[0] == word and by_key[key].is_person(document)]
        if not last and len(people) > 1:
            return None
        options = last or people
    return max(options, key=lambda key: (len(by_key[key].found), -by_key[key].found[0].first), default=None)


def qualifies(document: Document, name: Name) -> bool:
    """Whether a common noun follows that the name may only qualify."""
    if name.last >= len(document.words):
        return False
    following = document.lower[name.last]
    return (
        following[0].isalpha() and following not in function_words() and not following.endswith(("ed", "said", "says"))
    )
