"""Pages in files: a folder of saved pages, a mailbox of newsletters, a WARC archive; one page in memory at a time.

Each reader yields every page it meets with its place, as a :class:`Page` or as the :class:`Unreadable` that says why it
is none. One bad page never costs the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage, MIMEPart
from email.utils import parseaddr, parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from framing.collecting.pages import decoded, read_page
from framing.collecting.records import Failed, Page, Unreadable
from framing.collecting.refusals import FEWEST_WORDS
from framing.errors import InputError
from framing.reading.clutter import count_words
from framing.reading.formats import printable
from framing.reading.metadata import plausible_day
from framing.reading.pages import LARGEST_PAGE, sound_text

SAVED = (".html", ".htm", ".xhtml")
"""How the names of saved pages end."""

Placed = tuple[str, Page | Unreadable]
"""A place, such as "archive.warc record 7", and what was read there."""


def read_saved(file: Path, *, not_after: str = "") -> Page | Unreadable:
    """The article of a saved page; ``not_after`` is as in :func:`read_page`."""
    try:
        if not file.is_file():
            return Unreadable("not a regular file (a broken link, a pipe or a device)")
        with file.open("rb") as stream:
            return _read(stream.read(LARGEST_PAGE + 1), not_after=not_after)
    except OSError as error:
        return _failed(error)


def _failed(error: OSError) -> Failed:
    """Why a file cannot be read now: its permissions, or its disk, may be mended without a change to the file."""
    return Failed(f"cannot be read: {error.strerror or error}")


def _read(body: bytes, **about: str) -> Page | Unreadable:
    try:
        return read_page(body, **about)
    except Unreadable as reason:
        return reason


def _file(path: str | Path, kind: str) -> Path:
    path = Path(path)
    if not path.is_file():
        raise InputError(f"there is no {kind} {printable(str(path))!r}; check the path")
    return path


# --- mailboxes


def read_mbox(path: str | Path, *, not_after: str = "") -> Iterator[Placed]:
    """The messages of a mailbox (mbox): newsletters and press releases.

    The HTML part is read where it holds an article, else the plain one; attachments are left alone. The subject is the
    title, the sender's name the outlet, the Date header the day, the Message-ID the address (``mid:``, RFC 2392). The
    file is never written. Raises :class:`InputError` where there is no such file.
    """
    import mailbox

    path = _file(path, "mailbox")
    try:
        box = mailbox.mbox(path, create=False)
        keys = box.keys()
    except OSError as error:
        yield printable(path.name), _failed(error)
        return
    try:
        if not keys and path.stat().st_size:
            yield printable(path.name), Unreadable("not a mailbox: no line begins a message with 'From '")
        for number, key in enumerate(keys, 1):
            with box.get_file(key) as stream:
                data = stream.read(LARGEST_PAGE + 1)
            yield f"{printable(path.name)} message {number}", _message_page(data, not_after)
    finally:
        box.close()


def _message_page(data: bytes, not_after: str) -> Page | Unreadable:
    if len(data) > LARGEST_PAGE:
        return Unreadable(f"over the limit of {LARGEST_PAGE:,} bytes for a message")
    try:
        message = message_from_bytes(data, policy=policy.default)
        page = _body_page(message)
        return page if isinstance(page, Unreadable) else _with_headers(page, message, not_after)
    except Exception as error:  # the standard library raises all kinds of errors on broken headers
        return Unreadable(f"the message cannot be parsed: {type(error).__name__}")


def _body_page(message: EmailMessage) -> Page | Unreadable:
    marked = message.get_body(("html",))
    reason = None
    if marked is not None:
        page = _read(_payload(marked), content_type=f"text/html; charset={marked.get_content_charset('')}")
        if isinstance(page, Page):
            return page
        reason = page
    plain = message.get_body(("plain",))
    text = _paragraphs(_text(plain)) if plain is not None else ""
    words = count_words(text)
    if words >= FEWEST_WORDS:
        return Page(text)
    return reason or Unreadable(f"{words} words of text are too short to be an article")


def _payload(part: MIMEPart) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _text(part: MIMEPart) -> str:
    return sound_text(decoded(_payload(part), f"text/plain; charset={part.get_content_charset('')}"))


def _paragraphs(text: str) -> str:
    """A line for each paragraph of a text that is wrapped, without the signature at its end."""
    text = re.split(r"^-- ?$", text.replace("\r\n", "\n"), maxsplit=1, flags=re.MULTILINE)[0]
    return "\n".join(" ".join(part.split()) for part in re.split(r"\n\s*\n", text) if part.strip())


def _with_headers(page: Page, message: EmailMessage, not_after: str) -> Page:
    name, address = parseaddr(str(message.get("From", "")))
    return replace(
        page,
        title=" ".join(str(message.get("Subject", "")).split()) or page.title,
        outlet=" ".join(name.split()) or address.rpartition("@")[2],
        date=plausible_day(_day(str(message.get("Date", ""))), not_after=not_after),
        author="",
        url=_mid(str(message.get("Message-ID", ""))),
    )


def _day(header: str) -> str:
    try:
        return parsedate_to_datetime(header).date().isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""


def _mid(header: str) -> str:
    found = re.search(r"<?([^<>\s]{3,500})>?", header)
    return "mid:" + quote(found[1], safe="@!$&'*+=.~-_") if found else ""


# --- archives


def read_warc(path: str | Path, *, not_after: str = "") -> Iterator[Placed]:
    """The pages of a WARC file, gzipped or not: responses of HTML with status 200.

    The target's address is the page's, and the day it was stored bounds its date. Other responses of HTML, revisits
    (the page is in another record) and records that were cut off are named with the reason; records that hold no page,
    such as requests and pictures, are left out. Raises :class:`InputError` where there is no such file.
    """
    try:
        from warcio.archiveiterator import ArchiveIterator
        from warcio.exceptions import ArchiveLoadFailed
    except ImportError as error:
        raise InputError("reading WARC files needs warcio: pip install 'framing[web]'") from error
    path = _file(path, "WARC file")
    number = 0
    try:
        stream = path.open("rb")
    except OSError as error:
        yield printable(path.name), _failed(error)
        return
    with stream:
        records = ArchiveIterator(stream)
        while True:
            number += 1
            place = f"{printable(path.name)} record {number}"
            try:
                record = next(records, None)
                if record is None:
                    return
                page = _record_page(record, not_after)
            except (ArchiveLoadFailed, OSError, EOFError, ValueError) as error:
                # Where a record begins is not known any more.
                yield place, Unreadable(f"the file cannot be read from here on: {printable(str(error))[:200]}")
                return
            if page is not None:
                yield place, page


def _record_page(record: Any, not_after: str) -> Page | Unreadable | None:
    """What a record holds; None where it is none of a page."""
    headers = record.rec_headers
    sent = record.http_headers
    if record.rec_type not in ("response", "revisit") or (sent is None and record.rec_type == "response"):
        return None
    content_type = (sent.get_header("Content-Type") if sent else "") or ""
    if sent and not re.match(r"\s*(?:text/html|application/xhtml\+xml)\b", content_type, re.IGNORECASE):
        return None
    url = (headers.get_header("WARC-Target-URI") or "").strip("<> ")
    shown = printable(url)[:200]
    if record.rec_type == "revisit":
        return Unreadable(f"{shown}: a revisit, whose page is in another record")
    if headers.get_header("WARC-Truncated"):
        return Unreadable(f"{shown}: the record was cut off when it was stored")
    if sent.get_statuscode() != "200":
        return Unreadable(f"{shown}: the answer has status {printable(sent.get_statuscode())[:40]}")
    try:
        body = record.content_stream().read(LARGEST_PAGE + 1)
        ended = len(body) <= LARGEST_PAGE and not record.raw_stream.read(1) and record.raw_stream.limit > 0
    except Exception as error:  # a body that breaks its own encoding must not cost the other records
        return Unreadable(f"{shown}: the body cannot be read: {type(error).__name__}")
    if ended:
        return Unreadable(f"{shown}: the file ends within the record")
    stored = (headers.get_header("WARC-Date") or "")[:10]
    bound = min(filter(None, (stored, not_after[:10])), default="")
    return _read(body, url=url, content_type=content_type, not_after=bound)
