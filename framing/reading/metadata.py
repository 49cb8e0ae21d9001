"""What a page says of its article: title, author, day, address; and what it declares for machines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

from framing.reading.clutter import Element

EARLIEST_DAY = "1990-01-01"
"""Earlier dates on web pages are mistakes of the software that wrote them (1970 most often) and are not trusted."""

LATEST_DAY = "2100-01-01"
"""The latest day that counts as a date where the caller does not know better; fixed, so that no clock is read."""

_MOST_DECLARED = 200
_FORM = re.compile(r"amp(\.html?)?|print|(index|default)\.\w{2,5}", re.IGNORECASE)
_SEPARATOR = r"[|–—·•»«:/-]"
_NO_AUTHORS = frozenset(
    {"admin", "administrator", "author", "editor", "guest", "staff", "submitted", "unknown", "webmaster"}
)


def plausible_day(date: str, *, not_after: str = "") -> str:
    """The ISO date if its day lies between :data:`EARLIEST_DAY` and ``not_after`` (a day), else an empty string."""
    return date if EARLIEST_DAY <= date[:10] <= (not_after or LATEST_DAY)[:10] else ""


def declared(tree: Element) -> list[Mapping[str, Any]]:
    """The things a page declares in JSON-LD, flat, in their order; at most two hundred."""
    waiting: list[Any] = []
    for script in tree.xpath("//script[@type='application/ld+json']"):
        try:
            waiting.append(json.loads(script.text or "", strict=False))
        except (ValueError, RecursionError):
            continue
    return list(_flat(waiting))


def _flat(values: list[Any]) -> Iterator[Mapping[str, Any]]:
    waiting = values[::-1]
    for _ in range(_MOST_DECLARED):
        if not waiting:
            return
        value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(reversed(value))
        elif isinstance(value, dict):
            yield value
            waiting.extend(value[key] for key in ("mainEntity", "hasPart", "@graph") if key in value)


def types(thing: Mapping[str, Any]) -> str:
    """The types of a declared thing, such as ``NewsArticle``, one after the other."""
    given = thing.get("@type")
    return " ".join(map(str, given)) if isinstance(given, list) else str(given or "")


def is_article(thing: Mapping[str, Any]) -> bool:
    """Is the declared thing an article, a report, a post or a live blog?"""
    return bool(re.search("Article|Report|Posting", types(thing)))


def declared_names(things: list[Mapping[str, Any]], role: str) -> str:
    """Who a page declares in that role for its article (``author``, ``publisher``): names separated by "; "."""
    for thing in filter(is_article, things):
        given = thing.get(role)
        given = given if isinstance(given, list) else [given]
        names = [one.get("name") if isinstance(one, dict) else one for one in given]
        found = "; ".join(name.strip() for name in names if isinstance(name, str) and name.strip())
        if found:
            return found
    return ""


def declared_closed(things: list[Mapping[str, Any]]) -> bool:
    """Does the page declare that its article, or a part of it, is for subscribers?"""
    return any(str(thing.get("isAccessibleForFree")).lower() == "false" for thing in things)


def declared_open(things: list[Mapping[str, Any]]) -> bool:
    """Does the page declare that its article is free for everybody?"""
    return any(str(thing.get("isAccessibleForFree")).lower() == "true" for thing in things if is_article(thing))


def declared_text(things: list[Mapping[str, Any]]) -> str:
    """The text that a page declares as the body of its article, or an empty string."""
    bodies = (thing.get("articleBody") for thing in filter(is_article, things))
    return next((body for body in bodies if isinstance(body, str)), "")


def clean_title(title: str, *, names: tuple[str, ...]) -> str:
    """The headline without the names of its site before or behind it; the words of the headline itself stay.

    >>> clean_title("Ferry returns - first since May | The Lantern", names=("The Lantern",))
    'Ferry returns - first since May'
    """
    title = " ".join(title.split())
    for name in {_bare(name) for name in names if name}:
        site = rf"(?:the )?{re.escape(name)}(?:\.\w{{2,4}})?"
        behind = re.sub(rf"(?:\s+{_SEPARATOR}|\|)\s*{site}\s*\Z", "", title, flags=re.IGNORECASE)
        title = re.sub(rf"\A{site}\s*{_SEPARATOR}\s+", "", behind, flags=re.IGNORECASE) or title
    return title.strip(" |")


def _bare(name: str) -> str:
    """The name without its article and its domain, so that "lantern.example" and "The Lantern" are one."""
    return re.sub(r"\A(?:www\.|the )|\.\w{2,6}\Z", "", name.strip(), flags=re.IGNORECASE)


def clean_author(author: str, *, outlet: str) -> str:
    """The names of people, separated by "; ", without the outlet's own name, addresses and "By"."""
    names = (re.sub(r"\Aby\s+", "", name.strip(), flags=re.IGNORECASE) for name in author.split(";"))
    return "; ".join(
        name
        for name in dict.fromkeys(names)
        if name and not re.search(r"https?:|@|www\.", name)
        and name.casefold() not in _NO_AUTHORS and _bare(name).casefold() != _bare(outlet).casefold()
    )  # fmt: skip


def own_address(named: str, found_at: str) -> str:
    """The address a page names as its own, if it can be: of the same site, and no page above where it was found.

    A page that names a page of another site would else be taken for that site's article, and all pages that name the
    front page or their section for one article.
    """
    try:
        here, there = urlsplit(found_at), urlsplit(named)
    except ValueError:
        return found_at
    if there.scheme not in ("http", "https") or not there.hostname:
        return found_at
    if not found_at:
        return named
    same = _site(there.hostname) == _site(here.hostname or "")
    return named if same and (there.query or not _is_above(_folders(there.path), here)) else found_at


def _is_above(folders: list[str], here: SplitResult) -> bool:
    """Whether folders lead to a page, short of its last parts; a part that names a form of the page is none of them."""
    place = _folders(here.path)
    while place and _FORM.fullmatch(place[-1]):
        place.pop()
    return place[: len(folders)] == folders and (len(folders) < len(place) or bool(here.query and not folders))


def _folders(path: str) -> list[str]:
    return [part for part in path.split("/") if part]


def _site(host: str) -> str:
    return re.sub(r"\A(?:www\d?|amp|m|mobile|edition)\.", "", host.lower())
