"""A corpus as a user has it -> articles: columns found by name, ids given, what cannot be read set aside.

Every record met is in ``Corpus.articles`` or in ``Corpus.quarantined`` with its place and reason; one bad
record never costs the others. No value is altered: "NA", "null" and "007" are text like any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from framing.errors import InputError, one_of
from framing.reading.delimited import csv_table
from framing.reading.formats import Other, Row, Table, frame_table, is_sound, json_table, parquet_table, printable
from framing.reading.pages import PAGES, page_table
from framing.records import Article, Corpus, Quarantined
from framing.store import is_corpus, open_store
from framing.store.records import Selection
from framing.store.selection import check_selection, described, matching, within

if TYPE_CHECKING:
    import pandas as pd

FIELDS: tuple[str, ...] = ("id", "text", "title", "outlet", "date", "url", "author")
"""The fields of an article that a column can be mapped to; all other columns go to ``Article.extra``."""

MAX_CHARS = 2_000_000
"""A record with a longer field is quarantined, unless ``max_chars`` says otherwise."""

SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "id": ("article_id", "doc_id", "document_id"),
    "text": ("body", "content", "article", "article_text", "full_text", "fulltext", "article_body"),
    "title": ("headline",),
    "outlet": ("source", "publisher", "publication", "newspaper", "source_name"),
    "date": ("published", "published_at", "publish_date", "date_published", "publication_date", "pub_date"),
    "url": ("link",),
    "author": ("authors", "byline"),
}
"""Column names that are taken for a field where the field's own name is absent, exactly one of them is
there, and the caller has not mapped it."""

_READERS = {
    ".csv": csv_table,
    ".tsv": csv_table,
    ".jsonl": json_table,
    ".ndjson": json_table,
    ".json": json_table,
    ".parquet": parquet_table,
    **dict.fromkeys(PAGES, page_table),
}
_ISO = re.compile(r"([0-9]{4})(-[0-9]{2}(-[0-9]{2}([T ][0-9]{2}:?[0-9]{2}.{0,30})?)?)?\Z")


def read_articles(
    path: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    max_chars: int = MAX_CHARS,
    select: Selection | None = None,
) -> Corpus:
    """Read articles from a CSV, TSV, JSONL, JSON or Parquet file, a web page, a text file, a folder of pages, or a
    corpus folder as ``framing collect`` makes it (the latest version of each article).

    ``columns`` maps our field to the input's column, ``{"text": "body"}``; what it does not name is found by
    name, ignoring case, or by one of :data:`SYNONYMS`. Columns that are no field go to ``Article.extra``.
    Lines in places count from 1; rows of files without lines (JSON lists, Parquet) count from 0.

    ``select`` narrows what is read to days, outlets, and a condition; a note says how many articles are left. Of a
    corpus folder only the parts that hold wanted articles are read; its articles have their time of collection and
    their version in ``extra``, as ``collected`` and ``version``.

    Without an id column, or where an id is blank, the id is a hash of the article's own content: the same
    whatever the order of the rows. An id met again is told apart by "#2", "#3" ...; ``Corpus.notes`` says so,
    and says every other thing that was assumed (encoding, columns found by synonym).

    Quarantined: records that break the format, text that is missing, blank or not a string, fields with NUL
    characters or undecodable bytes, and fields over ``max_chars`` characters.

    Raises :class:`InputError` for a path, file or header that cannot be used at all, for a column that is
    not there (the message lists those that are), and for a selection that cannot be meant: a day that is none, days
    in the wrong order, an outlet that the input does not have, a query that is no condition over its columns.
    """
    path = Path(path)
    if select:
        check_selection(select)
    if is_corpus(path):
        with open_store(path) as store:
            corpus = _corpus(store.select(select or Selection()), columns or {}, max_chars)
            return _noted(corpus, select, sum(store.outlets().values()))
    table = _table(path)
    corpus = _corpus(table, columns or {}, max_chars)
    if not select:
        return corpus
    return _noted(_selected(corpus, select, _further(table.columns, columns or {})), select, corpus.read)


def _selected(corpus: Corpus, selection: Selection, further: Sequence[str]) -> Corpus:
    """The articles of a corpus that are wanted; what was set aside stays so."""
    check_selection(selection, [article.outlet for article in corpus.articles])
    kept = [article for article in corpus.articles if within(selection, article.date, article.outlet)]
    if selection.query:
        holds = matching([_fields(article) for article in kept], selection.query, further)
        kept = [article for article, held in zip(kept, holds, strict=True) if held]
    return replace(corpus, articles=tuple(kept))


def _noted(corpus: Corpus, selection: Selection | None, there: int) -> Corpus:
    """With a note on what was selected, of how many articles."""
    told = described(selection) if selection else ""
    note = (f"{told.removesuffix('.')}: {corpus.read:,} of {there:,}",) if told else ()
    return replace(corpus, notes=(*corpus.notes, *note))


def _fields(article: Article) -> Mapping[str, str | None]:
    """An article as a row: what stood in other columns never hides a field."""
    return {**article.extra, **{field: getattr(article, field) or None for field in FIELDS}}


def _table(path: Path) -> Table:
    try:
        if path.is_dir():
            table = page_table(path)
        elif path.exists():
            reader = _READERS.get(path.suffix.lower())
            if reader is None:
                valid = [*_READERS, "a folder of " + ", ".join(PAGES)]
                raise InputError(one_of("file type", printable(path.name), valid, remedy="Save it as CSV or JSONL"))
            table = reader(path)
        else:
            raise InputError(f"there is no file or folder {printable(str(path))!r}; check the path")
    except (OSError, ValueError) as error:
        raise InputError(f"cannot read {printable(str(path))!r}: {error}") from error
    return table


def articles_from_frame(
    df: pd.DataFrame, *, text: str = "text", columns: Mapping[str, str] | None = None, max_chars: int = MAX_CHARS
) -> Corpus:
    """Articles from a pandas DataFrame, one per row; as :func:`read_articles`, which see.

    ``text`` names the column of text, short for ``columns={"text": ...}``. Places are "row N", by position from 0.
    """
    chosen = dict(columns or {})
    if text != "text":
        chosen.setdefault("text", text)
    return _corpus(frame_table(df), chosen, max_chars)


def _corpus(table: Table, wanted: Mapping[str, str], max_chars: int) -> Corpus:
    _check_fields(wanted)
    if not any(row.values is not None for row in table.rows) and not table.columns:
        # Not one record could be parsed, so there are no columns to look for.
        empty = () if table.rows else ("the input holds no records",)
        return Corpus((), tuple(Quarantined(row.place, row.reason) for row in table.rows), table.notes + empty)
    chosen, notes = _choose(table.columns, wanted)
    articles: list[Article] = []
    given: list[bool] = []
    quarantined: list[Quarantined] = []
    taken = set(chosen.values())
    for row in table.rows:
        reason = row.reason if row.values is None else _fault(row.values, chosen, max_chars)
        if row.values is None or reason:
            quarantined.append(Quarantined(row.place, reason, _shown_id(row, chosen)))
            continue
        article = _article(row.values, chosen, taken)
        given.append(bool(article.id))
        articles.append(article if article.id else replace(article, id=_content_id(article)))
    if not table.rows:
        notes.append("the input has a header but no records")
    notes += _date_notes(articles)
    articles, id_notes = _apart(articles, given)
    return Corpus(tuple(articles), tuple(quarantined), (*table.notes, *notes, *id_notes))


# --- columns


def _check_fields(wanted: Mapping[str, str]) -> None:
    for field in wanted:
        if field not in FIELDS:
            raise InputError(one_of("field", field, FIELDS, remedy="Write FIELD=COLUMN, such as --column text=body"))


def _plain(name: str) -> str:
    return re.sub(r"[\s-]", "_", name.strip().casefold())


def _listed(columns: Sequence[str]) -> str:
    shown = ", ".join(printable(column[:60]) for column in columns[:30])
    return shown + (f" and {len(columns) - 30} more" if len(columns) > 30 else "") or "(none)"


def _choose(columns: Sequence[str], wanted: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Which column each field is read from, and notes on every choice that the caller did not make."""
    chosen: dict[str, str] = {}
    notes: list[str] = []
    alike: dict[str, list[str]] = {}
    for column in columns:
        alike.setdefault(_plain(column), []).append(column)
    for field, column in wanted.items():
        found = [column] if column in columns else alike.get(_plain(column), [])
        if len(found) != 1:
            raise InputError(
                f"unknown column {printable(column)!r} for {field}; the input has: {_listed(columns)}. "
                f"Write --column {field}=NAME with one of these"
            )
        chosen[field] = found[0]
    for field in FIELDS:
        if field in chosen:
            continue
        free = {name: [c for c in found if c not in chosen.values()] for name, found in alike.items()}
        own = [field] if field in free.get(field, ()) else free.get(field, [])
        found = own or [column for name in SYNONYMS[field] for column in free.get(name, ())]
        if len(found) == 1:
            chosen[field] = found[0]
            if not own:
                notes.append(f"{field} is read from the column {printable(found[0])!r}")
        elif field == "text":
            several = f"several columns could be the text ({_listed(found)})" if found else "no column 'text'"
            raise InputError(f"{several}; the input has: {_listed(columns)}. Say which: --column text=NAME")
        elif found:
            notes.append(f"{field} is not read: several columns could be it ({_listed(found)})")
    return chosen, notes


def _further(columns: Sequence[str], wanted: Mapping[str, str]) -> Sequence[str]:
    """The columns that no field is read from."""
    taken = _choose(columns, wanted)[0].values() if columns else ()
    return [column for column in columns if column not in taken]


# --- one record


def _fault(values: Mapping[str, str | None], chosen: Mapping[str, str], max_chars: int) -> str:
    """Why this record cannot become an article; empty where it can."""
    text = values.get(chosen["text"])
    if text is None or not text.strip():
        return "no text"
    if isinstance(text, Other):
        return f"the text is not a string but {text[:40]!r}"
    for column, value in values.items():
        if not is_sound(column):
            return f"the column name {printable(column[:40])!r} holds NUL or undecodable characters"
        if value is None:
            continue
        if len(value) > max_chars:
            return f"{printable(column)} has {len(value):,} characters, over the limit of {max_chars:,} (max_chars)"
        if not is_sound(value):
            what = "a NUL character" if "\x00" in value else "a damaged character (bad bytes or a lone surrogate)"
            return f"{printable(column)} holds {what}"
    return ""


def _shown_id(row: Row, chosen: Mapping[str, str]) -> str:
    return printable(((row.values or {}).get(chosen.get("id", "")) or "")[:200])


def _article(values: Mapping[str, str | None], chosen: Mapping[str, str], taken: set[str]) -> Article:
    def value(field: str) -> str | None:
        found = values.get(chosen[field]) if field in chosen else None
        return str(found) if found is not None and found.strip() else None

    return Article(
        id=value("id") or "",
        text=str(values[chosen["text"]]),
        title=value("title") or "",
        outlet=value("outlet") or "",
        date=value("date"),
        url=value("url"),
        author=value("author"),
        extra={name: str(found) for name, found in values.items() if found is not None and name not in taken},
    )


# --- ids and dates


def _content_id(article: Article) -> str:
    parts = (article.title, article.outlet, article.date or "", article.url or "", article.text)
    return blake2b("\x00".join(parts).encode("utf-8"), digest_size=8).hexdigest()


def _apart(articles: Sequence[Article], given: Sequence[bool]) -> tuple[list[Article], list[str]]:
    """The articles with repeated ids told apart: the first keeps its id, the next is "id#2", and so on."""
    reserved = {article.id for article in articles}
    count: dict[str, int] = {}
    kept: list[Article] = []
    repeated: dict[str, None] = {}
    copies = 0
    for article, own in zip(articles, given, strict=True):
        number = count.get(article.id, 0) + 1
        if number > 1:
            while f"{article.id}#{number}" in reserved:
                number += 1
            if own:
                repeated[article.id] = None
            copies += not own
        count[article.id] = number
        kept.append(article if number == 1 else replace(article, id=f"{article.id}#{number}"))
    notes = []
    if repeated:
        shown = ", ".join(repr(printable(name[:60])) for name in list(repeated)[:5])
        more = f" and {len(repeated) - 5} more" if len(repeated) > 5 else ""
        notes.append(f"{len(repeated)} id(s) occur more than once, told apart by #2, #3 ...: {shown}{more}")
    if copies:
        notes.append(f"{copies} article(s) without an id are copies of another, told apart by #2, #3 ...")
    return kept, notes


def _is_iso(text: str) -> bool:
    match = _ISO.match(text.strip())
    try:
        return bool(match and date.fromisoformat((text.strip()[:10] + "-01-01")[:10]))
    except ValueError:
        return False


def _date_notes(articles: Iterable[Article]) -> list[str]:
    odd = [article.date for article in articles if article.date is not None and not _is_iso(article.date)]
    if not odd:
        return []
    return [f"{len(odd)} date(s) are not ISO (2020-06-01) and are kept as given, such as {printable(odd[0][:40])!r}"]
