"""What the feeds, sitemaps and addresses of an outlet list: asked for, read, and joined with what was left open."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace

from framing.collecting.addresses import canonical
from framing.collecting.due import ARTICLE, LISTING, is_due, is_open, moment
from framing.collecting.fetch import Fetcher
from framing.collecting.listings import Contents, is_listing, read_feed, read_sitemap
from framing.collecting.records import Fetched, Listed, Source, Unreadable
from framing.errors import InputError
from framing.reading.formats import printable
from framing.store.records import SetAside, Visit

MOST_SITEMAPS = 50
"""Sitemaps that one sitemap may lead to, itself included."""

LARGEST_LISTING = 10_000_000
"""A feed or sitemap of more bytes is refused: which of its addresses are new cannot be told from a part of it. The
fifty thousand addresses that a sitemap may have fit in, and eight such at once into memory."""

Known = Callable[[Sequence[str]], dict[str, Visit]]
Answer = Fetched | Unreadable


@dataclass
class Listing:
    """The addresses an outlet lists, without repetition, and what asking its feeds and sitemaps came to.

    ``visits`` has one for each feed and sitemap that could be read; they are to be stored only once the addresses have
    been dealt with: a run that is stopped before must find its feeds as if they had not been read. ``invalid`` are
    addresses that are none, ``failures`` the feeds and sitemaps that could not be read, ``notes`` what limits left out.
    ``answers`` are those of pages that were asked for already, to see what they are. ``read`` counts the feeds and
    sitemaps that could be read, but for those that only lead to others.
    """

    source: Source
    entries: dict[str, Listed] = field(default_factory=dict)
    visits: list[Visit] = field(default_factory=list)
    invalid: list[SetAside] = field(default_factory=list)
    failures: list[SetAside] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=dict)
    read: int = 0
    transferred: int = 0

    def take(self, listed: Iterable[Listed]) -> tuple[Listed, ...]:
        """Take addresses in, in their canonical form, and return them so; those that are none are set aside."""
        taken = []
        for one in listed:
            try:
                url = canonical(one.url)
            except InputError as error:
                self.invalid.append(SetAside(printable(one.url[:500]), printable(str(error)), self.source.outlet))
            else:
                taken.append(replace(one, url=url, link=one.link or (one.url if one.url != url else "")))
        for one in taken:
            self.entries.setdefault(one.url, one)
        return tuple(taken)


def list_addresses(source: Source, fetcher: Fetcher, known: Known, now: str) -> Listing:
    """Ask an outlet's feeds and sitemaps (conditionally, where they are known) and read what they list.

    A feed or sitemap that cannot be read is set aside with its reason; the others are read all the same. An address
    that is given alone, without a name, may be that of a feed, a sitemap or a page: it is taken for what it shows.
    """
    listing = Listing(source)
    alone = not source.outlet and len(source.urls) == 1
    if not alone or not _take_alone(listing, source.urls[0], fetcher, known, now):
        listing.take(map(Listed, source.urls))
    for url in source.feeds:
        _ask(listing, url, fetcher, known, now, read_feed)
    for url in source.sitemaps:
        _ask_sitemaps(listing, url, fetcher, known, now)
    return listing


def _take_alone(listing: Listing, url: str, fetcher: Fetcher, known: Known, now: str) -> bool:
    """Whether an address shows a feed or sitemap, whose addresses are then taken in.

    It is asked for where that is not known from an earlier run, and the answer of a page is kept for when its turn
    comes.
    """
    key = canonical(url)
    before = known([url, key])
    if url in before and before[url].outcome == LISTING:
        _ask_sitemaps(listing, url, fetcher, known, now)
        return True
    visit = before.get(key)
    if visit and (visit.outcome == ARTICLE or not is_due(Listed(key), visit, moment(now))):
        return False
    try:
        fetched = fetcher.fetch(url, most=LARGEST_LISTING, listing=True)
    except Unreadable as error:
        listing.answers[key] = error
        return False
    if not is_listing(fetched.body):
        listing.answers[key] = fetched
        return False
    _ask_sitemaps(listing, url, fetcher, known, now, fetched)
    return True


def _ask_sitemaps(
    listing: Listing, url: str, fetcher: Fetcher, known: Known, now: str, fetched: Fetched | None = None
) -> None:
    """Ask for a sitemap and those that it leads to; ``fetched`` is its answer, where that is there already."""
    waiting, seen = [url], {url}
    left_out: set[str] = set()
    while waiting:
        more = _ask(listing, waiting.pop(0), fetcher, known, now, read_sitemap, fetched)
        fetched = None
        fresh = [one for one in dict.fromkeys(more) if one not in seen]
        room = MOST_SITEMAPS - len(seen)
        left_out.update(fresh[room:])
        waiting += fresh[:room]
        seen.update(fresh[:room])
    if left_out:
        listing.notes.append(
            f"{printable(url)} leads to {len(left_out):,} further sitemaps, which were left out; "
            f"{MOST_SITEMAPS} are read at most, those that changed last"
        )


def _ask(
    listing: Listing, url: str, fetcher: Fetcher, known: Known, now: str, read: Callable[..., Contents],
    fetched: Fetched | None = None,
) -> Sequence[str]:  # fmt: skip
    """Ask for a feed or sitemap and take in what it lists; returns the further sitemaps it names."""
    before = known([url]).get(url) or Visit(url, now, LISTING)
    told = _remembered(before)
    try:
        if fetched is None:
            fetched = fetcher.fetch(
                url, most=LARGEST_LISTING, listing=True, etag=before.etag, last_modified=before.last_modified
            )
        listing.transferred += fetched.transferred
        answer = told
        if fetched.status != 304:
            answer = read(fetched.body, url=fetched.final_url, content_type=fetched.content_type)
    except Unreadable as error:
        listing.failures.append(SetAside(url, str(error), listing.source.outlet))
        return ()
    listing.read += not answer.more
    if answer.left_out:
        listing.notes.append(
            f"{printable(url)} lists {answer.left_out:,} further addresses, which were left out; "
            f"{len(answer.entries) + len(answer.more):,} were taken"
        )
    etag, modified = fetched.etag, fetched.last_modified
    if fetched.status == 304:
        etag, modified = etag or before.etag, modified or before.last_modified
    entries = listing.take(answer.entries)
    entries += listing.take(_left_over(told.entries, {entry.url for entry in entries}, known))
    body = json.dumps({"entries": [asdict(entry) for entry in entries], "more": answer.more})
    listing.visits.append(Visit(url, now, LISTING, etag, modified, body=body))
    return answer.more


def _remembered(visit: Visit) -> Contents:
    """What a feed or sitemap listed when it was last read: it says nothing when it has not changed."""
    if not visit.body:
        return Contents()
    told = json.loads(visit.body)
    return Contents(tuple(Listed(**entry) for entry in told["entries"]), tuple(told["more"]))


def _left_over(before: Sequence[Listed], now: Collection[str], known: Known) -> Sequence[Listed]:
    """What was listed before, is not any more, and is still to be asked for."""
    gone = [entry for entry in before if entry.url not in now]
    visits = known([entry.url for entry in gone])
    return [entry for entry in gone if is_open(visits.get(entry.url))]
