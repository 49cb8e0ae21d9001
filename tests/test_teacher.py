"""The teacher of the neural engine: how it reads a target, what it learns, what it is asked, and who learns from it."""

import json
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training the neural engine needs the `encoder` extra")
pytest.importorskip("transformers", reason="a teacher needs the `encoder` extra")
pytest.importorskip("safetensors.torch", reason="encoders come as safetensors")
pytest.importorskip("onnx", reason="writing the model needs the `train` extra")

from made_up_corpora import write_corpora  # noqa: E402
from test_neural_training import CONFIG, log_of, write_encoder  # noqa: E402

from framing.errors import InputError, ModelError  # noqa: E402
from framing.training import distil  # noqa: E402
from framing.training.neural import runs, stages, teacher, train_neural  # noqa: E402
from framing.training.neural.examples import three_parts  # noqa: E402
from framing.training.neural.teacher import Script, Teacher, ask, newsmtsc_lines, teach, unlabelled  # noqa: E402
from framing.training.neural.trainer import Recipe  # noqa: E402
from framing.training.readers import read_newsmtsc  # noqa: E402

NEWS = (
    "Lindqvist met Trump on Monday. Nobody clapped. Critics said that Trump lied and betrayed the town. "
    "Later Lindqvist thanked Trump, and Trump left."
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A teacher small enough to be made on the spot."""
    config = {**CONFIG, "model_type": "bert", "pad_token_id": 0, "type_vocab_size": 2}
    made = write_encoder(tmp_path_factory.mktemp("teacher"), config=config)
    tokenizer = json.loads((made / "tokenizer.json").read_text())
    tokenizer["post_processor"] = {
        "type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2],
    }  # fmt: skip
    (made / "tokenizer.json").write_text(json.dumps(tokenizer))
    return made


@pytest.fixture(scope="module")
def script(folder: Path) -> Script:
    return Script(folder)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Annotated corpora, and unlabelled news beside them."""
    found = write_corpora(tmp_path_factory.mktemp("corpora_of") / "data")
    path = found / "stance/park2021_train.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    path.write_text("".join(json.dumps({"id": f"q{k}", **row}) + "\n" for k, row in enumerate(rows)))
    (found.parent / "corpora").mkdir()
    (found.parent / "corpora" / distil.NEWS).write_text(json.dumps({"title": "Trump", "text": NEWS}) + "\n")
    return found


def test_a_line_marks_its_target(script: Script) -> None:
    line = script.line(("the ", "plan", " failed"))
    shown = [script._tokenizer.id_to_token(piece) for piece in line.pieces]
    assert shown[0] == "[CLS]" and shown[-1] == "[SEP]"
    assert shown[slice(*line.target)] == ["plan"]
    assert shown.index("the") < line.target[0] - 1  # the mark stands between


@pytest.mark.parametrize("before", [0, 40, 400])
@pytest.mark.parametrize("after", [0, 40, 400])
def test_a_long_sentence_is_cut_around_its_target(script: Script, before: int, after: int) -> None:
    line = script.line(("the " * before, "plan", " said" * after))
    shown = [script._tokenizer.id_to_token(piece) for piece in line.pieces]
    assert shown[slice(*line.target)] == ["plan"]
    kept = shown.count("the"), shown.count("said")
    room = teacher._ROOM - 1
    assert sum(kept) == min(before + after, room)
    if before + after > room:  # half of the room to each side, where both need it
        assert min(kept) >= min(before, after, room // 2)


def test_a_target_of_any_length_leaves_room_for_its_sentence(script: Script) -> None:
    line = script.line(("the plan ", "council " * 500, "failed"))
    assert line.target[1] - line.target[0] <= teacher._ROOM // 2
    assert len(line.pieces) < teacher._ROOM + 20


def test_a_sentence_is_shown_with_other_names_and_the_same_label(script: Script, data: Path) -> None:
    lines = newsmtsc_lines(script, data, seed=0)
    items = read_newsmtsc(data, "train")
    assert len(lines.variants) == len(items)
    assert sorted(k for rows in lines.variants for k in rows) == list(range(len(lines.rows)))
    assert max(map(len, lines.variants)) > 1
    for item, rows in zip(items, lines.variants, strict=True):
        assert {int(lines.labels[k].argmax()) - 1 for k in rows} == {item.stance}


def test_it_learns_and_its_words_stay_as_they_were(folder: Path, script: Script, data: Path) -> None:
    torch.manual_seed(0)
    made = Teacher(folder)
    words = made.encoder.embeddings.word_embeddings.weight.clone()
    teach(made, newsmtsc_lines(script, data, 0), script, Recipe(passes={"stance": 60}, rate=1e-3, pieces=400))
    items = read_newsmtsc(data, "train")
    assert (ask(made, script, items).argmax(1) - 1 == [item.stance for item in items]).mean() > 0.8
    assert torch.equal(made.encoder.embeddings.word_embeddings.weight, words)


def test_what_is_asked_beside_a_target_changes_little(folder: Path, script: Script, data: Path) -> None:
    made = Teacher(folder)
    items = read_newsmtsc(data, "train")
    together = ask(made, script, items)
    np.testing.assert_allclose(together.sum(1), 1, atol=1e-3)
    alone = np.concatenate([ask(made, script, [item]) for item in items])
    np.testing.assert_allclose(together, alone, atol=0.02)  # 16 bits


def test_it_is_asked_about_nothing_that_has_a_gold_label(data: Path) -> None:
    asked = unlabelled(data)
    texts = {item.text for item in asked}
    assert texts == {
        "Lindqvist met Trump on Monday.",
        "Later Lindqvist thanked Trump, and Trump left.",
        "Quill praised Kelder on Friday.",
        "Quill denounced Kelder on Friday.",
        "Quill met Kelder on Friday.",
    }
    assert not texts & {item.text for split in ("train", "dev") for item in read_newsmtsc(data, split)}
    assert {three_parts(item)[1] for item in asked} == {"Lindqvist", "Trump", "Quill", "Kelder"}


def test_only_sentences_of_some_length_are_asked_about(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teacher, "_WORDS", range(6))
    assert {len(item.text.split()) for item in unlabelled(data)} == {5}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, folder: Path, data: Path) -> tuple[Path, dict]:
    """The whole of ``framing train --engine neural --teacher FOLDER`` with a pass or less of everything."""
    made = tmp_path_factory.mktemp("runs")
    with pytest.MonkeyPatch.context() as patch:
        for name, passes in (
            ("TEACHER", {"stance": 1}),
            ("GENERAL", {"tags": 1, "stance": 1}),
            ("SPECIAL", {"bias": 1, "gvfc": 1}),
            ("BRANCH", {"stance": 1, "taught": 2}),
        ):
            patch.setattr(runs, name, Recipe(passes=passes, pieces=400))
        patch.setenv("FRAMING_THREADS", "1")
        found = dict(train_neural(data, str(folder), made / "out", work=made / "work", teacher=str(folder), jobs=1))
    return made, found


def test_the_branch_comes_last_and_learns_what_the_teacher_said(run: tuple[Path, dict], data: Path) -> None:
    made, found = run
    assert list(found)[-3:] == ["teacher", "branch", "model"]
    assert 0 <= found["teacher"]["macro_f1"] <= 1
    assert np.load(made / "work" / teacher.SOFT)["shares"].shape == (len(unlabelled(data)), 3)
    assert json.loads(log_of(made)[-1]["recipe"])["passes"] == {"stance": 1, "taught": 2}
    card = json.loads((made / "out" / "card.json").read_text())
    assert set(card["weights_sha256"]) == {"encoder", "teacher"}
    assert list(card["recipes"]) == ["general", "special", "teacher", "branch"]


def test_the_branch_alone_moves(run: tuple[Path, dict]) -> None:
    before, after = (torch.load(run[0] / "work" / f"{name}.pt", weights_only=True) for name in ("final", "branch"))
    moved = {name for name in before if not torch.equal(before[name], after[name])}
    assert moved
    assert all(name.startswith("target.") for name in moved)


def test_soft_labels_count(tmp_path: Path, folder: Path, data: Path, run: tuple[Path, dict]) -> None:
    """All negative, then all positive: the shipped branch follows."""
    start, asked = run[0] / "work" / "final.pt", len(unlabelled(data))
    recipe = Recipe(passes={"stance": 0, "taught": 20}, rate=1e-3, pieces=400)
    found = []
    for label in (0, 2):
        path = tmp_path / str(label)
        path.mkdir()
        shares = np.eye(3)[[label] * asked]
        weights = stages.branch(data, folder, path, start=start, shares=shares, recipe=recipe)
        found.append(torch.load(weights, weights_only=True)["target.head.bias"])
    assert found[0][0] - found[0][2] > found[1][0] - found[1][2]


def test_labels_of_other_corpora_are_an_error(tmp_path: Path, folder: Path, data: Path) -> None:
    with pytest.raises(InputError, match=r"labelled 2 targets.*now hold"):
        stages.branch(data, folder, tmp_path, start=tmp_path, shares=np.zeros((2, 3)))


def test_a_teacher_without_news_is_an_error_before_anything_is_trained(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(InputError, match=r"no file .*allsides"):
        next(train_neural(write_corpora(tmp_path / "data"), str(folder), work=tmp_path / "work", teacher=str(folder)))
    assert not (tmp_path / "work").exists()


def test_a_teacher_without_a_tokenizer_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="teacher"):
        Script(tmp_path)
