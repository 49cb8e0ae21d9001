"""Web pages and text files -> rows, one file each."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from framing.errors import InputError
from framing.reading.formats import UNDECODED, Row, Table, decode, printable

LARGEST_PAGE = 20_000_000
"""A web page or text file of more bytes than this is set aside unread."""

MOST_TAGS = 30_000
"""A web page with more tags is set aside: news pages have a few thousand, and the time that finding the article
takes grows with their square."""

_UNKNOWN = "\ufffd"
PAGES = (".html", ".htm", ".txt")


def page_table(path: Path) -> Table:
    """One web page or text file, or all of them below a folder, in the order of their names.

    Columns: id (the file's place below the folder), text, title, outlet, date, author, url, and folder. Links to
    folders are not followed. Raises :class:`InputError` where a folder has no such file.
    """
    if not path.is_dir():
        if path.stat().st_size == 0:
            raise InputError(f"{printable(path.name)!r} is empty: there is nothing to read in it")
        files, others = [path], 0
    else:
        files, others = _walk(path)
        if not files:
            raise InputError(
                f"the folder {printable(path.name)!r} holds no {', '.join(PAGES)} file. "
                "Give the CSV, JSONL or Parquet file itself, or a folder of pages"
            )
    base = path if path.is_dir() else path.parent
    _need_trafilatura(files)
    encodings: dict[str, int] = {}
    rows = [_page_row(file, file.relative_to(base), encodings) for file in files]
    notes = [f"{count} file(s) read as {encoding}" for encoding, count in encodings.items()]
    if others:
        notes.append(f"{others} file(s) of other kinds in the folder were left alone (read: {', '.join(PAGES)})")
    return Table(("id", "text", "title", "outlet", "date", "author", "url", "folder"), rows, tuple(notes))


def _walk(folder: Path) -> tuple[list[Path], int]:
    files: list[Path] = []
    others = 0
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if name.startswith("."):
                continue
            if name.lower().endswith(PAGES):
                files.append(Path(root, name))
            else:
                others += 1
    return sorted(files, key=lambda file: file.relative_to(folder).parts), others


def _need_trafilatura(files: Iterable[Path]) -> None:
    from importlib.util import find_spec

    page = next((file for file in files if file.suffix.lower() != ".txt"), None)
    if page is not None and find_spec("trafilatura") is None:
        raise InputError(
            f"reading the web page {printable(page.name)!r} needs trafilatura: pip install 'framing[web]', "
            "or give the articles as .txt, CSV, JSONL or Parquet"
        )


def _page_row(file: Path, place: Path, encodings: dict[str, int]) -> Row:
    shown = printable(place.as_posix())
    try:
        if not file.is_file():
            return Row(shown, None, "not a regular file (a broken link, a pipe or a device)")
        size = file.stat().st_size
        if size > LARGEST_PAGE:
            return Row(shown, None, f"{size:,} bytes, over the limit of {LARGEST_PAGE:,} for a page")
        markup = file.suffix.lower() != ".txt"
        text, encoding = decode(file.read_bytes(), markup=markup)
    except OSError as error:
        return Row(shown, None, f"cannot be read: {error.strerror or error}")
    if encoding != "utf-8":
        encodings[encoding] = encodings.get(encoding, 0) + 1
    values: dict[str, str | None] = {"id": shown, "text": text}
    if markup:
        tags = text.count("<")
        if tags > MOST_TAGS:
            return Row(shown, None, f"{tags:,} tags, over the limit of {MOST_TAGS:,} for a page")
        sound = UNDECODED.sub(_UNKNOWN, text.replace("\x00", _UNKNOWN))
        try:
            values |= _extracted(sound)
        except Exception as error:  # one page that breaks the parser must not cost the others
            return Row(shown, None, f"the page cannot be parsed: {type(error).__name__}")
        if not values["text"]:
            return Row(shown, None, "no article text found in the page")
        if sound != text and any(_UNKNOWN in (value or "") for value in values.values()):
            return Row(shown, None, "the article holds bytes that are no text")
    if place.parent.as_posix() != ".":
        values["folder"] = printable(place.parent.as_posix())
    return Row(shown, values)


def _extracted(page: str) -> dict[str, str | None]:
    import trafilatura

    # A fixed latest date: by default what counts as a date would depend on the day of the run.
    dates = {"original_date": True, "extensive_search": False, "max_date": "2100-01-01"}
    found: Any = trafilatura.bare_extraction(
        page, with_metadata=True, include_comments=False, include_tables=False, date_extraction_params=dates
    )
    if found is None:
        return {"text": None}
    return {
        "text": found.text,
        "title": found.title,
        "outlet": found.sitename or found.hostname,
        "date": found.date,
        "author": found.author,
        "url": found.url,
    }
