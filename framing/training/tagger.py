"""Training of the attribution tagger on PolNeAR (Newell et al. 2018) with python-crfsuite."""

from __future__ import annotations

import logging
import tempfile
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from framing.engines import TAGS
from framing.engines.tagger import Field, Table, Tagger
from framing.engines.tagger_features import TEMPLATES, Alphabet, Features, parse_template, shape
from framing.segment import Document, segment
from framing.training.readers import AttributedText, read_polnear, rows
from framing.training.word_clusters import cluster_words

logger = logging.getLogger(__name__)

ROLES: tuple[str, ...] = ("source", "cue", "content")
# Where roles overlap, the later one keeps the token.
_ORDER = ("content", "source", "cue")
# News whose words are clustered, beside the text of the annotated articles; no label of it is read.
UNLABELLED: tuple[str, ...] = (
    "stance/newsmtsc_train.jsonl",
    "stance/park2021_train.jsonl",
    "frames/climate_generic_frames.jsonl",
)
PARAMETERS: dict[str, Any] = {"max_iterations": 100, "feature.minfreq": 2, "c1": 0.2, "c2": 0.05, "feature.possible_transitions": True}
ALGORITHM = "lbfgs"
# Spans likelier than this are kept, by role; chosen on held-out training articles.
THRESHOLDS: tuple[float, float, float] = (0.4, 0.4, 0.4)


def train(data: Path, out: Path, *, seed: int = 0) -> dict[str, Any]:
    """Train on ``polnear_train`` under ``data``, write ``tagger.json`` and ``tagger.npz`` to ``out``; the dev figures.

    Reads no annotation of the dev articles but to score them at the end. About ten minutes on one core.
    """
    articles = read_polnear(data, "train")
    documents = [segment(article.text) for article in articles]
    tags = [gold_tags(document, article) for document, article in zip(documents, articles, strict=True)]
    logger.info("tagger: %d articles, %d tokens", len(articles), sum(map(len, tags)))
    alphabet = make_alphabet(documents, tags, cluster_words(_unlabelled(data, articles), seed=seed))
    field = train_field(alphabet, documents, tags, ALGORITHM, PARAMETERS)
    card: dict[str, Any] = {
        "model": "linear-chain CRF for PolNeAR sources, cues and contents",
        "trained_on": ["attribution/polnear_train.jsonl", *(f"{name} (text only)" for name in UNLABELLED)],
        "algorithm": ALGORITHM,
        "parameters": PARAMETERS,
        "seed": seed,
        "thresholds": list(THRESHOLDS),
    }
    tagger = Tagger(alphabet, field, card)
    tagger.save(out)
    tagger = Tagger.load(out)
    card["dev"] = dev_figures(tagger, data)
    Tagger(alphabet, field, card).save(out)
    return dict(card["dev"])


def gold_tags(document: Document, article: AttributedText) -> np.ndarray:
    """The annotation as one tag per token; tokens that a span only touches belong to it."""
    tags = np.zeros(len(document.words), np.int8)
    for role in _ORDER:
        inside = TAGS.index(f"I-{role}")
        for attribution in article.attributions:
            for start, end in attribution[role]:
                first, last = bisect_right(document.ends, start), bisect_left(document.starts, end)
                tags[first:last] = inside
                if first < last:
                    tags[first] = inside - 1
    return tags


def make_alphabet(
    documents: Sequence[Document], tags: Sequence[np.ndarray], clusters: Mapping[str, tuple[int, int, int]]
) -> Alphabet:
    """The values met often enough, and the words that are mostly cues."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    cues: Counter[str] = Counter()
    cue_tags = {TAGS.index("B-cue"), TAGS.index("I-cue")}
    for document, given in zip(documents, tags, strict=True):
        for word, lower, tag in zip(document.words, document.lower, given.tolist(), strict=True):
            counts["w"][lower] += 1
            counts["s"][shape(word)] += 1
            if lower[0].isalpha():
                counts["x3"][lower[-3:]] += 1
                counts["x2"][lower[-2:]] += 1
                counts["p3"][lower[:3]] += 1
            cues[lower] += tag in cue_tags
    least = {"w": 2, "s": 2, "x3": 5, "x2": 5, "p3": 5}
    lists = {name: sorted(v for v, n in counter.items() if n >= least[name]) for name, counter in counts.items()}
    lists["cue"] = sorted(
        w for w, n in cues.items() if n >= 3 and n >= 0.35 * counts["w"][w] and w.isalpha() and len(w) > 2
    )
    return Alphabet.from_lists(lists, clusters)


def train_field(
    alphabet: Alphabet,
    documents: Sequence[Document],
    tags: Sequence[np.ndarray],
    algorithm: str,
    parameters: Mapping[str, Any],
    texts: Sequence[str] = TEMPLATES,
) -> Field:
    """Fit a conditional random field and read its weights out."""
    import pycrfsuite

    trainer = pycrfsuite.Trainer(verbose=False)
    trainer.select(algorithm, "crf1d")
    trainer.set_params(dict(parameters))
    templates = [parse_template(text) for text in texts]
    for document, given in zip(documents, tags, strict=True):
        features = Features(alphabet, [document])
        names = list(_names(features, templates))
        gold = np.zeros(features.size, np.int8)
        gold[features.firsts[0] : features.firsts[0] + len(given)] = given
        for first, last in features.sequences.tolist():
            trainer.append(pycrfsuite.ItemSequence(names[first:last]), [TAGS[t] for t in gold[first:last]])
    logger.info("tagger: features made")
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "field.crfsuite")
        trainer.train(path)
        reader = pycrfsuite.Tagger()
        reader.open(path)
        return read_field(reader.info(), texts)


def _names(features: Features, templates: Sequence[Any]) -> Iterator[list[str]]:
    """The features of every token by name, ``template number:key``, as crfsuite wants them."""
    columns = [[f"{k}:{key}" for key in features.keys(template).tolist()] for k, template in enumerate(templates)]
    return map(list, zip(*columns, strict=True))


def read_field(info: Any, texts: Sequence[str], *, least: float = 0.0) -> Field:
    """Weight tables from what python-crfsuite tells of a model; weights up to ``least`` are dropped."""
    weights: list[dict[int, np.ndarray]] = [{} for _ in texts]
    for (name, tag), weight in info.state_features.items():
        if abs(weight) <= least:
            continue
        template, key = name.split(":")
        row = weights[int(template)].setdefault(int(key), np.zeros(len(TAGS), np.float32))
        row[TAGS.index(tag)] = weight
    tables = []
    for text, rows_of in zip(texts, weights, strict=True):
        keys = np.array(sorted(rows_of), np.int64)
        table = np.array([rows_of[int(key)] for key in keys], np.float32).reshape(-1, len(TAGS))
        tables.append(Table(parse_template(text), keys, table))
    transitions = np.zeros((len(TAGS), len(TAGS)), np.float32)
    for (before, after), weight in info.transitions.items():
        transitions[TAGS.index(before), TAGS.index(after)] = weight
    return Field(tuple(tables), transitions)


def dev_figures(tagger: Tagger, data: Path) -> dict[str, Any]:
    """Exact F1 of each role on the dev articles, from the tags alone."""
    from framing.metrics import Tally, trim

    exact = {role: Tally() for role in ROLES}
    for article in read_polnear(data, "dev"):
        document = segment(article.text)
        found = spans_of(document, tagger.tag([document])[0])
        for role in ROLES:
            gold = {trim(article.text, *span) for a in article.attributions for span in a[role]}
            ours = {trim(article.text, *span) for span in found[role]}
            exact[role].add({s for s in ours if s[0] < s[1]}, {s for s in gold if s[0] < s[1]})
    return {"exact_f1": {role: round(100 * exact[role].f1, 2) for role in ROLES}}


def spans_of(document: Document, tags: np.ndarray) -> dict[str, list[tuple[int, int]]]:
    """Character spans of each role."""
    found: dict[str, list[tuple[int, int]]] = {role: [] for role in ROLES}
    before = ""
    for k, tag in enumerate(tags.tolist()):
        name = TAGS[tag]
        role = name[2:]
        if role and name.startswith("I-") and before == role:
            found[role][-1] = (found[role][-1][0], document.ends[k])
        elif role:
            found[role].append((document.starts[k], document.ends[k]))
        before = role
    return found


def _unlabelled(data: Path, articles: Sequence[AttributedText]) -> Iterator[str]:
    for article in articles:
        yield article.text
    for name in UNLABELLED:
        for row in rows(data, name):
            yield str(row.get("text") or row["sentence"]).replace("[", "").replace("]", "")
