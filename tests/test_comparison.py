"""Comparison of groups: the statistics against scipy and plain pandas, and what must never be claimed."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up import OUTLETS, made_up_tables

from framing.comparison import MEASURES, compare, corrected_rate, per_article, rates
from framing.comparison.inference import adjusted
from framing.errors import InputError, ParameterError

TABLES = made_up_tables()


def test_rates_are_ratios_of_sums_over_articles_as_in_plain_pandas():
    found = rates(TABLES).set_index(["group", "measure"])["rate"]
    sums = TABLES["articles"].groupby("outlet").sum(numeric_only=True)
    for outlet in OUTLETS:
        row = sums.loc[outlet]
        assert found[outlet, "loaded_rate_author"] == pytest.approx(row["loaded_author_parts"] / row["author_parts"])
        assert found[outlet, "loaded_rate_source"] == pytest.approx(row["loaded_source_parts"] / row["source_parts"])
        assert found[outlet, "loaded_rate"] == pytest.approx(row["loaded_sentences"] / row["sentences"])


@pytest.mark.parametrize("measure", MEASURES)
def test_every_measure_is_the_ratio_of_what_plain_pandas_counts(measure):
    said, terms, stances = TABLES["attributions"], TABLES["loaded_terms"], TABLES["stances"]
    articles, frames = TABLES["articles"], TABLES["frames"]
    mine = articles[articles["outlet"] == OUTLETS[1]]
    ids = set(mine["article_id"])
    own = {name: table[table["article_id"].isin(ids)] for name, table in TABLES.items()}
    expected = {
        "loaded_rate_author": mine["loaded_author_parts"].sum() / mine["author_parts"].sum(),
        "loaded_rate_source": mine["loaded_source_parts"].sum() / mine["source_parts"].sum(),
        "loaded_rate": mine["loaded_sentences"].sum() / mine["sentences"].sum(),
        "attributed_share": mine["attributed_words"].sum() / mine["words"].sum(),
        "loaded_terms": 1000 * len(own["loaded_terms"]) / mine["words"].sum(),
        "loaded_terms_author": 1000 * mine["terms_author"].sum() / mine["words"].sum(),
        "stance": own["stances"]["stance"].mean(),
        "stance_author": own["stances"].query("holder == 'author'")["stance"].mean(),
        "stance_source": float("nan"),
        "direct_quotes": (own["attributions"]["kind"] == "direct").mean(),
        "loaded_headlines": (mine["headline_loaded"] >= 0.5).mean(),
        "quoted_openings": own["sentences"].query("sentence < 2 and voice != 'author'")["article_id"].nunique() / 12,
    }
    for name in ("neutral", "doubting", "endorsing", "charged"):
        expected[f"{name}_cues"] = (own["attributions"]["cue_class"] == name).mean()
    for name in frames["frame"].unique():
        expected[f"frame_{name}"] = own["frames"].query("frame == @name")["probability"].mean()
    assert len(said) and len(terms) and len(stances)
    found = rates(TABLES, measures=[measure], resamples=100).set_index("group")["rate"]
    assert found[OUTLETS[1]] == pytest.approx(expected[measure], nan_ok=True)


def test_many_outlets_are_compared_like_few():
    names = tuple(f"Outlet {i:02d}" for i in range(12))
    found = compare(made_up_tables(names, per_outlet=8, rates=(0.6, *[0.1] * 11))).set_index("group")
    assert found.loc["Outlet 00", "verdict"] == "higher"
    assert (found["low"] <= found["estimate"]).all() and (found["estimate"] <= found["high"]).all()


def test_q_values_are_benjamini_hochberg_over_all_tests_of_the_call():
    found = compare(TABLES, measure=["loaded_rate_author", "loaded_rate_source"], groups=[*OUTLETS, "Nobody's Herald"])
    tested = found.dropna(subset="p")
    assert len(tested) == 6
    p = np.sort(tested["p"].to_numpy())
    steps = p * len(p) / np.arange(1, len(p) + 1)
    by_hand = np.minimum.accumulate(steps[::-1])[::-1].clip(max=1)
    assert np.sort(tested["q"].to_numpy()) == pytest.approx(by_hand)
    assert np.isnan(adjusted(np.array([0.01, np.nan]))[1])


def test_clear_differences_are_called_by_their_direction_and_others_are_not_called():
    found = compare(TABLES).set_index("group")["verdict"].to_dict()
    assert found == {
        "Northgate Wire": "lower",
        "Daily Klaxon": "higher",
        "The Common Lantern": "no clear difference",
    }


def test_an_outlet_that_is_not_in_the_corpus_is_named_and_never_counted_as_zero():
    found = compare(TABLES, groups=["Daily Klaxon", "The Ghost Gazette"]).set_index("group").loc["The Ghost Gazette"]
    assert found["verdict"] == "not in the corpus"
    assert found["n"] == 0
    assert found[["estimate", "low", "high", "group_value", "cliffs_delta", "p", "q"]].isna().all()
    rate = rates(TABLES, groups=["The Ghost Gazette"])
    assert rate["rate"].isna().all() and set(rate["note"]) == {"not in the corpus"}


def test_asking_for_some_outlets_leaves_the_others_among_the_rest():
    some = compare(TABLES, groups=["Daily Klaxon"]).iloc[0]
    everything = compare(TABLES).set_index("group").loc["Daily Klaxon"]
    assert some["n_rest"] == 24
    assert some["p"] == everything["p"] and some["low"] == everything["low"]


def test_one_outlet_alone_has_nothing_to_be_compared_with():
    alone = TABLES["articles"][TABLES["articles"]["outlet"] == "Daily Klaxon"]
    found = compare(alone).iloc[0]
    assert (found["verdict"], found["n_rest"]) == ("not enough articles", 0)
    assert np.isfinite(found["group_value"]) and np.isnan(found["estimate"])


def test_two_outlets_are_compared_with_each_other_by_name():
    both = TABLES["articles"][TABLES["articles"]["outlet"] != "Daily Klaxon"]
    assert compare(both).set_index("group")["against"].to_dict() == {
        "Northgate Wire": "The Common Lantern",
        "The Common Lantern": "Northgate Wire",
    }


def test_few_articles_get_no_interval_and_no_verdict():
    few = TABLES["articles"].groupby("outlet").head(4)
    found = compare(few)
    assert set(found["verdict"]) == {"not enough articles"}
    assert found[["low", "high", "p", "q"]].isna().all(axis=None)
    assert set(rates(few)["note"]) == {"not enough articles"}


def test_without_any_loaded_sentence_nothing_is_claimed_and_nothing_fails():
    articles = TABLES["articles"].assign(loaded_author_parts=0, loaded_source_parts=0, loaded_sentences=0)
    found = compare(articles, measure=["loaded_rate_author", "loaded_rate"])
    assert set(found["verdict"]) == {"no clear difference"}
    assert (found["estimate"] == 0).all() and (found["p"] == 1).all()
    shown = rates(articles)
    # Zero is what was counted, but articles that are all alike cannot say how far it may be off.
    assert (shown["rate"] == 0).all() and shown["low"].isna().all() and set(shown["note"]) == {"none found"}


def test_an_article_without_quoted_voices_is_no_article_with_a_rate_of_zero():
    articles = TABLES["articles"].copy()
    articles.loc[articles["outlet"] == "Daily Klaxon", ["source_parts", "loaded_source_parts"]] = 0
    found = compare(articles, measure="loaded_rate_source").set_index("group")
    assert found.loc["Daily Klaxon", "n"] == 0
    assert found.loc["Daily Klaxon", "verdict"] == "not enough articles"
    assert found.loc["Northgate Wire", "n_rest"] == 12


def test_the_order_of_the_rows_changes_nothing():
    shuffled = TABLES["articles"].sample(frac=1, random_state=8)
    pd.testing.assert_frame_equal(compare(TABLES["articles"]), compare(shuffled))
    pd.testing.assert_frame_equal(rates(TABLES["articles"]), rates(shuffled))


def test_the_same_seed_gives_the_same_numbers_and_another_seed_hardly_others():
    one, again, other = compare(TABLES, seed=1), compare(TABLES, seed=1), compare(TABLES, seed=2)
    pd.testing.assert_frame_equal(one, again)
    assert (one["low"] != other["low"]).any()
    assert one["low"].to_numpy() == pytest.approx(other["low"].to_numpy(), abs=0.02)


def test_any_column_can_group():
    found = compare(TABLES, by="event")
    assert list(found["group"]) == [f"e{i}" for i in range(6)]


def test_stance_can_be_compared_for_one_target():
    found = rates({**TABLES, "stances": TABLES["stances"].query("target == 'Kelder'")}, measures=["stance"])
    rows = per_article(TABLES, "stance", target="Kelder")
    mine = rows[rows["group"] == "Daily Klaxon"]
    expected = found.set_index("group").loc["Daily Klaxon", "rate"]
    assert mine["numerator"].sum() / mine["denominator"].sum() == pytest.approx(expected)


@pytest.mark.parametrize(
    ("arguments", "error", "named"),
    [
        ({"measure": "bias"}, ParameterError, "loaded_rate_author"),
        ({"by": "publisher"}, InputError, "outlet"),
        ({"level": 95}, ParameterError, "0.95"),
        ({"resamples": 3}, ParameterError, "100"),
    ],
)
def test_errors_name_what_is_valid(arguments, error, named):
    with pytest.raises(error, match=named):
        compare(TABLES, **arguments)


def test_a_mapping_without_articles_is_refused_by_name():
    with pytest.raises(InputError, match="articles"):
        compare({"sentences": TABLES["sentences"]})
    with pytest.raises(InputError, match="stances"):
        compare(TABLES["articles"], measure="stance")


# Rogan & Gladen (1978): true = (apparent + specificity - 1) / (sensitivity + specificity - 1).
@pytest.mark.parametrize(
    ("apparent", "sensitivity", "specificity", "true"),
    [
        (0.30, 1.0, 1.0, 0.30),  # a perfect instrument is not corrected
        (0.26, 0.8, 0.9, 0.16 / 0.7),
        (0.05, 0.8, 0.9, 0.0),  # fewer than errors alone would give: clipped, not negative
        (0.95, 0.8, 0.9, 1.0),
    ],
)
def test_a_rate_is_corrected_for_measured_errors(apparent, sensitivity, specificity, true):
    assert corrected_rate(apparent, sensitivity, specificity) == pytest.approx(true)


@given(st.floats(0, 1), st.floats(0.55, 1), st.floats(0.55, 1))
@settings(max_examples=200)
def test_correction_undoes_what_errors_did(true, sensitivity, specificity):
    apparent = true * sensitivity + (1 - true) * (1 - specificity)
    assert corrected_rate(apparent, sensitivity, specificity) == pytest.approx(true, abs=1e-6)


@pytest.mark.parametrize(("sensitivity", "specificity"), [(0.5, 0.5), (0.2, 0.7), (1.2, 0.9), (float("nan"), 0.9)])
def test_an_instrument_that_knows_nothing_corrects_nothing(sensitivity, specificity):
    with pytest.raises(ParameterError, match="sensitivity"):
        corrected_rate(0.3, sensitivity, specificity)
