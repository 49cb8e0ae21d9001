"""Training of the loaded-language model, on a few invented sentences."""

import numpy as np
import pytest
from test_bias_model import PAIRS

from framing.engines.bias import BiasModel
from framing.segment import segment
from framing.training.bias import _arrays, calibrated, held_out, platt
from framing.training.bias_matrices import Corpus, marked_tokens
from framing.training.readers import BiasSentence
from framing.training.word_vectors import word_vectors


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    texts = [text for pair in PAIRS for text in pair]
    items = [
        BiasSentence(str(k), text, k % 2, tuple(text.split()[1:3]) if k % 2 else (), "", "", str(k // 2), k // 2 % 4)
        for k, text in enumerate(texts)
    ]
    return Corpus(items, word_vectors(texts, seed=0, dimensions=5, least=1))


def test_the_engine_scores_as_the_trainer_does(corpus: Corpus) -> None:
    everything = np.ones(len(corpus.items), bool)
    words = corpus.fit_words(everything)
    sentences, logits = corpus.fit_sentences(everything, words.scores(corpus))
    model = BiasModel(_arrays(corpus, words, sentences), {"platt": {"slope": 1.0, "offset": 0.0}})
    found = model.score(corpus.documents, corpus.matches)
    np.testing.assert_allclose([one.bias[0] for one in found], 1 / (1 + np.exp(-logits)), atol=1e-4)


def test_same_seed_same_model(corpus: Corpus) -> None:
    texts = [item.text for item in corpus.items]
    again = word_vectors(texts, seed=0, dimensions=5, least=1)
    np.testing.assert_array_equal(again.vectors, corpus.vectors.vectors)


def test_held_out_scores_tell_loaded_from_sober(corpus: Corpus) -> None:
    found = held_out(corpus, corpus.folds)
    chances = calibrated(found.sentences, corpus.labels, corpus.folds)
    assert chances[corpus.labels == 1].mean() > chances[corpus.labels == 0].mean() + 0.3


def test_platt_keeps_the_order_and_the_mean() -> None:
    scores = np.linspace(-3, 3, 40)
    labels = (np.sin(np.arange(40)) + scores > 0).astype(int)
    slope, offset = platt(scores, labels)
    assert slope > 0
    assert (1 / (1 + np.exp(-(slope * scores + offset)))).mean() == pytest.approx(labels.mean(), abs=0.01)


@pytest.mark.parametrize(
    ("text", "marked", "expected"),
    [
        ("A vile, vile plan.", ["vile"], ["vile", "vile"]),  # every occurrence
        ("They doubled down on it.", ["Doubled down"], ["doubled", "down"]),  # in whatever case
        ("The so-called plan.", ["so-called"], ["so-called"]),
        ("A plan.", ["scheme", ""], []),  # not found in the sentence
    ],
)
def test_marked_tokens(text: str, marked: list[str], expected: list[str]) -> None:
    document = segment(text, whole=True)
    inside = marked_tokens(document, marked)
    assert [word for word, is_in in zip(document.words, inside, strict=True) if is_in] == expected
