"""Visits on disk: a Parquet file for each day, of the addresses that were asked for on it.

No part tells what they say, so they are data and the catalogue has a copy. An address that is asked for again is in the
file of the later day too, and that one holds. A file is written whole, before the catalogue takes the visits in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from framing.storage import write_whole
from framing.store.records import Visit

SCHEMA = pa.schema(
    [("url", pa.string()), ("checked", pa.string()), ("outcome", pa.string()), ("etag", pa.string()),
     ("last_modified", pa.string()), ("updated", pa.string()), ("failures", pa.int32()), ("body", pa.string())]
)  # fmt: skip
_FOLDER = "visits"


def as_table(visits: Iterable[Visit]) -> pa.Table:
    """Visits as a table; the last one of each address."""
    last = {visit.url: visit for visit in visits}.values()
    return pa.table({name: [getattr(visit, name) for visit in last] for name in SCHEMA.names}, schema=SCHEMA)


def overlaid(known: pa.Table, visits: Iterable[Visit]) -> pa.Table:
    """A table of visits in which some are replaced or added."""
    import pyarrow.compute as pc

    new = as_table(visits)
    return pa.concat_tables([known.filter(pc.invert(pc.is_in(known["url"], new["url"]))), new])


def days(folder: Path) -> Collection[str]:
    """The days that have a file, in their order."""
    return sorted(path.stem for path in (folder / _FOLDER).glob("*.parquet") if not path.name.startswith("."))


def place(day: str) -> str:
    """The place of a day's file below the corpus folder."""
    return f"{_FOLDER}/{day}.parquet"


def read(folder: Path, day: str) -> pa.Table:
    """The visits of a day; one of :data:`framing.store.parts.DAMAGE` where the file is gone or damaged."""
    content = pa.BufferReader((folder / place(day)).read_bytes())
    table = pq.ParquetFile(content, page_checksum_verification=True).read()
    if not table.schema.equals(SCHEMA):
        raise ValueError("it has other columns")
    return table


def write(folder: Path, day: str, table: pa.Table) -> None:
    """Write the visits of a day in place of those that are there, durably."""
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", write_page_checksum=True)
    write_whole(folder / place(day), sink.getvalue().to_pybytes())


def leftovers(folder: Path) -> Iterable[Path]:
    """What runs that were ended left unfinished."""
    return (folder / _FOLDER).glob(".*.partial")
