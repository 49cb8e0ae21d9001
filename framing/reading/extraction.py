"""A web page -> the text of its article, and what the page says of it. No script runs and nothing is fetched."""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from framing.reading.boilerplate import article_lines, as_declared
from framing.reading.clutter import Element, clear, count_words, mark_body
from framing.reading.live import join_entries
from framing.reading.metadata import (
    LATEST_DAY,
    clean_author,
    clean_title,
    declared,
    declared_closed,
    declared_names,
    declared_text,
    own_address,
    plausible_day,
)

# Dates outside the range that is trusted must be seen, or another date on the page would stand in for them.
_DATES = {"original_date": True, "extensive_search": False, "min_date": "1900-01-01", "max_date": LATEST_DAY}
_LEAD = re.compile(r"(?<![a-z])(?:lead|lede|standfirst|intro|dek|deck|subtitle|sub-?head(?:line)?|summary)(?![a-z])")


@dataclass(frozen=True, slots=True)
class Extraction:
    """The article of a page: ``text`` has a line for each paragraph, ``date`` is a day (ISO); empty is unknown."""

    text: str = ""
    title: str = ""
    outlet: str = ""
    date: str = ""
    author: str = ""
    url: str = ""


def parse(page: str) -> Element | None:
    """The tree of a page, or None where there is none."""
    import trafilatura

    return trafilatura.load_html(page)


def extract(tree: Element, *, url: str = "", not_after: str = "") -> Extraction:
    """The article of a parsed page, which stays as it is.

    What stands around the article is cleared away first (:mod:`framing.reading.clutter`), trafilatura finds the text in
    the rest, and lines that are no part of it go last (:mod:`framing.reading.boilerplate`).

    Parameters
    ----------
    url
        Where the page was found, if that is known.
    not_after
        A day, YYYY-MM-DD; later dates are not trusted and dropped.
    """
    import trafilatura

    told = trafilatura.extract_metadata(tree, default_url=url or None, date_config=_DATES)
    things = declared(tree)
    # A name with a dot is the host, which stands in where the page gives no name.
    named = told.sitename if told.sitename and "." not in told.sitename else declared_names(things, "publisher")
    outlet = " ".join((named or told.sitename or told.hostname or "").split())
    title = clean_title(_title(tree, told.title or ""), names=(outlet, told.hostname or ""))
    return Extraction(
        text="\n".join(_lines(tree, title, things)),
        title=title,
        outlet=outlet,
        date=plausible_day(told.date or "", not_after=not_after),
        author=clean_author(told.author or declared_names(things, "author"), outlet=outlet),
        url=own_address(told.url or "", url),
    )


def _title(tree: Element, told: str) -> str:
    """The only headline of the page where its title says the same and more, else what the page tells machines."""
    headlines = [" ".join(h1.text_content().split()) for h1 in tree.iter("h1")]
    titles = [" ".join(title.text_content().split()) for title in tree.xpath("//head/title")]
    only = headlines[0] if len(headlines) == 1 else ""
    return only if len(only.split()) > 2 and any(only in title for title in (told, *titles)) else told


def _lines(tree: Element, title: str, things: list[Mapping[str, Any]]) -> list[str]:
    import trafilatura

    cleared = deepcopy(tree)
    clear(cleared)
    join_entries(cleared)
    mark_body(cleared)
    leads = _leads(cleared)
    found = trafilatura.bare_extraction(cleared, include_comments=False, include_tables=False)
    lines = article_lines((found.text if found else None) or "", title)
    if not lines:
        # A page that is drawn by a script shows nothing here; what it declares is its text, unless that is sold.
        return [] if declared_closed(things) else article_lines(declared_text(things), title)
    lines = as_declared(lines, declared_text(things))
    return article_lines("\n".join(_missing(leads, lines)), title) + lines


def _leads(cleared: Element) -> list[str]:
    """What the page marks as the lead of its article; extractors often take it for a part of the frame."""
    marked = (e for e in cleared.iter("p", "div", "h2") if _LEAD.search((e.get("class") or "").lower()))
    texts = (" ".join(e.text_content().split()) for e in marked if len((e.text or "").split()) > 4)
    return [text for text in texts if 10 <= count_words(text) <= 80][:1]


def _missing(leads: list[str], lines: list[str]) -> list[str]:
    text = " ".join(lines)
    return [lead for lead in leads if lead[:60] not in text]
