"""What a report tells of a scored corpus: coverage, who is quoted, stance by outlet, the most loaded sentences.

Each function takes the tidy tables and gives a small table ready to be shown. An outlet that was asked for and
is not there is named, never counted as zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from framing.comparison import MINIMUM_ARTICLES, per_article, rates, rows_of

if TYPE_CHECKING:
    import pandas as pd


def told(attributions: pd.DataFrame) -> pd.DataFrame:
    """The attributions with content: a source that the tagger found without any is not quoted."""
    return attributions[attributions["content_start"].notna()]


def quoted_sources(tables: Mapping[str, pd.DataFrame], *, top: int = 8) -> pd.DataFrame:
    """The sources that each outlet quotes most: ``outlet``, ``source``, ``articles``, ``attributions``, cue classes.

    Sources are counted by the articles that quote them; those that could not be named are left out.
    """
    import pandas as pd

    articles, said = tables["articles"], told(tables["attributions"])
    named = said[said["source"].fillna("").str.strip() != ""].merge(articles[["article_id", "outlet"]], on="article_id")
    if named.empty:
        return pd.DataFrame(columns=["outlet", "source", "articles", "attributions", "direct", "cues"])
    named = named.assign(direct=(named["kind"] == "direct").astype(float))
    table = named.groupby(["outlet", "source"]).agg(
        articles=("article_id", "nunique"), attributions=("article_id", "size"), direct=("direct", "mean")
    )
    table = table.reset_index().sort_values(
        ["outlet", "articles", "attributions", "source"], ascending=[True, False, False, True]
    )
    table = table.groupby("outlet").head(top).reset_index(drop=True)
    cues = named.merge(table[["outlet", "source"]]).groupby(["outlet", "source"])["cue_class"].agg(_listed)
    return table.join(cues.rename("cues"), on=["outlet", "source"])


def _listed(values: pd.Series) -> str:
    counts = values.value_counts()
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def charged_cues(tables: Mapping[str, pd.DataFrame], *, top: int = 6) -> pd.DataFrame:
    """The cues other than neutral ones that each outlet uses most: ``outlet``, ``cue_class``, ``cue``, ``count``."""
    import pandas as pd

    articles, said = tables["articles"], tables["attributions"]
    sided = said[(said["cue_class"] != "neutral") & said["cue_text"].notna()]
    sided = sided.merge(articles[["article_id", "outlet"]], on="article_id")
    if sided.empty:
        return pd.DataFrame(columns=["outlet", "cue_class", "cue", "count"])
    sided = sided.assign(cue=sided["cue_text"].str.lower().str.split().str.join(" "))
    table = sided.groupby(["outlet", "cue_class", "cue"]).size().rename("count").reset_index()
    table = table.sort_values(["outlet", "count", "cue"], ascending=[True, False, True])
    return table.groupby("outlet").head(top).reset_index(drop=True)


def stance_by_target(
    tables: Mapping[str, pd.DataFrame],
    *,
    holder: Literal["author", "source"] | None = "author",
    top: int = 10,
    targets: Sequence[str] | None = None,
    seed: int = 0,
    resamples: int = 2000,
    level: float = 0.95,
    minimum: int = MINIMUM_ARTICLES,
) -> pd.DataFrame:
    """Mean stance of each outlet toward the targets that most articles mention.

    Columns: ``group``, ``target``, ``stance`` in [-1, 1], ``low``, ``high`` (bootstrap over stories, then articles; NaN
    below ``minimum`` articles), ``n`` articles, ``mentions``. ``holder="author"`` keeps the outlet's own words,
    ``"source"`` those of the people it quotes; None takes all. ``targets`` names them instead of ``top``. An outlet
    that never mentions a target has NaN there, never 0.
    """
    import pandas as pd

    columns = ["group", "target", "stance", "low", "high", "n", "mentions"]
    measure = "stance" if holder is None else f"stance_{holder}"
    parts = []
    for target in most_mentioned(tables, holder=holder, top=top) if targets is None else targets:
        found = rates(tables, measures=[measure], target=target, seed=seed, resamples=resamples, level=level,
                      minimum=minimum)  # fmt: skip
        parts.append(found.assign(target=target))
    if not parts:
        return pd.DataFrame(columns=columns)
    table = pd.concat(parts, ignore_index=True).rename(columns={"rate": "stance", "of": "mentions"})
    return table.assign(mentions=table["mentions"].astype(int))[columns]


def by_holder(own: pd.DataFrame, quoted: pd.DataFrame) -> pd.DataFrame:
    """Two tables of :func:`stance_by_target` in one, each row with its ``holder``."""
    import pandas as pd

    both = pd.concat([own.assign(holder="the outlet"), quoted.assign(holder="its sources")], ignore_index=True)
    columns = ["group", "target", "holder", *(name for name in own.columns if name not in ("group", "target"))]
    return both.sort_values(["target", "group", "holder"], ascending=[True, True, False], ignore_index=True)[columns]


def most_mentioned(
    tables: Mapping[str, pd.DataFrame], *, holder: Literal["author", "source"] | None = "author", top: int = 10
) -> list[str]:
    """The targets that most articles mention in that voice, most first."""
    stances = tables["stances"]
    kept = stances if holder is None else stances[(stances["holder"] == "author") == (holder == "author")]
    spread = kept.groupby("target")["article_id"].nunique()
    return sorted(spread.index, key=lambda name: (-spread[name], name))[:top]


def openings(tables: Mapping[str, pd.DataFrame], *, top: int = 3) -> pd.DataFrame:
    """Whose voice opens the story: of each outlet the sources that speak first in an article, most frequent first.

    Columns: ``outlet``, ``articles``, ``source_opens`` (articles in whose first sentences a source speaks), ``first``
    (the sources that speak first anywhere in an article, with the number of articles).
    """
    import pandas as pd

    articles, said = tables["articles"], told(tables["attributions"])
    named = said[said["source"].fillna("").str.strip() != ""].sort_values(["article_id", "content_start"])
    first = named.groupby("article_id").head(1).merge(articles[["article_id", "outlet"]], on="article_id")
    counts = per_article(tables, "quoted_openings")
    rows = []
    for name, mine in counts.groupby("group", sort=True):
        spoke = first[first["outlet"] == name]["source"].value_counts().sort_index().sort_values(
            ascending=False, kind="stable").head(top)  # fmt: skip
        listed = ", ".join(f"{source} {count}" for source, count in spoke.items())
        rows.append((name, len(mine), int(mine["numerator"].sum()), listed))
    return pd.DataFrame(rows, columns=["outlet", "articles", "source_opens", "first"])


def most_loaded(
    tables: Mapping[str, pd.DataFrame], *, outlets: Sequence[str] = (), per_outlet: int = 3, voice: str = "author"
) -> pd.DataFrame:
    """The sentences with the highest loaded probability of each outlet, one per article, with their evidence.

    Columns: ``outlet``, ``text``, ``marks`` (``(start, end, category)`` of loaded terms in the text), ``origin``,
    ``note``, ``loaded``, ``article_id``. ``voice`` keeps sentences in that voice; ``outlets`` keeps those (empty:
    all).
    """
    import pandas as pd

    articles, sentences, terms = tables["articles"], tables["sentences"], tables["loaded_terms"]
    kept = sentences[(sentences["voice"] == voice) & (sentences["loaded"] >= 0.5)]
    kept = kept.sort_values(["loaded", "article_id", "sentence"], ascending=[False, True, True])
    kept = kept.groupby("article_id", sort=False).head(1)
    kept = kept.merge(articles[["article_id", "outlet", "title", "date"]], on="article_id")
    kept = kept[kept["outlet"].isin(outlets)] if outlets else kept
    kept = kept.groupby("outlet", sort=True).head(per_outlet).sort_values("outlet", kind="stable")
    terms = terms.merge(kept[["article_id", "sentence"]], on=["article_id", "sentence"])
    by_sentence = dict(list(terms.groupby(["article_id", "sentence"])))
    rows = []
    for one in rows_of(kept):
        found = by_sentence.get((one.article_id, one.sentence))
        marks = [] if found is None else [
            (t.start - one.start, t.end - one.start, t.category) for t in rows_of(found)]  # fmt: skip
        words = ", ".join(f"{one.text[a:b]} ({category})" for a, b, category in marks)
        day = one.date[:10] if isinstance(one.date, str) else ""
        origin = ", ".join(str(part) for part in (one.outlet, one.title, day) if part and part == part)
        note = f"loaded {one.loaded:.0%}; " + (
            f"terms: {words}" if words else "no term stands out: the wording as a whole"
        )
        rows.append((one.outlet, one.text, marks, origin, note, one.loaded, one.article_id))
    return pd.DataFrame(rows, columns=["outlet", "text", "marks", "origin", "note", "loaded", "article_id"])


def in_context(tables: Mapping[str, pd.DataFrame], terms: pd.DataFrame, *, per_outlet: int = 4) -> pd.DataFrame:
    """The first of each outlet's distinctive ``terms`` where that outlet uses it in its own voice, once per article.

    Columns: ``outlet``, ``left``, ``keyword``, ``right``, ``article_id``.
    """
    import pandas as pd

    from framing.comparison.keyness import keyword_in_context

    columns = ["outlet", "left", "keyword", "right", "article_id"]
    used = tables["loaded_terms"]
    used = used[used["voice"] == "author"].assign(key=used["term"].str.lower().str.split().str.join(" "))
    used = used.drop_duplicates(["article_id", "key"]).merge(tables["articles"][["article_id", "outlet"]])
    parts = []
    for name, rows in terms.groupby("group", sort=True):
        term = rows["term"].iloc[0]
        places = used.loc[(used["outlet"] == name) & (used["key"] == term), ["article_id", "sentence"]]
        theirs = tables["sentences"].merge(places, on=["article_id", "sentence"]).sort_values("article_id")
        found = keyword_in_context({"articles": tables["articles"], "sentences": theirs}, term)
        parts.append(found.drop_duplicates("article_id").head(per_outlet)[columns])
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
