"""Outlets on the same stories: a difference of subject is no difference of manner."""

import numpy as np
import pandas as pd
import pytest
from made_up import OUTLETS, made_up_tables
from scipy import stats

from framing.comparison import compare, judge
from framing.comparison.stories import compare_within


def corpus(outlets, stories, seed=0):
    """One article per outlet and story; ``outlets`` and ``stories`` give what each adds to the loaded rate."""
    rng = np.random.default_rng(seed)
    rows = []
    for outlet, own in outlets.items():
        for story, heat in stories.items():
            loaded = int(rng.binomial(20, np.clip(own + heat, 0, 1)))
            rows.append({"article_id": f"{outlet}-{story}", "outlet": outlet, "event": story, "author_parts": 20,
                         "loaded_author_parts": loaded})  # fmt: skip
    return pd.DataFrame(rows)


STORIES = {f"calm{i}": 0.05 for i in range(12)} | {f"hot{i}": 0.55 for i in range(12)}


def test_an_outlet_that_covers_hotter_stories_is_not_called_more_loaded():
    articles = corpus({"Wire": 0.0, "Klaxon": 0.0, "Lantern": 0.0}, STORIES)
    # Klaxon leaves out most calm stories, the others most hot ones: together they look different, story by story not.
    hot = articles["event"].str.startswith("hot")
    late = articles["event"].str[-1].isin(list("3456789")) & articles["event"].str.len().isin([4, 5])
    kept = articles[~(late & ((articles["outlet"] == "Klaxon") ^ hot))]
    assert compare(kept).set_index("group").loc["Klaxon", "verdict"] == "higher"
    assert compare_within(kept).set_index("group").loc["Klaxon", "verdict"] == "no clear difference"


def test_a_difference_of_manner_shows_better_within_stories_than_across_them():
    articles = corpus({"Wire": 0.0, "Klaxon": 0.17, "Lantern": 0.0}, STORIES)
    within = compare_within(articles).set_index("group").loc["Klaxon"]
    # Seen across stories, each outlet has others: the heat of a story then counts for an outlet.
    mine = articles["article_id"].map(lambda name: sum(map(ord, name)) % 2 == 0)
    across = compare(articles[mine]).set_index("group").loc["Klaxon"]
    assert within["verdict"] == "higher"
    assert within["high"] - within["low"] < across["high"] - across["low"]
    assert within["above"] > 0.8 and within["n"] == 24


def test_the_estimate_is_the_mean_difference_over_stories_as_in_plain_pandas():
    articles = corpus({"Wire": 0.1, "Klaxon": 0.3, "Lantern": 0.2}, STORIES)
    wide = articles.assign(rate=articles["loaded_author_parts"] / 20).pivot(
        index="event", columns="outlet", values="rate"
    )
    expected = (wide["Klaxon"] - wide[["Wire", "Lantern"]].mean(axis=1)).mean()
    found = compare_within(articles).set_index("group").loc["Klaxon"]
    assert found["estimate"] == pytest.approx(expected)
    assert found["estimate"] == pytest.approx(found["group_value"] - found["rest_value"])


def test_stories_that_only_one_side_covers_are_left_out():
    articles = corpus({"Wire": 0.1, "Klaxon": 0.3}, STORIES)
    alone = articles[~((articles["outlet"] == "Wire") & articles["event"].str.startswith("hot"))]
    assert set(compare_within(alone)["n"]) == {12}


def test_few_stories_missing_outlets_and_articles_without_a_story_claim_nothing():
    few = compare_within(
        corpus({"Wire": 0.0, "Klaxon": 0.9}, {f"s{i}": 0.05 for i in range(4)}), groups=["Klaxon", "Ghost"]
    )
    assert list(few["verdict"]) == ["not enough stories", "not in the corpus"]
    assert few["p"].isna().all()
    without = corpus({"Wire": 0.0, "Klaxon": 0.9}, STORIES).assign(event=None)
    assert set(compare_within(without)["n"]) == {0}


def test_without_a_column_of_stories_nothing_can_be_paired():
    found = compare_within(made_up_tables()["articles"].drop(columns="event"))
    assert set(found["n"]) == {0} and set(found["verdict"]) == {"not enough stories"}


def test_tests_of_several_comparisons_are_corrected_together():
    tables = made_up_tables()
    across, within = compare(tables), compare_within(tables)
    judged = judge([across, within])
    p = np.concatenate([across["p"], within["p"]])
    assert np.concatenate([table["q"] for table in judged]) == pytest.approx(stats.false_discovery_control(p))
    assert [len(table) for table in judged] == [len(OUTLETS)] * 2


def test_the_order_of_the_rows_changes_nothing():
    articles = corpus({"Wire": 0.1, "Klaxon": 0.3, "Lantern": 0.2}, STORIES)
    pd.testing.assert_frame_equal(compare_within(articles), compare_within(articles.sample(frac=1, random_state=3)))
