"""CSV and TSV -> rows, every record accounted for, whatever quotation marks stand in it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any

from framing.errors import InputError
from framing.reading.formats import Row, Table, distinct, lines_place, physical_lines, printable, read_text


def csv_table(path: Path) -> Table:
    """A CSV or TSV file with a header. Records that break the format become rows with a reason.

    Comma, or semicolon or tab where the header has no comma. Raises :class:`InputError` for a file that is empty
    or whose header cannot be read.
    """
    text, notes = read_text(path)
    name = printable(path.name)
    lines = physical_lines(text)
    first = next(i for i, line in enumerate(lines) if line.strip())
    delimiter = _delimiter(lines[first], path.suffix.lower())
    if delimiter != ("\t" if path.suffix.lower() == ".tsv" else ","):
        notes += (f"{name}: columns are separated by {delimiter!r}",)
    # The module's own limit of 131,072 characters a field is shorter than long articles; it is never lowered.
    csv.field_size_limit(max(csv.field_size_limit(), 2**31 - 1))
    parts = _Records(lines, delimiter, first)
    header, after = parts.header(name)
    columns = distinct(header)
    rows = [
        Row(lines_place(name, start, end), dict(zip(columns, fields, strict=True)) if fields else None, reason)
        for start, end, fields, reason in parts.records(len(columns), after)
    ]
    return Table(columns, rows, notes)


def _delimiter(header: str, suffix: str) -> str:
    if suffix == ".tsv":
        return "\t"
    return next((d for d in (",", ";", "\t") if d in header), ",")


class _Records:
    """CSV records that survive stray quotation marks.

    One stray mark makes any CSV reader take all lines up to the next mark for one field. Here a record that
    breaks the rules costs its own lines only: reading resumes behind it. What is read twice that way is
    limited, so the time stays linear in the length of the file.
    """

    def __init__(self, lines: list[str], delimiter: str, first: int) -> None:
        self.lines = lines
        self.delimiter = delimiter
        self.first = first

    def header(self, name: str) -> tuple[list[str], int]:
        reader = self._reader(self.first, len(self.lines))
        try:
            return next(reader), self.first + reader.line_num
        except csv.Error as error:
            place = lines_place(name, self.first, self.first + 1)
            raise InputError(f"{place}: the header cannot be read: {_csv_reason(error)}") from error

    def records(self, width: int, start: int) -> Iterator[tuple[int, int, list[str] | None, str]]:
        """(first line, line after the last, fields or None, reason) for every record."""
        ends = list(accumulate(map(len, self.lines)))
        budget = 8 * (ends[-1] if ends else 0) + 1_000_000
        total = len(self.lines)
        while start < total:
            # Out of budget, a quoted field may no longer reach beyond its own line.
            reader = self._reader(start, total if budget > 0 else start + 1)
            begin = start
            try:
                for fields in reader:
                    end = start + reader.line_num
                    if end - begin > 1 and self._swallows(begin, end, width, len(fields)):
                        budget -= ends[end - 1] - ends[begin]
                        reason = f"a quotation mark opened here would swallow the records up to line {end}"
                        yield begin, begin + 1, None, reason
                        start = begin + 1
                        break
                    if fields:
                        yield (begin, end, *_of_width(fields, width))
                    begin = end
                else:
                    start = begin
            except csv.Error as error:
                # At the end of the file no line is to blame but the first; elsewhere the mark on the last line read.
                found = start + max(reader.line_num, 1) - ("unexpected end" not in str(error))
                budget -= ends[min(found, total - 1)] - ends[begin]
                start = self._resume(begin, found, width)
                yield begin, start, None, _csv_reason(error)

    def _reader(self, start: int, stop: int) -> Any:
        return csv.reader(map(self.lines.__getitem__, range(start, stop)), delimiter=self.delimiter, strict=True)

    def _alone(self, line: int, width: int) -> bool:
        """Would this line be a whole record if its quotation marks meant nothing?"""
        return self.lines[line].count(self.delimiter) == width - 1

    def _swallows(self, begin: int, end: int, width: int, met: int) -> bool:
        """Is this record of several lines really many records behind a stray quotation mark?

        Then nearly every line has as many fields as the header; paragraphs of one article hardly ever do. The
        fewer the columns, the more lines it takes to be sure. Fewer lines are enough where something is wrong
        already: quotation marks that do not pair, or another number of fields than the header's.
        """
        whole = sum(self._alone(i, width) for i in range(begin, end))
        if met != width or sum(self.lines[i].count('"') for i in range(begin, end)) % 2:
            return 2 * whole >= end - begin
        least = {1: end + 1, 2: 8, 3: 4}.get(width, 3)
        return end - begin >= least and whole >= 0.9 * (end - begin)

    def _resume(self, begin: int, found: int, width: int) -> int:
        """The line to go on from after a record that began at ``begin`` broke at line ``found``.

        Behind its first line where the lines between look like records of their own; otherwise they are the
        paragraphs of one broken article, and go with it.
        """
        between = [i for i in range(begin + 1, found) if self.lines[i].strip()]
        if 2 * sum(self._alone(i, width) for i in between) >= len(between):
            return begin + 1
        return max(found, begin + 1)


def _of_width(fields: list[str], width: int) -> tuple[list[str] | None, str]:
    if len(fields) == width:
        return fields, ""
    return None, f"{len(fields)} fields where the header has {width}"


def _csv_reason(error: csv.Error) -> str:
    if "expected after" in str(error):
        return "a quotation mark inside a quoted field is not doubled"
    if "unexpected end" in str(error):
        return "a quotation mark is opened and never closed"
    return f"not CSV: {error}"
