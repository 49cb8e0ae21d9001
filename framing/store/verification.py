"""Whether a corpus folder is sound: every part as it was written, and the catalogue as the parts say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from framing.reading.formats import printable
from framing.store import parts, visited
from framing.store.folder import CorpusStore
from framing.store.keys import article_id, content_key

_ANEW = "delete it, and the next run that collects writes it anew from the catalogue"


def problems(store: CorpusStore) -> Sequence[str]:
    """What is wrong with a corpus, a line each; nothing where all is well.

    Every part is readable and has the checksum that its name and the catalogue say; every article has the key and id
    of its own address and text, so that no address has two; versions count from 1; the catalogue lists what the parts
    hold; the files of visits have every visit in the catalogue. Reads every part once, one at a time.
    """
    found: list[str] = []
    held: dict[str, tuple[parts.Part, int]] = {}
    versions: dict[str, list[int]] = {}
    for place in parts.places(store.folder):
        try:
            part, table = parts.read_whole(store.folder, place)
        except parts.DAMAGE as error:
            found.append(f"{place}: cannot be read ({_line(error)})")
            continue
        rows = table.to_pylist() if part.kind == parts.ARTICLES else []
        held[place] = part, len(rows)
        for row in rows:
            if not _consistent(row):
                found.append(f"{place}: an article, {row['id']}, has the key or the id of another")
            versions.setdefault(row["id"], []).append(row["version"])
    # Asked last, and of parts that are there now: another run may be adding some meanwhile.
    entries = store.entries()
    found += [
        f"{place}: the catalogue has it, but it is gone" for place in entries if not (store.folder / place).is_file()
    ]
    found += [
        f"{place}: the catalogue says otherwise; delete catalogue.duckdb, and it is made anew"
        for place, on_disk in held.items()
        if entries.get(place) != on_disk
    ]
    for identity, numbers in versions.items():
        if sorted(numbers) != [*range(1, len(numbers) + 1)]:
            found.append(f"article {identity}: its versions are {sorted(numbers)}, not 1, 2 and so on")
    found += _unremembered(store)
    return [printable(line) for line in sorted(found)]


def _unremembered(store: CorpusStore) -> Iterator[str]:
    # Asked first: a visit is in its file before it is in the catalogue.
    catalogued = store.visited()
    for day in sorted({*catalogued, *visited.days(store.folder)}):
        place = visited.place(day)
        try:
            held = visited.read(store.folder, day)["url"].to_pylist()
        except FileNotFoundError:
            yield f"{place}: it is gone; the next run that collects writes it anew from the catalogue"
        except parts.DAMAGE as error:
            yield f"{place}: cannot be read ({_line(error)}); {_ANEW}"
        else:
            lacking = len({visit.url for visit in catalogued.get(day, ())}.difference(held))
            if lacking:
                yield f"{place}: it lacks {lacking} of the visits in the catalogue; {_ANEW}"


def _line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]


def _consistent(row: Mapping[str, Any]) -> bool:
    content = content_key(row["title"], row["text"])
    own: bool = row["content"] == content and row["id"] == article_id(row["url"], row["outlet"], content)
    return own
