"""What a report tells of its corpus, in small tables and in words."""

import numpy as np
import pandas as pd
import pytest
from made_up import OUTLETS, made_up_tables

from framing.comparison import rates
from framing.records import Quarantined
from framing.report import article, phrasing, summary
from framing.report.scored import Scored, coverage, one_name_each

TABLES = made_up_tables()
for name in ("cue_text", "content_text"):
    TABLES["attributions"][name] = TABLES["attributions"]["cue_class"].map({"charged": "Lashed  out"}).fillna("said")
TABLES["articles"]["headline_loaded"] = [0.9, 0.1, 0.2] * 12


def scored(**changes):
    return Scored(**{"tables": TABLES, "outlets": OUTLETS, "read": 36, **changes})


def test_every_article_is_accounted_for_in_words():
    lines = scored(read=41, quarantined=(Quarantined("line 7", "no text"),), not_asked=3, later=1).accounts()
    assert lines == [
        "41 articles read, 36 scored, 1 set aside because they could not be read or scored, 3 of outlets that were not "
        "asked for, 1 dated after the day of this report."
    ]
    assert scored().accounts() == ["36 articles read, 36 scored."]


def test_missing_outlets_and_outlets_that_could_not_be_scored_are_named():
    lines = scored(missing=("The Ghost",), unscored=("The Blank",)).accounts()
    assert lines[1:] == [
        "Asked for but not in the corpus: The Ghost. Nothing is said of them.",
        "No article could be scored of: The Blank. Nothing is said of them.",
    ]
    table = coverage(scored(missing=("The Ghost",), unscored=("The Blank",))).set_index("outlet")
    assert table.loc["The Ghost", "note"] == "not in the corpus" and pd.isna(table.loc["The Ghost", "articles"])
    assert table.loc["The Blank", "note"] == "none could be scored"
    assert table.loc["Daily Klaxon", "articles"] == 12
    assert (table.loc["Daily Klaxon", "stories"], table.loc["Daily Klaxon", "shared"]) == (6, 6)


def test_figures_show_all_outlets_where_they_are_few_and_the_largest_where_they_are_many():
    assert scored(missing=("The Ghost",)).drawn() == [*OUTLETS, "The Ghost"]
    names = tuple(f"O{i:02d}" for i in range(20))
    many = made_up_tables(names, per_outlet=6, rates=(0.1,) * 20)
    many["articles"] = many["articles"].drop(many["articles"].query("outlet == 'O03'").index[:3])
    drawn = Scored(tables=many, outlets=names).drawn()
    assert len(drawn) == 16 and "O03" not in drawn and drawn == sorted(drawn)


def test_sources_are_counted_by_the_articles_that_quote_them():
    table = summary.quoted_sources(TABLES)
    assert list(table["outlet"]) == sorted(OUTLETS)
    assert set(table["articles"]) == {12} and set(table["source"]) == {"Ana Ruiz"}
    assert table["cues"].str.startswith("neutral ").all()
    nobody = {**TABLES, "attributions": TABLES["attributions"].assign(source=None)}
    assert summary.quoted_sources(nobody).empty
    silent = {**TABLES, "attributions": TABLES["attributions"].assign(content_start=None)}
    assert summary.quoted_sources(silent).empty, "a source without content is not quoted"


def test_cues_that_are_not_neutral_are_listed_whatever_their_case_and_spacing():
    table = summary.charged_cues(TABLES)
    assert "lashed out" in set(table["cue"]) and "neutral" not in set(table["cue_class"])
    assert summary.charged_cues({**TABLES, "attributions": TABLES["attributions"].assign(cue_class="neutral")}).empty


def test_stance_is_the_mean_over_mentions_as_in_plain_pandas():
    table = summary.stance_by_target(TABLES, resamples=200).set_index(["group", "target"])
    plain = TABLES["stances"].merge(TABLES["articles"], on="article_id").groupby(["outlet", "target"])["stance"].mean()
    for key, value in plain.items():
        assert table.loc[key, "stance"] == pytest.approx(value)
        assert table.loc[key, "low"] <= value <= table.loc[key, "high"]


def test_an_outlet_that_never_mentions_a_target_has_no_stance_toward_it():
    articles = TABLES["articles"].query("outlet == 'Daily Klaxon'")["article_id"]
    stances = TABLES["stances"]
    fewer = stances[~(stances["article_id"].isin(articles) & (stances["target"] == "Kelder"))]
    row = summary.stance_by_target({**TABLES, "stances": fewer}, resamples=200).set_index(["group", "target"])
    assert row.loc[("Daily Klaxon", "Kelder"), "n"] == 0 and np.isnan(row.loc[("Daily Klaxon", "Kelder"), "stance"])


def test_what_sources_hold_is_not_the_outlets_stance():
    quoted = {**TABLES, "stances": TABLES["stances"].assign(holder="Ana Ruiz")}
    assert summary.stance_by_target(quoted).empty
    assert len(summary.stance_by_target(quoted, holder=None, resamples=200))


NAMES = [
    # What is found in each article, what it becomes, and why.
    ([["Orrell"]] * 3 + [["Dana Orrell"]] * 5, {"Dana Orrell"}, "a last name alone is the one person who has it"),
    ([["Dana M. Orrell"], ["Dana Orrell"], ["Orrell"]], {"Dana Orrell"}, "with a middle initial or without"),
    ([["Dana M. Orrell"]], {"Dana M. Orrell"}, "an initial stays where nobody leaves it out"),
    ([["Orrell"], ["Dana Orrell"], ["Milo Orrell"]], {"Orrell", "Dana Orrell", "Milo Orrell"}, "two people: left open"),
    ([["Orrell"]] + [["Dana Orrell"]] * 9 + [["Milo Orrell"]], {"Dana Orrell", "Milo Orrell"}, "nearly always one"),
    ([["Dana"], ["Dana Orrell"]], {"Dana", "Dana Orrell"}, "a first name is no last name"),
    ([["House", "White House"]] * 4, {"House", "White House"}, "articles that have both mean two things"),
    ([[None], ["Orrell"]], {None, "Orrell"}, "a source without a name stays without"),
]


@pytest.mark.parametrize(("found", "expected", "why"), NAMES)
def test_names_found_by_themselves_come_under_one_form(found, expected, why):
    rows = [{"source": name, "article_id": str(i)} for i, names in enumerate(found) for name in names]
    result = one_name_each(pd.DataFrame(rows), "source")
    assert {name if isinstance(name, str) else None for name in result} == expected, why


def test_the_most_loaded_sentences_are_one_per_article_and_in_own_voice():
    table = summary.most_loaded(TABLES, per_outlet=3)
    assert table.groupby("outlet").size().max() == 3
    assert table["article_id"].is_unique
    assert (table["loaded"] >= 0.5).all()
    assert set(summary.most_loaded(TABLES, outlets=["Daily Klaxon"])["outlet"]) == {"Daily Klaxon"}


def test_rates_are_shown_with_interval_or_reason():
    shown = phrasing.rates_shown(rates(TABLES, groups=["Daily Klaxon", "Ghost"])).set_index("outlet")
    assert shown.loc["Daily Klaxon", "own voice"].startswith("30.0% (")
    assert shown.loc["Ghost", "own voice"] == "not in the corpus"
    few = TABLES["articles"].groupby("outlet").head(3)
    assert phrasing.rates_shown(rates(few))["both"].str.endswith("not enough articles").all()


def test_rates_are_corrected_only_with_measured_errors():
    table = rates(TABLES)
    assert phrasing.corrected(table, {}).empty
    assert phrasing.corrected(table, {"loaded_language": {"sensitivity": 0.4, "specificity": 0.5}}).empty
    both = phrasing.corrected(table, {"loaded_language": {"sensitivity": 0.8, "specificity": 0.9}})
    assert both["corrected_rate"].to_numpy() == pytest.approx(((table["rate"] - 0.1) / 0.7).clip(0, 1).to_numpy())
    assert phrasing.corrected_shown(both).iloc[0]["as counted"].startswith("30.0%")


def test_errors_that_were_not_measured_are_left_out():
    figures = {
        "loaded_language": {"macro_f1": 0.7512, "calibration_error": None},
        "attribution": {"exact_f1": {"cue": 0.66}},
    }
    assert phrasing.error_lines(figures) == {
        "Loaded sentences (BABE, held-out articles)": "macro F1 0.75",
        "Attribution, exact spans (PolNeAR dev)": "cue F1 0.66",
    }
    assert phrasing.error_lines({}) == {}
    assert phrasing.measured_error("no such engine") == {}


def test_a_signature_is_flat_and_its_checksums_short():
    nested = {"versions": {"numpy": "2.0"}, "models": {"bias": "ab" * 32}, "engine": "linear"}
    assert phrasing.flat(nested) == {"numpy": "2.0", "models bias": "ab" * 6, "engine": "linear"}


def test_stance_in_an_article_is_told_by_who_holds_it():
    table = pd.DataFrame({"target": ["Quill"] * 3, "holder": ["author", "author", "Ruiz"], "stance": [0.2, 0.4, -0.5]})
    shown = article.stance_by_holder(table)
    assert shown.values.tolist() == [["Quill", "the outlet", pytest.approx(0.3), 2], ["Quill", "Ruiz", -0.5, 1]]
