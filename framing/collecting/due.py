"""Which listed addresses are asked for: the new ones, and known ones that may have changed or may work now."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from framing.collecting.records import Listed
from framing.store.records import Visit

ARTICLE = "article"
LISTING = "listing"

RECHECK = timedelta(hours=6)
"""A page without an ETag or a Last-Modified is asked for again no sooner, nor is one that failed."""

SETTLED = timedelta(days=7)
"""Older articles are not asked for again, unless their feed says that they were updated. Where it gives no day at all,
that of the article counts, or else of the first visit: the visit has it as its body."""

TRIES = 3
"""A page that was asked for and failed so many times in a row is given up. One that is gone (404, 410) is at once, and
so is one that was read and holds no article. A feed that says that the page was updated opens it again."""

ROBOTS = timedelta(hours=24)
"""How long a robots.txt holds (RFC 9309, 2.4)."""


def is_due(listed: Listed, visit: Visit | None, now: datetime) -> bool:
    """Whether a listed address is asked for now, given what the last request for it came to.

    A request for a page with a validator (ETag, Last-Modified) is conditional and costs next to nothing where the
    page has not changed; so young articles with one are looked at in every run.
    """
    if visit is None or (listed.updated and listed.updated != visit.updated):
        return True
    rested = now - moment(visit.checked) >= RECHECK
    if visit.outcome != ARTICLE:
        return rested and is_open(visit)
    said = moment(listed.updated or listed.date or visit.body)
    if said.year > 1 and now - said > SETTLED:
        return False
    return bool(visit.etag or visit.last_modified) or rested


def is_open(visit: Visit | None) -> bool:
    """Whether an address is still to be asked for: it never was, or it failed and has not been given up."""
    return visit is None or (visit.outcome != ARTICLE and visit.failures < TRIES)


def moment(text: str) -> datetime:
    """A date or time in ISO format, without a zone in UTC; the year 1 for one that cannot be read."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return datetime.min
    return found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found
