"""Stories that several outlets tell: which they are, who tells them how, and whose text is whose."""

import numpy as np
import pandas as pd
import pytest

from framing.report import stories
from framing.report.evidence import Trail

WIRE, KLAXON, LANTERN = "Northgate Wire", "Daily Klaxon", "The Common Lantern"
NASTY = "<script>alert('Klaxon')</script>"


def article(identity, outlet, event="e1", *, loaded=(2, 10), quoted=(1, 4), **more):
    """A row of the articles table: loaded parts among all, in own and in quoted voice."""
    return {
        "article_id": identity, "outlet": outlet, "event": event, "copy_of": "", "title": f"Title {identity}",
        "date": "2026-05-04", "headline_loaded": 0.2, "headline_terms": "[]",
        "loaded_author_parts": loaded[0], "author_parts": loaded[1],
        "loaded_rate_author": loaded[0] / loaded[1] if loaded[1] else np.nan,
        "loaded_rate_source": quoted[0] / quoted[1] if quoted[1] else np.nan, **more,
    }  # fmt: skip


def corpus(*rows):
    """Their tables: every article has three plain sentences of its outlet."""
    articles = pd.DataFrame(list(rows))
    sentences = [
        {"article_id": row["article_id"], "sentence": number, "start": 20 * number, "end": 20 * number + 19,
         "text": f"Sentence {number} of {row['article_id']}.", "voice": "author", "source": None, "loaded": 0.1}
        for row in rows for number in range(4)
    ]  # fmt: skip
    terms = pd.DataFrame(columns=["article_id", "sentence", "start", "end", "term", "category", "weight", "voice"])
    return {"articles": articles, "sentences": pd.DataFrame(sentences), "loaded_terms": terms}


THREE = corpus(
    article("a1", WIRE, loaded=(1, 10), headline_loaded=0.9, title="Shameless council"),
    article("b1", KLAXON, loaded=(6, 10), date="2026-05-03T08:00:00", title="Vote in the council", headline_loaded=0.1),
    article("c1", LANTERN, loaded=(3, 10)),
    article("a2", WIRE, "e2", loaded=(0, 10)),
    article("b2", KLAXON, "e2", loaded=(5, 10)),
    article("a3", WIRE, "e3"),
    article("a4", WIRE, "e3"),
)


def test_stories_of_most_outlets_come_first_and_those_of_one_outlet_are_left_out():
    table = stories.shared_stories(THREE).set_index("event")
    assert list(table.index) == ["e1", "e2"], "two articles of one outlet are no comparison"
    assert list(table.loc["e1", ["outlets", "articles", "copies"]]) == [3, 3, 0]
    assert table.loc["e1", "story"] == "Vote in the council", "the least loaded headline names the story"
    assert table.loc["e1", "date"] == "2026-05-03", "its first day"
    assert (table.loc["e1", "lowest"], table.loc["e1", "highest"]) == (f"{WIRE} 10%", f"{KLAXON} 60%")
    assert table.loc["e1", "spread"] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("rows", "story", "date", "lowest", "spread", "why"),
    [
        ([article("a", WIRE), article("b", KLAXON)], "Title a", "2026-05-04", None, 0.0, "all alike: none is lowest"),
        ([article("a", WIRE), article("b", KLAXON, loaded=(0, 0))], "Title a", "2026-05-04", None, np.nan,
         "only one outlet speaks in its own voice"),
        ([article("a", WIRE, title="", date=None), article("b", KLAXON, title=" ", date=None, loaded=(9, 10))],
         "e1", None, f"{WIRE} 20%", 0.7, "without headline and date the story has its number for a name"),
    ],
)  # fmt: skip
def test_what_a_story_lacks_is_left_open(rows, story, date, lowest, spread, why):
    row = stories.shared_stories(corpus(*rows)).iloc[0]
    assert (row["story"], row["date"], row["lowest"]) == (story, date, lowest), why
    assert row["spread"] == pytest.approx(spread, nan_ok=True), why


def test_each_version_stands_beside_all_others_on_the_story():
    found = stories.versions(THREE).set_index("article_id")
    assert list(found.index) == ["b1", "a1", "c1", "b2", "a2", "a3", "a4"], "by story, outlet, id"
    others = (1 + 3) / 20
    assert found.loc["b1", "difference"] == pytest.approx(0.6 - others)
    assert found.loc[["a3", "a4"], "difference"].isna().all(), "nobody else tells it"
    assert (found.loc["b1", "own"], found.loc["b1", "quoted"]) == (0.6, 0.25)


COPIES = corpus(
    article("a", WIRE),
    article("b", KLAXON, copy_of="a"),
    article("c", LANTERN, copy_of="a"),
    article("d", LANTERN, copy_of="a"),
    article("e", KLAXON, loaded=(9, 10)),
)


def test_a_copy_names_the_other_outlets_that_run_the_text_whichever_is_the_original():
    same = stories.versions(COPIES).set_index("article_id")["same_as"]
    assert same["a"] == f"{KLAXON} and {LANTERN}"
    assert same["b"] == f"{WIRE} and {LANTERN}"
    assert same["c"] == same["d"] == f"{KLAXON} and {WIRE}"
    assert same["e"] == "", "a text of its own"
    assert stories.shared_stories(COPIES).iloc[0]["copies"] == 4
    words = {part.heading: part.intro for part in stories.told(Trail(COPIES), stories.versions(COPIES))}
    assert words[WIRE].endswith(f"The same text as in {KLAXON} and {LANTERN}.")


def test_an_original_in_an_outlet_that_is_not_reported_on_is_not_named():
    lost = corpus(article("b", KLAXON, copy_of="gone"), article("c", LANTERN))
    assert set(stories.versions(lost)["same_as"]) == {""}


INTROS = [
    ({"loaded": (3, 10), "quoted": (1, 4)}, "Loaded: 30% in its own voice; 25% in the voices it quotes. "
     "Its own voice is 20 points above that of the others on this story.", "higher"),
    ({"loaded": (0, 10)}, "Loaded: 0% in its own voice; 25% in the voices it quotes. "
     "Its own voice is 10 points below that of the others on this story.", "lower"),
    ({"loaded": (1, 10)}, "Loaded: 10% in its own voice; 25% in the voices it quotes. "
     "Its own voice is level with that of the others on this story.", "the same"),
    ({"loaded": (11, 100), "quoted": (0, 0)}, "Loaded: 11% in its own voice; nobody quoted. "
     "Its own voice is 1 point above that of the others on this story.", "one point, and nobody quoted"),
    ({"loaded": (0, 0)}, "Loaded: no words of its own; 25% in the voices it quotes.", "nothing to be compared"),
]  # fmt: skip


@pytest.mark.parametrize(("row", "intro", "why"), INTROS)
def test_how_an_outlet_tells_a_story_is_said_in_words(row, intro, why):
    tables = corpus(article("a", WIRE, **row), article("b", KLAXON, loaded=(1, 10)))
    sections = {part.heading: part for part in stories.told(Trail(tables), stories.versions(tables))}
    assert sections[WIRE].intro == intro, why


def test_a_story_shows_headline_and_lead_of_every_outlet(tmp_path):
    shared, found = stories.shared_stories(THREE), stories.versions(THREE)
    first, second = stories.story_pages(Trail(THREE, str(tmp_path)), shared, found)
    page = (tmp_path / first).read_text("utf-8")
    assert first == "evidence/story-001-vote-in-the-council.html" and second.startswith("evidence/story-002-title-")
    for text in ("Shameless council", "Title c1", "Sentence 0 of a1.", f"Sentence {stories.LEAD - 1} of b1.", WIRE):
        assert text in page
    assert f"Sentence {stories.LEAD} of b1." not in page and "of b2." not in page
    assert stories.story_pages(Trail(THREE), shared, found) == ["", ""]


def test_stories_side_by_side_are_escaped_and_an_article_without_headline_says_so():
    tables = corpus(
        article("a", f"{WIRE} {NASTY}", title=NASTY, headline_terms='["script"]'),
        article("b", KLAXON, title=None, event="e1"),
    )
    tables["sentences"]["text"] = NASTY
    shared, found = stories.shared_stories(tables), stories.versions(tables)
    html = stories.side_by_side(Trail(tables), shared, found).html
    assert "<script" not in html and html.count("alert(&#x27;Klaxon&#x27;)") >= 4
    assert "(no headline)" in html and html.count("<li>") == 2


def test_without_shared_stories_that_is_what_stands_there():
    alone = corpus(article("a", WIRE), article("b", WIRE, "e2"))
    shared = stories.shared_stories(alone)
    assert shared.empty and "No story is told by two or more outlets." in stories.side_by_side(
        Trail(alone), shared, stories.versions(alone)
    ).html  # fmt: skip


def test_of_many_versions_those_furthest_apart_stand_side_by_side():
    rows = [article(f"a{n:02d}", f"Outlet {n:02d}", loaded=(n, 20)) for n in range(16)]
    tables = corpus(*rows, article("silent", "Outlet 99", loaded=(0, 0)))
    shared, found = stories.shared_stories(tables), stories.versions(tables)
    html = stories.side_by_side(Trail(tables), shared, found).html
    assert "(12 of 17 articles)" in html and html.count("<li>") == stories.MOST_BESIDE
    assert [f"Outlet {n:02d}<" in html for n in range(16)] == [True] * 6 + [False] * 4 + [True] * 6
    assert "Outlet 99" not in html
