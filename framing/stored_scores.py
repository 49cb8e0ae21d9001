"""Scores kept by content: what an instrument has scored once it does not score again.

The scorers see an article's title and text and nothing else, so these two say which scores are its own, whatever its
id, outlet or day. On disk::

    FOLDER/INSTRUMENT/PART/{articles,sentences,...}.parquet, manifest.json

``INSTRUMENT`` is :func:`framing.signature.instrument_key`. A part holds what one run scored, up to 500 texts,
with :func:`content_key` in place of ids; its manifest names them, so that a run opens the parts it needs, however many
there are. A part is written beside its place and renamed into it, so that runs at the same time see whole parts or
none. Every file is checked against its SHA-256 as it is read: a part that was damaged counts as absent, and its
articles are scored again.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from framing.analysis import OnFailure, TargetsLike, analyze_many
from framing.engines import DEFAULT_ENGINE
from framing.entities import make_targets
from framing.errors import InputError
from framing.lexicon import Lexicon
from framing.records import Article
from framing.signature import instrument_key
from framing.storage import MANIFEST, replace_folder
from framing.store.keys import content_key as key_of
from framing.tables import IDENTITY, SCHEMAS, TABLES, Rows, identity, with_columns_of, write_arrow

if TYPE_CHECKING:
    import pandas as pd

# Texts of a part at most: what is scored is kept by so many, and so many are read where one of them is wanted.
_TEXTS = 500
# Whatever a damaged file makes its reader raise.
_DAMAGE = (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, pa.ArrowException)


def content_key(article: Article) -> str:
    """SHA-256 over title and text, in hexadecimal: the same for the same words, whoever published them."""
    return key_of(article.title, article.text)


def scored_tables(
    articles: Sequence[Article],
    targets: TargetsLike = None,
    *,
    engine: str = DEFAULT_ENGINE,
    lexicon: Lexicon | None = None,
    folder: str | Path = "",
    batch_size: int = 32,
    jobs: int = 1,
    timeout: float = 300.0,
    on_failure: OnFailure | None = None,
    notes: list[str] | None = None,
    progress: Callable[[Sequence[Article]], Iterable[Article]] = iter,
) -> dict[str, pd.DataFrame]:
    """The tables of some articles, in their order, as :func:`framing.tables.tables` makes them of their analyses.

    With a ``folder``, scores that it holds are taken from it and the others are put into it; the tables are the same
    either way. The same title and text twice is scored once. An article that cannot be scored is passed to
    ``on_failure`` (a warning names it where none is given), is in no table, and is not stored. ``notes`` gets a line
    for each part that is damaged, and one where scores could not be kept: neither stops a run. ``progress`` wraps
    the articles that are scored. All tables are in memory.

    Raises :class:`~framing.errors.InputError` where ``folder`` is a file.
    """
    found = scored_arrow(
        articles, targets, engine=engine, lexicon=lexicon, folder=folder, batch_size=batch_size, jobs=jobs,
        timeout=timeout, on_failure=on_failure, notes=notes, progress=progress,
    )  # fmt: skip
    return {name: table.to_pandas() for name, table in found.items()}


def scored_arrow(
    articles: Sequence[Article],
    targets: TargetsLike = None,
    *,
    engine: str = DEFAULT_ENGINE,
    lexicon: Lexicon | None = None,
    folder: str | Path = "",
    batch_size: int = 32,
    jobs: int = 1,
    timeout: float = 300.0,
    on_failure: OnFailure | None = None,
    notes: list[str] | None = None,
    progress: Callable[[Sequence[Article]], Iterable[Article]] = iter,
) -> dict[str, pa.Table]:
    """As :func:`scored_tables`, which see, in Arrow's form."""
    wanted = None if targets is None else make_targets(targets)
    said = [] if notes is None else notes
    keys = [content_key(article) for article in articles]
    place, parts = None, []
    if folder:
        place = _place(Path(folder)) / instrument_key(engine, lexicon, wanted)
        parts = _read(place, set(keys), said)
    there = {key for part in parts for key in part["articles"]["article_id"].to_pylist()}
    fresh = {
        key: Article(key, article.text, article.title)
        for key, article in zip(keys, articles, strict=True)
        if key not in there
    }
    failed: dict[str, str] = {}
    rows = Rows()

    def keep() -> None:
        scored = {name: rows.take(name) for name in TABLES}
        if place and scored["articles"].num_rows:
            _write(place, scored, said)
        parts.append(scored)

    analyses = analyze_many(
        progress(list(fresh.values())), wanted, engine=engine, lexicon=lexicon, batch_size=batch_size, jobs=jobs,
        timeout=timeout, on_failure=lambda article, reason: failed.update({article.id: reason}),
    )  # fmt: skip
    for number, analysis in enumerate(analyses, 1):
        rows.add(analysis)
        if number % _TEXTS == 0:
            keep()
    keep()
    report = on_failure or _warn
    for key, article in zip(keys, articles, strict=True):
        if key in failed:
            report(article, failed[key])
    kept = [(key, article) for key, article in zip(keys, articles, strict=True) if key not in failed]
    whole = {name: pa.concat_tables([part[name] for part in parts]) for name in TABLES}
    return _told(kept, whole)


def _told(articles: Sequence[tuple[str, Article]], whole: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """The rows of each article in turn, under its own id, outlet, story and other columns."""
    place = {key: number for number, key in enumerate(dict.fromkeys(key for key, _ in articles))}
    wanted = np.array([place[key] for key, _ in articles], dtype=int)
    ids = np.array([article.id for _, article in articles], dtype=object)
    found = {}
    for name, table in whole.items():
        codes = pc.index_in(table["article_id"], value_set=pa.array(list(place), pa.string())).to_numpy().astype(int)
        order, sizes = np.argsort(codes, kind="stable"), np.bincount(codes, minlength=len(place))
        ends = np.cumsum(sizes)
        rows = [order[ends[code] - sizes[code] : ends[code]] for code in wanted]
        taken = table.take(np.concatenate([np.zeros(0, dtype=int), *rows]))
        found[name] = _with_column(taken, "article_id", np.repeat(ids, sizes[wanted]))
    told = [identity(article) for _, article in articles]
    for column in IDENTITY[1:]:
        found["articles"] = _with_column(found["articles"], column, [row[column] for row in told])
    found["articles"] = with_columns_of([article for _, article in articles], found["articles"])
    return found


def _with_column(table: pa.Table, name: str, values: Sequence[str | None] | np.ndarray) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, pa.array(values, pa.string()))


def _place(folder: Path) -> Path:
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{str(folder)!r} is a file; name a folder to keep scores in")
    return folder


def _read(place: Path, keys: set[str], notes: list[str]) -> list[dict[str, pa.Table]]:
    """Of each part that holds some of these texts their rows; each text is taken from one part only."""
    found = []
    missing = set(keys)
    for folder in sorted(place.glob("[0-9a-f]*")):
        if not missing:
            break
        try:
            part = _part(folder, missing)
        except _DAMAGE as error:
            notes.append(
                f"the stored scores {folder.name!r} are damaged ({type(error).__name__}) and were not used; "
                "the articles in question were scored again"
            )
            continue
        if part:
            found.append(part)
            missing.difference_update(part["articles"]["article_id"].to_pylist())
    return found


def _part(folder: Path, keys: set[str]) -> dict[str, pa.Table]:
    """The rows of these texts in a part; nothing where it has none, and then its manifest says so.

    The manifest is no proof: a text that it names wrongly is not found in the tables, and scored again. Parts of
    earlier versions do not name their texts there.
    """
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    if "texts" in manifest and keys.isdisjoint(manifest["texts"]):
        return {}
    sums = manifest["files"]
    wanted = pa.array(sorted(keys), pa.string())
    found: dict[str, pa.Table] = {}
    for name in TABLES:
        table = _table(folder, name, sums[name])
        found[name] = table.filter(pc.is_in(table["article_id"], value_set=wanted))
        if not found["articles"].num_rows:
            return {}
    return found


def _table(folder: Path, name: str, expected: str) -> pa.Table:
    """One table of a part, parsed from the very bytes that were checked."""
    content = (folder / f"{name}.parquet").read_bytes()
    if hashlib.sha256(content).hexdigest() != expected:
        raise ValueError(f"{name} was altered")
    table = pq.read_table(pa.BufferReader(content))
    if not table.schema.equals(SCHEMAS[name], check_metadata=True):
        raise ValueError(f"{name} has other columns")
    return table


def _write(place: Path, scored: Mapping[str, pa.Table], notes: list[str]) -> None:
    """Keep what was scored as a part named by its texts: the same texts again replace it, were it damaged."""
    keys = sorted(scored["articles"]["article_id"].to_pylist())
    name = hashlib.sha256("\n".join(keys).encode("ascii")).hexdigest()[:32]
    try:
        place.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{name}.", suffix=".partial", dir=place))
        try:
            write_arrow(scored, beside)
            sums = {table: hashlib.sha256((beside / f"{table}.parquet").read_bytes()).hexdigest() for table in TABLES}
            told = json.dumps({"files": sums, "texts": keys}, indent=1)
            (beside / MANIFEST).write_text(told + "\n", encoding="utf-8")
            beside.chmod(0o755)
            replace_folder(beside, place / name)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    except OSError as error:
        notes.append(f"the scores could not be kept ({error.strerror or type(error).__name__}); they are in the tables")


def _warn(article: Article, reason: str) -> None:
    warnings.warn(f"article {article.id!r} was not scored: {reason}", stacklevel=2)
