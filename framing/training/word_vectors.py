"""Word vectors from unlabelled news, and which words are names: what the loaded-language trainer knows of words.

Positive pointwise mutual information within four words, smoothed (Levy, Goldberg & Dagan 2015), reduced by a
truncated SVD.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from framing.segment import TOKEN
from framing.training.readers import read_climate, read_newsmtsc, read_polnear, rows

_WINDOW = 4
# After these a capital may only mark a beginning.
_BEFORE_CAPITALS = frozenset(".“”\"‘'!?:;—–-…()[]•|")


@dataclass(frozen=True, eq=False)
class WordVectors:
    """``vectors[k]`` belongs to ``words[k]``; ``counts`` are occurrences in the unlabelled text.

    ``names`` occur mostly with a capital inside sentences, ``common`` mostly without.
    """

    words: tuple[str, ...]
    vectors: np.ndarray
    counts: dict[str, int]
    names: frozenset[str]
    common: frozenset[str]
    tokens: int


def unlabelled(data: Path) -> Iterator[str]:
    """News text from the training corpora of other tasks; corpora that are only evaluated on are left out.

    An ``allsides.jsonl`` in a folder ``corpora`` beside ``data`` is used where there is one.
    """
    for article in read_polnear(data, "train"):
        yield article.text
    yield from dict.fromkeys(item.text for item in read_newsmtsc(data, "train"))
    for row in rows(data, "stance/park2021_train.jsonl"):
        yield row["sentence"].replace("[", "").replace("]", "")
    for framed in read_climate(data):
        yield framed.text
    extra = Path(data).parent / "corpora" / "allsides.jsonl"
    if extra.is_file():
        with extra.open(encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)["text"]


def word_vectors(texts: Sequence[str], *, seed: int, dimensions: int = 150, least: int = 3) -> WordVectors:
    """Learn them; the same texts and seed give the same vectors."""
    lines: list[list[str]] = []
    lower: Counter[str] = Counter()
    upper: Counter[str] = Counter()
    for text in texts:
        words = TOKEN.findall(text)
        letters = [word for word in words[:40] if word[0].isalpha()]
        headline = sum(word[0].isupper() for word in letters) > len(letters) / 2
        plain = ["0" if word[0].isdigit() else word.lower().replace("’", "'") for word in words]
        if not headline:
            for before, word, form in zip([".", *words], words, plain, strict=False):
                if word[0].isalpha() and before not in _BEFORE_CAPITALS:
                    (upper if word[0].isupper() else lower)[form] += 1
        lines.append(plain)
    counts = Counter(word for line in lines for word in line)
    kept = [word for word, n in sorted(counts.items(), key=lambda item: (-item[1], item[0])) if n >= least]
    seen = [word for word in upper.keys() | lower.keys() if upper[word] + lower[word] >= 2]
    names = frozenset(word for word in seen if upper[word] > lower[word])
    vectors = _vectors(lines, {word: k for k, word in enumerate(kept)}, dimensions, seed)
    common = frozenset(seen) - names
    return WordVectors(tuple(kept), vectors, dict(counts), names, common, sum(counts.values()))


def _vectors(lines: Sequence[Sequence[str]], number: dict[str, int], dimensions: int, seed: int) -> np.ndarray:
    from scipy.sparse import coo_matrix, csr_matrix
    from sklearn.utils.extmath import randomized_svd

    size = len(number)
    gap = [-1] * _WINDOW
    ids = np.fromiter((k for line in lines for k in (*(number.get(word, -1) for word in line), *gap)), np.int64)
    together = csr_matrix((size, size))
    for distance in range(1, _WINDOW + 1):
        left, right = ids[:-distance], ids[distance:]
        met = (left >= 0) & (right >= 0)
        pairs = coo_matrix((np.full(met.sum(), 1 / distance), (left[met], right[met])), shape=(size, size)).tocsr()
        together = together + pairs + pairs.T
    table = together.tocoo()
    totals = np.asarray(together.sum(1)).ravel()
    smooth = totals**0.75 / (totals**0.75).sum()
    information = np.log(table.data / (totals[table.row] * smooth[table.col]))
    positive = information > 0
    matrix = csr_matrix((information[positive], (table.row[positive], table.col[positive])), shape=(size, size))
    left, strength, _ = randomized_svd(matrix, min(dimensions, size - 1), n_iter=4, random_state=seed)
    vectors = left * np.sqrt(strength)
    return (vectors / (np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9)).astype(np.float32)
