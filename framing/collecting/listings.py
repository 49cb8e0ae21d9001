"""Feeds and sitemaps -> the addresses they list. Nothing that they name is opened, and no entity is expanded."""

from __future__ import annotations

import calendar
import heapq
import html
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice, pairwise
from typing import Any
from urllib.parse import urljoin

from framing.collecting.records import Listed, Unreadable
from framing.errors import InputError
from framing.reading.formats import decode
from framing.reading.metadata import plausible_day

LARGEST_JSON = 10_000_000
"""A JSON feed of more bytes is refused: unlike XML it cannot be read piece by piece."""

_LONGEST_AUTHOR = 200
_LARGEST_LISTED = 5_000_000
_MOST_LISTED_TAGS = 100_000
_ROOT = re.compile(rb"<((?:[\w.-]{1,40}:)?(rss|feed|rdf))[\s>]", re.IGNORECASE)
_ITEM_END = re.compile(rb"</(?:[\w.-]{1,40}:)?(?:item|entry)\s{0,9}>", re.IGNORECASE)
_TEXT = re.compile(rb"<(content:encoded|description|content|summary)(?:\s[^<>]{0,300})?(?<!/)>", re.IGNORECASE)
_AUTHOR = re.compile(
    rb"<((?:[\w.-]{1,40}:)?(?:author|creator|publisher|owner|managingeditor|webmaster))(?:\s[^<>]*)?(?<!/)>",
    re.IGNORECASE,
)
_ENCODING = re.compile(rb"(\A\s{0,9}<\?xml[^>]{0,80}?)\s+encoding\s*=\s*[\"'][^\"'>]{0,40}[\"']", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,300}>")


@dataclass(frozen=True, slots=True)
class Contents:
    """What a feed or sitemap lists: ``entries`` are pages, ``more`` further sitemaps, the latest changed first.

    ``left_out`` counts what else it lists, beyond the most that is taken of one.
    """

    entries: tuple[Listed, ...] = ()
    more: tuple[str, ...] = ()
    left_out: int = 0


def is_listing(body: bytes) -> bool:
    """Whether a body looks like a feed or a sitemap, and not like a page."""
    return _is_feed(body) or bool(re.search(rb"<(urlset|sitemapindex)\b", body[:2000]))


def _is_feed(body: bytes) -> bool:
    return _start(body).startswith(b"{") or bool(_ROOT.search(body[:2000]))


def _start(body: bytes) -> bytes:
    return body[:200].lstrip(b"\xef\xbb\xbf \t\r\n")


# --- feeds


def read_feed(body: bytes, *, url: str = "", content_type: str = "", most: int = 1000) -> Contents:
    """The addresses that a feed lists, in its order: RSS 0.9 to 2.0, RDF, Atom or JSON Feed.

    Parameters
    ----------
    body
        The feed; of one that breaks off, what stands before the break is read.
    url
        Where it was found; relative links are resolved against it.
    content_type
        The header of that name, for its charset.
    most
        Items that are looked at; what follows is not even parsed.

    Raises
    ------
    Unreadable
        Where the body is no feed.
    """
    start = _start(body)
    if start.startswith(b"{"):
        items = tuple(_json_items(body, url))
        return Contents(items[:most], left_out=max(0, len(items) - most))
    if start.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in body[:4]:
        body, content_type = decode(body)[0].encode("utf-8", "replace"), "application/xml; charset=utf-8"
        body = _ENCODING.sub(rb"\1", body, count=1)
    entries = _parsed_entries(_cut(body, most), url, content_type)
    found = (_from_entry(entry, url) for entry in entries[:most])
    listed = sum(1 for _ in _ITEM_END.finditer(body))
    return Contents(tuple(one for one in found if one), left_out=max(0, listed - most))


def _cut(body: bytes, most: int) -> bytes:
    """The feed up to its last whole item that is wanted, without the texts of items, closed again.

    Parsing takes time with every tag, most of all where they are not closed: what is not needed is not parsed.
    Raises :class:`Unreadable` where it is no feed, or where too much is left.
    """
    root = _ROOT.search(body[:20_000])
    if root is None:
        raise Unreadable("not a feed: neither RSS nor Atom, RDF or JSON Feed")
    ends = [0, *(end.end() for end in islice(_ITEM_END.finditer(body), most))]
    # Without any item, the head alone shows whether it is a feed.
    parts = [_without_authors(_without_texts(body[start:end])) for start, end in pairwise(ends)]
    parts = parts or [body[: root.end()]]
    closing = b"</channel>" if root[2].lower() == b"rss" and len(ends) > 1 else b""
    kept = b"".join(parts)
    if len(kept) > _LARGEST_LISTED or kept.count(b"<") > _MOST_LISTED_TAGS:
        raise Unreadable(
            f"{len(kept):,} bytes and {kept.count(b'<'):,} tags in the items of a feed, beside their texts"
        )
    return kept + closing + b"</" + root[1] + b">"


def _without_texts(item: bytes) -> bytes:
    parts = []
    place = 0
    for opened in _TEXT.finditer(item):
        if opened.start() < place:
            continue  # inside a text that is left out
        end = item.find(b"</" + opened[1], opened.end())
        if end < 0:
            break
        parts.append(item[place : opened.end()])
        place = end
    return b"".join((*parts, item[place:]))


def _without_authors(item: bytes) -> bytes:
    """The item without what is too long for a name: feedparser looks for an e-mail address from every place of it."""
    parts = []
    place = 0
    for opened in _AUTHOR.finditer(item):
        if opened.start() < place:
            continue
        end = item.find(b"</" + opened[1], opened.end())
        end = end if end >= 0 else item.rfind(b"</")
        if end - opened.end() > _LONGEST_AUTHOR:
            parts.append(item[place : opened.end()])
            place = end
    return b"".join((*parts, item[place:]))


def _parsed_entries(body: bytes, url: str, content_type: str) -> list[Mapping[str, Any]]:
    try:
        import feedparser
    except ImportError as error:
        raise InputError("reading feeds needs feedparser: pip install 'framing[web]'") from error
    # A stream: feedparser takes bytes and text for the name of a file or an address first, and would open it.
    found = feedparser.parse(
        io.BytesIO(body),
        response_headers={"content-type": content_type or "application/xml", "content-location": url},
        resolve_relative_uris=False,
        sanitize_html=False,
    )
    if not found.version and not found.entries:
        raise Unreadable("not a feed: neither RSS nor Atom, RDF or JSON Feed")
    return list(found.entries)


def _from_entry(entry: Mapping[str, Any], url: str) -> Listed | None:
    # The plain dictionary: feedparser's own look-up stands one date in for another.
    given = dict(entry)
    published, updated = (_utc_time(given.get(key)) for key in ("published_parsed", "updated_parsed"))
    return _listed(
        given.get("link") or given.get("id") or "",
        url,
        title=given.get("title") or "",
        date=published or updated,
        updated=updated,
        author=_person(given.get("author") or ""),
    )


def _person(author: str) -> str:
    """The name in an author's entry: RSS has "desk@lantern.example (Ines Okafor)"."""
    author = author[:_LONGEST_AUTHOR]
    if "@" not in author:
        return author
    named = re.search(r"\(([^()]+)\)\s*\Z", author)
    return named[1] if named else re.sub(r"\S+@\S+", "", author)


def _json_items(body: bytes, url: str) -> Iterator[Listed]:
    if len(body) > LARGEST_JSON:
        raise Unreadable(f"{len(body):,} bytes, over the limit of {LARGEST_JSON:,} for a JSON feed")
    try:
        feed = json.loads(body)
        items = feed["items"] if "jsonfeed.org" in feed["version"] else None
    except (ValueError, KeyError, TypeError, RecursionError):
        items = None
    if not isinstance(items, list):
        raise Unreadable("not a feed: JSON, but no JSON Feed")
    for item in (item for item in items if isinstance(item, dict)):
        text = {key: value if isinstance(value, str) else "" for key, value in item.items()}
        authors = [author.get("name") for author in item.get("authors") or () if isinstance(author, dict)]
        listed = _listed(
            text.get("url") or text.get("external_url") or text.get("id") or "",
            url,
            title=text.get("title") or "",
            date=_utc_text(text.get("date_published") or ""),
            updated=_utc_text(text.get("date_modified") or ""),
            author="; ".join(name for name in authors if isinstance(name, str)),
        )
        if listed:
            yield listed


def _listed(link: str, base: str, *, title: str, date: str, updated: str, author: str) -> Listed | None:
    """The entry, or None where its link is no address of the web."""
    try:
        address = urljoin(base, link.strip())
    except ValueError:
        return None
    if not link.strip() or not address.startswith(("http://", "https://")):
        return None
    plain = " ".join(html.unescape(_TAG.sub("", title)).split())
    return Listed(address, plain, plausible_day(date), plausible_day(updated), " ".join(author.split()))


# --- dates


def _utc_time(value: Any) -> str:
    try:
        return datetime.fromtimestamp(calendar.timegm(value), UTC).isoformat()
    except (TypeError, ValueError, OverflowError, OSError):
        return ""


def _utc_text(value: str) -> str:
    """An ISO date as a sitemap has it: a time in UTC, a day, or empty where it is neither."""
    value = value.strip()
    try:
        found = datetime.fromisoformat(value)
        if len(value) == 10:
            return value
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC).isoformat(timespec="seconds")
    except (ValueError, OverflowError):
        return ""


# --- sitemaps


def read_sitemap(body: bytes, *, url: str = "", content_type: str = "", most: int = 5000) -> Contents:
    """What a sitemap lists: pages, or further sitemaps; as XML (news sitemaps and indexes too), text, or a feed.

    Parameters
    ----------
    body
        The sitemap, unpacked; of one that breaks off, what stands before the break is read.
    url
        Where it was found.
    content_type
        The header of that name, for the charset of a feed.
    most
        Pages and sitemaps that are listed at most: those changed last, in the order of the sitemap.

    Raises
    ------
    Unreadable
        Where the body is no sitemap.
    """
    if _start(body).startswith((b"http://", b"https://")):
        lines = io.StringIO(decode(body)[0])
        found = [listed for line in lines if (listed := _listed(line, url, title="", date="", updated="", author=""))]
        return Contents(tuple(found[:most]), left_out=max(0, len(found) - most))
    if _is_feed(body):
        return read_feed(body, url=url, content_type=content_type, most=most)
    pages, sitemaps = _xml_entries(body, url)
    more = tuple(one.url for one in sorted(sitemaps, key=_changed, reverse=True)[:most])
    left_out = max(0, len(pages) - most) + max(0, len(sitemaps) - most)
    return Contents(_latest(pages, most), more, left_out)


def _changed(listed: Listed) -> str:
    return listed.updated or listed.date


def _latest(pages: Sequence[Listed], most: int) -> tuple[Listed, ...]:
    if len(pages) <= most:
        return tuple(pages)
    latest = heapq.nlargest(most, range(len(pages)), key=lambda place: (_changed(pages[place]), -place))
    return tuple(pages[place] for place in sorted(latest))


def _xml_entries(body: bytes, url: str) -> tuple[list[Listed], list[Listed]]:
    try:
        from lxml import etree
    except ImportError as error:
        raise InputError("reading sitemaps needs lxml: pip install 'framing[web]'") from error
    # No entity is resolved and no network used; a broken or cut file gives what stands before the break.
    steps = etree.iterparse(
        io.BytesIO(body), events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False,
        huge_tree=False, recover=True, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    found: dict[str, list[Listed]] = {"url": [], "sitemap": []}
    root = ""
    try:
        for event, element in steps:
            name = etree.QName(element).localname
            if not root:
                root = name
                if root not in ("urlset", "sitemapindex"):
                    break
            if event == "end" and name in found and element.getparent() is not None:
                found[name].extend(_from_element(element, url))
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
    except etree.XMLSyntaxError:
        pass
    if root not in ("urlset", "sitemapindex"):
        raise Unreadable(f"not a sitemap: its root is {root[:40]!r}" if root else "not a sitemap")
    return found["url"], found["sitemap"]


def _from_element(element: Any, url: str) -> Iterator[Listed]:
    own = {str(part.tag).rpartition("}")[2]: part.text or "" for part in element.iterchildren("{*}*")}
    # The addresses of its pictures are below, with what news sitemaps say of it.
    given = {str(part.tag).rpartition("}")[2]: part.text or "" for part in element.iterdescendants("{*}*")} | own
    listed = _listed(
        given.get("loc", ""),
        url,
        title=given.get("title", ""),
        date=_utc_text(given.get("publication_date", "")),
        updated=_utc_text(given.get("lastmod", "")),
        author="",
    )
    if listed:
        yield listed
