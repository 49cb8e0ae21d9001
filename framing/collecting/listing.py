"""What the feeds, sitemaps and addresses of an outlet list: asked for, read, and joined with what was left open."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace

from framing.collecting.addresses import canonical
from framing.collecting.due import LISTING, is_open
from framing.collecting.fetch import Fetcher
from framing.collecting.listings import Sitemap, read_feed, read_sitemap
from framing.collecting.records import Fetched, Listed, Source, Unreadable
from framing.errors import InputError
from framing.store.records import SetAside, Visit

MOST_SITEMAPS = 50
"""Sitemaps that one sitemap may lead to, itself included."""

MOST_BYTES = 10_000_000
"""Of a larger feed or sitemap only the beginning is read: feeds list the newest first."""

Known = Callable[[Sequence[str]], dict[str, Visit]]


@dataclass
class Listing:
    """The addresses an outlet lists, without repetition, and what asking its feeds and sitemaps came to.

    ``visits`` are to be stored only once the addresses have been dealt with: a run that is stopped before must find
    its feeds as if they had not been read. ``invalid`` are addresses that are none, ``failures`` the feeds and
    sitemaps that could not be read.
    """

    source: Source
    entries: dict[str, Listed] = field(default_factory=dict)
    visits: list[Visit] = field(default_factory=list)
    invalid: list[SetAside] = field(default_factory=list)
    failures: list[SetAside] = field(default_factory=list)
    transferred: int = 0

    def take(self, listed: Iterable[Listed]) -> tuple[Listed, ...]:
        """Take addresses in, in their canonical form, and return them so; those that are none are set aside."""
        taken = []
        for one in listed:
            try:
                taken.append(replace(one, url=canonical(one.url)))
            except InputError as error:
                self.invalid.append(SetAside(one.url[:500], str(error), self.source.outlet))
        for one in taken:
            self.entries.setdefault(one.url, one)
        return tuple(taken)


def list_addresses(source: Source, fetcher: Fetcher, known: Known, now: str) -> Listing:
    """Ask an outlet's feeds and sitemaps (conditionally, where they are known) and read what they list.

    A feed or sitemap that cannot be read is set aside with its reason; the others are read all the same.
    """
    listing = Listing(source)
    listing.take(map(Listed, source.urls))
    for url in source.feeds:
        _ask(listing, url, fetcher, known, now, _feed)
    for url in source.sitemaps:
        waiting, seen = [url], {url}
        while waiting:
            more = _ask(listing, waiting.pop(0), fetcher, known, now, _sitemap)
            fresh = [one for one in more if one not in seen][: MOST_SITEMAPS - len(seen)]
            waiting += fresh
            seen.update(fresh)
    return listing


def recognised(source: Source, fetcher: Fetcher) -> Source:
    """A source that is a bare address: the address is a feed's or a sitemap's where that is what it shows."""
    if source.outlet or len(source.urls) != 1:
        return source
    try:
        head = fetcher.fetch(source.urls[0], most=MOST_BYTES, truncate=True).body[:2000]
    except Unreadable:
        return source  # to be asked for as a page, and set aside with its reason
    if re.search(rb"<(urlset|sitemapindex)\b", head):
        return replace(source, urls=(), sitemaps=source.urls)
    if re.search(rb"<(rss|feed|rdf:RDF)\b", head):
        return replace(source, urls=(), feeds=source.urls)
    return source


def _ask(
    listing: Listing, url: str, fetcher: Fetcher, known: Known, now: str, read: Callable[[Fetched], Sitemap]
) -> Sequence[str]:
    """Ask for a feed or sitemap and take in what it lists; returns the further sitemaps it names."""
    before = known([url]).get(url) or Visit(url, now, LISTING)
    told = _remembered(before)
    try:
        fetched = fetcher.fetch(
            url, most=MOST_BYTES, truncate=True, etag=before.etag, last_modified=before.last_modified
        )
        listing.transferred += fetched.transferred
        answer = told if fetched.status == 304 else read(fetched)
    except Unreadable as error:
        listing.failures.append(SetAside(url, str(error), listing.source.outlet))
        return ()
    etag, modified = fetched.etag, fetched.last_modified
    if fetched.status == 304:
        etag, modified = etag or before.etag, modified or before.last_modified
    entries = listing.take(answer.entries)
    entries += listing.take(_left_over(told.entries, {entry.url for entry in entries}, known))
    body = json.dumps(asdict(Sitemap(entries, tuple(answer.more))))
    listing.visits.append(Visit(url, now, LISTING, etag, modified, body=body))
    return answer.more


def _remembered(visit: Visit) -> Sitemap:
    """What a feed or sitemap listed when it was last read: it says nothing when it has not changed."""
    if not visit.body:
        return Sitemap()
    told = json.loads(visit.body)
    return Sitemap(tuple(Listed(**entry) for entry in told["entries"]), tuple(told["more"]))


def _left_over(before: Sequence[Listed], now: Collection[str], known: Known) -> Sequence[Listed]:
    """What was listed before, is not any more, and is still to be asked for."""
    gone = [entry for entry in before if entry.url not in now]
    visits = known([entry.url for entry in gone])
    return [entry for entry in gone if is_open(visits.get(entry.url))]


def _feed(fetched: Fetched) -> Sitemap:
    return Sitemap(read_feed(fetched.body, url=fetched.final_url, content_type=fetched.content_type))


def _sitemap(fetched: Fetched) -> Sitemap:
    return read_sitemap(fetched.body, url=fetched.final_url)
