"""The attribution tagger: its field against python-crfsuite, its decoding, its files. All sentences are invented."""

from __future__ import annotations

import json
import random
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.engines import TAGS
from framing.engines.linear import MODELS
from framing.engines.tagger import FORBIDDEN, Tagger, decode, posterior
from framing.engines.tagger_features import PAD, Alphabet, Features, parse_template, shape
from framing.errors import ModelError
from framing.segment import Document, segment

_NAMES = ("Lund", "Okoro", "Mayor Ruiz", "The union", "Ms. Haddad", "A ranger")
_CUES = ("said", "claimed", "warned", "added", "wrote")
_CLAIMS = ("the bridge was safe", "nobody had asked them", "two ships turned back", "rents would rise by 4 percent")


def invented(count: int, seed: int) -> list[tuple[Document, np.ndarray]]:
    """Documents of one or two made-up sentences with their tags."""
    source, cue, content = (TAGS.index(f"B-{role}") for role in ("source", "cue", "content"))
    chance = random.Random(seed)
    made = []
    for _ in range(count):
        name, verb, claim = chance.choice(_NAMES), chance.choice(_CUES), chance.choice(_CLAIMS)
        pieces = chance.choice(
            (
                ((name, source), (verb, cue), ("that " + claim, content), (".", 0)),
                ((f"“{claim},”", content), (verb, cue), (name, source), (".", 0)),
                (("According to", cue), (name, source), (",", 0), (claim, content), (". It rained on the town.", 0)),
                ((f"{name} walked home before {claim}.", 0),),
            )
        )
        text, tags = "", []
        for piece, tag in pieces:
            words = segment(piece, whole=True).words
            tags += [tag + (k > 0 and tag > 0) for k in range(len(words))]
            text += ("" if piece[0] in ",." else " " if text else "") + piece
        document = segment(text)
        assert len(document.words) == len(tags)
        made.append((document, np.array(tags, np.int8)))
    return made


@pytest.fixture(scope="module")
def small() -> Tagger:
    """A tagger trained here and now on forty invented documents."""
    pytest.importorskip("pycrfsuite")
    from framing.training.tagger import make_alphabet, train_field

    documents, tags = map(list, zip(*invented(40, seed=1), strict=True))
    clusters = {"lund": (0, 1, 2), "said": (1, 0, 0)}
    alphabet = make_alphabet(documents, tags, clusters)
    parameters = {"c1": 0.01, "c2": 0.01, "max_iterations": 40}
    field = train_field(alphabet, documents, tags, algorithm="lbfgs", parameters=parameters)
    return Tagger(alphabet, (field,), {"thresholds": [0.4, 0.4, 0.4]})


def test_probabilities_equal_those_of_crfsuite(tmp_path: Path) -> None:
    """The same weights give the same probability of every tag of every token, for 200 sequences."""
    pycrfsuite = pytest.importorskip("pycrfsuite")
    from framing.training.tagger import feature_names, make_alphabet, read_field

    training = invented(60, seed=2)
    documents, tags = map(list, zip(*training, strict=True))
    alphabet = make_alphabet(documents, tags, {"okoro": (3, 2, 1)})
    texts = ["w[0]", "w[-1] w[0]", "s[1]", "q[0]", "lc[0] ld[0]", "w[-3]", "c1[0]"]
    templates = [parse_template(text) for text in texts]
    trainer = pycrfsuite.Trainer(verbose=False)
    trainer.set_params({"c1": 0.0, "c2": 0.1, "max_iterations": 30, "feature.possible_transitions": True})

    def sequences(document: Document) -> list[list[list[str]]]:
        features = Features(alphabet, [document])
        names = list(feature_names(features, templates))
        return [names[first:last] for first, last in features.sequences.tolist()]

    for document, given_ in training:
        trainer.append(pycrfsuite.ItemSequence(sequences(document)[0]), [TAGS[t] for t in given_])
    trainer.train(str(tmp_path / "model"))
    reference = pycrfsuite.Tagger()
    reference.open(str(tmp_path / "model"))
    field = read_field(reference.info(), texts)

    fresh = [document for document, _ in invented(200, seed=3)]
    features = Features(alphabet, fresh)
    ours = posterior(
        field.scores(features), field.transitions, features.sequences, forbidden=np.zeros((7, 7)), first=np.ones(7)
    )
    for document, marginals in zip(fresh, features.split(ours.marginals), strict=True):
        names = sequences(document)[0]
        reference.set(names)
        for k, tag in product(range(len(names)), reference.labels()):
            assert marginals[k, TAGS.index(tag)] == pytest.approx(reference.marginal(tag, k), abs=2e-4)


def test_learns_what_it_was_shown(small: Tagger) -> None:
    fresh = invented(50, seed=9)
    found = small.tag([document for document, _ in fresh])
    assert np.mean([np.array_equal(a, b) for a, (_, b) in zip(found, fresh, strict=True)]) > 0.9


def test_a_document_is_tagged_alike_alone_and_in_company(small: Tagger) -> None:
    documents = [document for document, _ in invented(30, seed=4)]
    documents.insert(3, segment(""))
    documents.insert(7, segment("…"))
    together = small.tag(documents)
    for document, tags in zip(documents, together, strict=True):
        assert np.array_equal(small.tag([document])[0], tags)
        assert len(tags) == len(document.words)
    backwards = small.tag(documents[::-1])[::-1]
    assert all(np.array_equal(a, b) for a, b in zip(together, backwards, strict=True))


def test_saved_and_loaded_it_tags_the_same(small: Tagger, tmp_path: Path) -> None:
    small.save(tmp_path)
    documents = [document for document, _ in invented(30, seed=5)]
    loaded = Tagger.load(tmp_path)
    for ours, theirs in zip(small.tag(documents), loaded.tag(documents), strict=True):
        assert np.array_equal(ours, theirs)


def _break_json(folder: Path) -> None:
    (folder / "tagger.json").write_text("{", encoding="utf-8")


def _other_format(folder: Path) -> None:
    card = json.loads((folder / "tagger.json").read_text(encoding="utf-8"))
    (folder / "tagger.json").write_text(json.dumps({**card, "format": 99}), encoding="utf-8")


def _cut_arrays(folder: Path) -> None:
    path = folder / "tagger.npz"
    path.write_bytes(path.read_bytes()[:200])


def _no_arrays(folder: Path) -> None:
    (folder / "tagger.npz").unlink()


@pytest.mark.parametrize("damage", [_break_json, _other_format, _cut_arrays, _no_arrays])
def test_a_damaged_model_is_refused(damage: object, small: Tagger, tmp_path: Path) -> None:
    small.save(tmp_path)
    damage(tmp_path)  # type: ignore[operator]
    with pytest.raises(ModelError):
        Tagger.load(tmp_path)


def _spans_of(tags: tuple[int, ...]) -> set[tuple[int, int, int]]:
    spans, begun = set(), -1
    for k, tag in enumerate((*tags, 0)):
        if begun >= 0 and not (tag > 0 and tag % 2 == 0):
            spans.add(((tags[begun] - 1) // 2, begun, k))
            begun = -1
        if tag % 2:
            begun = k
    return spans


def test_span_probabilities_are_the_sum_over_all_tag_sequences() -> None:
    """Five tokens have 7^5 tag sequences: adding them up must give what forward-backward gives."""
    rng = np.random.default_rng(0)
    length = 5
    scores, transitions = rng.normal(0, 2, (length, 7)), rng.normal(0, 1, (7, 7))
    total, of_span = 0.0, dict[tuple[int, int, int], float]()
    for tags in product(range(7), repeat=length):
        if TAGS[tags[0]].startswith("I-") or any(FORBIDDEN[a, b] for a, b in pairwise(tags)):
            continue
        weight = np.exp(
            sum(scores[k, t] for k, t in enumerate(tags)) + sum(map(transitions.__getitem__, pairwise(tags)))
        )
        total += weight
        for span in _spans_of(tags):
            of_span[span] = of_span.get(span, 0.0) + weight
    sequences = np.array([[0, length]])
    found = posterior(scores, transitions, sequences)
    for threshold in (0.1, 0.2, 0.3, 0.5):
        tags = tuple(decode(found, transitions, sequences, [threshold] * 3).tolist())
        for span in _spans_of(tags):
            assert of_span[span] / total > threshold
        taken = {k for _, a, b in _spans_of(tags) for k in range(a, b)}
        for (role, a, b), weight in of_span.items():
            if weight / total > threshold and not taken & set(range(a, b)):
                pytest.fail(f"span {(role, a, b)} of probability {weight / total:.2f} was left out")


def test_no_span_crosses_a_line() -> None:
    """A headline is never joined to what stands below it."""
    features = Features(
        Alphabet.from_lists({n: [] for n in ("w", "s", "x3", "x2", "p3", "cue")}, {}), [segment("One. Two.\nThree.")]
    )
    assert (features.sequences - PAD).tolist() == [[0, 4], [4, 6]]
    assert (features.sentences - PAD).tolist() == [[0, 2], [2, 4], [4, 6]]


@pytest.mark.parametrize(
    ("word", "expected"),
    [("Paris", "Aa"), ("NATO", "AA"), ("I", "A"), ("peace", "a"), ("so-called", "a-"), ("1990s", "9"), ("”", "”")],
)
def test_shape(word: str, expected: str) -> None:
    assert shape(word) == expected


@pytest.mark.parametrize("text", ["", "w", "w[9]", "w[0]w[1]", "W[0]", "w[0] [1]", "w[1.5]"])
def test_a_bad_template_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="template"):
        parse_template(text)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(alphabet="aA1 .,“”\"'\n\u2028\ud800é—", max_size=60), max_size=4))
def test_any_text_is_tagged_in_order(texts: list[str]) -> None:
    documents = [segment(text) for text in texts]
    features = Features(Alphabet.from_lists({n: ["a"] for n in ("w", "s", "x3", "x2", "p3", "cue")}, {}), documents)
    rng = np.random.default_rng(1)
    scores, transitions = rng.normal(0, 3, (features.size, 7)), rng.normal(0, 3, (7, 7))
    found = posterior(scores, transitions, features.sequences)
    assert np.isfinite(found.marginals).all()
    tags = decode(found, transitions, features.sequences, (0.3, 0.3, 0.3))
    for document, own in zip(documents, features.split(tags), strict=True):
        assert len(own) == len(document.words)
        for before, after in zip([0, *own.tolist()], own.tolist(), strict=False):
            assert not FORBIDDEN[before, after]


# --- the shipped model, on sentences it has not seen ------------------------------------------------------------


@pytest.fixture(scope="module")
def shipped() -> Tagger:
    return Tagger.load(MODELS)


ATTRIBUTED = [
    ("comma, said, name", "“The harbor will open in May,” said Ines Duarte.", "Ines Duarte", "said"),
    ("straight marks", '"The harbor will open in May," Ines Duarte said.', "Ines Duarte", "said"),
    ("said that", "Duarte said that the harbor would open in May.", "Duarte", "said"),
    (
        "according to",
        "According to the harbor office, three ferries were delayed on Monday.",
        "the harbor office",
        "According to",
    ),
    ("added", "“We will rebuild the pier,” Duarte added.", "Duarte", "added"),
    ("told reporters", "The senator told reporters that the vote would be close.", "The senator", "told"),
    ("believed", "Officials believe the fire began in the kitchen.", "Officials", "believe"),
]


@pytest.mark.parametrize(("why", "text", "source", "cue"), ATTRIBUTED, ids=[row[0] for row in ATTRIBUTED])
def test_the_shipped_model_finds_plain_attributions(
    shipped: Tagger, why: str, text: str, source: str, cue: str
) -> None:
    document = segment(text)
    tags = shipped.tag([document])[0]
    words = {
        role: " ".join(w for w, t in zip(document.words, tags, strict=True) if TAGS[t].endswith(role))
        for role in ("source", "cue", "content")
    }
    assert (words["source"], words["cue"].split()[: len(cue.split())]) == (source, cue.split()), why
    assert words["content"]


NOT_ATTRIBUTED = [
    "The clock struck nine.",
    pytest.param(
        "He claimed the trophy in front of his home crowd.",
        marks=pytest.mark.xfail(reason="in political news, what is claimed is nearly always something said"),
    ),
    "The bank sent a statement of accounts to every customer.",
    "Rain fell on the harbor all night.",
]


@pytest.mark.parametrize("text", NOT_ATTRIBUTED)
def test_the_shipped_model_leaves_plain_narration_alone(shipped: Tagger, text: str) -> None:
    assert not shipped.tag([segment(text)])[0].any()
