"""What a run has done for one day, as its line in the log has it."""

from __future__ import annotations

import platform
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from framing import __version__
from framing.schedule import DONE, EXIT_CODES, FAILED, PARTIAL, THERE
from framing.schedule.log import Line


@dataclass
class Day:
    """What has been done for one day so far.

    ``counts`` are of articles collected and scored, ``reasons`` why some were set aside, ``silent`` the outlets without
    an article and the day of their last, None where that is not known. ``reports`` have ``name``, ``days``,
    ``parameters``, ``title``, ``path``, ``status`` (made, already, empty, failed) and ``error``; ``deliveries`` have
    ``to``, ``status`` (done, already, failed) and ``error``. ``catch_up`` marks a day made up for.
    """

    as_of: date
    started: datetime
    catch_up: bool = False
    counts: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    failed_outlets: list[str] = field(default_factory=list)
    silent: dict[str, str] | None = None
    reports: list[dict[str, Any]] = field(default_factory=list)
    deliveries: list[dict[str, str]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    caught_up: list[str] = field(default_factory=list)
    collected: bool = False

    def line(self, ended: datetime, status: str = "") -> Line:
        """The day as a line of the log."""
        status = status or self.status()
        return {
            "as_of": self.as_of.isoformat(),
            "started": self.started.isoformat(),
            "ended": ended.isoformat(),
            "status": status,
            "exit_code": EXIT_CODES[status],
            "catch_up": self.catch_up,
            "caught_up": self.caught_up,
            "counts": self.counts,
            "set_aside": self.reasons,
            "failed_outlets": self.failed_outlets,
            "silent": self.silent,
            "reports": self.reports,
            "deliveries": self.deliveries,
            "errors": self.errors,
            "notes": self.notes,
            "versions": {"framing": __version__, "python": platform.python_version()},
        }

    @property
    def failed(self) -> list[dict[str, Any]]:
        """The reports that failed."""
        return [one for one in self.reports if one["status"] == "failed"]

    def status(self) -> str:
        """``done``, ``partial`` or ``failed``, by what has become of the parts."""
        told = all(one["status"] != "failed" for one in self.deliveries)
        if not self.failed and told and not self.errors and not self.failed_outlets:
            return DONE
        some = self.collected or any(one["status"] in THERE for one in self.reports)
        return PARTIAL if some else FAILED
