"""The graphs that score text: against a plain re-computation, in 8 bits, and alone against in company."""

import math
from functools import cache

import numpy as np
import pytest

onnx = pytest.importorskip("onnx", reason="writing graphs needs the `train` extra")
ort = pytest.importorskip("onnxruntime", reason="running graphs needs onnxruntime")

from framing.errors import ModelError  # noqa: E402
from framing.training.neural.graph import (  # noqa: E402
    encoder_graph,
    measure_ranges,
    overflow_graph,
    target_graph,
)
from framing.training.neural.rounding import (  # noqa: E402
    quantize_columns,
    quantize_rows,
    quantize_splitting,
    smoothing,
)

WORDS, HIDDEN, BETWEEN, HEADS, FACTS, WIDTH = 50, 32, 64, 4, 9, 5


def made_up_weights():
    """A random encoder of two layers and a stance branch of one, with one channel far larger than the others."""
    rng = np.random.default_rng(0)
    weights = {}

    def matrix(name, outputs, inputs, size=0.15):
        weights[f"{name}.weight"] = rng.normal(0, size, (outputs, inputs)).astype(np.float32)
        weights[f"{name}.bias"] = rng.normal(0, 0.05, outputs).astype(np.float32)

    def norm(name):
        weights[f"{name}.weight"] = rng.uniform(0.6, 1.2, HIDDEN).astype(np.float32)
        weights[f"{name}.bias"] = rng.normal(0, 0.1, HIDDEN).astype(np.float32)
        weights[f"{name}.weight"][7] = 3

    for name, rows in (("word", WORDS), ("position", 20), ("token_type", 2)):
        weights[f"embeddings.{name}_embeddings.weight"] = rng.normal(0, 0.5, (rows, HIDDEN)).astype(np.float32)
    norm("embeddings.LayerNorm")
    weights["facts.weight"] = rng.normal(0, 0.2, (FACTS, HIDDEN)).astype(np.float32)
    for prefix in ("encoder.layer.0.", "encoder.layer.1.", "target.layer.0."):
        for part in ("query", "key", "value"):
            matrix(f"{prefix}attention.self.{part}", HIDDEN, HIDDEN)
        matrix(f"{prefix}attention.output.dense", HIDDEN, HIDDEN)
        norm(f"{prefix}attention.output.LayerNorm")
        matrix(f"{prefix}intermediate.dense", BETWEEN, HIDDEN)
        matrix(f"{prefix}output.dense", HIDDEN, BETWEEN)
        weights[f"{prefix}output.dense.weight"][7, 11] = 2  # one neuron writes to that channel
        norm(f"{prefix}output.LayerNorm")
    weights["target.mark.weight"] = rng.normal(0, 0.3, (2, HIDDEN)).astype(np.float32)
    matrix("words", WIDTH, HIDDEN)
    matrix("target.head", 3, 2 * HIDDEN)
    return weights


WEIGHTS = made_up_weights()


def batch(lengths, seed=1):
    """Rows of these lengths side by side, padded to the longest."""
    rng = np.random.default_rng(seed)
    pieces = np.zeros((len(lengths), max(lengths)), np.int32)
    facts = np.zeros((*pieces.shape, 2), np.int32)
    for k, length in enumerate(lengths):
        pieces[k, :length] = rng.integers(1, WORDS, length)
        facts[k, :length] = rng.integers(0, FACTS, (length, 2))
    return {"pieces": pieces, "facts": facts}


def opened(model):
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    return ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def run(session, inputs):
    return dict(zip([o.name for o in session.get_outputs()], session.run(None, inputs), strict=True))


@cache
def encoder(bits):
    return opened(encoder_graph(WEIGHTS, shared_layer=1, heads=HEADS, bits=bits))


@cache
def branch(bits):
    return opened(target_graph(WEIGHTS, heads=HEADS, bits=bits))


def plain_linear(x, name):
    return x @ WEIGHTS[f"{name}.weight"].T.astype(np.float64) + WEIGHTS[f"{name}.bias"]


def plain_norm(x, name):
    x = (x - x.mean(-1, keepdims=True)) / x.std(-1, keepdims=True)
    return x * WEIGHTS[f"{name}.weight"] + WEIGHTS[f"{name}.bias"]


def plain_softmax(x):
    x = np.exp(x - x.max(-1, keepdims=True))
    return x / x.sum(-1, keepdims=True)


def plain_layer(x, prefix):
    """One layer over one row (length, hidden), as in the paper."""
    q, k, v = (
        plain_linear(x, f"{prefix}attention.self.{n}").reshape(len(x), HEADS, -1).swapaxes(0, 1)
        for n in ("query", "key", "value")
    )
    mixed = plain_softmax(q @ k.swapaxes(1, 2) / math.sqrt(HIDDEN // HEADS)) @ v
    mixed = plain_linear(mixed.swapaxes(0, 1).reshape(len(x), HIDDEN), f"{prefix}attention.output.dense")
    x = plain_norm(x + mixed, f"{prefix}attention.output.LayerNorm")
    wide = plain_linear(x, f"{prefix}intermediate.dense")
    wide = wide * 0.5 * (1 + np.vectorize(math.erf)(wide / math.sqrt(2)))
    return plain_norm(x + plain_linear(wide, f"{prefix}output.dense"), f"{prefix}output.LayerNorm")


def plain_encoder(pieces, facts):
    """Shared states and outputs of one row without padding."""
    e = {n: WEIGHTS[f"embeddings.{n}_embeddings.weight"].astype(np.float64) for n in ("word", "position", "token_type")}
    x = e["word"][pieces] + e["position"][: len(pieces)] + e["token_type"][0] + WEIGHTS["facts.weight"][facts].sum(1)
    shared = plain_layer(plain_norm(x, "embeddings.LayerNorm"), "encoder.layer.0.")
    return shared, plain_linear(plain_layer(shared, "encoder.layer.1."), "words")


def plain_target(shared, marked):
    x = plain_layer(shared + WEIGHTS["target.mark.weight"][marked], "target.layer.0.")
    return plain_linear(np.concatenate([x[marked == 1].mean(0), x[0]]), "target.head")


LENGTHS = [9, 4, 12, 1, 7]


def targets(shared, pieces):
    marked = np.zeros_like(pieces)
    marked[:, 0] = 1
    marked[pieces[:, 3] != 0, 2:4] = 1
    return {"shared": shared, "pieces": pieces, "marked": marked}


def test_in_32_bits_the_graphs_compute_what_the_papers_say():
    rows = batch(LENGTHS)
    out = run(encoder(32), rows)
    given = targets(out["shared"], rows["pieces"])
    stance = run(branch(32), given)["stance"]
    for k, length in enumerate(LENGTHS):
        shared, tokens = plain_encoder(rows["pieces"][k, :length], rows["facts"][k, :length])
        np.testing.assert_allclose(out["shared"][k, :length], shared, atol=2e-5)
        np.testing.assert_allclose(out["tokens"][k, :length], tokens, atol=2e-5)
        np.testing.assert_allclose(stance[k], plain_target(shared, given["marked"][k, :length]), atol=2e-5)


def ranges():
    sample = [batch([10, 12, 8], seed) for seed in range(2, 6)]
    shared = [targets(run(encoder(32), rows)["shared"], rows["pieces"]) for rows in sample]
    return measure_ranges(WEIGHTS, sample, shared, heads=HEADS)


def test_ranges_are_the_largest_values_met():
    rows = batch([6])
    found = measure_ranges(WEIGHTS, [rows], heads=HEADS)
    assert set(found) == {f"encoder.layer.{n}.{site}" for n in (0, 1) for site in ("attention", "intermediate")}
    shared, _ = plain_encoder(rows["pieces"][0], rows["facts"][0])
    np.testing.assert_allclose(found["encoder.layer.1.attention"], np.abs(shared).max(0), atol=2e-5)


def cosine(a, b):
    return (a * b).sum(-1) / np.linalg.norm(a, axis=-1) / np.linalg.norm(b, axis=-1)


@pytest.mark.parametrize("smoothed", [False, True])
def test_8_bits_say_nearly_the_same(smoothed):
    rows = batch(LENGTHS)
    there = rows["pieces"] != 0
    found = ranges() if smoothed else None
    exact = run(encoder(32), rows)
    rounded = run(opened(encoder_graph(WEIGHTS, shared_layer=1, heads=HEADS, ranges=found)), rows)
    assert cosine(exact["shared"], rounded["shared"])[there].mean() > 0.9995
    assert np.abs(rounded["tokens"] - exact["tokens"])[there].mean() < 0.03  # their standard deviation is about 1.5
    given = targets(exact["shared"], rows["pieces"])
    stance = run(opened(target_graph(WEIGHTS, heads=HEADS, ranges=found)), given)["stance"]
    assert np.abs(stance - run(branch(32), given)["stance"]).mean() < 0.03


@pytest.mark.parametrize("bits", [8, 32])
def test_a_row_says_the_same_alone_and_in_any_company(bits):
    rows = batch(LENGTHS)
    rows["pieces"][2] = WORDS - 1  # a neighbour of another kind, which would move a scale taken from the whole batch
    together = run(encoder(bits), rows)
    given = targets(together["shared"], rows["pieces"])
    stance = run(branch(bits), given)["stance"]
    for k, length in enumerate(LENGTHS):
        alone = run(encoder(bits), {name: values[k : k + 1, :length] for name, values in rows.items()})
        for name in ("tokens", "shared"):
            np.testing.assert_allclose(alone[name][0], together[name][k, :length], atol=1e-5)
        single = run(branch(bits), {name: values[k : k + 1, :length] for name, values in given.items()})["stance"]
        np.testing.assert_allclose(single[0], stance[k], atol=1e-5)


def test_8_bits_are_stored_as_8_bits():
    def size(bits):
        model = encoder_graph(WEIGHTS, shared_layer=1, heads=HEADS, bits=bits)
        return sum(len(t.raw_data) for t in model.graph.initializer)

    assert size(8) < 0.5 * size(32)  # in a real encoder, where copies and tables are few, 0.26


def test_columns_and_rows_are_rounded_by_their_own_scales():
    weight = np.random.default_rng(3).normal(0, 1, (40, 6)) * np.array([1, 10, 0.1, 1, 5, 0])
    integers, scales = quantize_columns(weight)
    assert integers.dtype == np.int8 and np.abs(integers).max() == 127
    assert (np.abs(integers * scales - weight) <= scales / 2 * 1.0001).all()
    turned, same = quantize_rows(weight.T)
    np.testing.assert_array_equal(turned.T, integers)
    np.testing.assert_array_equal(same, scales)


def test_copies_of_an_input_carry_what_is_too_large_for_8_bits():
    weight = np.random.default_rng(4).normal(0, 1, (200, 8))
    weight[17, 3] = -60.0
    inputs, integers, scales = quantize_splitting(weight, copies=32)
    assert len(weight) < len(inputs) <= len(weight) + 32
    assert np.bincount(inputs)[17] == np.bincount(inputs).max()
    x = np.random.default_rng(5).normal(0, 1, (10, 200))
    assert np.abs(integers).max() <= 127
    together = np.zeros_like(weight)
    np.add.at(together, inputs, integers * scales)
    assert (np.abs(together - weight) <= scales / 2 * 1.0001).all()  # the parts add up: nothing but rounding is lost
    np.testing.assert_allclose(x[:, inputs] @ (integers * scales), x @ together, atol=1e-9)
    assert scales[3] < 0.3 * quantize_columns(weight)[1][3]


def test_without_large_weights_nothing_is_copied():
    inputs, integers, scales = quantize_splitting(np.ones((5, 2)), copies=32)
    np.testing.assert_array_equal(inputs, np.arange(5))
    np.testing.assert_allclose(integers * scales, 1, rtol=1e-6)


@pytest.mark.parametrize(("strength", "expected"), [(0, [1, 1]), (0.5, [2, 0.1]), (1, [4, 0.01])])
def test_smoothing_divides_by_a_power_of_the_range(strength, expected):
    np.testing.assert_allclose(smoothing(np.array([4, 1e-9]), strength), expected, rtol=1e-6)


def test_the_product_that_overflows_in_16_bits():
    total = run(opened(overflow_graph()), {"bytes": np.full((4, 64), 255, np.uint8)})["total"]
    assert total.shape == (4, 16)
    assert len(np.unique(total)) == 1 and total[0, 0] in (255 * 127 * 64, 32767 * 32)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"bits": 4}, "unknown number of bits 4; valid: 8, 32"),
        ({"shared_layer": 3}, "unknown shared_layer 3; valid: 1, 2"),
        ({"name": "absent"}, "no 'absent.bias'"),
    ],
)
def test_what_cannot_be_built_is_said(change, words):
    with pytest.raises(ModelError, match=words):
        encoder_graph(WEIGHTS, **{"shared_layer": 1, "heads": HEADS, **change})
