"""A web page as it came over the network or out of an archive -> the article on it, or the reason why there is none."""

from __future__ import annotations

import re

from framing.collecting.bodies import check_kind
from framing.collecting.records import Page, Unreadable
from framing.collecting.refusals import refusal, without_offer
from framing.reading.extraction import extract, parse
from framing.reading.formats import decode
from framing.reading.pages import LARGEST_PAGE, MOST_TAGS, UNKNOWN, sound_text


def read_page(body: bytes | str, *, url: str = "", content_type: str = "", not_after: str = "") -> Page:
    """The article of a web page: its text (a line for each paragraph), title, author, day, outlet and own address.

    No script runs and nothing that the page names is fetched.

    Parameters
    ----------
    body
        The page. Bytes are decoded by their byte order mark, as UTF-8 if they are, by the charset of ``content_type``,
        by what the page declares, in this order; else as cp1252.
    url
        Where it was found. The page's own canonical address replaces it where that is of the same site.
    content_type
        The header of that name.
    not_after
        A day, YYYY-MM-DD; a later date on the page is not trusted and dropped, like one before 1990.

    Raises
    ------
    Unreadable
        Where the page has no article that can be read; the message says why.
    """
    check_kind(content_type)
    if len(body) > LARGEST_PAGE:
        raise Unreadable(f"{len(body):,} bytes, over the limit of {LARGEST_PAGE:,} for a page")
    page = body if isinstance(body, str) else decoded(body, content_type)
    tags = page.count("<")
    if tags > MOST_TAGS:
        raise Unreadable(f"{tags:,} tags, over the limit of {MOST_TAGS:,} for a page")
    sound = sound_text(page)
    try:
        tree = parse(sound)
        found = None if tree is None else extract(tree, url=url, not_after=not_after)
        reason = "no article text found in the page" if found is None else refusal(tree, found, url=url)
    except Exception as error:  # one page that breaks the parser must not cost the others
        raise Unreadable(f"the page cannot be parsed: {type(error).__name__}") from error
    if reason or found is None:
        raise Unreadable(reason)
    if sound != page and UNKNOWN in found.text:
        raise Unreadable("the article holds bytes that are no text")
    return Page(without_offer(found.text), found.title, found.outlet, found.date, found.author, found.url)


def decoded(body: bytes, content_type: str) -> str:
    """The text of a page in bytes; what cannot be decoded is a lone surrogate."""
    text, encoding = decode(body, markup=True)
    charset = re.search(r"charset\s{0,9}=\s{0,9}[\"']?([\w.:-]{1,40})", content_type, re.IGNORECASE)
    if charset and not encoding.startswith("utf"):
        try:
            text = body.decode(charset[1])
        except (LookupError, ValueError):
            pass
    return text
