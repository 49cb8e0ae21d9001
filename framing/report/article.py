"""What a report tells of one article: its numbers in a few lines, who says what, stances, frames."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from framing.engines import DEFAULT_ENGINE
from framing.errors import InputError
from framing.report.scored import read_options
from framing.report.summary import told

if TYPE_CHECKING:
    import pandas as pd

    from framing.analysis import Analysis


def pick_article(corpus: str, article_id: str = "", *, targets_file: str = "", engine: str = DEFAULT_ENGINE,
                 lexicon: str = "") -> Analysis:  # fmt: skip
    """One article of a corpus, scored: the one of that id, or the first where no id is given.

    Raises :class:`~framing.errors.InputError` for an id that the corpus does not have.
    """
    from framing.analysis import analyze
    from framing.corpus import read_articles

    found = read_articles(corpus).articles
    wanted = [article for article in found if not article_id or article.id == article_id]
    if not wanted:
        some = ", ".join(article.id for article in found[:12]) + (", ..." if len(found) > 12 else "")
        raise InputError(f"no article {article_id!r} in the corpus; it has: {some or '(none)'}")
    targets, words = read_options(targets_file, lexicon)
    return analyze(wanted[0], targets, engine=engine, lexicon=words)


def glance(analysis: Analysis, tables: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """An article in a few lines: what it is, how much of it is loaded, how much of it others say."""
    article, row = analysis.article, tables["articles"].iloc[0]

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
