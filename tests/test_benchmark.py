"""The benchmark on invented corpora: every figure against plain arithmetic or the scoring functions."""

import json
import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from made_up_corpora import OUTLETS, write_corpora
from test_bias_model import PAIRS

import framing
from framing.benchmark import SECTIONS, costs, deletion, render, run_benchmark
from framing.benchmark.attributed import role_spans
from framing.benchmark.calibrated import calibration_bins
from framing.benchmark.loaded import LEANINGS, by_leaning
from framing.benchmark.targets import called, read_targets
from framing.engines import get_engine
from framing.errors import InputError, ParameterError
from framing.metrics import calibration_error
from framing.segment import segment
from framing.training import whole_sentences
from framing.training.readers import read_babe, read_newsmtsc, read_polnear
from framing.training.whole_sentences import read_texts

TEXTS = [text for pair in PAIRS for text in pair]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_corpora(tmp_path_factory.mktemp("corpora"))


@pytest.fixture(scope="module")
def figures(data):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(costs, "_COLD_RUNS", 1)
        return run_benchmark(data, engine="linear", quiet=True)


def leaves(node):
    for value in node.values():
        if isinstance(value, dict):
            yield from leaves(value)
        else:
            yield value


def test_every_section_gives_numbers_that_json_can_hold(figures):
    assert list(figures) == ["signature", *(name for name in SECTIONS if name != "eight_bit")]
    assert json.loads(json.dumps(figures, allow_nan=False)) == figures
    assert all(math.isfinite(value) for value in leaves(figures) if not isinstance(value, str))


@pytest.mark.parametrize(
    "path",
    [
        ("loaded_language", "macro_f1"),
        ("loaded_language", "sensitivity"),
        ("loaded_language", "specificity"),
        ("loaded_language", "calibration_error"),
        ("loaded_language", "word_f1"),
        ("loaded_language", "random_folds", "weighted_f1"),
        ("attribution", "exact_f1", "content"),
        ("stance", "macro_f1"),
        ("frames", "macro_f1"),
        ("headlines", "tfidf_logistic_macro_f1"),
        ("blindness", "loaded", "all"),
        ("explanation", "ratio"),
        ("speed", "sentences_per_second", "framing"),
        ("speed", "article_ms"),
        ("speed", "files_to_tables"),
        ("speed", "cold_start_s"),
        ("speed", "peak_memory_mb"),
    ],
    ids=".".join,
)
def test_figures_that_reports_read_are_there(figures, path):
    for key in path:
        figures = figures[key]
    assert figures >= 0


def test_rendered_figures_fit_a_terminal(figures):
    lines = render(figures).splitlines()
    assert max(map(len, lines)) <= 80
    assert {line for line in lines if not line.startswith(" ")} >= {"loaded_language", "by_voice", "speed"}
    assert "signature" not in render(figures)
    interval = {"value": 0.25, "low": 0.125, "high": 0.5}
    assert render({"rate": interval, "n": 1200}).split() == ["rate", "0.250", "(0.125", "to", "0.500)", "n", "1,200"]


def test_engines_stand_side_by_side():
    one = {"signature": {"engine": "linear"}, "frames": {"macro_f1": 0.5, "articles": 9}}
    other = {"signature": {"engine": "neural"}, "frames": {"macro_f1": 0.75}}
    assert [line.split() for line in render(one, other).splitlines()] == [
        ["linear", "neural"],
        ["frames"],
        ["macro_f1", "0.500", "0.750"],
        ["articles", "9", "–"],
    ]
    interval = {"value": 0.25, "low": 0.125, "high": 0.5}
    assert render({"rate": interval}, {"rate": {**interval, "value": 0.5}}).split()[-3:] == ["rate", "0.250", "0.500"]
    assert render({"rate": interval}, {}).split()[-2:] == ["0.250", "–"]


def test_sections_may_be_measured_alone(data):
    assert list(run_benchmark(data, only=["events"], quiet=True)) == ["signature", "events"]
    with pytest.raises(ParameterError, match=r"evnts.*events"):
        run_benchmark(data, only=["evnts"])


def test_missing_corpora_are_named(tmp_path):
    with pytest.raises(InputError, match="--data"):
        run_benchmark(tmp_path / "none")
    with pytest.raises(InputError, match=r"babe\.jsonl"):
        run_benchmark(tmp_path, quiet=True)


# Many at once, as one by one


def test_probabilities_and_voices_are_those_of_the_scoring_functions():
    texts = [*TEXTS[:20], "", '"It is a disgrace," said Ana Ruiz.', "One sentence. And another!"]
    for batch in (1, 7):
        read = read_texts(texts, engine="linear", batch=batch)
        expected = [framing.score_loaded_language(text, engine="linear").probability for text in texts]
        assert [one.probability for one in read] == pytest.approx(expected, abs=1e-9)
    assert [one.voice for one in read[-2:]] == ["source", "author"]


def test_stances_are_those_of_the_scoring_function(data):
    targets = read_newsmtsc(data, "dev")
    for one, target in zip(read_targets(targets, "linear"), targets, strict=True):
        s = framing.score_stance(target.text, (target.start, target.end), engine="linear")
        assert one.reading.stance[0].tolist() == pytest.approx([s.negative, s.neutral, s.positive], abs=1e-9)
        assert called(one) == max((s.negative, -1), (s.neutral, 0), (s.positive, 1))[1]


def test_attributions_are_those_of_the_scoring_function(data):
    texts = [article.text for article in read_polnear(data, "dev")]
    for one, text in zip(read_texts(texts, engine="linear", whole=False), texts, strict=True):
        assert one.attributions == framing.score_attribution(text, engine="linear")
        assert role_spans(one.attributions, "source")


def test_batches_that_move_scores_are_found_out(data, monkeypatch, figures):
    assert figures["batch_effect"]["loaded"] < 1e-6
    assert figures["batch_effect"]["tags"] == 0
    real = get_engine("linear")

    class Leaning:  # the more sentences are read together, the more biased they are
        def read(self, documents, mentions, matches):
            found = real.read(documents, mentions, matches)
            return [replace(one, bias=one.bias * 0 + 0.01 * len(documents)) for one in found]

    monkeypatch.setattr(whole_sentences, "get_engine", lambda name: Leaning())
    found = SECTIONS["batch_effect"](data, "leaning")
    assert found["loaded"] == pytest.approx(0.01 * (found["sentences"] - 1))
    assert found["stance"] < 1e-6


# By leaning and by voice


def test_errors_by_leaning_are_counted_by_hand(data):
    items = read_babe(data)
    # Right about the left, wrong about every sober sentence of the centre, and about every biased one of the right.
    sure = {OUTLETS["left"]: (0.1, 0.9), OUTLETS["center"]: (0.8, 0.9), OUTLETS["right"]: (0.1, 0.2)}
    found = by_leaning(items, np.array([sure[item.outlet][item.biased] for item in items]), resamples=200)
    expected = {"left": (0.0, 1.0, 1.0, 0.0), "center": (0.5, 1.0, 0.0, 0.35), "right": (0.5, 0.0, 1.0, -0.35)}
    for side, values in expected.items():
        names = ("error_rate", "sensitivity", "specificity", "excess")
        shares = [sum(item.biased for item in items if item.outlet == OUTLETS[side]), found[side]["sentences"]]
        assert shares[1] == sum(item.outlet == OUTLETS[side] for item in items)  # blank leanings are the outlet's
        assert shares[0] * 2 == shares[1]
        for name, value in zip(names, values, strict=True):
            one = found[side][name]
            assert one["value"] == pytest.approx(value, abs=1e-9)
            assert one["low"] <= one["value"] <= one["high"]
    assert found["left_minus_right"]["sensitivity"]["value"] == pytest.approx(1)
    assert found["left_minus_right"]["specificity"]["high"] == pytest.approx(0)
    largest = found["largest_difference"]
    assert largest["sensitivity"]["value"] == 1
    assert largest["sensitivity"]["p"] == pytest.approx(1 / 201)
    assert largest["excess"]["between"] == "center > right"


def test_leanings_that_err_alike_are_not_told_apart(data):
    rng = np.random.default_rng(3)
    items = read_babe(data)
    found = by_leaning(items, rng.random(len(items)), resamples=500)
    assert all(one["p"] > 0.01 for one in found["largest_difference"].values())
    assert all(one["low"] < 0 < one["high"] for one in found["left_minus_right"].values())
    assert by_leaning(items[:0], np.zeros(0))["largest_difference"] == {}
    assert set(LEANINGS) < set(found)


def test_voices_add_up(figures, data):
    by_voice = figures["by_voice"]
    assert sum(one["sentences"] for one in by_voice["loaded_language"].values()) == len(read_babe(data))
    for split in ("stance", "stance_by_holder"):
        assert sum(one["targets"] for one in by_voice[split].values()) == len(read_newsmtsc(data, "dev"))


# Explanations


class Adding:
    """An engine whose log-odds of bias are the sum of its words' lengths in hundredths, and that says so."""

    def __init__(self, honest=True):
        self.honest = honest

    def read(self, documents, mentions, matches):
        for document in documents:
            lengths = np.array([len(word) / 100 for word in document.words])
            chance = 1 / (1 + math.exp(-lengths.sum()))
            yield SimpleNamespace(bias=np.array([chance]), parts=lengths if self.honest else -lengths)


@pytest.mark.parametrize("honest", [True, False], ids=["honest", "the least important words named"])
def test_deletion_shows_whether_the_words_named_carry_the_score(data, monkeypatch, honest):
    monkeypatch.setattr(whole_sentences, "get_engine", lambda name: Adding(honest))
    found = deletion.explanation(data, "adding")
    drops = []
    for text in TEXTS:
        lengths = sorted((len(w) for w in segment(text, whole=True).words if w[0].isalnum()), reverse=honest)
        if len(lengths) >= 8:
            drops.append(sum(lengths[:3]) / 100)
    assert found["sentences"] == len(drops)
    assert found["drop_top"] == pytest.approx(np.mean(drops))
    assert (found["ratio"] > 1.3) if honest else (found["ratio"] < 0.7)
    assert found["ratio"] == pytest.approx(found["drop_top"] / found["drop_random"])
    assert deletion.explanation(data, "adding") == found  # drawn with a seed


def test_deleting_words_leaves_a_sentence():
    document = segment("The utterly botched plan, he said, failed.", whole=True)
    assert deletion.without(document, [1, 3]) == "The botched, he said, failed."
    assert deletion.without(document, []) == document.text


# Costs


def test_an_article_of_so_many_words():
    text = costs.article_of(["One two three.", "Four five.", "Six."] * 5, 7)
    assert text == "One two three. Four five. Six. One two three."


def test_peak_memory_is_the_child_processes_own():
    held = np.ones(40_000_000)  # 320 MB in this process are no business of the child
    assert 20e6 < costs.fresh(["The mayor spoke."], "linear") < 320e6
    assert held.sum()


def test_eight_bit_figures_come_from_the_card(tmp_path, monkeypatch):
    monkeypatch.setattr(costs, "MODELS", tmp_path)
    assert costs.eight_bit(tmp_path, "neural") == {}
    (tmp_path / "neural").mkdir()
    card = tmp_path / "neural" / "card.json"
    for content, expected in (
        ('{"eight_bit": {"macro_f1": -0.001}}', {"macro_f1": -0.001}),
        ('{"other": 1}', {}),
        ("[]", {}),
        ("{", {}),
    ):
        card.write_text(content)
        assert costs.eight_bit(tmp_path, "neural") == expected


# Calibration


@pytest.mark.parametrize("sentences", [3, 10, 101])
def test_the_bins_are_those_of_the_calibration_error(sentences):
    rng = np.random.default_rng(sentences)
    chances = rng.random(sentences)
    gold = (rng.random(sentences) < chances).astype(int).tolist()
    bins = calibration_bins(gold, chances.tolist())
    assert len(bins) == min(sentences, 10) and list(bins) == sorted(bins)
    assert sum(one["n"] for one in bins.values()) == sentences
    given = [one["predicted"] for one in bins.values()]
    assert given == sorted(given)
    error = sum(one["n"] * abs(one["observed"] - one["predicted"]) for one in bins.values()) / sentences
    assert error == pytest.approx(calibration_error(gold, chances.tolist()))
    assert calibration_bins([], []) == {}


def test_bins_are_kept_and_not_printed(figures):
    assert set(figures["loaded_language"]["calibration_bins"]["01"]) == {"predicted", "observed", "n"}
    assert figures["stance"]["calibration_bins_negative"]
    assert "bins" not in render(figures)
