"""Models are opened only when they are what was shipped: altered, missing or foreign files are refused."""

import json
import random
import shutil

import numpy as np
import pytest

from framing.engines import ENGINES, TAGS, get_engine
from framing.engines.checksums import CHECKSUMS, read_checksums, verify, write_checksums
from framing.engines.linear import MODELS, LinearEngine
from framing.engines.stored import read_model, write_model
from framing.errors import ModelError, ParameterError
from framing.records import FRAMES, Mention
from framing.segment import segment


@pytest.fixture
def models(tmp_path):
    return shutil.copytree(MODELS, tmp_path / "linear")


def test_the_shipped_models_are_as_their_checksums_say():
    verify(MODELS)
    assert {"bias.npz", "tagger.npz", "stance.npz", "frames.npz"} <= read_checksums(MODELS).keys()


@pytest.mark.parametrize("seed", range(20))
def test_a_flipped_byte_is_refused(models, seed):
    rng = random.Random(seed)
    path = models / rng.choice(sorted(read_checksums(models)))
    data = bytearray(path.read_bytes())
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    path.write_bytes(data)
    with pytest.raises(ModelError, match=rf"{path.name!r} was altered.*install the package again"):
        LinearEngine.load(models)


@pytest.mark.parametrize("share", [0, 0.5, 0.99])
def test_a_truncated_file_is_refused(models, share):
    data = (models / "tagger.npz").read_bytes()
    (models / "tagger.npz").write_bytes(data[: int(len(data) * share)])
    with pytest.raises(ModelError, match="was altered"):
        LinearEngine.load(models)


def test_a_missing_file_is_named(models):
    (models / "stance.npz").unlink()
    with pytest.raises(ModelError, match=r"'stance.npz' is missing.*framing train"):
        LinearEngine.load(models)


@pytest.mark.parametrize("record", ["", "[]", "{"])
def test_an_unreadable_record_is_refused(models, record):
    (models / CHECKSUMS).write_text(record)
    with pytest.raises(ModelError, match=r"no readable checksums\.json"):
        LinearEngine.load(models)


def test_a_model_of_another_format_is_refused_even_if_its_checksum_is_right(models):
    card = json.loads((models / "bias.json").read_text())
    (models / "bias.json").write_text(json.dumps({**card, "format": 99}))
    write_checksums(models)
    with pytest.raises(ModelError, match="'bias' has format 99"):
        LinearEngine.load(models)


def test_arrays_that_hold_objects_are_never_loaded(tmp_path):
    write_model(tmp_path, "canary", {"name": "canary"}, {"numbers": np.arange(3)}, 1)
    assert read_model(tmp_path, "canary", 1)[1]["numbers"].tolist() == [0, 1, 2]
    np.savez(tmp_path / "canary.npz", numbers=np.array([{"an": "object"}], dtype=object))
    with pytest.raises(ModelError, match=r"'canary'.*cannot be read"):
        read_model(tmp_path, "canary", 1)


def test_an_unknown_engine_names_the_known_ones():
    with pytest.raises(ParameterError, match=f"unknown engine 'fast'; valid: {', '.join(ENGINES)}"):
        get_engine("fast")


def test_a_reading_has_the_promised_shapes():
    documents = [segment("Nora Pell said it failed. It rained."), segment("")]
    mentions = [[Mention("Pell", 0, 9)], []]
    for document, wanted, reading in zip(
        documents, mentions, get_engine().read(documents, mentions, [[], []]), strict=True
    ):
        sentences, tokens = len(document.sentences), len(document.words)
        assert reading.bias.shape == (sentences,)
        assert reading.word_bias.shape == reading.tags.shape == (tokens,)
        assert reading.stance.shape == (len(wanted), 3)
        assert reading.frames.shape == (len(FRAMES),)
        assert reading.frame_sentences.shape == (sentences, len(FRAMES))
        assert set(reading.tags.tolist()) <= set(range(len(TAGS)))
        assert 0 <= reading.known <= 1
