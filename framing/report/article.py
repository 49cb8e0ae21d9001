"""What a report tells of one article: its numbers in a few lines, who says what, stances, frames.

Where its numbers stand among those of other articles is told by :mod:`framing.report.standing`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING

from framing.comparison import per_article
from framing.engines import DEFAULT_ENGINE
from framing.errors import InputError, one_of
from framing.records import Article, Corpus
from framing.report.scored import Scored, read_options, score_for_report
from framing.report.summary import told
from framing.store.records import Selection

if TYPE_CHECKING:
    import pandas as pd

    from framing.analysis import Analysis

# So many ids are named in an error.
_LISTED = 12


@dataclass(frozen=True)
class Reported:
    """One article scored, its own ``tables``, and the corpus around it (None: it was not asked for)."""

    analysis: Analysis
    tables: dict[str, pd.DataFrame]
    scored: Scored | None = None
    _counted: dict[str, pd.DataFrame] = field(default_factory=dict, repr=False, compare=False)

    def counts(self, measure: str) -> pd.DataFrame:
        """:func:`framing.comparison.per_article` over the corpus, or the article alone; worked out once."""
        if measure not in self._counted:
            tables = self.tables if self.scored is None else self.scored.tables
            self._counted[measure] = per_article(tables, measure)
        return self._counted[measure]

    @property
    def article(self) -> Article:
        """The article itself."""
        return self.analysis.article


def report_on(
    corpus: str,
    article_id: str = "",
    *,
    compare: bool = True,
    events: str = "found",
    targets_file: str = "",
    engine: str = DEFAULT_ENGINE,
    lexicon: str = "",
    since: str = "",
    until: str = "",
    query: str = "",
    scores: str = "",
) -> Reported:
    """One article of a corpus, scored: the one of that id, or the first where no id is given.

    ``compare`` scores the corpus too; ``events``, ``since``, ``until``, ``query`` and ``scores`` are as in
    :func:`framing.report.scored.score_for_report`: with a folder of scores every text is scored once.

    Raises :class:`~framing.errors.InputError` for an id that the corpus does not have, and for an article that could
    not be read or scored.
    """
    from framing.analysis import analyze_many
    from framing.corpus import read_articles
    from framing.tables import tables

    selection = Selection(since=since, until=until, query=query)
    wanted = pick_article(read_articles(corpus, select=selection), article_id)
    targets, words = read_options(targets_file, lexicon)
    failed: list[str] = []
    found = list(
        analyze_many([wanted], targets, engine=engine, lexicon=words, on_failure=lambda _, why: failed.append(why))
    )
    if not found:
        raise InputError(f"article {wanted.id!r} cannot be scored: {'; '.join(failed)}; choose another article_id")
    scored = score_for_report(
        corpus, events=events, targets_file=targets_file, engine=engine, lexicon=lexicon, since=since, until=until,
        query=query, scores=scores,
    ) if compare else None  # fmt: skip
    return Reported(found[0], tables(found), scored)


def pick_article(corpus: Corpus, article_id: str = "") -> Article:
    """The article of that id, or the first where no id is given.

    Raises :class:`~framing.errors.InputError` for an id that is not there (the message lists some that are, the
    nearest first) and for one that was set aside as the corpus was read (it says why).
    """
    found = {article.id: article for article in corpus.articles}
    if article_id in found:
        return found[article_id]
    if found and not article_id:
        return next(iter(found.values()))
    for one in corpus.quarantined:
        if article_id and one.id == article_id:
            raise InputError(f"article {article_id!r} ({one.place}) cannot be scored: {one.reason}")
    near = get_close_matches(article_id, list(found), n=3)
    some = list(dict.fromkeys([*near, *found]))[:_LISTED]
    more = f"{len(found) - len(some):,} more; they stand in the column id of the corpus"
    raise InputError(one_of("article_id", article_id, [*some, more] if len(found) > len(some) else some))


def glance(reported: Reported) -> dict[str, str]:
    """An article in a few lines: what it is, how much of it is loaded, how much of it others say."""
    analysis, article, row = reported.analysis, reported.article, reported.tables["articles"].iloc[0]

    def share(part: str, whole: str) -> str:
        return f"{row[part] / row[whole]:.0%} ({row[part]:,} of {row[whole]:,})" if row[whole] else "none there"

    head = f"{analysis.headline.loaded:.0%}" if analysis.headline.text.strip() else "no headline"
    facts = {
        "Headline": article.title or "none",
        "Outlet": article.outlet or "not given",
        "Date": article.date or "not given",
        "Author": article.author or "not given",
        "Address": article.url or "not given",
        "Length": f"{row['words']:,} words, {row['sentences']:,} sentences",
        "Probability that the headline is loaded": head,
        "Loaded in the outlet's own voice": share("loaded_author_parts", "author_parts"),
        "Loaded in quoted voices": share("loaded_source_parts", "source_parts"),
        "Words attributed to a source": share("attributed_words", "words"),
    }
    if analysis.known_words < 0.5:
        facts["Caution"] = f"only {analysis.known_words:.0%} of the words are known to the engine: another language?"
    return facts


def attributions_shown(table: pd.DataFrame) -> pd.DataFrame:
    """Attributions as they are read: source, as named, cue, its class, kind, content."""
    shown = told(table)[["source", "source_text", "cue_text", "cue_class", "kind", "content_text"]]
    names = {"source_text": "as named", "cue_text": "cue", "cue_class": "cue class", "content_text": "content"}
    return shown.rename(columns=names)


def stance_by_holder(table: pd.DataFrame) -> pd.DataFrame:
    """Mean stance toward each target by who holds it: ``target``, ``holder``, ``stance``, ``mentions``."""
    named = table.assign(holder=table["holder"].replace("author", "the outlet"))
    groups = named.groupby(["target", "holder"])["stance"]
    shown = groups.agg(stance="mean", mentions="size").reset_index()
    return shown.sort_values(["mentions", "target", "holder"], ascending=[False, True, True], ignore_index=True)


def frames_shown(analysis: Analysis) -> pd.DataFrame:
    """Each frame with its probability and the sentences that carry it most."""
    import pandas as pd

    texts = {sentence.index: " ".join(sentence.text.split()) for sentence in analysis.sentences}
    rows = [
        (frame.name.replace("_", " "), frame.probability, " / ".join(texts[i] for i in frame.sentences if i in texts))
        for frame in sorted(analysis.frames, key=lambda frame: -frame.probability)
    ]
    return pd.DataFrame(rows, columns=["frame", "probability", "sentences"])
