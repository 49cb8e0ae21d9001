"""What a report tells of a scored corpus: coverage, who is quoted, stance by outlet, the most loaded sentences.

Each function takes the tidy tables and gives a small table ready to be shown. An outlet that was asked for and
is not there is named, never counted as zero.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from framing.comparison import (
    MINIMUM_ARTICLES,
    MISSING,
    TOO_FEW,
    bootstrap_interval,
    per_article,
    rows_of,
)
from framing.engines import DEFAULT_ENGINE
from framing.errors import InputError
from framing.records import Article, Quarantined

if TYPE_CHECKING:
    import pandas as pd

_INITIAL = re.compile(r" [A-Z]\. ")
NO_OUTLET = "(no outlet given)"


@dataclass(frozen=True)
class Scored:
    """A corpus read and scored for a report: read = scored + quarantined + not asked for + later than ``as_of``.

    ``outlets`` have scored articles; ``missing`` were asked for and are not in the corpus; of ``unscored`` every
    article was set aside. ``stories`` says where the column ``event`` comes from. ``articles`` are those in the tables,
    in the same order, with ``event`` and ``copy_of`` among their other columns.
    """

    tables: dict[str, pd.DataFrame]
    outlets: tuple[str, ...]
    missing: tuple[str, ...] = ()
    unscored: tuple[str, ...] = ()
    stories: str = ""
    quarantined: tuple[Quarantined, ...] = ()
    read: int = 0
    not_asked: int = 0
    later: int = 0
    notes: tuple[str, ...] = ()
    signature: Mapping[str, Any] = field(default_factory=dict)
    articles: tuple[Article, ...] = ()

    @property
    def scored(self) -> int:
        """How many articles the tables hold."""
        return len(self.tables["articles"])

    def drawn(self, most: int = 16) -> list[str]:
        """The outlets that figures show: all where they are few, else those with the most articles."""
        everyone = [*self.outlets, *self.missing]
        if len(everyone) <= most:
            return everyone
        sizes = self.tables["articles"]["outlet"].value_counts()
        enough = [name for name in self.outlets if sizes[name] >= MINIMUM_ARTICLES]
        return sorted(sorted(enough, key=lambda name: (-sizes[name], name))[:most])

    def accounts(self) -> list[str]:
        """Where every article went, as sentences."""
        lines = [f"{self.read:,} articles read, {self.scored:,} scored"]
        if self.quarantined:
            lines[0] += f", {len(self.quarantined):,} set aside because they could not be read or scored"
        if self.not_asked:
            lines[0] += f", {self.not_asked:,} of outlets that were not asked for"
        if self.later:
            lines[0] += f", {self.later:,} dated after the day of this report"
        lines[0] += "."
        if self.missing:
            lines.append("Asked for but not in the corpus: " + ", ".join(self.missing) + ". Nothing is said of them.")
        if self.unscored:
            lines.append("No article could be scored of: " + ", ".join(self.unscored) + ". Nothing is said of them.")
        return lines


def score_for_report(
    corpus: str,
    *,
    outlets: Sequence[str] = (),
    targets_file: str = "",
    engine: str = DEFAULT_ENGINE,
    lexicon: str = "",
    as_of: str = "",
    events: str = "found",
    scores: str = "",
) -> Scored:
    """Read a corpus, keep the outlets asked for (all if none are) up to ``as_of``, and score it.

    ``events`` says where stories come from, as in :func:`framing.events.with_events`; they are found over all outlets
    up to ``as_of``, whichever are asked for, so that a copy may have its original in another. Texts whose scores are in
    the folder ``scores`` are not scored again, and those of others are put there; empty: nothing is kept.

    Raises :class:`~framing.errors.InputError` where nothing is left to be scored (the message lists the outlets
    that the corpus has), and for a column of events that is not there.
    """
    from framing.corpus import read_articles
    from framing.events import with_events
    from framing.signature import signature
    from framing.stored_scores import scored_tables

    found = read_articles(corpus)
    asked = sum(not outlets or a.outlet in outlets for a in found.articles)
    known = [a for a in found.articles if not (as_of and a.date and a.date[: len(as_of)] > as_of)]
    chosen = [a for a in with_events(known, events) if not outlets or a.outlet in outlets]
    if not chosen:
        listed = ", ".join(sorted({a.outlet for a in found.articles if a.outlet})) or "(none named)"
        raise InputError(
            f"no article is left to report on; outlets in the corpus: {listed}; as of: {as_of or 'any day'}"
        )
    failed: dict[str, Quarantined] = {}
    notes: list[str] = []

    def note(article: Article, reason: str) -> None:
        failed[article.id] = Quarantined(f"article {article.id}", reason, article.id)

    targets, words = read_options(targets_file, lexicon)
    scored = scored_tables(chosen, targets, engine=engine, lexicon=words, folder=scores, on_failure=note, notes=notes)
    if targets is None:
        scored["stances"]["target"] = _one_name_each(scored["stances"], "target")
    scored["attributions"]["source"] = _one_name_each(scored["attributions"], "source")
    scored["articles"]["outlet"] = scored["articles"]["outlet"].replace("", NO_OUTLET).fillna(NO_OUTLET)
    wanted = sorted({a.outlet or NO_OUTLET for a in chosen})
    present = set(scored["articles"]["outlet"])
    return Scored(
        tables=scored,
        outlets=tuple(name for name in wanted if name in present),
        missing=tuple(name for name in dict.fromkeys(outlets) if name not in wanted),
        unscored=tuple(name for name in wanted if name not in present),
        stories=_where_stories_come_from(events),
        quarantined=(*found.quarantined, *failed.values()),
        read=found.read,
        not_asked=len(found.articles) - asked,
        later=asked - len(chosen),
        notes=(*found.notes, *notes),
        signature=signature(engine, words),
        articles=tuple(a for a in chosen if a.id not in failed),
    )


def _where_stories_come_from(events: str) -> str:
    told = "Which articles tell the same story"
    if events == "found":
        return f"{told} was worked out from their wording and dates, and may be wrong in places."
    return f"{told} is given by the corpus, in its column {'event' if events == 'column' else events!r}."


def _one_name_each(table: pd.DataFrame, column: str) -> pd.Series:
    """Names found article by article, each under one form: "Trump" and "Donald J. Trump" are "Donald Trump".

    A middle initial goes where the name occurs without it. A single word becomes the longer name that ends in it,
    where four in five articles with such a name have that one, and hardly any article has both side by side: an
    article that tells "House" from "White House" means two things.
    """
    named = table[["article_id", column]].dropna().copy()
    plain = {name: _INITIAL.sub(" ", name) for name in named[column].unique()}
    known = set(plain)
    renamed = {name: short for name, short in plain.items() if short in known}
    named[column] = named[column].map(lambda name: renamed.get(name, name))
    articles = {str(name): set(ids) for name, ids in named.groupby(column)["article_id"]}
    longer: dict[str, list[str]] = {}
    for name in articles:
        if " " in name:
            longer.setdefault(name.split()[-1], []).append(name)
    for last, names in longer.items():
        best = max(names, key=lambda name: (len(articles[name]), name))
        alone = articles.get(last, set())
        mostly = len(articles[best]) >= 0.8 * sum(len(articles[name]) for name in names)
        if alone and mostly and len(alone & articles[best]) <= 0.1 * len(alone):
            renamed[last] = best
    return table[column].map(lambda name: renamed.get(name, name), na_action="ignore")


def read_options(targets_file: str = "", lexicon: str = "") -> tuple[Any, Any]:
    """The targets and the lexicon that two parameters name; None for what is not given."""
    from framing.entities import read_targets
    from framing.lexicon import default_lexicon, read_lexicon

    targets = read_targets(targets_file) if targets_file else None
    return targets, read_lexicon(lexicon, default_lexicon()) if lexicon else None


def coverage(scored: Scored) -> pd.DataFrame:
    """What each outlet contributes: articles, first and last date, words, sentences, headlines that are loaded."""
    import pandas as pd

    articles = scored.tables["articles"]
    rows: list[dict[str, Any]] = []
    for name in scored.outlets:
        mine = articles[articles["outlet"] == name]
        dates = mine["date"].dropna().astype(str).str[:10]
        heads = mine["headline_loaded"][mine["title"].fillna("").str.strip() != ""]
        rows.append(
            {
                "outlet": name,
                "articles": len(mine),
                "from": dates.min() if len(dates) else None,
                "to": dates.max() if len(dates) else None,
                "words": int(mine["words"].sum()),
                "sentences": int(mine["sentences"].sum()),
                "loaded_headlines": f"{int((heads >= 0.5).sum())} of {len(heads)}" if len(heads) else None,
                "note": "" if len(mine) >= MINIMUM_ARTICLES else TOO_FEW,
            }
        )
    rows += [{"outlet": name, "articles": None, "note": MISSING} for name in scored.missing]
    rows += [{"outlet": name, "articles": None, "note": "none could be scored"} for name in scored.unscored]
    return pd.DataFrame(rows).astype({"articles": "Int64", "words": "Int64", "sentences": "Int64"})


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
    groups = named.groupby(["outlet", "source"])
    table = groups.agg(
        articles=("article_id", "nunique"),
        attributions=("article_id", "size"),
        direct=("kind", lambda kind: float((kind == "direct").mean())),
        cues=("cue_class", _listed),
    ).reset_index()
    table = table.sort_values(["outlet", "articles", "attributions", "source"], ascending=[True, False, False, True])
    return table.groupby("outlet").head(top).reset_index(drop=True)


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
    holder: str | None = "author",
    top: int = 10,
    seed: int = 0,
    resamples: int = 2000,
    level: float = 0.95,
    minimum: int = MINIMUM_ARTICLES,
) -> pd.DataFrame:
    """Mean stance of each outlet toward the targets that most articles mention.

    Columns: ``group``, ``target``, ``stance`` in [-1, 1], ``low``, ``high`` (bootstrap over articles; NaN below
    ``minimum`` articles), ``n`` articles, ``mentions``. ``holder="author"`` keeps the outlet's own words; None
    takes all. An outlet that never mentions a target has NaN there, never 0.
    """
    import pandas as pd

    columns = ["group", "target", "stance", "low", "high", "n", "mentions"]
    stances = tables["stances"]
    kept = stances if holder is None else stances[stances["holder"] == holder]
    if kept.empty:
        return pd.DataFrame(columns=columns)
    spread = kept.groupby("target")["article_id"].nunique()
    chosen = sorted(spread.index, key=lambda name: (-spread[name], name))[:top]
    measure = "stance" if holder is None else "stance_author"
    rows = []
    for target in chosen:
        counts = per_article({**tables, "stances": kept}, measure, target=target)
        for name in sorted(counts["group"].unique()):
            mine = counts[(counts["group"] == name) & (counts["denominator"] > 0)]
            low, high = np.nan, np.nan
            if len(mine) >= minimum:
                low, high = bootstrap_interval(mine, measure, seed=seed, stream=name, resamples=resamples, level=level)
            mentions = int(mine["denominator"].sum())
            value = mine["numerator"].sum() / mentions if mentions else np.nan
            rows.append((name, target, value, low, high, len(mine), mentions))
    return pd.DataFrame(rows, columns=columns)


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
    by_sentence = dict(list(terms.groupby(["article_id", "sentence"])))
    rows = []
    for one in rows_of(kept):
        found = by_sentence.get((one.article_id, one.sentence))
        marks = [] if found is None else [
            (t.start - one.start, t.end - one.start, t.category) for t in rows_of(found)]  # fmt: skip
        words = ", ".join(f"{one.text[a:b]} ({category})" for a, b, category in marks)
        origin = ", ".join(str(part) for part in (one.outlet, one.title, one.date) if part and part == part)
        note = f"loaded {one.loaded:.0%}; " + (
            f"terms: {words}" if words else "no term stands out: the wording as a whole"
        )
        rows.append((one.outlet, one.text, marks, origin, note, one.loaded, one.article_id))
    return pd.DataFrame(rows, columns=["outlet", "text", "marks", "origin", "note", "loaded", "article_id"])


def in_context(tables: Mapping[str, pd.DataFrame], terms: pd.DataFrame, *, per_outlet: int = 4) -> pd.DataFrame:
    """The first of each outlet's distinctive ``terms`` where that outlet uses it in its own voice.

    Columns: ``outlet``, ``left``, ``keyword``, ``right``, ``article_id``.
    """
    import pandas as pd

    from framing.comparison.keyness import keyword_in_context

    columns = ["outlet", "left", "keyword", "right", "article_id"]
    parts = []
    for name, rows in terms.groupby("group", sort=True):
        own = tables["articles"][tables["articles"]["outlet"] == name]
        theirs = tables["sentences"][
            tables["sentences"]["article_id"].isin(own["article_id"]) & (tables["sentences"]["voice"] != "source")
        ]
        found = keyword_in_context({"articles": own, "sentences": theirs}, rows["term"].iloc[0], limit=per_outlet)
        parts.append(found[columns])
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def instrument(engine: str, lexicon: str = "") -> dict[str, Any]:
    """Versions and checksums of the engine and the lexicons in use."""
    from framing.scoring import signature

    return signature(engine, read_options("", lexicon)[1])
