"""Parameters of report notebooks: read from the notebook itself, typed, and checked before anything runs.

A notebook's cell tagged ``parameters`` says what there is, one per line: ``name: type = default  # what it is``.
A comment that begins with ``path:`` makes the value a path. papermill alone would only warn about a name it
does not know, and take ``no`` for False.
"""

from __future__ import annotations

import ast
import io
import json
import tokenize
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from framing.engines import ENGINES
from framing.errors import InputError, ParameterError, ReportError, one_of
from framing.store.selection import check_query, day_of

TYPES: dict[str, Callable[[Any], bool]] = {
    "str": lambda value: isinstance(value, str),
    "int": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "float": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "bool": lambda value: isinstance(value, bool),
    "list[str]": lambda value: isinstance(value, list) and all(isinstance(item, str) for item in value),
}
# Set by the run itself, never by its caller: where the notebook leaves its tables and figures, and where scores are
# kept from one run to the next. They say nothing of what a report is, and are shown nowhere.
RESERVED = ("out", "scores")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One line of a parameters cell."""

    name: str
    type: str
    default: Any
    help: str = ""
    is_path: bool = False


def read_parameters(notebook: Path) -> dict[str, Parameter]:
    """The parameters of a notebook, in its own order.

    Raises :class:`~framing.errors.ReportError` for a notebook without a cell tagged ``parameters``, or with a
    line in it that is not ``name: type = default``.
    """
    # Plain JSON: to import nbformat takes longer than all else that a run does before its notebook starts.
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code" and "parameters" in cell["metadata"].get("tags", []):
            return _parse("".join(cell["source"]), notebook.name)
    raise ReportError(f"notebook {notebook.name!r} has no cell tagged 'parameters'; tag the cell that holds them")


def _parse(source: str, notebook: str) -> dict[str, Parameter]:
    comments = {
        token.start[0]: token.string.lstrip("# ").strip()
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }
    found = {}
    for node in ast.parse(source).body:
        if not (isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None):
            line = ast.get_source_segment(source, node) or ""
            raise ReportError(f"{notebook}, parameters cell: {line!r} is not of the form `name: type = default`")
        kind = ast.unparse(node.annotation)
        if kind not in TYPES:
            raise ReportError(f"{notebook}, parameter {node.target.id!r}: {one_of('type', kind, TYPES)}")
        text = comments.get(node.end_lineno or node.lineno, "")
        default = ast.literal_eval(node.value)
        found[node.target.id] = Parameter(node.target.id, kind, default, text, text.startswith("path:"))
    return found


def typed(parameters: Mapping[str, Parameter], given: Mapping[str, Any], *, report: str = "") -> dict[str, Any]:
    """All parameters with their values: those given, converted and checked, and defaults for the others.

    Text given for another type is read as that type ("3", "true", "A, B" for a list), as on a command line; so
    is a YAML date for text. Raises :class:`~framing.errors.ParameterError` for a name that is unknown and for a
    value of the wrong type.
    """
    valid = [name for name in parameters if name not in RESERVED]
    for name in given:
        if name not in valid:
            remedy = f"They stand in the first cell of the notebook of {report!r}" if report else ""
            raise ParameterError(one_of("parameter", name, valid, remedy=remedy))
    return {name: _converted(parameters[name], given.get(name, parameters[name].default)) for name in valid}


def _converted(parameter: Parameter, value: Any) -> Any:
    kind = parameter.type
    if kind == "str" and isinstance(value, (date, Path)):
        return value.isoformat()[:10] if isinstance(value, date) else str(value)
    if kind == "list[str]" and isinstance(value, tuple):
        value = list(value)
    if isinstance(value, str) and kind != "str":
        value = _from_text(kind, value)
    if kind == "float" and TYPES["int"](value):
        return float(value)
    if not TYPES[kind](value):
        raise ParameterError(
            f"parameter {parameter.name!r} is {value!r}, which is not of type {kind}; "
            f"give {_EXAMPLES[kind]}" + (f" ({parameter.help})" if parameter.help else "")
        )
    return value


_EXAMPLES = {
    "str": "text; put numbers, dates, yes and no in quotation marks",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "list[str]": "a list of texts, as in [A, B]",
}


def _from_text(kind: str, text: str) -> Any:
    plain = text.strip()
    if kind == "bool":
        return {"true": True, "false": False}.get(plain.lower(), text)
    if kind == "list[str]":
        if plain.startswith("["):
            import yaml

            try:
                return yaml.safe_load(plain)
            except yaml.YAMLError:
                return text
        return [part.strip() for part in plain.split(",") if part.strip()]
    try:
        return int(plain) if kind == "int" else float(plain)
    except ValueError:
        return text


def check_parameters(**values: Any) -> SimpleNamespace:
    """The values of a notebook's parameters, checked by name; used in the cell after the parameters.

    Raises :class:`~framing.errors.ParameterError` for an engine that does not exist, a date that is none, a
    file that is not there, a number out of range. Names without a rule pass.
    """
    for name, value in values.items():
        if name in _RULES:
            _RULES[name](name, value)
    _in_order(values.get("since", ""), values.get("until", ""))
    return SimpleNamespace(**values)


def _engine(name: str, value: Any) -> None:
    if value not in ENGINES:
        raise ParameterError(one_of(name, value, ENGINES))


def _engine_or_empty(name: str, value: Any) -> None:
    if value:
        _engine(name, value)


def _every(name: str, value: Any) -> None:
    from framing.comparison.trends import EVERY

    if value not in EVERY:
        raise ParameterError(one_of(name, value, EVERY))


def _measures(name: str, values: Any) -> None:
    from framing.comparison import MEASURES

    for value in values or [""]:
        if value not in MEASURES:
            raise ParameterError(one_of(f"value of {name!r}", value, MEASURES))


def is_day(text: str) -> bool:
    """Whether a text is a day or a month: YYYY-MM-DD or YYYY-MM."""
    try:
        whole = f"{text}-01" if len(text) == len("YYYY-MM") else text
        return date.fromisoformat(whole).isoformat() == whole
    except (TypeError, ValueError):
        return False


def _date(name: str, value: Any) -> None:
    if value and not is_day(value):
        raise ParameterError(
            f"parameter {name!r} is {value!r}; valid: a day as YYYY-MM-DD, a month as YYYY-MM, or nothing"
        )


def _day(name: str, value: Any) -> None:
    if value and day_of(value) != value:
        raise ParameterError(f"parameter {name!r} is {value!r}; valid: a day as YYYY-MM-DD, or nothing")


def _query(name: str, value: Any) -> None:
    try:
        if value:
            check_query(value)
    except InputError as error:
        raise ParameterError(f"parameter {name!r}: {error}") from error


def _in_order(since: str, until: str) -> None:
    if since and until and since > until:
        raise ParameterError(f"parameter 'since' is {since!r}, after 'until', {until!r}; exchange the two")


def _there(name: str, value: Any) -> None:
    if not value or not Path(value).exists():
        raise ParameterError(f"parameter {name!r}: there is no file or folder {str(value)!r}; give one that exists")


def _there_or_empty(name: str, value: Any) -> None:
    if value:
        _there(name, value)


def _at_least(least: int) -> Callable[[str, Any], None]:
    def rule(name: str, value: Any) -> None:
        if not TYPES["int"](value) or value < least:
            raise ParameterError(f"parameter {name!r} is {value!r}; valid: whole numbers from {least} on")

    return rule


def _some_text(name: str, value: Any) -> None:
    if not isinstance(value, str) or not value.strip():
        raise ParameterError(f"parameter {name!r} is {value!r}; valid: any text that is not empty")


_RULES: dict[str, Callable[[str, Any], None]] = {
    "engine": _engine,
    "beside": _engine_or_empty,
    "as_of": _date,
    "since": _day,
    "until": _day,
    "query": _query,
    "corpus": _there,
    "lexicon": _there_or_empty,
    "targets_file": _there_or_empty,
    "figures_file": _there_or_empty,
    "seed": _at_least(0),
    "bootstrap": _at_least(100),
    "events": _some_text,
    "every": _every,
    "measures": _measures,
    "title": _some_text,
}
