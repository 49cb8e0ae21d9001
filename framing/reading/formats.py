"""Files -> rows: decoding, JSON lines, JSON, Parquet and pandas frames; CSV and pages stand beside this.

Nothing here knows what an article is. Every record that a file holds becomes one :class:`Row`: its place,
and either its values as text or the reason why it could not be read. Values are never altered: "NA", "007"
and "null" stay as they are written; only bytes are decoded.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from framing.errors import InputError

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
# cp1252 as browsers read it: its five undefined bytes stand for themselves, so that every file decodes.
_CP1252 = {b: bytes([b]).decode("cp1252") for b in range(0x80, 0xA0) if b not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}
UNDECODED = re.compile("[\udc80-\udcff]")
_MIDNIGHT = re.compile(r"(T00:00:00)?(\.0{1,9})?\Z")
_DECODED = re.compile("[^\x00-\x7f\udc80-\udcff]")
_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s{0,9}=\s{0,9}["']?([A-Za-z0-9_:.-]{1,40})""", re.IGNORECASE)


class Other(str):
    """The text of a value that was not text: a JSON number, a date, a list."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One record as it was met: its values, or the reason why it has none. A missing value is None."""

    place: str
    values: Mapping[str, str | None] | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """All records of an input, the columns met in them (in order), and what the reader should know."""

    columns: tuple[str, ...]
    rows: Sequence[Row]
    notes: tuple[str, ...] = ()


def printable(name: str) -> str:
    """A file name or id that can be shown and encoded: lone surrogates and control characters are escaped."""
    return name if name.isprintable() else "".join(c if c.isprintable() else _escaped(c) for c in name)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def is_sound(text: str) -> bool:
    """No NUL, and nothing that UTF-8 cannot hold: such text fails only later, when tables are written."""
    if "\x00" in text:
        return False
    if text.isascii():
        return True
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


# --- bytes to text


def decode(data: bytes, *, markup: bool = False) -> tuple[str, str]:
    """Text and the name of its encoding; never fails.

    By byte order mark; else UTF-16 where every other byte is zero; else UTF-8; else, for ``markup``, what the
    page declares; else cp1252. A file that is clearly UTF-8 with some damaged bytes stays UTF-8: each bad byte
    becomes a lone surrogate (PEP 383), so that only the records that hold one are lost.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _forgiving(data[len(bom) :], encoding), encoding
    unmarked = _looks_utf16(data)
    if unmarked:
        return _forgiving(data, unmarked), unmarked
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    declared = _CHARSET.search(data[:4096]) if markup else None
    if declared:
        try:
            encoding = declared[1].decode("ascii").lower()
            return data.decode(encoding), encoding
        except (LookupError, ValueError):
            pass
    text = data.decode("utf-8", "surrogateescape")
    # In cp1252 text a valid UTF-8 sequence turns up by accident in under one of a hundred bad bytes.
    if 20 * len(_DECODED.findall(text)) >= len(UNDECODED.findall(text)):
        return text, "utf-8 with damaged bytes"
    return data.decode("latin-1").translate(_CP1252), "cp1252"


def _looks_utf16(data: bytes) -> str:
    """``utf-16-le`` or ``-be`` where nearly every second byte is zero, as in Latin text without a mark."""
    head = data[:4096]
    half = len(head) // 2
    for zeros, others, encoding in ((head[1::2], head[::2], "utf-16-le"), (head[::2], head[1::2], "utf-16-be")):
        if half and zeros.count(0) > 0.7 * half and others.count(0) < 0.05 * half:
            return encoding
    return ""


def _forgiving(data: bytes, encoding: str) -> str:
    if encoding == "utf-8":
        return data.decode("utf-8", "surrogateescape")
    width = 4 if "32" in encoding else 2
    whole = len(data) - len(data) % width
    try:
        text = data[:whole].decode(encoding, "surrogatepass")
    except UnicodeDecodeError:
        text = data[:whole].decode(encoding, "replace").replace("\ufffd", "\udcff")
    return text + ("\udcff" if whole < len(data) else "")


def read_text(path: Path) -> tuple[str, tuple[str, ...]]:
    """The decoded text of a file and a note where it is not plain UTF-8; :class:`InputError` if there is none."""
    name = printable(path.name)
    try:
        text, encoding = decode(path.read_bytes())
    except (OSError, ValueError) as error:
        raise InputError(f"cannot read {name!r}: {error}") from error
    if not text.strip():
        raise InputError(f"{name!r} is empty: there is nothing to read in it")
    return text, (() if encoding == "utf-8" else (f"{name} was read as {encoding}",))


def physical_lines(text: str) -> list[str]:
    """Physical lines with their ends: cut at LF, CR and CR LF only, not at the rarer separators."""
    return list(io.StringIO(text, newline=""))


def distinct(header: Sequence[str]) -> tuple[str, ...]:
    """Column names with blank ones numbered and repeated ones told apart, so that no value hides another."""
    columns: list[str] = []
    for position, name in enumerate(header, 1):
        unique = base = name if name.strip() else f"column {position}"
        count = 1
        while unique in columns:
            count += 1
            unique = f"{base}#{count}"
        columns.append(unique)
    return tuple(columns)


def lines_place(name: str, start: int, end: int) -> str:
    """Such as "file.csv line 17", or "file.csv lines 17-20": ``start`` counts from 0 and ``end`` is exclusive."""
    return f"{name} line {start + 1}" if end - start == 1 else f"{name} lines {start + 1}-{end}"


# --- JSON


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {printable(twice)!r} occurs twice")
    return values


def _constant(name: str) -> Other | None:
    return None if name == "NaN" else Other(name)


# Numbers keep their spelling; control characters inside strings are common in scraped text and harmless.
_DECODER = json.JSONDecoder(
    strict=False, parse_int=Other, parse_float=Other, parse_constant=_constant, object_pairs_hook=_object
)


def _json_text(value: Any) -> str:
    """JSON text of a parsed value, numbers as they were spelled."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, Other):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_json_text(k)}: {_json_text(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_json_text, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _parsed(text: str) -> tuple[Any, str]:
    """A JSON value, or None and the reason why the text has none."""
    try:
        return _DECODER.decode(text), ""
    except RecursionError:
        return None, "JSON nested too deeply"
    except json.JSONDecodeError as error:
        line = f"line {error.lineno} " if "\n" in text else ""
        return None, f"not JSON: {error.msg} at {line}column {error.colno}"
    except ValueError as error:
        return None, f"not usable JSON: {error}"


def _json_row(place: str, value: Any, reason: str) -> Row:
    if reason:
        return Row(place, None, reason)
    if not isinstance(value, dict):
        return Row(place, None, "not a JSON object of named fields")
    try:
        return Row(place, {k: v if v is None or isinstance(v, str) else Other(_json_text(v)) for k, v in value.items()})
    except RecursionError:
        return Row(place, None, "JSON nested too deeply")


def json_table(path: Path) -> Table:
    """JSON lines, or in a ``.json`` file one list of objects, or one object.

    A bad line costs itself. A ``.json`` list that cannot be parsed is refused as a whole with the place, since
    nothing says where its next object begins.
    """
    text, notes = read_text(path)
    name = printable(path.name)
    if path.suffix.lower() == ".json":
        value, reason = _parsed(text)
        if isinstance(value, list):
            rows = [_json_row(f"{name} row {i}", item, "") for i, item in enumerate(value)]
            return Table(_union(rows), rows, notes)
        if isinstance(value, dict):
            rows = [_json_row(f"{name} row 0", value, "")]
            return Table(_union(rows), rows, notes)
        if not text.lstrip().startswith("{"):
            reason = reason or "it holds neither a list of objects nor an object"
            raise InputError(
                f"{name!r} cannot be read: {reason}. Give a list of objects, or one object a line as .jsonl"
            )
    lines = ((i, line) for i, line in enumerate(physical_lines(text)) if line.strip())
    rows = [_json_row(lines_place(name, i, i + 1), *_parsed(line.rstrip("\r\n"))) for i, line in lines]
    return Table(_union(rows), rows, notes)


def _union(rows: Iterable[Row]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(column for row in rows for column in row.values or ()))


# --- typed columns: Parquet and pandas


def as_text(value: Any) -> str | None:
    """A typed value as text: None for every kind of missing, ISO for dates, JSON for nested values."""
    if value is None or type(value) is str:
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool):
        return Other("true" if value else "false")
    if type(value).__name__ in ("NAType", "NaTType") or (isinstance(value, float) and value != value):
        return None
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).decode("utf-8", "surrogateescape")
    if hasattr(value, "isoformat"):
        return Other(_MIDNIGHT.sub("", value.isoformat()))
    if hasattr(value, "tolist"):  # numpy scalars and arrays
        return as_text(value.tolist())
    if isinstance(value, (list, tuple, dict, set)):
        shown = sorted(value, key=str) if isinstance(value, set) else value
        return Other(json.dumps(shown, ensure_ascii=False, default=as_text))
    return Other(str(value))


def _typed_rows(name: str, columns: Sequence[str], values: Sequence[Sequence[Any]]) -> list[Row]:
    rows = []
    for position, record in enumerate(zip(*values, strict=True)):
        place = f"{name} row {position}" if name else f"row {position}"
        try:
            rows.append(Row(place, dict(zip(columns, map(as_text, record), strict=True))))
        except (TypeError, ValueError, RecursionError) as error:
            rows.append(Row(place, None, f"a value cannot be written as text: {type(error).__name__}"))
    return rows


def parquet_table(path: Path) -> Table:
    """A Parquet file; rows count from 0. Raises :class:`InputError` where the file is damaged."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    name = printable(path.name)
    if path.stat().st_size == 0:
        raise InputError(f"{name!r} is empty: there is nothing to read in it")
    try:
        with pq.ParquetFile(path) as file:
            table = file.read()
        keep = [i for i, column in enumerate(table.column_names) if not column.startswith("__index_level_")]
        columns = distinct([table.column_names[i] for i in keep])
        values = [_arrow_values(table.column(i)) for i in keep]
    except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
        raise InputError(f"{name!r} is not a readable Parquet file: {str(error).splitlines()[0]}") from error
    return Table(columns, _typed_rows(name, columns, values))


def _arrow_values(column: Any) -> list[Any]:
    import pyarrow as pa

    if pa.types.is_timestamp(column.type):  # nanoseconds do not fit Python's own datetime
        written = column.cast(pa.string()).to_pylist()
        return [v and _MIDNIGHT.sub("", v.replace(" ", "T", 1)) for v in written]
    try:
        values: list[Any] = column.to_pylist()
    except UnicodeDecodeError:  # bytes that are no UTF-8 in a column of strings: only their rows are lost
        values = column.cast(pa.large_binary()).to_pylist()
    return values


def frame_table(frame: Any) -> Table:
    """A pandas DataFrame; rows count from 0, whatever its index."""
    if not (hasattr(frame, "iloc") and hasattr(frame, "columns")):
        raise InputError(f"expected a pandas DataFrame, got {type(frame).__name__}; read_articles takes a path")
    columns = distinct([str(column) for column in frame.columns])
    values = [frame.iloc[:, i].tolist() for i in range(len(columns))]
    rows = _typed_rows("", columns, values) if columns else [Row(f"row {i}", {}) for i in range(len(frame))]
    return Table(columns, rows)
