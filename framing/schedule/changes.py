"""What the verdicts of a report say that those of an earlier run of it did not."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from framing.comparison import HIGHER, LOWER, MEASURES
from framing.errors import ReportError
from framing.report.phrasing import amount

# The tables of a report that hold verdicts of their own (others repeat some of these), and how a verdict reads.
_TABLES = {
    "same_stories": " on the same stories",
    "differences": "",
    "pairs": "",
    "stance_differences": "",
    "changes": "",
}
_CLEAR = (HIGHER, LOWER)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A verdict of a report: what was compared, and what came out. ``said`` is one of the words of a comparison."""

    table: str
    group: str
    against: str
    measure: str
    target: str = ""
    period: str = ""
    said: str = field(default="", compare=False)
    values: tuple[float, float] = field(default=(float("nan"), float("nan")), compare=False)

    @property
    def turned_over(self) -> Verdict:
        """The same comparison seen from the other side."""
        return Verdict(self.table, self.against, self.group, self.measure, self.target, self.period)

    def sentence(self, escape: Callable[[str], str]) -> str:
        """Who is compared with whom, in what, with both values; ``escape`` is applied to what comes from the corpus."""
        toward = f" toward {escape(self.target)}" if self.target else ""
        when = f" from {escape(self.period)}" if self.period else ""
        label = MEASURES[self.measure].label.replace(" toward targets", "")
        shown = [amount(value, self.measure) for value in self.values]
        return (
            f"{escape(self.group)} against {escape(self.against)}{when}, {label}{toward}"
            f"{_TABLES[self.table]} ({shown[0]} against {shown[1]})"
        )


@dataclass(frozen=True, slots=True)
class Changes:
    """Verdicts that are clear now and were not, that were and are not, and that say the opposite now.

    Each is a pair of the verdict then and now; None where it was not looked into.
    """

    new: tuple[tuple[Verdict | None, Verdict], ...] = ()
    gone: tuple[tuple[Verdict, Verdict | None], ...] = ()
    turned: tuple[tuple[Verdict, Verdict], ...] = ()
    clear: int = 0


def changes(before: Path | None, after: Path) -> Changes:
    """Compare the tables of two runs of a report; without an earlier one only ``clear`` is told, the verdicts there.

    Raises :class:`~framing.errors.ReportError` for a table that cannot be read.
    """
    now = _verdicts(after)
    clear = [one for one in now.values() if one.said in _CLEAR]
    if before is None:
        return Changes(clear=len(clear))
    then = _verdicts(before)
    was = [one for one in then.values() if one.said in _CLEAR]
    pairs = [(then.get(one), one) for one in clear]
    return Changes(
        new=tuple((old, one) for old, one in pairs if old is None or old.said not in _CLEAR),
        gone=tuple((one, now.get(one)) for one in was if one not in now or now[one].said not in _CLEAR),
        turned=tuple((old, one) for old, one in pairs if old and old.said in _CLEAR and old.said != one.said),
        clear=len(clear),
    )


def _verdicts(run: Path) -> dict[Verdict, Verdict]:
    """All verdicts of a run, by what was compared; of two outlets that stand against each other the first speaks."""
    found: dict[Verdict, Verdict] = {}
    for name in _TABLES:
        for one in _rows(run / "tables" / f"{name}.csv", name):
            if one.turned_over not in found:
                found[one] = one
    return found


def _rows(table: Path, name: str) -> Iterator[Verdict]:
    if not table.is_file():
        return
    try:
        with table.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines))
    except (OSError, ValueError, csv.Error) as error:
        raise ReportError(f"the table {table.name} cannot be read: {error}") from error
    for row in rows:
        if row.get("measure") not in MEASURES:
            continue  # made by another version
        group, against, measure, target, period, said = (
            row.get(column) or "" for column in ("group", "against", "measure", "target", "period", "verdict")
        )
        values = (_value(row.get("group_value")), _value(row.get("rest_value")))
        yield Verdict(name, group, against, measure, target, period, said, values)


def _value(text: str | None) -> float:
    try:
        return float(text or "nan")
    except ValueError:
        return float("nan")


def outlets_that_changed(silent: Sequence[str], silent_then: Sequence[str]) -> tuple[list[str], list[str]]:
    """The outlets that have gone silent since an earlier run, and those that were silent then and are not now."""
    return [name for name in silent if name not in silent_then], [name for name in silent_then if name not in silent]
