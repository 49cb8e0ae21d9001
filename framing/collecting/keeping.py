"""What a collecting run has read, on its way into the corpus folder, and what became of it."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from framing.collecting.due import moment
from framing.store.records import Found, SetAside, Visit

if TYPE_CHECKING:
    from framing.store.folder import CorpusStore

BATCH = 100
SECONDS = 10.0
"""What has been read is stored after so many articles or seconds, whichever comes first."""

COUNTS = ("listed", "new", "revised", "unchanged", "copies", "set_aside", "known", "later")


@dataclass
class Outcome:
    """What a collecting run did: listed = new + revised + unchanged + copies + set_aside + known + later.

    ``unchanged`` articles were read again and are as they were; ``known`` ones were not asked for again; ``later``
    ones wait for the next run. ``outlets`` has the same counts by outlet. ``failed`` outlets gave nothing: none of
    their sources could be read. ``reasons`` counts why something was set aside, feeds and sitemaps among it, and
    ``postponed`` why something was not asked for yet. ``transferred`` are the bytes of all bodies, as sent.
    """

    outlets: dict[str, dict[str, int]] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    reasons: dict[str, int] = field(default_factory=dict)
    postponed: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    transferred: int = 0

    @property
    def counts(self) -> dict[str, int]:
        """The counts of all outlets together."""
        return {name: sum(counts[name] for counts in self.outlets.values()) for name in COUNTS}

    def count(self, outlet: str, name: str, number: int = 1) -> None:
        """Add to one count of an outlet."""
        self.outlets.setdefault(outlet, dict.fromkeys(COUNTS, 0))[name] += number

    def postpone(self, outlet: str, reason: str) -> None:
        """Count what is left for the next run since its server is not to be asked now."""
        self.count(outlet, "later")
        self.postponed[reason] = self.postponed.get(reason, 0) + 1

    @property
    def fruitless(self) -> bool:
        """Whether something was asked for or opened and failed, and no article came of it nor is there from before."""
        articles = sum(self.counts[name] for name in ("new", "revised", "unchanged", "copies", "known"))
        return bool(self.reasons or self.postponed) and not articles

    def to_dict(self) -> dict[str, Any]:
        """Everything, for JSON."""
        return {
            "counts": self.counts, "outlets": self.outlets, "failed": self.failed, "reasons": self.reasons,
            "postponed": self.postponed, "notes": self.notes, "transferred": self.transferred,
        }  # fmt: skip


@dataclass
class Keeper:
    """Gathers articles, what was set aside, and visits; stores them together. Articles count once they are stored."""

    store: CorpusStore
    outcome: Outcome
    now: str
    _found: list[tuple[str, Found]] = field(default_factory=list)
    _aside: list[SetAside] = field(default_factory=list)
    _visits: list[Visit] = field(default_factory=list)
    _since: float = field(default_factory=time.monotonic)

    @property
    def latest(self) -> str:
        """The latest day that an article may be dated: tomorrow, since outlets east of UTC are ahead."""
        return (moment(self.now) + timedelta(days=1)).date().isoformat()

    def keep(self, found: Found, visits: Iterable[Visit] = (), *, source: str) -> None:
        """Take an article in, with the visits that led to it, counted for a source."""
        self._found.append((source, found))
        self.note(visits)
        self._flush_if_due()

    def put_aside(self, aside: SetAside, visits: Iterable[Visit] = ()) -> None:
        """Take in what could not be read."""
        self._aside.append(aside)
        self.outcome.reasons[aside.reason] = self.outcome.reasons.get(aside.reason, 0) + 1
        self.note(visits)
        self._flush_if_due()

    def note(self, visits: Iterable[Visit]) -> None:
        """Take visits in, to be stored with the next articles."""
        self._visits += visits

    def flush(self) -> None:
        """Store what was gathered."""
        if not (self._found or self._aside or self._visits):
            return
        added = self.store.add([found for _, found in self._found], self._aside, self._visits, collected=self.now)
        for (source, _), became in zip(self._found, added.outcomes, strict=True):
            self.outcome.count(source, became)
        self._found, self._aside, self._visits, self._since = [], [], [], time.monotonic()

    def _flush_if_due(self) -> None:
        waiting = len(self._found) + len(self._aside)
        if waiting >= BATCH or (waiting and time.monotonic() - self._since >= SECONDS):
            self.flush()
