"""Live blogs: many entries with times on one page, all of which are its article."""

from __future__ import annotations

import re
from itertools import islice

from framing.reading.clutter import Element, count_words

FEWEST_ENTRIES = 3
"""Fewer entries with times are no live blog."""

_TIME = re.compile(
    r"\W*(?:\d{1,2}[:.h]\d{2}(?::\d{2})?(?: ?[ap]\.?m\.?)?|\d{1,2} ?[ap]\.?m\.?|\d+ (?:min|minute|hour|h)s? ago)"
    r"(?: [A-Z]{2,4})?\W*",
    re.IGNORECASE,
)
_BLOCKS = ("article", "li", "div", "section")


def join_entries(tree: Element) -> None:
    """Make one article of the entries of a live blog, in place, without their times; other pages stay as they are.

    Extractors take one entry for the article and the rest for other articles. Entries are blocks of one kind side by
    side, each with a time, that hold most of the words which the cleared page has. A thread of comments looks the same
    but for its links to reply; it stays as it is.
    """
    words = count_words(tree.text_content())
    for parent in list(tree.iter("div", "section", "ol", "ul", "main", "article", "body")):
        entries = _entries(parent)
        if len(entries) >= FEWEST_ENTRIES and 2 * sum(count_words(e.text_content()) for e in entries) >= words:
            _join(parent, entries)
            return


def _entries(parent: Element) -> list[Element]:
    kinds: dict[tuple[str, str], list[Element]] = {}
    for child in parent.iterchildren(*_BLOCKS):
        kinds.setdefault((child.tag, (child.get("class") or "").partition(" ")[0]), []).append(child)
    most = max(kinds.values(), key=len, default=[])
    if len(most) < FEWEST_ENTRIES:
        return []
    return [entry for entry in most if _stamps(entry) and not _answers(entry)]


def _stamps(entry: Element) -> list[Element]:
    """The elements of an entry that are its time and nothing else; they stand among the first."""
    first = islice(entry.iterdescendants(), 12)
    return [
        e for e in first if e.tag == "time" or (isinstance(e.tag, str) and not len(e) and _TIME.fullmatch(e.text or ""))
    ]


def _answers(entry: Element) -> bool:
    return any((link.text_content() or "").strip().lower() in ("reply", "report") for link in entry.iter("a", "button"))


def _join(parent: Element, entries: list[Element]) -> None:
    for entry in entries:
        for stamp in _stamps(entry):
            stamp.drop_tree()
        for part in entry.iter("article", "li", "ol", "ul", "header"):
            part.tag = "div"
        for part in list(entry.iter()):
            part.attrib.clear()
            if part.tag == "a":
                part.drop_tag()  # extractors take a short entry with links for a list of links
    parent.tag = "article"
    parent.attrib.clear()
    parent.set("class", "article-body")
