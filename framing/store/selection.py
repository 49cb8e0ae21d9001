"""Which articles are wanted: days, outlets, and a condition in DuckDB's SQL; the same for every kind of input."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING

from framing.errors import InputError, one_of
from framing.reading.formats import is_sound
from framing.store.interruption import interruptible
from framing.store.records import Selection
from framing.store.steady import unsteady

if TYPE_CHECKING:
    import duckdb

COLUMNS = ("id", "text", "title", "outlet", "date", "url", "author", "collected", "version", "words")
"""The columns that a query always has; the other columns of an input follow."""

SECONDS = 60.0
"""How long a query may take."""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# The number of a row, under a name that no input has by chance.
_ROW = "__row_of_selection"


def day_of(written: str | None) -> str:
    """The day, YYYY-MM-DD, that a date begins with; empty where it begins with none."""
    day = (written or "")[:10]
    try:
        return day if _DAY.fullmatch(day) and date.fromisoformat(day) else ""
    except ValueError:
        return ""


def is_after(written: str | None, last: str) -> bool:
    """Whether a date is after a day or month; one that begins with no day, and is no month, is after none."""
    day = (written or "")[:10]
    usable = day_of(f"{day}-01" if len(day) == len("YYYY-MM") else day)
    return bool(last and usable and day[: len(last)] > last)


def check_selection(selection: Selection, outlets: Iterable[str] | None = None) -> None:
    """Raise :class:`~framing.errors.InputError` for a day that is none, for days in the wrong order, for a
    query that is not one expression, and for an outlet that is not among ``outlets``, those of the input.
    """
    for name, value in (("since", selection.since), ("until", selection.until)):
        if value and day_of(value) != value:
            raise InputError(f"{name} is {value!r}, which is no day; write it as YYYY-MM-DD, such as 2026-11-28")
    if selection.since and selection.until and selection.since > selection.until:
        raise InputError(
            f"since {selection.since} is after until {selection.until}; nothing can lie between. Exchange the two days"
        )
    if selection.query:
        check_query(selection.query)
    if outlets is not None:
        there = sorted(set(outlets))
        for name in selection.outlets:
            if name not in there:
                raise InputError(one_of("outlet", name, there, remedy="Names are those of the input, to the letter"))


def check_query(query: str) -> None:
    """Raise :class:`~framing.errors.InputError` for a text that is not one expression of DuckDB's SQL, and for one that
    depends on more than the articles: the clock, chance, the machine.
    """
    import duckdb

    try:
        duckdb.SQLExpression(query)
        reason = unsteady(query)
    except (duckdb.Error, ValueError, TypeError, RecursionError) as error:
        raise InputError(_unusable(query, error, COLUMNS)) from error
    if reason:
        raise InputError(f"the query {query[:200]!r} cannot be used: {reason}")


def _unusable(query: str, error: Exception, columns: Sequence[str]) -> str:
    listed = ", ".join(columns[:40]) + (f" and {len(columns) - 40} more" if len(columns) > 40 else "")
    return (
        f"the query {query[:200]!r} cannot be used: {str(error).splitlines()[0]}. "
        f"Write one condition in DuckDB's SQL, such as title ILIKE '%ferry%', over the columns: {listed}"
    )


def within(selection: Selection, written: str | None, outlet: str) -> bool:
    """Whether an article of this date and outlet is wanted, its query aside."""
    if selection.outlets and outlet not in selection.outlets:
        return False
    if not (selection.since or selection.until):
        return True
    day = day_of(written)
    return bool(day) and selection.since <= day and (not selection.until or day <= selection.until)


def described(selection: Selection) -> str:
    """The selection as a sentence; empty where it asks for nothing."""
    told = []
    if selection.since or selection.until:
        told.append(" ".join(f"{word} {day}" for word, day in
                             (("from", selection.since), ("to", selection.until)) if day))  # fmt: skip
    if selection.outlets:
        told.append("of " + ", ".join(selection.outlets))
    if selection.query:
        told.append(f"where {selection.query}")
    return f"Only articles {', '.join(told)}." if told else ""


def matching(rows: Sequence[Mapping[str, str | None]], query: str, further: Iterable[str] = ()) -> list[bool]:
    """For each row whether a condition in DuckDB's SQL holds of it.

    Rows have the fields of an article and the columns named by ``further``, those of the whole input, so that what a
    condition means does not depend on which rows are asked: all text or missing. In the condition ``version`` and
    ``words`` (of the text, counted between spaces) are whole numbers, everything else is text; columns are
    told apart ignoring case, and of two alike the first is seen. The condition can read no file, no setting can be
    changed in it, and it is one expression: nothing can follow it. Times with a zone are told in UTC.

    Raises :class:`~framing.errors.InputError` where it is not of that form (the message lists the columns), and where
    it takes more than :data:`SECONDS`.
    """
    import duckdb

    check_query(query)
    columns = _columns(further)
    with duckdb.connect(":memory:", config={"threads": 1, "temp_directory": ""}) as database:
        database.register("given", _table(rows, columns))
        database.execute("CREATE TABLE articles AS SELECT * FROM given")
        database.unregister("given")
        for setting in (
            "enable_external_access",
            "python_enable_replacements",
            "autoinstall_known_extensions",
            "autoload_known_extensions",
        ):
            database.execute(f"SET {setting} = false")
        database.execute("SET TimeZone = 'UTC'")
        database.execute("SET lock_configuration = true")
        try:
            # A filter of a relation is parsed as one expression: there is no statement around it to break out of.
            with _ended_in_time(database), interruptible():
                found = database.table("articles").filter(query).project(_ROW).fetchall()
        except duckdb.InterruptException as error:
            raise InputError(
                f"the query {query[:200]!r} was not done after {SECONDS:g} seconds; choose days or outlets too, so "
                "that fewer articles are asked, or write it without a subquery"
            ) from error
        except (duckdb.Error, ValueError, TypeError) as error:
            raise InputError(_unusable(query, error, columns)) from error
    kept = {row for (row,) in found}
    return [number in kept for number in range(len(rows))]


@contextmanager
def _ended_in_time(database: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """End what a connection does in the block where it takes too long."""
    timer = threading.Timer(SECONDS, database.interrupt)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()


def _columns(further: Iterable[str]) -> list[str]:
    known = {name: name for name in COLUMNS}
    for name in further:
        if name and is_sound(name):
            known.setdefault(name.casefold(), name)
    return list(known.values())


def _table(rows: Sequence[Mapping[str, str | None]], columns: Sequence[str]):  # type: ignore[no-untyped-def]
    import pyarrow as pa

    found = {name: pa.array([row.get(name) for row in rows], pa.large_string()) for name in columns}
    found["version"] = pa.array([_number(row.get("version")) for row in rows], pa.int64())
    found["words"] = pa.array([len((row.get("text") or "").split()) for row in rows], pa.int64())
    return pa.table({**found, _ROW: pa.array(range(len(rows)), pa.int64())})


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 18 else None
