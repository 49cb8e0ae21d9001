"""One article: which one, where it stands among the others, what is said of it first."""

import json
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up import OUTLETS, made_up_analysis, made_up_tables

from framing.analysis import analyze_many
from framing.comparison import per_article
from framing.engines.checksums import CHECKSUMS
from framing.engines.linear import MODELS
from framing.errors import InputError
from framing.records import Article, Corpus, Headline, Quarantined
from framing.report import article, standing
from framing.report.article import Reported
from framing.report.render import Results
from framing.report.scored import Scored

trained = pytest.mark.skipif(not (MODELS / CHECKSUMS).is_file(), reason="needs the models of the linear engine")
TABLES = made_up_tables()
OWN, QUOTED, SHARE = "loaded_rate_author", "loaded_rate_source", "attributed_share"


def of(identity, tables=TABLES, *, beside=True, **analysis):
    """The article of that id in some tables, as a report has it."""
    row = tables["articles"].set_index("article_id").loc[identity]
    own = Article(identity, "The plan failed.", title=row.title, outlet=row.outlet, date=row.date)
    mine = {name: table[table["article_id"] == identity] for name, table in tables.items()}
    everyone = tuple(Article(r.article_id, "", r.title, r.outlet, r.date) for r in tables["articles"].itertuples())
    scored = Scored(tables=tables, outlets=OUTLETS, read=len(everyone), stories="As given.", articles=everyone)
    return Reported(made_up_analysis(**{"article": own, **analysis}), mine, scored if beside else None)


def changed(column, values, tables=TABLES):
    """The same tables with a column of some articles changed."""
    articles = tables["articles"].set_index("article_id")
    articles[column] = articles[column].astype(object)
    articles.loc[list(values), column] = list(values.values())
    return {**tables, "articles": articles.reset_index()}


# --- which article

CORPUS = Corpus(
    (Article("tide-1", "A text."), Article("tide-2", "A text."), *(Article(f"x{i:02d}", "A text.") for i in range(20))),
    (Quarantined("line 4", "no text", "blank"),),
)


def test_an_article_is_picked_by_its_id_and_the_first_without_one():
    assert article.pick_article(CORPUS, "tide-2").id == "tide-2"
    assert article.pick_article(CORPUS).id == "tide-1"


@pytest.mark.parametrize(
    ("identity", "message", "why"),
    [
        (
            "tide-9",
            r"unknown article_id 'tide-9'; valid: tide-[12], tide-[12], .*10 more; .* column id",
            "nearest first",
        ),
        ("blank", r"article 'blank' \(line 4\) cannot be scored: no text", "it was set aside, and why"),
    ],
)
def test_an_article_that_is_not_there_is_an_error_that_says_what_is(identity, message, why):
    with pytest.raises(InputError, match=message):
        article.pick_article(CORPUS, identity)


def test_a_corpus_without_articles_has_none_to_report_on():
    with pytest.raises(InputError, match=r"valid: \(none\)"):
        article.pick_article(Corpus(()))


def test_an_article_that_cannot_be_scored_is_an_error_with_the_reason(tmp_path, monkeypatch):
    path = tmp_path / "one.jsonl"
    path.write_text(json.dumps({"id": "a", "text": "The train left."}) + "\n", encoding="utf-8")

    def failing(articles, *_, on_failure, **__):
        for one in articles:
            on_failure(one, "the scorer ran out of memory")
        return iter(())

    monkeypatch.setattr("framing.analysis.analyze_many", failing)
    with pytest.raises(InputError, match="article 'a' cannot be scored: the scorer ran out of memory; choose another"):
        article.report_on(str(path), compare=False)


# --- where it stands

PLACES = [
    # The others, the article, and where it stands, in words.
    ([0.1] * 90 + [0.9] * 10, 0.5, "more than in 90% of the 100 other articles", "clearly above"),
    ([0.1] * 10 + [0.9] * 90, 0.5, "less than in 90% of the 100 other articles", "clearly below"),
    ([0.1] * 60 + [0.9] * 40, 0.5, "more than in 60% and less than in 40% of the 100 other articles", "in the midst"),
    ([0.0] * 45 + [0.9] * 55, 0.0, "as in 45% and less than in 55% of the 100 other articles", "many have none either"),
    ([0.1] * 60 + [0.5] * 5 + [0.9] * 35, 0.5, "more than in 60% and less than in 35% of the 100 other articles",
     "a few ties are not worth telling"),
    ([0.1] * 299 + [0.9], 0.5, "more than in over 99% of the 300 other articles", "most are never all"),
    ([0.1, 0.1, 0.1, 0.9], 0.5, "more than in 3 of the 4 other articles", "a few are counted"),
    ([0.1], 0.5, "more than in the one other article", "one is no share"),
    ([0.5] * 30, 0.5, "as in 100% of the 30 other articles", "all alike"),
    ([np.nan, 0.1, 0.1], 0.5, "more than in 2 of the 2 other articles", "who lacks the measure is no other"),
    ([], 0.5, "no place among others", "nobody is there"),
    ([0.1], np.nan, "no place among others", "nothing was counted"),
]  # fmt: skip


@pytest.mark.parametrize(("others", "own", "words", "why"), PLACES)
def test_where_a_value_stands_is_said_in_words(others, own, words, why):
    assert standing.in_words(others, own) == words, why


@given(st.lists(st.floats(0, 1), min_size=2, max_size=60), st.floats(0, 1))
def test_no_place_is_said_to_be_without_a_share(others, own):
    words = standing.in_words(others, own)
    assert words.endswith("other articles") and re.search(r"[1-9]", words.split(" of the ")[0])


def test_values_and_quartiles_are_those_of_plain_pandas():
    table = standing.standings(of("1-003")).set_index("measure")
    rates = TABLES["articles"].set_index("article_id")[OWN]
    own, others = rates["1-003"], rates.drop("1-003")
    row = table.loc[OWN]
    assert row["value"] == pytest.approx(own)
    assert row["others"] == len(others) == 35
    assert (row["lower"], row["higher"]) == (pytest.approx((others < own).mean()), pytest.approx((others > own).mean()))
    assert (row["first"], row["third"]) == (others.quantile(0.25), others.quantile(0.75))
    assert list(table.index) == list(standing.SHOWN)


def test_copies_count_once_and_those_of_the_article_itself_not_at_all():
    tables = changed("copy_of", {"0-003": "1-003", "2-003": "1-003", "2-004": "0-004"})
    reported = of("1-003", tables)
    assert standing.standings(reported).set_index("measure").loc[SHARE, "others"] == 35 - 2 - 1
    assert len(standing.copies(reported)) == 2
    assert "The same text stands in “Story 3” (Northgate Wire, 2026-05-04)." in standing.findings(reported)


def test_a_figure_is_drawn_of_each_measure_that_the_article_has(tmp_path):
    shown = standing.drawn(of("1-003"), Results(str(tmp_path)))
    assert {path.stem for path in tmp_path.glob("figures/*.svg")} == {f"stands_{name}" for name in (OWN, QUOTED, SHARE)}
    assert shown.html.count("<figure") == 3 and "this article among 35 others" in shown.html
    silent = changed("source_parts", {"1-003": 0})
    assert standing.drawn(of("1-003", silent), Results()).html.count("<figure") == 2


# --- on the same story


def test_the_articles_on_a_story_are_listed_with_the_own_one_marked():
    table = standing.same_story(of("1-003"))
    mine = TABLES["articles"].query("event == 'e3'")
    assert set(table["article_id"]) == set(mine["article_id"])
    assert list(table[OWN]) == sorted(table[OWN], reverse=True)
    assert table.set_index("article_id")["note"].to_dict() == dict.fromkeys(mine["article_id"], "") | {
        "1-003": "this article"
    }
    shown = standing.same_story_shown(of("1-003"))
    assert list(shown["outlet"][shown["outlet"].str.startswith("▶")]) == ["▶ Daily Klaxon"]


def test_the_difference_is_from_the_others_taken_together():
    row = standing.same_story_differences(of("1-003")).set_index("measure").loc[OWN]
    counts = per_article(TABLES, OWN).query("event == 'e3'").set_index("article_id")
    rest = counts.drop("1-003")
    assert row["others"] == pytest.approx(rest["numerator"].sum() / rest["denominator"].sum())
    assert row["difference"] == pytest.approx(counts.loc["1-003", "value"] - row["others"])
    assert row["articles"] == 5


def test_a_copy_on_the_story_is_named_and_is_no_other():
    tables = changed("copy_of", {"0-003": "1-003"})
    notes = standing.same_story(of("1-003", tables)).set_index("article_id")["note"]
    assert notes["0-003"] == "copy of Daily Klaxon"
    assert standing.same_story_differences(of("1-003", tables))["articles"].iloc[0] == 4
    assert standing.same_story(of("0-003", tables)).set_index("article_id")["note"]["0-003"] == (
        "this article, copy of Daily Klaxon"
    )


def test_the_others_on_the_story_are_quoted_and_the_article_is_not():
    found = standing.others_put_it(of("1-003"))
    assert len(found) and "1-003" not in set(found["article_id"])
    assert found["article_id"].str.endswith(("-003", "-009")).all()


# --- what is said first


def test_findings_give_value_counts_place_and_story():
    lines = standing.findings(of("1-003"))
    row = TABLES["articles"].set_index("article_id").loc["1-003"]
    assert lines[0].startswith(
        f"“Story 3” (Daily Klaxon, 2026-05-04): in its own voice {row[OWN]:.1%} is loaded "
        f"({row.loaded_author_parts} of {row.author_parts} parts of sentences), more than in "
    )
    assert lines[1].startswith("On the same story, 5 other articles have ")
    assert any(line.startswith("In the voices it quotes") for line in lines)
    assert "The headline is loaded: a probability of 71%." in lines


TELLING = [
    # What the article is like, a sentence that is said of it, why.
    ({"changes": {"author_parts": 0}}, "in its own voice it says nothing.", "never a zero that was not counted"),
    ({"changes": {"author_parts": 2, "loaded_author_parts": 1}}, "(1 of 2 parts of sentences, too few to say much)",
     "one sentence makes half of it"),
    ({"changes": {"author_parts": 1, "loaded_author_parts": 1}}, "(1 of 1 part of a sentence, too few",
     "a text of one word"),
    ({"changes": {"title": "W" * 300}}, "W" * 99 + "…” (Daily Klaxon", "a headline is cut with a sign of it"),
    ({"changes": {"title": ""}}, "article 1-003 (Daily Klaxon", "without a headline it goes by its id"),
    ({"known_words": 0.2}, "Caution: only 20% of the words are known", "another language"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "sentence", "why"), TELLING)
def test_what_is_odd_about_an_article_is_said(what, sentence, why):
    tables, rest = TABLES, dict(what)
    for column, value in rest.pop("changes", {}).items():
        tables = changed(column, {"1-003": value}, tables)
    assert sentence in " ".join(standing.findings(of("1-003", tables, **rest))), why


def test_nothing_is_said_of_a_headline_that_is_not_there():
    lines = standing.findings(of("1-003", headline=Headline("", 0.0)))
    assert not any("headline" in line for line in lines)


def test_a_difference_of_less_than_one_part_of_a_sentence_is_none():
    assert standing._points(0.04, 17) == "level with that, to within one part of a sentence"
    assert standing._points(-0.25, 17) == "25.0 points lower"


def alone(identity="1-003"):
    """Tables of that article only."""
    return {name: table[table["article_id"] == identity].reset_index(drop=True) for name, table in TABLES.items()}


def test_a_corpus_of_one_article_has_nothing_to_compare_with():
    reported = of("1-003", alone())
    nothing = "The corpus has no other text: there is nothing to compare this article with."
    assert standing.findings(reported)[-1] == nothing
    assert not any("other article" in line for line in standing.findings(reported)[:-1])
    assert standing.accounts(reported)[-1].endswith("there is nothing to compare with.")
    assert list(standing.standings_shown(reported)) == ["measure", "this article", "counted"]
    assert standing.drawn(reported, Results()).html == ""
    assert "No other article" in standing.story(reported, Results()).html
    assert "No other outlet" in standing.how_others_put_it(reported).html


def test_without_the_corpus_an_article_is_told_alone_as_in_a_corpus_of_one():
    reported = of("1-003", beside=False)
    assert standing.findings(reported) == standing.findings(of("1-003", alone()))[:-1]
    assert "was not asked for" in standing.accounts(reported)[0]
    assert standing.copies(reported) == [] and standing.same_story(reported).empty


# --- the whole of it


@trained
@pytest.mark.parametrize(
    ("text", "title"), [("Gone.", ""), ("Gone", "Gone"), ("שלום עולם. זה היה אסון.", "כותרת"), ("...", "<b>")]
)
def test_a_text_of_one_word_and_one_of_another_script_are_reported_on(tmp_path, text, title):
    path = tmp_path / "one.jsonl"
    path.write_text(json.dumps({"id": "a", "text": text, "title": title, "outlet": "<i>"}) + "\n", encoding="utf-8")
    reported = article.report_on(str(path), engine="linear")
    said = " ".join(standing.findings(reported))
    assert "nothing to compare" in said and "nan" not in said.lower()
    assert article.glance(reported)["Headline"] == (title or "none")
    assert "<i>" not in standing.story(reported, Results()).html


@trained
def test_a_second_article_of_the_same_corpus_is_scored_but_the_corpus_is_not(tmp_path, monkeypatch):
    path = tmp_path / "some.jsonl"
    texts = ("The train left at nine.", "The bus came at ten.", "The ferry was full.")
    rows = [{"id": str(n), "text": text} for n, text in enumerate(texts)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    options = {"engine": "linear", "scores": str(tmp_path / "scores")}
    first = article.report_on(str(path), "0", **options)
    given = []

    def counting(articles, *rest, **more):
        given.extend(articles)
        return analyze_many(articles, *rest, **more)

    monkeypatch.setattr("framing.stored_scores.analyze_many", counting)
    second = article.report_on(str(path), "1", **options)
    assert given == [] and second.article.id == "1"
    assert first.scored.tables["articles"].equals(second.scored.tables["articles"])
