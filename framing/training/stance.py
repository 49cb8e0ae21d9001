"""Trains the stance model: word types from unlabelled news, linear weights from NewsMTSC and Park et al. (2021).

The word types (vocabulary, classes, polarity, distributional clusters) use no label. Weights come from an
average of linear models over the same features; temperature and class offsets are fitted at the end.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from framing.engines import target_features as engine
from framing.engines.target import CLASSES, FORMAT, TargetModel
from framing.engines.target_features import (
    PLACES,
    Encoder,
    Types,
    View,
    features,
    lay_out,
    verb_places,
    weightings,
)
from framing.metrics import calibration_error, macro_f1
from framing.records import Mention
from framing.segment import Document, segment
from framing.training.readers import TargetSentence, read_newsmtsc, rows

_TEXTS = (
    "stance/newsmtsc_train.jsonl",
    "stance/park2021_train.jsonl",
    "attribution/polnear_train.jsonl",
    "loaded/babe.jsonl",
    "frames/climate_generic_frames.jsonl",
    "events/newswcl50.jsonl",
)
_CLUSTERS = 400
_DIMENSIONS = 200
_RIDGE = 0.003  # inverse strength of the penalty
_LEAST = 2  # a feature is used when it occurs this often
_VECTOR_WEIGHT = 5.5  # length of a word vector beside a sparse feature
_ROLE_WEIGHT = 2.0  # size of a feature of the target's own place or role beside one of the sentence
_FIRST_ROLE = 8  # the groups of keys from here on are such features
_WINDOW = 5
_VERB_FORMS = "VB VBD VBG VBN VBP VBZ".split()
_AUXILIARIES = frozenset(
    "be is are was were been being am 's 're has have had having do does did will would shall should can could may might "
    "must wo ca 'll 'd".split()
)
_BE = frozenset("be is are was were been being am get gets got gotten getting".split())
_NEGATORS = frozenset(
    "not no never n't without neither nor nobody nothing none cannot hardly barely don't doesn't didn't won't wouldn't isn't "
    "aren't wasn't weren't can't couldn't shouldn't hasn't haven't hadn't".split()
)
_BOUNDARIES = frozenset(", ; : — – -- ( ) but and while although though because if when who which that whereas after".split())
_QUOTES = frozenset("\" “ ” `` ''".split())
_PREPOSITIONS = frozenset(
    "of to by for with against on in at from about over under toward towards into between among like as than behind "
    "through despite upon around before after".split()
)


@dataclass(frozen=True, eq=False)
class Instances:
    """Targets with their gold stance, ready to be laid out."""

    documents: list[Document]
    mentions: list[list[Mention]]
    gold: np.ndarray
    groups: list[str]


def instances(targets: Sequence[TargetSentence]) -> Instances:
    """One document per target; ``groups`` keeps the sentences of one article together."""
    documents = [segment(t.text, whole=True) for t in targets]
    mentions = [[Mention("target", t.start, t.end)] for t in targets]
    groups = ["_".join(t.id.split("_")[:3]) for t in targets]
    return Instances(documents, mentions, np.array([t.stance for t in targets]), groups)


def park_targets(data: Path) -> list[TargetSentence]:
    """Park et al.'s directed sentiment as targets: the one a sentiment is directed at has that stance.

    The one who holds the sentiment, and both in neutral rows, are neutral: no sentiment of the other is
    directed at them.
    """
    found = []
    for row in rows(data, "stance/park2021_train.jsonl"):
        text, spans = _unbracket(row["sentence"])
        label = row["label_name"]
        value = {"neg": -1, "pos": 1}.get(label[:3], 0)
        for which, (start, end) in zip("pq", spans, strict=False):
            stance = value if label.endswith(f"to_{which}") else 0
            found.append(TargetSentence(f"{row['id']}_{which}", text, start, end, stance))
    return found


def _unbracket(text: str) -> tuple[str, list[tuple[int, int]]]:
    out: list[str] = []
    spans: list[tuple[int, int]] = []
    at = size = 0
    for match in re.finditer(r"\[([^\[\]]*)\]", text):
        before = text[at : match.start()]
        out += [before, match.group(1)]
        size += len(before)
        spans.append((size, size + len(match.group(1))))
        size += len(match.group(1))
        at = match.end()
    out.append(text[at:])
    whole = "".join(out)
    return whole, [(start, _word_end(whole, end)) for start, end in spans]


def _word_end(text: str, end: int) -> int:
    """Where the word ends that a cut-off span ("Democrat]s") stops in."""
    while end < len(text) and text[end].isalnum():
        end += 1
    return end


def unlabelled(data: Path) -> Iterator[str]:
    """Every text there is to learn word types from, labels aside; development files are left out."""
    folder = Path(data)
    for name in _TEXTS:
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
    from textblob.en import tag as pattern_tag  # noqa: F401  (loads the lexicon once)
    from textblob.en.taggers import PatternTagger

    tagger = PatternTagger()

    def tag(words: list[str]) -> list[tuple[str, str]]:
        return [(str(w), str(t)) for w, t in tagger.tag(" ".join(words), tokenize=False)]

    return tag


def _polarities() -> dict[str, float]:
    """Prior polarity of words in [-1, 1]: the mean of TextBlob's (pattern, BSD) and VADER's (MIT) lexicons."""
    from textblob.en.sentiments import PatternAnalyzer  # noqa: F401
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
    ok = (counts.row > engine.UNKNOWN) & (counts.col > engine.UNKNOWN) & (counts.row != engine.EDGE) & (counts.col != engine.EDGE)
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


@dataclass(frozen=True, eq=False)
class Rows:
    """Instances as the engine sees them: which mention has which key, dense columns, sums of word vectors."""

    row: np.ndarray
    key: np.ndarray
    dense: np.ndarray
    vectors: np.ndarray

    def matrix(self, keys: np.ndarray, mean: np.ndarray, scale: np.ndarray) -> Any:
        """Mentions by keys (their size where the mention has the key), scaled dense columns, and vectors."""
        from scipy import sparse

        where = np.searchsorted(keys, self.key)
        where[where == len(keys)] = 0
        known = keys[where] == self.key
        held = (_sizes(keys)[where[known]], (self.row[known], where[known]))
        matrix = sparse.csr_matrix(held, shape=(len(self.dense), len(keys)))
        dense = sparse.csr_matrix(np.hstack([(self.dense - mean) / scale, self.vectors]))
        return sparse.hstack([matrix, dense]).tocsr()


def _sizes(keys: np.ndarray) -> np.ndarray:
    return np.where(keys >> engine.GROUP_BITS >= _FIRST_ROLE, _ROLE_WEIGHT, 1.0)


def look(given: Instances, types: Types, vectors: np.ndarray) -> Rows:
    """The features of all instances."""
    from scipy import sparse

    view = View(lay_out(given.documents, given.mentions, Encoder(types)), types)
    codes = view.flat.codes
    places = [
        sparse.csr_matrix((weight, (view.flat.mention, codes)), shape=(view.n, len(vectors))) @ vectors
        for weight in weightings(view)
    ]
    places += [vectors[codes[np.maximum(at, 0)]] * held[:, None] for at, held in verb_places(view)]
    return Rows(*features(view), np.hstack(places))


def fit(news: Rows, gold: np.ndarray, other: Rows, other_gold: np.ndarray, vectors: np.ndarray) -> dict[str, np.ndarray]:
    """All weights of the model: NewsMTSC's own, and those of Park et al. as three more columns.

    The second corpus has other annotators and other shares of classes, so its rows are not mixed in: a model
    of it scores the NewsMTSC sentences, and its scores are weighed like any feature. The sum is linear again.
    """
    keys, counts = np.unique(news.key, return_counts=True)
    keys = keys[counts >= _LEAST]
    mean, scale = news.dense.mean(axis=0), news.dense.std(axis=0) + 1e-9
    x = news.matrix(keys, mean, scale)
    weights, bias = _classifiers(other.matrix(keys, mean, scale), other_gold)
    scores = x @ weights + bias
    middle, spread = scores.mean(axis=0), scores.std(axis=0)
    from scipy import sparse

    own, own_bias = _classifiers(sparse.hstack([x, sparse.csr_matrix((scores - middle) / spread)]).tocsr(), gold)
    passed = own[-3:] / spread[:, None]
    weights = own[:-3] + weights @ passed
    bias = own_bias + (bias - middle) @ passed
    sparse_end, dense_end = len(keys), len(keys) + len(mean)
    at_vectors = weights[dense_end:].reshape(PLACES, vectors.shape[1], 3)
    return {
        "keys": keys,
        "weights": weights[:sparse_end] * _sizes(keys)[:, None],
        "dense": weights[sparse_end:dense_end],
        "tables": np.einsum("wd,pdc->pwc", vectors, at_vectors),
        "mean": mean,
        "scale": scale,
        "bias": bias,
    }


def _classifiers(x: Any, gold: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Balanced logistic regression of each class against the others."""
    from sklearn.linear_model import LogisticRegression

    columns, bias = [], []
    for label in CLASSES:
        model = LogisticRegression(
            C=_RIDGE, solver="liblinear", dual=True, max_iter=100, intercept_scaling=3, class_weight="balanced"
        )
        model.set_params(random_state=0).fit(x, gold == label)
        columns.append(model.coef_[0])
        bias.append(model.intercept_[0])
    return np.array(columns).T, np.array(bias)


def calibration(scores: np.ndarray, gold: np.ndarray) -> tuple[float, list[float]]:
    """Temperature and class offsets: the offsets that give the best macro F1, smoothed, then the likeliest slope.

    The training sentences have other shares of the classes than news has, so offsets are fitted on development
    sentences: two numbers, on a coarse grid, each value averaged with its neighbours.
    """
    grid = np.arange(-0.8, 0.81, 0.1)
    values = np.array(
        [[macro_f1(list(gold), list((scores + [0, a, b]).argmax(axis=1) - 1)) for b in grid] for a in grid]
    )
    padded = np.pad(values, 1, mode="edge")
    smooth = sum(padded[i : i + len(grid), j : j + len(grid)] for i in range(3) for j in range(3))
    i, j = np.unravel_index(int(np.asarray(smooth).argmax()), values.shape)
    offset = np.array([0, grid[i], grid[j]])
    losses = []
    slopes = np.geomspace(0.2, 5, 60)
    for slope in slopes:
        scaled = slope * (scores + offset)
        picked = scaled[np.arange(len(gold)), gold + 1]
        losses.append(float((np.logaddexp.reduce(scaled, axis=1) - picked).mean()))
    slope = float(slopes[int(np.argmin(losses))])
    return slope, [float(value) for value in slope * offset]


def train(data: Path, out: Path, *, seed: int = 0) -> dict[str, Any]:
    """Learn word types and weights, calibrate, and write ``stance.npz`` and ``stance.json``."""
    types, vectors = word_types(data, seed=seed)
    return train_with(types, vectors, data, out, seed=seed)


def train_with(types: Types, vectors: np.ndarray, data: Path, out: Path, *, seed: int = 0) -> dict[str, Any]:
    """As :func:`train`, with word types and vectors that are there already."""
    vectors = vectors * _VECTOR_WEIGHT
    vectors[: len(engine.SPECIAL)] = 0
    known, dev = (instances(read_newsmtsc(data, split)) for split in ("train", "dev"))
    other = instances(park_targets(data))
    rows_ = [look(given, types, vectors) for given in (known, other)]
    arrays = fit(rows_[0], known.gold, rows_[1], other.gold, vectors)
    model = TargetModel(types, arrays, {"temperature": 1.0, "offset": [0.0, 0.0, 0.0]})
    slope, offset = calibration(model.margins(View(lay_out(dev.documents, dev.mentions, model.encoder), types)), dev.gold)
    model.parameters = {"temperature": slope, "offset": offset}
    figures = evaluate(model, dev)
    save(model, out, seed=seed, figures=figures)
    return figures


def evaluate(model: TargetModel, given: Instances) -> dict[str, Any]:
    """Macro F1 of three classes over all targets, and the calibration error of each class."""
    probabilities = np.concatenate(model.score(given.documents, given.mentions))
    figures: dict[str, Any] = {
        "macro_f1": macro_f1(list(given.gold), list(probabilities.argmax(axis=1) - 1)),
        "targets": len(given.gold),
    }
    for column, name in enumerate(("negative", "neutral", "positive")):
        figures[f"calibration_error_{name}"] = calibration_error(
            [int(g == column - 1) for g in given.gold], list(probabilities[:, column])
        )
    return figures


def save(model: TargetModel, out: Path, *, seed: int, figures: dict[str, Any]) -> None:
    """Write a model where :meth:`TargetModel.load` finds it."""
    out.mkdir(parents=True, exist_ok=True)
    weights = model.weights.astype(np.float16)
    np.savez_compressed(
        out / "stance.npz",
        words=np.frombuffer("\n".join(model.types.words).encode("utf-8"), np.uint8),
        classes=model.types.classes.astype(np.uint16),
        polarity=model.types.polarity.astype(np.float32),
        leaning=model.types.leaning.astype(np.float32),
        cluster=model.types.cluster.astype(np.uint16),
        tables=model.tables.astype(np.float16),
        keys=model.keys,
        weights=weights,
        dense=model.dense,
        mean=model.mean,
        scale=model.scale,
        bias=model.bias,
    )
    parameters = {
        "format": FORMAT,
        **model.parameters,
        "data": ["NewsMTSC (Hamborg & Donnay 2021), MIT", "Park et al. (2021), free to use by citing"],
        "polarity_from": ["TextBlob (pattern), BSD", "VADER, MIT"],
        "word_types_from": [*_TEXTS, "unlabelled news"],
        "ridge": _RIDGE,
        "seed": seed,
        "figures": figures,
    }
    (out / "stance.json").write_text(json.dumps(parameters, indent=1) + "\n", encoding="utf-8")
