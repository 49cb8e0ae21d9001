"""Generic frames: five probabilities an article, and the sentences that carry each."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.engines.frame_model import FrameCues, FrameModel
from framing.errors import LexiconError, ModelError
from framing.frames import frames
from framing.records import FRAMES
from framing.segment import segment

MODELS = Path(__file__).parent.parent / "framing" / "resources" / "models" / "linear"


@pytest.fixture(scope="module")
def model() -> FrameModel:
    return FrameModel.load(MODELS)


# One invented passage for each frame; its own frame must be likelier here than in any of the others.
PASSAGES = {
    "conflict": (
        "Opponents attacked the minister on Tuesday. Campaigners accused the council of lying and threatened "
        "to sue. The two camps have clashed for months, and each side dismissed the other's claims as false. "
        "The row turned bitter."
    ),
    "resolution": (
        "The town will cut emissions by replacing its boilers with heat pumps. A new plan funds solar panels "
        "on every school, and engineers developed batteries to store the power. Officials say the technology "
        "can solve the shortage."
    ),
    "human_interest": (
        "Her grandmother cried when the water took their home. The family slept in a school with three "
        "children. She remembers her father lifting her sister onto the roof. He died that night, and she "
        "still dreams of his garden."
    ),
    "morality": (
        "The bishop called it a sin to leave the poor to suffer. We have a moral duty to the vulnerable, he "
        "said, and a responsibility to future generations. It is unjust, shameful and against the faith, the "
        "church told the parish."
    ),
    "economic": (
        "The tax will cost companies two billion dollars a year. Prices rose and shares fell as investors "
        "sold stocks. Thousands of jobs in the industry are at risk, and economists expect growth and exports "
        "to slow next year."
    ),
}


@pytest.mark.parametrize("frame", FRAMES)
def test_a_passage_written_for_a_frame_has_more_of_it_than_the_others(model: FrameModel, frame: str) -> None:
    k = FRAMES.index(frame)
    scores = {name: model.score([segment(text)])[0][0][k] for name, text in PASSAGES.items()}
    assert max(scores, key=scores.__getitem__) == frame


def test_the_sentence_about_money_carries_the_economic_frame(model: FrameModel) -> None:
    text = "It rained on Monday. Prices rose and companies lost billions of dollars. He walked home."
    probabilities, parts = model.score([segment(text)])[0]
    economic = frames(probabilities, parts)[FRAMES.index("economic")]
    assert economic.sentences[0] == 1


def test_names_do_not_move_frames(model: FrameModel) -> None:
    one = segment("The plan by Henderson would cost Norway two billion dollars, said Smith.")
    other = segment("The plan by Okafor would cost Chile two billion dollars, said Lindqvist.")
    np.testing.assert_allclose(model.score([one])[0][0], model.score([other])[0][0])


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(st.text(max_size=200), min_size=1, max_size=4))
def test_any_text_gets_finite_probabilities_that_ignore_the_batch(texts: list[str]) -> None:
    model = FrameModel.load(MODELS)
    documents = [segment(text) for text in texts]
    together = model.score(documents)
    for document, (probabilities, parts) in zip(documents, together, strict=True):
        assert probabilities.shape == (len(FRAMES),) and parts.shape == (len(document.sentences), len(FRAMES))
        assert np.isfinite(parts).all() and ((probabilities >= 0) & (probabilities <= 1)).all()
        np.testing.assert_allclose(model.score([document])[0][0], probabilities, atol=1e-9)


def test_sentence_parts_add_up_to_the_article(model: FrameModel) -> None:
    probabilities, parts = model.score([segment(" ".join(PASSAGES.values()))])[0]
    log_odds = (parts.sum(axis=0) + model.offset) * model.slope
    np.testing.assert_allclose(probabilities, 1 / (1 + np.exp(-log_odds)))


def test_three_strongest_sentences_none_that_speaks_against() -> None:
    parts = np.zeros((6, 5))
    parts[:, 0] = [0.1, 0.5, -0.2, 0.3, 0.4, 0.0]
    found = frames(np.array([0.9, 0.1, 0.1, 0.1, 0.1]), parts)
    assert [frame.name for frame in found] == list(FRAMES)
    assert found[0].sentences == (1, 4, 3)
    assert found[1].sentences == ()


def test_an_unknown_frame_in_the_cue_file_names_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "cues.tsv"
    path.write_text("term\tframe\nquarrel*\tconflict\nsun\tweather\n", encoding="utf-8")
    with pytest.raises(LexiconError, match=r"cues.tsv, line 3.*weather"):
        FrameCues.read(path)


def test_cues_know_stems_and_whole_words(tmp_path: Path) -> None:
    path = tmp_path / "cues.tsv"
    path.write_text("term\tframe\nquarrel*\tconflict\nrow\tconflict\n", encoding="utf-8")
    cues = FrameCues.read(path)
    assert cues.bits("quarrelled") and cues.bits("row")
    assert not cues.bits("rowing")


def test_a_missing_model_says_so(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="framing train"):
        FrameModel.load(tmp_path)


@pytest.mark.skipif("FRAMING_DATA" not in os.environ, reason="needs the annotated corpora: set FRAMING_DATA")
def test_every_article_is_tested_in_one_fold() -> None:
    from framing.training.frames import read

    articles = read(Path(os.environ["FRAMING_DATA"]))
    assert set(articles.fold) == set("12345")
    assert articles.gold.shape == (len(articles.texts), len(FRAMES))
