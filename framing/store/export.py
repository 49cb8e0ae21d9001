"""Articles of a corpus written to one file, for other programs and for every command that reads articles."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from framing.errors import InputError, one_of
from framing.reading.formats import Table
from framing.storage import write_whole
from framing.store.folder import CorpusStore
from framing.store.records import Selection


def export_articles(
    store: CorpusStore, path: Path, selection: Selection | None = None, *, versions: str = "latest"
) -> int:
    """Write articles to a ``.jsonl``, ``.csv`` or ``.parquet`` file, whole or not at all, and return how many.

    The file has a column for each field and for whatever else the sources told, and
    :func:`framing.corpus.read_articles` reads it. In CSV a cell that a spreadsheet would take for a formula gets an
    apostrophe before it; in the other two nothing is altered.

    Raises :class:`~framing.errors.InputError` for another kind of file, for a selection that cannot be meant, and
    where a part that holds some of the articles is damaged.
    """
    write = _WRITERS.get(path.suffix.lower())
    if write is None:
        raise InputError(one_of("file type", path.name, _WRITERS))
    table = _whole(store, selection, versions)
    write_whole(path, write(table))
    return len(table.rows)


def article_rows(
    store: CorpusStore, selection: Selection | None = None, *, versions: str = "latest"
) -> Sequence[Mapping[str, str | None]]:
    """Articles as plain rows, as :func:`export_articles` writes them, which see."""
    return _rows(_whole(store, selection, versions))


def _whole(store: CorpusStore, selection: Selection | None, versions: str) -> Table:
    table = store.select(selection or Selection(), versions=versions)
    damaged = [row for row in table.rows if row.values is None]
    if damaged:
        raise InputError(f"{len(damaged)} article(s) cannot be exported; {damaged[0].place}: {damaged[0].reason}")
    return table


def _rows(table: Table) -> Sequence[Mapping[str, str | None]]:
    return [row.values for row in table.rows if row.values is not None]


def _jsonl(table: Table) -> bytes:
    return "".join(json.dumps(dict(row), ensure_ascii=False) + "\n" for row in _rows(table)).encode("utf-8")


def _csv(table: Table) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(map(_inert, table.columns))
    writer.writerows([_inert(row.get(name) or "") for name in table.columns] for row in _rows(table))
    return out.getvalue().encode("utf-8")


def _inert(cell: str) -> str:
    return "'" + cell if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def _parquet(table: Table) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = _rows(table)
    columns = {name: pa.array([row.get(name) for row in rows], pa.large_string()) for name in table.columns}
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns), sink, compression="zstd")
    content: bytes = sink.getvalue().to_pybytes()
    return content


_WRITERS: Mapping[str, Callable[[Table], bytes]] = {".jsonl": _jsonl, ".csv": _csv, ".parquet": _parquet}
