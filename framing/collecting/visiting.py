"""Pages: which of the listed ones are asked for, and what their answers become."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tqdm import tqdm

from framing.collecting.addresses import canonical, site
from framing.collecting.due import ARTICLE, TRIES, is_due, is_open, moment
from framing.collecting.fetch import Fetcher
from framing.collecting.keeping import Keeper
from framing.collecting.listing import Answer, Listing, list_addresses
from framing.collecting.pages import read_page
from framing.collecting.records import Failed, Fetched, Forbidden, Listed, Page, Postponed, Source, Unreadable
from framing.collecting.threads import at_once
from framing.errors import InputError
from framing.reading.metadata import plausible_day
from framing.store.records import Found, SetAside, Visit

WORKERS = 8
"""Outlets that are asked at the same time; a host is asked for one thing at a time whatever this is."""


@dataclass
class Round:
    """An outlet's addresses in this run, those asked for among them, and how many of them are articles we have."""

    listing: Listing
    before: Mapping[str, Visit]
    asked: list[Listed] = field(default_factory=list)
    read: int = 0

    @property
    def name(self) -> str:
        """The outlet's name, or the host where the outlet is whatever each page says."""
        source = self.listing.source
        addresses = (*self.listing.entries, *source.feeds, *source.sitemaps)
        return source.outlet or site(addresses[0])

    @property
    def failed(self) -> bool:
        """Whether the outlet was asked for something and nothing could be read: no feed, no sitemap and no page."""
        return bool(self.listing.failures or self.asked) and not self.listing.read and not self.read


def from_the_web(sources: Sequence[Source], fetcher: Fetcher, keeper: Keeper, *, limit: int, quiet: bool) -> None:
    """Ask all outlets at once for what they list, then for the pages that are due; store what comes of them.

    What an outlet's feeds answered is stored last: a run that was stopped finds them as if they had not been asked.
    """
    known = keeper.store.visits

    def listings(source: Source) -> Iterator[Listing]:
        yield list_addresses(source, fetcher, known, keeper.now)

    found = sorted(at_once(sources, listings, WORKERS), key=lambda listing: sources.index(listing.source))
    rounds: list[Round] = []
    owners: dict[str, str] = {}
    for listing in found:
        rounds.append(_round(listing, known(list(listing.entries)), owners, keeper, limit))
        owners |= {url: url for url in listing.entries}
    with tqdm(
        total=sum(len(one.asked) for one in rounds), unit="page", file=sys.stderr, disable=quiet, delay=2, leave=False
    ) as bar:
        for one, listed, answer in at_once(rounds, lambda one: _answers(one, fetcher), WORKERS):
            _take_in(one, listed, answer, keeper, owners)
            bar.update()
    keeper.flush()
    for one in rounds:
        keeper.note(one.listing.visits)
        if one.failed:
            keeper.outcome.failed.append(one.name)
    keeper.outcome.notes += [f"left for later {number:,}: {why}" for why, number in keeper.outcome.postponed.items()]


def _round(
    listing: Listing, before: Mapping[str, Visit], taken: Mapping[str, str], keeper: Keeper, limit: int
) -> Round:
    """Choose what an outlet is asked for, up to ``limit``: the newest of what it has not given yet, then the rest."""
    one, outcome, now = Round(listing, before), keeper.outcome, moment(keeper.now)
    outcome.transferred += listing.transferred
    outcome.notes += listing.notes
    for aside in (*listing.failures, *listing.invalid):
        keeper.put_aside(aside)
    mine = [listed for url, listed in listing.entries.items() if url not in taken]
    due = [listed for listed in mine if is_due(listed, before.get(listed.url), now)]
    due.sort(key=lambda listed: moment(listed.updated or listed.date), reverse=True)
    due.sort(key=lambda listed: not is_open(before.get(listed.url)))
    one.asked = due[:limit]
    later = sum(is_open(before.get(listed.url)) for listed in due[limit:])
    one.read = sum(before[listed.url].outcome == ARTICLE for listed in mine if listed.url in before)
    outcome.count(one.name, "listed", len(mine) + len(listing.invalid))
    outcome.count(one.name, "set_aside", len(listing.invalid))
    outcome.count(one.name, "known", len(mine) - len(one.asked) - later)
    outcome.count(one.name, "later", later)
    if mine and not due and not one.read:
        last = before[mine[0].url].outcome
        outcome.notes.append(f"nothing of {one.name} was due to be asked for again; the last time: {last}")
    return one


def _answers(one: Round, fetcher: Fetcher) -> Iterator[tuple[Round, Listed, Answer]]:
    for listed in one.asked:
        visit = one.before.get(listed.url)
        answer: Answer | None = one.listing.answers.get(listed.url)
        try:
            answer = answer or fetcher.fetch(
                listed.link or listed.url,
                etag=visit.etag if visit else "",
                last_modified=visit.last_modified if visit else "",
            )
        except Unreadable as error:
            answer = error
        yield one, listed, answer


def _take_in(one: Round, listed: Listed, answer: Answer, keeper: Keeper, owners: dict[str, str]) -> None:
    """Read an answer, and hand on what it is: an article, the news that nothing changed, or a reason."""
    before = one.before.get(listed.url)
    if isinstance(answer, Fetched):
        keeper.outcome.transferred += answer.transferred
    if isinstance(answer, Fetched) and answer.status == 304 and before:
        one.read += 1
        keeper.outcome.count(one.name, "unchanged")
        keeper.note([_visit(listed, keeper.now, answer, before.body or keeper.now, before)])
        return
    if isinstance(answer, Postponed):
        keeper.outcome.postpone(one.name, str(answer))
        return
    try:
        if isinstance(answer, Unreadable):
            raise answer
        page = read_page(answer.body, url=answer.final_url, content_type=answer.content_type, not_after=keeper.latest)
    except Unreadable as error:
        failures = (before.failures if before and before.outcome != ARTICLE else 0) + 1
        failures = failures if isinstance(error, Failed) else TRIES
        visit = Visit(listed.url, keeper.now, str(error), updated=listed.updated, failures=failures)
        keeper.outcome.count(one.name, "set_aside")
        # What our own rules forbid is asked for as soon as they permit it.
        keeper.put_aside(SetAside(listed.url, str(error), one.name), [] if isinstance(error, Forbidden) else [visit])
        return
    one.read += 1
    address = _own_address(page, canonical(answer.final_url), owners)
    article = _article(page, listed, one.listing.source, address, keeper.latest)
    since = article.date or (before.body if before and before.outcome == ARTICLE else "") or keeper.now
    visits = [_visit(listed, keeper.now, answer, since)]
    if address != listed.url:
        visits.append(_visit(Listed(address, updated=listed.updated), keeper.now, answer, since))
    keeper.keep(article, visits, source=one.name)


def _visit(listed: Listed, now: str, answer: Fetched, since: str, before: Visit | None = None) -> Visit:
    etag = answer.etag or (before.etag if before else "")
    modified = answer.last_modified or (before.last_modified if before else "")
    return Visit(listed.url, now, ARTICLE, etag, modified, listed.updated, body=since)


def _article(page: Page, listed: Listed, source: Source, address: str, latest: str) -> Found:
    """An article under the name that its outlet has here; what the page does not say is taken from its feed."""
    return Found(
        url=address,
        text=page.text,
        title=page.title or listed.title,
        outlet=source.outlet or page.outlet or site(address),
        date=page.date or plausible_day(listed.date[:10], not_after=latest),
        author=page.author or listed.author,
    )


def _own_address(page: Page, found_at: str, owners: dict[str, str]) -> str:
    """The address that a page calls its own, unless another page has it: one of this run, by its final address."""
    try:
        own = canonical(page.url)
    except InputError:
        return found_at
    return own if owners.setdefault(own, found_at) == found_at else found_at
