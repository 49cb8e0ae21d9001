"""What changed since the last run, as a page of Markdown that is read in a minute."""

from __future__ import annotations

import os.path
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from unicodedata import bidirectional
from urllib.parse import quote

from framing.report.phrasing import counted, listed
from framing.schedule import ALREADY, EMPTY, THERE
from framing.schedule.changes import Changes, Verdict

# So many verdicts of a kind, and reasons, are spelled out; the report has them all.
MOST_VERDICTS = 4
MOST_REASONS = 2
# An outlet that has been silent for more days has closed, or has another name: nobody wants to read that every morning.
MOST_SILENT_DAYS = 30
_MOST_NAMES = 4
_LONGEST = 200  # signs of a name, a reason, an error
_JOINERS = "\u200c\u200d"  # within words of Persian and others
_NOTHING = "no verdict changed and no outlet fell silent"
_SPECIAL = re.compile(r"([\\`*_\[\]#|~])")
_LINKING = re.compile(r"(?=://)|(?<=@)|(?<=www\.)", re.IGNORECASE)

Escape = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class News:
    """A report of a run: its ``entry`` in the log, and what changed in it since the day ``before``.

    ``before`` is empty where the report is the first of its kind, ``changes`` None where the two cannot be compared.
    """

    entry: Mapping[str, Any]
    before: str = ""
    changes: Changes | None = None

    @property
    def status(self) -> str:
        """``made``, ``already``, ``empty`` or ``failed``."""
        return str(self.entry["status"])


@dataclass(frozen=True, slots=True)
class Morning:
    """What a run for the day ``as_of`` has to tell.

    ``before`` is the last day that any of it is compared with, empty for the first run. ``collected`` are counts of
    articles; ``reasons`` says how often each was why something was set aside.
    """

    as_of: date
    before: str = ""
    reports: Sequence[News] = ()
    collected: Mapping[str, int] = field(default_factory=dict)
    reasons: Mapping[str, int] = field(default_factory=dict)
    silent: Mapping[str, str] = field(default_factory=dict)
    fell_silent: Sequence[str] = ()
    came_back: Sequence[str] = ()
    failed_outlets: Sequence[str] = ()
    errors: Sequence[str] = ()
    caught_up: Sequence[str] = ()


def markdown(text: str) -> str:
    """Text from the web as a part of a line of Markdown: nothing in it is markup, a link, or a call to all readers."""
    escaped = _SPECIAL.sub(r"\\\1", plain(text))
    escaped = escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _LINKING.sub("\N{WORD JOINER}", escaped)


def plain(text: str) -> str:
    """Text from the web as a part of a line: nothing in it steers a terminal or turns what stands around it."""
    line = " ".join(text.split())
    line = line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
    line = "".join(sign for sign in line if sign.isprintable() or sign in _JOINERS)
    turns = any(bidirectional(sign) in ("R", "AL", "AN") for sign in line)
    return f"\N{FIRST STRONG ISOLATE}{line}\N{POP DIRECTIONAL ISOLATE}" if turns else line


def render(morning: Morning, base: Path, *, escape: Escape = markdown) -> str:
    """The summary; links to reports count from the folder ``base``."""
    day = f"{morning.as_of:%A} {morning.as_of.day} {morning.as_of:%B %Y}"
    lines = [f"# News framing, {day}", "", headline(morning, escape), ""]
    lines += _verdicts(morning, escape) + _outlets(morning, escape)
    lines += _articles(morning, escape) + _reports(morning, base, escape) + _troubles(morning, escape)
    return "\n".join(lines).rstrip() + "\n"


def headline(morning: Morning, escape: Escape = markdown) -> str:
    """What there is to know, in one sentence."""
    there = [one for one in morning.reports if one.status in THERE]
    told = [one.changes for one in there if one.changes]
    parts = []
    if not morning.before:
        clear = sum(one.clear for one in told)
        parts += [counted(clear, "clear verdict")] if told else []
    else:
        for kind, verb in (("new", ("is new", "are new")), ("gone", ("is gone", "are gone")),
                           ("turned", ("has turned round", "have turned round"))):  # fmt: skip
            number = sum(len(getattr(one, kind)) for one in told)
            if number:
                parts.append(f"{counted(number, 'verdict')} {verb[number > 1]}")
        if first := sum(not one.before for one in there):
            parts.append(f"{counted(first, 'report')} {'is' if first == 1 else 'are'} made for the first time")
        if len(told) < len(there):
            parts.append("an earlier report cannot be compared with")
    for names, one, several in (
        (morning.fell_silent, "has gone silent", "have gone silent"),
        (morning.came_back, "is back", "are back"),
    ):
        if names:
            shown = listed([escape(name) for name in names], _MOST_NAMES, "outlets")
            parts.append(f"{shown} {one if len(names) == 1 else several}")
    if empty := sum(one.status == EMPTY for one in morning.reports):
        parts.append(f"no article for {counted(empty, 'report')}")
    if failed := sum(one.status == "failed" for one in morning.reports):
        parts.append(f"{counted(failed, 'report')} failed")
    if not morning.before:
        return f"First run, nothing to compare with: {'; '.join(parts) or 'no report was made'}."
    return f"Since {morning.before}: {'; '.join(parts) or _NOTHING}."


def _verdicts(morning: Morning, escape: Escape) -> list[str]:
    lines: list[str] = []
    for one in morning.reports:
        told, which = one.changes or Changes(), _days(one, morning)
        for kind, pairs in (("new", told.new), ("gone", told.gone), ("turned", told.turned)):
            lines += [f"- {_verdict(kind, then, now, escape)}{which}" for then, now in pairs[:MOST_VERDICTS]]
            if len(pairs) > MOST_VERDICTS:
                lines.append(f"- {len(pairs) - MOST_VERDICTS:,} more {kind}: see the report{which}")
    return ["## Verdicts", "", *lines, ""] if lines else []


def _verdict(kind: str, then: Verdict | None, now: Verdict | None, escape: Escape) -> str:
    if kind == "turned" and then and now:
        return f"**turned round: {now.said}** (was {then.said}): {now.sentence(escape)}"
    if kind == "gone" and then:
        state = now.said if now else "no longer compared"
        return f"**gone: {then.said}** (now: {state}): {(now or then).sentence(escape)}"
    assert now is not None
    return f"**new: {now.said}**" + (f" (was: {then.said})" if then else "") + f": {now.sentence(escape)}"


def _outlets(morning: Morning, escape: Escape) -> list[str]:
    """What became of outlets. No line begins with a name, which could be the mark of a list or a heading."""
    fell = morning.fell_silent
    lines = [f"- no article since {morning.silent[name]}: {escape(name)}" for name in fell[:_MOST_NAMES]]
    if len(fell) > _MOST_NAMES:
        lines.append(f"- {len(fell) - _MOST_NAMES:,} more have gone silent")
    if morning.came_back:
        lines.append(f"- back: {_names(morning.came_back, escape)}")
    still = [name for name in morning.silent if name not in fell]
    if still and not morning.before:
        lines.append(f"- silent: {_names(still, escape)}")
    elif still := [name for name in still if _days_since(morning.silent[name], morning.as_of) <= MOST_SILENT_DAYS]:
        lines.append(f"- still silent: {counted(len(still), 'outlet')}")
    if morning.failed_outlets:
        lines.append(f"- no source could be read: {_names(morning.failed_outlets, escape)}")
    return ["## Outlets", "", *lines, ""] if lines else []


def _articles(morning: Morning, escape: Escape) -> list[str]:
    if "new" not in morning.collected:  # nothing was collected
        return []
    count = morning.collected.get
    line = f"{count('new', 0):,} new, {count('revised', 0):,} revised, {count('set_aside', 0):,} set aside"
    reasons = sorted(morning.reasons.items(), key=lambda item: (-item[1], item[0]))[:MOST_REASONS]
    if reasons:
        line += f". Not read: {'; '.join(f'{escape(reason)} ({number:,})' for reason, number in reasons)}"
    return ["## Articles", "", f"{line}.", ""]


def _reports(morning: Morning, base: Path, escape: Escape) -> list[str]:
    lines = []
    for one in morning.reports:
        entry = one.entry
        name = escape(entry["title"] or entry["name"]) + _days(one, morning)
        if one.status == "failed":
            lines.append(f"- **failed**: {name}: {escape(entry['error'])}")
        elif one.status == EMPTY:
            lines.append(f"- nothing to report: {name}: {escape(entry['error'])}")
        else:
            there = " (there already)" if one.status == ALREADY else ""
            there += f" (compared with {one.before})" if one.before not in ("", morning.before) else ""
            link = f"[{name}]({_link(Path(entry['path']) / 'report.html', base)})"
            lines.append(f"- {link}{there}" + (f": {escape(entry['finding'])}" if entry["finding"] else ""))
    if morning.caught_up:
        lines.append(f"- made up for: {', '.join(morning.caught_up)}")
    return ["## Reports", "", *lines, ""] if lines else []


def _days(one: News, morning: Morning) -> str:
    """The days of a report, where another has the same title."""
    titles = [other.entry["title"] or other.entry["name"] for other in morning.reports]
    alike = titles.count(one.entry["title"] or one.entry["name"])
    return f" ({one.entry['days']} days)" if alike > 1 and one.entry["days"] else ""


def _days_since(day: str, as_of: date) -> int:
    return (as_of - date.fromisoformat(day)).days


def _troubles(morning: Morning, escape: Escape) -> list[str]:
    return ["## Not done", "", *(f"- {escape(one)}" for one in morning.errors), ""] if morning.errors else []


def _names(names: Sequence[str], escape: Escape) -> str:
    return listed([escape(name) for name in names], _MOST_NAMES, "outlets")


def _link(path: Path, base: Path) -> str:
    return quote(Path(os.path.relpath(path, base)).as_posix())
