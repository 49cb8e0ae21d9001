"""The statistics of comparisons against scipy, by simulation, and what must count once."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up import made_up_tables
from scipy import stats

from framing.comparison import compare, compare_pairs, judge, per_article, rates
from framing.comparison.groups import Groups
from framing.comparison.inference import (
    Side,
    cliffs_delta,
    drawn_again,
    effective,
    enough,
    expanded_interval,
    paired_power,
    power,
    welch,
)
from framing.comparison.stories import compare_within


def table(rows):
    """An articles table of (outlet, story, loaded parts, parts) rows."""
    return pd.DataFrame(
        [
            {"article_id": f"a{i:04d}", "outlet": outlet, "event": story, "loaded_author_parts": x, "author_parts": y}
            for i, (outlet, story, x, y) in enumerate(rows)
        ]
    )


def world(rng, cover, stories, *, base=-1.5, between=0.7, within=0.6, twice=0.0, ahead=0.0):
    """Outlets that cover shares of the same stories; a story moves the log-odds of a loaded sentence for all of them.

    The first outlet stands ``ahead`` in log-odds; ``twice`` is the chance of a second article on a story.
    """
    heat = rng.normal(0, between, stories)
    rows = []
    for outlet, share in enumerate(cover):
        for story in np.flatnonzero(rng.random(stories) < share):
            for _ in range(1 + int(rng.random() < twice)):
                odds = base + heat[story] + rng.normal(0, within) + ahead * (outlet == 0)
                parts = int(rng.integers(8, 40))
                rows.append((f"o{outlet}", f"e{story}", int(rng.binomial(parts, 1 / (1 + np.exp(-odds)))), parts))
    return table(rows)


def sides(one, other, paired=False):
    """Two samples as the sides of a comparison, every article a story of its own or, paired, two to a story."""
    values = np.concatenate([one, other])
    first = np.arange(len(values)) < len(one)
    stories = np.arange(len(values)) % len(one) if paired else np.arange(len(values))
    ones = np.ones(len(values))
    return Side(first * 1.0, values, ones), Side(~first * 1.0, values, ones), stories


SAMPLE = np.random.default_rng(11)


def test_with_stories_of_one_article_the_test_is_welchs():
    one, other = SAMPLE.normal(0.3, 0.2, 40), SAMPLE.normal(0.2, 0.1, 30)
    found, theirs = welch(*sides(one, other)), stats.ttest_ind(one, other, equal_var=False)
    assert found.estimate == pytest.approx(one.mean() - other.mean())
    assert found.freedom == pytest.approx(theirs.df)
    # The side that spreads less than all articles together is moderated, so p can only be larger.
    assert theirs.pvalue <= found.p == pytest.approx(theirs.pvalue, rel=0.5)


def test_with_stories_that_both_sides_cover_the_test_is_the_paired_one():
    base = SAMPLE.normal(0.3, 0.2, 25)
    one, other = base + SAMPLE.normal(0.02, 0.05, 25), base + SAMPLE.normal(0, 0.05, 25)
    found, theirs = welch(*sides(one, other, paired=True)), stats.ttest_rel(one, other)
    assert found.freedom == pytest.approx(theirs.df)
    assert found.p == pytest.approx(theirs.pvalue, rel=0.2)
    unpaired = stats.ttest_ind(one, other)
    assert found.p < unpaired.pvalue / 5


def test_a_few_articles_that_happen_to_be_alike_prove_little():
    alike, others = np.array([0.0, 0.0, 0.0, 0.0, 0.0, 0.01]), SAMPLE.beta(1, 9, 60)
    assert stats.ttest_ind(alike, others, equal_var=False).pvalue < 1e-6
    assert welch(*sides(alike, others)).p > 1e-3


@pytest.mark.parametrize("paired", [False, True])
def test_power_is_what_simulation_finds(paired):
    rng = np.random.default_rng(2)
    n, m, trials = 6, 12, 4000
    noise = rng.normal(size=(trials, n))
    if paired:
        p = stats.ttest_1samp(noise + 1.2, 0, axis=1).pvalue
        assert paired_power(n) == pytest.approx((p < 0.05).mean(), abs=0.03)
    else:
        p = stats.ttest_ind(noise + 1.2, rng.normal(size=(trials, m)), axis=1, equal_var=False).pvalue
        assert power(n, m) == pytest.approx((p < 0.05).mean(), abs=0.03)


# (independent articles of the outlet, of the rest) -> whether a very large difference is found every other time.
@pytest.mark.parametrize(
    ("mine", "rest", "said"),
    [(4, 1000, False), (5, 11, False), (5, 12, True), (6, 6, False), (6, 7, True), (7, 6, True), (1, 500, False)],
)
def test_the_rule_for_enough_articles(mine, rest, said):
    assert enough(mine, rest) is said
    assert enough(rest, mine) is said


def test_articles_on_one_story_are_worth_less_than_as_many_on_different_ones():
    six = np.ones(6)
    assert effective(six, np.arange(6)) == 6
    assert effective(six, np.zeros(6, dtype=int)) == pytest.approx(6 / 2)
    assert effective(np.full(4, 0.5), np.array([0, 0, 1, 1])) == 2  # two texts, each run twice


def test_the_bootstrap_of_single_stories_is_that_of_scipy():
    rng = np.random.default_rng(3)
    x, y = rng.binomial(20, 0.2, 30).astype(float), rng.integers(15, 25, 30).astype(float)
    stories = np.arange(30)
    weights = np.concatenate(list(drawn_again(stories, stories, seed=3, resamples=20_000)))
    ours = (weights @ x) / (weights @ y)
    theirs = stats.bootstrap(
        (x, y), lambda a, b, axis: a.sum(axis=axis) / b.sum(axis=axis), paired=True, vectorized=True,
        n_resamples=20_000, method="percentile", rng=np.random.default_rng(1),
    )  # fmt: skip
    assert ours.std() == pytest.approx(theirs.standard_error, rel=0.03)
    assert np.quantile(ours, [0.025, 0.975]) == pytest.approx(list(theirs.confidence_interval), abs=0.004)


def test_stories_are_drawn_whole_and_articles_again_within_them():
    stories, cells = np.array([0, 0, 1, 1, 1, 2]), np.array([0, 1, 2, 2, 3, 4])
    weights = np.concatenate(list(drawn_again(stories, cells, seed=1, resamples=4000)))
    assert (weights[:, 0] == weights[:, 1]).all()  # two outlets on one story: drawn together or not at all
    assert (weights[:, 2] + weights[:, 3] == 2 * weights[:, 4]).all()  # as many articles as the outlet has on it
    assert (weights[:, 2] != weights[:, 3]).any()
    assert weights.mean(axis=0) == pytest.approx(np.ones(6), abs=0.05)


def test_the_interval_is_wider_than_plain_percentiles_and_meets_them_in_large_corpora():
    draws = np.random.default_rng(0).normal(size=20_000)
    small, large = expanded_interval(draws, 0.0, 0.95, 5, 6), expanded_interval(draws, 0.0, 0.95, 4999, 5000)
    assert large == pytest.approx((-1.96, 1.96), abs=0.06)
    # Student's t of 5 degrees of freedom instead of the normal, and 6/5 instead of 1 for the variance.
    assert small[1] == pytest.approx(2.571 * np.sqrt(6 / 5), abs=0.15)


# What an outlet covers of 60 stories, the others' shares, and what makes it hard.
NULLS = {
    "the same stories": {"cover": [0.7] * 3, "stories": 40},
    "some stories shared, some told twice": {"cover": [0.5] * 4, "stories": 60, "twice": 0.5},
    "a small outlet": {"cover": [0.12, *[0.4] * 4], "stories": 80},
    "a small outlet, few loaded sentences": {"cover": [0.12, *[0.4] * 4], "stories": 80, "base": -2.5},
    "articles that have nothing in common": {"cover": [0.4] * 4, "stories": 60, "between": 0.0},
}


@pytest.mark.parametrize("kind", NULLS)
def test_intervals_cover_and_tests_keep_their_level_where_outlets_do_not_differ(kind):
    rng = np.random.default_rng(5)
    covered, p = [], []
    for trial in range(120):
        found = compare(world(rng, **NULLS[kind]), groups=["o0"], resamples=300, seed=trial).iloc[0]
        if np.isfinite(found["p"]):
            covered.append(found["low"] <= 0 <= found["high"])
            p.append(found["p"])
    # 120 trials place 95% within 4 points either way (two standard errors).
    assert np.mean(covered) >= 0.91
    assert np.mean(np.array(p) < 0.05) <= 0.09


def test_intervals_over_all_worlds_together_cover_93_to_97_percent():
    rng = np.random.default_rng(6)
    covered = []
    for trial in range(300):
        articles = world(rng, [0.6] * 3, 40, twice=0.2)
        found = compare(articles, groups=["o0"], resamples=300, seed=trial).iloc[0]
        covered.append(found["low"] <= 0 <= found["high"])
    assert 0.93 <= np.mean(covered) <= 0.97


def test_intervals_that_count_sentences_would_cover_far_too_seldom():
    rng = np.random.default_rng(7)
    covered = []
    for _ in range(200):
        articles = world(rng, [0.6] * 3, 40)
        mine = articles["outlet"] == "o0"
        x, y = articles["loaded_author_parts"], articles["author_parts"]
        a, b = x[mine].sum() / y[mine].sum(), x[~mine].sum() / y[~mine].sum()
        reach = 1.96 * np.sqrt(a * (1 - a) / y[mine].sum() + b * (1 - b) / y[~mine].sum())
        covered.append(abs(a - b) <= reach)
    assert np.mean(covered) < 0.75


def test_the_false_discovery_rate_holds():
    rng = np.random.default_rng(8)
    false, found = [], []
    for trial in range(40):
        # One outlet of eight differs; all are tested against the rest, and all pairs.
        articles = world(rng, [0.5] * 8, 40, ahead=1.2)
        across, pairs = judge(
            [compare(articles, resamples=200, seed=trial), compare_pairs(articles, resamples=200, seed=trial)]
        )
        called = pd.concat([across, pairs])
        called = called[called["verdict"].isin(["higher", "lower"])]
        # The rest of the others holds o0: only pairs without it are surely alike.
        wrong = (called["group"] != "o0") & (called["against"] != "o0") & (called["against"] != "the rest")
        false.append(wrong.mean() if len(called) else 0.0)
        found.append(((across["group"] == "o0") & (across["verdict"] == "higher")).any())
    assert np.mean(false) <= 0.05
    assert np.mean(found) >= 0.75


def test_within_stories_the_test_is_scipys_paired_t_test():
    rng = np.random.default_rng(9)
    rows = [(o, f"e{s}", int(rng.binomial(20, 0.2 + 0.1 * (o == "b"))), 20) for s in range(12) for o in "ab"]
    articles = table(rows)
    wide = articles.assign(rate=articles["loaded_author_parts"] / 20).pivot(
        index="event", columns="outlet", values="rate"
    )
    theirs = stats.ttest_rel(wide["b"], wide["a"])
    found = compare_within(articles).set_index("group").loc["b"]
    assert (found["p"], found["estimate"]) == pytest.approx((theirs.pvalue, (wide["b"] - wide["a"]).mean()))
    assert (found["low"], found["high"]) == pytest.approx(tuple(theirs.confidence_interval()))


@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=12),
    st.lists(st.integers(0, 5), min_size=1, max_size=12),
)
@settings(max_examples=100)
def test_cliffs_delta_is_that_of_mann_whitney(one, other):
    a, b = np.array(one, float), np.array(other, float)
    u = stats.mannwhitneyu(a, b).statistic
    assert cliffs_delta(a, b) == pytest.approx(2 * u / (len(a) * len(b)) - 1)
    assert cliffs_delta(np.repeat(a, 2), b, np.full(2 * len(a), 0.5), np.ones(len(b))) == pytest.approx(
        cliffs_delta(a, b)
    )


def wire_world(copies: int):
    """Six stories; on each, outlets b, c, ... run one wire text, and a writes its own."""
    rng = np.random.default_rng(4)
    rows, texts = [], []
    for story in range(6):
        wire = int(rng.binomial(20, 0.5))
        for outlet in range(1 + copies):
            texts.append("" if outlet < 2 else f"a{story * (1 + copies) + 1:04d}")
            rows.append(("abcdefgh"[outlet], f"e{story}", int(rng.binomial(20, 0.1)) if outlet == 0 else wire, 20))
    return table(rows).assign(copy_of=texts)


def test_wire_copy_counts_once_among_the_rest_and_is_credited_to_every_outlet():
    one, five = (compare(wire_world(copies)).set_index("group") for copies in (1, 5))
    assert (one.loc["a", "n_rest"], five.loc["a", "n_rest"]) == (6, 6)
    # Six stories and the same wire texts: running them more often adds nothing to what is known.
    for column in ("group_value", "rest_value", "stories_rest", "verdict"):
        assert five.loc["a", column] == one.loc["a", column] or column.endswith("value")
    assert list(five["n"]) == [6] * 6  # credited to each


def test_copies_within_one_outlet_count_once():
    articles = table([("a", f"e{i}", i % 3, 10) for i in range(8)] + [("b", f"f{i}", 2, 10) for i in range(8)])
    twice = pd.concat([articles, articles.head(8).assign(article_id=[f"z{i}" for i in range(8)])])
    copied = twice.assign(copy_of=["" if i < 16 else f"a{i - 16:04d}" for i in range(24)])
    plain, found = compare(articles).set_index("group"), compare(copied).set_index("group")
    for column in ("n", "group_value", "cliffs_delta", "p"):
        assert found.loc["a", column] == pytest.approx(plain.loc["a", column])


def test_where_all_articles_tell_one_story_articles_are_drawn():
    rng = np.random.default_rng(1)
    articles = table([("ab"[i % 2], "e0", int(rng.binomial(20, 0.2 + 0.3 * (i % 2))), 20) for i in range(30)])
    found = compare(articles).set_index("group")
    assert found.loc["b", "verdict"] == "higher"
    assert found.loc["b", "stories"] == 15
    apart = compare(articles.assign(event=None)).set_index("group")
    assert found.loc["b", "p"] == pytest.approx(apart.loc["b", "p"])


def test_many_articles_on_few_stories_are_not_many():
    rng = np.random.default_rng(1)
    rows = [(o, f"{o}{i % 2}", int(rng.binomial(20, 0.2 + 0.3 * (o == "b"))), 20) for i in range(40) for o in "ab"]
    found = compare(table(rows)).set_index("group").loc["b"]
    alone = compare(table(rows).assign(event=None)).set_index("group").loc["b"]
    assert found["high"] - found["low"] > alone["high"] - alone["low"]
    assert found["p"] > alone["p"]


def test_names_of_outlets_and_the_order_of_rows_move_no_number():
    tables = made_up_tables()
    articles = tables["articles"]
    renamed = articles.assign(outlet=articles["outlet"].map({name: name[::-1] for name in articles["outlet"].unique()}))
    for function in (compare, rates, compare_within):
        plain = function(articles).set_index("group")
        other = function(renamed.sample(frac=1, random_state=2)).set_index("group")
        for name in plain.index.unique():
            left = plain.loc[[name]].drop(columns=["against"], errors="ignore").reset_index(drop=True)
            right = other.loc[[name[::-1]]].drop(columns=["against"], errors="ignore").reset_index(drop=True)
            pd.testing.assert_frame_equal(left, right)


def test_pairs_are_what_comparing_two_outlets_alone_finds():
    articles = made_up_tables()["articles"]
    pairs = compare_pairs(articles)
    assert list(zip(pairs["group"], pairs["against"], strict=True)) == [
        ("Daily Klaxon", "Northgate Wire"),
        ("Daily Klaxon", "The Common Lantern"),
        ("Northgate Wire", "The Common Lantern"),
    ]
    two = articles[articles["outlet"].isin(["Daily Klaxon", "Northgate Wire"])]
    alone = compare(two).set_index("group").loc["Daily Klaxon"]
    for column in ("estimate", "cliffs_delta", "n", "stories"):
        assert pairs.iloc[0][column] == pytest.approx(alone[column])
    assert pairs.iloc[0]["p"] == pytest.approx(alone["p"], rel=0.2)


def test_what_would_have_been_found_is_said_beside_every_test():
    found = compare(made_up_tables()).dropna(subset="p")
    assert (found["detectable"] > 0).all()
    clear = found["p"] < 1e-4
    assert (found["estimate"].abs() > found["detectable"])[clear].all()


def test_groups_do_not_depend_on_how_stories_are_called():
    counts = per_article(made_up_tables())
    other = counts.assign(event=counts["event"].map(lambda name: name[::-1] + "x"))
    assert (Groups(counts).stories == Groups(other).stories).all()
