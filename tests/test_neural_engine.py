"""The neural engine at work: the same numbers in any company, whatever the text, and only from files as shipped.

Mechanics are tried on a tiny encoder made on the spot, which says nothing sensible; what a model should know is asked
of the shipped one.
"""

import json
import os
import random
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

onnx = pytest.importorskip("onnx", reason="making a tiny encoder needs the `train` extra")

from tiny_encoder import PIECES, SETTING, tiny_tokenizer, write_tiny_model  # noqa: E402

from framing.engines import TAGS, neural, onnx_encoder  # noqa: E402
from framing.engines.checksums import CHECKSUMS, read_checksums, write_checksums  # noqa: E402
from framing.engines.neural import FORMAT, MODELS, NeuralEngine, Settings, log_odds, paragraphs  # noqa: E402
from framing.engines.neural_heads import VALUE_COLUMN, WEIGHT_COLUMN, WIDTH  # noqa: E402
from framing.engines.onnx_encoder import ENCODER, PROBE, TARGET, THREADS, OnnxEncoder  # noqa: E402
from framing.engines.pieces import ROW_PIECES, lay_out  # noqa: E402
from framing.errors import FramingError, ModelError, ParameterError  # noqa: E402
from framing.lexicon import Match, default_lexicon  # noqa: E402
from framing.records import FRAMES, Mention  # noqa: E402
from framing.segment import segment  # noqa: E402

NUMBERS = ("bias", "word_bias", "stance", "frames", "frame_sentences", "parts")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_tiny_model(tmp_path_factory.mktemp("model") / "tiny")


@pytest.fixture(scope="module")
def tiny(folder):
    return NeuralEngine.load(folder)


@pytest.fixture(scope="module")
def shipped():
    if not MODELS.is_dir():
        pytest.skip("no neural model in framing/resources/models/neural")
    return NeuralEngine.load()


@pytest.fixture
def copy(folder, tmp_path):
    """A model folder to spoil."""
    return shutil.copytree(folder, tmp_path / "tiny")


def read(engine, texts, mentions=None, *, whole=False):
    """Readings of texts, with what the lexicon finds in them."""
    documents = [segment(text, whole=whole) for text in texts]
    matches = [
        [
            Match(first + match.first, first + match.last, match.entry)
            for first, last in document.sentence_tokens
            for match in default_lexicon().match(document.lower[first:last])
        ]
        for document in documents
    ]
    return engine.read(documents, mentions or [[] for _ in texts], matches)


def sound(text, reading, mentions=(), *, whole=False):
    """What every reading keeps to, whatever the text."""
    document = segment(text, whole=whole)
    sentences, tokens = len(document.sentences), len(document.words)
    assert reading.bias.shape == (sentences,)
    assert reading.word_bias.shape == reading.parts.shape == reading.tags.shape == (tokens,)
    assert reading.stance.shape == (len(mentions), 3)
    assert reading.frames.shape == (len(FRAMES),)
    assert reading.frame_sentences.shape == (sentences, len(FRAMES))
    for name in NUMBERS:
        assert np.isfinite(getattr(reading, name)).all(), name
    for chances in (reading.bias, reading.stance, reading.frames):
        assert ((chances >= 0) & (chances <= 1)).all()
    np.testing.assert_allclose(reading.stance.sum(1), 1, atol=1e-9)
    assert 0 <= reading.known <= 1
    assert set(reading.tags.tolist()) <= set(range(len(TAGS)))


def same(one, other, atol):
    np.testing.assert_array_equal(one.tags, other.tags)
    for name in NUMBERS:
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), atol=atol, err_msg=name)


def with_reader(engine, **changes):
    return replace(engine, reader=replace(engine.reader, **changes))


# A text's numbers are its own.

VOCABULARY = [
    "the", "council", "said", "its", "plan", "failed", "“never”", "a", "disgraceful", "NATO", "regime", ",", ".",
    "2,000", "😀", "overwhelmingly", "Bremen",
]  # fmt: skip
texts_of_all_lengths = st.builds(
    lambda words, times: " ".join(words * times), st.lists(st.sampled_from(VOCABULARY), max_size=12), st.integers(0, 20)
)


def every(text, step):
    """Mentions that begin every so many characters, whatever stands there."""
    return [Mention("it", at, at + 5) for at in range(0, len(text), step)]


@settings(max_examples=15, deadline=None)
@given(
    texts=st.lists(texts_of_all_lengths, min_size=1, max_size=6),
    size=st.sampled_from([1, 100, 256, 3000]),
    threads=st.sampled_from([1, 3]),
    order=st.randoms(use_true_random=False),
)
def test_a_text_says_the_same_alone_and_in_any_company(tiny, texts, size, threads, order):
    mentions = [every(text, 41) for text in texts]
    alone = [read(tiny, [text], [own])[0] for text, own in zip(texts, mentions, strict=True)]
    places = list(range(len(texts)))
    order.shuffle(places)
    together = read(
        with_reader(tiny, size=size, threads=threads), [texts[k] for k in places], [mentions[k] for k in places]
    )
    for k, reading in zip(places, together, strict=True):
        same(reading, alone[k], atol=1e-5)
        sound(texts[k], reading, mentions[k])


NEWS = [
    "The council approved the budget on Tuesday.",
    "The disgraceful council rammed through its ruinous budget on Tuesday, a slap in the face of every family.",
    "It rained.",
    '"We were lied to," said Nora Pell, who leads the union. "Nobody asked us."',
    "Bremen.\n\nThe port of Bremen, critics claim, has been mismanaged for years; its director, Jonas Falk, denied it.",
    "",
    "Members of both parties said that the bill, which " + "was amended and debated and " * 60 + "passed, would help.",
]


@pytest.mark.parametrize(("size", "threads"), [(1, 1), (64, 2), (4096, 3)])
def test_the_shipped_model_says_the_same_in_any_company(shipped, size, threads):
    mentions = [every(text, 97) for text in NEWS]
    first = read(with_reader(shipped, threads=1), NEWS, mentions)
    turned = read(with_reader(shipped, size=size, threads=threads), NEWS[::-1], mentions[::-1])[::-1]
    for text, own, one, other in zip(NEWS, mentions, first, turned, strict=True):
        same(one, other, atol=1e-3)  # what is promised; the same processor mostly gives the same to the last bit
        sound(text, one, own)


def test_one_engine_may_be_asked_from_several_threads(tiny):
    mentions = [every(text, 97) for text in NEWS]
    alone = read(tiny, NEWS, mentions)
    with ThreadPoolExecutor(3) as pool:
        for readings in pool.map(lambda _: read(tiny, NEWS, mentions), range(6)):
            for one, other in zip(alone, readings, strict=True):
                same(one, other, atol=1e-5)


@pytest.mark.parametrize(("given", "threads"), [("1", 1), ("3", 3)])
def test_the_number_of_threads_can_be_set(folder, monkeypatch, given, threads):
    monkeypatch.setenv(THREADS, given)
    assert NeuralEngine.load(folder).reader.threads == threads


@pytest.mark.parametrize("given", ["0", "-1", "abc", "1.5", " ", "two"])
def test_what_is_no_number_of_threads_is_refused(folder, monkeypatch, given):
    monkeypatch.setenv(THREADS, given)
    with pytest.raises(ParameterError, match=rf"FRAMING_THREADS='{given}' .* set it to 1 or more, or unset it"):
        NeuralEngine.load(folder)


def test_what_goes_wrong_in_a_thread_is_not_lost(tiny):
    class Broken:
        def read(self, pieces, facts):
            raise MemoryError("no room")

    with pytest.raises(MemoryError, match="no room"):
        read(with_reader(tiny, encoder=Broken(), threads=2, size=1), NEWS)


# Only what was shipped is opened.


def spoiled(path, data):
    """Whether the engine refuses its folder with these bytes in the place of a file's own; puts them back."""
    own = path.read_bytes()
    path.write_bytes(data)
    try:
        NeuralEngine.load(path.parent)
    except ModelError as error:
        return f"{path.name!r} was altered" in str(error) and "install the package again" in str(error)
    else:
        return False
    finally:
        path.write_bytes(own)


def test_every_flipped_byte_is_refused(copy):
    rng = random.Random(0)
    for name in sorted(read_checksums(copy)) * 20:
        data = bytearray((copy / name).read_bytes())
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        assert spoiled(copy / name, data), name
    NeuralEngine.load(copy)


def test_every_truncated_file_is_refused(copy):
    rng = random.Random(1)
    for name in sorted(read_checksums(copy)):
        data = (copy / name).read_bytes()
        for length in [0, len(data) - 1, *(rng.randrange(len(data)) for _ in range(8))]:
            assert spoiled(copy / name, data[:length]), (name, length)


def test_a_flipped_byte_of_the_record_is_refused(copy):
    rng = random.Random(2)
    own = (copy / CHECKSUMS).read_bytes()
    for _ in range(30):
        data = bytearray(own)
        data[rng.randrange(len(data) - 1)] ^= 1 << rng.randrange(8)
        (copy / CHECKSUMS).write_bytes(data)
        with pytest.raises(ModelError, match="install the package again"):
            NeuralEngine.load(copy)


def test_without_the_check_an_altered_model_would_be_opened(copy, monkeypatch):
    """The control of the tests above: onnxruntime itself takes weights for weights."""
    data = bytearray((copy / ENCODER).read_bytes())
    data[len(data) // 2] ^= 1
    (copy / ENCODER).write_bytes(data)
    monkeypatch.setattr(neural, "verify", lambda *_: None)
    NeuralEngine.load(copy)


@pytest.mark.parametrize("name", [ENCODER, TARGET, PROBE, "settings.json", "tokenizer.json"])
def test_a_missing_file_is_named(copy, name):
    (copy / name).unlink()
    with pytest.raises(ModelError, match=rf"{name!r} is missing; install the package again"):
        NeuralEngine.load(copy)
    write_checksums(copy)  # a record that does not ask for the file changes nothing
    with pytest.raises(ModelError, match=rf"{name!r} is missing; install the package again"):
        NeuralEngine.load(copy)


@pytest.mark.parametrize("name", [ENCODER, "settings.json", "more.npz"])
def test_a_model_file_that_is_not_in_the_record_is_refused(copy, name):
    if not (copy / name).exists():
        (copy / name).write_bytes(b"numbers")
    record = json.loads((copy / CHECKSUMS).read_text())
    record.pop(name, None)
    (copy / CHECKSUMS).write_text(json.dumps(record))
    with pytest.raises(ModelError, match=rf"{name!r} is not in checksums.json; remove it"):
        NeuralEngine.load(copy)


@pytest.mark.parametrize("record", [None, "", "[]", "{", "[" * 100_000])
def test_a_folder_without_a_readable_record_is_refused(copy, record):
    (copy / CHECKSUMS).unlink()
    if record is not None:
        (copy / CHECKSUMS).write_text(record)
    with pytest.raises(ModelError, match=r"no readable checksums\.json in the model folder 'tiny'.*install"):
        NeuralEngine.load(copy)


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ModelError, match=r"model folder 'nowhere'.*install the package again"):
        NeuralEngine.load(tmp_path / "nowhere")


# Files whose checksums are right, and which are no model of this version.


def refused(folder, words):
    write_checksums(folder)
    with pytest.raises(ModelError, match=words) as caught:
        NeuralEngine.load(folder)
    assert "install the package again, or run `framing train --engine neural`" in str(caught.value)


def test_settings_come_back_as_they_were_written():
    back = Settings.from_json(SETTING.to_json())
    assert back.to_json() == SETTING.to_json()
    assert (back.bias, back.words) == (SETTING.bias, SETTING.words)
    assert (back.stance, back.thresholds) == (SETTING.stance, SETTING.thresholds)
    np.testing.assert_array_equal(back.transitions, SETTING.transitions)


@pytest.mark.parametrize("version", [FORMAT + 1, 0, "1", None])
def test_a_model_of_another_format_is_refused(copy, version):
    given = json.loads(SETTING.to_json())
    (copy / "settings.json").write_text(json.dumps({**given, "format": version}))
    refused(copy, rf"has format {version!r}, this version of framing reads format {FORMAT}")


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"7", b"null", b"\xff\xfe\x00", b"[" * 100_000])
def test_settings_that_are_no_settings_are_refused(copy, text):
    (copy / "settings.json").write_bytes(text)
    refused(copy, "settings.json of the neural model cannot be read")


@pytest.mark.parametrize("key", list(json.loads(SETTING.to_json())))
def test_settings_that_lack_a_key_are_refused(copy, key):
    given = json.loads(SETTING.to_json())
    del given[key]
    (copy / "settings.json").write_text(json.dumps(given))
    refused(copy, rf"settings.json .* cannot be read \(KeyError: '{key}'\)")


@pytest.mark.parametrize(
    "change",
    [
        {"bias": [1, 2]},
        {"bias": [1, 2, "much"]},
        {"words": [1, 2, float("nan")]},
        {"stance": {"temperature": float("inf"), "offsets": [0, 0, 0]}},
        {"stance": {"temperature": 1, "offsets": [0, 0]}},
        {"stance": [1, 0, 0, 0]},
        {"transitions": [[0.0] * len(TAGS)] * 3},
        {"thresholds": 0.5},
    ],
)
def test_settings_that_do_not_fit_are_refused(copy, change):
    (copy / "settings.json").write_text(json.dumps({**json.loads(SETTING.to_json()), **change}))
    refused(copy, "settings.json of the neural model cannot be read")


def test_a_tokenizer_without_the_ends_of_a_row_is_refused(copy):
    pieces = tuple(piece for piece in PIECES if piece != "[CLS]")
    (copy / "tokenizer.json").write_text(tiny_tokenizer(pieces), encoding="utf-8")
    refused(copy, r"has no piece '\[CLS\]'")


def test_a_tokenizer_that_is_none_is_refused(copy):
    (copy / "tokenizer.json").write_text("{}")
    refused(copy, r"'tokenizer.json' of the neural model cannot be read")


@pytest.mark.parametrize("name", [ENCODER, TARGET, PROBE])
@pytest.mark.parametrize("data", [b"", b"no graph at all" * 100])
def test_garbage_is_no_graph(copy, name, data):
    (copy / name).write_bytes(data)
    refused(copy, rf"onnxruntime cannot open the model file '{name}'")


def test_a_graph_that_takes_and_gives_other_things_is_refused(copy):
    shutil.copyfile(copy / TARGET, copy / ENCODER)
    refused(copy, "onnxruntime cannot run the model files")


def test_an_encoder_of_other_heads_is_refused(tmp_path):
    refused(write_tiny_model(tmp_path / "other", width=WIDTH + 2), f"outputs are {WIDTH + 2} .* reads {WIDTH} and 3")


def test_a_tokenizer_of_more_pieces_than_the_encoder_knows_is_refused(copy):
    """Found when the model is loaded, not at the first text that holds such a word."""
    (copy / "tokenizer.json").write_text(tiny_tokenizer((*PIECES, "mayor")), encoding="utf-8")
    refused(copy, "onnxruntime cannot run the model files")


@pytest.mark.parametrize("place", ["../outside.bin", "beside.bin", "/etc/hostname"])
def test_weights_in_another_file_are_refused(copy, place):
    """No checksum covers them, and the graph says where they lie: it could name any file of the machine."""
    graph = onnx.load(copy / ENCODER)
    largest = max(graph.graph.initializer, key=lambda tensor: len(tensor.raw_data))
    for path in (copy / "beside.bin", copy.parent / "outside.bin"):
        path.write_bytes(largest.raw_data)
    onnx.external_data_helper.set_external_data(largest, place, 0, len(largest.raw_data))
    largest.ClearField("raw_data")
    (copy / ENCODER).write_bytes(graph.SerializeToString())
    refused(copy, "'encoder.onnx' keeps weights in another file, which is refused")


@pytest.mark.parametrize("package", ["onnxruntime", "tokenizers"])
def test_a_missing_package_is_named_with_what_installs_it(folder, monkeypatch, package):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(FramingError, match=rf"needs {package} .*run `pip install {package}`"):
        NeuralEngine.load(folder)


def test_a_processor_whose_sums_overflow_gets_the_exact_products(folder, monkeypatch):
    """The numbers are the same on both kinds: the option only changes which instructions add them up."""
    opened = []
    plain = onnx_encoder.open_session
    monkeypatch.setattr(onnx_encoder, "overflows", lambda probe: True)
    monkeypatch.setattr(onnx_encoder, "open_session", lambda *a, **k: opened.append(k) or plain(*a, **k))
    exact = OnnxEncoder(folder)
    assert opened == [{"exact": True}] * 2
    pieces = np.array([[2, 5, 6, 3]], np.int32)
    facts = np.zeros((1, 4, 4), np.int32)
    monkeypatch.undo()
    np.testing.assert_allclose(exact.read(pieces, facts)[0], OnnxEncoder(folder).read(pieces, facts)[0], atol=1e-5)


# Whatever the text.

ODD = {
    "an empty string": "",
    "white space": " \n\t\u00a0\u2003 \r\n",
    "emoji": "😀 👩‍👩‍👧 🦊🦊",
    "Chinese": "新闻报道 他说。",
    "private use": "\ue000\uf8ff \U000f0000",
    "lone surrogates": "\ud800 said \udc00x\udfff.",
    "a word of 100,000 letters": "a" * 100_000,
    "letters that each have an accent of its own": "a\u0301" * 2_000,
    "zero-width characters only": "\u200b\u200d\ufeff\u2060",
    "zero-width characters within words": "the coun\u200bcil sa\u00adid \u202ethe plan\u202c failed.",
    "control characters": "\x00\x01 the \x7f plan \x1b[0m.",
    "marks only": "... !!! ??? ——— “” ‘’ ((",
    "quotation marks that never close": '"' * 501 + "the plan",
    "a thousand paragraphs": "The plan failed.\n" * 1000,
}


@pytest.mark.parametrize("whole", [False, True], ids=["article", "sentence"])
@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_odd_text_has_defined_numbers(tiny, text, whole):
    mentions = [Mention("it", 0, 3), Mention("it", max(0, len(text) - 2), len(text))]
    sound(text, read(tiny, [text], [mentions], whole=whole)[0], mentions, whole=whole)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200), st.lists(st.tuples(st.integers(0, 220), st.integers(1, 30)), max_size=5))
def test_any_text_and_any_mentions_have_defined_numbers(tiny, text, places):
    mentions = [Mention("it", start, start + length) for start, length in places]
    sound(text, read(tiny, [text], [mentions])[0], mentions)


@pytest.mark.parametrize("text", ["", "新闻报道", "\ud800", "😀 🦊"])
def test_the_shipped_model_defines_them_too(shipped, text):
    sound(text, read(shipped, [text])[0])


class Counting:
    """Counts the pieces that an encoder is given; a row is a batch of its own where ``size`` is 1."""

    def __init__(self, encoder):
        self.encoder, self.pieces, self.longest = encoder, 0, 0

    def read(self, pieces, facts):
        self.pieces += pieces.size
        self.longest = max(self.longest, pieces.shape[1])
        return self.encoder.read(pieces, facts)

    def toward(self, *given):
        return self.encoder.toward(*given)


class Table:
    """An encoder for which every piece says the same wherever it stands."""

    def __init__(self, rows):
        self.outputs = np.random.default_rng(5).normal(0, 1, (rows, WIDTH)).astype(np.float32)

    def read(self, pieces, facts):
        return self.outputs[pieces], np.zeros((*pieces.shape, 1), np.float32)


@pytest.mark.parametrize("times", [1, 7, 40, 300])
def test_a_sentence_is_the_attended_mean_of_its_pieces_in_one_row_or_in_many(tiny, times):
    """Softmax attention over all pieces of the sentence, as if there were no windows; the ends of a row have no say."""
    document = segment(" ".join(["the council planing failed and zzz"] * times), whole=True)
    table = Table(len(PIECES))
    reader = replace(tiny.reader, encoder=table, threads=1)
    laid = lay_out(document, [], reader.vocabulary)
    found = reader.read([document], [laid], [[]])[0]
    pieces = table.outputs[laid.pieces].astype(float)
    assert times < 40 or len(pieces) > ROW_PIECES
    weights = np.exp(pieces[:, WEIGHT_COLUMN])
    weights /= weights.sum()
    assert found.sentences[0] == pytest.approx(weights @ pieces[:, VALUE_COLUMN], abs=1e-6)
    assert found.parts.sum() == pytest.approx(found.sentences[0], abs=1e-6)
    # A token is what its first piece says.
    np.testing.assert_array_equal(found.tokens, table.outputs[laid.pieces[laid.first[:-1]]])


def test_a_sentence_of_ten_thousand_words_is_read_to_its_end(tiny):
    """In windows: no word is left out, none read alone, and the work grows with the length only."""
    words = ["the", "council", "said", "its", "plan", "failed", "and", "the"]
    spent = []
    for times in (250, 1250):
        text = " ".join(words * times)
        counting = Counting(tiny.reader.encoder)
        reading = read(with_reader(tiny, encoder=counting, size=1, threads=1), [text], whole=True)[0]
        sound(text, reading, whole=True)
        assert (np.abs(reading.parts) > 0).all()
        assert counting.longest <= 194
        spent.append(counting.pieces)
    assert 4.5 < spent[1] / spent[0] < 5.5


def test_the_last_of_ten_thousand_words_still_counts(tiny):
    sober = " ".join(["the council said its plan failed and"] * 1428)
    one, other = read(tiny, [f"{sober} the", f"{sober} zzz"], whole=True)
    assert one.parts[-1] != other.parts[-1]
    # What is far from the word, in other windows, stays as it is.
    np.testing.assert_allclose(one.word_bias[:9000], other.word_bias[:9000], atol=1e-6)


def test_a_loaded_word_at_the_end_of_a_very_long_sentence_is_seen(shipped):
    sober = "the council met on Tuesday and the clerk read the minutes and " * 60
    one, other = read(shipped, [sober + "it was a disgraceful sham.", sober + "it was a short meeting."], whole=True)
    assert one.word_bias[-3:-1].max() > other.word_bias[-3:-1].max() + 0.5
    assert one.parts[-3:-1].max() > other.parts[-3:-1].max()


# Mentions wherever they are.

LONG = " ".join(["council"] * 30 + ["plan"] * 400)


def stances(engine, text, *spans, whole=True):
    mentions = [Mention("it", start, end) for start, end in spans]
    reading = read(engine, [text], [mentions], whole=whole)[0]
    sound(text, reading, mentions, whole=whole)
    return reading.stance


def test_a_mention_across_the_border_of_two_windows_is_read_whole(tiny):
    """Wherever it begins: the window that keeps its first word goes on for some words."""
    text = " ".join(f"word{'abcdefghij'[k % 10]}" for k in range(120))
    spans = [(at, at + 29) for at in range(0, len(text) - 29, 6)]
    marked = []

    class Watching(Counting):
        def toward(self, states, pieces, flags):
            marked.extend(flags.sum(1).tolist())
            return super().toward(states, pieces, flags)

    stances(with_reader(tiny, encoder=Watching(tiny.reader.encoder), threads=1), text, *spans)
    assert len(marked) == len(spans)
    assert set(marked) == {25}  # five words of five pieces each, wherever they stand


def test_a_mention_longer_than_a_window_is_read_as_far_as_it_goes(tiny):
    found = stances(tiny, LONG, (0, len(LONG)), (100, len(LONG)))
    assert found.shape == (2, 3)
    np.testing.assert_allclose(found.sum(1), 1, atol=1e-5)


def test_a_mention_outside_every_sentence_is_neutral(tiny):
    text = "  The plan failed.   \n\n  It rained.  "
    outside = [(0, 2), (18, 24), (len(text) - 2, len(text)), (len(text) + 5, len(text) + 9)]
    found = stances(tiny, text, *outside, (2, 10), whole=False)
    np.testing.assert_array_equal(found[:4].argmax(1), 1)
    np.testing.assert_array_equal(found[:4], found[:1].repeat(4, 0))
    assert found[4].tolist() != found[0].tolist()
    assert stances(tiny, "", (0, 1)).argmax() == 1


def test_a_mention_within_a_word_stands_for_the_word(tiny):
    text = "The anti-council plan failed."
    parts, whole = stances(tiny, text, (9, 16), (4, 16))
    np.testing.assert_allclose(parts, whole, atol=1e-6)


def test_overlapping_mentions_each_have_their_own_stance(tiny):
    text = "The council of the city failed."
    spans = [(4, 11), (4, 23), (0, 23), (19, 23), (4, 11)]
    found = stances(tiny, text, *spans)
    for span, together in zip(spans, found, strict=True):
        np.testing.assert_allclose(stances(tiny, text, span)[0], together, atol=1e-6)
    np.testing.assert_array_equal(found[0], found[4])
    assert len({tuple(row) for row in found.round(4).tolist()}) > 1


def test_five_hundred_mentions_in_one_sentence(tiny):
    text = " ".join(["the council failed the plan"] * 100)
    spans = [(match, match + 4) for match in range(0, 2500, 5)]
    found = stances(tiny, text, *spans)
    turned = stances(tiny, text, *spans[::-1])
    np.testing.assert_allclose(found, turned[::-1], atol=1e-6)
    for k in (0, 250, 499):
        np.testing.assert_allclose(stances(tiny, text, spans[k])[0], found[k], atol=1e-5)


def test_a_list_of_no_documents(tiny):
    assert tiny.read([], [], []) == []


def test_a_paragraph_is_a_chain_of_its_sentences():
    document = segment("One said. Two said.\nThree said.\n\nFour said. Five said.")
    assert paragraphs(document).tolist() == [[0, 6], [6, 9], [9, 15]]
    assert paragraphs(segment("")).shape == (0, 2)


# What a word adds.

JUDGED = [
    ("The mayor's disgraceful plan was rejected on Monday.", "disgraceful"),
    ("Senators slammed the regime in the capital over its new tariffs.", "slammed"),
    ("The party's radical leader spoke to farmers in Ohio.", "radical"),
    ("The company's pathetic excuse did not convince the judge.", "pathetic"),
    ("A cowardly council voted to close the library.", "cowardly"),
]


@pytest.mark.parametrize("text", [text for text, _ in JUDGED])
@pytest.mark.parametrize("which", ["tiny", "shipped"])
def test_the_parts_of_a_sentence_add_up_to_its_score(request, which, text):
    """Up to the constant: the engine's own, and what the linear model says of the sentence and of no word in it."""
    engine = request.getfixturevalue(which)
    document = segment(text)
    reading = read(engine, [text])[0]
    lexical = engine.lexical.score([document], [_matches(document)])[0]
    _, linear, offset = engine.settings.bias
    constant = offset + linear * (log_odds(lexical.bias)[0] - lexical.parts.sum())
    assert reading.parts.sum() + constant == pytest.approx(log_odds(reading.bias)[0], abs=1e-4)


def _matches(document):
    return default_lexicon().match(document.lower)


@pytest.mark.parametrize(("text", "word"), JUDGED)
def test_without_its_strongest_word_a_sentence_scores_lower(shipped, text, word):
    document = segment(text)
    parts = read(shipped, [text])[0].parts
    strongest = int(parts.argmax())
    assert parts[document.words.index(word)] > 0
    without = text[: document.starts[strongest]] + text[document.ends[strongest] :].lstrip()
    before, after = read(shipped, [text, without])
    assert after.bias[0] < before.bias[0]


def test_the_signature_names_every_file_of_the_model(tiny, folder):
    models = tiny.signature["models"]
    assert models.items() >= read_checksums(folder).items()
    assert {"bias.json", "bias.npz"} <= models.keys()  # the linear model has a say in loaded language
    assert tiny.signature["engine"] == "neural"
    assert tiny.signature["runtime"].keys() == {"onnxruntime", "tokenizers"}


# Nothing leaves the machine, and nothing is left on it.

QUIET = """
import socket, sys
def refuse(*given, **named):
    raise SystemExit("a socket was opened")
socket.socket = socket.create_connection = socket.getaddrinfo = refuse
from pathlib import Path
from framing.engines.neural import NeuralEngine
from framing.segment import segment
engine = NeuralEngine.load(Path(sys.argv[1]))
print(engine.read([segment("The plan failed.")], [[]], [[]])[0].bias.shape)
"""


def test_nothing_is_sent_and_nothing_is_written(folder, tmp_path):
    """onnxruntime would leave a number of its own under the home folder, and report, were it not told not to."""
    home = tmp_path / "home"
    home.mkdir()
    places = {"HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "TMPDIR", "USERPROFILE"}
    environment = {name: value for name, value in os.environ.items() if name not in places | {"ORT_DISABLE_TELEMETRY"}}
    environment |= {"HOME": str(home), "USERPROFILE": str(home), "TMPDIR": str(home), "PYTHONDONTWRITEBYTECODE": "1"}
    environment["PYTHONPATH"] = str(Path(neural.__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", QUIET, str(folder)], env=environment, cwd=home, capture_output=True, text=True
    )
    assert done.stdout.strip() == "(1,)", done.stderr
    assert [str(path.relative_to(home)) for path in home.rglob("*")] == []
