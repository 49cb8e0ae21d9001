"""One collecting run: sources in, a corpus folder out, every address accounted for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from framing.collecting.due import LISTING, ROBOTS, moment
from framing.collecting.fetch import USER_AGENT, Fetcher
from framing.collecting.keeping import Keeper, Outcome
from framing.collecting.records import Source
from framing.collecting.saved import from_files
from framing.collecting.sources import read_sources
from framing.collecting.visiting import from_the_web
from framing.store import open_store
from framing.store.records import Visit

LIMIT = 500
"""Pages of an outlet that one run asks for, the newest first; the others wait for the next run."""


def collect(
    given: str | Path,
    into: str | Path,
    *,
    now: str,
    delay: float = 1.0,
    deadline: float = 30.0,
    limit: int = LIMIT,
    allow_hosts: Sequence[str] = (),
    user_agent: str = USER_AGENT,
    quiet: bool = False,
) -> Outcome:
    """Collect what ``given`` names (see :func:`~framing.collecting.sources.read_sources`) into a corpus folder.

    ``now`` is the time of the run, ISO in UTC: articles are stored under its day. ``delay`` is in seconds between two
    requests to one host, ``deadline`` in seconds for one page, redirects and retries included. ``limit`` pages of an
    outlet are asked for at most. Addresses that are not public are refused unless ``allow_hosts`` names their host.

    A page or feed that cannot be read is set aside with its reason and never stops the others. What has been stored
    stays stored however the run ends; a run that was stopped goes on where it was when it is started again.

    Raises :class:`~framing.errors.InputError` for sources that cannot be used, for a folder that is no corpus, and
    where another run is writing to it.
    """
    sources = read_sources(given)
    outcome = Outcome()
    with open_store(into, create=True) as store:
        keeper = Keeper(store, outcome, now)
        try:
            _from_all(sources, keeper, limit=limit, quiet=quiet, delay=delay, deadline=deadline,
                      allow_hosts=allow_hosts, user_agent=user_agent)  # fmt: skip
        except (KeyboardInterrupt, SystemExit):
            keeper.flush()  # what was read before somebody ended the run
            raise
        keeper.flush()
    return outcome


def _from_all(sources: Sequence[Source], keeper: Keeper, *, limit: int, quiet: bool, **polite: Any) -> None:
    online = [source for source in sources if source.feeds or source.sitemaps or source.urls]
    if online:
        with Fetcher(robots=partial(_kept_robots, keeper), **polite) as fetcher:
            from_the_web(online, fetcher, keeper, limit=limit, quiet=quiet)
            keeper.note(Visit(url, keeper.now, LISTING, body=text) for url, text in fetcher.robots.items())
    for source in sources:
        from_files(source, keeper)


def _kept_robots(keeper: Keeper, file: str) -> str | None:
    """The text of a robots file where it was fetched within a day."""
    visit = keeper.store.visits([file]).get(file)
    return visit.body if visit and moment(keeper.now) - moment(visit.checked) < ROBOTS else None
