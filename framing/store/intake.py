"""What becomes of articles that are to be stored: new, a further version, known already, a copy, or unusable."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import duckdb

from framing.errors import InputError
from framing.reading.formats import is_sound, printable
from framing.store import catalogue, parts
from framing.store.keys import article_id, content_key
from framing.store.records import COPIES, NEW, REVISED, SET_ASIDE, UNCHANGED, Found, SetAside


def utc(written: str) -> str:
    """A time in ISO format, in UTC and to the second, so that times order as text."""
    try:
        time = datetime.fromisoformat(written)
    except (TypeError, ValueError):
        raise InputError(f"{written!r} is no time in ISO format; write it as 2026-11-28T06:00:00Z") from None
    known = time if time.tzinfo else time.replace(tzinfo=UTC)
    return known.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def sorted_in(
    database: duckdb.DuckDBPyConnection, found: Sequence[Found], when: str
) -> tuple[Sequence[dict[str, Any]], Sequence[SetAside], Sequence[str]]:
    """The rows to be stored, what cannot be stored with the reason, and the outcome of each article."""
    faults = [_fault(article) for article in found]
    contents = ["" if fault else content_key(a.title, a.text) for a, fault in zip(found, faults, strict=True)]
    ids = ["" if fault else article_id(a.url, a.outlet, content)
           for a, content, fault in zip(found, contents, faults, strict=True)]  # fmt: skip
    known = catalogue.latest(database, ids)
    published = catalogue.published(database, contents)
    rows, unusable, outcomes = [], [], []
    for article, content, identity, fault in zip(found, contents, ids, faults, strict=True):
        version, last = known.get(identity, (0, ""))
        if fault:
            outcomes.append(SET_ASIDE)
            unusable.append(SetAside(article.url or f"no address: {article.title[:80]!r}", fault, article.outlet))
        elif last == content:
            outcomes.append(UNCHANGED)
        elif not version and (article.outlet, content) in published:
            outcomes.append(COPIES)
        else:
            outcomes.append(REVISED if version else NEW)
            rows.append(parts.article_row(article, identity, version + 1, content, when))
            known[identity] = (version + 1, content)
            published.add((article.outlet, content))
    return rows, unusable, outcomes


def not_yet(database: duckdb.DuckDBPyConnection, given: Sequence[SetAside]) -> Sequence[SetAside]:
    """What is set aside for another reason than last time, or for the first time; of each place the last."""
    last = {aside.place: aside for aside in map(_plain, given)}
    known = catalogue.last_reasons(database, [*last])
    return [aside for aside in last.values() if known.get(aside.place) != aside.reason]


def _fault(article: Found) -> str:
    if not article.text.strip():
        return "no text"
    told = [article.url, article.text, article.title, article.outlet, article.date, article.author]
    if not all(map(is_sound, (*told, *article.extra, *article.extra.values()))):
        return "it holds a NUL or a damaged character (bad bytes or a lone surrogate)"
    return ""


def _plain(given: SetAside) -> SetAside:
    """With what no file can hold escaped."""
    return SetAside(*(text if is_sound(text) else printable(text) for text in
                      (given.place, given.reason, given.outlet)))  # fmt: skip
