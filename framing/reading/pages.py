"""Web pages and text files -> rows, one file each."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from framing.errors import InputError
from framing.reading.extraction import Extraction, extract, parse
from framing.reading.formats import UNDECODED, Row, Table, decode, printable

LARGEST_PAGE = 20_000_000
"""A web page or text file of more bytes than this is set aside unread."""

MOST_TAGS = 30_000
"""A web page with more tags is set aside: news pages have a few thousand, and the time that finding the article
takes grows with their square."""

UNKNOWN = "\ufffd"
"""Stands for every byte that is no text."""

_C1 = re.compile("[\x80-\x9f]")
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
        files, others = page_files(path)
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


def page_files(folder: Path, suffixes: tuple[str, ...] = PAGES) -> tuple[list[Path], int]:
    """The files below a folder that end so, in the order of their names, and how many others there are.

    Hidden files and folders are left alone, and links to folders are not followed.
    """
    files: list[Path] = []
    others = 0
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if name.startswith("."):
                continue
            if name.lower().endswith(suffixes):
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
        sound = sound_text(text)
        try:
            tree = parse(sound)
            values |= asdict(Extraction() if tree is None else extract(tree))
        except Exception as error:  # one page that breaks the parser must not cost the others
            return Row(shown, None, f"the page cannot be parsed: {type(error).__name__}")
        if not values["text"]:
            return Row(shown, None, "no article text found in the page")
        if sound != text and any(UNKNOWN in (value or "") for value in values.values()):
            return Row(shown, None, "the article holds bytes that are no text")
    if place.parent.as_posix() != ".":
        values["folder"] = printable(place.parent.as_posix())
    return Row(shown, values)


def sound_text(page: str) -> str:
    """The page without NUL and undecodable characters, each replaced by :data:`UNKNOWN`.

    The control characters of Latin-1, which no page means, become what cp1252 has in their places, as in browsers.
    """
    return _C1.sub(_as_cp1252, UNDECODED.sub(UNKNOWN, page.replace("\x00", UNKNOWN)))


def _as_cp1252(found: re.Match[str]) -> str:
    return found.group().encode("latin-1").decode("cp1252", "replace")
