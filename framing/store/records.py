"""What goes into a corpus folder and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Found:
    """An article as it was met: its canonical address (empty where it has none), text, and what is known of it."""

    url: str
    text: str
    title: str = ""
    outlet: str = ""
    date: str = ""
    author: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SetAside:
    """Something that was met and could not be read as an article: its address or place, and the reason."""

    place: str
    reason: str
    outlet: str = ""


@dataclass(frozen=True, slots=True)
class Visit:
    """What the last request for an address gave.

    ``checked`` is the time in ISO format (UTC). ``outcome`` is ``article``, ``listing`` (a feed, a sitemap, a
    robots file) or the reason why there was none; ``failures`` counts requests in a row that gave none.
    ``updated`` is what the feed or sitemap last said of the address. ``etag`` and ``last_modified`` make the next
    request conditional. ``body`` is what must be known of it next time: a robots file's text, the addresses of a feed
    that are still to be asked for, or the day from which on an article counts as old.
    """

    url: str
    checked: str
    outcome: str
    etag: str = ""
    last_modified: str = ""
    updated: str = ""
    failures: int = 0
    body: str = ""


NEW, REVISED, UNCHANGED, COPIES, SET_ASIDE = "new", "revised", "unchanged", "copies", "set_aside"


@dataclass(frozen=True, slots=True)
class Added:
    """What became of what one call was given.

    ``revised`` articles got a further version; ``copies`` have the text of another address of the same outlet;
    ``set_aside`` counts what came as such and articles that cannot be stored. ``outcomes`` has a word for each article,
    in their order: ``new``, ``revised``, ``unchanged``, ``copies`` or ``set_aside``.
    """

    new: int = 0
    revised: int = 0
    unchanged: int = 0
    copies: int = 0
    set_aside: int = 0
    outcomes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Selection:
    """Which articles of a corpus are wanted; what is empty asks for nothing.

    ``since`` and ``until`` are days, YYYY-MM-DD, both included; articles without a usable date fall out where either is
    given. ``query`` is a condition in DuckDB's SQL over the columns, such as ``title ILIKE '%ferry%'``.
    """

    since: str = ""
    until: str = ""
    outlets: tuple[str, ...] = ()
    query: str = ""
