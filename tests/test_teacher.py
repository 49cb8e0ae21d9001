"""The teacher of the neural engine: how it reads a target, what it learns, what it is asked, and who learns from it."""

import json
from dataclasses import replace
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
    asked = unlabelled(data, 0)
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


def test_long_sentences_are_not_asked_about(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teacher, "_MOST_WORDS", 6)
    assert {len(item.text.split()) for item in unlabelled(data, 0)} <= {5, 6}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, folder: Path, data: Path) -> tuple[Path, dict]:
    """The first runs of ``framing train --engine neural --teacher FOLDER``: they are lazy, and two are enough."""
    made = tmp_path_factory.mktemp("runs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs, "TEACHER", Recipe(passes={"stance": 1}, rate=1e-4, pieces=400))
        patch.setattr(runs, "GENERAL", Recipe(passes={"tags": 1, "stance": 1, "between": 1}, pieces=400))
        done = train_neural(data, str(folder), made / "out", work=made / "work", teacher=str(folder), jobs=1)
        found = dict([next(done), next(done)])
    return made, found


def test_the_teacher_comes_first_and_what_it_says_is_learnt(run: tuple[Path, dict], data: Path) -> None:
    made, found = run
    assert list(found) == ["teacher", "general"]
    assert 0 <= found["teacher"]["macro_f1"] <= 1
    shares = np.load(made / "work" / teacher.SOFT)["shares"]
    assert shares.shape == (len(unlabelled(data, 0)), 3)
    recipe = json.loads(log_of(made)[1]["recipe"])
    assert recipe["passes"] == {"tags": 1, "stance": 1, "taught": runs.TAUGHT}


def test_soft_labels_count(tmp_path: Path, folder: Path, data: Path) -> None:
    """The same run on other soft labels ends with another stance branch, and the same tags."""
    recipe = Recipe(passes={"taught": 3}, pieces=400)
    asked = len(unlabelled(data, 0))
    found = []
    for k in range(2):
        np.savez(tmp_path / f"{k}.npz", shares=np.eye(3)[[2 * k] * asked])
        path = stages.general(data, folder, tmp_path, recipe=recipe, name=f"run-{k}", taught=tmp_path / f"{k}.npz")
        found.append(torch.load(path, weights_only=True))
    assert not torch.equal(found[0]["target.head.weight"], found[1]["target.head.weight"])
    assert torch.equal(found[0]["words.weight"], found[1]["words.weight"])


def test_a_recipe_with_soft_labels_needs_a_teacher(tmp_path: Path, folder: Path, data: Path) -> None:
    recipe = replace(stages.GENERAL, passes={"taught": 1})
    with pytest.raises(InputError, match="--teacher"):
        stages.general(data, folder, tmp_path, recipe=recipe)


def test_a_teacher_without_a_tokenizer_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="teacher"):
        Script(tmp_path)
