"""Articles from files: saved pages, mailboxes, archives; what has not changed since it was read is not read again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from framing.collecting.addresses import canonical, site
from framing.collecting.due import ARTICLE, LISTING
from framing.collecting.files import SAVED, Placed, read_mbox, read_saved, read_warc
from framing.collecting.keeping import Keeper
from framing.collecting.records import Failed, Page, Source, Unreadable
from framing.errors import InputError
from framing.reading.formats import printable
from framing.reading.pages import page_files
from framing.store.records import Found, SetAside, Visit


def from_files(source: Source, keeper: Keeper) -> None:
    """Take in what a source has in files."""
    if source.html:
        _folder(source, source.html, keeper)
    for file, read in ((source.mbox, read_mbox), (source.warc, read_warc)):
        if file:
            _collection(source, file, read(file, not_after=keeper.latest), keeper)


def _folder(source: Source, folder: Path, keeper: Keeper) -> None:
    name = source.outlet or folder.resolve().name or str(folder.resolve())
    places = {printable(file.relative_to(folder).as_posix()): file for file in page_files(folder, SAVED)[0]}
    keeper.outcome.count(name, "listed", len(places))
    if not places:
        keeper.outcome.notes.append(f"{printable(str(folder))} holds no saved page; looked for {', '.join(SAVED)}")
    known = keeper.store.visits(_key(name, place) for place in places)
    for place, file in places.items():
        key, stamp = _key(name, place), _stamp(file)
        if key in known and known[key].etag == stamp:
            keeper.outcome.count(name, "known")
            continue
        page = read_saved(file, not_after=keeper.latest)
        outcome = str(page) if isinstance(page, Unreadable) else ARTICLE
        visits = [] if isinstance(page, Failed) else [Visit(key, keeper.now, outcome, etag=stamp)]
        _take_in(source, name, (place, page), keeper, visits)


def _collection(source: Source, file: Path, pages: Iterator[Placed], keeper: Keeper) -> None:
    """A file of many pages: read whole where it has changed in any way, since its pages are not told apart before."""
    name = source.outlet or file.name
    key, stamp = _key(name, file.name), _stamp(file)
    keeper.outcome.count(name, "listed", 0)
    before = keeper.store.visits([key]).get(key)
    if before and before.etag == stamp:
        keeper.outcome.notes.append(f"{printable(file.name)} has not changed since it was read")
        return
    whole = True
    for placed in pages:
        keeper.outcome.count(name, "listed")
        _take_in(source, name, placed, keeper, [])
        whole = whole and not isinstance(placed[1], Failed)
    if whole:
        keeper.note([Visit(key, keeper.now, LISTING, etag=stamp)])


def _take_in(source: Source, name: str, placed: Placed, keeper: Keeper, visits: list[Visit]) -> None:
    place, page = placed
    if isinstance(page, Unreadable):
        keeper.outcome.count(name, "set_aside")
        keeper.put_aside(SetAside(place, str(page), name), visits)
        return
    address = _address(page)
    found = Found(
        url=address,
        text=page.text,
        title=page.title,
        outlet=source.outlet or page.outlet or site(address),
        date=page.date,
        author=page.author,
        extra={"file": place},
    )
    keeper.keep(found, visits, source=name)


def _address(page: Page) -> str:
    """The article's own address; that of a message is no web address (``mid:``), and a saved page may have none."""
    try:
        return canonical(page.url)
    except InputError:
        return page.url if page.url.startswith("mid:") else ""


def _key(name: str, place: str) -> str:
    return f"file:{name}/{place}"


def _stamp(file: Path) -> str:
    """Size and time of change: what tells that a file is another than before, short of reading it."""
    try:
        told = file.stat()
    except OSError:
        return ""
    return f"{told.st_size}-{told.st_mtime_ns}"
