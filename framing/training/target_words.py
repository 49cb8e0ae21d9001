"""What the stance model knows of every word before it sees a label: learnt from unlabelled news.

Vocabulary, word classes, polarity of lexicons, word vectors (Levy et al. 2015), clusters of them, and the
polarity that a word's vector tells.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from framing.engines import target_types as engine
from framing.engines.target_types import Encoder, Types, words_of
from framing.segment import segment
from framing.training.readers import rows

TEXTS = (
    "stance/newsmtsc_train.jsonl",
    "stance/park2021_train.jsonl",
    "attribution/polnear_train.jsonl",
    "loaded/babe.jsonl",
    "frames/climate_generic_frames.jsonl",
    "events/newswcl50.jsonl",
)
_CLUSTERS = 400
_DIMENSIONS = 200
_WINDOW = 5
_AUXILIARIES = words_of(
    """
    be is are was were been being am 's 're has have had having do does did will would shall should can could may
    might must wo ca 'll 'd
    """
)
_BE = words_of(
    """
    be is are was were been being am get gets got gotten getting
    """
)
_NEGATORS = words_of(
    """
    not no never n't without neither nor nobody nothing none cannot hardly barely don't doesn't didn't won't
    wouldn't isn't aren't wasn't weren't can't couldn't shouldn't hasn't haven't hadn't
    """
)
_BOUNDARIES = words_of(
    """
    , ; : — – -- ( ) but and while although though because if when who which that whereas after
    """
)
_REVERSERS = words_of(
    """
    condemn condemns condemned condemning denounce denounces denounced denouncing decry decries decried fight fights
    fought fighting combat combats oppose opposes opposed opposing expose exposes exposed exposing prevent prevents
    prevented preventing stop stops stopped clear cleared clears acquit acquitted exonerated tackle tackles tackled
    reject rejects rejected rejecting deny denies denied denying curb curbs curbed end ends ended regret regrets
    regretted mourn mourns mourned lament laments lamented deplored deplores avoid avoided avoids reduce reduced reduces
    """
)
_QUOTES = frozenset(['"', "“", "”", "``", "''"])
_PREPOSITIONS = words_of(
    """
    of to by for with against on in at from about over under toward towards into between among like as than behind
    through despite upon around before after
    """
)


def unlabelled(data: Path) -> Iterator[str]:
    """Every text there is to learn word types from, labels aside; development files are left out."""
    folder = Path(data)
    for name in TEXTS:
        if (folder / name).is_file():
            for row in rows(folder, name):
                yield str(row.get("text") or row.get("sentence") or "").replace("[", "").replace("]", "")
    for path in sorted((folder.parent / "corpora").glob("*.jsonl")):
        for row in rows(path.parent, path.name):
            yield str(row.get("text") or "")


def word_types(data: Path, *, seed: int = 0, least: int = 3) -> tuple[Types, np.ndarray]:
    """Vocabulary, word classes, polarity, clusters, and word vectors, from unlabelled news."""
    small: Counter[str] = Counter()
    capital: Counter[str] = Counter()
    tags: dict[str, Counter[str]] = {}
    sentences: list[list[str]] = []
    tagger = _tagger()
    for text in unlabelled(data):
        document = segment(text)
        for lo, hi in document.sentence_tokens:
            words = document.words[lo:hi]
            sentences.append(words)
            small.update(word.lower().replace("’", "'") for word in words if not word[:1].isupper())
            capital.update(word.lower() for word in words[1:] if word[:1].isupper())
            for word, tag in tagger(words):
                tags.setdefault(word.lower().replace("’", "'"), Counter())[tag] += 1
    polarity = _polarities()
    words = [w for w, n in small.most_common() if n >= least and n > 0.2 * capital[w] and not w[:1].isdigit()]
    extra = sorted(w for w in polarity if small[w] and small[w] < least)
    vocabulary = tuple(engine.SPECIAL) + tuple(dict.fromkeys(words + extra))
    vocabulary = vocabulary[: 1 << 16]
    classes = np.array([_classes(w, tags.get(w, Counter())) for w in vocabulary])
    classes[: len(engine.SPECIAL)] = [0, engine.NOUN, engine.NOUN, 0, 0]
    values = np.array([polarity.get(w, 0.0) for w in vocabulary])
    blank = np.zeros(len(vocabulary), np.int64)
    vectors = embed(sentences, Types(vocabulary, classes, values, values, blank), seed=seed)
    return Types(vocabulary, classes, values, leaning(vectors, values), _clusters(vectors, seed=seed)), vectors


def leaning(vectors: np.ndarray, polarity: np.ndarray) -> np.ndarray:
    """Polarity of every word as its vector tells it: ridge regression on the words that a lexicon knows."""
    from sklearn.linear_model import Ridge

    known = polarity != 0
    values = Ridge(alpha=3.0).fit(vectors[known], polarity[known]).predict(vectors)
    values = (values - values.mean()) / values.std()
    values[: len(engine.SPECIAL)] = 0
    return np.asarray(values)


def _tagger() -> Any:
    from textblob.en.taggers import PatternTagger

    tagger = PatternTagger()

    def tag(words: list[str]) -> list[tuple[str, str]]:
        return [(str(w), str(t)) for w, t in tagger.tag(" ".join(words), tokenize=False)]

    return tag


def _polarities() -> dict[str, float]:
    """Prior polarity of words in [-1, 1]: the mean of TextBlob's (pattern, BSD) and VADER's (MIT) lexicons."""
    from textblob.en import sentiment
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    sentiment.load()
    pattern = {w: float(v[None][0]) for w, v in sentiment.items() if isinstance(v, dict) and None in v}
    vader = {w: v / 4 for w, v in SentimentIntensityAnalyzer().lexicon.items()}
    return {w: float(np.mean([d[w] for d in (pattern, vader) if w in d])) for w in {**pattern, **vader}}


def _classes(word: str, tags: Counter[str]) -> int:
    bits = 0
    total = max(tags.total(), 1)
    share = {tag[:2]: 0.0 for tag in tags}
    for tag, count in tags.items():
        share[tag[:2]] += count / total
    if word[:1].isalpha():
        bits |= engine.VERB if share.get("VB", 0) > 0.4 else 0
        bits |= engine.PARTICIPLE if (tags["VBN"] + tags["VBD"]) / total > 0.4 else 0
        bits |= engine.NOUN if share.get("NN", 0) > 0.4 else 0
        bits |= engine.ADJECTIVE if share.get("JJ", 0) > 0.4 else 0
    for group, bit in (
        (_AUXILIARIES, engine.AUXILIARY),
        (_BE, engine.BE),
        (_NEGATORS, engine.NEGATOR),
        (_BOUNDARIES, engine.BOUNDARY),
        (_QUOTES, engine.QUOTE),
        (_REVERSERS, engine.REVERSER),
        (_PREPOSITIONS, engine.PREPOSITION),
    ):
        bits |= bit if word in group else 0
    if bits & engine.AUXILIARY and word != "'s":
        bits |= engine.VERB
    return bits | (engine.POSSESSIVE if word == "'s" else 0)


def embed(sentences: Sequence[Sequence[str]], types: Types, *, seed: int = 0) -> np.ndarray:
    """Word vectors: truncated SVD of the smoothed positive PMI of words within a window (Levy et al. 2015)."""
    from scipy import sparse
    from sklearn.decomposition import TruncatedSVD

    encoder = Encoder(types)
    flat = np.concatenate([np.append(encoder.codes(words), [engine.EDGE] * _WINDOW) for words in sentences if words])
    n = len(types.words)
    counts = sparse.csr_matrix((n, n))
    for step in range(1, _WINDOW + 1):
        pair = sparse.coo_matrix((np.full(len(flat) - step, 1.0 / step), (flat[:-step], flat[step:])), shape=(n, n))
        counts = counts + pair.tocsr()
    counts = counts + counts.T
    counts = counts.tocoo()
    left_out = [engine.UNKNOWN, engine.EDGE]
    ok = ~(np.isin(counts.row, left_out) | np.isin(counts.col, left_out))
    row, col, value = counts.row[ok], counts.col[ok], counts.data[ok]
    left = np.bincount(row, value, minlength=n)
    right = np.bincount(col, value, minlength=n) ** 0.75
    pmi = np.log(value * right.sum() / (left[row] * right[col]))
    keep = pmi > 0
    matrix = sparse.csr_matrix((pmi[keep], (row[keep], col[keep])), shape=(n, n))
    svd = TruncatedSVD(_DIMENSIONS, random_state=seed, n_iter=4)
    vectors = svd.fit_transform(matrix) / np.sqrt(svd.singular_values_)
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


def _clusters(vectors: np.ndarray, *, seed: int) -> np.ndarray:
    from sklearn.cluster import KMeans

    return np.asarray(KMeans(_CLUSTERS, random_state=seed, n_init=1, max_iter=20).fit_predict(vectors), np.int64)
