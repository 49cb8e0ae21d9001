"""Which articles tell the same story, and which are copies of one text: by wording and date, never by outlet.

Two articles are as alike as the cosine of their TF-IDF weights, headline and lead counting as much as all that
follows, and less so with every day between them. A word that half of the news of those weeks has ("coronavirus" in the
spring of 2020) tells little, however rare it is in the corpus: what a word is worth depends on the day. Stories are
found by average linkage over these similarities, in which two dated articles too far apart can never end up together
(a cannot-link constraint, Wagstaff et al. 2001): a long affair falls into its episodes. Copies are articles that share
most of their runs of five words (shingles, Broder 1997): wire copy under different headlines, cut or with a paragraph
of its own.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np

from framing.errors import InputError, one_of
from framing.records import Article

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

# This and what follows was chosen on BASIL and on AllSides' roundups together; with a similarity between .06 and .11
# both stay within a point of their best.
SIMILARITY = 0.085
WINDOW_DAYS = 4
# Characters of headline and lead, which give half of the similarity, and of the text that gives the other half.
_LEAD, _TEXT = 1500, 6000
# How much a word's worth is that of the weeks around an article, and not that of the whole corpus.
_LOCAL_SHARE, _LOCAL_DAYS = 0.7, 14
# Similarity falls to 37% in so many days; with an article whose own date is not known, not below half.
_DECAY_DAYS, _UNSURE = 4.0, 0.5
# So far that no average over pairs with one of these among them is near.
_NEVER = 1e9
# Copies: the shorter text is at least half as long as the other, and shares so much of its shingles with it. What
# has fewer shingles is a notice or a teaser, which says nothing of where an article is from.
COPIED = 0.6
_SHINGLE, _FEWEST_SHINGLES, _LONGEST, _ALIKE_ENOUGH = 5, 20, 6000, 0.35
# Odd factors that mix the places of a run's words; sums wrap around at 64 bits.
_FACTORS = np.array([pow(0x9E3779B97F4A7C15, k, 2**64) for k in range(_SHINGLE)], dtype=np.uint64)
# Characters of an article's first and last words.
_END = 300
_BLOCK, _FEW = 512, 20
_WORD = re.compile(r"\w+")
FOUND, COLUMN = "found", "column"


@dataclass(frozen=True, slots=True)
class Events:
    """The story of every article, and the article that each is a copy of (its own index where it is none).

    Stories count from 0 in the order of their first articles by date; neither they nor the originals depend on the
    order in which the articles were given.
    """

    event: tuple[int, ...]
    original: tuple[int, ...]


def find_events(articles: Sequence[Article], *, similarity: float = SIMILARITY, window: int = WINDOW_DAYS) -> Events:
    """Group articles into stories and find copies among them.

    Two groups are one story when their articles are, on average, at least ``similarity`` in (0, 1] alike; dated
    articles of one story are at most ``window`` days apart. One without a date is taken to be of the day of the
    dated article that resembles it most. Copies are always of one story, and the earliest is the original (one
    without a date goes before those that have one); the same text again after the window is an original of its own.
    10,000 articles take about half a minute.

    Raises :class:`~framing.errors.InputError` for a similarity outside (0, 1] or a negative window.
    """
    if not 0 < similarity <= 1 or window < 0:
        raise InputError(f"similarity must be in (0, 1] and window 0 or more, not {similarity} and {window}")
    order = sorted(range(len(articles)), key=lambda i: _place(articles[i]))
    if len(order) < 2:
        return Events((0,) * len(order), tuple(order))
    ordered = [articles[i] for i in order]
    pairs = _Pairs(ordered, window)
    near, candidates = pairs.above(similarity)
    original = _originals(ordered, np.concatenate([candidates, _same_ends(ordered)]), pairs.days, window)
    labels = _linked(pairs, near, original, similarity)
    first: dict[int, int] = {}
    numbers = [first.setdefault(int(label), len(first)) for label in labels]
    back = np.argsort(order)
    return Events(tuple(numbers[k] for k in back), tuple(order[original[k]] for k in back))


def cluster_events(
    articles: Sequence[Article], *, similarity: float = SIMILARITY, window: int = WINDOW_DAYS
) -> list[int]:
    """The story of every article as :func:`find_events` finds it."""
    return list(find_events(articles, similarity=similarity, window=window).event)


def with_events(articles: Sequence[Article], events: str = FOUND) -> list[Article]:
    """The articles with their story in ``extra["event"]`` and their original's id in ``extra["copy_of"]``.

    ``events``: ``"found"`` works the stories out; ``"column"`` takes the input's column ``event``; any other value is
    the name of a column to take. Copies are found in any case. A column ``event`` or ``copy_of`` of the input that is
    not taken is kept as ``event_given`` and ``copy_of_given``. An article that is a copy of none has an empty
    ``copy_of``.

    Raises :class:`~framing.errors.InputError` for a column that no article has.
    """
    there = dict.fromkeys(name for article in articles for name in article.extra)
    column = None if events == FOUND else "event" if events == COLUMN else events
    if column is not None and articles and column not in there:
        remedy = f"{FOUND!r} works the stories out from wording and date"
        raise InputError(one_of("column of events", column, there, remedy=remedy))
    found = find_events(articles)
    width = len(str(max(found.event, default=0)))
    moved = {name: _free(name, there) for name in ("event", "copy_of") if name != column}
    told = []
    for i, article in enumerate(articles):
        event = f"story {found.event[i]:0{width}}" if column is None else article.extra.get(column, "").strip()
        copied = articles[found.original[i]].id if found.original[i] != i else ""
        kept = {moved.get(name, name): value for name, value in article.extra.items()}
        told.append(replace(article, extra={**kept, "event": event, "copy_of": copied}))
    return told


def _free(name: str, taken: Container[str]) -> str:
    given = f"{name}_given"
    while given in taken:
        given += "_given"
    return given


class _Pairs:
    """Similarities of pairs of articles, worked out where they are needed: all of them would not fit in memory."""

    def __init__(self, articles: Sequence[Article], window: int) -> None:
        self.window = window
        self.days = np.array([_day(article.date) for article in articles])
        self.dated = ~np.isnan(self.days)
        counts = _counts(articles)
        # The day that an article without a date is taken to be of: that of the dated one most like it.
        self.taken = self.days.copy()
        self.weights = _weights(counts, np.zeros(len(articles)))
        known = np.flatnonzero(self.dated)
        for rows in _blocks(np.flatnonzero(~self.dated)) if len(known) else ():
            self.taken[rows] = self.days[known[(self.weights[rows] @ self.weights[known].T).toarray().argmax(1)]]
        if len(known):
            self.weights = _weights(counts, self.taken)

    def similarity(self, rows: np.ndarray, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Of each row with each column: likeness in wording, the same lessened by time, and whether they can be one."""
        alike = np.clip((self.weights[rows] @ self.weights[columns].T).toarray(), 0, 1)
        sure = self.dated[rows][:, None] & self.dated[columns][None]
        gap = np.nan_to_num(np.abs(self.taken[rows][:, None] - self.taken[columns][None]))
        near = np.exp(-gap / _DECAY_DAYS)
        return alike, alike * np.where(sure, near, np.maximum(near, _UNSURE)), ~sure | (gap <= self.window)

    def above(self, similarity: float) -> tuple[csr_matrix, np.ndarray]:
        """Pairs that are at least so much alike, as a graph, and those that might be copies, as rows of two."""
        from scipy.sparse import coo_matrix

        everything = np.arange(len(self.days))
        edges, likely = [], []
        for rows in _blocks(everything):
            # Sorted by day, those without one first: only a stretch of the corpus can be near in time.
            first, last = self.days[rows[0]], self.days[rows[-1]]
            columns = everything
            if not np.isnan(first):
                columns = everything[
                    ~self.dated | (np.abs(self.days - (first + last) / 2) <= (last - first) / 2 + self.window)
                ]
            wording, alike, possible = self.similarity(rows, columns)
            upper = columns[None] > rows[:, None]
            edges.append(_places(upper & possible & (alike >= similarity), rows, columns))
            likely.append(_places(upper & possible & (wording >= _ALIKE_ENOUGH), rows, columns))
        pairs = np.concatenate(edges)
        near = coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(everything),) * 2)
        return near.tocsr(), np.concatenate(likely)


def _places(mask: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    a, b = np.nonzero(mask)
    return np.column_stack([rows[a], columns[b]])


def _blocks(places: np.ndarray) -> list[np.ndarray]:
    return [places[first : first + _BLOCK] for first in range(0, len(places), _BLOCK)]


def _linked(pairs: _Pairs, near: csr_matrix, original: np.ndarray, similarity: float) -> np.ndarray:
    """Average linkage within each connected part: two groups can only be joined if some pair of theirs is near."""
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    n = len(original)
    copies = coo_matrix((np.ones(n), (np.arange(n), original)), shape=(n, n))
    _, part = connected_components(near + copies, directed=False)
    by_part = np.split(np.argsort(part, kind="stable"), np.cumsum(np.bincount(part))[:-1])
    labels = np.zeros(n, dtype=int)
    for members in by_part:
        found = np.ones(len(members), dtype=int)
        if len(members) > 1:
            found = fcluster(linkage(_distances(pairs, members, original), "average"), 1 - similarity, "distance")
        labels[members] = found + labels.max()
    return labels


def _distances(pairs: _Pairs, members: np.ndarray, original: np.ndarray) -> np.ndarray:
    """Distances of all pairs of some articles, in the order that linkage takes them."""
    size = len(members)
    flat = np.empty(size * (size - 1) // 2)
    at = 0
    for rows in _blocks(np.arange(size)):
        _, alike, possible = pairs.similarity(members[rows], members)
        apart = np.where(possible, 1 - alike, _NEVER)
        apart[original[members[rows]][:, None] == original[members][None]] = 0.0
        for k, row in zip(rows, apart, strict=True):
            flat[at : at + size - k - 1] = row[k + 1 :]
            at += size - k - 1
    return flat


def _originals(articles: Sequence[Article], candidates: np.ndarray, days: np.ndarray, window: int) -> np.ndarray:
    """The first article, in order, of those that are copies of each other; every other is its own.

    A text that is printed over and over, each time within the window of the last, begins anew where the window of
    the first ends: copies are of one story, and a story has to stay within the window.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    shingles = {int(i): _shingles(articles[i].text) for i in np.unique(candidates)}
    copied = [(a, b) for a, b in candidates.tolist() if _is_copy(shingles[a], shingles[b])]
    n = len(articles)
    places = np.array(copied, dtype=int).reshape(-1, 2)
    graph = coo_matrix((np.ones(len(places)), (places[:, 0], places[:, 1])), shape=(n, n))
    _, group = connected_components(graph, directed=False)
    original = np.arange(n)
    first: dict[int, int] = {}
    begun: dict[int, float] = {}
    for i in np.unique(places):
        own = int(group[i])
        if not np.isnan(days[i]) and days[i] - begun.setdefault(own, days[i]) > window:
            first[own], begun[own] = int(i), days[i]
        original[i] = first.setdefault(own, int(i))
    return original


def _same_ends(articles: Sequence[Article]) -> np.ndarray:
    """Pairs of articles that begin or end with the same words, each with the next of its kind, as rows of two.

    Where most of a corpus is one text its words tell nothing apart, and its copies are not alike by their weights.
    """
    last: dict[tuple[str, str], int] = {}
    found = []
    for i, article in enumerate(articles):
        for end, part in (("first", article.text[:_END]), ("last", article.text[-_END:])):
            key = end, " ".join(_WORD.findall(part.lower()))
            if key in last:
                found.append((last[key], i))
            last[key] = i
    return np.array(found, dtype=int).reshape(-1, 2)


def _is_copy(a: set[int], b: set[int]) -> bool:
    fewer, more = sorted((len(a), len(b)))
    return fewer >= _FEWEST_SHINGLES and 2 * fewer >= more and len(a & b) >= COPIED * fewer


def _shingles(text: str) -> set[int]:
    """Runs of words as numbers: of 64 bits, and the same in every process, which those of ``hash`` are not."""
    words = [crc32(word.lower().encode("utf-8", "replace")) for word in _WORD.findall(text)[:_LONGEST]]
    if len(words) < _SHINGLE:
        return set()
    runs = np.lib.stride_tricks.sliding_window_view(np.array(words, dtype=np.uint64), _SHINGLE)
    return set((runs * _FACTORS).sum(axis=1, dtype=np.uint64).tolist())


def _counts(articles: Sequence[Article]) -> list[csr_matrix]:
    """How often each word stands in headline (which counts twice) and lead, and in the whole text."""
    from sklearn.feature_extraction.text import CountVectorizer

    # A word in every third article tells no story apart, and costs the most time; but few articles may all tell one.
    most = 0.3 if len(articles) > _FEW else 1.0
    found = []
    for texts in ([f"{a.title}\n{a.title}\n{a.text[:_LEAD]}" for a in articles],
                  [f"{a.title}\n{a.text[:_TEXT]}" for a in articles]):  # fmt: skip
        try:
            # float32 halves the memory, and cosines need no more.
            vectorizer = CountVectorizer(stop_words="english", max_df=most, dtype=np.float32)
            found.append(vectorizer.fit_transform(texts).tocsr())
        except ValueError:  # no word at all
            continue
    return found


def _weights(counts: Sequence[csr_matrix], days: np.ndarray) -> csr_matrix:
    """TF-IDF weights of all parts side by side, scaled so that the product of two articles is their mean cosine."""
    from scipy.sparse import csr_matrix, hstack
    from sklearn.preprocessing import normalize

    if not counts:
        return csr_matrix((len(days), 1), dtype=np.float32)
    share = np.float32(np.sqrt(1 / len(counts)))
    return csr_matrix(hstack([normalize(_worth(part, days)) * share for part in counts]))


def _worth(counts: csr_matrix, days: np.ndarray) -> csr_matrix:
    """Sublinear counts times what each word is worth on the day of its article: the logarithm of its rarity, in the
    corpus and in the weeks around that day.
    """
    has = counts.copy()
    has.data = np.ones_like(has.data)
    everywhere = _rarity(len(days), has.sum(axis=0))
    weights = counts.copy()
    weights.data = 1 + np.log(weights.data)
    for day in np.unique(days):
        near = np.flatnonzero(np.abs(days - day) <= _LOCAL_DAYS)
        worth = (1 - _LOCAL_SHARE) * everywhere + _LOCAL_SHARE * _rarity(len(near), has[near].sum(axis=0))
        for row in np.flatnonzero(days == day):
            part = slice(weights.indptr[row], weights.indptr[row + 1])
            weights.data[part] *= worth[weights.indices[part]]
    return weights


def _rarity(articles: int, with_word: np.ndarray) -> np.ndarray:
    return np.log((1 + articles) / (1 + np.asarray(with_word).ravel())).astype(np.float32) + np.float32(1)


def _place(article: Article) -> tuple[float, str, str, str]:
    """Where an article stands among the others: by day, those without one first; then by its words."""
    day = _day(article.date)
    return (-1.0 if np.isnan(day) else day, article.title, article.text, article.id)


def _day(value: str | None) -> float:
    try:
        return float(date.fromisoformat((value or "")[:10]).toordinal())
    except ValueError:
        return float("nan")
