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
from framing.engines.tagger import FIRST_PASS, ROLES, Field, Table, Tagger, decode, posterior
from framing.engines.tagger_features import SECOND_TEMPLATES, TEMPLATES, Alphabet, Features, parse_template, shape
from framing.metrics import Tally, trim
from framing.segment import Document, segment
from framing.training.readers import AttributedText, read_polnear, rows
from framing.training.word_clusters import cluster_words

logger = logging.getLogger(__name__)

# Where roles overlap, the later one keeps the token.
_ORDER = ("content", "source", "cue")
# News whose words are clustered, beside the text of the annotated articles; no label of it is read.
UNLABELLED: tuple[str, ...] = (
    "stance/newsmtsc_train.jsonl",
    "stance/park2021_train.jsonl",
    "frames/climate_generic_frames.jsonl",
)
# The averaged perceptron (Collins 2002): a tenth of the time of L-BFGS, and no worse once its weights are scaled.
ALGORITHM = "ap"
PARAMETERS: dict[str, Any] = {"max_iterations": 10, "feature.minfreq": 2}
# Parts of the training articles; each part is read by a first pass that was trained on the others.
PARTS = 3
# A perceptron's weights have no scale: they are multiplied so that the largest transition weight is one of these,
# whichever serves best on held-out articles, as do the thresholds.
SCALES = (5.0, 6.0, 7.0, 8.0, 9.5)
THRESHOLDS = (0.3, 0.35, 0.4, 0.45, 0.5)
FIRST_SCALE = 7.0
# Weights up to these, of the first and the second pass, are left out: five sixths of the model, and the figures rise.
PRUNED = (0.05, 0.02)


def train(data: Path, out: Path, *, seed: int = 0) -> dict[str, Any]:
    """Train on ``polnear_train`` under ``data``, write ``tagger.json`` and ``tagger.npz`` to ``out``; the dev figures.

    The second pass learns from the answers that the first gives on articles it was not trained on. No annotation of
    the dev articles is read but to score them at the end. Ten to fifteen minutes on one core.
    """
    articles = read_polnear(data, "train")
    articles += [AttributedText("", line, ()) for line in _unattributed()]
    documents = [segment(article.text) for article in articles]
    tags = [gold_tags(document, article) for document, article in zip(documents, articles, strict=True)]
    logger.info("tagger: %d articles, %d tokens", len(articles), sum(map(len, tags)))
    alphabet = make_alphabet(documents, tags, cluster_words(_unlabelled(data, articles), seed=seed))
    batches = [Features(alphabet, [document]) for document in documents]
    first, firsts = _train_first(batches, tags)
    logger.info("tagger: first pass trained")
    for features, field in zip(batches, firsts, strict=True):
        features.read_first_pass(*field.read(features, FIRST_PASS, complete=False))
    trainer = _trainer(batches, tags, (*TEMPLATES, *SECOND_TEMPLATES))
    held_out = _fit(trainer, (*TEMPLATES, *SECOND_TEMPLATES), hold_out=0)
    scale, thresholds = _tune(held_out, batches[::PARTS], articles[::PARTS])
    second = _rescaled(_fit(trainer, (*TEMPLATES, *SECOND_TEMPLATES)), scale)
    logger.info("tagger: second pass trained, scale %s, thresholds %s", scale, thresholds)
    card: dict[str, Any] = {
        "model": "two passes of a linear-chain CRF for PolNeAR sources, cues and contents",
        "trained_on": [
            "attribution/polnear_train.jsonl",
            "unattributed.txt of this package",
            *(f"{name} (text only)" for name in UNLABELLED),
        ],
        "algorithm": ALGORITHM,
        "parameters": {**PARAMETERS, "parts": PARTS, "first_scale": FIRST_SCALE, "scale": scale, "pruned": PRUNED},
        "seed": seed,
        "thresholds": thresholds,
    }
    passes = (first.pruned(PRUNED[0]), second.pruned(PRUNED[1]))
    Tagger(alphabet, passes, card).save(out)
    tagger = Tagger.load(out)
    card["dev"] = {"exact_f1": exact_f1(tagger, read_polnear(data, "dev"))}
    Tagger(alphabet, passes, card).save(out)
    return dict(card["dev"])


def _train_first(batches: Sequence[Features], tags: Sequence[np.ndarray]) -> tuple[Field, list[Field]]:
    """The first pass, and for every article a first pass that never saw it."""
    trainer = _trainer(batches, tags, TEMPLATES)
    full = _rescaled(_fit(trainer, TEMPLATES), FIRST_SCALE)
    parts = [_rescaled(_fit(trainer, TEMPLATES, hold_out=part), FIRST_SCALE) for part in range(PARTS)]
    return full, [parts[number % PARTS] for number in range(len(batches))]


def _rescaled(field: Field, scale: float) -> Field:
    return field.scaled(scale / float(np.abs(field.transitions).max()))


def _tune(field: Field, batches: Sequence[Features], articles: Sequence[AttributedText]) -> tuple[float, list[float]]:
    """The scale of the weights and the thresholds with the best exact F1 on articles that were held out."""
    best: tuple[float, float, list[float]] = (-1.0, 0.0, [])
    scores = [field.scores(features) for features in batches]
    for scale in SCALES:
        factor = np.float32(scale / float(np.abs(field.transitions).max()))
        moves = field.transitions * factor
        read = [posterior(s * factor, moves, f.sequences) for s, f in zip(scores, batches, strict=True)]
        grid: dict[float, dict[str, float]] = {}
        for threshold in THRESHOLDS:
            tags = [
                features.split(decode(found, moves, features.sequences, [threshold] * len(ROLES)))[0]
                for found, features in zip(read, batches, strict=True)
            ]
            grid[threshold] = _exact_f1([f.documents[0] for f in batches], tags, articles)
        thresholds = [max(grid, key=lambda t, role=role: grid[t][role]) for role in ROLES]  # type: ignore[misc]
        total = sum(grid[t][role] for t, role in zip(thresholds, ROLES, strict=True))
        logger.info("tagger: scale %s, thresholds %s, sum of held-out F1 %.2f", scale, thresholds, total)
        if total > best[0]:
            best = (total, scale, thresholds)
    return best[1], best[2]


def gold_tags(document: Document, article: AttributedText) -> np.ndarray:
    """The annotation as one tag per token; tokens that a span only touches belong to it.

    Marks at the ends of a span are left out: the annotation has them now inside, now outside, and they would divide
    the probability of one and the same span between several.
    """
    tags = np.zeros(len(document.words), np.int8)
    for role in _ORDER:
        inside = TAGS.index(f"I-{role}")
        for attribution in article.attributions:
            for start, end in attribution[role]:
                core = trim(document.text, start, end)
                start, end = core if core[0] < core[1] else (start, end)
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
    *,
    algorithm: str = ALGORITHM,
    parameters: Mapping[str, Any] = PARAMETERS,
) -> Field:
    """One pass over some documents."""
    batches = [Features(alphabet, [document]) for document in documents]
    return _fit(_trainer(batches, tags, TEMPLATES, algorithm=algorithm, parameters=parameters), TEMPLATES)


def _trainer(
    batches: Sequence[Features],
    tags: Sequence[np.ndarray],
    texts: Sequence[str],
    *,
    algorithm: str = ALGORITHM,
    parameters: Mapping[str, Any] = PARAMETERS,
) -> Any:
    """A crfsuite trainer filled with the paragraphs of all documents, each in the part of its document."""
    import pycrfsuite

    trainer = pycrfsuite.Trainer(verbose=False)
    trainer.select(algorithm, "crf1d")
    trainer.set_params(dict(parameters))
    templates = [parse_template(text) for text in texts]
    for number, (features, given) in enumerate(zip(batches, tags, strict=True)):
        names = list(feature_names(features, templates))
        gold = np.zeros(features.size, np.int8)
        gold[features.firsts[0] : features.firsts[0] + len(given)] = given
        for first, last in features.sequences.tolist():
            items = pycrfsuite.ItemSequence(names[first:last])
            trainer.append(items, [TAGS[t] for t in gold[first:last]], number % PARTS)
    logger.info("tagger: features of %d documents made", len(batches))
    return trainer


def _fit(trainer: Any, texts: Sequence[str], *, hold_out: int = -1) -> Field:
    """Train, leaving out one part where ``hold_out`` names it, and read the weights."""
    import pycrfsuite

    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "field.crfsuite")
        trainer.train(path, hold_out)
        reader = pycrfsuite.Tagger()
        reader.open(path)
        field = read_field(reader.info(), texts)
    logger.info("tagger: trained without part %d", hold_out)
    return field


def feature_names(features: Features, templates: Sequence[Any]) -> Iterator[list[str]]:
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


def exact_f1(tagger: Tagger, articles: Sequence[AttributedText]) -> dict[str, float]:
    """Exact F1 of each role, in percent, from the tags alone."""
    documents = [segment(article.text) for article in articles]
    figures = _exact_f1(documents, tagger.tag(documents), articles)
    return {role: round(100 * figures[role], 2) for role in ROLES}


def _exact_f1(
    documents: Sequence[Document], tags: Sequence[np.ndarray], articles: Sequence[AttributedText]
) -> dict[str, float]:
    exact = {role: Tally() for role in ROLES}
    for document, given, article in zip(documents, tags, articles, strict=True):
        found = spans_of(document, given)
        for role in ROLES:
            gold = {trim(article.text, *span) for a in article.attributions for span in a[role]}
            ours = {trim(article.text, *span) for span in found[role]}
            exact[role].add({s for s in ours if s[0] < s[1]}, {s for s in gold if s[0] < s[1]})
    return {role: exact[role].f1 for role in ROLES}


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


def _unattributed() -> list[str]:
    """Sentences of our own in which the usual words of saying report nothing."""
    lines = Path(__file__).with_name("unattributed.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def _unlabelled(data: Path, articles: Sequence[AttributedText]) -> Iterator[str]:
    for article in articles:
        yield article.text
    for name in UNLABELLED:
        for row in rows(data, name):
            yield str(row.get("text") or row["sentence"]).replace("[", "").replace("]", "")
