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
from framing.records import Attribution, LoadedTerm, Sentence

if TYPE_CHECKING:
    import pandas as pd

# A sentence counts as loaded from this probability on.
LOADED = 0.5

_SURROGATE = re.compile("[\ud800-\udfff]")
_TEXT, _INT, _REAL = pa.string(), pa.int64(), pa.float64()

SCHEMAS: dict[str, pa.Schema] = {
    "articles": pa.schema(
        [(name, _TEXT) for name in ("article_id", "outlet", "title", "date", "url", "event")]
        + [(name, _INT) for name in ("sentences", "words")]
        + [(name, _REAL) for name in ("loaded_rate", "loaded_rate_author", "loaded_rate_source", "attributed_share")]
        # The counts behind the rates, so that they can be pooled and resampled over articles.
        + [(name, _INT) for name in ("loaded_sentences", "author_parts", "loaded_author_parts")]
        + [(name, _INT) for name in ("source_parts", "loaded_source_parts", "attributed_words")]
        + [(name, _INT) for name in ("terms_author", "terms_source")]
        + [("headline_loaded", _REAL), ("headline_terms", _TEXT), ("known_words", _REAL)]
    ),
    "sentences": pa.schema(
        [("article_id", _TEXT), ("sentence", _INT), ("start", _INT), ("end", _INT), ("text", _TEXT)]
        + [("voice", _TEXT), ("source", _TEXT), ("loaded", _REAL), ("loaded_terms", _TEXT)]
        + [("polarity", _REAL), ("subjectivity", _REAL)]
    ),
    "loaded_terms": pa.schema(
        [("article_id", _TEXT), ("sentence", _INT), ("start", _INT), ("end", _INT), ("term", _TEXT)]
        + [("category", _TEXT), ("weight", _REAL), ("voice", _TEXT)]
    ),
    "attributions": pa.schema(
        [("article_id", _TEXT), ("attribution", _INT), ("sentence", _INT), ("kind", _TEXT), ("source", _TEXT)]
        + [("source_text", _TEXT), ("source_start", _INT), ("source_end", _INT)]
        + [("cue_text", _TEXT), ("cue_start", _INT), ("cue_end", _INT), ("cue_class", _TEXT)]
        + [("content_text", _TEXT), ("content_start", _INT), ("content_end", _INT), ("content_spans", _TEXT)]
    ),
    "stances": pa.schema(
        [("article_id", _TEXT), ("sentence", _INT), ("target", _TEXT), ("mention", _TEXT)]
        + [("start", _INT), ("end", _INT), ("negative", _REAL), ("neutral", _REAL), ("positive", _REAL)]
        + [("stance", _REAL), ("holder", _TEXT)]
    ),
    "frames": pa.schema([("article_id", _TEXT), ("frame", _TEXT), ("probability", _REAL), ("evidence", _TEXT)]),
}
TABLES: tuple[str, ...] = tuple(SCHEMAS)


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
        self._extra: list[Mapping[str, str]] = []
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
            self._row("frames", (analysis.article.id, frame.name, frame.probability, evidence))
        self._article(analysis, terms)

    def take(self, name: str) -> pa.Table:
        """The rows of one table so far, which are then forgotten."""
        table = pa.table({k: pa.array(v, SCHEMAS[name].field(k).type) for k, v in self._columns[name].items()})
        if name == "articles":
            table = self._with_extra(table)
        self._clear(name)
        return table

    def _row(self, name: str, values: Sequence[Any]) -> None:
        for column, value in zip(self._columns[name].values(), values, strict=True):
            column.append(value)

    def _sentences(self, analysis: Analysis, terms: list[list[LoadedTerm]]) -> None:
        identity = analysis.article.id
        for s, found in zip(analysis.sentences, terms, strict=True):
            words = json.dumps([term.text for term in found], ensure_ascii=False) if found else "[]"
            self._row(
                "sentences",
                (identity, s.index, s.start, s.end, _clean(s.text), s.voice, _clean(s.source_name), s.loaded)
                + (_clean(words), s.polarity, s.subjectivity),
            )
            for t in found:
                self._row(
                    "loaded_terms",
                    (identity, s.index, t.start, t.end, _clean(t.text), t.category, t.weight, t.voice),
                )

    def _attributions(self, analysis: Analysis) -> None:
        text = analysis.article.text
        starts = [sentence.start for sentence in analysis.sentences]
        for number, one in enumerate(analysis.attributions):
            begin, end = hull(one)
            source, cue = one.source, one.cue
            anchor = cue.start if cue else source.start if source else begin
            self._row(
                "attributions",
                (analysis.article.id, number, _sentence_at(starts, anchor if anchor is not None else 0), one.kind)
                + (_clean(one.source_name),)
                + ((_clean(source.text), source.start, source.end) if source else (None, None, None))
                + ((_clean(cue.text), cue.start, cue.end) if cue else (None, None, None))
                + (one.cue_class, _clean(text[begin:end]) if begin is not None else None, begin, end)
                + (json.dumps([(span.start, span.end) for span in one.content]),),
            )

    def _stances(self, analysis: Analysis) -> None:
        starts = [sentence.start for sentence in analysis.sentences]
        for s in analysis.stances:
            self._row(
                "stances",
                (analysis.article.id, _sentence_at(starts, s.start), _clean(s.target))
                + (_clean(analysis.article.text[s.start : s.end]), s.start, s.end)
                + (s.negative, s.neutral, s.positive, s.stance, _clean(s.holder)),
            )

    def _article(self, analysis: Analysis, terms: list[list[LoadedTerm]]) -> None:
        article, head = analysis.article, analysis.headline
        counts = loaded_counts(analysis.sentences, terms)
        words = len(article.text.split())
        attributed = sum(len(span.text.split()) for span in _merged(analysis))
        n = len(analysis.sentences)
        self._row(
            "articles",
            (article.id, _clean(article.outlet), _clean(article.title), _clean(article.date), _clean(article.url))
            + (_clean(article.extra.get("event")), n, words)
            + (_share(counts["loaded_sentences"], n), _share(counts["loaded_author_parts"], counts["author_parts"]))
            + (_share(counts["loaded_source_parts"], counts["source_parts"]), _share(attributed, words))
            + (counts["loaded_sentences"], counts["author_parts"], counts["loaded_author_parts"])
            + (counts["source_parts"], counts["loaded_source_parts"], attributed)
            + tuple(sum(term.voice == voice for term in analysis.loaded_terms) for voice in ("author", "source"))
            + (head.loaded, _clean(json.dumps([term.text for term in head.terms], ensure_ascii=False)))
            + (analysis.known_words,),
        )
        given = {"author": article.author} if article.author is not None else {}
        self._extra.append({**given, **{k: v for k, v in article.extra.items() if k != "event"}})

    def _with_extra(self, table: pa.Table) -> pa.Table:
        """The articles with the input's other columns; one that bears a name of ours is kept as ``name_given``."""
        for column in dict.fromkeys(name for row in self._extra for name in row):
            values = [_clean(row.get(column)) for row in self._extra]
            name = f"{column}_given" if column in table.column_names else column
            table = table.append_column(_clean(name) or "unnamed", pa.array(values, _TEXT))
        self._extra = []
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
    articles = rows.take("articles")
    counts["articles"] = articles.num_rows
    pq.write_table(articles, folder / "articles.parquet")
    if csv:
        for name in TABLES:
            write_csv(pq.ParquetFile(folder / f"{name}.parquet"), folder / f"{name}.csv")
    return counts


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


def _merged(analysis: Analysis) -> list[Any]:
    """Attributed content without what is counted already: nested contents lie inside others."""
    spans = sorted((s for a in analysis.attributions for s in a.content), key=lambda s: (s.start, -s.end))
    kept: list[Any] = []
    for span in spans:
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return kept


def _share(part: int, whole: int) -> float:
    """NaN where there is nothing to have a share of: never a zero that was not counted."""
    return part / whole if whole else float("nan")


def _clean(text: str | None) -> str | None:
    """Lone surrogates cannot be stored as UTF-8; a replacement character stands for each, so that lengths hold."""
    if text is None or text.isascii():
        return text
    return _SURROGATE.sub("\ufffd", text)
