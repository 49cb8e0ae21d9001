"""Stories that several outlets tell: side by side, with what sets each apart from the others on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from framing.comparison import MEASURES, per_article, rows_of
from framing.comparison.groups import Groups
from framing.comparison.stories import story_by_story
from framing.report.evidence import Trail
from framing.report.page import Evidence, Section, beside
from framing.report.phrasing import counted, listed, named, points
from framing.report.render import Fragment, paragraphs

if TYPE_CHECKING:
    import pandas as pd

# The lead: so many sentences of an article are shown beside those of the others.
LEAD = 3
# In a report so many versions of a story stand side by side; its own page has all.
MOST_BESIDE = 12
MEASURE = "loaded_rate_author"


def shared_stories(tables: Mapping[str, pd.DataFrame], measure: str = MEASURE) -> pd.DataFrame:
    """Every story that two or more outlets tell, those of most outlets first.

    Columns: ``event``, ``story`` (the least loaded of its headlines), ``date`` (its first day), ``outlets``,
    ``articles``, ``copies`` (articles whose text another has), ``lowest`` and ``highest`` (outlets by ``measure``, with
    its value; none where only one has it or all are alike), ``spread`` (highest - lowest).
    """
    counts = per_article(tables, measure)
    outlets = counts.groupby("event")["group"].nunique()
    shared = counts[counts["event"].map(outlets) > 1].copy()
    shared["copied"] = shared.groupby(["event", "text"])["article_id"].transform("size") > 1
    found = shared.groupby("event").agg(articles=("article_id", "size"), copies=("copied", "sum"))
    found.insert(0, "outlets", outlets.reindex(found.index))
    facts = tables["articles"][["article_id", "title", "date", "headline_loaded"]]
    told = shared[["article_id", "event"]].merge(facts, on="article_id")
    headed = told[told["title"].fillna("").str.strip() != ""].sort_values(["headline_loaded", "title"])
    found["story"] = headed.groupby("event")["title"].first().reindex(found.index)
    found["date"] = told["date"].str[:10].groupby(told["event"]).min()
    known = shared[shared["denominator"] > 0].groupby(["event", "group"])[["numerator", "denominator"]].sum()
    ratios = (known["numerator"] / known["denominator"] * MEASURES[measure].scale).rename("ratio").reset_index()
    ends = ratios.sort_values(["event", "ratio", "group"]).groupby("event")
    for name, rows in (("lowest", ends.first()), ("highest", ends.last())):
        found[name], found[f"_{name}"] = rows["group"].reindex(found.index), rows["ratio"].reindex(found.index)
    several = ratios["event"].value_counts().reindex(found.index).fillna(0) > 1
    found["spread"] = (found["_highest"] - found["_lowest"]).where(several)
    apart = several & (found["spread"] > 0)
    for name in ("lowest", "highest"):
        cells = zip(found[name], found[f"_{name}"], apart, strict=True)
        found[name] = [f"{group} {ratio:.0%}" if differs else None for group, ratio, differs in cells]
    found = found.reset_index()
    found["story"] = found["story"].fillna(found["event"])
    found["date"] = found["date"].astype(object).where(found["date"].notna(), None)
    columns = ["event", "story", "date", "outlets", "articles", "copies", "lowest", "highest", "spread"]
    return found.sort_values(["outlets", "spread", "event"], ascending=[False, False, True], ignore_index=True)[columns]


def versions(tables: Mapping[str, pd.DataFrame], measure: str = MEASURE) -> pd.DataFrame:
    """How each outlet tells its stories: a row per article, in the order of stories, outlets and ids.

    Columns: ``event``, ``article_id``, ``outlet``, ``title``, ``date``, ``headline_loaded``, ``headline_terms``,
    ``own``, ``quoted`` (loaded rates of the article in either voice), ``difference`` (of its outlet from all others on
    the story; NaN where none is), ``same_as`` (the other outlets that run the same text, in words).
    """
    counts = per_article(tables, measure)
    apart = story_by_story(Groups(counts))[["event", "group", "difference"]]
    articles = tables["articles"]
    runs = counts.groupby("text")["group"].agg(lambda groups: sorted(set(groups))).to_dict()
    found = counts[["article_id", "event", "group", "text"]].merge(
        articles[["article_id", "title", "date", "headline_loaded", "headline_terms", "loaded_rate_author",
                  "loaded_rate_source"]], on="article_id")  # fmt: skip
    found = found.merge(apart, on=["event", "group"], how="left")
    found["same_as"] = [
        listed([named(name) for name in runs[text] if name != own], 4, "outlets")
        for text, own in zip(found["text"], found["group"], strict=True)
    ]
    names = {"group": "outlet", "loaded_rate_author": "own", "loaded_rate_source": "quoted"}
    return found.rename(columns=names).sort_values(["event", "outlet", "article_id"], ignore_index=True)


def story_pages(trail: Trail, stories: pd.DataFrame, found: pd.DataFrame) -> list[str]:
    """A page per story with every outlet's headline and lead; returns the address of each, in order."""
    by_event = dict(list(found.groupby("event")))
    return [
        trail.story(number, row.story, told(trail, by_event[row.event]))
        for number, row in enumerate(rows_of(stories), 1)
    ]


def told(trail: Trail, found: pd.DataFrame, lead: int = LEAD) -> list[Section]:
    """The articles on one story (rows of :func:`versions`), each a section: headline, first sentences, rates."""
    sections = []
    for place, row in enumerate(rows_of(found), 1):
        there = isinstance(row.title, str) and row.title.strip()
        first = trail.headline(row, f"v{place}-h") if there else Evidence(f"v{place}-h", "(no headline)")
        # Below its own headline a sentence need not say where it is from.
        lines = [
            replace(trail.sentence(one, f"v{place}-{k}"), origin="")
            for k, one in enumerate(trail.lead(row.article_id, lead), 1)
        ]
        sections.append(Section(row.outlet, [first, *lines], _rates(row), f"v{place}"))
    return sections


def side_by_side(trail: Trail, stories: pd.DataFrame, found: pd.DataFrame, *, lead: int = 1) -> Fragment:
    """Some stories as they stand in a report: of each the headlines and first words of all outlets, side by side."""
    if stories.empty:
        return paragraphs("No story is told by two or more outlets.")
    by_event = dict(list(found.groupby("event")))
    parts = []
    for row in rows_of(stories):
        date = f", {row.date}" if isinstance(row.date, str) else ""
        every, shown = by_event[row.event], _furthest_apart(by_event[row.event])
        some = "" if len(shown) == len(every) else f" ({len(shown)} of {counted(len(every), 'article')})"
        parts.append((f"{row.story}{date}{some}", told(trail, shown, lead)))
    return beside(parts)


def _furthest_apart(found: pd.DataFrame) -> pd.DataFrame:
    """Of more versions than stand side by side those with the lowest and the highest loaded rates in own voice."""
    if len(found) <= MOST_BESIDE:
        return found
    order = found.sort_values(["own", "article_id"])
    ends = [*order.index[: MOST_BESIDE // 2], *order.index[order["own"].notna()][-MOST_BESIDE // 2 :]]
    return found[found.index.isin(ends)]


def _rates(row: Any) -> str:
    own = f"{row.own:.0%} in its own voice" if np.isfinite(row.own) else "no words of its own"
    quoted = f"{row.quoted:.0%} in the voices it quotes" if np.isfinite(row.quoted) else "nobody quoted"
    parts = [f"Loaded: {own}; {quoted}."]
    if np.isfinite(row.difference):
        apart = f"{points(row.difference)} {'above' if row.difference > 0 else 'below'} that of"
        level = round(abs(row.difference) * 100) == 0
        parts.append(f"Its own voice is {'level with that of' if level else apart} the others on this story.")
    if row.same_as:
        parts.append(f"The same text as in {row.same_as}.")
    return " ".join(parts)
