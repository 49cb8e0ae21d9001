"""Analyses to tidy tables, and the tables to disk.

Six tables, one row per article, sentence, loaded term, attribution, stance, and article x frame. Rows are kept
in column lists and become Arrow tables in one step; a writer streams them to Parquet so that memory does not
grow with the corpus.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from csv import QUOTE_NONNUMERIC
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from framing.analysis import Analysis
from framing.records import Article, Attribution, LoadedTerm, Sentence, Span

if TYPE_CHECKING:
    import pandas as pd

# A sentence counts as loaded from this probability on.
LOADED = 0.5

_SURROGATE = re.compile("[\ud800-\udfff]")
_TEXT, _INT, _REAL = pa.string(), pa.int64(), pa.float64()


def _schema(columns: str) -> pa.Schema:
    """Columns by name: ``#`` after a name says whole number, ``%`` real number, nothing says text."""
    types = {"#": _INT, "%": _REAL}
    return pa.schema([(column.rstrip("#%"), types.get(column[-1], _TEXT)) for column in columns.split()])


SCHEMAS: dict[str, pa.Schema] = {
    # Behind the rates stand the counts they are made of, so that they can be pooled and resampled over articles.
    "articles": _schema(
        "article_id outlet title date url event copy_of sentences# words# loaded_rate% loaded_rate_author% "
        "loaded_rate_source% attributed_share% loaded_sentences# author_parts# loaded_author_parts# source_parts# "
        "loaded_source_parts# attributed_words# terms_author# terms_source# headline_loaded% headline_terms "
        "known_words%"
    ),
    "sentences": _schema(
        "article_id sentence# start# end# text voice source loaded% loaded_terms polarity% subjectivity%"
    ),
    "loaded_terms": _schema("article_id sentence# start# end# term category weight% voice"),
    "attributions": _schema(
        "article_id attribution# sentence# kind source source_text source_start# source_end# cue_text cue_start# "
        "cue_end# cue_class content_text content_start# content_end# content_spans"
    ),
    "stances": _schema("article_id sentence# target mention start# end# negative% neutral% positive% stance% holder"),
    "frames": _schema("article_id frame probability% evidence"),
}
TABLES: tuple[str, ...] = tuple(SCHEMAS)
# What the input says of an article; all else in its row was scored or counted.
IDENTITY: tuple[str, ...] = ("article_id", "outlet", "title", "date", "url", "event", "copy_of")


def tables(analyses: Iterable[Analysis]) -> dict[str, pd.DataFrame]:
    """All tables of some analyses, by name; the columns of each are those of ``SCHEMAS``.

    The ``articles`` table carries the input's other columns behind its own.
    """
    rows = Rows()
    for analysis in analyses:
        rows.add(analysis)
    return {name: rows.take(name).to_pandas() for name in TABLES}


class Rows:
    """Rows of all tables, collected column by column."""

    def __init__(self) -> None:
        self._columns: dict[str, dict[str, list[Any]]] = {}
        self._articles: list[Article] = []
        for name in TABLES:
            self._clear(name)

    def _clear(self, name: str) -> None:
        self._columns[name] = {column: [] for column in SCHEMAS[name].names}

    def add(self, analysis: Analysis) -> None:
        """Take in one analysis."""
        terms = _by_sentence(analysis.sentences, analysis.loaded_terms)
        self._sentences(analysis, terms)
        self._attributions(analysis)
        self._stances(analysis)
        for frame in analysis.frames:
            evidence = json.dumps(list(frame.sentences))
            self._row("frames", analysis.article.id, frame.name, frame.probability, evidence)
        self._article(analysis, terms)

    def take(self, name: str) -> pa.Table:
        """The rows of one table so far, which are then forgotten."""
        table = pa.table({k: pa.array(v, SCHEMAS[name].field(k).type) for k, v in self._columns[name].items()})
        if name == "articles":
            table = with_columns_of(self._articles, table)
            self._articles = []
        self._clear(name)
        return table

    def _row(self, name: str, *values: Any) -> None:
        for column, value in zip(self._columns[name].values(), values, strict=True):
            column.append(value)

    def _sentences(self, analysis: Analysis, terms: list[list[LoadedTerm]]) -> None:
        identity = analysis.article.id
        for s, found in zip(analysis.sentences, terms, strict=True):
            source, words = _clean(s.source_name), _listed(found)
            here = (identity, s.index, s.start, s.end, _clean(s.text))
            self._row("sentences", *here, s.voice, source, s.loaded, words, s.polarity, s.subjectivity)
            for t in found:
                here = (identity, s.index, t.start, t.end, _clean(t.text))
                self._row("loaded_terms", *here, t.category, t.weight, t.voice)

    def _attributions(self, analysis: Analysis) -> None:
        starts = [sentence.start for sentence in analysis.sentences]
        for number, one in enumerate(analysis.attributions):
            begin, end = hull(one)
            content = None if begin is None else _clean(analysis.article.text[begin:end])
            parts = json.dumps([(span.start, span.end) for span in one.content])
            anchor = one.cue or one.source or one.content[0]
            self._row(
                "attributions",
                *(analysis.article.id, number, _sentence_at(starts, anchor.start), one.kind, _clean(one.source_name)),
                *_placed(one.source),
                *_placed(one.cue),
                *(one.cue_class, content, begin, end, parts),
            )

    def _stances(self, analysis: Analysis) -> None:
        starts = [sentence.start for sentence in analysis.sentences]
        for s in analysis.stances:
            mention = _clean(analysis.article.text[s.start : s.end])
            here = (analysis.article.id, _sentence_at(starts, s.start), _clean(s.target), mention, s.start, s.end)
            self._row("stances", *here, s.negative, s.neutral, s.positive, s.stance, _clean(s.holder))

    def _article(self, analysis: Analysis, terms: list[list[LoadedTerm]]) -> None:
        article, head = analysis.article, analysis.headline
        counts = loaded_counts(analysis.sentences, terms)
        words, attributed = len(article.text.split()), _attributed_words(analysis.attributions)
        voices = [term.voice for term in analysis.loaded_terms]
        row = {
            **identity(article),
            "sentences": len(analysis.sentences),
            "words": words,
            "loaded_rate": _share(counts["loaded_sentences"], len(analysis.sentences)),
            "loaded_rate_author": _share(counts["loaded_author_parts"], counts["author_parts"]),
            "loaded_rate_source": _share(counts["loaded_source_parts"], counts["source_parts"]),
            "attributed_share": _share(attributed, words),
            **counts,
            "attributed_words": attributed,
            "terms_author": voices.count("author"),
            "terms_source": voices.count("source"),
            "headline_loaded": head.loaded,
            "headline_terms": _listed(head.terms),
            "known_words": analysis.known_words,
        }
        self._row("articles", *(row[name] for name in SCHEMAS["articles"].names))
        self._articles.append(article)


def identity(article: Article) -> dict[str, str | None]:
    """The columns of ``IDENTITY``: what the input says of an article, and where its story comes from."""
    extra = article.extra
    told = (article.outlet, article.title, article.date, article.url, extra.get("event"), extra.get("copy_of"))
    return dict(zip(IDENTITY, (article.id, *map(_clean, told)), strict=True))


def with_columns_of(articles: Sequence[Article], table: pa.Table) -> pa.Table:
    """Their rows with the input's other columns; one that bears a name of ours is kept as ``name_given``."""
    carried = []
    for article in articles:
        given = {"author": article.author} if article.author is not None else {}
        carried.append({**given, **{k: v for k, v in article.extra.items() if k not in IDENTITY[-2:]}})
    for column in dict.fromkeys(name for row in carried for name in row):
        values = [_clean(row.get(column)) for row in carried]
        name = f"{column}_given" if column in table.column_names else column
        table = table.append_column(_clean(name) or "unnamed", pa.array(values, _TEXT))
    return table


def loaded_counts(sentences: Sequence[Sentence], terms: Sequence[Sequence[LoadedTerm]]) -> dict[str, int]:
    """How many sentences are loaded, and in whose voice.

    A sentence in which outlet and source both speak counts as two parts. A part is loaded when its sentence is
    (probability >= .5) and at least one of the sentence's loaded terms stands in that part; where a loaded
    sentence has no term at all, both of its parts are.
    """
    counts = dict.fromkeys(
        ("loaded_sentences", "author_parts", "loaded_author_parts", "source_parts", "loaded_source_parts"), 0
    )
    for sentence, found in zip(sentences, terms, strict=True):
        is_loaded = sentence.loaded >= LOADED
        counts["loaded_sentences"] += is_loaded
        for voice in ("author", "source"):
            if sentence.voice not in (voice, "mixed"):
                continue
            counts[f"{voice}_parts"] += 1
            counts[f"loaded_{voice}_parts"] += is_loaded and (
                sentence.voice == voice or not found or any(term.voice == voice for term in found)
            )
    return counts


def hull(attribution: Attribution) -> tuple[int | None, int | None]:
    """From the first to the last character of an attribution's content; None, None where it has none."""
    if not attribution.content:
        return None, None
    return min(span.start for span in attribution.content), max(span.end for span in attribution.content)


def write_tables(
    analyses: Iterable[Analysis], folder: Path, *, csv: bool = False, flush_every: int = 64
) -> dict[str, int]:
    """Stream the tables into ``folder`` as Parquet (and CSV); returns the number of rows of each.

    The folder must exist. Rows go to disk every ``flush_every`` articles; only the ``articles`` table, whose
    columns are not known before the end, waits in memory.
    """
    rows, counts = Rows(), dict.fromkeys(TABLES, 0)
    streamed = [name for name in TABLES if name != "articles"]
    writers = {name: pq.ParquetWriter(folder / f"{name}.parquet", SCHEMAS[name]) for name in streamed}
    try:
        for number, analysis in enumerate(analyses, 1):
            rows.add(analysis)
            if number % flush_every == 0:
                _flush(rows, writers, counts)
        _flush(rows, writers, counts)
    finally:
        for writer in writers.values():
            writer.close()
    return counts | write_arrow({"articles": rows.take("articles")}, folder, csv=TABLES if csv else ())


def write_arrow(found: Mapping[str, pa.Table], folder: Path, *, csv: Iterable[str] = ()) -> dict[str, int]:
    """Write whole tables into ``folder`` as Parquet, then CSV of those named; returns the number of rows of each."""
    for name, table in found.items():
        pq.write_table(table, folder / f"{name}.parquet")
    for name in csv:
        write_csv(pq.ParquetFile(folder / f"{name}.parquet"), folder / f"{name}.csv")
    return {name: table.num_rows for name, table in found.items()}


def read_tables(folder: Path) -> dict[str, pd.DataFrame]:
    """The tables that :func:`write_tables` left in a folder."""
    return {name: pq.read_table(Path(folder) / f"{name}.parquet").to_pandas() for name in TABLES}


def write_csv(parquet: pq.ParquetFile, path: Path) -> None:
    """A table as CSV; a text cell that a spreadsheet would take for a formula gets an apostrophe before it."""
    with path.open("w", encoding="utf-8", newline="") as out:
        for number, batch in enumerate(parquet.iter_batches(10_000)):
            frame = batch.to_pandas()
            for column in [field.name for field in batch.schema if field.type in (_TEXT, pa.large_string())]:
                frame[column] = frame[column].map(_inert, na_action="ignore")
            # Text is always quoted: a bare carriage return in a cell would end the row for some readers.
            frame.to_csv(out, index=False, header=number == 0, lineterminator="\n", quoting=QUOTE_NONNUMERIC)
        if not parquet.metadata.num_rows:
            out.write(",".join(f'"{name}"' for name in parquet.schema_arrow.names) + "\n")


def _inert(cell: str) -> str:
    return "'" + cell if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def _flush(rows: Rows, writers: Mapping[str, pq.ParquetWriter], counts: dict[str, int]) -> None:
    for name, writer in writers.items():
        table = rows.take(name)
        if table.num_rows:
            writer.write_table(table)
            counts[name] += table.num_rows


def _by_sentence(sentences: Sequence[Sentence], terms: Sequence[LoadedTerm]) -> list[list[LoadedTerm]]:
    """The terms of each sentence; both are in text order."""
    found: list[list[LoadedTerm]] = [[] for _ in sentences]
    at = 0
    for term in terms:
        while at + 1 < len(sentences) and sentences[at + 1].start <= term.start:
            at += 1
        found[at].append(term)
    return found


def _sentence_at(starts: Sequence[int], offset: int) -> int:
    return max(bisect_right(starts, offset) - 1, 0)


def _attributed_words(given: Iterable[Attribution]) -> int:
    """Words in attributed content; what lies inside another content is counted once."""
    words, reached = 0, -1
    for span in sorted((s for one in given for s in one.content), key=lambda s: (s.start, -s.end)):
        if span.start >= reached:
            words += len(span.text.split())
            reached = span.end
    return words


def _placed(span: Span | None) -> tuple[str | None, int | None, int | None]:
    return (None, None, None) if span is None else (_clean(span.text), span.start, span.end)


def _listed(terms: Iterable[LoadedTerm]) -> str | None:
    return _clean(json.dumps([term.text for term in terms], ensure_ascii=False))


def _share(part: int, whole: int) -> float:
    """NaN where there is nothing to have a share of: never a zero that was not counted."""
    return part / whole if whole else float("nan")


def _clean(text: str | None) -> str | None:
    """Lone surrogates cannot be stored as UTF-8; a replacement character stands for each, so that lengths hold."""
    if text is None or text.isascii():
        return text
    return _SURROGATE.sub("\ufffd", text)
