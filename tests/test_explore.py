"""Looking around in a corpus: which sentences fit a choice, and what follows it, with controls and without."""

from types import SimpleNamespace

import pytest
from made_up import OUTLETS, made_up_tables

from framing.errors import InputError
from framing.records import Article
from framing.report import explore
from framing.report.explore import Choice, choices, first_choice, select, summary_line, view
from framing.report.render import Results, paragraphs

TABLES = made_up_tables()
ARTICLES = [
    Article(row.article_id, f"Text of {row.article_id}.", title=row.title, outlet=row.outlet)
    for row in TABLES["articles"].itertuples()
]
NASTY = "<script>alert('Klaxon')</script>"


def shown(article):
    return paragraphs(article.text)


# --- select

CHOSEN = [
    # What is given, and the same in plain pandas over sentences joined with their articles.
    ({}, "loaded >= 0"),
    ({"outlet": "Daily Klaxon"}, "outlet == 'Daily Klaxon'"),
    ({"story": "e2"}, "event == 'e2'"),
    ({"voice": "source"}, "voice == 'source'"),
    ({"target": "Kelder"}, "sentence == 0"),
    ({"word": "REGIME"}, "text.str.contains('regime')"),
    ({"word": "called  the"}, "text.str.contains('called the')"),
    ({"outlet": "Daily Klaxon", "story": "e2", "voice": "author", "word": "outrage"},
     "outlet == 'Daily Klaxon' and event == 'e2' and voice == 'author' and text.str.contains('outrage')"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "query"), CHOSEN)
def test_what_fits_is_what_pandas_finds(given, query):
    joined = TABLES["sentences"].merge(TABLES["articles"], on="article_id").query(query, engine="python")
    found = select(TABLES, **given)
    assert set(zip(found["article_id"], found["sentence"], strict=True)) == set(
        zip(joined["article_id"], joined["sentence"], strict=True)
    )
    assert len(found) == len(joined) > 0
    assert list(found["loaded"]) == sorted(found["loaded"], reverse=True)


WORDS = [
    ("regim", "part of a word is no word"),
    ("the the", "a phrase stands as it is given"),
    ("plan.*", "a word is never read as a pattern"),
    ("(", "nor is a bracket an error"),
]


@pytest.mark.parametrize(("word", "why"), WORDS)
def test_a_word_that_stands_nowhere_fits_nothing_and_is_no_error(word, why):
    assert select(TABLES, word=word).empty, why


def test_an_empty_word_takes_all():
    assert len(select(TABLES, word="  ")) == len(TABLES["sentences"])


UNKNOWN = [
    ({"outlet": "The Ghost"}, "unknown outlet 'The Ghost'; valid: Daily Klaxon, Northgate Wire, The Common Lantern"),
    ({"story": "e9"}, "unknown story 'e9'; valid: e0, e1, e2, e3, e4, e5"),
    ({"target": "Orrell"}, "unknown target 'Orrell'; valid: Kelder, Marta Quill"),
    ({"voice": "own"}, "unknown voice 'own'; valid: author, source, mixed"),
]


@pytest.mark.parametrize(("given", "message"), UNKNOWN)
def test_a_value_that_is_not_there_is_an_error_that_names_those_that_are(given, message):
    with pytest.raises(InputError) as error:
        select(TABLES, **given)
    assert str(error.value) == message + ". Leave it empty to take all"


def test_of_many_valid_values_some_are_named_and_the_others_counted():
    many = made_up_tables(tuple(f"Outlet {n:02d}" for n in range(30)), per_outlet=1, rates=(0.1,) * 30)
    with pytest.raises(InputError, match=r"Outlet 11, and 18 more\. Leave"):
        select(many, outlet="The Ghost")


def test_a_target_brings_the_mean_stance_of_each_sentence():
    found = select(TABLES, target="Kelder", outlet="Daily Klaxon").set_index("article_id")["stance"]
    plain = TABLES["stances"].query("target == 'Kelder'").groupby("article_id")["stance"].mean()
    assert found.to_dict() == pytest.approx(plain[found.index].to_dict())
    assert "stance" not in select(TABLES)


# --- what a choice leaves, and what it shows


def test_each_list_offers_what_leaves_something_to_see():
    fewer = TABLES["articles"].query("not (outlet == 'Daily Klaxon' and event == 'e2')")
    tables = {**TABLES, "articles": fewer}
    there = choices(tables, Choice(outlet="Daily Klaxon"))
    assert there["story"] == ["e0", "e1", "e3", "e4", "e5"]
    assert there["outlet"] == sorted(OUTLETS), "of the outlet all are offered, or none could be changed"
    assert choices(tables, Choice(story="e2"))["outlet"] == ["Northgate Wire", "The Common Lantern"]
    assert there["article"] and set(there["article"]) <= set(fewer.query("outlet == 'Daily Klaxon'")["article_id"])
    assert there["target"] == ["Kelder", "Marta Quill"]
    assert choices(tables, Choice(voice="source"))["target"] == [], "no quoted sentence names one"


def test_the_article_that_is_open_is_that_of_the_first_sentence_or_the_one_that_was_chosen():
    first = view(TABLES, ARTICLES, Choice(outlet="Daily Klaxon"), show=shown)
    assert first.choice.article == first.sentences["article_id"].iloc[0]
    assert f"Text of {first.choice.article}." in first.article.html
    other = view(TABLES, ARTICLES, Choice(outlet="Daily Klaxon", article="1-005"), show=shown)
    assert "Text of 1-005." in other.article.html
    left = view(TABLES, ARTICLES, Choice(outlet="Northgate Wire", article="1-005"), show=shown)
    assert left.choice.article.startswith("0-"), "an article that no longer fits is closed"
    with pytest.raises(InputError, match="unknown article 'ghost'; valid: 0-000"):
        view(TABLES, ARTICLES, Choice(article="ghost"), show=shown)


def test_where_nothing_fits_a_sentence_says_so():
    seen = view(TABLES, ARTICLES, Choice(word="nowhere"), show=shown)
    assert seen.sentences.empty and "No sentence fits all of this at once" in seen.line.html
    assert seen.article.html == "" and seen.figure.html == ""


def test_a_line_counts_what_fits_beside_all():
    found = select(TABLES, outlet="Daily Klaxon", target="Kelder")
    rate = (TABLES["sentences"]["loaded"] >= 0.5).mean()
    assert summary_line(TABLES, found) == (
        f"12 sentences of {len(TABLES['sentences']):,}, in 12 articles; {(found['loaded'] >= 0.5).mean():.0%} of them "
        f"are loaded, against {rate:.0%} of all. Mean stance toward the target: {found['stance'].mean():+.2f}."
    )


def test_what_comes_from_articles_is_escaped():
    articles = TABLES["articles"].assign(outlet=NASTY, title=NASTY)
    sentences = TABLES["sentences"].assign(text=NASTY)
    seen = view({**TABLES, "articles": articles, "sentences": sentences}, ARTICLES, Choice(outlet=NASTY), show=shown)
    assert "<script" not in seen.table.html + seen.figure.html + seen.line.html
    assert "&lt;script&gt;" in seen.table.html


# --- without a kernel, and with one


@pytest.fixture
def scorer(monkeypatch):
    monkeypatch.setattr(explore, "_shower", lambda engine, targets: shown)


def test_without_a_kernel_the_first_outlet_is_shown(scorer):
    still = explore.explorer(TABLES, ARTICLES)
    assert "Shown: Daily Klaxon" in still.html and "Text of 1-" in still.html
    assert "<table" in still.html and "<figure" in still.html


def test_a_report_keeps_its_tables_and_is_still_even_where_a_kernel_runs(scorer, monkeypatch, tmp_path):
    monkeypatch.setattr(explore, "_is_live", lambda: True)
    still = explore.explorer(TABLES, ARTICLES, results=Results(str(tmp_path)))
    assert "Table 1. The most loaded sentences" in still.html and "Figure 1." in still.html
    assert (tmp_path / "tables" / "explored.csv").is_file()
    assert (tmp_path / "figures" / "explored_article.svg").is_file()


def test_a_corpus_of_one_article_has_a_sentence_in_place_of_a_figure(scorer):
    tables = {name: table[table["article_id"] == "1-003"] for name, table in TABLES.items()}
    still = explore.explorer(tables, ARTICLES)
    assert "no other article to compare" in still.html and "<figure" not in still.html


def test_a_corpus_without_outlets_is_shown_whole(scorer):
    tables = {**TABLES, "articles": TABLES["articles"].assign(outlet="")}
    assert first_choice(tables) == Choice()
    assert "Shown: all outlets" in explore.explorer(tables, ARTICLES).html


@pytest.fixture
def box(scorer):
    pytest.importorskip("ipywidgets", reason="the controls need the extra lab: ipywidgets is not installed")
    return explore.controls(TABLES, ARTICLES)


def test_controls_are_shown_where_a_kernel_runs(scorer, monkeypatch):
    widgets = pytest.importorskip("ipywidgets", reason="the controls need the extra lab: ipywidgets is not installed")
    monkeypatch.setattr("IPython.get_ipython", lambda: SimpleNamespace(kernel=object()))
    assert isinstance(explore.explorer(TABLES, ARTICLES), widgets.VBox)


def test_the_controls_begin_with_what_the_still_view_shows(box):
    assert box.controls["outlet"].value == "Daily Klaxon"
    assert [value for _, value in box.controls["outlet"].options] == ["", *sorted(OUTLETS)]
    first = view(TABLES, ARTICLES, Choice(outlet="Daily Klaxon"), show=shown)
    assert first.table.html in box.shown["table"].value
    assert box.controls["article"].value == first.choice.article


def test_table_article_figure_and_lists_follow_the_controls(box):
    before = {name: area.value for name, area in box.shown.items()}
    box.controls["outlet"].value = "The Common Lantern"
    assert all(area.value != before[name] for name, area in box.shown.items())
    assert "Text of 2-" in box.shown["article"].value
    box.controls["story"].value = "e3"
    assert {value for _, value in box.controls["article"].options} == {"2-003", "2-009"}
    box.controls["article"].value = "2-009"
    assert "Text of 2-009." in box.shown["article"].value
    box.controls["voice"].value = "source"
    assert "own voice" not in box.shown["table"].value and "quoted voice" in box.shown["table"].value
    box.controls["outlet"].value = ""
    assert box.controls["story"].value == "e3", "the other conditions stay"


def test_a_target_adds_its_stance_and_a_word_narrows(box):
    box.controls["target"].value = "Kelder"
    assert "Mean stance toward the target" in box.shown["line"].value and ">stance<" in box.shown["table"].value
    box.controls["word"].value = "plan"
    assert "No sentence" not in box.shown["line"].value
    box.controls["word"].value = "nowhere"
    assert "No sentence fits" in box.shown["line"].value and box.controls["article"].value is None
    box.controls["word"].value = ""
    assert box.controls["article"].value, "a condition that is taken back brings the sentences back"
    assert box.controls["outlet"].value == "Daily Klaxon" and box.controls["target"].value == "Kelder"
