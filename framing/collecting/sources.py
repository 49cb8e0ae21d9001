"""Where articles are looked for: a file of outlets, or a single address, list, folder, mailbox or archive."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from framing.collecting.records import Source
from framing.errors import InputError, one_of
from framing.reading.formats import printable, read_text

ADDRESSES = ("feeds", "sitemaps", "urls")
FILES = ("html", "mbox", "warc")
KEYS = ("name", *ADDRESSES, *FILES)
_BARE_ADDRESS = re.compile(r"(?=www\.|[^/]+/)[a-z0-9-]+(\.[a-z0-9-]+)+(:\d+)?(/[!-~]*)?", re.IGNORECASE)
_EXAMPLE = "outlets: [{name: The Common Lantern, feeds: ['https://lantern.example/rss']}]"


def read_sources(given: str | Path) -> tuple[Source, ...]:
    """The sources that a file of outlets names, or the one source that ``given`` is itself.

    A file of outlets is YAML: ``outlets:``, a list of ``{name, feeds: [...], sitemaps: [...], urls: [...],
    html: FOLDER, mbox: FILE, warc: FILE}`` with at least one of these beside the name; paths count from its folder.
    Else ``given`` is an address (of a feed, a sitemap or a page), a text file of addresses, a folder of saved pages, a
    mailbox (.mbox) or an archive (.warc, .warc.gz). Where no name is given the outlet is the one that each page names.

    Raises :class:`~framing.errors.InputError` for what is none of these, and for a file of outlets with an entry that
    cannot be used: the message names the entry, and nothing has been asked for.
    """
    text = str(given)
    if text.lower().startswith(("http://", "https://")):
        _check_address("the source", text)
        return (Source("", urls=(text,)),)
    path = Path(given)
    if not path.exists():
        meant = f"; did you mean https://{text}?" if _BARE_ADDRESS.fullmatch(text) else ""
        raise InputError(
            f"there is no file or folder {printable(text)!r}{meant}; give a file of outlets (YAML), an address that "
            "begins with http:// or https://, a folder of saved pages, an .mbox or a .warc file"
        )
    if path.is_dir():
        return (Source("", html=path),)
    reader = _READERS.get("".join(path.suffixes[-2:]).lower()) or _READERS.get(path.suffix.lower())
    if reader is None:
        raise InputError(one_of("kind of source", printable(path.name), ["a folder of saved pages", *_READERS]))
    return reader(path)


def _addresses(path: Path) -> tuple[Source, ...]:
    """A text file with an address a line; blank lines and lines that begin with # are left out."""
    lines = [line.strip() for line in read_text(path)[0].splitlines()]
    urls = tuple(line for line in lines if line and not line.startswith("#"))
    if not urls:
        raise InputError(f"{printable(path.name)!r} holds no address; write one a line")
    for url in urls:
        _check_address(f"{printable(path.name)!r}", url)
    return (Source("", urls=urls),)


def _outlets(path: Path) -> tuple[Source, ...]:
    import yaml

    name = printable(path.name)
    try:
        loaded = yaml.safe_load(read_text(path)[0])
    except (yaml.YAMLError, RecursionError) as error:
        raise InputError(f"{name!r} is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(loaded, dict) or not isinstance(loaded.get("outlets"), list) or not loaded["outlets"]:
        raise InputError(f"{name!r} holds no list of outlets; write {_EXAMPLE}")
    if unknown := sorted(map(str, set(loaded) - {"outlets"})):
        raise InputError(f"{name!r}: {one_of('key', unknown[0], ['outlets'])}")
    sources = tuple(
        _source(f"{name!r}, outlet {number}", entry, path.parent) for number, entry in enumerate(loaded["outlets"], 1)
    )
    names = [source.outlet for source in sources if source.outlet]
    if twice := next((one for one in names if names.count(one) > 1), ""):
        raise InputError(f"{name!r} has two outlets of the name {printable(twice)!r}; put their sources into one entry")
    return sources


def _source(place: str, entry: Any, base: Path) -> Source:
    if not isinstance(entry, Mapping):
        raise InputError(f"{place} is {entry!r}, not `name: ...` with its sources; write {_EXAMPLE}")
    if unknown := [key for key in entry if key not in KEYS]:
        raise InputError(f"{place}: {one_of('key', unknown[0], KEYS)}")
    outlet = entry.get("name", "")
    if not isinstance(outlet, str) or not outlet.isprintable() or ("name" in entry and not outlet.strip()):
        raise InputError(f"{place}: the name is {outlet!r}; give a text such as The Common Lantern, in quotation marks")
    place += f" ({outlet[:60]})" if outlet else ""
    if not any(entry.get(key) for key in KEYS[1:]):
        raise InputError(f"{place} has no source; give at least one of {', '.join(KEYS[1:])}")
    addresses = {key: _listed(f"{place}, {key}", entry.get(key)) for key in ADDRESSES}
    files = {key: _there(f"{place}, {key}", entry.get(key), base) for key in FILES}
    for key, file in files.items():
        if file and file.is_dir() != (key == "html"):
            is_what, wanted = (
                ("a file", "a folder of saved pages") if key == "html" else ("a folder", f"the .{key} file")
            )
            raise InputError(f"{place}, {key}: {entry[key]!r} is {is_what}; name {wanted}")
    return Source(outlet.strip(), **addresses, **files)  # type: ignore[arg-type]


def _listed(place: str, value: Any) -> tuple[str, ...]:
    values = [value] if isinstance(value, str) else [] if value is None else value
    if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
        raise InputError(f"{place}: {value!r} is not a list of addresses, as in ['https://lantern.example/rss']")
    for one in values:
        _check_address(place, one)
    return tuple(dict.fromkeys(one.strip() for one in values))


def _check_address(place: str, address: str) -> None:
    from framing.collecting.addresses import canonical

    try:
        canonical(address)
    except InputError as error:
        raise InputError(f"{place}: {error}") from error


def _there(place: str, value: Any, base: Path) -> Path | None:
    if value is None:
        return None
    if not isinstance(value, str) or not value.strip():
        raise InputError(f"{place}: {value!r} is not a path")
    path = base / Path(value).expanduser()
    if not path.exists():
        raise InputError(
            f"{place}: there is no file or folder {printable(value)!r} (paths count from the file's folder)"
        )
    return path


_READERS: Mapping[str, Callable[[Path], tuple[Source, ...]]] = {
    ".yaml": _outlets,
    ".yml": _outlets,
    ".txt": _addresses,
    ".mbox": lambda path: (Source("", mbox=path),),
    ".warc": lambda path: (Source("", warc=path),),
    ".warc.gz": lambda path: (Source("", warc=path),),
}
