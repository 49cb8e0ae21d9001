"""Word clusters from unlabelled news: words that keep the same company get the same number.

Positive pointwise mutual information of a word with its neighbours at each of four places, smoothed (Levy, Goldberg
& Dagan 2015), reduced by a truncated SVD, and clustered by k-means at three grains.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from framing.segment import TOKEN

logger = logging.getLogger(__name__)

GRAINS: tuple[int, int, int] = (64, 256, 1024)
_PLACES = (-2, -1, 1, 2)


def cluster_words(
    texts: Iterable[str],
    *,
    seed: int,
    most_words: int = 16_000,
    least_count: int = 5,
    contexts: int = 3_000,
    dimensions: int = 100,
    grains: Sequence[int] = GRAINS,
) -> dict[str, tuple[int, int, int]]:
    """Cluster numbers of the frequent words, one per grain. Numbers are read as ``0``, line ends as ``^``."""
    words: list[str] = []
    for text in texts:
        for line in text.splitlines():
            if line.strip():
                words.append("^")
                words += [normal(word) for word in TOKEN.findall(line)]
    counts = Counter(words)
    vocabulary = [word for word, n in sorted(counts.items(), key=lambda item: (-item[1], item[0])) if n >= least_count]
    vocabulary = vocabulary[:most_words]
    number = {word: k for k, word in enumerate(vocabulary)}
    ids = np.array([number.get(word, -1) for word in words])
    logger.info("clusters: %d running words, %d clustered", len(words), len(vocabulary))
    vectors = _vectors(ids, len(vocabulary), min(contexts, len(vocabulary)), dimensions, seed)
    labels = [_kmeans(vectors, min(grain, len(vocabulary)), seed) for grain in grains]
    return {word: (int(a), int(b), int(c)) for word, a, b, c in zip(vocabulary, *labels, strict=True)}


def normal(word: str) -> str:
    """A word as the clusters know it."""
    return "0" if word[0].isdigit() else word.lower().replace("’", "'")


def _vectors(ids: np.ndarray, words: int, contexts: int, dimensions: int, seed: int) -> np.ndarray:
    from scipy.sparse import coo_matrix, csr_matrix
    from scipy.sparse.linalg import svds

    rows, columns = [], []
    for place, offset in enumerate(_PLACES):
        here = ids[max(0, -offset) : len(ids) - max(0, offset)]
        there = ids[max(0, offset) : len(ids) + min(0, offset)]
        met = (here >= 0) & (there >= 0) & (there < contexts)
        rows.append(here[met])
        columns.append(there[met] + place * contexts)
    row, column = np.concatenate(rows), np.concatenate(columns)
    shape = (words, len(_PLACES) * contexts)
    counts = coo_matrix((np.ones(len(row)), (row, column)), shape=shape).tocsr().tocoo()
    by_word = np.asarray(counts.tocsr().sum(1)).ravel()
    by_context = np.asarray(counts.tocsr().sum(0)).ravel() ** 0.75
    pmi = np.log(counts.data * by_context.sum() / (by_word[counts.row] * by_context[counts.col]))
    kept = pmi > 0
    matrix = csr_matrix((pmi[kept], (counts.row[kept], counts.col[kept])), shape=shape)
    start = np.random.default_rng(seed).standard_normal(min(shape))
    left, values, _ = svds(matrix, k=min(dimensions, min(shape) - 1), v0=start)
    vectors = left * np.sqrt(values)
    return vectors / (np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9)


def _kmeans(vectors: np.ndarray, clusters: int, seed: int) -> np.ndarray:
    from sklearn.cluster import MiniBatchKMeans

    model = MiniBatchKMeans(clusters, random_state=seed, n_init=3, batch_size=4096, max_iter=60)
    return np.asarray(model.fit(vectors).labels_)
