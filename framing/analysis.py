"""The one place that composes the measures: article in, :class:`Analysis` out."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from framing import attribution, frames, loaded, stance
from framing.engines import DEFAULT_ENGINE, Reading, get_engine
from framing.entities import Targets, find_mentions, find_targets, make_targets
from framing.errors import InputError
from framing.lexicon import Lexicon, Match, default_lexicon
from framing.parallel import Failure, run_chunks
from framing.polarity import polarity
from framing.quotations import quotations
from framing.records import (
    Article,
    Attribution,
    Contribution,
    Frame,
    Headline,
    LoadedLanguage,
    LoadedTerm,
    Mention,
    Sentence,
    Stance,
)
from framing.segment import Document, segment

if TYPE_CHECKING:
    import pandas as pd

# What a caller may give as targets: nothing (found in the text), names, or names with their aliases.
TargetsLike = None | str | Sequence[str] | Mapping[str, Sequence[str]] | Targets
OnFailure = Callable[[Article, str], None]

# Of a sentence's words, those are its reasons that hold a tenth or more of all that raises its score.
_MOST_REASONS = 5
_REASON_SHARE = 0.1
_LEAST_REASON = 0.1  # log-odds
_EXPLAINED = 0.2  # the probability from which a sentence is given reasons


@dataclass(frozen=True)
class Analysis:
    """Everything measured in one article.

    ``known_words`` is the share of its words that the engine has met in training; a low share (under one half)
    says that the text is in another language or garbled, and that its scores mean little.
    """

    article: Article
    sentences: tuple[Sentence, ...]
    loaded_terms: tuple[LoadedTerm, ...]
    attributions: tuple[Attribution, ...]
    stances: tuple[Stance, ...]
    frames: tuple[Frame, ...]
    headline: Headline
    known_words: float = 1.0

    def to_frame(self) -> pd.DataFrame:
        """One row per sentence: the ``sentences`` table of this article."""
        from framing.tables import tables

        return tables([self])["sentences"]

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionaries and lists, ready for JSON."""
        return asdict(self)

    def _repr_html_(self) -> str:
        from framing.highlight import highlight_html

        return highlight_html(self)


@dataclass(frozen=True)
class Instrument:
    """The parameters of a scoring run; calling it with articles scores them.

    ``targets=None`` finds the targets of each article in its own text.
    """

    targets: Targets | None = None
    engine: str = DEFAULT_ENGINE
    lexicon: Lexicon | None = None

    def __call__(self, articles: Sequence[Article]) -> list[Analysis]:
        """One analysis per article, in order; none depends on the others."""
        engine = get_engine(self.engine)
        bodies = [segment(article.text) for article in articles]
        titles = [segment(article.title, whole=True) for article in articles]
        wanted = [
            self.targets if self.targets is not None else find_targets(body, article.title)
            for body, article in zip(bodies, articles, strict=True)
        ]
        documents = [*bodies, *titles]
        mentions = [find_mentions(body, targets) for body, targets in zip(bodies, wanted, strict=True)]
        mentions += [[] for _ in titles]
        matches = [_matches(document, self.lexicon or default_lexicon()) for document in documents]
        readings = engine.read(documents, mentions, [_heard(found) for found in matches])
        n = len(articles)
        return [
            _compose(
                article,
                (bodies[i], mentions[i], matches[i], readings[i]),
                (titles[i], matches[n + i], readings[n + i]),
            )
            for i, article in enumerate(articles)
        ]


def analyze(
    text_or_article: str | Article,
    targets: TargetsLike = None,
    *,
    engine: str = DEFAULT_ENGINE,
    lexicon: Lexicon | None = None,
) -> Analysis:
    """Score one article.

    Parameters
    ----------
    text_or_article
        A text, or an :class:`~framing.records.Article`.
    targets
        Toward whom stance is measured: a name, names, or names with aliases; None finds them in the text.
    engine
        ``"neural"``: the accurate one; ``"linear"``: some five times faster, every weight readable.
    lexicon
        A lexicon from :func:`framing.lexicon.read_lexicon`; None takes the package's own.

    Raises
    ------
    InputError
        For something that is neither text nor article.
    """
    if isinstance(text_or_article, str):
        text_or_article = Article(id="text", text=text_or_article)
    if not isinstance(text_or_article, Article):
        raise InputError(f"cannot analyze {type(text_or_article).__name__!r}; give a text or a framing.Article")
    return Instrument(_targets(targets), engine, lexicon)([text_or_article])[0]


def analyze_many(
    articles: Iterable[Article],
    targets: TargetsLike = None,
    *,
    engine: str = DEFAULT_ENGINE,
    lexicon: Lexicon | None = None,
    batch_size: int = 32,
    jobs: int = 1,
    timeout: float = 300.0,
    on_failure: OnFailure | None = None,
) -> Iterator[Analysis]:
    """Score many articles lazily, in order, in ``jobs`` processes.

    An article that cannot be scored is passed to ``on_failure`` with the reason (a warning names it where
    none is given) and the others go on; with ``jobs > 1`` this holds also for one that kills its worker or
    keeps it longer than ``timeout`` seconds.
    """
    if batch_size < 1 or jobs < 1:
        raise InputError(f"batch_size and jobs must be 1 or more, not {batch_size} and {jobs}")
    get_engine(engine)  # a missing model is one error here, not one failure per article
    instrument = Instrument(_targets(targets), engine, lexicon)
    report = on_failure or _warn
    for article, result in run_chunks(instrument, _batched(articles, batch_size), jobs=jobs, timeout=timeout):
        if isinstance(result, Failure):
            report(article, result.reason)
        else:
            yield result


def score_loaded_language(
    sentence: str, *, engine: str = DEFAULT_ENGINE, lexicon: Lexicon | None = None
) -> LoadedLanguage:
    """Loaded language of one sentence, whatever it holds: probability in [0, 1] and the terms behind it.

    The probability is calibrated to the judgement of expert readers (BABE, Spinde et al. 2021): of sentences
    scored .7, about seven in ten were called biased in their wording.
    """
    document = segment(_text(sentence), whole=True)
    if not document.sentences:
        return LoadedLanguage(0.0, ())
    matches = _matches(document, lexicon or default_lexicon())
    reading = get_engine(engine).read([document], [[]], [_heard(matches)])[0]
    given = attribution.attributions(document, reading.tags, quotations(sentence))
    return LoadedLanguage(
        float(reading.bias[0]), _terms(document, reading, matches, given), _reasons(document, reading)[0]
    )


def score_attribution(text: str, *, engine: str = DEFAULT_ENGINE) -> tuple[Attribution, ...]:
    """Who says what in a text: source, cue and content, with offsets into the text (Pareti 2016)."""
    document = segment(_text(text))
    reading = get_engine(engine).read([document], [[]], [_heard(_matches(document, default_lexicon()))])[0]
    return attribution.attributions(document, reading.tags, quotations(text))


def score_stance(sentence: str, target: str | tuple[int, int], *, engine: str = DEFAULT_ENGINE) -> Stance:
    """Stance of a sentence toward a target, given by name or by its ``(start, end)`` in the sentence.

    ``stance`` = P(positive) - P(negative), in [-1, 1]. Raises :class:`~framing.errors.InputError` where the
    name does not occur or the offsets lie outside the sentence.
    """
    document = segment(_text(sentence), whole=True)
    mention = _locate(sentence, target)
    matches = _matches(document, default_lexicon())
    reading = get_engine(engine).read([document], [[mention]], [_heard(matches)])[0]
    given = attribution.attributions(document, reading.tags, quotations(sentence))
    return stance.stances(document, [mention], reading.stance, given)[0]


def _compose(
    article: Article,
    body: tuple[Document, list[Mention], list[Match], Reading],
    title: tuple[Document, list[Match], Reading],
) -> Analysis:
    document, mentions, matches, reading = body
    given = attribution.attributions(document, reading.tags, quotations(article.text))
    voices = attribution.voices(document, given)
    sentences = []
    for index, ((start, end), (voice, source), bias, reasons) in enumerate(
        zip(document.sentences, voices, reading.bias.tolist(), _reasons(document, reading), strict=True)
    ):
        text = article.text[start:end]
        sentences.append(Sentence(index, start, end, text, voice, source, bias, *polarity(text), reasons))
    return Analysis(
        article,
        tuple(sentences),
        _terms(document, reading, matches, given),
        given,
        tuple(stance.stances(document, mentions, reading.stance, given)),
        frames.frames(reading.frames, reading.frame_sentences),
        _headline(article.title, *title),
        reading.known,
    )


def _headline(text: str, document: Document, matches: list[Match], reading: Reading) -> Headline:
    if not document.sentences:
        return Headline(text, 0.0)
    terms = _terms(document, reading, matches, ())
    return Headline(text, float(reading.bias[0]), terms, _reasons(document, reading)[0])


def _terms(
    document: Document, reading: Reading, matches: list[Match], given: Sequence[Attribution]
) -> tuple[LoadedTerm, ...]:
    spans = [(span.start, span.end) for one in given for span in one.content]
    return tuple(loaded.loaded_terms(document, reading, matches, quotations(document.text), spans))


def _reasons(document: Document, reading: Reading) -> list[tuple[Contribution, ...]]:
    """For every sentence the words that carried its score; see :class:`~framing.records.Sentence`."""
    reasons: list[tuple[Contribution, ...]] = []
    for (first, last), chance in zip(document.sentence_tokens, reading.bias.tolist(), strict=True):
        parts = reading.parts[first:last].tolist() if chance >= _EXPLAINED else []
        least = max(_LEAST_REASON, _REASON_SHARE * sum(part for part in parts if part > 0))
        ranked = sorted(range(len(parts)), key=parts.__getitem__, reverse=True)
        chosen = [k for k in ranked[:_MOST_REASONS] if parts[k] >= least]
        chosen += [k for k in ranked[-1:] if parts[k] <= -least]
        reasons.append(tuple(_contribution(document, first + k, parts[k]) for k in chosen))
    return reasons


def _contribution(document: Document, token: int, part: float) -> Contribution:
    return Contribution(document.starts[token], document.ends[token], document.words[token], round(part, 3))


def _matches(document: Document, lexicon: Lexicon) -> list[Match]:
    """What the lexicon finds in each sentence, as token indices of the document; silent terms included."""
    lower = document.lower
    return [
        Match(first + match.first, first + match.last, match.entry)
        for first, last in document.sentence_tokens
        for match in lexicon.match(lower[first:last], silent=True)
    ]


def _heard(matches: Sequence[Match]) -> list[Match]:
    return [match for match in matches if not match.entry.silent]


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise InputError(f"cannot score {type(value).__name__} {value!r}; give a text")
    return value


def _targets(given: TargetsLike) -> Targets | None:
    return None if given is None else make_targets(given)


def _locate(sentence: str, target: str | tuple[int, int]) -> Mention:
    if isinstance(target, str):
        found = find_mentions(segment(sentence, whole=True), make_targets(target))
        if found:
            return found[0]
        at = sentence.lower().find(target.lower()) if target.strip() else -1
        if at < 0 or len(sentence.lower()) != len(sentence):
            raise InputError(f"target {target!r} does not occur in {sentence[:60]!r}; name it as the sentence does")
        return Mention(target, at, at + len(target))
    start, end = target
    if not 0 <= start < end <= len(sentence):
        raise InputError(f"target span {(start, end)} is not inside the sentence, which has {len(sentence)} characters")
    return Mention(sentence[start:end], start, end)


def _batched(articles: Iterable[Article], size: int) -> Iterator[list[Article]]:
    source = iter(articles)
    while batch := list(islice(source, size)):
        yield batch


def _warn(article: Article, reason: str) -> None:
    warnings.warn(f"article {article.id!r} was not scored: {reason}", stacklevel=2)
