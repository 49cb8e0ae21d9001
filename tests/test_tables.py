"""Tidy tables: the columns that were promised, rates that can be recounted, cells that stay inert."""

import math

import pandas as pd
import pyarrow.parquet as pq
import pytest

from framing.analysis import Analysis
from framing.records import Article, Attribution, Frame, Headline, LoadedTerm, Sentence, Span, Stance
from framing.tables import SCHEMAS, TABLES, loaded_counts, read_tables, tables, write_csv, write_tables

PROMISED = {
    "articles": "article_id outlet title date url event copy_of sentences words loaded_rate "
    "loaded_rate_author loaded_rate_source attributed_share",
    "sentences": "article_id sentence start end text voice source loaded loaded_terms polarity subjectivity",
    "loaded_terms": "article_id sentence start end term category weight voice",
    "attributions": "article_id attribution sentence kind source source_text source_start source_end cue_text "
    "cue_start cue_end cue_class content_text content_start content_end",
    "stances": "article_id sentence target mention start end negative neutral positive stance holder",
    "frames": "article_id frame probability",
}


@pytest.mark.parametrize("name", PROMISED)
def test_the_promised_columns_come_first_and_in_order(name):
    promised = PROMISED[name].split()
    assert SCHEMAS[name].names[: len(promised)] == promised


TEXT = "A vile plan. “A vile plan,” said Roe. Roe, who is vile, said it was fine. It rained."


def made_up(identity: str = "1", **extra: str) -> Analysis:
    """An analysis by hand: own voice loaded, quoted voice loaded, both voices with a loaded word of the outlet's."""
    sentences = tuple(
        Sentence(i, start, end, TEXT[start:end], voice, source, loaded, 0.0, 0.0)
        for i, (start, end, voice, source, loaded) in enumerate(
            [
                (0, 12, "author", None, 0.9),
                (13, 37, "source", "Roe", 0.8),
                (38, 73, "mixed", "Roe", 0.7),
                (74, 84, "author", None, 0.1),
            ]
        )
    )
    terms = tuple(
        LoadedTerm(start, start + 4, "vile", "evaluation", 0.8, voice)
        for start, voice in ((2, "author"), (16, "source"), (50, "author"))
    )
    given = (
        Attribution(
            Span(33, 36, "Roe"), Span(28, 32, "said"), (Span(13, 27, TEXT[13:27]),), "direct", "neutral", "Roe"
        ),
        Attribution(
            Span(38, 41, "Roe"), Span(56, 60, "said"), (Span(61, 72, TEXT[61:72]),), "indirect", "neutral", "Roe"
        ),
    )
    stances = (
        Stance("Roe", 33, 36, 0.2, 0.5, 0.3, 0.1, "author"),
        Stance("Roe", 38, 41, 0.7, 0.2, 0.1, -0.6, "author"),
    )
    article = Article(identity, TEXT, title="=1+1", outlet="Test", extra={"event": "e1", **extra})
    head = Headline("=1+1", 0.2)
    return Analysis(article, sentences, terms, given, stances, (Frame("conflict", 0.5, (0,)),), head)


def test_voices_are_counted_apart():
    found = made_up()
    by_sentence = [[t for t in found.loaded_terms if s.start <= t.start < s.end] for s in found.sentences]
    counts = loaded_counts(found.sentences, by_sentence)
    # Own voice: sentences 0, 2 and 3, of which 0 and 2 hold a loaded word of the outlet's.
    assert (counts["author_parts"], counts["loaded_author_parts"]) == (3, 2)
    # Quoted voice: sentences 1 and 2; the loaded word of 2 is not the source's.
    assert (counts["source_parts"], counts["loaded_source_parts"]) == (2, 1)
    row = tables([found])["articles"].iloc[0]
    assert row[["loaded_rate", "loaded_rate_author", "loaded_rate_source"]].tolist() == [3 / 4, 2 / 3, 1 / 2]


def test_rates_of_nothing_are_not_zero():
    article = Article("1", "It rained.")
    sentence = Sentence(0, 0, 10, article.text, "author", None, 0.1, 0.0, 0.0)
    row = tables([Analysis(article, (sentence,), (), (), (), (), Headline("", 0.0))])["articles"].iloc[0]
    assert row["loaded_rate_author"] == 0
    assert math.isnan(row["loaded_rate_source"]), "no source spoke: there is no rate"


def test_every_span_of_every_table_is_exact():
    found = tables([made_up()])
    for name, prefixes in {
        "sentences": [("", "text")],
        "loaded_terms": [("", "term")],
        "stances": [("", "mention")],
    }.items():
        for row in found[name].to_dict("records"):
            for prefix, column in prefixes:
                assert TEXT[row[f"{prefix}start"] : row[f"{prefix}end"]] == row[column]
    for row in found["attributions"].to_dict("records"):
        for part in ("source", "cue", "content"):
            assert TEXT[row[f"{part}_start"] : row[f"{part}_end"]] == row[f"{part}_text"]
    assert found["attributions"]["sentence"].tolist() == [1, 2]
    assert found["stances"]["sentence"].tolist() == [1, 2]


def test_the_inputs_other_columns_are_carried_along():
    found = tables([made_up("1", desk="news"), made_up("2", words="many", copy_of="1")])["articles"]
    assert found["event"].tolist() == ["e1", "e1"]
    assert pd.isna(found["copy_of"].iloc[0]) and found["copy_of"].iloc[1] == "1", "a column of ours, not carried twice"
    assert found.columns.tolist().count("copy_of") == 1 and "copy_of_given" not in found
    assert found["desk"].tolist()[0] == "news"
    assert found["words_given"].tolist()[1] == "many", "a name of ours is never overwritten"
    assert pd.isna(found["desk"].iloc[1])


def test_they_are_written_and_read_back(tmp_path):
    counts = write_tables((made_up(str(i)) for i in range(5)), tmp_path, csv=True, flush_every=2)
    assert counts == {
        "articles": 5,
        "sentences": 20,
        "loaded_terms": 15,
        "attributions": 10,
        "stances": 10,
        "frames": 5,
    }
    back = read_tables(tmp_path)
    whole = tables(made_up(str(i)) for i in range(5))
    for name in TABLES:
        pd.testing.assert_frame_equal(back[name], whole[name])
        assert len(pd.read_csv(tmp_path / f"{name}.csv")) == counts[name]


def test_empty_tables_keep_their_columns(tmp_path):
    write_tables([], tmp_path, csv=True)
    assert {name: list(frame.columns) for name, frame in read_tables(tmp_path).items()} == {
        name: SCHEMAS[name].names for name in TABLES
    }
    assert (tmp_path / "frames.csv").read_text().startswith('"article_id","frame","probability"')


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_no_cell_is_a_formula(tmp_path, cell):
    frame = pd.DataFrame({"term": [cell], "weight": [-1.0]})
    frame.to_parquet(tmp_path / "t.parquet")
    write_csv(pq.ParquetFile(tmp_path / "t.parquet"), tmp_path / "t.csv")
    written = pd.read_csv(tmp_path / "t.csv", keep_default_na=False)
    assert written["term"][0] == "'" + cell
    assert written["weight"][0] == -1.0, "numbers stay numbers"


def test_lone_surrogates_can_be_stored(tmp_path):
    article = Article("1", "A \ud800 mark.", title="\udfff")
    sentence = Sentence(0, 0, 9, article.text, "author", None, 0.1, 0.0, 0.0)
    write_tables([Analysis(article, (sentence,), (), (), (), (), Headline("\udfff", 0.0))], tmp_path)
    assert read_tables(tmp_path)["sentences"]["text"][0] == "A \ufffd mark.", "lengths hold"
