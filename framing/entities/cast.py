"""The people and bodies of a text: what each is called, the gender and the roles that the text gives them."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from framing.entities.joined_names import ADJECTIVES, Candidate, candidates
from framing.entities.names import Name, bodies, given_names, names, titles
from framing.quotations import Quotation, quotations
from framing.segment import Document

PRONOUNS = {"he": "m", "him": "m", "himself": "m", "she": "f", "her": "f", "herself": "f", "his": "m", "hers": "f"}
PREPOSITIONS = frozenset(
    ["of", "for", "to", "with", "by", "from", "at", "in", "on", "like", "as", "against", "under", "near", "including",
     "about", "among", "between", "behind", "within", "inside", "across", "representing", "and", "or", "over", "into"]
)  # fmt: skip
AFTER_HEAD = frozenset(["who", "that", "which", "whose", "whom", "himself", "herself", "themselves", "when", "where"])


_PLURALS = (*(ending + "s" for ending in ADJECTIVES), "crats", "ists")


@dataclass(eq=False)
class Person:
    """A person of the text: the name by which to call them, and where the text mentions them."""

    name: str
    mentions: list[Name] = field(default_factory=list)


class Cast:
    """Who is who in one document; what only pronouns and descriptions need is worked out when first asked for."""

    def __init__(self, document: Document, found: Sequence[Quotation] | None = None) -> None:
        self.document = document
        self._quotations = found
        # Token index of a name -> the person or body it names, and the name as it stands there.
        self.called: dict[int, Person | str] = {}
        self.name_at: dict[int, Name] = {}
        self.known: list[tuple[str, Candidate]] = []
        for one in candidates(document):
            name = one.name
            if name.endswith("s") and not any(mention.firm for mention in one.found):
                continue  # a sentence that begins "Analysts" names nobody
            self.known.append((name, one))
            someone = one.is_person(document, unsure=True) and not self._is_group(name)
            who: Person | str = Person(name, one.found) if someone else name
            for mention in one.found:
                if not mention.weak:
                    self.called[mention.first] = who
                    self.name_at[mention.first] = mention
        # Where people are named, in text order.
        self.starts = sorted(first for first, who in self.called.items() if isinstance(who, Person))

    def _is_group(self, name: str) -> bool:
        """Whether a name is the plural of another word of the text: Elbonians, Yellows."""
        return name.endswith(_PLURALS) or (name.endswith("s") and " " not in name and name[:-1] in self.words)

    def person(self, first: int) -> Person:
        """The person named at a token of ``starts``."""
        who = self.called[first]
        assert isinstance(who, Person)
        return who

    def between(self, low: int, high: int) -> list[int]:
        """Where people are named in ``words[low:high]``."""
        return self.starts[bisect_left(self.starts, low) : bisect_left(self.starts, high)]

    @cached_property
    def named(self) -> set[int]:
        """Tokens that belong to a name."""
        return {i for one in names(self.document) if one.firm for i in range(one.first, one.last)}

    @cached_property
    def words(self) -> set[str]:
        """Every word of the text as written."""
        return set(self.document.words)

    @cached_property
    def quoted(self) -> set[int]:
        """Tokens inside quotations."""
        starts = self.document.starts
        inside: set[int] = set()
        for one in quotations(self.document.text) if self._quotations is None else self._quotations:
            inside.update(range(bisect_left(starts, one.start), bisect_left(starts, one.end)))
        return inside

    @cached_property
    def by_form(self) -> dict[tuple[str, ...], str]:
        """Every way of writing a name -> the name: for places where capitals say nothing."""
        forms = {mention.words: name for name, one in self.known for mention in one.found if mention.firm}
        for person in map(self.person, self.starts):
            last = person.name.split()[-1]
            if last not in self.shared:
                forms.setdefault((last,), person.name)
        return forms

    @cached_property
    def shared(self) -> set[str]:
        """Last names that several people bear, none of them standing out as the one the name alone means."""
        bearers: dict[str, list[int]] = defaultdict(list)
        for _, one in self.known:
            if len(one.words) > 1:
                bearers[one.words[-1]].append(sum(n for form, n in one.forms.items() if len(form) > 1))
        ranked = {last: sorted(counts) for last, counts in bearers.items() if len(counts) > 1}
        return {last for last, counts in ranked.items() if 3 * counts[-2] >= counts[-1]}

    @cached_property
    def institutions(self) -> dict[str, dict[str, int]]:
        """Word ("ministry") -> the bodies with it in their name, and where each is first named."""
        found: dict[str, dict[str, int]] = defaultdict(dict)
        for first, who in sorted(self.called.items(), key=lambda item: item[0]):
            if isinstance(who, str) and " " in who:
                for word in bodies().intersection(who.lower().split()):
                    found[word].setdefault(who, first)
        return found

    @cached_property
    def gender(self) -> dict[Person, str]:
        """``"m"``, ``"f"`` or ``""``: by title, by pronouns that can mean only one person, by given name."""
        votes = self._pronoun_votes()
        given = given_names()
        genders = {}
        for person in dict.fromkeys(map(self.person, self.starts)):
            said = {titles()[title] for name in person.mentions for title in name.titles} - {""}
            male, female = votes.get(person, (0, 0))
            decided = ("m" if male > female else "f") if max(male, female) > 2 * min(male, female) else ""
            usual = given.get(person.name.split()[0].lower(), "") if " " in person.name else ""
            few = male + female < 3
            genders[person] = said.pop() if len(said) == 1 else (usual or decided) if few else (decided or usual)
        return genders

    def _pronoun_votes(self) -> dict[Person, tuple[int, int]]:
        lower = self.document.lower
        votes: dict[Person, tuple[int, int]] = {}
        before: Person | None = None
        at = 0
        for low, high in self.document.sentence_tokens:
            here: dict[Person, int] = {}
            while at < len(self.starts) and self.starts[at] < high:
                here.setdefault(self.person(self.starts[at]), self.starts[at])
                at += 1
            only = next(iter(here)) if len(here) == 1 else None
            if not here and lower[low] in PRONOUNS:
                only = before
            if only is not None and here.get(only, low) - low > 5:
                pass  # not what the sentence is about: its pronouns may mean somebody else
            elif only is not None and (here or votes.get(only, (0, 0)) == (0, 0)):
                said = [PRONOUNS[word] for word in lower[here.get(only, low) : high] if word in PRONOUNS]
                male, female = votes.get(only, (0, 0))
                votes[only] = (male + said.count("m"), female + said.count("f"))
            before = only
        return votes

    @cached_property
    def roles(self) -> dict[str, list[tuple[int, Person]]]:
        """Role word -> where the text gives it to whom: by title, by the noun before the name, by apposition."""
        words, lower = self.document.words, self.document.lower
        roles: dict[str, list[tuple[int, Person]]] = defaultdict(list)
        for first in self.starts:
            person, name = self.person(first), self.name_at[first]
            given = list(name.titles)
            if first and lower[first - 1].isalpha() and words[first - 1][0].islower():
                given.append(lower[first - 1])
            elif first > 1 and lower[first - 1] == "," and words[first - 2][0].islower():
                given.append(lower[first - 2])
            if name.last + 1 < len(words) and words[name.last] == ",":
                head = self.head(name.last + 1, min(name.last + 10, len(words)))
                if head is not None:
                    given.append(lower[head])
            for role in given:
                roles[role].append((first, person))
        return roles

    def head(self, first: int, last: int) -> int | None:
        """The head noun of a description: its last word before a preposition, a comma or a relative clause."""
        words, lower = self.document.words, self.document.lower
        end = first
        while end < last and (words[end][0].isalnum() or lower[end] == "'s"):
            if end > first and (lower[end] in PREPOSITIONS or lower[end] in AFTER_HEAD):
                break
            end += 1
        return end - 1 if end > first and words[end - 1][0].isalpha() else None
