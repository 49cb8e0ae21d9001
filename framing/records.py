"""The records that flow through the package: frozen dataclasses, no behaviour beyond their own fields.

All offsets are Python string offsets into the text that was scored: ``text[start:end]`` is always exactly
the span's text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Voice = Literal["author", "source", "mixed"]
Kind = Literal["direct", "indirect", "mixed"]
CueClass = Literal["neutral", "doubting", "endorsing", "charged"]

VOICES: tuple[Voice, ...] = ("author", "source", "mixed")
KINDS: tuple[Kind, ...] = ("direct", "indirect", "mixed")
CUE_CLASSES: tuple[CueClass, ...] = ("neutral", "doubting", "endorsing", "charged")
CATEGORIES: tuple[str, ...] = (
    "evaluation",
    "labelling",
    "emotion",
    "intensifier",
    "conflict",
    "insinuation",
    "euphemism",
)
FRAMES: tuple[str, ...] = ("conflict", "resolution", "human_interest", "morality", "economic")


@dataclass(frozen=True, slots=True)
class Article:
    """One article as it was read. The scorers see ``title`` and ``text`` only: never who published them."""

    id: str
    text: str
    title: str = ""
    outlet: str = ""
    date: str | None = None
    url: str | None = None
    author: str | None = None
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text; ``start`` and ``end`` are string offsets, ``end`` exclusive."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class LoadedTerm:
    """A span whose wording carries a judgement.

    ``weight`` is in (0, 1]: how strongly the wording is loaded; ``voice`` says in whose words it stands.
    """

    start: int
    end: int
    text: str
    category: str
    weight: float
    voice: Voice = "author"


@dataclass(frozen=True, slots=True)
class Contribution:
    """A word and what it adds to its sentence's score.

    ``weight`` is in log-odds of the wording being called biased: above 0 it raises the probability, below 0 it lowers
    it; 0.7 doubles the odds.
    """

    start: int
    end: int
    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class LoadedLanguage:
    """Loaded language of one sentence.

    ``probability`` in [0, 1]: calibrated probability that expert readers would call the wording biased. ``reasons``:
    the words that carried it, as in :class:`Sentence`.
    """

    probability: float
    terms: tuple[LoadedTerm, ...]
    reasons: tuple[Contribution, ...] = ()


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who says what: PARC's source, cue and content (Pareti 2016).

    ``source_name`` is the resolved name of the source, or None where the text leaves it in doubt.
    """

    source: Span | None
    cue: Span | None
    content: tuple[Span, ...]
    kind: Kind
    cue_class: CueClass
    source_name: str | None = None


@dataclass(frozen=True, slots=True)
class Mention:
    """A place where a target is named; ``start`` and ``end`` are string offsets."""

    target: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Stance:
    """Stance toward one mention of a target.

    Three probabilities that sum to 1; ``stance`` = positive - negative, in [-1, 1]. ``holder`` is
    ``"author"`` or the name of the source to whom the words are attributed.
    """

    target: str
    start: int
    end: int
    negative: float
    neutral: float
    positive: float
    stance: float
    holder: str = "author"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence and its scores.

    ``loaded`` in [0, 1] as in :class:`LoadedLanguage`; ``polarity`` in [-1, 1] and ``subjectivity`` in
    [0, 1] are TextBlob's, kept as the familiar baseline. ``reasons`` are the words that carried ``loaded``, the
    strongest first: at most five that raised it, then, where it counts as much, the one that lowered it most. They
    are empty below a probability of .2, where there is little to explain, and where no single word stands out.
    """

    index: int
    start: int
    end: int
    text: str
    voice: Voice
    source_name: str | None
    loaded: float
    polarity: float
    subjectivity: float
    reasons: tuple[Contribution, ...] = ()


@dataclass(frozen=True, slots=True)
class Frame:
    """One generic frame of an article: its probability in [0, 1] and the sentences that carry it most."""

    name: str
    probability: float
    sentences: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Headline:
    """An article's title, scored on its own: its fields are as in a sentence, with offsets into the title."""

    text: str
    loaded: float
    terms: tuple[LoadedTerm, ...] = ()
    reasons: tuple[Contribution, ...] = ()


@dataclass(frozen=True, slots=True)
class Quarantined:
    """Something that could not be read: where it stood, its id where it had one, and why."""

    place: str
    reason: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Corpus:
    """What :func:`framing.read_articles` returns; ``read`` = articles + quarantined, always."""

    articles: tuple[Article, ...]
    quarantined: tuple[Quarantined, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def read(self) -> int:
        """How many rows or files were met."""
        return len(self.articles) + len(self.quarantined)

    def __len__(self) -> int:
        return len(self.articles)

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter(self.articles)
