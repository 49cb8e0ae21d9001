"""A corpus folder: articles are added, never changed, and selected."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import duckdb
from filelock import FileLock, Timeout

from framing.errors import InputError
from framing.reading.formats import Row, Table, printable
from framing.storage import write_whole
from framing.store import MARK, catalogue, parts, visited
from framing.store.intake import not_yet, sorted_in, utc
from framing.store.records import COPIES, NEW, REVISED, UNCHANGED, Added, Found, Selection, SetAside, Visit
from framing.store.selection import check_selection, is_after, matching, within

_FORMAT = 1
_FIELDS = ("id", "text", "title", "outlet", "date", "url", "author", "collected", "version")
_EVERYTHING = Selection()
_T = TypeVar("_T")


class CorpusStore:
    """A corpus folder, open; see :func:`framing.store.open_store`.

    Articles are told apart by address, and within an outlet by title and text. What an ``add`` has returned is on
    the disk for good. Articles have the same ``id`` in all their versions, which count from 1.
    """

    def __init__(self, folder: Path, *, create: bool = False, wait: float = 5.0) -> None:
        self.folder = folder
        self._wait = wait
        self._lock = FileLock(folder / ".lock", thread_local=False)
        self._one_at_a_time = threading.RLock()
        # Whether parts and catalogue may have parted since they were last compared, and whether it was found damaged.
        self._unsure, self._damaged = True, False
        if create:
            _make(folder)
        _check(folder)
        try:
            if create:
                self._become_writer()
            self._settle()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> CorpusStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let others write."""
        self._lock.release(force=True)

    # --- writing

    def add(
        self,
        found: Sequence[Found],
        set_aside: Sequence[SetAside] = (),
        visits: Sequence[Visit] = (),
        *,
        collected: str,
    ) -> Added:
        """Store what is new, and say what became of each article; what was stored is on the disk when this returns.

        An address that is known: with the same title and text as in its last version nothing is stored, with others a
        further version. An address that is not, or none: where the outlet has published the same title and text it is
        a copy and not stored; the same in another outlet is stored, since it was published there. An article without
        text, or with characters that UTF-8 cannot hold, is set aside. A place that is set aside for the same reason as
        last time is not stored again. ``collected`` is the time, in ISO format; without an offset it is UTC, as is
        ``checked`` of a visit.

        Raises :class:`~framing.errors.InputError` where another run is writing, and OSError where the disk is full or
        fails: then nothing of this call counts as stored, and calling again stores nothing twice.
        """
        when = utc(collected)
        visits = [replace(visit, checked=utc(visit.checked)) for visit in visits]
        with self._one_at_a_time:
            self._become_writer()
            self._settle()
            self._unsure = True
            try:
                with catalogue.opened(self.folder / catalogue.FILE, write=True) as database:
                    added = self._add(database, found, set_aside, visits, when)
            except catalogue.Damaged as error:
                self._damaged = True
                raise OSError(f"the catalogue cannot be written ({error}); calling again makes it anew") from error
            self._unsure = False
            return added

    def _add(
        self,
        database: duckdb.DuckDBPyConnection,
        found: Sequence[Found],
        set_aside: Sequence[SetAside],
        visits: Sequence[Visit],
        when: str,
    ) -> Added:
        rows, unusable, outcomes = sorted_in(database, found, when)
        aside = not_yet(database, [*set_aside, *unusable])
        for kind, new in ((parts.ARTICLES, rows), (parts.QUARANTINE, [parts.quarantine_row(a, when) for a in aside])):
            if new:
                part, table = parts.write_part(self.folder, kind, new, when[:10])
                catalogue.enter(database, part, table)
        if visits:
            catalogue.put_visits(database, visited.as_table(visits))
            self._write_visits(database, visits)
        counts = {name: outcomes.count(name) for name in (NEW, REVISED, UNCHANGED, COPIES)}
        return Added(**counts, set_aside=len(set_aside) + len(unusable), outcomes=tuple(outcomes))

    def _write_visits(self, database: duckdb.DuckDBPyConnection, visits: Sequence[Visit]) -> None:
        """Write the files of the days that these visits are of, and those that are gone.

        What is on disk counts for more than the catalogue, which may be an older one that was put back.
        """
        by_day = _by_day(visits)
        gone = catalogue.days_of_visits(database).difference(visited.days(self.folder))
        for day in sorted({*by_day, *gone}):
            try:
                known = visited.read(self.folder, day)
            except parts.DAMAGE:
                known = visited.as_table(catalogue.visits_of(database, day))
            visited.write(self.folder, day, visited.overlaid(known, by_day.get(day, ())))

    def _become_writer(self) -> None:
        if self._lock.is_locked:
            return
        try:
            self._lock.acquire(timeout=self._wait)
        except Timeout:
            raise InputError(
                f"another run is writing to the corpus {printable(str(self.folder))!r} (it holds .lock); "
                "wait until it has ended, or end it"
            ) from None
        self._unsure = True

    def _settle(self) -> None:
        """Bring the catalogue to what the parts hold, where a run that ended early left them apart.

        Who reads while another writes leaves that to the writer.
        """
        if not self._unsure:
            return
        if self._not_entered() or self._damaged:
            with self._writing_if_free() as free:
                if not free:
                    return
                self._enter_all()
        self._unsure = self._damaged = False

    def _not_entered(self) -> Collection[str]:
        """The parts on disk that the catalogue does not know: all of them where it cannot be read."""
        there = parts.places(self.folder)
        try:
            with catalogue.opened(self.folder / catalogue.FILE) as database:
                return there - catalogue.known_parts(database)
        except catalogue.Damaged:
            self._damaged = True
            return there

    def _enter_all(self) -> None:
        missing = self._not_entered()
        if not self._damaged:
            try:
                with catalogue.opened(self.folder / catalogue.FILE, write=True) as database:
                    catalogue.take_in(database, self.folder, missing)
                return
            except catalogue.Damaged:
                pass
        catalogue.build(self.folder)

    @contextmanager
    def _writing_if_free(self) -> Iterator[bool]:
        """Hold the lock for a moment, where no other run holds it."""
        if self._lock.is_locked:
            yield True
            return
        try:
            self._lock.acquire(timeout=0)
        except (Timeout, OSError):  # someone else is at it, or this is a medium that cannot be written
            yield False
            return
        try:
            yield True
        finally:
            self._lock.release()

    # --- reading

    def _read(self, ask: Callable[[duckdb.DuckDBPyConnection], _T]) -> _T:
        until = time.monotonic() + self._wait
        with self._one_at_a_time:
            while True:
                self._settle()
                try:
                    with catalogue.opened(self.folder / catalogue.FILE) as database:
                        return ask(database)
                except catalogue.Damaged as error:
                    self._unsure = self._damaged = True
                    # Another run may be making it just now.
                    if time.monotonic() > until:
                        raise InputError(
                            f"the catalogue of the corpus {printable(str(self.folder))!r} cannot be read ({error}); "
                            f"delete {catalogue.FILE}, and it is made anew"
                        ) from error
                time.sleep(0.05)

    def visits(self, urls: Iterable[str]) -> dict[str, Visit]:
        """The last visit of each of these addresses that has one."""
        wanted = list(urls)
        return self._read(lambda database: catalogue.get_visits(database, wanted))

    def stats(self) -> dict[str, Any]:
        """Counts: articles, versions, quarantined, outlets (articles by outlet), first and last day, parts, bytes ...

        Outlets and days are those of the latest versions. ``quarantined`` counts the places that were set aside and
        have given no article since.
        """
        return dict(self._read(catalogue.totals))

    def outlets(self) -> dict[str, int]:
        """How many articles each outlet has."""
        return self._read(catalogue.outlets)

    def quarantined(self) -> Sequence[Mapping[str, Any]]:
        """What was set aside and has given no article since: place, last reason, outlet, collected."""
        return self._read(catalogue.unread)

    def list(self, selection: Selection = _EVERYTHING) -> Sequence[Mapping[str, Any]]:
        """The articles, one row each: id, outlet, date, title, url, versions (how many there are), collected."""
        names = ("id", "outlet", "date", "title", "url", "versions", "collected")
        return [{name: row[name] for name in names} for row in self._chosen(selection)]

    def select(self, selection: Selection = _EVERYTHING, *, versions: str = "latest") -> Table:
        """The articles that are wanted, with their texts, ordered by day: the latest version of each, or ``all``.

        The columns are the fields of an article, ``collected``, ``version``, and what else its source told. A row of a
        damaged part has no values, and the reason; no query leaves it out.

        Raises :class:`~framing.errors.InputError` for a selection that cannot be meant.
        """
        rows = self._rows(self._listed(selection, versions))
        rows = [row for row, holds in zip(rows, self._holds(selection.query, rows), strict=True) if holds]
        columns = dict.fromkeys(_FIELDS) | dict.fromkeys(name for row in rows for name in row.values or ())
        return Table(tuple(columns), rows)

    def identity(self, selection: Selection = _EVERYTHING, *, up_to: str = "") -> str:
        """SHA-256 of what a selection holds: ids, versions and contents, whatever parts they are in.

        ``up_to``, a day or a month, leaves out what is dated later, as :func:`framing.store.selection.is_after` tells.
        """
        kept = [
            [row["id"], row["version"], row["content"], row["outlet"], row["date"]]
            for row in self._chosen(selection)
            if not is_after(row["date"], up_to)
        ]
        return hashlib.sha256(json.dumps(kept).encode("ascii")).hexdigest()

    def export(self, path: str | Path, selection: Selection = _EVERYTHING, *, versions: str = "latest") -> int:
        """Write articles to a file; see :func:`framing.store.export.export_articles`."""
        from framing.store.export import export_articles

        return export_articles(self, Path(path), selection, versions=versions)

    def verify(self) -> Sequence[str]:
        """What is wrong with the folder, a line each; see :func:`framing.store.verification.problems`."""
        from framing.store.verification import problems

        return problems(self)

    def leftovers(self) -> Sequence[str]:
        """What runs that were ended left unfinished: harmless, and part of nothing."""
        found = (*parts.leftovers(self.folder), *visited.leftovers(self.folder))
        return sorted(path.relative_to(self.folder).as_posix() for path in found)

    def entries(self) -> Mapping[str, tuple[parts.Part, int]]:
        """Each part that the catalogue knows, by its place, with how many articles are listed of it."""
        return self._read(catalogue.entries)

    def visited(self) -> Mapping[str, Sequence[Visit]]:
        """All visits that the catalogue knows, by day."""
        return _by_day(self._read(catalogue.get_visits).values())

    def _chosen(self, selection: Selection) -> Sequence[Mapping[str, Any]]:
        """Rows of the catalogue; the texts are read only where there is a query."""
        listed = self._listed(selection)
        if not selection.query:
            return listed
        held = self._holds(selection.query, self._rows(listed))
        return [row for row, holds in zip(listed, held, strict=True) if holds]

    def _listed(self, selection: Selection, versions: str = "latest") -> Sequence[Mapping[str, Any]]:
        """Rows of the catalogue, the query of the selection aside."""
        if versions not in ("latest", "all"):
            raise InputError(f"versions is {versions!r}; valid: latest, all")
        every = versions == "all"
        there = self._read(lambda database: catalogue.outlets(database, every=every)) if selection.outlets else None
        check_selection(selection, there)
        found = self._read(
            lambda database: catalogue.versions(database, every=every, since=selection.since, until=selection.until)
        )
        return [row for row in found if within(selection, row["date"], row["outlet"])]

    def _holds(self, query: str, rows: Sequence[Row]) -> Sequence[bool]:
        """Whether a query holds of each row, which of a damaged one nobody can tell: it is told of."""
        if not query:
            return [True] * len(rows)
        values = [row.values for row in rows if row.values is not None]
        held = iter(matching(values, query, self._read(catalogue.columns)))
        return [row.values is None or next(held) for row in rows]

    def _rows(self, chosen: Sequence[Mapping[str, Any]]) -> Sequence[Row]:
        """The articles of some rows of the catalogue, in their order; each part is opened once."""
        by_part: dict[str, dict[int, int]] = {}
        for number, row in enumerate(chosen):
            by_part.setdefault(row["part"], {})[row["place"]] = number
        rows: dict[int, Row] = {}
        for part, wanted in sorted(by_part.items()):
            try:
                found = parts.read_rows(self.folder, part, [*wanted])
                rows |= {number: Row(f"{part} row {place}", _values(values))
                         for (place, number), values in zip(wanted.items(), found, strict=True)}  # fmt: skip
            except parts.DAMAGE as error:
                reason = f"the part is damaged or gone ({type(error).__name__}); see framing corpus verify"
                rows |= {number: Row(f"{part} row {place}", None, reason) for place, number in wanted.items()}
        return [rows[number] for number in range(len(chosen))]


# --- the folder


def _make(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{printable(str(folder))!r} is a file; name a folder for the corpus")
    if (folder / MARK).is_file():
        return
    if folder.is_dir() and any(not path.name.startswith(".") for path in folder.iterdir()):
        raise InputError(f"the folder {printable(str(folder))!r} holds other files; name a new or an empty one")
    mark = {"what": "a corpus of framing; see framing corpus stats", "format": _FORMAT}
    write_whole(folder / MARK, json.dumps(mark) + "\n")


def _check(folder: Path) -> None:
    shown = printable(str(folder))
    if not (folder / MARK).is_file():
        raise InputError(f"{shown!r} is no corpus folder (it has no {MARK}); make one with framing collect")
    try:
        number = json.loads((folder / MARK).read_text(encoding="utf-8"))["format"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"the {MARK} of {shown!r} cannot be read: {type(error).__name__}; put it back") from error
    if number != _FORMAT:
        raise InputError(
            f"the corpus {shown!r} has format {number!r}; this version reads format {_FORMAT}. Use the version of "
            "framing that made it, and framing corpus export"
        )


def _by_day(visits: Iterable[Visit]) -> Mapping[str, list[Visit]]:
    found: dict[str, list[Visit]] = {}
    for visit in visits:
        found.setdefault(visit.checked[:10], []).append(visit)
    return found


def _values(row: Mapping[str, Any]) -> Mapping[str, str | None]:
    """A stored row as a reader of articles takes it: what else its source told never hides a field."""
    extra = json.loads(row["extra"])
    fields = {name: row[name] or None for name in _FIELDS if name != "version"}
    return {**extra, **fields, "version": str(row["version"])}
