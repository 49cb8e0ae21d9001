"""Which articles tell the same story: clusters by wording and date."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from framing.errors import InputError
from framing.records import Article

# Chosen on the two multi-outlet corpora named in the README; see `framing benchmark`.
SIMILARITY = 0.13
WINDOW_DAYS = 4
_LEAD = 1500


def cluster_events(
    articles: Sequence[Article], *, similarity: float = SIMILARITY, window: int = WINDOW_DAYS
) -> list[int]:
    """The event number of every article, counting from 0 in the order of first appearance.

    TF-IDF of the title (twice) and the first 1,500 characters, cosine similarity, average linkage: two groups
    are one event when their articles are, on average, at least ``similarity`` in [0, 1] alike. Articles dated
    more than ``window`` days apart are never alike; one without a date may belong anywhere. The order of the
    articles and their outlets have no influence.

    Raises :class:`~framing.errors.InputError` for a similarity outside (0, 1] or a negative window.
    """
    if not 0 < similarity <= 1 or window < 0:
        raise InputError(f"similarity must be in (0, 1] and window 0 or more, not {similarity} and {window}")
    if len(articles) < 2:
        return [0] * len(articles)
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial.distance import squareform

    alike = _similarities(articles) * _near_in_time([_day(article.date) for article in articles], window)
    # Average linkage joins two groups only if some pair of theirs is at least that alike, so that each connected
    # part can be clustered alone: the full matrix is never handed to the clustering.
    _, part = connected_components(alike >= similarity, directed=False)
    labels = np.zeros(len(articles), dtype=int)
    for number in range(part.max() + 1):
        members = np.flatnonzero(part == number)
        found = np.ones(len(members), dtype=int)
        if len(members) > 1:
            distance = np.clip(1 - alike[np.ix_(members, members)], 0, 1)
            np.fill_diagonal(distance, 0)
            found = fcluster(linkage(squareform(distance, checks=False), "average"), 1 - similarity, "distance")
        labels[members] = found + labels.max()
    first: dict[int, int] = {}
    return [first.setdefault(label, len(first)) for label in labels.tolist()]


def _similarities(articles: Sequence[Article]) -> np.ndarray:
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = [f"{a.title}\n{a.title}\n{a.text[:_LEAD]}" for a in articles]
    try:
        weights = TfidfVectorizer(
            sublinear_tf=True, stop_words="english", max_df=0.3 if len(texts) > 20 else 1.0
        ).fit_transform(texts)
    except ValueError:  # no word at all
        return np.eye(len(texts))
    return (weights @ weights.T).toarray()


def _near_in_time(days: Sequence[date | None], window: int) -> np.ndarray:
    number = np.array([np.nan if day is None else day.toordinal() for day in days])
    apart = np.abs(number[:, None] - number[None, :])
    return (np.isnan(apart) | (apart <= timedelta(window).days)).astype(float)


def _day(value: str | None) -> date | None:
    try:
        return date.fromisoformat((value or "")[:10])
    except ValueError:
        return None
