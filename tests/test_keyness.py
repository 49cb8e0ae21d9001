"""Distinctive terms and keyword in context."""

import math

import pandas as pd
import pytest
from made_up import made_up_tables

from framing.comparison.keyness import distinctive_terms, keyword_in_context
from framing.errors import InputError, ParameterError

TABLES = made_up_tables()
# What makes a term distinctive in a corpus of a few articles.
SMALL = {"minimum": 1, "minimum_z": 0.1}


def corpus(uses, words=1000):
    """Tables of two outlets; ``uses`` gives (outlet, article, term) for each use of a term."""
    articles = sorted({(outlet, article) for outlet, article, _ in uses} | {("A", "a0"), ("B", "b0")})
    return {
        "articles": pd.DataFrame([{"article_id": i, "outlet": o, "words": words} for o, i in articles]),
        "loaded_terms": pd.DataFrame(
            [{"article_id": i, "term": t, "category": "evaluation", "voice": "author"} for _, i, t in uses],
            columns=["article_id", "term", "category", "voice"],
        ),
    }


def test_z_is_that_of_monroe_and_colleagues():
    uses = [("A", "a1", "debacle")] * 5 + [("A", "a2", "debacle")] * 2 + [("B", "b1", "debacle")]
    uses += [("B", "b1", "triumph"), ("B", "b2", "triumph")]
    found = distinctive_terms(corpus(uses), prior=0.1, **SMALL).set_index("term").loc["debacle"]
    y, rest, n, n_rest = 7, 1, 3000, 3000
    a0 = 0.1 * (n + n_rest) / 2
    a = a0 * (y + rest) / (n + n_rest)
    delta = math.log((y + a) / (n + a0 - y - a)) - math.log((rest + a) / (n_rest + a0 - rest - a))
    z = delta / math.sqrt(1 / (y + a) + 1 / (rest + a))
    assert (found["log_odds"], found["z"]) == pytest.approx((delta, z))
    assert (found["count"], found["count_rest"], found["articles"]) == (7, 1, 2)
    assert found["per_10k"] == pytest.approx(7 / 3000 * 1e4)


def test_a_term_that_one_article_repeats_is_no_habit_of_its_outlet():
    uses = [("A", "a1", "debacle")] * 9 + [("A", "a1", "fiasco"), ("A", "a2", "fiasco")]
    assert list(distinctive_terms(corpus(uses), **SMALL)["term"]) == ["fiasco"]


def test_an_outlet_of_few_articles_has_no_distinctive_terms():
    uses = [("A", f"a{i}", "debacle") for i in range(4)] + [("B", f"b{i}", "triumph") for i in range(6)]
    assert set(distinctive_terms(corpus(uses), minimum_z=0.1)["group"]) == {"B"}


def test_case_and_white_space_do_not_make_a_term_another():
    uses = [("A", "a1", "Climb  down"), ("A", "a2", "climb\ndown")]
    assert list(distinctive_terms(corpus(uses), **SMALL)["term"]) == ["climb down"]


def test_terms_of_quoted_voices_are_not_the_outlets_own():
    tables = corpus([("A", "a1", "debacle"), ("A", "a2", "debacle")])
    tables["loaded_terms"]["voice"] = "source"
    assert distinctive_terms(tables, **SMALL).empty
    assert len(distinctive_terms(tables, voice=None, **SMALL)) == 1


def test_without_terms_or_without_a_second_group_there_is_nothing_distinctive():
    assert distinctive_terms(corpus([])).empty
    tables = {name: table.assign(outlet="A") if name == "articles" else table for name, table in TABLES.items()}
    assert distinctive_terms(tables).empty
    assert list(distinctive_terms(tables).columns)[:3] == ["group", "term", "category"]


def test_the_table_of_terms_is_asked_for_by_name():
    with pytest.raises(InputError, match="loaded_terms"):
        distinctive_terms({"articles": TABLES["articles"]})


SENTENCES = [
    ("The regime fell.", "regime", ["regime"], "a whole word"),
    ("Regimes fell; a REGIME rose.", "regime", ["REGIME"], "any case, but not inside a longer word"),
    ("It was a so-called deal.", "so-called", ["so-called"], "hyphens are part of the term"),
    ("He was, as  it\nwere, lost.", "as it were", ["as  it\nwere"], "any white space"),
    ("He said (sic) no.", "(sic)", ["(sic)"], "no regular expression: brackets are themselves"),
    ("A.*B matters.", "a.*b", ["A.*B"], "no regular expression: dots and stars are themselves"),
    ("Reform of the reform.", "reform", ["Reform", "reform"], "every place"),
    ("Deregulated.", "regulated", [], "not inside a word"),
    ("", "regime", [], "an empty sentence"),
]


@pytest.mark.parametrize(("text", "term", "expected", "why"), SENTENCES)
def test_a_keyword_is_found_where_it_stands(text, term, expected, why):
    tables = {
        "articles": pd.DataFrame({"article_id": ["1"], "outlet": ["A"]}),
        "sentences": pd.DataFrame({"article_id": ["1"], "sentence": [0], "text": [text]}),
    }
    found = keyword_in_context(tables, term)
    assert list(found["keyword"]) == expected, why
    for row in found.itertuples():
        assert row.left + row.keyword + row.right == text


def test_context_is_cut_to_its_width_and_its_number():
    found = keyword_in_context(TABLES, "debacle", width=5, limit=3)
    assert len(found) == 3
    assert found["left"].str.len().max() <= 5 and found["right"].str.len().max() <= 5


def test_context_begins_and_ends_with_whole_words_where_it_can():
    tables = {
        "articles": pd.DataFrame({"article_id": ["1"], "outlet": ["A"]}),
        "sentences": pd.DataFrame(
            {"article_id": ["1"], "sentence": [0], "text": ["Those unhappy few claimed victory anyway."]}
        ),
    }
    row = keyword_in_context(tables, "claimed", width=10).iloc[0]
    assert (row["left"], row["keyword"], row["right"]) == ("few ", "claimed", " victory")
    row = keyword_in_context(tables, "claimed", width=99).iloc[0]
    assert row["left"] + row["keyword"] + row["right"] == "Those unhappy few claimed victory anyway."


def test_nothing_cannot_be_looked_for():
    with pytest.raises(ParameterError, match="empty"):
        keyword_in_context(TABLES, "  ")
