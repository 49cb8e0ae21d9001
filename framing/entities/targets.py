"""Whom a text is about: targets, given by the user or found in the article, and the places that mention them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any

from framing.entities.joined_names import ADJECTIVES, Candidate, candidates, qualifies
from framing.entities.names import bodies, function_words, peoples, spell, titles
from framing.errors import InputError
from framing.records import Mention
from framing.segment import TOKEN, Document

# After a person's name these make another name of it: Trump Tower, Clinton Foundation, Biden Jr.
_MAKES_ANOTHER = frozenset(
    (
        "jr",
        "jr.",
        "sr",
        "sr.",
        "tower",
        "towers",
        "foundation",
        "organization",
        "university",
        "hotel",
        "hotels",
        "inc",
        "street",
        "avenue",
        "county",
        "center",
        "centre",
        "airport",
        "library",
        "institute",
        "corp",
        "hospital",
    )
)
_PLACE_BEFORE = frozenset(["in", "at", "near", "across", "outside", "throughout"])
# Institutions that one capitalised word can name.
_NAMED_BY_ONE = frozenset(["senate", "house", "congress", "parliament", "cabinet", "capitol", "legislature"])
_NO_NAMES = frozenset(["media", "super", "vice", "office", "pres"])
_END = ""
_Trie = dict[str, Any]


@dataclass(frozen=True)
class Targets:
    """Targets by name: ``aliases[name]`` are the ways in which the text may call it, the name itself among them."""

    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.aliases)

    def __bool__(self) -> bool:
        return bool(self.aliases)

    @cached_property
    def _trie(self) -> _Trie:
        trie: _Trie = {}
        for name, aliases in self.aliases.items():
            for alias in aliases:
                for spelling in product(*(_spellings(word) for word in _tokens(alias))):
                    node = trie
                    for word in spelling:
                        node = node.setdefault(word, {})
                    if node is not trie:
                        # The first target keeps an alias that two of them claim.
                        node.setdefault(_END, name)
        return trie

    @cached_property
    def _longer(self) -> Mapping[str, frozenset[str]]:
        """For each target, the words that stand before its last one in its longer names: its first names."""
        return {
            name: frozenset(word for alias in aliases for word in _tokens(alias)[:-1])
            for name, aliases in self.aliases.items()
        }


def _tokens(alias: str) -> list[str]:
    return [match.group() for match in TOKEN.finditer(alias)]


def _spellings(word: str) -> tuple[str, ...]:
    """How a word of an alias may be written in the text: capitals count in names, not in common words."""
    forms = {word, word.replace("'", "’"), word.replace("’", "'")}
    if word.islower():
        forms |= {form[0].upper() + form[1:] for form in forms}
    if len(word) >= 4:
        forms |= {form.upper() for form in forms}
    if word.isupper() and word.isalpha() and 2 <= len(word) <= 4:
        forms.add("".join(f"{letter}." for letter in word))
    elif "." in word and word.replace(".", "").isupper():
        forms.add(word.replace(".", ""))
    return tuple(sorted(forms))


def make_targets(given: str | Sequence[str] | Mapping[str, Sequence[str] | str | None] | Targets | None) -> Targets:
    """Targets from whatever a caller finds natural: a name, names, or names with their aliases.

    Raises :class:`~framing.errors.InputError` for anything else, and for names or aliases that are no text.
    """
    if isinstance(given, Targets):
        return given
    if given is None:
        return Targets()
    if isinstance(given, str):
        given = [given]
    if not isinstance(given, Mapping):
        if not isinstance(given, Sequence | set | frozenset):
            raise InputError(f"cannot read targets from {given!r}; give a name, a list of names, or names with aliases")
        given = dict.fromkeys(_distinct(given), ())
    read: dict[str, tuple[str, ...]] = {}
    for name, aliases in given.items():
        if not isinstance(name, str) or not name.strip():
            raise InputError(f"target {name!r} is not a name; write it as text (in YAML: in quotation marks)")
        if aliases is None:
            aliases = ()
        elif isinstance(aliases, str):
            aliases = (aliases,)
        elif not isinstance(aliases, Sequence | set | frozenset):
            raise InputError(f"aliases of target {name!r} are {aliases!r}; give a list of names")
        wrong = [alias for alias in aliases if not isinstance(alias, str) or not alias.strip()]
        if wrong:
            raise InputError(f"alias {wrong[0]!r} of target {name!r} is not a name; write it as text")
        if not _tokens(name):
            raise InputError(f"target {name!r} holds no word; give a name")
        listed = [name, *(sorted(aliases) if isinstance(aliases, set | frozenset) else aliases)]
        read[name.strip()] = tuple(_distinct(alias.strip() for alias in listed))
    return Targets(read)


def _distinct(values: Any) -> list[Any]:
    try:
        return list(dict.fromkeys(values))
    except TypeError as error:
        raise InputError(f"cannot read targets from {values!r}; give a list of names") from error


def read_targets(path: str | Path) -> Targets:
    """Targets from a YAML file: under ``targets:``, each name with the list of its aliases.

    A plain list of names, or names with one alias or none, is read too. Raises
    :class:`~framing.errors.InputError`, naming the file and the place, if it cannot be read so.
    """
    import yaml

    path = Path(path)
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InputError(f"cannot read targets file {path}: {error.strerror or error}") from error
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"targets file {path} is not YAML in UTF-8: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict) or "targets" not in content:
        keys = ", ".join(map(str, content)) if isinstance(content, dict) and content else "(none)"
        raise InputError(
            f"targets file {path} has no key 'targets' (its keys: {keys}); write `targets:` above the names"
        )
    given = content["targets"]
    if not given:
        raise InputError(f"targets file {path} names no target under 'targets'; write one name per line")
    try:
        return make_targets(given)
    except InputError as error:
        raise InputError(f"targets file {path}: {error}") from error


def find_mentions(document: Document, targets: Targets) -> list[Mention]:
    """Every place where a target is named, in text order, never overlapping; linear time.

    Whole words only; capitals must agree where the alias has them; the longest alias wins; a possessive ending is
    left out. One word of a person's name does not count inside somebody else's: with "John Doe" given, "Doe" is not
    found in "Mary Doe" nor in "Doe Tower". A target given by its last name alone is found after any first name.
    """
    found: list[Mention] = []
    trie = targets._trie
    if not trie:
        return found
    words = document.words
    spoken = frozenset(words)
    for low, high in document.sentence_tokens:
        position = low
        while position < high:
            node = trie.get(words[position])
            if node is None:
                position += 1
                continue
            name, last = _longest(node, words, position + 1, high)
            if name is None or _is_another(document, targets, spoken, Mention(name, position, last), (low, high)):
                position += 1
                continue
            found.append(Mention(name, document.starts[position], document.ends[last - 1]))
            position = last
    return found


def _longest(node: _Trie, words: list[str], at: int, high: int) -> tuple[str | None, int]:
    name, last = node.get(_END), at
    while at < high:
        following = node.get(words[at])
        if following is None:
            break
        node, at = following, at + 1
        if _END in node:
            name, last = node[_END], at
    return name, last


def _is_another(
    document: Document, targets: Targets, spoken: frozenset[str], match: Mention, sentence: tuple[int, int]
) -> bool:
    """Whether the matched tokens are part of a longer name that is not the target's."""
    name, first, last = match.target, match.start, match.end
    low, high = sentence
    words, lower = document.words, document.lower
    if last < high and lower[last] in _MAKES_ANOTHER and words[last][0].isupper():
        return True
    if last - first > 1 or not words[first][0].isupper() or first == low:
        return False
    firsts = targets._longer[name]
    if not firsts:
        return False
    before = words[first - 1]
    if before == "." and first - low > 1 and len(words[first - 2]) == 1:
        before = words[first - 3] if first - low > 2 else words[first - 2]
        if before in firsts or not before[0].isalpha():
            return False
    if not before[0].isupper() or not before.isalpha() or before in firsts or len(before) == 1:
        return False
    common = before.lower()
    if (
        common in titles()
        or common in peoples()
        or common in function_words()
        or common in bodies()
        or before.isupper()
    ):
        return False
    return not (first - 1 == low and common in spoken)


def find_targets(document: Document, title: str = "", *, most: int = 6) -> Targets:
    """The targets an article has by itself: names that recur in it, those of its title first.

    A name counts if it stands at least twice in the text, or once there and in the title; at most ``most`` are
    returned, the most mentioned first. Names are recognised by their capitals; nothing is looked up in a list of
    people, parties or countries.
    """
    in_title = {match.group().replace("’", "'") for match in TOKEN.finditer(title)}
    in_title |= {word.replace(".", "") for word in in_title}
    spoken = Counter(document.words)
    scored = []
    for order, one in enumerate(candidates(document)):
        count = len(one.found)
        titled = any(name.words[-1].replace(".", "") in in_title and len(name.words[-1]) > 1 for name in one.found)
        if (count < 2 and not titled) or not any(name.firm for name in one.found):
            continue
        strong = [name for name in one.found if not name.weak]
        if not strong or _is_adjective(document, one, spoken) or _is_common(one, spoken):
            continue
        score = len(strong) + 0.3 * (count - len(strong)) + 4 * titled + (one.is_person(document))
        if 2 * sum(document.lower[name.first - 1] in _PLACE_BEFORE for name in one.found if name.first) >= count:
            score /= 2  # where something happens, rather than whom it is about
        scored.append((-score, order, one))
    scored.sort(key=lambda row: row[:2])
    chosen = [one for _, _, one in scored[:most]]
    return Targets(dict(_as_target(one, chosen) for one in chosen))


def _as_target(one: Candidate, chosen: Sequence[Candidate]) -> tuple[str, tuple[str, ...]]:
    forms = sorted(one.forms, key=lambda form: (-len(form), -one.forms[form], form))
    taken = {form for other in chosen if other is not one for form in other.forms}
    texts = [spell(form) for form in forms if form not in taken or len(form) > 1]
    name = one.name
    return name, tuple(dict.fromkeys([name, *texts]))


def _is_common(one: Candidate, spoken: Mapping[str, int]) -> bool:
    """Whether the word is a common noun with a capital: the Party, the Border."""
    if any(len(form) > 1 for form in one.forms):
        return False
    word = one.words[0]
    if word.isupper() and len(word) > 1:
        return False
    common = word.lower()
    return (
        common in _NO_NAMES
        or (common in bodies() and common not in _NAMED_BY_ONE)
        or 3 * spoken[common] >= len(one.found)
    )


def _is_adjective(document: Document, one: Candidate, spoken: Mapping[str, int]) -> bool:
    """Whether a single capitalised word mostly qualifies the noun after it, as "Elbonian" does."""
    if not all(form[-1].endswith((*ADJECTIVES, "an")) for form in one.forms):
        return False
    if any(len(form) == 1 and (form[0][:-1] in spoken or form[0][:-2] in spoken) for form in one.forms):
        return True  # Elbonia is there, so Elbonian is its adjective
    if not all(form[-1].endswith(ADJECTIVES) for form in one.forms):
        return False
    followed = sum(1 for name in one.found if qualifies(document, name))
    return 3 * followed >= len(one.found)
