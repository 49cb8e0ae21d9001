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


def word_types(data: Path, *, seed: int = 0, least: int = 3) -> Types:
    """Vocabulary, word classes, polarity and clusters from unlabelled news."""
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
    return Types(vocabulary, classes, values, _clusters(vectors, seed=seed))


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
    from sklearn.cluster import MiniBatchKMeans

    return np.asarray(MiniBatchKMeans(_CLUSTERS, random_state=seed, n_init=1, batch_size=4096).fit_predict(vectors), np.int64)
