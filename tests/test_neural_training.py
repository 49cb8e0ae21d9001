"""Training of the neural engine, on a tiny encoder and invented corpora: losses, plans, folds, runs, files."""

import csv
import importlib.util
import itertools
import json
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

torch = pytest.importorskip("torch", reason="training the neural engine needs the `encoder` extra")
safetensors_torch = pytest.importorskip("safetensors.torch", reason="encoders come as safetensors")
pytest.importorskip("onnx", reason="writing the model needs the `train` extra")

from made_up_corpora import write_corpora  # noqa: E402
from tiny_encoder import PIECES, SETTING, tiny_tokenizer  # noqa: E402

from framing import cli  # noqa: E402
from framing.engines import TAGS  # noqa: E402
from framing.engines.neural import NeuralEngine, Reader  # noqa: E402
from framing.engines.neural_heads import TAG_COLUMNS, WIDTH  # noqa: E402
from framing.engines.onnx_encoder import OnnxEncoder  # noqa: E402
from framing.engines.pieces import Row, Vocabulary, lay_out  # noqa: E402
from framing.engines.tagger import FORBIDDEN  # noqa: E402
from framing.errors import InputError, ModelError  # noqa: E402
from framing.records import Mention  # noqa: E402
from framing.segment import segment  # noqa: E402
from framing.training.held_out import ARRAYS, random_folds  # noqa: E402
from framing.training.neural import find_encoder, runs, settings, stages, train_neural, trainer  # noqa: E402
from framing.training.neural.examples import (  # noqa: E402
    bias_task,
    find_matches,
    gvfc_task,
    newsmtsc_task,
    park_task,
    tag_task,
    target_tokens,
)
from framing.training.neural.export import export  # noqa: E402
from framing.training.neural.losses import first_pieces, gather, tag_loss  # noqa: E402
from framing.training.neural.measure import TorchEncoder, outputs_of  # noqa: E402
from framing.training.neural.network import inside, load_encoder, pooled  # noqa: E402
from framing.training.neural.stages import held_by, without  # noqa: E402
from framing.training.neural.trainer import Recipe, parameters, plan, train  # noqa: E402
from framing.training.readers import read_babe, read_gvfc, read_newsmtsc  # noqa: E402

CONFIG = {
    "vocab_size": len(PIECES),
    "hidden_size": 32,
    "num_hidden_layers": 4,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "max_position_embeddings": 200,
    "hidden_act": "gelu",
    "layer_norm_eps": 1e-12,
}
TEXT = "The council failed. Mayor Quill said the plan was a disgrace. Nobody met Biden again!"


def published(config=CONFIG, seed=0):
    """Weights under the names of the published encoder."""
    random = torch.Generator().manual_seed(seed)
    n, m = config["hidden_size"], config["intermediate_size"]
    weights = {}

    def linear(name, inputs, outputs):
        weights[f"{name}.weight"] = torch.randn(outputs, inputs, generator=random) * 0.15
        weights[f"{name}.bias"] = torch.randn(outputs, generator=random) * 0.05

    def norm(name):
        weights[f"{name}.weight"] = 0.6 + torch.rand(n, generator=random)
        weights[f"{name}.bias"] = torch.randn(n, generator=random) * 0.1

    for name, rows in (
        ("word", config["vocab_size"]),
        ("position", config["max_position_embeddings"]),
        ("token_type", 2),
    ):
        weights[f"embeddings.{name}_embeddings.weight"] = torch.randn(rows, n, generator=random) * 0.5
    norm("embeddings.LayerNorm")
    for layer in range(config["num_hidden_layers"]):
        prefix = f"encoder.layer.{layer}"
        for part in ("self.query", "self.key", "self.value", "output.dense"):
            linear(f"{prefix}.attention.{part}", n, n)
        norm(f"{prefix}.attention.output.LayerNorm")
        linear(f"{prefix}.intermediate.dense", n, m)
        linear(f"{prefix}.output.dense", m, n)
        norm(f"{prefix}.output.LayerNorm")
    linear("pooler.dense", n, n)  # the published file holds it; nothing here uses it
    return weights


def write_encoder(folder, *, config=CONFIG, weights=None):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "tokenizer.json").write_text(tiny_tokenizer())
    given = published(config) if weights is None else weights
    safetensors_torch.save_file(
        {name: weight.contiguous() for name, weight in given.items()}, folder / "model.safetensors"
    )
    return folder


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    return write_encoder(tmp_path_factory.mktemp("encoder"))


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = write_corpora(tmp_path_factory.mktemp("corpora"))
    path = folder / "stance/park2021_train.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    path.write_text("".join(json.dumps({"id": f"q{k}", **row}) + "\n" for k, row in enumerate(rows)))
    return folder


@pytest.fixture(scope="module")
def vocabulary(encoder):
    return Vocabulary(encoder / "tokenizer.json")


@pytest.fixture
def network(encoder):
    torch.manual_seed(0)
    return load_encoder(encoder, shared=3)


def same(one, other):
    return all(torch.equal(one[name], other[name]) for name in one)


# The network


def test_the_published_weights_are_used_under_their_own_names(encoder, network):
    own, given = network.state_dict(), published()
    for name, weight in given.items():
        if not name.startswith("pooler."):
            assert torch.equal(own[name], weight), name


def test_a_prefix_of_the_published_names_is_taken_off(tmp_path, network):
    folder = write_encoder(tmp_path, weights={f"bert.{name}": weight for name, weight in published().items()})
    again = load_encoder(folder, shared=3)
    assert torch.equal(again.embeddings.word_embeddings.weight, network.embeddings.word_embeddings.weight)


def test_the_stance_branch_starts_as_a_copy_of_the_upper_layers(network):
    own, upper = network.target.layer[0].state_dict(), network.encoder.layer[3].state_dict()
    assert same(own, upper)
    assert all(own[name].data_ptr() != upper[name].data_ptr() for name in own)  # and goes its own way from there
    pieces, facts = torch.tensor([[2, 5, 6, 3]]), torch.zeros(1, 4, 4, dtype=torch.long)
    network.eval()
    with torch.no_grad():
        shared, mask = network.shared(pieces, facts)
        both = torch.cat([network.upper(shared, mask)[:, 1], network.upper(shared, mask)[:, 0]], 1)
        marked = torch.tensor([[0, 1, 0, 0]])
        torch.testing.assert_close(network.toward(shared, mask, marked), network.target.head(both))


@pytest.mark.parametrize(
    "name",
    [
        "embeddings.word_embeddings.weight",
        "encoder.layer.0.output.dense.bias",
        "encoder.layer.3.output.LayerNorm.weight",
    ],
)
def test_a_missing_weight_is_an_error(tmp_path, name):
    weights = {key: weight for key, weight in published().items() if key != name}
    with pytest.raises(ModelError, match=f"no weight '{name}'"):
        load_encoder(write_encoder(tmp_path, weights=weights), shared=3)


def test_a_weight_of_another_shape_is_an_error(tmp_path):
    weights = published() | {"encoder.layer.1.output.dense.bias": torch.zeros(31)}
    with pytest.raises(ModelError, match=r"'encoder.layer.1.output.dense.bias' .* is \(31,\)"):
        load_encoder(write_encoder(tmp_path, weights=weights), shared=3)


def test_a_weight_that_is_not_used_is_named_in_the_log(tmp_path, caplog):
    folder = write_encoder(tmp_path, weights=published() | {"encoder.layer.4.output.dense.bias": torch.zeros(32)})
    load_encoder(folder, shared=3)
    assert "1 weights of the encoder are not used: encoder.layer.4.output.dense.bias" in caplog.text
    assert "pooler" not in caplog.text


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"hidden_act": "relu"}, "hidden_act 'relu'"),
        ({"layer_norm_eps": 1e-5}, "layer_norm_eps"),  # the graphs that score have the one value
        ({"position_embedding_type": "relative_key"}, "position_embedding_type"),
        ({"num_hidden_layers": 3}, "3 layers"),  # stance would have no layer of its own
        ({"max_position_embeddings": 100}, "reads 100 pieces"),  # rows are longer
        ({"hidden_size": None}, "word_embeddings"),
    ],
)
def test_an_encoder_that_does_not_fit_is_an_error(tmp_path, change, says):
    folder = write_encoder(tmp_path)
    config = CONFIG | change
    if config["hidden_size"] is None:
        config["hidden_size"] = 48
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelError, match=says):
        load_encoder(folder, shared=3)


@pytest.mark.parametrize(("file", "content"), [("config.json", "{}"), ("config.json", "["), ("model.safetensors", "x")])
def test_a_damaged_encoder_is_an_error(tmp_path, file, content):
    folder = write_encoder(tmp_path)
    (folder / file).write_text(content)
    with pytest.raises(ModelError, match=f"cannot read {file}"):
        load_encoder(folder, shared=3)


def test_words_are_between_the_ends_of_a_row_and_no_padding():
    pieces = torch.tensor([[2, 7, 8, 9, 3], [2, 7, 3, 0, 0], [2, 3, 0, 0, 0]])
    assert inside(pieces).int().tolist() == [[0, 1, 1, 1, 0], [0, 1, 0, 0, 0], [0, 0, 0, 0, 0]]


def test_a_sentence_score_is_a_weighted_mean_over_its_words():
    pieces = torch.tensor([[2, 7, 8, 9, 3], [2, 7, 8, 3, 0]])
    outputs = torch.randn(2, 5, 4, generator=torch.Generator().manual_seed(1))
    for row, words in ((0, [1, 2, 3]), (1, [1, 2])):
        weight = np.exp(outputs[row, words, :1].numpy())
        expected = (weight / weight.sum() * outputs[row, words, 1:].numpy()).sum(0)
        np.testing.assert_allclose(pooled(outputs, pieces)[row].numpy(), expected, rtol=1e-5)


def test_what_a_row_is_read_with_changes_nothing(network):
    network.eval()
    pieces = torch.tensor([[2, 7, 8, 3, 0, 0], [2, 7, 8, 9, 10, 3]])
    facts = torch.zeros(2, 6, 4, dtype=torch.long)
    with torch.no_grad():
        both = network.words(network.upper(*network.shared(pieces, facts)))
        alone = network.words(network.upper(*network.shared(pieces[:1, :4], facts[:1, :4])))
    torch.testing.assert_close(both[:1, :4], alone, atol=1e-5, rtol=1e-5)


# Losses


def tag_batch(network, lengths, seed=0):
    """Random scores of rows of these many tokens, one piece each, and tags that BIO allows."""
    random = np.random.default_rng(seed)
    outputs = torch.from_numpy(random.normal(0, 1, (len(lengths), max(lengths) + 2, WIDTH)).astype(np.float32))
    first = np.full((len(lengths), max(lengths)), -1)
    labels = []
    for k, length in enumerate(lengths):
        first[k, :length] = np.arange(1, length + 1)
        tags = [0]
        while len(tags) < length:
            tags.append(int(random.choice(np.flatnonzero(~FORBIDDEN[tags[-1]]))))
        labels.append(np.array(tags, np.int8))
    network.transitions.data = torch.from_numpy(random.normal(0, 1, (len(TAGS), len(TAGS))).astype(np.float32))
    return outputs, torch.from_numpy(first), labels


def path_score(network, outputs, tags):
    moves = network.transitions.detach().numpy()
    scores = outputs[1 : len(tags) + 1, TAG_COLUMNS].numpy()
    return sum(scores[t, tag] for t, tag in enumerate(tags)) + sum(moves[a, b] for a, b in itertools.pairwise(tags))


@pytest.mark.parametrize("lengths", [[3], [1], [3, 2, 3]])
def test_the_field_sums_over_every_allowed_path(network, lengths):
    """Against every one of the 7 x 7 x 7 paths, those with a forbidden move left out."""
    outputs, first, labels = tag_batch(network, lengths)
    expected = 0.0
    for k, length in enumerate(lengths):
        paths = [
            path
            for path in itertools.product(range(len(TAGS)), repeat=length)
            if not any(FORBIDDEN[a, b] for a, b in itertools.pairwise(path))
        ]
        total = np.logaddexp.reduce([path_score(network, outputs[k], path) for path in paths])
        expected += total - path_score(network, outputs[k], labels[k].tolist())
    found = tag_loss(network, outputs, first, labels)
    assert float(found.detach()) == pytest.approx(expected / sum(lengths), rel=1e-4)


def test_a_forbidden_move_has_no_chance_and_teaches_nothing(network):
    outputs, first, labels = tag_batch(network, [3, 2])
    tag_loss(network, outputs, first, labels).backward()
    assert torch.all(network.transitions.grad[torch.from_numpy(FORBIDDEN)] == 0)
    before = tag_loss(network, outputs, first, labels)
    network.transitions.data[torch.from_numpy(FORBIDDEN)] = 50.0
    assert torch.equal(tag_loss(network, outputs, first, labels), before)


def test_without_the_field_every_tag_is_judged_alone(network):
    outputs, first, labels = tag_batch(network, [3, 2])
    chosen = gather(outputs[..., TAG_COLUMNS], first)
    expected = [
        -torch.log_softmax(chosen[k, t], 0)[int(tag)] for k, row in enumerate(labels) for t, tag in enumerate(row)
    ]
    assert float(tag_loss(network, outputs, first, labels, crf=False)) == pytest.approx(
        float(torch.stack(expected).mean())
    )


def test_tokens_are_read_at_their_first_pieces(vocabulary):
    document = segment("failed again", whole=True)  # one piece, and five of single letters
    laid = lay_out(document, [], vocabulary)
    from framing.engines.pieces import batch

    given = batch([Row(0, 0, 2, (0, 2)), Row(0, 1, 2, (1, 2))], [laid], vocabulary)
    assert first_pieces(given, [laid]).tolist() == [[1, 2], [1, -1]]
    assert given.pieces[0, 1] == PIECES.index("failed")


# Examples


def test_a_renamed_sentence_keeps_its_label_and_marks(data, vocabulary):
    task = bias_task(data, vocabulary, count=2)
    items = read_babe(data)
    assert len(task.variants) == len(items)
    assert sorted(k for rows in task.variants for k in rows) == list(range(len(task.rows)))
    assert max(map(len, task.variants)) == 2  # with one party's name there is one other way to say it
    for item, rows in zip(items, task.variants, strict=True):
        assert {int(task.labels[k][0]) for k in rows} == {item.biased}
        assert len({int(task.words[k].sum()) for k in rows}) == 1


def test_a_renamed_target_is_still_marked(data, vocabulary):
    task = newsmtsc_task(data, vocabulary, count=3)
    items = read_newsmtsc(data, "train")
    assert len(task.variants) == len(items)
    assert max(map(len, task.variants)) == 4
    for item, rows in zip(items, task.variants, strict=True):
        assert {int(task.labels[k].argmax()) - 1 for k in rows} == {item.stance}
        for k in rows:
            first, last = task.targets[k]
            assert task.rows[k].first <= first < last <= task.rows[k].last


@pytest.mark.parametrize(
    ("target", "expected"),
    [("Biden", ["Biden"]), ("Ana Ruiz", ["Ana", "Ruiz"]), ("Bide", ["Biden"]), ("'s plan", ["'s", "plan"]), (" ", [])],
)
def test_a_target_is_the_tokens_it_touches(target, expected):
    document = segment("Critics of Biden and Ana Ruiz's plan left.", whole=True)
    start = document.text.index(target)
    first, last = target_tokens(document, start, start + len(target))
    assert list(document.words[first:last]) == expected


def test_labels_of_tags_are_as_long_as_their_rows(data, vocabulary):
    task = tag_task(data, vocabulary)
    assert [len(label) for label in task.labels] == [row.last - row.first for row in task.rows]
    assert {TAGS[tag] for label in task.labels for tag in label.tolist()} > {"B-source", "B-cue", "B-content"}


# The plan


@pytest.fixture(scope="module")
def tasks(data, vocabulary):
    return {
        "tags": tag_task(data, vocabulary),
        "bias": bias_task(data, vocabulary, count=2),
        "stance": newsmtsc_task(data, vocabulary, count=2),
        "between": park_task(data, vocabulary),
        "gvfc": gvfc_task(data, vocabulary),
    }


@pytest.mark.parametrize("passes", [1, 3, 0.5, 2.25])
@pytest.mark.parametrize("name", ["tags", "bias", "stance", "gvfc"])
def test_every_row_is_read_as_often_as_asked(tasks, name, passes):
    """Of rows that say the same with other names one is read in each pass; half a pass reads half of the rows."""
    task = tasks[name]
    read = [k for chosen in plan(task, passes, 400, np.random.default_rng(0)) for k in chosen]
    lists = task.variants or [[k] for k in range(len(task.rows))]
    per_list = [sum(read.count(k) for k in rows) for rows in lists]
    whole, part = int(passes), passes % 1
    assert set(per_list) <= {whole, whole + (part > 0)}
    assert len(read) == sum(per_list) == len(lists) * whole + int(len(lists) * part)


def test_batches_are_within_size(tasks):
    for name in ("tags", "bias", "stance", "gvfc"):
        task = tasks[name]
        for chosen in plan(task, 2, 300, np.random.default_rng(0)):
            assert len(chosen) == 1 or len(chosen) * max(map(task.size, chosen)) <= 300


def test_variants_take_turns(tasks):
    task = tasks["bias"]
    rows = next(rows for rows in task.variants if len(rows) > 1)
    read = [k for chosen in plan(task, 200, 400, np.random.default_rng(0)) for k in chosen if k in rows]
    assert len(read) == 200
    assert min(read.count(k) for k in rows) > 60


# Training

QUICK = Recipe(passes={"tags": 1, "stance": 1, "bias": 1, "gvfc": 0.5}, rate=1e-3, pieces=200)
NAMES = ("tags", "stance", "bias", "gvfc")


def trained(encoder, vocabulary, tasks, recipe=QUICK, **options):
    torch.manual_seed(7)
    network = load_encoder(encoder, shared=3)
    return train(network, [tasks[name] for name in NAMES], vocabulary, recipe, **options).state_dict()


@pytest.fixture(scope="module")
def once(encoder, vocabulary, tasks):
    return trained(encoder, vocabulary, tasks)


def test_same_seed_same_weights_another_seed_other_weights(encoder, vocabulary, tasks, once):
    assert same(once, trained(encoder, vocabulary, tasks))
    assert not same(once, trained(encoder, vocabulary, tasks, replace(QUICK, seed=1)))


@pytest.mark.parametrize("average", [0.0, 0.9])
def test_an_interrupted_run_goes_on_to_the_same_weights(encoder, vocabulary, tasks, tmp_path, monkeypatch, average):
    recipe = replace(QUICK, passes=dict.fromkeys(NAMES, 2), average=average)
    expected = trained(encoder, vocabulary, tasks, recipe)
    compute, steps = trainer.loss_of, iter(range(1000))

    def interrupted(*given):
        if next(steps) == 23:  # two steps after the last checkpoint
            raise KeyboardInterrupt
        return compute(*given)

    monkeypatch.setattr(trainer, "loss_of", interrupted)
    with pytest.raises(KeyboardInterrupt):
        trained(encoder, vocabulary, tasks, recipe, folder=tmp_path, every=3)
    assert torch.load(tmp_path / "state.pt", weights_only=True)["done"] == 21
    assert same(expected, trained(encoder, vocabulary, tasks, recipe, folder=tmp_path, every=3))
    assert next(steps) > 25
    assert same(expected, trained(encoder, vocabulary, tasks, recipe, folder=tmp_path, every=3))  # done: nothing to do


def test_words_are_frozen_and_everything_taught_moves(encoder, network, once):
    before = network.state_dict()
    frozen = {name for name in once if name.startswith("embeddings.") and "LayerNorm" not in name}
    taught_not = {name for name in once if name.startswith("target.between.")}  # of a task not in the run
    assert len(frozen) == 3
    for name in sorted(frozen):
        assert torch.equal(before[name], once[name]), name
    torch.manual_seed(7)
    start = load_encoder(encoder, shared=3).state_dict()
    still = {name for name in once if torch.equal(start[name], once[name])}
    # Nothing was said of those heads; a key's bias adds the same to every weight of the attention, which cancels out.
    assert still - {name for name in still if name.endswith("key.bias")} == frozen | taught_not


def test_lower_layers_learn_slower_and_heads_faster(network):
    groups = parameters(network, Recipe(rate=1e-4, layer_decay=0.5, head_factor=10))
    rates = {id(p): group["lr"] for group in groups for p in group["params"]}
    named = {name: rates.get(id(p)) for name, p in network.named_parameters()}
    assert named["embeddings.word_embeddings.weight"] is None
    assert named["encoder.layer.0.output.dense.bias"] == pytest.approx(1e-4 / 8)
    assert named["encoder.layer.3.output.dense.bias"] == pytest.approx(1e-4)
    assert named["target.layer.0.output.dense.bias"] == pytest.approx(1e-4)
    for head in ("words.weight", "target.head.weight", "extra.bias", "transitions"):
        assert named[head] == pytest.approx(1e-3)


def test_averaged_weights_are_the_mean_over_the_end_of_the_run(encoder, vocabulary, tasks, monkeypatch):
    taken = []
    add = trainer._add
    monkeypatch.setattr(
        trainer,
        "_add",
        lambda average, network: (
            taken.append({k: v.clone() for k, v in network.state_dict().items()}),
            add(average, network),
        ),
    )
    recipe = replace(QUICK, passes=dict.fromkeys(NAMES, 4), average=0.7)
    found = trained(encoder, vocabulary, tasks, recipe)
    assert len(taken) > 1
    for name in found:
        torch.testing.assert_close(found[name], torch.stack([one[name] for one in taken]).mean(0), atol=1e-6, rtol=1e-5)


def test_it_learns(encoder, vocabulary, data):
    """Twenty passes over a handful of sentences: who is praised and who is blamed is learned by heart."""
    task = newsmtsc_task(data, vocabulary)
    torch.manual_seed(0)
    network = load_encoder(encoder, shared=3)
    train(network, [task], vocabulary, Recipe(passes={"stance": 25}, rate=2e-3, pieces=200))
    items = read_newsmtsc(data, "train")
    said = outputs_of(
        network,
        vocabulary,
        [segment(item.text, whole=True) for item in items],
        [[Mention("", item.start, item.end)] for item in items],
    )
    assert [int(one.stance[0].argmax()) - 1 for one in said] == [item.stance for item in items]


# Folds


@pytest.mark.parametrize("fold", range(4))
def test_without_leaves_out_the_fold_and_all_its_renamings(data, vocabulary, fold):
    task = bias_task(data, vocabulary, count=2)
    held = np.array([item.fold == fold for item in read_babe(data)])
    left = without(task, held)
    gone = {k for rows, out in zip(task.variants, held, strict=True) if out for k in rows}
    read = {k for chosen in plan(left, 30, 400, np.random.default_rng(0)) for k in chosen}
    assert gone
    assert read == set(range(len(task.rows))) - gone


def test_without_leaves_out_headlines(data, vocabulary):
    held = np.array([headline.fold == 1 for headline in read_gvfc(data)])
    left = without(gvfc_task(data, vocabulary), held)
    read = {k for chosen in plan(left, 1, 400, np.random.default_rng(0)) for k in chosen}
    assert read == set(np.flatnonzero(~held).tolist())


def test_leaving_out_everything_is_an_error(data, vocabulary):
    """A plan of no rows would be a plan of all rows: what is held out would be taught."""
    with pytest.raises(InputError, match="every text of the task 'gvfc'"):
        without(gvfc_task(data, vocabulary), np.ones(24, bool))


def test_the_shipped_run_leaves_nothing_out(data):
    held = held_by("final", data)
    assert not held.tasks
    assert (len(held.bias), len(held.gvfc)) == (len(read_babe(data)), len(read_gvfc(data)))


def test_every_text_is_left_out_by_exactly_one_run_of_its_kind(data):
    grouped = [held_by(f"grouped-{k}", data) for k in range(stages.GROUPED)]
    random = [held_by(f"random-{k}", data) for k in range(stages.RANDOM)]
    for masks in ([h.bias for h in grouped], [h.gvfc for h in grouped], [h.bias for h in random]):
        np.testing.assert_array_equal(np.sum(masks, 0), 1)
    assert {tuple(h.tasks) for h in grouped} == {("bias", "gvfc")}
    assert {tuple(h.tasks) for h in random} == {("bias",)}
    groups = np.array([item.group for item in read_babe(data)])
    for held in grouped:
        assert not set(groups[held.bias]) & set(groups[~held.bias])  # whole articles
    folds = random_folds([item.biased for item in read_babe(data)])
    for k, held in enumerate(random):
        np.testing.assert_array_equal(held.bias, folds == k)  # those of BABE's own paper


def test_names_of_runs():
    assert stages.stages() == [
        "final",
        "grouped-0",
        "grouped-1",
        "grouped-2",
        "grouped-3",
        *(f"random-{k}" for k in range(5)),
    ]


# Settings


def made_up_scores(seed=0, count=200):
    random = np.random.default_rng(seed)
    labels = random.integers(0, 2, count)
    folds = np.arange(count) % 4
    scores = [labels * 1.5 + random.normal(0, 1, count), labels + random.normal(0, 1, count)]
    return scores, labels, folds


def test_stacking_weighs_both_and_is_calibrated():
    scores, labels, _ = made_up_scores(count=4000)
    a, b, offset = settings.stack(scores, labels)
    assert a > b > 0
    chances = 1 / (1 + np.exp(-(a * scores[0] + b * scores[1] + offset)))
    assert chances.mean() == pytest.approx(labels.mean(), abs=1e-3)


@pytest.mark.parametrize("name", ["calibrated", "decided"])
def test_a_fold_has_no_say_in_its_own_numbers(name):
    """With all labels of a fold turned around, its own numbers stay as they were, and the others do not."""
    scores, labels, folds = made_up_scores()
    here = folds == 2
    turned = np.where(here, 1 - labels, labels)

    def numbers(gold):
        if name == "calibrated":
            return settings.calibrated(scores, gold, folds)
        return settings.decided(scores[0][:, None], gold[:, None], folds)[:, 0]

    before, after = numbers(labels), numbers(turned)
    np.testing.assert_array_equal(before[here], after[here])
    assert np.abs(before[~here] - after[~here]).min() > 0


def test_decided_calls_by_the_best_threshold():
    labels = np.tile([0, 0, 0, 1], 50)
    scores = np.where(labels, 5.0, 3.0) + np.linspace(-0.5, 0.5, 200)
    found = settings.decided(scores[:, None], labels[:, None], np.arange(200) // 4 % 4)
    np.testing.assert_array_equal(found[:, 0] > 0.5, labels == 1)


# From the network to the engine


@pytest.fixture(scope="module")
def exported(tmp_path_factory, encoder, vocabulary, tasks, once):
    network = load_encoder(encoder, shared=3)
    network.load_state_dict(once)
    network.eval()
    folder = tmp_path_factory.mktemp("exported")
    documents = [segment(TEXT)]
    export(network, SETTING, encoder / "tokenizer.json", folder / "plain", bits=32)
    export(network, SETTING, encoder / "tokenizer.json", folder / "small", samples=documents, card={"name": "tiny"})
    return network, folder


def numbers_of(encoder, vocabulary):
    document = segment(TEXT)
    at = TEXT.index("Quill")
    laid = [lay_out(document, find_matches(document), vocabulary)]
    (found,) = Reader(vocabulary, encoder).read([document], laid, [[Mention("", at, at + 5)]])
    return found


@pytest.mark.parametrize(("folder", "tolerance"), [("plain", 1e-3), ("small", 0.15)])
def test_the_exported_graphs_give_the_networks_numbers(exported, vocabulary, folder, tolerance):
    network, out = exported
    expected = numbers_of(TorchEncoder(network, exact=True), vocabulary)
    found = numbers_of(OnnxEncoder(out / folder), vocabulary)
    for name in ("tokens", "sentences", "parts", "stance"):
        np.testing.assert_allclose(getattr(found, name), getattr(expected, name), atol=tolerance, err_msg=name)


def test_half_precision_is_near(exported, vocabulary):
    network, _ = exported
    one, other = (numbers_of(TorchEncoder(network, exact=exact), vocabulary) for exact in (True, False))
    assert 0 < np.abs(one.tokens - other.tokens).max() < 0.15


def test_the_engine_opens_what_was_exported(exported, vocabulary):
    _, out = exported
    assert json.loads((out / "small" / "card.json").read_text()) == {"name": "tiny"}
    engine = NeuralEngine.load(out / "small")
    document = segment(TEXT)
    (reading,) = engine.read([document], [[]], [find_matches(document)])
    assert reading.bias.shape == (3,)
    assert engine.settings.to_json() == SETTING.to_json()


# All runs


@pytest.fixture(scope="module")
def everything(tmp_path_factory, data, encoder):
    """The whole of ``framing train --engine neural`` with a pass or less of everything, in this process."""
    folder = tmp_path_factory.mktemp("runs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs, "GENERAL", Recipe(passes={"tags": 1, "stance": 1, "between": 1}, pieces=400))
        patch.setattr(runs, "SPECIAL", Recipe(passes={"bias": 1, "gvfc": 1, "tags": 0.5, "stance": 0.5}))
        patch.setenv("FRAMING_THREADS", "1")

        def run():
            return dict(train_neural(data, str(encoder), folder / "out", work=folder / "work", seed=3, jobs=1))

        first = run()
        before = {
            path.name: path.stat().st_mtime_ns for path in (folder / "work").iterdir() if path.suffix in (".pt", ".npz")
        }
        again = run()
        after = {
            path.name: path.stat().st_mtime_ns for path in (folder / "work").iterdir() if path.suffix in (".pt", ".npz")
        }
    return folder, first, again, before, after


def log_of(folder):
    with (folder / "work" / runs.LOG).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def test_the_log_has_one_line_for_each_run(everything):
    folder, first, *_ = everything
    lines = log_of(folder)
    assert [line["run"] for line in lines] == ["general", *stages.stages()]
    assert list(first) == ["general", *stages.stages(), "model"]
    for line in lines:
        assert line["seed"] == "3" == str(json.loads(line["recipe"])["seed"])
        assert float(line["minutes"]) >= 0
    assert set(json.loads(lines[0]["figures"])) == {"tags", "stance"}


def test_a_second_call_trains_nothing_again(everything):
    folder, first, again, before, after = everything
    assert list(again) == ["model"]
    assert again["model"] == first["model"]
    assert before == after
    assert len(log_of(folder)) == 11


def test_the_model_can_be_read_and_says_what_it_is(everything):
    folder, first, *_ = everything
    out = folder / "out"
    engine = NeuralEngine.load(out)
    document = segment(TEXT)
    (reading,) = engine.read([document], [[]], [find_matches(document)])
    assert np.all((reading.bias > 0) & (reading.bias < 1))
    card = json.loads((out / "card.json").read_text())
    assert card["eight_bit"] == first["model"]
    assert card["eight_bit"]["bias_change"]["mean"] < 0.05
    assert set(card["recipes"]) == {"general", "special"}


def test_held_out_numbers_are_of_every_text_and_hold_none(everything, data):
    with np.load(everything[0] / "out" / "held_out.npz", allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    assert set(arrays) == set(ARRAYS)
    assert arrays["babe_ids"].tolist() == [item.id for item in read_babe(data)]
    assert arrays["gvfc_ids"].tolist() == [headline.id for headline in read_gvfc(data)]
    assert arrays["babe_word_counts"].sum() == len(arrays["babe_words"])
    for name in ("babe", "babe_random", "gvfc"):
        assert np.all((arrays[name] >= 0) & (arrays[name] <= 1))
    assert max(len(str(one)) for name in arrays for one in arrays[name].ravel()[:100] if name.endswith("_ids")) < 5


def test_what_a_fold_said_is_what_its_network_says(everything, data, encoder, vocabulary):
    work = everything[0] / "work"
    network = stages.load(work / "grouped-1.pt", encoder)
    with np.load(work / "grouped-1.npz") as stored:
        said = stages.say(network, vocabulary, data, held_by("grouped-1", data))
        assert set(stored.files) == set(said) == {"bias_ids", "bias", "bias_counts", "words", "gvfc_ids", "gvfc"}
        for name in stored.files:
            np.testing.assert_array_equal(stored[name], said[name])


def test_a_run_that_left_weights_but_no_numbers_is_not_done(tmp_path):
    (tmp_path / "grouped-0.pt").touch()
    (tmp_path / "final.pt").touch()
    assert stages.is_done("final", tmp_path)
    assert not stages.is_done("grouped-0", tmp_path)
    (tmp_path / "grouped-0.npz").touch()
    assert stages.is_done("grouped-0", tmp_path)


def test_the_general_run_depends_on_its_seed_alone(tmp_path, data, encoder):
    """Heads start at random: from the seed, not from whatever was drawn before."""
    recipe = Recipe(passes={"between": 1}, seed=5)
    found = []
    for draws, seed in ((1, 5), (2, 5), (1, 6)):
        torch.rand(draws)
        (tmp_path / str(len(found))).mkdir()
        path = stages.general(data, encoder, tmp_path / str(len(found)), recipe=replace(recipe, seed=seed))
        found.append(torch.load(path, weights_only=True))
    assert same(found[0], found[1])
    assert not torch.equal(found[0]["words.weight"], found[2]["words.weight"])


# Errors that a newcomer meets


@pytest.mark.parametrize("name", ["torch", "onnx", "safetensors"])
def test_training_without_its_packages_says_what_to_install(monkeypatch, tmp_path, name):
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda wanted, *rest: None if wanted == name else real(wanted, *rest)
    )
    arguments = ["train", "--engine", "neural", "--data", str(tmp_path), "--work", str(tmp_path / "work")]
    done = CliRunner().invoke(cli.main, arguments)
    assert done.exit_code != 0
    assert f"needs {name}; run `pip install framing[encoder]`" in done.output
    assert not (tmp_path / "work").exists()


def test_an_encoder_that_is_not_there_is_an_error(monkeypatch, tmp_path):
    monkeypatch.setattr(importlib.util, "find_spec", lambda *_: None)
    with pytest.raises(InputError, match="no folder 'nobody/nothing'; give the folder of an encoder"):
        find_encoder("nobody/nothing")


def test_an_encoder_without_a_file_is_an_error(tmp_path):
    (write_encoder(tmp_path) / "tokenizer.json").unlink()
    with pytest.raises(ModelError, match=r"holds no tokenizer\.json"):
        find_encoder(str(tmp_path))
