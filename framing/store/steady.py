"""Whether a query gives the same articles whenever it is asked: by the clock, by chance, on any machine."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

# Bare names that DuckDB takes for the clock, where no column has that name.
_CLOCK = {"current_date", "current_time", "current_timestamp", "localtime", "localtimestamp"}
# Tables that are made from what they are given; any other may read files, settings, or run a text as a query.
_TABLES = {"generate_series", "json_each", "json_tree", "range", "repeat", "unnest"}


@lru_cache(maxsize=16)
def unsteady(query: str) -> str:
    """What in a query, which is one expression, makes it unsteady or no question about articles; empty if nothing does.

    A column may have any name but those of the clock, such as ``current_date``; written ``articles.current_date`` it is
    a column.
    """
    for node in _nodes(_parsed(query)):
        table, name = node.get("function"), str(node.get("function_name", "")).lower()
        column: list[str] = node.get("column_names") or []
        if isinstance(table, dict) and table["function_name"].lower() not in _TABLES:
            return f"{table['function_name']}() is no table of articles"
        if node.get("sample"):
            return f"a sample {_VARIES}"
        if len(column) == 1 and column[0].lower() in _CLOCK:
            return f"{column[0]} {_VARIES}"
        if name in _CLOCK or name in _varying() or (name == "age" and len(node.get("arguments", ())) == 1):
            return f"{name}() {_VARIES}"
    return ""


_VARIES = (
    "may give another answer in another run; of a date write the day, such as date >= '2026-11-28', and leave out "
    "chance and what is of this machine"
)


def _parsed(query: str) -> Any:
    """DuckDB's own tree of a query. Raises ValueError where it gives none."""
    import duckdb

    with duckdb.connect(":memory:", config={"threads": 1}) as database:
        # The break ends a remark.
        found = database.execute("SELECT json_serialize_sql(?)", [f"FROM articles WHERE (\n{query}\n)"]).fetchall()
    parsed = json.loads(found[0][0])
    if parsed["error"]:
        raise ValueError(parsed["error_message"])
    return parsed


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    left = [tree]
    while left:
        node = left.pop()
        if isinstance(node, dict):
            yield node
            left += node.values()
        elif isinstance(node, list):
            left += node


@lru_cache(maxsize=1)
def _varying() -> set[str]:
    """Functions that DuckDB marks as not deterministic, whatever they are given, and macros that call one.

    Some are marked for times with a zone alone, such as ``year``: there they depend on the zone, which is set to UTC.
    """
    import duckdb

    with duckdb.connect(":memory:", config={"threads": 1}) as database:
        marked = database.execute(
            "SELECT function_name FROM duckdb_functions() WHERE stability IS NOT NULL AND function_type <> 'table'"
            " GROUP BY function_name HAVING bool_and(stability <> 'CONSISTENT')"
        ).fetchall()
        macros = database.execute(
            "SELECT function_name, macro_definition FROM duckdb_functions() WHERE macro_definition IS NOT NULL"
        ).fetchall()
    found = {name for (name,) in marked} | _CLOCK
    return found | {name for name, definition in macros if not found.isdisjoint(re.findall(r"\w+", definition))}
