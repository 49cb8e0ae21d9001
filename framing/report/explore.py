"""Looking around in a scored corpus: which sentences fit a choice, and the table, article and figure that follow it.

The choice and what is shown of it are plain functions on the tables. Where ipywidgets is installed and the notebook is
live, :func:`explorer` puts controls before them; elsewhere it shows what the controls would show first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from framing.comparison import need, per_article
from framing.engines import DEFAULT_ENGINE
from framing.errors import InputError, one_of
from framing.records import Article
from framing.report.render import Fragment, Results, annotated, paragraphs, table

if TYPE_CHECKING:
    import pandas as pd

    from framing.analysis import TargetsLike

# The voices of a sentence, in words.
VOICES: dict[str, str] = {"author": "own voice", "source": "quoted voice", "mixed": "both voices"}
LOADED = 0.5
MEASURE = "loaded_rate_author"
_COLUMNS = ["article_id", "outlet", "title", "date", "event", "sentence", "text", "voice", "source", "loaded", "terms"]
# Lab centres what stands in tables; the sentence is what is read there, and the article below is to be in reach.
_STYLE = """<style>.fr-explored { max-height: 26rem; overflow: auto; line-height: 1.4; }
.fr-explored table { border-collapse: collapse; } .fr-explored caption { text-align: left; padding: .3rem 0; }
.fr-explored th, .fr-explored td { text-align: left; vertical-align: top; padding: .25rem .6rem .25rem 0; }
.fr-explored tbody th { font-weight: 400; } .fr-explored .fr-number { text-align: right; }</style>"""
# So many rows are shown, and so many valid values are named in an error.
_ROWS, _LISTED = 12, 12


@dataclass(frozen=True, slots=True)
class Choice:
    """What is looked at; an empty field takes all. ``article`` is an article_id, whose text is shown."""

    outlet: str = ""
    story: str = ""
    target: str = ""
    voice: str = ""
    word: str = ""
    article: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """What a choice shows: its sentences, the article that is open, and both as fragments of a page."""

    choice: Choice
    sentences: pd.DataFrame
    line: Fragment
    table: Fragment
    figure: Fragment
    article: Fragment


def select(
    tables: Mapping[str, pd.DataFrame],
    *,
    outlet: str = "",
    story: str = "",
    target: str = "",
    voice: str = "",
    word: str = "",
) -> pd.DataFrame:
    """The sentences that fit everything that is given, the most loaded first; what is left empty takes all.

    ``outlet`` and ``story`` are values of the columns ``outlet`` and ``event`` of the articles, ``target`` one of the
    stances, ``voice`` one of ``VOICES``; ``word`` is a word or phrase that stands in the sentence as whole words, in
    any case. Columns: ``article_id``, ``outlet``, ``title``, ``date``, ``event``, ``sentence``, ``text``, ``voice``,
    ``source``, ``loaded`` in [0, 1], ``terms`` (the loaded terms, separated by commas); with a target also ``stance``
    in [-1, 1], the mean over its mentions in the sentence.

    Raises :class:`~framing.errors.InputError` for a value that the tables do not have; the message names those they
    have. A word that stands nowhere is no error: nothing fits.
    """
    found = _sentences(tables)
    given = {"outlet": outlet, "story": story, "target": target, "voice": voice}
    for name, value in given.items():
        if value and value not in (valid := _values(tables, name)):
            listed = [*valid[:_LISTED], f"and {len(valid) - _LISTED:,} more"] if len(valid) > _LISTED else valid
            raise InputError(one_of(name, value, listed, remedy="Leave it empty to take all"))
    for column, value in (("outlet", outlet), ("event", story), ("voice", voice)):
        found = found[found[column] == value] if value else found
    if word.strip():
        found = found[found["text"].str.contains(_whole(word), regex=True, flags=re.IGNORECASE)]
    if target:
        stances = tables["stances"]
        mean = stances[stances["target"] == target].groupby(["article_id", "sentence"])["stance"].mean().reset_index()
        found = found.merge(mean, on=["article_id", "sentence"])
    return found.sort_values(["loaded", "article_id", "sentence"], ascending=[False, True, True], ignore_index=True)


def choices(tables: Mapping[str, pd.DataFrame], choice: Choice) -> dict[str, list[str]]:
    """Of outlet, story, target, voice and article the values that leave something to see, given all the others.

    A value that is chosen is always among them, so that it can be taken back.
    """
    given = {name: value for name, value in asdict(choice).items() if name != "article"}
    found: dict[str, list[str]] = {}
    for name in ("outlet", "story", "voice"):
        rest = select(tables, **{**given, name: ""})
        found[name] = list(set(rest["event" if name == "story" else name]))
    there = select(tables, **{**given, "target": ""})[["article_id", "sentence"]]
    found["target"] = list(set(tables["stances"].merge(there, on=["article_id", "sentence"])["target"].dropna()))
    for name, values in found.items():
        found[name] = sorted({*values, given[name]} - {""})
    fitting = select(tables, **given)
    found["article"] = list(dict.fromkeys(fitting["article_id"]))
    return found


def first_choice(tables: Mapping[str, pd.DataFrame]) -> Choice:
    """What is looked at before anything was chosen: the first outlet, or all where no outlet has a name."""
    named = _values(tables, "outlet")
    return Choice(outlet=named[0] if named else "")


def view(
    tables: Mapping[str, pd.DataFrame],
    articles: Sequence[Article],
    choice: Choice,
    *,
    show: Callable[[Article], Fragment],
    results: Results | None = None,
) -> View:
    """What a choice shows; ``show`` highlights an article.

    The open article is the one that is chosen, or else that of the most loaded sentence that fits.

    Raises :class:`~framing.errors.InputError` as :func:`select` does, and for an article that is not in ``articles``.
    """
    given = {name: value for name, value in asdict(choice).items() if name != "article"}
    found = select(tables, **given)
    known = {article.id: article for article in articles}
    if choice.article and choice.article not in known:
        raise InputError(
            one_of("article", choice.article, list(known)[:_LISTED], remedy="Leave it empty for the first")
        )
    fitting = list(dict.fromkeys(found["article_id"]))
    opened = choice.article if choice.article in fitting else fitting[0] if fitting else ""
    shown = results or Results()
    return View(
        replace(choice, article=opened),
        found,
        paragraphs(summary_line(tables, found)),
        _table(found, shown),
        _figure(tables, opened, shown) if opened else paragraphs(),
        show(known[opened]) if opened in known else paragraphs(),
    )


def summary_line(tables: Mapping[str, pd.DataFrame], found: pd.DataFrame) -> str:
    """How many sentences fit, in how many articles, and how many of them are loaded, beside all sentences."""
    everyone = tables["sentences"]
    if found.empty:
        return "No sentence fits all of this at once; take one of the conditions back."
    mine, all_of_them = (f"{(one['loaded'] >= LOADED).mean():.0%}" for one in (found, everyone))
    held = found["article_id"].nunique()
    line = (
        f"{_count(len(found), 'sentence')} of {len(everyone):,}, in {_count(held, 'article')}; "
        f"{mine} of them {'is' if len(found) == 1 else 'are'} loaded, against {all_of_them} of all."
    )
    return line + (f" Mean stance toward the target: {found['stance'].mean():+.2f}." if "stance" in found else "")


def explorer(
    tables: Mapping[str, pd.DataFrame],
    articles: Sequence[Article],
    *,
    results: Results | None = None,
    engine: str = DEFAULT_ENGINE,
    targets: TargetsLike = None,
) -> Any:
    """A corpus to look around in: controls in a live notebook, a still view of the same elsewhere.

    ``tables`` and ``articles`` as in :class:`framing.report.scored.Scored`; the article that is open is scored again
    by ``engine``, to be highlighted. It is a widget where ipywidgets is installed and a kernel runs the code. It is a
    :class:`~framing.report.render.Fragment`, the first view, where they are not, and where ``results`` has a folder to
    keep tables and figures in: a report has no kernel to answer.
    """
    if not (results and results.out) and _is_live():
        return controls(tables, articles, engine=engine, targets=targets)
    seen = view(tables, articles, first_choice(tables), show=_shower(engine, targets), results=results)
    outlet = paragraphs(f"Shown: {seen.choice.outlet or 'all outlets'}. In a live notebook, controls choose.")
    parts = (outlet, seen.line, seen.table, seen.figure, seen.article)
    return Fragment("".join(part.html for part in parts), "\n".join(part.text for part in parts))


def controls(
    tables: Mapping[str, pd.DataFrame],
    articles: Sequence[Article],
    *,
    engine: str = DEFAULT_ENGINE,
    targets: TargetsLike = None,
) -> Any:
    """The widget of :func:`explorer`: six controls by name in ``.controls``, and what they show in ``.shown``.

    Needs the extra ``lab`` (ipywidgets).
    """
    import ipywidgets as widgets

    wide, narrow = widgets.Layout(width="24rem"), {"description_width": "4rem"}
    names = ("outlet", "story", "target", "voice", "article")
    picked = {name: widgets.Dropdown(description=name, layout=wide, style=narrow) for name in names}
    picked["word"] = widgets.Text(
        description="word",
        placeholder="a word or phrase, then Enter",
        continuous_update=False,
        layout=wide,
        style=narrow,
    )
    shown = {name: widgets.HTML() for name in ("line", "table", "figure", "article")}
    show, titles = _shower(engine, targets), {a.id: _label(a) for a in articles}
    stories = _story_labels(tables)
    busy: list[bool] = []

    def refresh(choice: Choice) -> None:
        seen = view(tables, articles, choice, show=show)
        there = choices(tables, choice)
        busy.append(True)
        try:
            for name in names:
                words = {"voice": VOICES, "article": titles, "story": stories}.get(name, {})
                options = [("(all)", "")] if name != "article" else []
                picked[name].options = options + [(words.get(value, value), value) for value in there[name]]
                picked[name].value = getattr(seen.choice, name) or ("" if options else None)
        finally:
            busy.pop()
        for name, area in shown.items():
            html = getattr(seen, name).html
            area.value = f'{_STYLE}<div class="fr-explored">{html}</div>' if name == "table" else html

    def follow(_: Any) -> None:
        if not busy:
            refresh(Choice(**{name: control.value or "" for name, control in picked.items()}))

    refresh(first_choice(tables))
    for control in picked.values():
        control.observe(follow, names="value")
    order = ("outlet", "story", "target", "voice", "word", "article")
    box = widgets.VBox(
        [
            widgets.Box([picked[name] for name in order], layout=widgets.Layout(flex_flow="row wrap")),
            *shown.values(),
        ]
    )
    box.controls, box.shown = picked, shown
    return box


def _sentences(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Every sentence with what is known of its article, and its loaded terms in one cell."""
    articles, sentences = tables["articles"], tables["sentences"]
    need(articles, "articles", ["article_id", "outlet"])
    told = articles.reindex(columns=["article_id", "outlet", "title", "date", "event"])
    told = told.assign(**{name: told[name].fillna("").astype(str) for name in ("outlet", "title", "event")})
    terms = tables["loaded_terms"].groupby(["article_id", "sentence"])["term"].agg(", ".join).rename("terms")
    found = sentences.merge(told, on="article_id").merge(terms.reset_index(), on=["article_id", "sentence"], how="left")
    return found.assign(terms=found["terms"].fillna(""))[_COLUMNS]


def _values(tables: Mapping[str, pd.DataFrame], name: str) -> list[str]:
    """The values that a condition may have."""
    if name == "voice":
        return list(VOICES)
    source, column = {
        "outlet": ("articles", "outlet"),
        "story": ("articles", "event"),
        "target": ("stances", "target"),
    }[name]
    table_of = tables[source]
    return sorted(set(table_of[column].dropna().astype(str)) - {""}) if column in table_of else []


def _whole(word: str) -> str:
    return r"(?<!\w)" + r"\s+".join(map(re.escape, word.split())) + r"(?!\w)"


def _table(found: pd.DataFrame, results: Results) -> Fragment:
    different = found.drop_duplicates("text")
    caption = f"The most loaded sentences that fit, {min(len(different), _ROWS)} of {len(different):,} different ones."
    seen = different.head(_ROWS).assign(
        voice=lambda rows: rows["voice"].map(VOICES), title=lambda rows: rows["title"].map(_cut)
    )
    names = ["text", "terms", "voice", "loaded", *(["stance"] if "stance" in found else []), "outlet", "title"]
    formats = {"loaded": "{:.0%}".format, "stance": "{:+.2f}".format}
    labels = {"title": "headline", "text": "sentence", "terms": "loaded terms"}
    if not results.out:
        return table(seen[names], caption, formats=formats, labels=labels)
    return results.table(found, "explored", caption, shown=seen[names], formats=formats, labels=labels)


def _figure(tables: Mapping[str, pd.DataFrame], opened: str, results: Results) -> Fragment:
    from framing import figures

    counts = per_article(tables, MEASURE)
    own = counts.loc[counts["article_id"] == opened, "value"].iloc[0]
    others = counts.loc[counts["article_id"] != opened, "value"].dropna()
    if others.empty:
        return paragraphs("The corpus has no other article to compare the open one with.")
    figure = figures.where_it_stands(others, own, MEASURE)
    return results.figure(
        figure, "explored_article", "Loaded language in its own voice: the open article among all others."
    )


def _shower(engine: str, targets: TargetsLike) -> Callable[[Article], Fragment]:
    """Highlights an article; the last ones are kept, for a reader goes back and forth."""
    from framing.analysis import analyze

    kept = lru_cache(maxsize=32)(lambda text, title, outlet: annotated(
        analyze(Article("open", text, title, outlet), targets, engine=engine)
    ))  # fmt: skip
    return lambda article: kept(article.text, article.title, article.outlet)


def _is_live() -> bool:
    """Whether ipywidgets is installed and a kernel runs this code."""
    from importlib.util import find_spec

    if find_spec("ipywidgets") is None:
        return False
    from IPython import get_ipython

    return getattr(get_ipython(), "kernel", None) is not None


def _label(article: Article) -> str:
    return f"{_cut(article.title) or f'article {article.id}'} ({_cut(article.outlet) or 'no outlet'})"


def _cut(text: str, most: int = 70) -> str:
    """A text on one line, with an ellipsis where it is longer than a list of choices is wide."""
    plain = " ".join(text.split())
    return plain if len(plain) <= most else plain[: most - 1] + "…"


def _story_labels(tables: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """Stories by their name and the headline of their first article."""
    articles = tables["articles"].reindex(columns=["article_id", "event", "title", "date"]).sort_values(
        ["date", "article_id"], na_position="last"
    )  # fmt: skip
    first = articles.groupby("event", sort=False)["title"].first().fillna("")
    return {str(name): f"{name}: {_cut(title)}" if title else str(name) for name, title in first.items()}


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
