"""Who a source span stands for: "Doe", "she", "the minister" and "Health Minister Jane Doe" as one name.

A name is given only where the text makes it plain. Descriptions that are sources themselves ("US officials",
"a spokesman for the ministry") keep their own words; a pronoun or a bare "the minister" with no clear antecedent
stays unresolved.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from framing.entities.cast import AFTER_HEAD, PREPOSITIONS, PRONOUNS, Cast, Person
from framing.entities.joined_names import ADJECTIVES
from framing.entities.names import Name, peoples, titles
from framing.quotations import Quotation
from framing.segment import Document

_PLURAL = frozenset(["they", "them", "themselves", "both", "their"])
_OPEN = frozenset(
    ["i", "we", "you", "it", "me", "us", "one", "this", "that", "these", "those", "which", "what", "there"]
)
_ARTICLES = frozenset(["the", "a", "an"])
# Sources that are a thing: they keep their own words though "the" stands before them.
_THINGS = frozenset(
    ["report", "reports", "statement", "study", "poll", "survey", "complaint", "lawsuit", "indictment", "memo",
     "letter",
     "document", "documents", "filing", "ruling", "newspaper", "article", "tweet", "law", "bill", "data", "figures",
     "records", "paper", "book", "video", "email", "order", "charges", "affidavit", "transcript", "website", "post",
     "story", "release", "ad", "advertisement", "case", "clip", "spot", "suit", "agreement", "deal", "site", "magazine",
     "analysis", "proposal", "speech", "interview", "essay", "editorial", "column", "note", "message", "court",
     "government", "administration", "campaign", "police", "media", "press", "public"]
)  # fmt: skip
_REPORTS = frozenset(["said", "says", "told", "added", "wrote", "tweeted", "asked", "noted", "explained", "continued"])
_NO_MARKS = str.maketrans("", "", '"“”„«»')
# How far back, in sentences, a pronoun or a bare description looks.
_REACH = 4


def resolve_sources(
    document: Document,
    sources: Sequence[tuple[int, int] | None],
    found: Sequence[Quotation] | None = None,
) -> list[str | None]:
    """For each source span of a document, the name of who speaks, or None where the text leaves it in doubt.

    ``sources`` are character offsets in text order; None (no source) gives None. Names are given in the fullest form
    that the document has; pronouns and descriptions are resolved to the nearest compatible source or person.
    ``found`` are the quotations of the text, where the caller has them at hand.
    """
    if not any(sources):
        return [None] * len(sources)
    resolver = _Resolver(document, found)
    return [resolver.resolve(*span) if span else None for span in sources]


class _Resolver:
    def __init__(self, document: Document, found: Sequence[Quotation] | None) -> None:
        self.document = document
        self.cast = Cast(document, found)
        self.words, self.lower = document.words, document.lower
        # Sources so far: (sentence, name, person or None, plural).
        self.history: list[tuple[int, str, Person | None, bool]] = []

    def resolve(self, start: int, end: int) -> str | None:
        first = bisect_left(self.document.ends, start + 1)
        last = bisect_left(self.document.starts, end)
        first, last = self._trim(first, last)
        if first >= last:
            return None
        sentence = self.document.sentence_of[first]
        name, person, plural = self._read(first, last, sentence)
        if name is not None:
            self.history.append((sentence, name, person, plural))
        return name

    def _trim(self, first: int, last: int) -> tuple[int, int]:
        while first < last and not (self.words[first][0].isalnum() or self.words[first][0] in "$£€"):
            first += 1
        while last > first and (not self.words[last - 1][-1].isalnum() or self.lower[last - 1] == "'s"):
            if self.words[last - 1].endswith(".") and len(self.words[last - 1]) > 1:
                break
            last -= 1
        return first, last

    def _read(self, first: int, last: int, sentence: int) -> tuple[str | None, Person | None, bool]:
        """Name, person if it is one, and whether it is plural, of the source in ``words[first:last]``."""
        lower = self.lower
        if last - first == 1:
            word = lower[first]
            if word in PRONOUNS:
                person = self._antecedent(first, sentence, PRONOUNS[word])
                return (person.name if person else None), person, False
            if word in _PLURAL:
                group = self._group(first, sentence)
                return group, None, True
            if word == "who":
                person = self._relative(first, sentence)
                return (person.name if person else None), person, False
            if word in _OPEN:
                return None, None, False
            shouted = (self.words[first].title(),) if self.words[first].isupper() and len(word) > 3 else ()
            if shouted in self.cast.by_form:
                return self.cast.by_form[shouted], None, False
        joint = self._joint(first, last)
        if joint:
            return joint, None, True
        for low, high in self._segments(first, last):
            person_or_body = self._named_head(low, high)
            if isinstance(person_or_body, Person):
                return self._called(person_or_body, low, high), person_or_body, False
            if person_or_body is not None and low == first:
                return person_or_body, None, " " not in person_or_body and person_or_body.endswith("s")
        if tuple(self.words[first:last]) in self.cast.by_form:
            return self.cast.by_form[tuple(self.words[first:last])], None, False
        return self._described(first, last, sentence)

    def _called(self, person: Person, low: int, high: int) -> str:
        """The person's full name, unless a last name alone may mean another: "Doe" where two of them speak."""
        written = [i for i in range(low, high) if self.cast.called.get(i) is person]
        name = self.cast.name_at[written[0]]
        alone = len(name.words) == 1 and name.words[0] in self.cast.shared
        return name.words[0] if alone and not _says_gender(name) else person.name

    def _segments(self, first: int, last: int) -> list[tuple[int, int]]:
        """The pieces between commas and brackets."""
        pieces, low = [], first
        for i in range(first, last):
            if self.words[i] in (",", "(", ")", ";", ":", "—", "–", "--", "[", "]"):
                if i > low:
                    pieces.append((low, i))
                low = i + 1
            elif self.lower[i] in AFTER_HEAD and i > low:
                pieces.append((low, i))
                return pieces
        if low < last:
            pieces.append((low, last))
        return pieces

    def _named_head(self, low: int, high: int) -> Person | str | None:
        """The name that heads a piece: "spokesman John Roe", but not "a spokesman for John Roe" or "Roe's lawyer"."""
        lower = self.lower
        for first in range(low, high):
            who = self.cast.called.get(first)
            if who is None:
                continue
            name = self.cast.name_at[first]
            after = name.last
            if after < high and lower[after] not in PREPOSITIONS and lower[after] not in AFTER_HEAD:
                continue
            if after < high and (isinstance(who, str) or lower[after] in ("and", "or")):
                continue
            before = first - 1
            while before >= low and (
                self.words[before] == "." or (lower[before] in titles() and self.words[before][0].isupper())
            ):
                before -= 1
            article = before >= low and lower[before] in _ARTICLES
            if before - article >= low and (article or lower[before] in PREPOSITIONS):
                if not article or isinstance(who, str) or lower[before - 1] in PREPOSITIONS:
                    continue
            elif isinstance(who, str) and before - article >= low:
                continue
            return who
        return None

    def _joint(self, first: int, last: int) -> str | None:
        """Two named people who speak together."""
        for i in range(first + 1, last - 1):
            if self.lower[i] == "and":
                left, right = self._named_head(first, i), self._named_head(i + 1, last)
                if isinstance(left, Person) and isinstance(right, Person) and left is not right:
                    return f"{left.name} and {right.name}"
        return None

    def _antecedent(self, token: int, sentence: int, gender: str) -> Person | None:
        """Whom "he" or "she" means: the nearest person of that gender, subjects and sources before others."""
        scores: dict[Person, float] = {}
        # In "The plan of Doe works, he said" he is not Doe.
        inverted = self.lower[token - 1 : token] in ([","], ['"'], ["”"], ["''"]) and self._reports(token + 1)
        low = self.document.sentence_tokens[max(0, sentence - _REACH)][0]
        for first in self.cast.between(low, token):
            person = self.cast.person(first)
            if self.cast.gender[person] not in ("", gender):
                continue
            at = self.document.sentence_of[first]
            if at == sentence and inverted:
                continue
            near = 2.0 ** (at - sentence) * (0.3 if first in self.cast.quoted else 1.0)
            subject = first - self.document.sentence_tokens[at][0] <= 4 or self._speaks(first)
            owner = (
                self.cast.name_at[first].last < len(self.words) and self.lower[self.cast.name_at[first].last] == "'s"
            )
            score = (
                near * (1.6 if subject else 1.0) * (0.6 if owner else 1.0) * (1.5 if self.cast.gender[person] else 1.0)
            )
            scores[person] = max(scores.get(person, 0.0), score)
        for at, _, spoke, _ in reversed(self.history[-6:]):
            if spoke is not None and sentence - at <= _REACH and self.cast.gender[spoke] in ("", gender):
                score = 1.4 * 2.0 ** ((at - sentence) / 2) * (1.5 if self.cast.gender[spoke] else 1.0)
                scores[spoke] = scores.get(spoke, 0.0) + score
                break
        ranked = sorted(scores.items(), key=lambda item: -item[1])
        if not ranked or (len(ranked) > 1 and ranked[0][1] < 1.15 * ranked[1][1]):
            return None
        return ranked[0][0]

    def _speaks(self, first: int) -> bool:
        return self._reports(self.cast.name_at[first].last)

    def _reports(self, token: int) -> bool:
        return token < len(self.words) and self.lower[token] in _REPORTS

    def _group(self, token: int, sentence: int) -> str | None:
        """Whom "they" means: the last source, if it was several or a body, and near."""
        if self.history and self.history[-1][0] == sentence and self.history[-1][3]:
            return self.history[-1][1]
        low, high = self.document.sentence_tokens[max(0, sentence - 1)]
        people = self.cast.between(low, high)
        here = self.cast.starts[bisect_left(self.cast.starts, self.document.sentence_tokens[sentence][0]) :]
        if len({id(self.cast.called[first]) for first in people}) > 1 or (here and here[0] < token):
            return None
        for at, name, person, plural in reversed(self.history):
            if sentence - at > 2:
                return None
            thing = name.lower().split()[-1] in _THINGS
            return name if plural or (person is None and not thing) else None
        return None

    def _relative(self, token: int, sentence: int) -> Person | None:
        """Whom "who" means: the name just before, or the one that its apposition belongs to."""
        low = max(self.document.sentence_tokens[sentence][0], token - 14)
        near = self.cast.between(low, token)
        if not near:
            return None
        closest = near[-1]
        direct = token - self.cast.name_at[closest].last <= 1
        if not direct and len({id(self.cast.called[first]) for first in near}) > 1:
            return None
        person = self.cast.called[closest]
        return person if isinstance(person, Person) else None

    def _described(self, first: int, last: int, sentence: int) -> tuple[str | None, Person | None, bool]:
        """A source without a name in head position: somebody described before, or its own words."""
        lower = self.lower
        low, high = self._segments(first, last)[0] if self._segments(first, last) else (first, last)
        head = self.cast.head(low, high)
        definite = lower[low] in ("the", "this", "that", "his", "her", "their")
        if head is not None and definite:
            person = self._bearer(lower[head], low, sentence)
            if person is not None and not self._has_other_name(low, high, person):
                return person.name, person, False
            body = self._body(lower[head], low) if head == low + 1 else None
            if body is not None:
                return body, None, False
            plural = lower[head].endswith("s") and not lower[head].endswith("ss")
            if not plural and high - low <= 2 and lower[head] not in _THINGS:
                return None, None, False
        if head is not None and lower[low] in ("his", "her", "their", "its", "my", "our") and high - low <= 2:
            return None, None, False
        own = self._own_words(low, high)
        several = head is not None and lower[head].endswith("s") and lower[low] not in ("a", "an")
        return own, None, several

    def _bearer(self, head: str, token: int, sentence: int) -> Person | None:
        """The nearest earlier person whom the text calls by that role."""
        bearers = self.cast.roles.get(head, [])
        at = bisect_left(bearers, token, key=lambda bearer: bearer[0])
        if at == 0:
            return None
        first, person = bearers[at - 1]
        if all(bearer is person for _, bearer in bearers[max(0, at - 20) : at]):
            return person
        return person if sentence - self.document.sentence_of[first] <= 12 else None

    def _has_other_name(self, low: int, high: int, person: Person) -> bool:
        """Whether the description holds a name, so that another bearer of the role may be meant."""
        return any(self.cast.called.get(i) not in (None, person) for i in range(low, high))

    def _body(self, head: str, token: int) -> str | None:
        """The one institution named before with that word in its name: "the ministry"."""
        found = [name for name, first in self.cast.institutions.get(head, {}).items() if first < token]
        return found[0] if len(found) == 1 else None

    def _own_words(self, low: int, high: int) -> str | None:
        if self.lower[low] in _ARTICLES and high - low > 1:
            low += 1
        while high > low and not self.words[high - 1][-1].isalnum() and not self.words[high - 1].endswith("."):
            high -= 1
        if high <= low:
            return None
        high = min(high, low + 14)
        text = self.document.text[self.document.starts[low] : self.document.ends[high - 1]]
        text = " ".join(text.translate(_NO_MARKS).split())
        begins = low == self.document.sentence_tokens[self.document.sentence_of[low]][0]
        named = low in self.cast.named or self.lower[low] in peoples() or (self.words[low],) in self.cast.by_form
        plural = any(word.endswith("s") and word != "'s" for word in self.lower[low : low + 2])
        plural = plural and not self.lower[low].endswith(ADJECTIVES)
        if begins and not named and self.words[low][1:].islower() and (plural or self.lower[low] in self.cast.words):
            text = text[0].lower() + text[1:]
        return text


def _says_gender(name: Name) -> bool:
    return any(titles()[title] for title in name.titles)
