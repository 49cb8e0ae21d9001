"""Why a page is no article: paywalls, consent and log-in pages, walls against robots, missing pages, lists of stories.

A page is judged by its text as it was extracted and by what stands around it. Words about such things are no reason: an
article on cookies or on subscriptions has its text. What is refused lacks one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from framing.reading.clutter import CONSENT, Element, controls_to_agree, count_words, is_teaser, linked_words
from framing.reading.extraction import Extraction
from framing.reading.metadata import declared, declared_closed, declared_open, is_article, types

FEWEST_WORDS = 40
"""A text of fewer words is no article."""

_FEW = 80
_FEWEST_PARAGRAPHS = 3
_BRIEF = 100
_SHORT = 150
_HALF = 400
_LONG = 2000
_MOST_AROUND = 400_000

_OFFER = re.compile(
    r"""\b(?:(?:subscribe|subscription|register|sign\ up|sign\ in|log\ ?in|create\ (?:an?|your)\ (?:free\ )?account
            |become\ an?\ (?:member|subscriber))(?:\ [^.!?]{1,30}?)?
        \ to\ (?:continue|keep|read(?!\ without)|unlock|access|see|finish|view)
    | join(?:\ [^.!?]{1,30}?)?\ to\ (?:(?:continue|keep|finish)\ reading|read|unlock)
    | to\ (?:continue|keep|finish)\ reading | continue\ reading\ (?:this|with|for|by) | keep\ reading\ (?:with|for)
    | to\ read\ (?:this|the)\ (?:article|story|full)\b[^.!?]{0,30}\bsubscribe | want\ to\ read\ more
    | (?:article|story|content|page|post|report|analysis)\ is
        \ (?:only\ |exclusively\ |reserved\ )?(?:available\ )?(?:for|to)
        \ (?:our\ |paying\ |paid\ |registered\ |premium\ )?(?:subscribers|members)
    | (?:for|to)\ (?:our\ )?subscribers\ only | subscriber[s-]?[\ -]?(?:only|exclusive)
        (?!\ (?:newsletters?|podcasts?|events?|benefits?))
    | premium\ (?:content|article|story)
    | exclusive(?:ly)?\ (?:for|to)\ (?:our\ )?(?:subscribers|members)
    | unlock\ (?:this|the|full|unlimited) | read\ the\ (?:full|rest\ of\ (?:the|this))\ (?:article|story)
    | (?:you\ have|you.ve)\ (?:reached|read|used)\ (?:your|all|the)\ [\w ]{0,30}(?:articles|stories|limit)
    | free\ (?:articles|stories)\ (?:remaining|left) | the\ (?:rest|remainder)\ of\ this\ (?:article|story))\b""",
    re.VERBOSE | re.IGNORECASE,
)
# Sites say this in their heads and feet too; behind the text of an article it says that there is more.
_SOFT_OFFER = re.compile(
    r"""\b(?:already\ (?:a|an|have)\ (?:subscriber|member|an\ account)|free\ trial|cancel\ any\ ?time|continue\ reading
    |choose\ (?:a|your)\ (?:plan|subscription)|(?:get|for)\ (?:full|unlimited)\ (?:digital\ )?access)\b""",
    re.VERBOSE | re.IGNORECASE,
)
_WALL = re.compile(
    r"""pay-?wall|reg(?:istration)?-?wall|subscri(?:be|ber|ption)s?-?(?:wall|only|required|gate|offer|barrier|prompt)
    |premium-?(?:wall|barrier|lock|content|teaser)|piano-|tp-(?:modal|backdrop|container)
    |(?:article|content)-?(?:gate|lock|barrier)|metered-?(?:gate|wall|offer)
    |(?:article|body|content|story)-?(?:truncat|fade)|(?:truncated|faded?)-?(?:article|body|content|story)""",
    re.VERBOSE,
)
# How a text ends that was cut off; only its end is looked at.
_CUT = re.compile(r"(?:…|\.\.\.|\[[….]+\])\W*\Z|[a-z,]\Z")
_END = 80
_CLOSING_LINES = 5
"""Offers stand among the last lines of a text, and are short."""

_MISSING = re.compile(
    r"""(?:error\ )?404\b | not\ found\W*(?:\||\Z) | \bnothing\ (?:was\ )?found\b
    | \b(?:page|article|story|content|file)\b.{0,25}\b(?:not\ (?:be\ )?found|missing|removed|gone|no\ longer\ available
        |unavailable|not\ exist|doesn.t\ exist|no\ longer\ exists?)\b
    | \b(?:can.t|cannot|couldn.t|could\ not)\ find\ (?:that|the|this|what)\b
    | \A\W*(?:sorry|oops|whoops)\b.{0,40}\b(?:page|find|exist|found|wrong)\b""",
    re.VERBOSE | re.IGNORECASE,
)
_ROBOT = re.compile(
    r"""\bjust\ a\ moment\b | attention\ required | access\ (?:to\ this\ page\ has\ been\ )?denied
    | (?:are\ you|you\ are|you.re)\ (?:not\ )?(?:a\ )?(?:human|robot)\b | security\ check | pardon\ our\ interruption
    | checking\ your\ browser | human\ verification | (?:unusual|suspicious)\ (?:traffic|activity)\ (?:from|on|has)
    | bot\ (?:detection|protection) | \bcaptcha\b | ddos\ protection | enable\ javascript\ and\ cookies
    | request\ (?:blocked|could\ not\ be\ satisfied) | \A\W*403\b | too\ many\ requests""",
    re.VERBOSE | re.IGNORECASE,
)
_LOG_IN = re.compile(
    r"\A\W*(?:log|sign)[ -]?(?:in|on)\b|\A\W*(?:login|authentication required)\b|members.? (?:area|login)",
    re.IGNORECASE,
)

_LIVE_VIDEO = re.compile(
    r"\bwatch live\b|\blive (?:stream|video|now)\b|\A\W*(?:live|video|watch)\s?[:|]", re.IGNORECASE
)

_CAPTCHA = (
    "//iframe[contains(@src, 'captcha')] | //*[contains(@class, 'captcha') or contains(@id, 'captcha')"
    " or contains(@class, 'cf-challenge') or @id='challenge-form']"
)


@dataclass(frozen=True, slots=True)
class _Signs:
    """What is seen on a page beside the text of its article."""

    things: list[Mapping[str, Any]]
    heading: str
    around: str
    text: str
    words: int
    offered: bool
    article_declared: bool


def refusal(tree: Element, found: Extraction, *, url: str = "") -> str:
    """The reason why a page is no article that can be read, or an empty string where it is one.

    ``tree`` is the parsed page as it came, ``found`` what was extracted from it.
    """
    signs = _signs(tree, found)
    if signs.words < _FEW and not signs.article_declared:
        if _is_robot_wall(tree, signs):
            return "the page is a check against robots, not an article"
        if _MISSING.search(signs.heading):
            return "the page says that it was not found"
    if _asks_for_consent(tree, signs):
        return "the page asks for consent instead of showing the article"
    if _is_stub(tree, signs):
        return "the page shows only the beginning, for subscribers"
    if signs.words < FEWEST_WORDS and _asks_to_log_in(tree, signs):
        return "the page asks for a log-in"
    if signs.words < _BRIEF and _is_video(tree, signs):
        return "the page shows a video, with no article"
    if not (found.date and found.author) and _lists_stories(tree, signs, found.url or url):
        return "the page is a list of stories, not an article"
    if not signs.words:
        return "no article text found in the page"
    return f"{signs.words} words of text are too short to be an article" if signs.words < FEWEST_WORDS else ""


def without_offer(text: str) -> str:
    """The text without the offers of subscriptions that stand behind it."""
    lines = text.split("\n")
    offer = _offer(lines)
    return "\n".join(line for line in lines if line not in offer)


def _offer(lines: list[str]) -> list[str]:
    """Of the short lines at the very end, those from the first that offers a subscription."""
    closing = list(takewhile(lambda line: count_words(line) < 20, lines[: -_CLOSING_LINES - 1 : -1]))
    while closing and not (_OFFER.search(closing[-1]) or _SOFT_OFFER.search(closing[-1])):
        closing.pop()
    return closing


def _signs(tree: Element, found: Extraction) -> _Signs:
    heading = " ".join(" ".join(e.text_content() for e in tree.xpath("//h1 | //head/title")).split())
    lines = found.text.split("\n")
    offer = _offer(lines)
    text = without_offer(found.text)
    words = count_words(text)
    around = "" if words > _LONG else _around(tree, [line for line in lines if line not in offer])
    things = declared(tree)
    kinds = " ".join(tree.xpath("//meta[@property='og:type']/@content | //*[@itemtype]/@itemtype"))
    article = any(map(is_article, things)) or bool(re.search(r"\barticle\b|(?:Article|BlogPosting)\b", kinds))
    return _Signs(things, f"{heading[:1000]} {found.title}", around, text, words, bool(offer), article)


def _around(tree: Element, lines: list[str], *, beside: str = "false()") -> str:
    """What a page shows, without the text of its article: what that says of subscriptions is no offer.

    ``beside`` is a condition in XPath on text that is left out too.
    """
    unseen = "ancestor::script or ancestor::style or ancestor::template"
    shown = tree.xpath(f"//body//text()[not({unseen} or {beside})]")
    around = " ".join(" ".join(shown).split())[:_MOST_AROUND]
    for line in lines:
        around = around.replace(line, " ")
    return around


# --- paywalls


def _is_stub(tree: Element, signs: _Signs) -> bool:
    closed = declared_closed(signs.things)
    offer = signs.offered or _is_offered_beside(tree, signs) or _has_wall(tree)
    if not (closed or offer):
        return False
    whole = _declared_words(signs)
    if whole > 1.5 * signs.words + 50:
        return True
    if signs.words >= 0.8 * whole > 0:
        return False
    cut = bool(_CUT.search(signs.text[-_END:]))
    if declared_open(signs.things) and not (closed or cut or signs.offered):
        return False
    return signs.words < (_HALF if cut else _SHORT if offer else _BRIEF)


def _is_offered_beside(tree: Element, signs: _Signs) -> bool:
    """Does the page offer a subscription for what it does not show? In menus and feet it does so for all it has."""
    if not _OFFER.search(signs.around):
        return False
    return bool(_OFFER.search(_around(tree, signs.text.split("\n"), beside="ancestor::nav or ancestor::footer")))


def _has_wall(tree: Element) -> bool:
    """Is there a block called a wall that says something, and is not itself the text of the article?"""
    named = (
        e
        for e in tree.iter("div", "section", "aside", "p", "form")
        if _WALL.search(f"{e.get('class', '')} {e.get('id', '')}".lower())
    )
    return any(e.find(".//h1") is None and 2 <= count_words(e.text_content()) < _BRIEF for e in named)


def _declared_words(signs: _Signs) -> int:
    counts = [str(thing.get("wordCount", "")) for thing in signs.things]
    bodies = [str(thing.get("articleBody", "")) for thing in signs.things]
    return max(
        [int(count) for count in counts if count.isdecimal() and len(count) < 7]
        + [count_words(body) for body in bodies],
        default=0,
    )


# --- pages without an article


def _asks_for_consent(tree: Element, signs: _Signs) -> bool:
    if not controls_to_agree(tree):
        return False
    if signs.words < FEWEST_WORDS:
        return len(set(CONSENT.findall(signs.around.lower()))) >= 2
    # An article on cookies has such words too, but it is not made of them.
    found = CONSENT.findall(signs.text.lower())
    return not signs.article_declared and len(set(found)) >= 3 and 15 * len(found) >= signs.words


def _is_robot_wall(tree: Element, signs: _Signs) -> bool:
    asked = tree.xpath(_CAPTCHA)
    return bool(_ROBOT.search(signs.heading)) or (
        signs.words < FEWEST_WORDS and bool(asked or _ROBOT.search(signs.around[:600]))
    )


def _asks_to_log_in(tree: Element, signs: _Signs) -> bool:
    return bool(_LOG_IN.search(signs.heading) or tree.xpath("//input[@type='password']"))


def _is_video(tree: Element, signs: _Signs) -> bool:
    kind = " ".join(tree.xpath("//meta[@property='og:type']/@content"))
    shown = (
        any("VideoObject" in types(thing) for thing in signs.things)
        or kind.startswith("video")
        or tree.find(".//video") is not None
    )
    live = _LIVE_VIDEO.search(signs.heading)
    return (
        shown
        and (bool(live) or signs.words < FEWEST_WORDS)
        and not (signs.article_declared and signs.words >= FEWEST_WORDS)
    )


def _lists_stories(tree: Element, signs: _Signs, url: str) -> bool:
    if signs.article_declared:
        return False
    teasers = sum(is_teaser(block) for block in tree.iter("div", "article", "section", "li"))
    body = tree.find(".//body")
    words = count_words(signs.around)
    links = linked_words(body) if body is not None else 0
    if signs.words < FEWEST_WORDS:
        return teasers >= 5 or (words > 80 and links >= 0.6 * words)
    kinds = " ".join(types(thing) for thing in signs.things)
    front = bool(re.fullmatch(r"https?://[^/]+/?", url))
    listed = front or bool(re.search("CollectionPage|ItemList|SearchResultsPage", kinds))
    return teasers >= 5 and (listed or (signs.words < _FEW and _paragraphs(signs.text) < _FEWEST_PARAGRAPHS))


def _paragraphs(text: str) -> int:
    """Lines that are prose: of some length, and ended like a sentence."""
    return sum(count_words(line) >= 8 and bool(re.search(r"[.!?]\W{0,2}\Z", line)) for line in text.split("\n"))
