"""What collecting passes on from one step to the next."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from framing.errors import FramingError
from framing.reading.formats import printable


class Unreadable(FramingError):
    """A page, feed or file that gives no article; the message is the reason, as the quarantine shows it.

    The reason holds printable characters only, whatever a server wrote.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(printable(reason))


class Failed(Unreadable):
    """What may be readable another time: no connection, no answer in time, a server that refuses or is in trouble."""


class Postponed(Unreadable):
    """What was not asked for, since its server is not to be asked now: that says nothing of the page itself."""


class Forbidden(Unreadable):
    """What our own rules forbid to connect to, until they are changed."""


@dataclass(frozen=True, slots=True)
class Source:
    """An outlet and where its articles are found."""

    outlet: str
    feeds: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    html: Path | None = None
    mbox: Path | None = None
    warc: Path | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """An address that a feed or a sitemap names, with what it says of it; dates are ISO (UTC) or empty.

    Once taken in, ``url`` is canonical, and ``link`` is what the server is asked for where that is spelled otherwise.
    """

    url: str
    title: str = ""
    date: str = ""
    updated: str = ""
    author: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A response: the body is decompressed, and empty where ``status`` is 304 (not modified).

    ``url`` is what was asked for and ``final_url`` where redirects led; ``transferred`` counts the bytes of all
    bodies on the way, as sent. ``content_type`` is the header, with its charset.
    """

    url: str
    final_url: str
    status: int
    body: bytes = b""
    content_type: str = ""
    etag: str = ""
    last_modified: str = ""
    transferred: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """An article read off a page, a message or an archive; ``date`` is ISO or empty, ``url`` its own canonical one."""

    text: str
    title: str = ""
    outlet: str = ""
    date: str = ""
    author: str = ""
    url: str = ""
