"""A corpus read and scored for a report: who is in it, where every article went, which stories it tells."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from framing.comparison import MINIMUM_ARTICLES, MISSING, TOO_FEW
from framing.comparison.measures import members
from framing.engines import DEFAULT_ENGINE
from framing.errors import InputError
from framing.records import Article, Quarantined
from framing.report.phrasing import counted, named
from framing.store.records import Selection
from framing.store.selection import described, is_after

if TYPE_CHECKING:
    import pandas as pd

_INITIAL = re.compile(r" [A-Z]\. ")
# Such words make a phrase of a name: "Paul Ryan and Orrell" is not the long form of "Orrell".
_JOINING = {"and", "or", "of", "for", "as", "&"}
NO_OUTLET = "(no outlet given)"


@dataclass(frozen=True)
class Scored:
    """A corpus read and scored for a report: read = scored + quarantined + not asked for + later than ``as_of``.

    ``outlets`` have scored articles; ``missing`` were asked for and are not in the corpus; of ``unscored`` every
    article was set aside. ``stories`` says where the column ``event`` comes from. ``articles`` are those in the tables,
    in the same order, with ``event`` and ``copy_of`` among their other columns. ``set_aside`` counts, by
    outlet, those that could not be scored. ``unmentioned`` are targets asked for that no article mentions.
    ``selection`` says which articles of the corpus were read, where not all.
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
    set_aside: Mapping[str, int] = field(default_factory=dict)
    unmentioned: tuple[str, ...] = ()
    selection: str = ""

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
        shown = enough if len(enough) > 1 else self.outlets
        return sorted(sorted(shown, key=lambda name: (-sizes[name], name))[:most])

    def accounts(self) -> list[str]:
        """Where every article went, as sentences."""
        lines = [f"{counted(self.read, 'article')} read, {self.scored:,} scored"]
        if self.quarantined:
            lines[0] += f", {len(self.quarantined):,} set aside because they could not be read or scored"
        if self.not_asked:
            lines[0] += f", {self.not_asked:,} of outlets that were not asked for"
        if self.later:
            lines[0] += f", {self.later:,} dated after the day of this report"
        lines[0] += "."
        if self.selection:
            lines.insert(0, self.selection)
        if self.missing:
            lines.append(
                "Asked for but not in the corpus: " + ", ".join(map(named, self.missing)) + ". Nothing is said of them."
            )
        if self.unscored:
            lines.append(
                "No article could be scored of: " + ", ".join(map(named, self.unscored)) + ". Nothing is said of them."
            )
        if self.unmentioned:
            lines.append("Targets that no article mentions: " + ", ".join(map(named, self.unmentioned)) + ".")
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
    since: str = "",
    until: str = "",
    query: str = "",
    scores: str = "",
) -> Scored:
    """Read a corpus, keep the outlets asked for (all if none are) up to ``as_of``, and score it.

    ``since``, ``until`` and ``query`` are those of a :class:`~framing.store.records.Selection`: what they leave out is
    not read. An outlet that is asked for and not there is no error but ``missing``.

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

    selection = Selection(since=since, until=until, query=query)
    chosen_by = described(selection)
    found = read_articles(corpus, select=selection)
    asked = sum(not outlets or _outlet(a) in outlets for a in found.articles)
    known = [a for a in found.articles if not is_after(a.date, as_of)]
    chosen = [a for a in with_events(known, events) if not outlets or _outlet(a) in outlets]
    if not chosen:
        listed = ", ".join(sorted({_outlet(a) for a in found.articles})) or "(none)"
        raise InputError(
            f"no article is left to report on; outlets in the corpus: {listed}; as of: {as_of or 'any day'}"
            + (f"; {chosen_by}" if chosen_by else "")
        )
    failed: dict[str, Quarantined] = {}
    notes: list[str] = []

    def note(article: Article, reason: str) -> None:
        failed[article.id] = Quarantined(f"article {article.id}", reason, article.id)

    targets, words = read_options(targets_file, lexicon)
    scored = scored_tables(chosen, targets, engine=engine, lexicon=words, folder=scores, on_failure=note, notes=notes)
    _settle_names(scored, found_targets=targets is None)
    wanted = sorted({_outlet(a) for a in chosen})
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
        # The account of articles says what was selected; one line of it is enough.
        notes=(*(n for n in found.notes if not (chosen_by and n.startswith(chosen_by[:-1]))), *notes),
        signature=signature(engine, words),
        articles=tuple(a for a in chosen if a.id not in failed),
        set_aside=Counter(_outlet(a) for a in chosen if a.id in failed),
        unmentioned=tuple(sorted(set(targets.aliases if targets else ()) - set(scored["stances"]["target"]))),
        selection=chosen_by,
    )


def _settle_names(tables: dict[str, pd.DataFrame], *, found_targets: bool) -> None:
    """One form of each name in all articles, in place; targets that were asked for keep theirs."""
    if found_targets:
        tables["stances"]["target"] = one_name_each(tables["stances"], "target")
    tables["attributions"]["source"] = one_name_each(tables["attributions"], "source")
    given = tables["articles"]["outlet"].fillna("")
    tables["articles"]["outlet"] = given.where(given.str.strip() != "", NO_OUTLET)


def _outlet(article: Article) -> str:
    return article.outlet if article.outlet.strip() else NO_OUTLET


def _where_stories_come_from(events: str) -> str:
    told = "Which articles tell the same story"
    if events == "found":
        return f"{told} was worked out from their wording and dates, and may be wrong in places."
    return f"{told} is given by the corpus, in its column {'event' if events == 'column' else events!r}."


def one_name_each(table: pd.DataFrame, column: str) -> pd.Series:
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
    articles: dict[str, set[str]] = {}
    for name, article in zip(named[column].tolist(), named["article_id"].tolist(), strict=True):
        articles.setdefault(str(name), set()).add(article)
    longer: dict[str, list[str]] = {}
    for name in articles:
        if " " in name and _JOINING.isdisjoint(name.split()):
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
    """What each outlet contributes.

    Columns: ``outlet``, ``articles``, ``stories``, ``shared`` (stories that another outlet tells too), ``copies``
    (articles whose text another article has: they count once in every comparison), ``from``, ``to``, ``words``,
    ``sentences``, ``set_aside`` (could not be scored), ``note``.
    """
    import pandas as pd

    counts = members(scored.tables["articles"])
    outlets = counts.groupby("event")["group"].nunique()
    copied = counts["text"].map(counts["text"].value_counts()) > 1
    rows: list[dict[str, Any]] = []
    for name in scored.outlets:
        own = (counts["group"] == name).to_numpy()
        mine, stories = scored.tables["articles"][own], counts["event"][own].unique()
        dates = mine["date"].dropna().astype(str).str[:10]
        rows.append(
            {
                "outlet": name,
                "articles": len(mine),
                "stories": len(stories),
                "shared": int((outlets[stories] > 1).sum()),
                "copies": int(copied[own].sum()),
                "from": dates.min() if len(dates) else None,
                "to": dates.max() if len(dates) else None,
                "words": int(mine["words"].sum()),
                "sentences": int(mine["sentences"].sum()),
                "set_aside": scored.set_aside.get(name, 0),
                "note": "" if len(mine) >= MINIMUM_ARTICLES else TOO_FEW,
            }
        )
    rows += [{"outlet": name, "note": MISSING} for name in scored.missing]
    rows += [{"outlet": name, "set_aside": scored.set_aside.get(name, 0), "note": "none could be scored"}
             for name in scored.unscored]  # fmt: skip
    numbers = ["articles", "stories", "shared", "copies", "words", "sentences", "set_aside"]
    return pd.DataFrame(rows, columns=list(rows[0])).astype(dict.fromkeys(numbers, "Int64"))


def instrument(engine: str, lexicon: str = "") -> dict[str, Any]:
    """Versions and checksums of the engine and the lexicons in use."""
    from framing.scoring import signature

    return signature(engine, read_options("", lexicon)[1])
