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

from framing.engines import target as engine
from framing.engines.target import Encoder, TargetModel, Types, features, lay_out
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
_DIMENSIONS = 100
_RIDGE = 0.004  # inverse strength of the penalty
_LEAST = 2  # a feature is used when it occurs this often
_SMALLEST = 0.002  # features of smaller weight are not stored
_WINDOW = 4
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
    types = Types(vocabulary, classes, values, np.zeros(len(vocabulary), np.int64))
    vectors = embed(sentences, types, seed=seed)
    return Types(vocabulary, classes, values, _clusters(vectors, seed=seed)), vectors


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
    """Instances as the engine sees them: which mention has which key, and the dense columns."""

    row: np.ndarray
    key: np.ndarray
    dense: np.ndarray

    def matrix(self, keys: np.ndarray) -> Any:
        """Mentions by keys, 1 where the mention has the key."""
        from scipy import sparse

        where = np.searchsorted(keys, self.key)
        where[where == len(keys)] = 0
        known = keys[where] == self.key
        held = (np.ones(int(known.sum())), (self.row[known], where[known]))
        matrix = sparse.csr_matrix(held, shape=(len(self.dense), len(keys)))
        return matrix


def look(given: Instances, types: Types) -> Rows:
    """The features of all instances."""
    flat = lay_out(given.documents, given.mentions, Encoder(types))
    return Rows(*features(flat, types))


def fit(rows_: Rows, gold: np.ndarray, *, seed: int = 0) -> dict[str, np.ndarray]:
    """Weights of keys and dense columns: logistic regression with balanced classes."""
    from scipy import sparse
    from sklearn.linear_model import LogisticRegression

    keys, counts = np.unique(rows_.key, return_counts=True)
    keys = keys[counts >= _LEAST]
    mean, scale = rows_.dense.mean(axis=0), rows_.dense.std(axis=0) + 1e-9
    x = sparse.hstack([rows_.matrix(keys), sparse.csr_matrix((rows_.dense - mean) / scale)]).tocsr()
    model = LogisticRegression(C=_RIDGE, max_iter=150, class_weight="balanced", random_state=seed).fit(x, gold)
    weights = model.coef_.T
    return {
        "keys": keys,
        "weights": weights[: len(keys)],
        "dense": weights[len(keys) :],
        "mean": mean,
        "scale": scale,
        "bias": model.intercept_,
    }


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
    types, _ = word_types(data, seed=seed)
    return train_with(types, data, out, seed=seed)


def train_with(types: Types, data: Path, out: Path, *, seed: int = 0) -> dict[str, Any]:
    """As :func:`train`, with word types that are there already."""
    known, dev = (instances(read_newsmtsc(data, split)) for split in ("train", "dev"))
    arrays = fit(look(known, types), known.gold, seed=seed)
    model = TargetModel(types, arrays, {"temperature": 1.0, "offset": [0.0, 0.0, 0.0]})
    margins = model.margins(lay_out(dev.documents, dev.mentions, model.encoder))
    slope, offset = calibration(margins, dev.gold)
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
    """Write a model where :meth:`TargetModel.load` finds it; keys of no weight are left out."""
    out.mkdir(parents=True, exist_ok=True)
    weights = model.weights.astype(np.float16)
    worth = np.abs(weights).max(axis=1) > _SMALLEST
    np.savez_compressed(
        out / "stance.npz",
        words=np.frombuffer("\n".join(model.types.words).encode("utf-8"), np.uint8),
        classes=model.types.classes.astype(np.uint16),
        polarity=model.types.polarity.astype(np.float32),
        cluster=model.types.cluster.astype(np.uint16),
        keys=model.keys[worth],
        weights=weights[worth],
        dense=model.dense,
        mean=model.mean,
        scale=model.scale,
        bias=model.bias,
    )
    parameters = {
        "format": engine.FORMAT,
        **model.parameters,
        "data": ["NewsMTSC (Hamborg & Donnay 2021), MIT"],
        "word_types_from": [*_TEXTS, "unlabelled news"],
        "ridge": _RIDGE,
        "seed": seed,
        "figures": figures,
    }
    (out / "stance.json").write_text(json.dumps(parameters, indent=1) + "\n", encoding="utf-8")
