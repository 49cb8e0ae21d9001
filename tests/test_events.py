"""Stories and copies: wording and date decide, never order or outlet."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.benchmark.clusters import events
from framing.errors import InputError
from framing.events import WINDOW_DAYS, cluster_events, find_events, with_events
from framing.records import Article

STORIES = {
    "dam": "The dam above Corran burst on Monday after two days of rain, and water stood in the lower town.",
    "strike": "Dockers at Saltmere port walked out over remote cranes, and forty ships waited at anchor.",
    "vote": "Parliament passed the rent cap by nine votes after a debate on housing that lasted all night.",
}


def article(story: str, number: int, day: str | None = "2026-03-02") -> Article:
    tail = ["Nobody was hurt.", "Officials gave no figures.", "Talks go on today."][number % 3]
    return Article(f"{story}-{number}", f"{STORIES[story]} {tail}", title=story, date=day)


def test_stories_are_told_apart():
    articles = [article(story, n) for n in range(3) for story in STORIES]
    assert cluster_events(articles) == [0, 1, 2] * 3


def test_the_same_words_a_month_later_are_another_event():
    assert cluster_events([article("dam", 0, "2026-03-02"), article("dam", 1, "2026-04-02")]) == [0, 1]


@pytest.mark.parametrize("day", [None, "", "last week"])
def test_an_article_without_a_date_goes_by_its_words(day):
    assert cluster_events([article("dam", 0), article("vote", 0), article("dam", 1, day)]) == [0, 1, 0]


@pytest.mark.parametrize("texts", [[], ["one"], ["", ""], ["…", "!!"]])
def test_few_or_empty_articles(texts):
    found = find_events([Article(str(i), text) for i, text in enumerate(texts)])
    assert len(found.event) == len(texts)
    assert list(found.original) == list(range(len(texts)))


@pytest.mark.parametrize(("similarity", "window"), [(0, 4), (1.5, 4), (0.2, -1)])
def test_parameters_out_of_range(similarity, window):
    with pytest.raises(InputError, match="similarity must be in"):
        cluster_events([], similarity=similarity, window=window)


# --- copies

WIRE = (
    "Crews worked through the night on Tuesday to close a breach in the dam above Corran, where water has stood in the "
    "lower town since two days of rain filled the valley. Engineers lowered forty concrete blocks into the gap before "
    "dawn and said that the level had begun to fall. About nine hundred people slept in the sports hall and in two "
    "schools on the hill. The mayor, Dana Orrell, thanked the volunteers who carried mattresses and soup up the road "
    "after the bridge was shut. The company that runs the dam said that its gauges had worked and that it would open "
    "its records to the regional court. Farmers downstream counted drowned sheep and broken fences. Trains between "
    "Corran and Saltmere stay suspended until the weekend, and the power station is to start again on Thursday."
)
RETOLD = (
    "Forty blocks of concrete now plug the hole at Corran, and the flood is going down. The wall gave way on Monday, "
    "when rain that had fallen for two days pushed it out, and streets near the river went under. Orrell, who heads "
    "the council, spoke of neighbours with soup and bedding. In three shelters nine hundred residents waited for news, "
    "while a court asks the operator for the readings of its instruments. No train runs to Saltmere before Saturday."
)
MORE = (
    "Readers who live near the river told us that they had heard the wall before they saw the water. One of them, a "
    "baker, had been up since three and rang the bell of the chapel until the street was awake. He lost his oven."
)
OTHER = STORIES["vote"] + " The chamber heard sixty speakers, and landlords left the gallery before the count."
SHORT = "Orrell thanked the volunteers who carried mattresses and soup up the road after the bridge was shut."
NOTICE = "This story is for subscribers. Log in or take out a subscription to read all of it and support our newsroom."


def lightly_edited(text: str) -> str:
    for ours, theirs in [("About", "Some"), ("thanked", "praised"), ("shut", "closed"), ("counted", "found")]:
        text = text.replace(ours, theirs)
    return text


COPIES = [
    (WIRE, WIRE, True, "the same text under another headline"),
    (WIRE, WIRE[: WIRE.index("The company")], True, "cut at the end"),
    (WIRE, f"{WIRE} {MORE}", True, "with a paragraph of its own"),
    (WIRE, lightly_edited(WIRE), True, "with a few words changed"),
    (WIRE, RETOLD, False, "the same story in other words"),
    (SHORT, WIRE, False, "a short text that stands whole in one more than three times as long: quoted"),
    (WIRE, OTHER, False, "another story"),
    (NOTICE, NOTICE, False, "what stands on every page of an outlet: too short to be an article"),
    ("More to follow.", "More to follow.", False, "shorter than one run of five words"),
]


@pytest.mark.parametrize(("first", "second", "copied", "why"), COPIES)
def test_what_is_a_copy_and_what_is_none(first, second, copied, why):
    pair = [
        Article("a", first, title="Breach at Corran closed", date="2026-03-03"),
        Article("b", second, title="Night of concrete", outlet="Daily Klaxon", date="2026-03-04"),
    ]
    found = find_events([*pair, article("strike", 0), article("vote", 0)])
    assert found.original[1] == (0 if copied else 1), why
    assert found.original[0] == 0
    if copied:
        assert found.event[0] == found.event[1], "copies are always of one story"


def test_a_corpus_may_hold_nothing_but_one_text():
    """Its words tell nothing apart then, and are left out of the weights."""
    found = find_events([Article(f"a{n:02d}", WIRE, title="Dam", date="2026-03-02") for n in range(30)])
    assert set(found.original) == {0} and set(found.event) == {0}
    later = find_events([Article(f"a{n:02d}", WIRE, date=f"2026-0{3 + n % 2}-02") for n in range(30)])
    assert len(set(later.original)) == len(set(later.event)) == 2, "printed again after the window"


def test_few_articles_may_all_be_copies_of_one():
    told = [Article(f"{n:02d}", WIRE, title=f"Title {n}", date="2026-03-03") for n in range(15)]
    found = find_events(told)
    assert set(found.event) == {0} and set(found.original) == {0}


def test_the_earliest_is_the_original_wherever_it_stands():
    late, early = Article("b", WIRE, date="2026-03-04"), Article("a", WIRE, date="2026-03-03")
    assert find_events([late, early]).original == (1, 1)


def test_a_text_that_is_printed_again_and_again_begins_anew_after_the_window():
    again = [Article(str(n), WIRE, date=f"2026-03-{1 + 3 * n:02d}") for n in range(4)]
    found = find_events(again, window=4)
    assert found.original == (0, 0, 2, 2)
    assert found.event == (0, 0, 1, 1)


# --- whatever the corpus

days = st.one_of(st.none(), st.integers(0, 40).map(lambda n: str(date(2026, 3, 1) + timedelta(n))))
texts = st.sampled_from([WIRE, f"{WIRE} {MORE}", RETOLD, OTHER, SHORT, NOTICE, *STORIES.values(), ""])
corpora = st.lists(st.tuples(texts, days), max_size=14).map(
    lambda rows: [Article(f"{n:02d}", text, date=day) for n, (text, day) in enumerate(rows)]
)


def grouped(articles: list[Article]) -> tuple[set[frozenset[str]], dict[str, str]]:
    found = find_events(articles)
    stories: dict[int, set[str]] = {}
    for one, number in zip(articles, found.event, strict=True):
        stories.setdefault(number, set()).add(one.id)
    copies = {one.id: articles[k].id for one, k in zip(articles, found.original, strict=True)}
    return {frozenset(ids) for ids in stories.values()}, copies


@settings(deadline=None, max_examples=60)
@given(corpora, st.randoms(use_true_random=False), st.text(max_size=8))
def test_neither_order_nor_outlet_changes_anything(articles, random, outlet):
    shuffled = [replace(one, outlet=f"{outlet}{n}") for n, one in enumerate(articles)]
    random.shuffle(shuffled)
    assert grouped(shuffled) == grouped(articles)


@settings(deadline=None, max_examples=60)
@given(corpora)
def test_a_story_never_spans_more_than_the_window_and_holds_all_its_copies(articles):
    found = find_events(articles)
    for number in set(found.event):
        dated = [
            date.fromisoformat(a.date) for a, e in zip(articles, found.event, strict=True) if e == number and a.date
        ]
        assert not dated or (max(dated) - min(dated)).days <= WINDOW_DAYS
    for i, k in enumerate(found.original):
        assert found.event[i] == found.event[k] and found.original[k] == k


# --- as columns


def test_stories_and_copies_become_columns():
    told = with_events(
        [Article("b", WIRE, date="2026-03-04"), article("vote", 0), Article("a", WIRE, date="2026-03-03")]
    )
    assert [(one.extra["event"], one.extra["copy_of"]) for one in told] == [
        ("story 1", "a"),
        ("story 0", ""),
        ("story 1", ""),
    ]


def given_as(**extra: str) -> list[Article]:
    return [replace(article("dam", n), extra=extra) for n in range(2)]


@pytest.mark.parametrize(
    ("events", "extra", "expected", "why"),
    [
        ("found", {"event": "e1"}, {"event": "story 0", "event_given": "e1"}, "the input's own column is kept"),
        ("column", {"event": " e1 "}, {"event": "e1"}, "the input says it"),
        ("event", {"event": "e1"}, {"event": "e1"}, "the same, by its name"),
        ("topic", {"topic": "t", "event": "e1"}, {"event": "t", "topic": "t", "event_given": "e1"}, "another column"),
        ("found", {"event": "e1", "event_given": "e0"}, {"event": "story 0", "event_given": "e0",
                                                         "event_given_given": "e1"}, "no column is lost"),
        ("column", {"event": "e1", "copy_of": "x"}, {"event": "e1", "copy_of_given": "x"}, "copies are always found"),
    ],
)  # fmt: skip
def test_where_the_stories_come_from(events, extra, expected, why):
    for told in with_events(given_as(**extra), events):
        assert {k: v for k, v in told.extra.items() if k != "copy_of"} == expected, why


@pytest.mark.parametrize(("events", "named"), [("column", "event"), ("storyline", "storyline")])
def test_a_column_that_is_not_there_is_an_error_that_names_those_that_are(events, named):
    with pytest.raises(InputError, match=f"unknown column of events '{named}'; valid: topic, desk.*'found' works"):
        with_events(given_as(topic="t", desk="d"), events)


def test_an_empty_corpus_has_no_stories():
    assert with_events([], "column") == []


# --- against annotated stories


def test_each_annotated_corpus_that_is_there_has_its_figure(tmp_path):
    def lay(path: str, rows: list[dict]) -> None:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")

    told = [(story, f"{story}{n}", article(story, n)) for story in STORIES for n in range(2)]
    parts = [{"uuid": name, "title": a.title, "date": a.date, "story": story, "sentences": [{"text": a.text}]}
             for story, name, a in told]  # fmt: skip
    lay("data/events/basil_articles.jsonl", parts)
    whole = {"b_cubed_f1": 1.0, "articles": 6}
    assert events(tmp_path / "data", "linear") == whole
    words = [{"doc_id": name, "event_id": story, "sentences": [a.text.split()]} for story, name, a in told]
    lay("data/events/newswcl50.jsonl", words)
    lay("corpora/allsides.jsonl", [{"id": name, "title": a.title, "date": a.date, "event": "one", "text": a.text}
                                   for _, name, a in told[:4]])  # fmt: skip
    figures = events(tmp_path / "data", "linear")
    assert figures == {**whole, "newswcl50": whole, "allsides": {"b_cubed_f1": pytest.approx(2 / 3), "articles": 4}}
