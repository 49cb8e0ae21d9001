"""The yardsticks, against scikit-learn where it has them and by hand where not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score, recall_score, roc_auc_score

from framing.metrics import Tally, b_cubed, binary_figures, calibration_error, macro_f1, multilabel_f1, trim

labels = st.lists(st.tuples(st.integers(-1, 1), st.integers(-1, 1)), min_size=1, max_size=40)


@given(labels)
def test_macro_f1_is_that_of_scikit_learn_over_the_gold_labels(pairs):
    gold, predicted = zip(*pairs, strict=True)
    expected = f1_score(gold, predicted, labels=sorted(set(gold)), average="macro", zero_division=0)
    assert macro_f1(gold, predicted) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("text", "core", "why"),
    [
        ('"not now,"', "not now", "quotation marks and the comma"),
        (" reports: ", "reports", "white space and the colon"),
        ("the U.S.", "the U.S", "a full stop at the end is punctuation even in an abbreviation"),
        ("“…”", "", "nothing but marks"),
    ],
)
def test_trim(text, core, why):
    start, end = trim(text, 0, len(text))
    assert text[start:end] == core


def test_tally_counts_each_match_once():
    tally = Tally()
    tally.add([1, 1, 2], [1, 2, 3])
    assert (tally.precision, tally.recall, tally.f1) == pytest.approx((2 / 3, 2 / 3, 2 / 3))
    assert Tally().f1 == 0


def test_calibration_error_is_zero_for_the_calibrated_and_large_for_the_sure():
    rng = np.random.default_rng(0)
    probability = rng.random(20_000)
    gold = (rng.random(20_000) < probability).astype(int)
    assert calibration_error(gold, probability) < 0.02
    assert calibration_error(gold, np.round(probability)) > 0.2


def test_b_cubed_by_hand():
    assert b_cubed([0, 0, 1, 1], [5, 5, 6, 6]) == 1
    # One cluster of all four: precision 1/2, recall 1.
    assert b_cubed([0, 0, 1, 1], [0, 0, 0, 0]) == pytest.approx(2 / 3)


chances = st.lists(st.tuples(st.integers(0, 1), st.sampled_from([0.0, 0.2, 0.5, 0.6, 0.9])), min_size=2, max_size=40)


@settings(deadline=None)  # scikit-learn takes its time on a busy machine
@given(chances)
def test_binary_figures_are_those_of_scikit_learn(pairs):
    gold, probability = zip(*pairs, strict=True)
    called = [int(chance > 0.5) for chance in probability]
    found = binary_figures(gold, probability)
    assert found["weighted_f1"] == pytest.approx(f1_score(gold, called, average="weighted", zero_division=0))
    assert ("sensitivity" in found, "specificity" in found) == (1 in gold, 0 in gold)
    if 1 in gold:
        assert found["sensitivity"] == pytest.approx(recall_score(gold, called))
    if 0 in gold:
        assert found["specificity"] == pytest.approx(recall_score(gold, called, pos_label=0))
    if len(set(gold)) == 2:
        assert found["auc"] == pytest.approx(roc_auc_score(gold, probability))
        assert found["macro_f1"] == pytest.approx(f1_score(gold, called, average="macro"))
    else:  # nothing to rank
        assert "auc" not in found


def test_multilabel_f1_is_that_of_scikit_learn():
    rng = np.random.default_rng(2)
    gold, predicted = rng.integers(0, 2, (30, 4)), rng.integers(0, 2, (30, 4))
    gold[:, 3] = predicted[:, 3] = 0  # a label that never occurs counts as 0
    expected = f1_score(gold, predicted, average=None, zero_division=0)
    assert multilabel_f1(gold, predicted) == pytest.approx(expected.tolist())
