"""What can be compared: ratios of two sums over articles, and the statistics per article that they are summed from."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from framing.errors import InputError, ParameterError, one_of
from framing.records import CUE_CLASSES, FRAMES

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Measure:
    """A ratio of two sums over articles: ``scale`` x sum(numerator) / sum(denominator).

    ``table`` names the table that its counts come from; ``unit`` says what the denominator counts.
    """

    name: str
    label: str
    unit: str
    table: str = "articles"
    numerator: str = ""
    denominator: str = ""
    scale: float = 1.0

    @property
    def percent(self) -> bool:
        """Whether its values are shares, to be shown in percent."""
        return self.scale == 1.0 and self.table != "stances"


_MEASURES = (
    Measure("loaded_rate_author", "loaded language in its own voice", "sentence parts in the author's voice",
            numerator="loaded_author_parts", denominator="author_parts"),
    Measure("loaded_rate_source", "loaded language in the voices it quotes", "sentence parts in a source's voice",
            numerator="loaded_source_parts", denominator="source_parts"),
    Measure("loaded_rate", "loaded language in all voices", "sentences",
            numerator="loaded_sentences", denominator="sentences"),
    Measure("loaded_headlines", "loaded headlines", "headlines", "headlines"),
    Measure("attributed_share", "words attributed to a source", "words",
            numerator="attributed_words", denominator="words"),
    Measure("quoted_openings", "stories that open with a source's voice", "articles", "openings"),
    Measure("direct_quotes", "attributions quoted word for word", "attributions", "kinds", "direct"),
    Measure("loaded_terms_author", "loaded terms in its own voice per 1,000 words", "words",
            numerator="terms_author", denominator="words", scale=1000.0),
    Measure("loaded_terms", "loaded terms per 1,000 words in all voices", "words", "loaded_terms",
            denominator="words", scale=1000.0),
    Measure("stance", "stance toward targets, -1 to 1", "mentions", "stances"),
    Measure("stance_author", "stance toward targets in its own voice, -1 to 1", "mentions", "stances", "author"),
    Measure("stance_source", "stance toward targets in the voices it quotes, -1 to 1", "mentions", "stances", "source"),
    *(Measure(f"{name}_cues", f"{name} cues", "attributions", "attributions", name) for name in CUE_CLASSES),
    *(Measure(f"frame_{name}", f"the {name.replace('_', ' ')} frame", "articles", "frames", name) for name in FRAMES),
)  # fmt: skip
MEASURES: dict[str, Measure] = {measure.name: measure for measure in _MEASURES}
VOICE_MEASURES: tuple[str, ...] = ("loaded_rate_author", "loaded_rate_source", "loaded_rate")
# A headline counts as loaded from this probability on, a story opens with its first sentences.
LOADED, OPENING = 0.5, 2


def as_tables(tables: Mapping[str, pd.DataFrame] | pd.DataFrame) -> Mapping[str, pd.DataFrame]:
    """The mapping of tables; a bare DataFrame is taken for the ``articles`` table."""
    import pandas as pd

    found = {"articles": tables} if isinstance(tables, pd.DataFrame) else tables
    if "articles" not in found:
        raise InputError(f"no table 'articles' among: {', '.join(found) or '(none)'}. Pass framing.tables.tables(...)")
    return found


def per_article(
    tables: Mapping[str, pd.DataFrame] | pd.DataFrame,
    measure: str = "loaded_rate_author",
    by: str = "outlet",
    *,
    target: str | None = None,
) -> pd.DataFrame:
    """The statistics that every comparison is summed from: one row per article.

    Columns: ``article_id``, ``group`` (the value of ``by``), ``event`` (its story, or its own id where it has none),
    ``text`` (the id of the article it is a copy of, or its own), ``numerator``, ``denominator``, ``value`` (their
    scaled ratio, NaN where the denominator is 0). ``target`` keeps stances toward that target only. Rows are in the
    order of ``article_id``, so that no result depends on the order of the corpus.
    """
    found = as_tables(tables)
    if measure not in MEASURES:
        raise ParameterError(one_of("measure", measure, MEASURES))
    chosen = MEASURES[measure]
    articles = found["articles"]
    counts = members(articles, by)
    counts["numerator"], counts["denominator"] = _sums(found, chosen, target)
    counts = counts.sort_values("article_id", kind="stable", ignore_index=True)
    usable = counts["denominator"] > 0
    ratio = counts["numerator"] / counts["denominator"].where(usable) * chosen.scale
    return counts.assign(value=ratio.astype(float))


def members(articles: pd.DataFrame, by: str = "outlet") -> pd.DataFrame:
    """Of every article its group, story and text, as in :func:`per_article`, in the order of the table."""
    need(articles, "articles", ["article_id", by])
    counts = articles[["article_id", by]].rename(columns={by: "group"}).copy()
    counts["group"] = counts["group"].fillna("").astype(str)
    for column, source in (("event", "event"), ("text", "copy_of")):
        given = articles[source].fillna("").astype(str).str.strip() if source in articles else ""
        counts[column] = given
        counts[column] = counts[column].where(counts[column] != "", counts["article_id"])
    return counts


def _sums(found: Mapping[str, pd.DataFrame], measure: Measure, target: str | None) -> tuple[np.ndarray, np.ndarray]:
    """Numerator and denominator of every row of the articles table."""
    articles = found["articles"]
    ids = articles["article_id"]
    if measure.table == "articles":
        need(articles, "articles", [measure.numerator, measure.denominator])
        counted = articles[[measure.numerator, measure.denominator]].fillna(0).to_numpy(float)
        return counted[:, 0], counted[:, 1]
    if measure.table == "headlines":
        need(articles, "articles", ["title", "headline_loaded"])
        there = articles["title"].fillna("").astype(str).str.strip() != ""
        return (there & (articles["headline_loaded"] >= LOADED)).to_numpy(float), there.to_numpy(float)
    table = {"openings": "sentences", "kinds": "attributions"}.get(measure.table, measure.table)
    if table not in found:
        raise InputError(f"measure {measure.name!r} needs the table {table!r}; given: {', '.join(found)}")
    rows = found[table]
    if measure.table == "openings":
        first = rows[rows["sentence"] < OPENING]
        return (_count(first[first["voice"] != "author"], ids) > 0).astype(float), (_count(first, ids) > 0).astype(
            float
        )
    if measure.table == "loaded_terms":
        return _count(rows, ids), articles[measure.denominator].to_numpy(float)
    if measure.table == "kinds":
        rows = rows[rows["content_start"].notna()]  # without content nothing is quoted
        return _count(rows[rows["kind"] == measure.numerator], ids), _count(rows, ids)
    if measure.table == "attributions":
        rows = rows[rows["cue_text"].notna()]  # without a cue there is no class to count
        return _count(rows[rows["cue_class"] == measure.numerator], ids), _count(rows, ids)
    if measure.table == "frames":
        kept = rows[rows["frame"] == measure.numerator]
        return _total(kept, "probability", ids), _count(kept, ids)
    kept = rows if not measure.numerator else rows[(rows["holder"] == "author") == (measure.numerator == "author")]
    kept = kept if target is None else kept[kept["target"] == target]
    return _total(kept, "stance", ids), _count(kept, ids)


def _count(rows: pd.DataFrame, ids: pd.Series) -> np.ndarray:
    return rows.groupby("article_id").size().reindex(ids).fillna(0).to_numpy(float)


def _total(rows: pd.DataFrame, column: str, ids: pd.Series) -> np.ndarray:
    return rows.groupby("article_id")[column].sum().reindex(ids).fillna(0).to_numpy(float)


def rows_of(table: pd.DataFrame) -> list[Any]:
    """The rows of a table with their columns as attributes."""
    row = _row_type(tuple(map(str, table.columns)))
    # Whole columns at once: text columns are slow to walk through cell by cell.
    return [row(*values) for values in zip(*(column.tolist() for _, column in table.items()), strict=True)]


@cache
def _row_type(columns: tuple[str, ...]) -> Any:
    return namedtuple("Row", columns, rename=True)  # its fields are known at run time only


def need(table: pd.DataFrame, name: str, columns: Iterable[str]) -> None:
    """An error that names the columns there are, where one of ``columns`` is not among them."""
    for column in columns:
        if column not in table.columns:
            raise InputError(one_of(f"column of table {name!r}", column, map(str, table.columns)))
