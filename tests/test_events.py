"""Same-event clusters: wording and date decide, never order or outlet."""

import random

import pytest

from framing.errors import InputError
from framing.events import cluster_events
from framing.metrics import b_cubed
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


def test_neither_order_nor_outlet_matters():
    articles = [article(story, n) for n in range(4) for story in STORIES]
    shuffled = random.Random(7).sample(articles, len(articles))
    first = dict(zip([a.id for a in articles], cluster_events(articles), strict=True))
    second = dict(zip([a.id for a in shuffled], cluster_events(shuffled), strict=True))
    assert b_cubed(list(first.values()), [second[key] for key in first]) == 1


def test_the_same_words_a_month_later_are_another_event():
    assert cluster_events([article("dam", 0, "2026-03-02"), article("dam", 1, "2026-04-02")]) == [0, 1]


@pytest.mark.parametrize("day", [None, "", "last week"])
def test_an_article_without_a_date_goes_by_its_words(day):
    assert cluster_events([article("dam", 0), article("vote", 0), article("dam", 1, day)]) == [0, 1, 0]


@pytest.mark.parametrize("texts", [[], ["one"], ["", ""], ["…", "!!"]])
def test_few_or_empty_articles(texts):
    assert len(cluster_events([Article(str(i), text) for i, text in enumerate(texts)])) == len(texts)


@pytest.mark.parametrize(("similarity", "window"), [(0, 4), (1.5, 4), (0.2, -1)])
def test_parameters_out_of_range(similarity, window):
    with pytest.raises(InputError, match="similarity must be in"):
        cluster_events([], similarity=similarity, window=window)
