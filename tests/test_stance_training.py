"""Training of the stance model: gold labels, and what the encoder says of news that has none."""

import json
from pathlib import Path

import numpy as np
import pytest
from made_up_corpora import write_corpora

from framing.engines.target import TargetModel
from framing.engines.target_types import SPECIAL, Types
from framing.records import Mention
from framing.segment import segment
from framing.training import distil
from framing.training.distil import Passage, can_distil, passages
from framing.training.stance import train_with

TEXT = (
    "praised voters for the honest and brilliant reform met delegation on critics said that lied betrayed town . "
    "grumbled about thanked"
)
SENTENCES = ("Everyone grumbled about Ortega.", "Everyone thanked Ortega.", "Everyone met Ortega.")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_corpora(tmp_path_factory.mktemp("corpora_of") / "data")


@pytest.fixture(scope="module")
def words() -> tuple[Types, np.ndarray]:
    vocabulary = (*SPECIAL, *TEXT.split())
    n = len(vocabulary)
    blank = np.zeros(n, np.int64)
    vectors = np.random.default_rng(0).normal(size=(n, 4)) / 2
    return Types(vocabulary, blank, np.zeros(n), np.zeros(n), blank), vectors


def soft() -> tuple[list[Passage], np.ndarray]:
    """A teacher who knows words that no gold label shows."""
    asked = [Passage(text, ((text.index("Ortega"), text.index("Ortega") + 6),)) for text in SENTENCES * 60]
    said = np.array([[0.9, 0.1, 0.0], [0.0, 0.1, 0.9], [0.05, 0.9, 0.05]])
    return asked, np.tile(said, (60, 1))


def test_words_without_gold_labels_are_learnt_from_soft_ones(
    data: Path, words: tuple[Types, np.ndarray], tmp_path: Path
) -> None:
    figures = train_with(*words, data, tmp_path, soft=soft())
    assert figures["soft_labels"] == 180
    model = TargetModel.load(tmp_path)
    model.parameters = {"temperature": 1.0, "offset": [0.0, 0.0, 0.0]}  # a dozen sentences calibrate nothing
    at = [[Mention("Ortega", text.index("Ortega"), text.index("Ortega") + 6)] for text in SENTENCES]
    negative, positive, neutral = np.concatenate(model.score([segment(text, whole=True) for text in SENTENCES], at))
    assert negative[0] > negative[2]  # by how much is the penalty's doing, which is made for a thousand times as many
    assert positive[2] > positive[0]
    assert neutral[1] > max(negative[1], positive[1])


def test_without_a_teacher_the_gold_alone_is_learnt_and_the_card_says_so(
    data: Path, words: tuple[Types, np.ndarray], tmp_path: Path
) -> None:
    assert train_with(*words, data, tmp_path)["soft_labels"] == 0
    assert "none" in json.loads((tmp_path / "stance.json").read_text(encoding="utf-8"))["soft_labels"]


def test_the_same_labels_give_the_same_weights(data: Path, words: tuple[Types, np.ndarray], tmp_path: Path) -> None:
    for name in ("one", "other"):
        train_with(*words, data, tmp_path / name, soft=soft())
    one, other = (TargetModel.load(tmp_path / name) for name in ("one", "other"))
    np.testing.assert_array_equal(one.keys, other.keys)
    np.testing.assert_array_equal(one.weights, other.weights)


@pytest.fixture
def news(data: Path) -> Path:
    """Unlabelled news beside the data folder; one sentence of it is also in NewsMTSC."""
    folder = data.parent / "corpora"
    folder.mkdir(exist_ok=True)
    known = "Critics said that Trump lied and betrayed the town."
    body = f"Trump met Lindqvist on Monday. Nobody clapped. {known} Later Trump thanked Lindqvist, and Trump left."
    (folder / distil.NEWS).write_text(json.dumps({"title": "Trump", "text": body}) + "\n", encoding="utf-8")
    return folder


@pytest.mark.usefixtures("news")
def test_passages_are_sentences_that_name_a_target_and_have_no_gold_label(data: Path) -> None:
    found = passages(data)
    assert [one.text for one in found] == [
        "Trump met Lindqvist on Monday.",
        "Later Trump thanked Lindqvist, and Trump left.",
    ]
    named = [one.text[a:b] for one in found for a, b in one.spans]
    assert sorted(named) == ["Lindqvist"] * 2 + ["Trump"] * 3


def test_distilling_needs_a_model_and_news(data: Path, news: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distil, "MODELS", news)
    assert not can_distil(data)  # no model there
    (news / distil.CHECKSUMS).write_text("{}", encoding="utf-8")
    assert can_distil(data)
    assert not can_distil(data / "loaded")  # no news beside it
