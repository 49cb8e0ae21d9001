"""Held-out numbers: one shape for every engine, and a clear word where they are missing."""

import numpy as np
import pytest
from made_up_corpora import write_corpora
from sklearn.metrics import f1_score, recall_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold

from framing.benchmark import SECTIONS
from framing.errors import InputError, ModelError
from framing.segment import segment
from framing.training import held_out as module
from framing.training.held_out import HeldOut, held_out, random_folds
from framing.training.readers import GUN_FRAMES, read_babe, read_climate, read_gvfc


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_corpora(tmp_path_factory.mktemp("corpora"))


def stored(data, *, order=1):
    """What training would have left, the texts in the corpus's order or, with -1, backwards."""
    rng = np.random.default_rng(5)
    items = read_babe(data)[::order]
    labels = np.array([item.biased for item in items])
    counts = np.array([len(segment(item.text, whole=True).words) for item in items], np.int32)
    chances = np.clip(0.3 + 0.4 * labels + rng.normal(0, 0.25, len(items)), 0.01, 0.99).astype(np.float32)
    headlines = read_gvfc(data)[::order]
    return {
        "babe_ids": np.array([item.id for item in items]),
        "babe": chances,
        "babe_random": np.clip(chances + 0.05, 0, 1),
        "babe_word_counts": counts,
        "babe_words": np.concatenate([np.full(n, k, np.float16) for k, n in enumerate(counts.tolist())]),
        "gvfc_ids": np.array([item.id for item in headlines]),
        "gvfc": rng.random((len(headlines), len(GUN_FRAMES))).astype(np.float32),
    }


@pytest.fixture
def leave(tmp_path, monkeypatch):
    """Write the file of a made-up neural engine."""
    monkeypatch.setattr(module, "MODELS", tmp_path)

    def write(arrays, **options):
        (tmp_path / "neural").mkdir(exist_ok=True)
        np.savez(tmp_path / "neural" / module.FILE, **arrays, **options)

    return write


def test_numbers_are_joined_to_the_corpus_by_id(data, leave):
    arrays = stored(data, order=-1)
    leave(arrays)
    found = HeldOut(data, "neural")
    np.testing.assert_allclose(found.bias.grouped, arrays["babe"][::-1], rtol=1e-6)
    np.testing.assert_allclose(found.bias.random, arrays["babe_random"][::-1], rtol=1e-6)
    np.testing.assert_allclose(found.headlines, arrays["gvfc"][::-1])
    last = len(segment(read_babe(data)[-1].text, whole=True).words)
    assert found.bias.words[-last:].tolist() == [0] * last  # the file's first sentence is the corpus's last


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"babe_ids": lambda ids: np.char.add("x", ids)}, InputError, "first: 'b0'"),
        ({"gvfc_ids": lambda ids: np.char.add("x", ids)}, InputError, "of gvfc"),
        ({"babe_word_counts": lambda counts: np.roll(counts, 1)}, ModelError, "train anew"),
        ({"babe_words": lambda words: words[:-1]}, ModelError, "counts"),
        ({"babe": lambda values: values[:-1]}, ModelError, "differ in length"),
        ({"gvfc": None}, ModelError, "lacks gvfc"),
        ({"babe_ids": lambda ids: ids.astype(object)}, ModelError, "framing train --engine neural"),  # no pickles
    ],
)
def test_what_does_not_fit_the_corpus_is_an_error(data, leave, change, error, says):
    arrays = stored(data)
    for name, alter in change.items():
        if alter:
            arrays[name] = alter(arrays[name])
        else:
            del arrays[name]
    leave(arrays)
    found = HeldOut(data, "neural")
    with pytest.raises(error, match=says):
        _ = found.bias, found.headlines


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04 no archive"], ids=["absent", "empty", "damaged"])
def test_no_file_is_an_error_with_the_remedy(data, tmp_path, monkeypatch, content):
    monkeypatch.setattr(module, "MODELS", tmp_path)
    if content is not None:
        (tmp_path / "neural").mkdir()
        (tmp_path / "neural" / module.FILE).write_bytes(content)
    with pytest.raises(ModelError, match="framing train --engine neural"):
        _ = HeldOut(data, "neural").headlines


def test_random_folds_are_those_of_the_papers_splitter():
    labels = np.arange(50) % 2
    folds = random_folds(labels)
    for fold, (_, test) in enumerate(StratifiedKFold(5, shuffle=True, random_state=42).split(labels, labels)):
        assert set(np.flatnonzero(folds == fold)) == set(test)


def test_the_linear_engine_gives_the_same_shapes(data):
    found, items = held_out(data, "linear"), read_babe(data)
    words = sum(len(segment(item.text, whole=True).words) for item in items)
    assert found.bias.grouped.shape == found.bias.random.shape == (len(items),)
    assert found.bias.words.shape == (words,)
    assert found.climate.shape == (len(read_climate(data)), 5)
    assert found.headlines is None
    labels = np.array([item.biased for item in items])
    assert found.bias.grouped[labels == 1].mean() > found.bias.grouped[labels == 0].mean()


def test_figures_are_those_of_scikit_learn(data, leave):
    arrays = stored(data)
    leave(arrays)
    held_out.cache_clear()
    gold = [item.biased for item in read_babe(data)]
    figures = SECTIONS["loaded_language"](data, "neural")
    for name, chances in (("", arrays["babe"]), ("random_folds", arrays["babe_random"])):
        part = figures[name] if name else figures
        called = (chances > 0.5).astype(int)
        assert part["macro_f1"] == pytest.approx(f1_score(gold, called, average="macro"))
        assert part["weighted_f1"] == pytest.approx(f1_score(gold, called, average="weighted"))
        assert part["auc"] == pytest.approx(roc_auc_score(gold, chances))
        assert part["sensitivity"] == pytest.approx(recall_score(gold, called))
        assert part["specificity"] == pytest.approx(recall_score(gold, called, pos_label=0))
    assert set(figures["baselines"]) >= {"textblob"}
    headlines = SECTIONS["headlines"](data, "neural")
    uses = np.array([item.frames for item in read_gvfc(data)])
    expected = f1_score(uses, arrays["gvfc"] > 0.5, average="macro", zero_division=0)
    assert headlines["macro_f1"] == pytest.approx(expected)
    held_out.cache_clear()


def test_loaded_terms_follow_the_held_out_words(data, leave):
    """A word model that is sure of the marked words alone finds more of them than one that is sure of none."""
    found = {}
    for name, sure in (("seeing", 6.0), ("blind", -12.0)):
        words = []
        for item in read_babe(data):
            document = segment(item.text, whole=True)
            words += [sure if word in item.biased_words else -12.0 for word in document.words]
        leave({**stored(data), "babe_words": np.array(words, np.float16)})
        found[name] = SECTIONS["loaded_language"](data, "neural")
        held_out.cache_clear()
    assert found["seeing"]["word_recall"] > found["blind"]["word_recall"] + 0.2
    assert found["seeing"]["sentences"] == len(read_babe(data))
