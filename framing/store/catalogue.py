"""The catalogue: what the parts of a corpus hold, without the texts, in a DuckDB file of its own.

DuckDB lets one process write and then no other read, so the file is open for moments only, and whoever finds it
taken tries again. All of it is derived: ``visits`` from the files of visits, the rest from the parts.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from framing.errors import InputError
from framing.store import visited
from framing.store.interruption import interruptible
from framing.store.parts import ARTICLES, DAMAGE, Part, further_columns, places, read_whole
from framing.store.records import Visit

FILE = "catalogue.duckdb"
LISTED = ("id", "version", "url", "outlet", "title", "date", "author", "collected", "words", "content")
"""What the catalogue holds of an article, beside its place."""

_FORMAT = 2
_VISIT = ", ".join(visited.SCHEMA.names)
_TABLES = {
    "format": "number INTEGER",
    "parts": "part VARCHAR, kind VARCHAR, sha256 VARCHAR, size BIGINT, rows BIGINT",
    "articles": "id VARCHAR, version INTEGER, url VARCHAR, outlet VARCHAR, title VARCHAR, date VARCHAR, author VARCHAR,"
    " collected VARCHAR, words INTEGER, content VARCHAR, part VARCHAR, place INTEGER",
    "columns": "name VARCHAR",
    "quarantine": "place VARCHAR, reason VARCHAR, outlet VARCHAR, collected VARCHAR",
    "visits": "url VARCHAR, checked VARCHAR, outcome VARCHAR, etag VARCHAR, last_modified VARCHAR, updated VARCHAR,"
    " failures INTEGER, body VARCHAR",
}
_IS_DATED = "date SIMILAR TO '[0-9]{4}-[0-9]{2}-[0-9]{2}.*' AND try_cast(left(date, 10) AS DATE) IS NOT NULL"
_LATEST = "(FROM articles QUALIFY row_number() OVER (PARTITION BY id ORDER BY version DESC) = 1)"
_LAST = "last({} ORDER BY collected, rowid)"
# Seconds for which another process may have the file open before that is an error.
_PATIENCE = 30.0
_TAKEN = ("could not set lock", "being used by another process", "conflicting lock")
_ONE_AT_A_TIME = threading.RLock()


class Damaged(Exception):
    """The file is no catalogue of this form, or cannot be read."""


@contextmanager
def opened(path: Path, *, write: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the catalogue, for a moment; with ``write`` all that is done in it is done, or nothing.

    Raises :class:`Damaged` where there is no sound catalogue, and :class:`~framing.errors.InputError` where another
    process has had it open all along.
    """
    if not path.is_file():
        raise Damaged("there is none")
    with ExitStack() as stack:
        try:
            database = _attached(stack, path, write)
            if database.execute("SELECT number FROM format").fetchall() != [(_FORMAT,)]:
                raise Damaged("it is of another form")
            with interruptible():
                if write:
                    database.execute("BEGIN")
                yield database
                if write:
                    database.execute("COMMIT")
        except duckdb.Error as error:
            raise Damaged(str(error).splitlines()[0]) from error


def _attached(stack: ExitStack, path: Path, write: bool) -> duckdb.DuckDBPyConnection:
    """A connection that sees the tables of a file, until the stack is left; waits while another process has it open."""
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            return stack.enter_context(_connection(path, write))
        except duckdb.Error as error:
            if not any(sign in str(error).lower() for sign in _TAKEN):
                raise
            if time.monotonic() > until:
                raise InputError(
                    f"another process has had {path.name} open for {_PATIENCE:.0f} seconds; close it and try again"
                ) from error
        time.sleep(random.uniform(0.005, 0.03))


@contextmanager
def _connection(path: Path, write: bool) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection of this process's one DuckDB with the file in it; to start one takes a hundred times as long."""
    with _ONE_AT_A_TIME:
        database = _duckdb(os.getpid()).cursor()
        name = str(path).replace("'", "''")
        try:
            database.execute(f"ATTACH '{name}' AS catalogue" + ("" if write else " (READ_ONLY)"))
            try:
                database.execute("USE catalogue")
                yield database
            finally:
                with suppress(duckdb.Error):
                    database.execute("ROLLBACK")  # of what was not committed; an error where nothing was begun
                database.execute("USE memory")
                database.execute("DETACH catalogue")
        finally:
            database.close()


@lru_cache(maxsize=1)
def _duckdb(process: int) -> duckdb.DuckDBPyConnection:
    """The DuckDB of a process; one that a fork has copied is not used."""
    return duckdb.connect(":memory:", config={"threads": 1})


def build(folder: Path) -> None:
    """Make the catalogue anew from what is on disk, beside its place, and put it there. Raises OSError where it cannot.

    Catalogues were once all that knew of visits: what an old one says of them is kept where it can be read.
    """
    old: Iterable[Visit] = ()
    with suppress(duckdb.Error), _connection(folder / FILE, write=False) as database:
        old = get_visits(database).values()
    beside = folder / f".{FILE}.partial"
    for path in (beside, beside.with_name(beside.name + ".wal")):
        path.unlink(missing_ok=True)
    try:
        with _connection(beside, write=True) as database:
            database.execute("BEGIN")
            for name, columns in _TABLES.items():
                database.execute(f"CREATE TABLE {name} ({columns})")
            database.execute("INSERT INTO format VALUES (?)", [_FORMAT])
            take_in(database, folder, places(folder))
            put_visits(database, visited.as_table(old))
            for day in visited.days(folder):
                with suppress(*DAMAGE):
                    put_visits(database, visited.read(folder, day))
            database.execute("COMMIT")
    except duckdb.Error as error:
        raise OSError(f"the catalogue cannot be written: {str(error).splitlines()[0]}") from error
    # What the old file had not yet taken over from its log does not belong to the new one.
    (folder / f"{FILE}.wal").unlink(missing_ok=True)
    beside.replace(folder / FILE)


def take_in(database: duckdb.DuckDBPyConnection, folder: Path, found: Iterable[str]) -> None:
    """Enter parts that are on disk; damaged ones are left out, for ``verify`` to name."""
    for place in sorted(found):
        try:
            columns = [*LISTED, "extra"] if place.startswith(ARTICLES) else None
            enter(database, *read_whole(folder, place, columns=columns))
        except DAMAGE:
            continue


def enter(database: duckdb.DuckDBPyConnection, part: Part, table: pa.Table) -> None:
    """Enter one part and what it holds."""
    further = further_columns(table) if part.kind == ARTICLES else ()
    database.execute("INSERT INTO columns SELECT unnest(?) EXCEPT SELECT name FROM columns", [[*further]])
    database.execute(
        "INSERT INTO parts VALUES (?, ?, ?, ?, ?)", [part.place, part.kind, part.sha256, part.size, part.rows]
    )
    if part.kind == ARTICLES:
        table = table.select(LISTED)
        table = table.append_column("part", pa.array([part.place] * part.rows, pa.string()))
        table = table.append_column("place", pa.array(range(part.rows), pa.int32()))
    _insert(database, "articles" if part.kind == ARTICLES else "quarantine", table)


def _insert(database: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    database.register("given", table)
    database.execute(f"INSERT INTO {name} SELECT * FROM given")
    database.unregister("given")


def known_parts(database: duckdb.DuckDBPyConnection) -> set[str]:
    """The places of all parts that are entered."""
    return {place for (place,) in database.execute("SELECT part FROM parts").fetchall()}


def columns(database: duckdb.DuckDBPyConnection) -> Sequence[str]:
    """What else the sources of the articles told, whichever articles they are."""
    return [name for (name,) in database.execute("SELECT name FROM columns ORDER BY name").fetchall()]


def entries(database: duckdb.DuckDBPyConnection) -> Mapping[str, tuple[Part, int]]:
    """Each part that is entered, by its place, with how many articles are listed of it."""
    found = database.execute(
        "SELECT parts.part, sha256, size, rows, count(articles.part) FROM parts"
        " LEFT JOIN articles ON articles.part = parts.part GROUP BY ALL"
    ).fetchall()
    return {place: (Part(place, sha256, size, rows), listed) for place, sha256, size, rows, listed in found}


def put_visits(database: duckdb.DuckDBPyConnection, visits: pa.Table) -> None:
    """Enter visits, one of each address; each replaces an earlier one of its address."""
    database.execute("DELETE FROM visits WHERE url IN (SELECT unnest(?))", [visits["url"].to_pylist()])
    _insert(database, "visits", visits)


def get_visits(database: duckdb.DuckDBPyConnection, urls: Iterable[str] | None = None) -> dict[str, Visit]:
    """The visits of some addresses, or of all."""
    where = "" if urls is None else " WHERE url IN (SELECT unnest(?))"
    given = [] if urls is None else [list(urls)]
    found = database.execute(f"SELECT {_VISIT} FROM visits{where}", given).fetchall()
    return {row[0]: Visit(*row) for row in found}


def days_of_visits(database: duckdb.DuckDBPyConnection) -> set[str]:
    """The days on which the addresses that are known were last asked for."""
    return {day for (day,) in database.execute("SELECT DISTINCT left(checked, 10) FROM visits").fetchall()}


def visits_of(database: duckdb.DuckDBPyConnection, day: str) -> Sequence[Visit]:
    """The visits of a day."""
    found = database.execute(f"SELECT {_VISIT} FROM visits WHERE left(checked, 10) = ?", [day]).fetchall()
    return [Visit(*row) for row in found]


def latest(database: duckdb.DuckDBPyConnection, ids: Sequence[str]) -> dict[str, tuple[int, str]]:
    """The last version of some articles, with the key of its content."""
    found = database.execute(
        "SELECT id, max(version), arg_max(content, version) FROM articles"
        " WHERE id IN (SELECT unnest(?)) GROUP BY id", [ids]
    ).fetchall()  # fmt: skip
    return {identity: (version, content) for identity, version, content in found}


def published(database: duckdb.DuckDBPyConnection, contents: Sequence[str]) -> set[tuple[str, str]]:
    """Which outlets have published some contents: outlet and key of the content."""
    found = database.execute(
        "SELECT DISTINCT outlet, content FROM articles WHERE content IN (SELECT unnest(?))", [contents]
    )
    return {(outlet, content) for outlet, content in found.fetchall()}


def last_reasons(database: duckdb.DuckDBPyConnection, given: Sequence[str]) -> dict[str, str]:
    """The reason for which each of these places was last set aside, of those that were."""
    found = database.execute(
        f"SELECT place, {_LAST.format('reason')} FROM quarantine WHERE place IN (SELECT unnest(?)) GROUP BY place",
        [list(given)],
    )
    return dict(found.fetchall())


def unread(database: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """What was set aside and has given no article since; the last reason for each place, in the order of places."""
    found = database.execute(
        f"SELECT place, {_LAST.format('reason')}, {_LAST.format('outlet')}, max(collected) FROM quarantine"
        " WHERE place NOT IN (SELECT url FROM articles) GROUP BY place ORDER BY place"
    ).fetchall()
    return [dict(zip(("place", "reason", "outlet", "collected"), row, strict=True)) for row in found]


def outlets(database: duckdb.DuckDBPyConnection, *, every: bool = False) -> dict[str, int]:
    """How many articles each outlet has in their latest versions, or in any version."""
    found = database.execute(
        f"SELECT outlet, count(DISTINCT id) FROM {'articles' if every else _LATEST} GROUP BY outlet ORDER BY outlet"
    )
    return dict(found.fetchall())


def versions(
    database: duckdb.DuckDBPyConnection, *, every: bool, since: str = "", until: str = ""
) -> list[dict[str, Any]]:
    """What the catalogue holds of the latest version of each article, or of every version, in the order of their days.

    ``since`` and ``until`` are compared as text with the beginning of the date. Each has ``versions``, how many there
    are up to it.
    """
    found = database.execute(
        f"SELECT *, version AS versions FROM {'articles' if every else _LATEST} WHERE (? = '' OR left(date, 10) >= ?)"
        " AND (? = '' OR left(date, 10) <= ?) ORDER BY left(date, 10), id, version",
        [since, since, until, until],
    )
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def totals(database: duckdb.DuckDBPyConnection) -> Mapping[str, Any]:
    """Counts of what the catalogue holds; outlets and days are those of the latest versions."""

    def one(query: str) -> Any:
        return (database.execute(query).fetchone() or (None,))[0]

    return {
        "articles": one("SELECT count(DISTINCT id) FROM articles"),
        "versions": one("SELECT count(*) FROM articles"),
        "quarantined": one(
            "SELECT count(DISTINCT place) FROM quarantine WHERE place NOT IN (SELECT url FROM articles)"
        ),
        "outlets": outlets(database),
        "first": one(f"SELECT min(left(date, 10)) FROM {_LATEST} WHERE {_IS_DATED}"),
        "last": one(f"SELECT max(left(date, 10)) FROM {_LATEST} WHERE {_IS_DATED}"),
        "collected": one("SELECT max(collected) FROM articles"),
        "visits": one("SELECT count(*) FROM visits"),
        "parts": one("SELECT count(*) FROM parts"),
        "bytes": int(one("SELECT sum(size) FROM parts") or 0),
    }
