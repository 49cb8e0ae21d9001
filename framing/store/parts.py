"""Parts of a corpus: Parquet files that are written once, whole, under a name that is their checksum."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from framing.reading.formats import is_sound
from framing.storage import write_whole
from framing.store.records import Found, SetAside

ARTICLES, QUARANTINE = "parts", "quarantine"
_TEXT = pa.string()
SCHEMAS: Mapping[str, pa.Schema] = {
    ARTICLES: pa.schema(
        [("id", _TEXT), ("version", pa.int32()), ("url", _TEXT), ("outlet", _TEXT), ("title", _TEXT), ("date", _TEXT),
         ("author", _TEXT), ("collected", _TEXT), ("words", pa.int32()), ("content", _TEXT), ("extra", _TEXT),
         ("text", pa.large_string())]
    ),
    QUARANTINE: pa.schema([("place", _TEXT), ("reason", _TEXT), ("outlet", _TEXT), ("collected", _TEXT)]),
}  # fmt: skip
# Rows that are read together: a selection reads no more around the articles it wants.
_ROW_GROUP = 100
_NAME_LENGTH = 32
DAMAGE = (OSError, ValueError, KeyError, TypeError, pa.ArrowException)
"""Whatever a damaged part makes its reader raise."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part that is on disk: its place below the corpus folder, checksum, size in bytes, and number of rows."""

    place: str
    sha256: str
    size: int
    rows: int

    @property
    def kind(self) -> str:
        """``parts`` or ``quarantine``."""
        return self.place.split("/", 1)[0]


def article_row(found: Found, identity: str, version: int, content: str, collected: str) -> dict[str, Any]:
    """The row of an article."""
    return {
        "id": identity, "version": version, "url": found.url, "outlet": found.outlet, "title": found.title,
        "date": found.date, "author": found.author, "collected": collected, "words": len(found.text.split()),
        "content": content, "extra": json.dumps(dict(found.extra), sort_keys=True), "text": found.text,
    }  # fmt: skip


def quarantine_row(given: SetAside, collected: str) -> dict[str, Any]:
    """The row of what was set aside."""
    return {"place": given.place, "reason": given.reason, "outlet": given.outlet, "collected": collected}


def write_part(folder: Path, kind: str, rows: Sequence[Mapping[str, Any]], day: str) -> tuple[Part, pa.Table]:
    """Write rows as a part of a corpus folder, durably: what this returns is there after a loss of power."""
    table = pa.Table.from_pylist(list(rows), schema=SCHEMAS[kind])
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, row_group_size=_ROW_GROUP, compression="zstd", write_page_checksum=True)
    content = sink.getvalue().to_pybytes()
    checksum = hashlib.sha256(content).hexdigest()
    place = f"{kind}/{day}/{checksum[:_NAME_LENGTH]}.parquet"
    write_whole(folder / place, content)
    return Part(place, checksum, len(content), len(rows)), table


def places(folder: Path) -> set[str]:
    """The places of all parts on disk."""
    return {path.relative_to(folder).as_posix() for kind in SCHEMAS for path in _files(folder, kind)
            if path.suffix == ".parquet" and not path.name.startswith(".")}  # fmt: skip


def leftovers(folder: Path) -> Iterable[Path]:
    """Files that a run left unfinished when it was ended: harmless, and part of nothing."""
    return (path for kind in SCHEMAS for path in _files(folder, kind) if path.name.endswith(".partial"))


def _files(folder: Path, kind: str) -> Iterable[Path]:
    return (folder / kind).glob("*/*")


def read_whole(folder: Path, place: str, *, columns: Sequence[str] | None = None) -> tuple[Part, pa.Table]:
    """A part from the bytes that its name is the checksum of; one of :data:`DAMAGE` where they are others."""
    content = (folder / place).read_bytes()
    checksum = hashlib.sha256(content).hexdigest()
    if Path(place).stem != checksum[:_NAME_LENGTH]:
        raise ValueError("it was altered: its checksum is not its name")
    file = pq.ParquetFile(pa.BufferReader(content))
    if not file.schema_arrow.equals(SCHEMAS[place.split("/", 1)[0]]):
        raise ValueError("it has other columns")
    table = file.read(columns=columns)
    return Part(place, checksum, len(content), table.num_rows), table


def further_columns(table: pa.Table) -> set[str]:
    """The names of what else the sources of some articles told."""
    return {name for extra in table["extra"].to_pylist() for name in json.loads(extra) if is_sound(name)}


def read_rows(folder: Path, place: str, rows: Sequence[int]) -> list[dict[str, Any]]:
    """Some rows of a part of articles, by position; only the groups of rows that hold them are read."""
    with pq.ParquetFile(folder / place, page_checksum_verification=True) as file:
        groups = sorted({row // _ROW_GROUP for row in rows})
        table = file.read_row_groups(groups)
    start = {group: number * _ROW_GROUP for number, group in enumerate(groups)}
    found: list[dict[str, Any]] = table.take([start[row // _ROW_GROUP] + row % _ROW_GROUP for row in rows]).to_pylist()
    return found
