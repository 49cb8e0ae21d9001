"""One scheduled run: idempotent, alone, ended in time, and once it has begun with a line in the log however it ends.

A plan that cannot be used leaves no line, since the log's place stands in it, nor does a run that another keeps out:
the other one writes its own.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from framing.errors import InputError, ReportError, one_of
from framing.schedule import ALREADY, FAILED, INTERRUPTED, THERE, TIMEOUT
from framing.schedule.child import WORKER, OutOfTime, StepFailed, in_child, interruptible
from framing.schedule.day import Day
from framing.schedule.lock import alone
from framing.schedule.log import (
    Line,
    append_line,
    last_report,
    last_silence,
    missed_days,
    read_log,
    told_already,
    told_before,
)
from framing.schedule.plan import Plan, Wanted, days_before, read_plan
from framing.schedule.summary import Morning, News, headline, plain, render
from framing.storage import write_whole

# Seconds for one try to reach the webhook, and how often it is tried.
WEBHOOK_SECONDS = 10.0
WEBHOOK_TRIES = 2


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended: its line in the log, its exit code, its summary in Markdown, and notes for who watches it."""

    line: Line
    summary: str
    notes: tuple[str, ...] = ()

    @property
    def code(self) -> int:
        """The exit code; see :mod:`framing.schedule`."""
        return int(self.line["exit_code"])


def read_day(text: str, today: date) -> date:
    """The day that ``YYYY-MM-DD``, ``today`` or ``yesterday`` names.

    Raises :class:`~framing.errors.InputError` for anything else.
    """
    named = {"today": today, "yesterday": today - timedelta(days=1)}
    if text in named:
        return named[text]
    day: date | None = None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        pass
    if day is None or day.isoformat() != text:
        raise InputError(one_of("day", text, ["YYYY-MM-DD", *named]))
    return day


def utc_now() -> datetime:
    """The time: the one place where a run reads the clock, for its log and for when articles were collected."""
    return datetime.now(UTC).replace(microsecond=0)


def run_schedule(
    file: str | Path,
    *,
    as_of: date,
    catch_up: int = 0,
    wait: float = 0.0,
    timeout: float | None = None,
    force: bool = False,
    quiet: bool = False,
    now: Callable[[], datetime] = utc_now,
    worker: Sequence[str] = WORKER,
    notebooks: str | Path | None = None,
) -> Outcome:
    """Do what a plan says for the day ``as_of``: collect, score, report, and tell what changed.

    The same day again makes no report and posts or mails no summary twice, unless ``force``. Of the ``catch_up`` days
    before, those without a successful run in the log get their reports first, unless that has failed a few times.
    ``timeout`` is in seconds for all of it, by default the plan's. What fails is told in the outcome and stops nothing
    else; what was finished stays when time runs out or somebody interrupts, and no process is left over. ``worker``
    answers the steps, each in a process of its own.

    Raises
    ------
    FramingError
        Where the plan cannot be used; nothing has run then.
    Locked
        Where another run of this plan goes on for longer than ``wait`` seconds.
    """
    plan = read_plan(file, notebooks=notebooks)
    started = now()
    with interruptible(), alone(plan.lock, as_of=as_of.isoformat(), since=started.isoformat(), wait=wait):
        lines, notes = read_log(plan.log)
        quiet = quiet or not sys.stderr.isatty()  # bars would only fill the mail of cron, or a journal
        run = _Run(plan, lines, time.monotonic() + (timeout or plan.timeout), worker, notebooks, force, quiet, now)
        day = Day(as_of, started)
        status = FAILED
        summary = ""
        try:
            run.collect(day)
            missed = run.look(day, catch_up)
            run.score(day, missed)
            for one in missed:
                earlier = Day(one, now(), catch_up=True)
                run.report(earlier)
                day.errors += [f"{one}: {told['name']} failed: {told['error']}" for told in earlier.failed]
                append_line(plan.log, earlier.line(now()))
            day.caught_up = [one.isoformat() for one in missed]
            run.report(day)
            summary = run.tell(day)
            status = day.status()
        except OutOfTime:
            status = TIMEOUT
        except KeyboardInterrupt:
            status = INTERRUPTED
        except Exception as error:
            day.errors.append(plain(f"{type(error).__name__}: {error}"))
            day.silent = None  # as it was told to nobody, the next run shall tell it
            raise
        finally:
            line = day.line(now(), status)
            append_line(plan.log, line)
    return Outcome(line, summary or f"The run for {as_of} was not finished: {line['status']}.\n", tuple(notes))


@dataclass(frozen=True)
class _Run:
    plan: Plan
    lines: Sequence[Line]
    end: float
    worker: Sequence[str]
    notebooks: str | Path | None
    force: bool
    quiet: bool
    now: Callable[[], datetime]

    def step(self, name: str, arguments: Mapping[str, Any], most: float = float("inf")) -> dict[str, Any]:
        return in_child(name, arguments, seconds=min(most, self.end - time.monotonic()), command=self.worker)

    def collect(self, day: Day) -> None:
        plan = self.plan
        if plan.collect is None:
            return
        options = {"delay": plan.delay, "allow_hosts": plan.allow_hosts, "user_agent": plan.user_agent}
        options |= {"now": self.now().strftime("%Y-%m-%dT%H:%M:%SZ"), "quiet": self.quiet}
        try:
            done = self.step("collect", {"file": str(plan.collect), "into": str(plan.corpus), **options})
        except StepFailed as error:
            day.errors.append(f"collecting failed: {error}")
            return
        day.counts, day.reasons, day.failed_outlets = done["counts"], done["reasons"], done["failed"]
        day.notes += done["notes"]
        day.collected = len(done["failed"]) < len(done["outlets"]) or not done["failed"]

    def look(self, day: Day, catch_up: int) -> list[date]:
        """See which outlets are silent; the days that were missed."""
        try:
            seen = self.step("coverage", {"corpus": str(self.plan.corpus), "as_of": day.as_of.isoformat()})
        except StepFailed as error:
            day.errors.append(f"the corpus cannot be read: {error}")
            known = last_silence(told_before(self.lines, day.as_of))
            day.silent = known[1] if known else None
            return []
        limit = days_before(day.as_of, self.plan.silent_after).isoformat()
        day.silent = {name: last for name, last in sorted(seen["last"].items()) if name.strip() and last <= limit}
        return missed_days(self.lines, day.as_of, catch_up, seen["first"]) if self.plan.reports else []

    def score(self, day: Day, missed: Sequence[date]) -> None:
        """Score what the reports will need, once for each way of scoring among them."""
        ways: dict[tuple[str, str, str], list[Wanted]] = {}
        for wanted in self.plan.reports:
            if {"corpus", "scores", "engine"} <= wanted.takes:
                ways.setdefault(_instrument(wanted), []).append(wanted)
        first = min([*missed, day.as_of])
        for way, reports in ways.items():
            days = 0 if any(not one.days for one in reports) else max(one.days for one in reports)
            period = {"since": days_before(first, days - 1).isoformat() if days else "",
                      "until": day.as_of.isoformat() if days else ""}  # fmt: skip
            places = {"corpus": str(self.plan.corpus), "reports_folder": str(self.plan.reports_folder)}
            try:
                done = self.step("score", {**places, **period, **dict(zip(_INSTRUMENT, way, strict=True))})
            except StepFailed as error:
                day.errors.append(f"scoring failed: {error}")
                continue
            for name, number in done.items():
                day.counts[name] = day.counts.get(name, 0) + number

    def report(self, day: Day) -> None:
        for wanted in self.plan.reports:
            entry = {"name": wanted.name, "days": wanted.days, "parameters": wanted.given,
                     "title": str(wanted.parameters.get("title", "")), "path": "", "error": ""}  # fmt: skip
            asked = {"name": wanted.name, "parameters": self.plan.parameters(wanted, day.as_of),
                     "reports_folder": str(self.plan.reports_folder), "force": self.force, "quiet": self.quiet,
                     "notebooks": str(self.notebooks or "")}  # fmt: skip
            try:
                done = self.step("report", asked)
            except StepFailed as error:
                day.reports.append({**entry, "status": "failed", "error": str(error)})
                continue
            if done["status"] in THERE:
                done["path"] = _shown(Path(done["path"]), self.plan)
            day.reports.append({**entry, **done})

    def tell(self, day: Day) -> str:
        """The summary, delivered."""
        morning = _morning(self.plan, day, told_before(self.lines, day.as_of))
        base = self.plan.summary.parent if self.plan.summary else self.plan.file.parent
        text = render(morning, base)
        if self.plan.summary:
            self._deliver(day, "summary", lambda: write_whole(Path(str(self.plan.summary)), text))
        if self.plan.email:
            self._deliver(day, "email", lambda: self._mail(morning, text, base))
        if self.plan.webhook:
            self._deliver(day, "webhook", lambda: self._post(day, text))
        return text

    def _deliver(self, day: Day, to: str, deliver: Callable[[], Any]) -> None:
        """Deliver, and note how it went; what was told already of these very reports is not told twice."""
        if to != "summary" and not self.force and told_already(self.lines, day.as_of, day.reports, to):
            day.deliveries.append({"to": to, "status": ALREADY, "error": ""})
            return
        try:
            deliver()
            day.deliveries.append({"to": to, "status": "done", "error": ""})
        except (StepFailed, OutOfTime, OSError) as error:
            day.deliveries.append({"to": to, "status": "failed", "error": str(error) or "no answer in time"})

    def _mail(self, morning: Morning, text: str, base: Path) -> None:
        from framing.schedule.delivery import write_mail

        assert self.plan.email is not None
        subject = f"News framing, {morning.as_of}. {headline(morning, plain)}"[:200]
        write_mail(
            self.plan.email, subject, plain=render(morning, base, escape=plain), markdown=text,
            as_of=morning.as_of.isoformat(), now=self.now(),
        )  # fmt: skip

    def _post(self, day: Day, text: str) -> None:
        payload = {"text": text, "as_of": day.as_of.isoformat(), "status": day.status()}
        asked = {"url": self.plan.webhook, "payload": payload, "allow_hosts": self.plan.allow_hosts}
        for tries_left in range(WEBHOOK_TRIES - 1, -1, -1):
            try:
                self.step("post", asked, WEBHOOK_SECONDS)
                return
            except (StepFailed, OutOfTime):
                if not tries_left:
                    raise


_INSTRUMENT = ("engine", "lexicon", "targets_file")


def _instrument(wanted: Wanted) -> tuple[str, str, str]:
    """What decides the scores of a report, as given or by default."""
    from framing.engines import DEFAULT_ENGINE

    default = {"engine": DEFAULT_ENGINE}
    engine, lexicon, targets = (str(wanted.parameters.get(key, default.get(key, ""))) for key in _INSTRUMENT)
    return engine, lexicon, targets


def _morning(plan: Plan, day: Day, told: Sequence[Line]) -> Morning:
    """What there is to tell of a day, beside the runs before it that told a summary."""
    from framing.schedule.changes import outlets_that_changed

    reports = [_news(plan, day, one, told) for one in day.reports]
    known = last_silence(told)
    silent = day.silent or {}
    fell, back = outlets_that_changed(list(silent), list(known[1] if known else silent))
    before = max([known[0] if known else "", *(one.before for one in reports)])
    return Morning(
        day.as_of, before, reports, day.counts, day.reasons, silent, fell, [name for name in back if name],
        day.failed_outlets, day.errors, day.caught_up,
    )  # fmt: skip


def _news(plan: Plan, day: Day, one: Mapping[str, Any], told: Sequence[Line]) -> News:
    """A report beside the last run of it that was there and told."""
    from framing.schedule.changes import changes

    base = plan.file.parent
    entry = {**one, "path": str(base / one["path"])}
    if one["status"] not in THERE:
        return News(entry)
    before, path = last_report(told, one) or ("", "")
    compared = None
    if not before or (base / path).is_dir():
        try:
            compared = changes(base / path if before else None, base / one["path"])
        except ReportError as error:
            day.errors.append(str(error))
    return News(entry, before, compared)


def _shown(path: Path, plan: Plan) -> str:
    """A path as the log has it: from the folder of the plan where it lies within, so that the folder can be moved."""
    base = plan.file.parent
    return path.relative_to(base).as_posix() if path.is_relative_to(base) else str(path)
