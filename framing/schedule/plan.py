"""The file that says what a scheduled run does, checked whole before anything runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from email.headerregistry import Address
from pathlib import Path
from typing import Any

from framing.errors import FramingError, InputError, one_of

# Parameters of a report that the run sets itself, from the corpus, the day and the number of days.
_SET_BY_THE_RUN = ("corpus", "as_of", "since", "until")
# A century: what is longer is a slip, and leads out of the calendar.
MOST_DAYS = 36_500


@dataclass(frozen=True, slots=True)
class Wanted:
    """A report of the plan: its notebook, the parameters given for it, the days up to ``as_of`` (0: all).

    ``takes`` are the names of all parameters that its notebook has; ``given`` are the file's, its paths as they stand
    there.
    """

    name: str
    days: int = 0
    parameters: Mapping[str, Any] = field(default_factory=dict)
    takes: frozenset[str] = frozenset()
    given: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mail:
    """Whom the summary is written to, by whom, and the folder that gets the message."""

    to: tuple[str, ...]
    sender: str
    folder: Path


@dataclass(frozen=True, slots=True)
class Plan:
    """What a scheduled run does; all paths are absolute. ``collect`` is None where nothing is collected."""

    file: Path
    corpus: Path
    reports_folder: Path
    log: Path
    reports: tuple[Wanted, ...]
    collect: Path | None = None
    delay: float = 1.0
    user_agent: str = ""
    allow_hosts: tuple[str, ...] = ()
    silent_after: int = 3
    timeout: float = 3600.0
    summary: Path | None = None
    webhook: str = ""
    email: Mail | None = None

    @property
    def lock(self) -> Path:
        """The file that keeps a second run out; beside the corpus, where a run must be able to write anyway."""
        return self.corpus.parent / f".{self.file.name}.lock"

    def parameters(self, wanted: Wanted, as_of: date) -> dict[str, Any]:
        """The parameters of a report for a day: those given, the corpus, and the window of days."""
        window = {"corpus": str(self.corpus), "as_of": as_of.isoformat()}
        if wanted.days:
            window |= {"since": days_before(as_of, wanted.days - 1).isoformat(), "until": as_of.isoformat()}
        return {**wanted.parameters, **{name: value for name, value in window.items() if name in wanted.takes}}


def days_before(day: date, days: int) -> date:
    """The day so many days before another; the first day there is where that would be earlier."""
    return date.fromordinal(max(day.toordinal() - days, 1))


def read_plan(file: str | Path, *, notebooks: str | Path | None = None) -> Plan:
    """Read and check a plan; paths in it count from its own folder.

    Raises :class:`~framing.errors.FramingError` that names the file, the key, the bad value and the valid ones: for
    keys, reports and parameters that are unknown, values of the wrong type or out of range, files that are not there.
    No message shows the webhook's address, or a line that is no YAML and may hold it.
    """
    from framing.schedule.yaml_file import read_yaml

    file = Path(file).resolve()
    try:
        given = read_yaml(file)
        if not isinstance(given, dict):
            what = "the file is empty" if given is None else "the file holds no lines of `name: value`"
            raise InputError(f"{what}; give at least corpus and reports, as in data/schedule/daily.yaml")
        return _plan(file, given, notebooks)
    except FramingError as error:
        raise type(error)(f"{file.name}: {error}") from error


def _plan(file: Path, given: Mapping[str, Any], notebooks: str | Path | None) -> Plan:
    base = file.parent
    known = ["corpus", "collect", "delay", "user_agent", "allow_hosts", "reports_folder", "reports", "silent_after",
             "timeout", "log", "summary", "webhook", "email"]  # fmt: skip
    _only(given, known, "key")
    collect = _sources(given["collect"], base) if given.get("collect") else None
    corpus = base / _text(given, "corpus")
    if collect is None and not corpus.exists():
        raise InputError(f"corpus: there is no {str(given['corpus'])!r}, and no 'collect' that would make it")
    reports = given.get("reports", [])
    if not isinstance(reports, list) or not (reports or collect):
        raise InputError(f"reports is {reports!r}; give a list with at least one report, each with a name")
    wanted = [_wanted(one, number, base, notebooks) for number, one in enumerate(reports, 1)]
    for number, one in enumerate(wanted, 1):
        if (first := wanted.index(one) + 1) < number:
            raise InputError(f"reports {first} and {number} are the same; leave one out, or change days or parameters")
    return Plan(
        file=file,
        corpus=corpus.resolve(),
        reports_folder=(base / _text(given, "reports_folder", "reports")).resolve(),
        log=(base / _text(given, "log", "schedule.jsonl")).resolve(),
        reports=tuple(wanted),
        collect=collect,
        delay=_number(given, "delay", 1.0, least=0),
        user_agent=_text(given, "user_agent", ""),
        allow_hosts=_texts(given, "allow_hosts"),
        silent_after=int(_number(given, "silent_after", 3, least=1, most=MOST_DAYS, whole=True)),
        timeout=_number(given, "timeout", 3600.0, least=1),
        summary=(base / _text(given, "summary")).resolve() if given.get("summary") else None,
        webhook=_web_address(given.get("webhook") or ""),
        email=_mail(_mapping(given["email"], "email"), base) if given.get("email") else None,
    )


def _wanted(given: Any, number: int, base: Path, notebooks: str | Path | None) -> Wanted:
    from framing.report import find_notebook
    from framing.report.parameters import check_parameters, read_parameters, typed

    where = f"report {number}"
    given = _mapping(given, where)
    _only(given, ["name", "days", "parameters"], f"key of {where}")
    notebook = find_notebook(_text(given, "name"), notebooks)
    name, spec = notebook.stem.removesuffix("_report"), read_parameters(notebook)
    parameters = _mapping(given.get("parameters") or {}, f"parameters of {where}")
    for key in _SET_BY_THE_RUN:
        if key in parameters:
            raise InputError(f"{where}: the parameter {key!r} is set by the run, from 'corpus' and 'days'")
    days = int(_number(given, "days", 0, least=0, most=MOST_DAYS, whole=True))
    if days and not {"since", "until"} <= set(spec):
        raise InputError(f"{where}: {name!r} takes no period of days (it has no parameter 'since'); leave 'days' out")
    written = {key: value for key, value in typed(spec, parameters, report=name).items() if key in parameters}
    paths = {key: str((base / path).resolve()) for key, path in written.items() if spec[key].is_path and path}
    values = {**written, **paths}
    check_parameters(**values)
    return Wanted(name, days, values, frozenset(spec), written)


def _mail(given: Mapping[str, Any], base: Path) -> Mail:
    _only(given, ["to", "from", "folder"], "key of email")
    to, sender = _texts(given, "to"), _text(given, "from")
    if not to:
        raise InputError("email: 'to' is empty; give a list of addresses")
    folder = (base / _text(given, "folder", "outbox")).resolve()
    return Mail(tuple(map(_mail_address, to)), _mail_address(sender), folder)


def _mail_address(address: str) -> str:
    """An address that mail programs take: in ASCII, which for a domain means IDNA."""
    from framing.collecting.addresses import host_of

    person, _, domain = address.rpartition("@")
    if not person.isascii():
        raise InputError(
            f"email: what stands before the @ of {address!r} is not ASCII, which not all mail programs deliver; "
            "give another address of theirs"
        )
    try:
        if not domain.isascii():
            address = f"{person}@{host_of(f'http://{domain}')}"
        if not Address(addr_spec=address).domain:
            raise ValueError("it has no domain")
    except ImportError as error:
        raise InputError(f"email: the domain of {address!r} needs {error.name}: pip install 'framing[web]'") from None
    except (InputError, ValueError, IndexError) as error:
        raise InputError(f"email: {address!r} is not an address such as desk@example.org ({error})") from error
    return address


def _web_address(given: Any) -> str:
    """A webhook's address. It may hold a secret: no message shows it, and no error that does is passed on."""
    from framing.collecting.addresses import parse

    if not given:
        return ""
    try:
        if not isinstance(given, str) or not given.isprintable() or " " in given:
            raise InputError("no address")
        parse(given)
    except ImportError as error:
        raise InputError(f"webhook: its host needs {error.name}: pip install 'framing[web]'") from None
    except InputError:
        raise InputError("webhook is not a web address; valid: https://HOST/PATH, without a user name") from None
    return given


def _mapping(value: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise InputError(f"{what} is {value!r}; give `name: value` lines")
    return value


def _only(given: Mapping[str, Any], known: list[str], what: str) -> None:
    for key in given:
        if key not in known:
            raise InputError(one_of(what, key, known))


def _text(given: Mapping[str, Any], key: str, default: str | None = None) -> str:
    value = given.get(key, default)
    if not isinstance(value, str) or (not value.strip() and default is None):
        raise InputError(f"{key} is {value!r}; give text that is not empty")
    return value


def _texts(given: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = given.get(key) or []
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise InputError(f"{key} is {value!r}; give a list of texts, as in [A, B]")
    return tuple(value)


def _number(
    given: Mapping[str, Any], key: str, default: float, *, least: float, most: float = 1e9, whole: bool = False
) -> float:
    value = given.get(key, default)
    fits: Callable[[Any], bool] = lambda one: isinstance(one, int if whole else (int, float))  # noqa: E731
    if isinstance(value, bool) or not fits(value) or not least <= value <= most:
        kind = "whole numbers" if whole else "numbers"
        raise InputError(f"{key} is {value!r}; valid: {kind} from {least} to {most:,.0f}")
    return float(value)


def _sources(value: Any, base: Path) -> Path:
    from framing.collecting.sources import read_sources

    path = base / value if isinstance(value, str) else None
    if path is None or not path.exists():
        raise InputError(f"collect: there is no file {value!r}; paths count from the folder of this file")
    read_sources(path)
    return path.resolve()
