"""Where one article stands: its numbers beside those of its corpus, and beside those of the same story.

One article has no interval: it says how it is worded, not how its outlet words its news. Among other articles copies of
one text count once, and copies of the article itself not at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from framing.comparison import MEASURES, MINIMUM_ARTICLES, rows_of
from framing.records import FRAMES, Article
from framing.report.article import Reported
from framing.report.phrasing import amount
from framing.report.render import Fragment, Results, paragraphs, quotations
from framing.report.summary import most_loaded

if TYPE_CHECKING:
    import pandas as pd

# What is set beside the corpus, the most telling first; the first three are drawn and told of the same story.
SHOWN: tuple[str, ...] = ("loaded_rate_author", "loaded_rate_source", "attributed_share", "loaded_terms",
                          *(f"frame_{name}" for name in FRAMES))  # fmt: skip
_DRAWN = SHOWN[:3]
_SAID = {
    "loaded_rate_author": "is loaded",
    "loaded_rate_source": "is loaded",
    "attributed_share": "are attributed to a source",
}
# A rate of fewer parts of sentences says little; a share of fewer articles is given as a count.
_FEW_PARTS, _FEW_ARTICLES = 5, 20
# From this share on an article stands above, or below, the others; a smaller share of ties is not worth telling.
_MOST, _TIES = 0.75, 0.1
# Characters of a headline in a sentence.
_HEADLINE = 100
_MANY = {"part of a sentence": "parts of sentences"}


def findings(reported: Reported) -> list[str]:
    """What is to be known of an article before all else, in sentences, each with its numbers."""
    lines = [f"{_named(reported.article)}: in its own voice {_told(reported, 'loaded_rate_author')}."]
    lines += _on_the_same_story(reported)
    lines.append(f"In the voices it quotes {_told(reported, 'loaded_rate_source')}.")
    lines.append(f"Of its words {_told(reported, 'attributed_share')}.")
    head = reported.analysis.headline
    if head.text.strip():
        is_loaded = "is loaded" if head.loaded >= 0.5 else "is not loaded"
        lines.append(f"The headline {is_loaded}: a probability of {head.loaded:.0%}.")
    return [*lines, *_remarks(reported)]


def _on_the_same_story(reported: Reported) -> list[str]:
    """How the article and the others on its story compare in own voice; nothing where either side has none."""
    pairs = same_story_differences(reported)
    lines = []
    for row in rows_of(pairs[pairs["measure"] == _DRAWN[0]]):
        have, their = ("has", "its") if row.articles == 1 else ("have", "their")
        lines.append(
            f"On the same story, {_number(row.articles, 'other article')} {have} {amount(row.others, row.measure)} in "
            f"{their} own voice: this one stands {_points(row.difference, _own(reported, row.measure).denominator)}."
        )
    return lines


def _remarks(reported: Reported) -> list[str]:
    """Copies, the lack of others, a language that the engine does not know."""
    lines = [f"The same text stands in {one}." for one in copies(reported)]
    if reported.scored is not None and not len(_others(reported, "attributed_share")):
        lines.append("The corpus has no other text: there is nothing to compare this article with.")
    if reported.analysis.known_words < 0.5:
        known = f"{reported.analysis.known_words:.0%}"
        lines.append(f"Caution: only {known} of the words are known to the engine, as in another language.")
    return lines


def _told(reported: Reported, measure: str) -> str:
    """A value of the article, what it is counted from, and where it stands."""
    own, said = _own(reported, measure), _SAID[measure]
    if own.denominator == 0:
        return "it says nothing"
    few = ", too few to say much" if measure != "attributed_share" and own.denominator < _FEW_PARTS else ""
    noun = "word" if measure == "attributed_share" else "part of a sentence"
    others = _others(reported, measure)
    where = f", {in_words(others, own.value)}" if len(others) else ""
    counted = f"{own.numerator:,.0f} of {_number(int(own.denominator), noun)}{few}"
    return f"{amount(own.value, measure)} {said} ({counted}){where}"


def in_words(others: Sequence[float] | np.ndarray, own: float) -> str:
    """Where a value stands among those of other articles: ``more than in 91% of the 827 other articles``.

    Shares of fewer than 20 articles are given as counts. NaN and an empty list of others have no place.
    """
    known = np.asarray(others, float)
    known = known[np.isfinite(known)]
    if not len(known) or not np.isfinite(own):
        return "no place among others"
    lower, higher = int((known < own).sum()), int((known > own).sum())
    same = len(known) - lower - higher
    parts = {"more than in": lower, "as in": same if same >= _TIES * len(known) else 0, "less than in": higher}
    for words in ("more than in", "less than in"):
        if parts[words] >= _MOST * len(known):
            parts = {words: parts[words]}
            break
    few = len(known) < _FEW_ARTICLES
    told = [f"{words} {count if few else _share(count / len(known))}" for words, count in parts.items() if count]
    noun = "other article" if len(known) == 1 else f"{len(known):,} other articles"
    return f"{' and '.join(told)} of the {noun}" if len(known) > 1 else f"{told[0].rsplit(' ', 1)[0]} the one {noun}"


def standings(reported: Reported) -> pd.DataFrame:
    """Each measure of the article beside the other articles of the corpus, each text once.

    Columns: ``measure``, ``value``, ``counted``, ``of``, ``first`` and ``third`` (quartiles of the others), ``lower``
    and ``higher`` (shares of the others in [0, 1]), ``others`` (how many have the measure). NaN where there is nothing
    to count, or nobody to compare with.
    """
    import pandas as pd

    rows = []
    for measure in SHOWN:
        own, others = _own(reported, measure), _others(reported, measure)
        there = len(others) > 0 and np.isfinite(own.value)
        first, third = np.quantile(others, [0.25, 0.75]) if len(others) >= MINIMUM_ARTICLES else (np.nan, np.nan)
        lower = float((others < own.value).mean()) if there else np.nan
        higher = float((others > own.value).mean()) if there else np.nan
        rows.append((measure, own.value, own.numerator, own.denominator, first, third, lower, higher, len(others)))
    columns = ["measure", "value", "counted", "of", "first", "third", "lower", "higher", "others"]
    return pd.DataFrame(rows, columns=columns)


def standings_shown(reported: Reported) -> pd.DataFrame:
    """Where an article stands, as it is read."""
    import pandas as pd

    rows = []
    for row in rows_of(standings(reported)):
        measure, others = MEASURES[row.measure], _others(reported, row.measure)
        counted = f"{row.counted:,.0f} of {row.of:,.0f} {measure.unit}" if measure.unit != "articles" else None
        first, third = (amount(end, row.measure) for end in (row.first, row.third))
        half = f"{first} to {third}" if np.isfinite(row.first) else None
        where = in_words(others, row.value) if len(others) and np.isfinite(row.value) else None
        rows.append((measure.label.removeprefix("the "), amount(row.value, row.measure), counted, half, where))
    shown = pd.DataFrame(
        rows, columns=["measure", "this article", "counted", "middle half of the others", "beside the others"]
    )
    return shown.dropna(axis=1, how="all")


def accounts(reported: Reported) -> list[str]:
    """What the article is compared with, in sentences."""
    if reported.scored is None:
        return ["The corpus was not asked for (parameter compare): these are the numbers of this article alone."]
    count = len(_others(reported, "attributed_share"))
    if not count:
        return [*reported.scored.accounts(), "The corpus has no other text: there is nothing to compare with."]
    few = f"It has only {_number(count, 'other text')}, too few to draw." if count < MINIMUM_ARTICLES else ""
    return [*reported.scored.accounts(), few]


def drawn(reported: Reported, results: Results) -> Fragment:
    """The measures that matter most as figures: the article among the others of its corpus."""
    from framing import figures

    parts = []
    for measure in _DRAWN:
        own, others = _own(reported, measure), _others(reported, measure)
        if len(others) >= MINIMUM_ARTICLES and np.isfinite(own.value):
            figure = figures.where_it_stands(others, own.value, measure)
            caption = f"{_capital(MEASURES[measure].label)}: this article among {len(others):,} others that have it."
            parts.append(results.figure(figure, f"stands_{measure}", caption))
    return _joined(parts)


def story(reported: Reported, results: Results) -> Fragment:
    """The articles on the same story as tables, and how this one differs; a sentence where there is no other."""
    table = same_story(reported)
    if table.empty:
        return paragraphs("No other article to compare with tells this story.")
    parts = [
        paragraphs(f"{_number(len(table) - 1, 'other article')} on this story.", reported.scored.stories)
        if reported.scored
        else paragraphs(),
        results.table(
            table,
            "same_story",
            "The articles on the same story, the most loaded in own voice first.",
            shown=same_story_shown(reported),
        ),
        results.table(
            same_story_differences(reported),
            "same_story_differences",
            "This article minus the others on its story, these taken together.",
            shown=differences_shown(reported),
        ),
    ]
    return _joined(parts)


def same_story(reported: Reported) -> pd.DataFrame:
    """The articles on the same story, this one among them; empty where no other tells it.

    Columns: ``article_id``, ``outlet``, ``title``, ``date``, the rates ``loaded_rate_author``,
    ``loaded_rate_source`` and ``attributed_share``, and ``note``: which row is this article, and which are copies.
    From the most loaded in own voice to the least.
    """
    import pandas as pd

    columns = ["article_id", "outlet", "title", "date", *_DRAWN, "note"]
    ids = _on_the_story(reported)
    if reported.scored is None or len(ids) < 2:
        return pd.DataFrame(columns=columns)
    articles = reported.scored.tables["articles"]
    found = articles[articles["article_id"].isin(ids)].copy()
    names = dict(zip(articles["article_id"], articles["outlet"], strict=True))
    copied = found["copy_of"].fillna("")
    notes = copied.map(lambda one: f"copy of {names.get(one, 'another text')}" if one else "").to_numpy()
    mine = (found["article_id"] == reported.article.id).to_numpy()
    found["note"] = np.where(mine, np.where(notes == "", "this article", "this article, " + notes), notes)
    order = ["loaded_rate_author", "article_id"]
    return found.sort_values(order, ascending=[False, True], ignore_index=True)[columns]


def same_story_shown(reported: Reported) -> pd.DataFrame:
    """The articles on the same story as they are read: the row of the article itself is marked."""
    import pandas as pd

    rows = []
    for row in rows_of(same_story(reported)):
        mark = "▶ " if row.article_id == reported.article.id else ""
        title = row.title if isinstance(row.title, str) and row.title.strip() else "no headline"
        rates = [amount(getattr(row, measure), measure) for measure in _DRAWN]
        rows.append((mark + row.outlet, title, row.date, *rates, row.note))
    names = ["outlet", "headline", "date", "own voice", "quoted voices", "attributed", "note"]
    return pd.DataFrame(rows, columns=names)


def same_story_differences(reported: Reported) -> pd.DataFrame:
    """The article minus the others on its story, these taken together: ratio of sums, each other text once.

    Columns: ``measure``, ``value``, ``others``, ``difference``, ``articles`` (how many others have the measure). A
    measure that either side lacks is left out.
    """
    import pandas as pd

    rows, ids = [], _on_the_story(reported)
    for measure in _DRAWN if len(ids) > 1 else ():
        own, counts = _own(reported, measure), reported.counts(measure)
        rest = counts[counts["article_id"].isin(ids) & (counts["text"] != own.text) & (counts["denominator"] > 0)]
        rest = rest.drop_duplicates("text")
        if len(rest) and np.isfinite(own.value):
            others = rest["numerator"].sum() / rest["denominator"].sum() * MEASURES[measure].scale
            rows.append((measure, own.value, others, own.value - others, len(rest)))
    return pd.DataFrame(rows, columns=["measure", "value", "others", "difference", "articles"])


def differences_shown(reported: Reported) -> pd.DataFrame:
    """The differences on the same story as they are read."""
    import pandas as pd

    rows = [
        (MEASURES[row.measure].label, amount(row.value, row.measure), amount(row.others, row.measure),
         f"{row.difference * 100:+.1f}", row.articles)
        for row in rows_of(same_story_differences(reported))
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["measure", "this article", "the others", "difference, points", "others"])


def others_put_it(reported: Reported) -> pd.DataFrame:
    """The most loaded sentence in own voice of each other outlet on the story, with its evidence."""
    ids = _on_the_story(reported) - {reported.article.id}
    tables = {name: table[table["article_id"].isin(ids)] for name, table in _tables(reported).items()}
    return most_loaded(tables, per_outlet=1)


def how_others_put_it(reported: Reported) -> Fragment:
    """Those sentences as they are read."""
    found = others_put_it(reported)
    return (
        quotations(found) if len(found) else paragraphs("No other outlet tells this story in loaded words of its own.")
    )


def copies(reported: Reported) -> list[str]:
    """The other articles of the corpus with the same text, named: outlet, headline, date."""
    if reported.scored is None:
        return []
    counts = reported.counts("attributed_share")
    same = set(counts[counts["text"] == _own(reported, "attributed_share").text]["article_id"])
    return [_named(one) for one in reported.scored.articles if one.id in same and one.id != reported.article.id]


def _joined(parts: Sequence[Fragment]) -> Fragment:
    return Fragment("".join(part.html for part in parts), "\n".join(part.text for part in parts))


def _tables(reported: Reported) -> dict[str, pd.DataFrame]:
    """The tables of the corpus, or those of the article where the corpus was not asked for."""
    return reported.tables if reported.scored is None else reported.scored.tables


def _own(reported: Reported, measure: str) -> Any:
    """The row of the article."""
    counts = reported.counts(measure)
    return rows_of(counts[counts["article_id"] == reported.article.id])[0]


def _others(reported: Reported, measure: str) -> np.ndarray:
    """The values of the other articles that have the measure, each text once, without copies of this one."""
    counts = reported.counts(measure)
    own = _own(reported, measure).text
    others = counts[(counts["text"] != own) & counts["value"].notna()].drop_duplicates("text")
    return others["value"].to_numpy(float)


def _on_the_story(reported: Reported) -> set[str]:
    counts = reported.counts("attributed_share")
    return set(counts[counts["event"] == _own(reported, "attributed_share").event]["article_id"])


def _named(article: Article) -> str:
    """An article by its headline, outlet and date, as a finding begins."""
    title = " ".join(article.title.split())
    head = (
        f"“{title if len(title) <= _HEADLINE else title[: _HEADLINE - 1] + '…'}”" if title else f"article {article.id}"
    )
    origin = ", ".join(part for part in (" ".join(article.outlet.split()), article.date or "") if part)
    return f"{head} ({origin})" if origin else head


def _points(difference: float, parts: float) -> str:
    """A difference in words; what a single part of a sentence would make or undo is none."""
    if abs(difference) * parts < 1:
        return "level with that, to within one part of a sentence"
    return f"{abs(difference) * 100:.1f} points {'higher' if difference > 0 else 'lower'}"


def _number(count: int, noun: str) -> str:
    """A count with its noun."""
    return f"{count:,} {noun if count == 1 else _MANY.get(noun, noun + 's')}"


def _share(part: float) -> str:
    """A share in percent; few are never called none, and most never all."""
    return "under 1%" if 0 < part < 0.005 else "over 99%" if 0.995 < part < 1 else f"{part:.0%}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
