"""Over time: rates by period against plain pandas, changes that are found, and what must never be marked."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.comparison.inference import adjusted
from framing.comparison.trends import EVERY, MOST_PERIODS, changes, over_time, period_of, periods
from framing.errors import InputError, ParameterError
from framing.report import trend
from framing.report.render import Results
from framing.report.scored import Scored

OWN = ["loaded_rate_author"]
CLEAR = ["higher", "lower"]
NASTY = "<script>alert('Klaxon')</script> $x$"


def made_up(rates, *, per_period=12, seed=1):
    """Articles of each outlet in the months of 2025, whose own voice is loaded at the rate given for that month."""
    rng = np.random.default_rng(seed)
    rows = []
    for outlet, months in rates.items():
        for month, rate in enumerate(months, start=1):
            for number in range(per_period if rate is not None else 0):
                parts, quoted = int(rng.integers(6, 20)), int(rng.integers(2, 8))
                loaded = rng.binomial(parts, rng.beta(rate * 12, (1 - rate) * 12))
                rows.append(
                    {
                        "article_id": f"{len(rows):05d}",
                        "outlet": outlet,
                        "date": f"2025-{month:02d}-{rng.integers(1, 28):02d}",
                        "event": f"{month}-{number % 8}",
                        "author_parts": parts,
                        "loaded_author_parts": loaded,
                        "source_parts": quoted,
                        "loaded_source_parts": rng.binomial(quoted, 0.3),
                        "words": 20 * (parts + quoted),
                        "attributed_words": 20 * quoted,
                    }
                )
    return pd.DataFrame(rows)


FLAT, STEP = [0.15] * 10, [0.15] * 5 + [0.40] * 5
TABLE = made_up({"Northgate Wire": FLAT, "Daily Klaxon": STEP, "The Common Lantern": FLAT})


def marked(table, **options):
    found = changes(table, OWN, resamples=200, **options)
    return found[found["verdict"].isin(CLEAR)]


# Periods


@pytest.mark.parametrize(
    ("given_date", "every", "period", "why"),
    [
        ("2026-03-02", "day", "2026-03-02", "a day is its own period"),
        ("2026-03-02", "week", "2026-W10", "a Monday begins a week"),
        ("2026-03-01", "week", "2026-W09", "a Sunday ends one"),
        ("2027-01-01", "week", "2026-W53", "a week belongs to the year that has its Thursday"),
        ("2024-12-30", "week", "2025-W01", "so it may begin in the year before"),
        ("2026-03-31", "month", "2026-03", "the last day of a month"),
        ("2026-03-31", "quarter", "2026-Q1", "the last day of a quarter"),
        ("2026-04-01", "quarter", "2026-Q2", "the first day of one"),
        ("2026-03-02T23:59:00Z", "month", "2026-03", "a time of day is left out"),
        ("2026-03", "month", "2026-03", "a month is enough for months"),
        ("2026-03", "quarter", "2026-Q1", "and for quarters"),
        ("2026-03", "week", None, "but not for weeks"),
        ("2026", "month", None, "a year says too little"),
        ("2026-02-30", "month", None, "no such day"),
        ("2026-13-01", "month", None, "no such month"),
        ("02/03/2026", "month", None, "March in one country, February in another"),
        ("20260302", "day", None, "not the form that is asked for"),
        ("last Monday", "day", None, "no date"),
        ("", "month", None, "none given"),
        (None, "month", None, "none given"),
        (float("nan"), "month", None, "none given"),
        (pd.Timestamp("2026-03-02"), "month", "2026-03", "pandas' own dates are dates"),
    ],
)
def test_a_date_falls_into_a_period_or_into_none(given_date, every, period, why):
    assert period_of(pd.Series([given_date], dtype=object), every).tolist() == [period], why


@given(st.lists(st.dates(date(1990, 1, 1), date(2030, 1, 1)), min_size=1), st.sampled_from(EVERY))
@settings(max_examples=50, deadline=None)
def test_names_of_periods_sort_as_their_days_do(days, every):
    names = period_of(pd.Series([day.isoformat() for day in sorted(days)]), every).tolist()
    assert names == sorted(names)


def test_a_length_of_periods_that_does_not_exist_is_an_error_that_lists_those_that_do():
    with pytest.raises(ParameterError, match="unknown length of periods 'year'; valid: day, week, month, quarter"):
        period_of(pd.Series(["2026-03-02"]), "year")


def test_a_false_date_is_an_error_that_names_the_article_and_the_remedy():
    table = pd.concat([TABLE, TABLE.head(1).assign(article_id="typo", date="1205-01-01")])
    with pytest.raises(InputError, match=rf"1205-01 \(article 'typo'\).*valid: up to {MOST_PERIODS}.*quarter"):
        over_time(table, OWN)


# Rates by period


def test_rates_of_a_period_are_those_of_plain_pandas():
    found = over_time(TABLE, ["loaded_rate_author", "attributed_share"], resamples=100)
    sums = TABLE.assign(period=TABLE["date"].str[:7]).groupby(["outlet", "period"]).sum(numeric_only=True)
    for measure, above, below in (
        ("loaded_rate_author", "loaded_author_parts", "author_parts"),
        ("attributed_share", "attributed_words", "words"),
    ):
        mine = found[found["measure"] == measure].set_index(["group", "period"])["rate"]
        expected = (sums[above] / sums[below]).rename_axis(["group", "period"])
        pd.testing.assert_series_equal(mine.sort_index(), expected.sort_index(), check_names=False)
    assert (found["low"] <= found["rate"]).all() and (found["rate"] <= found["high"]).all()


def test_a_period_without_articles_is_a_gap_and_never_a_zero():
    table = made_up({"Northgate Wire": [0.1, None, None, 0.1], "Daily Klaxon": [0.1, 0.1, None, None]})
    found = over_time(table, OWN, resamples=100, groups=["Northgate Wire", "Daily Klaxon", "The Ghost Gazette"])
    assert found["period"].tolist() == ["2025-01", "2025-02", "2025-03", "2025-04"] * 3
    gaps = found[found["n"] == 0]
    assert gaps[["rate", "low", "high"]].isna().all(axis=None)
    assert gaps.groupby("group")["note"].unique().str[0].to_dict() == {
        "Northgate Wire": "no articles",
        "Daily Klaxon": "no articles",
        "The Ghost Gazette": "not in the corpus",
    }


def test_few_articles_of_a_period_have_a_rate_without_an_interval():
    found = over_time(made_up({"Northgate Wire": [0.2, 0.2]}, per_period=4), OWN, resamples=100)
    assert found["rate"].notna().all() and found["low"].isna().all()
    assert set(found["note"]) == {"not enough articles"}


# Changes


def test_a_step_is_marked_once_where_it_is_and_flat_series_are_not():
    found = marked(TABLE)
    assert found[["group", "period", "verdict"]].values.tolist() == [["Daily Klaxon", "2025-06", "higher"]]
    row = found.iloc[0]
    assert (row["since"], row["until"], row["against"]) == ("2025-01", "2025-10", "before")
    assert row["estimate"] == pytest.approx(row["group_value"] - row["rest_value"]) and row["low"] > 0.15


def test_a_fall_is_marked_as_one_and_a_rise_that_ends_is_two_changes():
    table = made_up({"Daily Klaxon": [0.5] * 5 + [0.05] * 5, "Northgate Wire": [0.05] * 4 + [0.5] * 4 + [0.05] * 4})
    found = marked(table).sort_values(["group", "period"])
    assert found[["group", "period", "verdict"]].values.tolist() == [
        ["Daily Klaxon", "2025-06", "lower"],
        ["Northgate Wire", "2025-05", "higher"],
        ["Northgate Wire", "2025-09", "lower"],
    ]


def test_every_border_stands_in_the_table_once_and_q_is_benjamini_hochberg_over_all_of_them():
    found = changes(TABLE, ["loaded_rate_author", "loaded_rate_source"], resamples=200)
    assert len(found) == 3 * 2 * 9 and not found.duplicated(["group", "measure", "period"]).any()
    np.testing.assert_allclose(found["q"], adjusted(found["p"].to_numpy()))
    clear = found[found["verdict"].isin(CLEAR)]
    assert len(clear) and (clear["q"] < 0.05).all() and ((clear["low"] > 0) | (clear["high"] < 0)).all()


def test_no_report_of_flat_series_has_a_mark():
    """Eight reports of twelve outlets: 5% of such reports may have a mark by chance, and none of these has."""
    outlets = dict.fromkeys((f"Outlet {k:02d}" for k in range(12)), [0.15] * 8)
    found = [marked(made_up(outlets, per_period=6, seed=seed)) for seed in range(8)]
    assert sum(map(len, found)) == 0


def test_steps_of_ten_points_are_found_near_their_place_in_most_runs():
    runs = [marked(made_up({"Daily Klaxon": [0.10] * 4 + [0.20] * 4}, per_period=20, seed=seed)) for seed in range(8)]
    near = [run["period"].isin(["2025-04", "2025-05", "2025-06"]).any() for run in runs]
    assert sum(near) >= 6
    assert max(map(len, runs)) <= 2


def test_a_slow_drift_is_cut_into_few_steps():
    rates = np.linspace(0.10, 0.25, 12).tolist()
    runs = [marked(made_up({"Daily Klaxon": rates}, seed=seed)) for seed in range(5)]
    assert max(map(len, runs)) <= 2


def test_one_outlet_that_moves_does_not_help_another_over_the_bar():
    """A step makes all borders around it look like changes; counted as finds, they would let chance pass elsewhere."""
    outlets = {f"Outlet {k:02d}": [0.1] * 4 + [0.5] * 4 if k < 4 else [0.15] * 8 for k in range(12)}
    for seed in range(4):
        found = marked(made_up(outlets, seed=seed))
        assert set(found["group"]) == {f"Outlet {k:02d}" for k in range(4)}


def test_nothing_depends_on_the_order_of_rows_or_on_names():
    names = {"Northgate Wire": "Zephyr", "Daily Klaxon": "Aldane Post", "The Common Lantern": "Meridian"}
    renamed = TABLE.assign(outlet=TABLE["outlet"].map(names)).sample(frac=1, random_state=3)
    for function in (changes, over_time):
        first, second = (function(table, OWN, resamples=100) for table in (TABLE, renamed))
        first = first.assign(group=first["group"].map(names)).sort_values(["group", "period"], ignore_index=True)
        pd.testing.assert_frame_equal(first, second.sort_values(["group", "period"], ignore_index=True))


def test_copies_of_a_text_count_once():
    once = changes(TABLE.assign(copy_of=""), OWN, resamples=100)
    copies = TABLE.assign(copy_of=TABLE["article_id"], article_id=TABLE["article_id"] + "-copy")
    twice = changes(pd.concat([TABLE.assign(copy_of=""), copies]), OWN, resamples=100)
    for column in ("estimate", "p", "n", "n_rest"):
        np.testing.assert_allclose(once[column], twice[column])


def test_a_measure_that_is_named_twice_is_counted_once():
    for function in (changes, over_time):
        once = function(TABLE, "loaded_rate_author", resamples=100)
        pd.testing.assert_frame_equal(function(TABLE, OWN * 2, resamples=100), once)


def test_a_gap_has_one_border_and_not_one_for_every_empty_period():
    table = made_up({"Daily Klaxon": [0.1] * 3 + [None] * 4 + [0.1] * 3})
    assert changes(table, OWN, resamples=100)["period"].tolist() == ["2025-02", "2025-03", "2025-08", "2025-09",
                                                                     "2025-10"]  # fmt: skip


# What cannot be said

UNDATED = TABLE.assign(date=None)
WRONG = TABLE.assign(date="02/03/2025")
ONE_PERIOD = TABLE.assign(date="2025-03-02")
ONE_OUTLET = TABLE[TABLE["outlet"] == "The Common Lantern"]
ONE_ARTICLE = pd.concat([ONE_OUTLET, TABLE[TABLE["outlet"] == "Daily Klaxon"].head(1)])
FEW = TABLE.groupby("outlet").head(4)
MANY = made_up({f"{NASTY} {k:03d}": [0.2] * 3 for k in range(200)}, per_period=1)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (UNDATED, "No article has a usable date, so nothing can be said about change over time."),
        (WRONG, "No article has a usable date, so nothing can be said about change over time."),
        (ONE_PERIOD, "All dated articles are of one period, 2025-03: nothing can be said about change over time."),
        (FEW, "All dated articles are of one period, 2025-01: nothing can be said about change over time."),
        (ONE_OUTLET, "No clear change over time was found: 9 borders between periods were tested, of 1 outlet."),
        (ONE_ARTICLE, "Not enough articles before and after any border to say anything of: Daily Klaxon."),
        (MANY, "No outlet has enough articles on both sides of a border between periods: whether anything changed "
               "cannot be said."),
        (TABLE, "Daily Klaxon: loaded language in its own voice is higher from 2025-06 to 2025-10 than from 2025-01 to "
                "2025-05: "),
    ],
    ids=["no dates", "wrong dates", "one period", "few", "one outlet", "one article", "200 outlets", "a change"],
)  # fmt: skip
def test_the_headline_says_plainly_what_was_found_and_what_cannot_be_said(table, said):
    tested = changes(table, OWN, resamples=100)
    lines = trend.findings(tested, periods(table))
    assert any(line.startswith(said) for line in lines)
    assert not any("nan" in line or "None" in line for line in lines)
    if said.startswith(("No article", "All dated")):
        assert len(lines) == 1 and tested["verdict"].eq("not enough articles").all()


@pytest.mark.parametrize(
    "table",
    [UNDATED, WRONG, ONE_PERIOD, ONE_OUTLET, ONE_ARTICLE, MANY, TABLE],
    ids=["no dates", "wrong dates", "one period", "one outlet", "one article", "200 outlets", "a change"],
)
def test_sections_are_made_of_any_input_and_escape_it(table):
    everyone = sorted(table["outlet"].unique())
    made = trend.sections(
        Results(), over_time(table, OWN, resamples=100), changes(table, OWN, resamples=100),
        drawn=everyone[:12], outlets=everyone,
    )  # fmt: skip
    assert made.html.count("<h3>") == 1 and "Loaded language in its own voice" in made.html
    assert "<script" not in made.html and "nan" not in made.text.split("\n")[1]


def test_articles_without_a_usable_date_are_counted_and_named():
    table = TABLE.copy()
    table.loc[[0, 1], "date"] = ["next Tuesday", None]
    lines = trend.undated({"articles": table}, "month")
    assert lines[0].startswith("2 of 360 articles have no usable date (YYYY-MM-DD)") and "Northgate Wire 2" in lines[0]
    assert lines[1:] == ["Dates that cannot be used: 00000: “next Tuesday”.", "Without any date: 00001."]
    counts = trend.dated({"articles": table}, "month").set_index("outlet")
    assert counts.loc["Northgate Wire", ["articles", "without a date", "2025-01"]].tolist() == [120, 2, 10]
    assert trend.undated({"articles": TABLE}, "month") == []


def test_outlets_with_the_most_dated_articles_are_drawn():
    table = MANY.assign(date=MANY["date"].where(MANY["outlet"] != f"{NASTY} 007", ""))
    everyone = tuple(sorted(MANY["outlet"].unique()))
    few, many = table[table["outlet"] < f"{NASTY} 009"], pd.concat([table, TABLE])
    assert trend.drawn(Scored({"articles": few}, everyone[:9]), "month") == [*everyone[:7], everyone[8]]
    names = (*everyone, *sorted(TABLE["outlet"].unique()))
    assert trend.drawn(Scored({"articles": many}, names), "month") == list(names[-3:])
    assert trend.drawn(Scored({"articles": UNDATED}, names[-3:]), "month") == []


def test_an_outlet_that_changed_is_drawn_before_others():
    tested, table = changes(TABLE, OWN, resamples=100), over_time(TABLE, OWN, resamples=100)
    made = trend.sections(Results(), table, tested, drawn=["Northgate Wire"], outlets=sorted(set(TABLE["outlet"])))
    assert "1 of 3 outlets are drawn" in made.html and "Daily Klaxon: 2025-01" in made.html
    assert "higher in 2025-06" in made.html and "Northgate Wire: 2025-01" not in made.html


def test_many_periods_are_told_in_one_row_per_outlet():
    shown = trend.dated_shown(trend.dated({"articles": TABLE}, "week"))
    assert list(shown.columns)[-4:] == ["from", "to", "periods with articles", "most in one"]
    assert shown["articles"].tolist() == [120] * 3


def test_the_strongest_border_stands_for_an_outlet_that_did_not_change():
    tested = changes(TABLE, OWN, resamples=100)
    kept = trend.strongest(tested).set_index("group")
    assert len(kept) == 3 and kept.loc["Daily Klaxon", "verdict"] == "higher"
    flat = tested[tested["group"] == "Northgate Wire"]
    assert kept.loc["Northgate Wire", "p"] == flat["p"].min()
    assert "no clear change" in trend.changes_shown(kept.reset_index())["verdict"].tolist()
