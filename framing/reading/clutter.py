"""What stands around an article on its page, taken out by what its markup says it is.

The rules read what authors of pages write for machines and for people who cannot see: element names, roles, labels,
and the words of classes and ids. They know no single site. Nothing that holds the headline or the declared body of the
article is ever removed, whatever it is called.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

Element = Any
"""An element of lxml, which is an optional library and has no types."""

_TAGS = {
    "nav", "aside", "dialog", "figcaption", "button", "select", "noscript",
    "iframe", "amp-consent", "amp-sidebar", "amp-ad", "amp-embed",
}  # fmt: skip
_ROLES = {
    "navigation", "complementary", "contentinfo", "search", "dialog", "alertdialog", "menu", "menubar", "tablist",
    "banner",
}  # fmt: skip

# Words of a class, an id or a label, with hyphens between them: "cookieBanner" is read as "cookie-banner".
_NAMED = re.compile(
    r"(?<![a-z])(?:"
    # consent and other layers over the page
    r"cookies?|cookie(?:bar|banner|consent|notice|bot)|consent|gdpr|ccpa|cmp|qc-cmp|onetrust|didomi|truste|usercentrics|cybot"
    r"|sp-message|privacy-(?:banner|notice|popup)|modal|pop-?up|interstitial"
    # readers' comments
    r"|comments?|comment(?:list|area|form)|disqus|livefyre|respond|user-comments|reader-(?:comments?|letters)|kommentare"
    r"|commentaires|comentarios|responses|replies|reactions|discussion|readers?-(?:voices|opinions)"
    # other stories
    r"|related|related(?:posts|articles|stories|content)|recommend(?:ed|ations?)|(?:read|also|see)-(?:more|also|next|read)|readmore"
    r"|more-(?:stories|news|articles|from|on|like)|(?:most|top)-(?:read|popular|viewed|shared|stories|commented)|mostread|popular"
    r"|trending|taboola|outbrain|zergnet|recirc(?:ulation)?|(?:up|read|watch)-next|(?:next|prev|previous)-(?:article|story|post)"
    r"|post-navigation|you-(?:may|might)-(?:also-)?like|dont-miss|editors?-picks?|latest-(?:news|stories)|recent-(?:posts|articles|stories)"
    r"|key-(?:events|moments)|teasers?|promos?|inline-promo|upsell|cross-?sell"
    # newsletters, sharing, advertising
    r"|newsletters?|newsletter(?:box|signup)|sign-?up|mailing-list|mailchimp|email-(?:capture|signup|form)|opt-?in|call-to-action|cta"
    r"|shar(?:e|es|ing)|share(?:bar|tools|buttons)|sharedaddy|social|social(?:media|share|icons)|addthis|addtoany|follow-us|tool(?:bar|box)"
    r"|ads?|adverts?|advertisements?|advertorial|ad(?:slot|unit|box|sense|container)|adsbygoogle|sponsor(?:ed)?|dfp|donat(?:e|ion|ions)"
    # about the article, not of it
    r"|author-(?:box|bio|info|card|description|about|profile|details)|about-(?:the-)?author|authorbio|bio|byline"
    r"|tags?-(?:list|cloud|links)|taglist|(?:post|entry|article|story)-+tags|topics?-(?:list|tags)|captions?|caption-text"
    r"|(?:photo|image|picture|media)-(?:credits?|captions?)|print-(?:only|link)|copyright|breadcrumbs?"
    # the frame of the site
    r"|navigation|nav|navbar|menu|sidebar|site-(?:header|footer)|page-footer|footer-(?:links|nav|menu)|skip-link|masthead"
    r")(?![a-z])"
)
# Readers' own words and consent texts are often longer than the article; no share of the page makes them part of it.
_NEVER_ARTICLE = re.compile(
    r"(?<![a-z])(?:comments?|comment(?:list|area)|disqus|respond|cookies?|consent|gdpr|cmp|qc-cmp|onetrust|didomi"
    r"|usercentrics|cybot|sp-message)(?![a-z])"
)
# Such a name says something of the page, or files the article under a topic: "has-comments", "tag-cookies".
_ABOUT_THE_PAGE = re.compile(
    r"(?:has|no|with|without|is|show|hide|js|can|not|category|cat|section|topic|tag(?!-(?:list|cloud|links)))-"
)
CONSENT = re.compile(
    r"""\b(?:(?:we|our|and)\ (?:and\ )?(?:our\ )?(?:\d+\ )?(?:third-party\ )?partners | us(?:e|es|ing)\ (?:of\ )?cookies
    | accept\ all | reject\ all | (?:manage|more|privacy|cookie)\ (?:your\ )?(?:preferences|choices|options|settings)
    | stor(?:e|ing)\ (?:and|or|and/or)\ access\w*\ information | personali[sz]ed\ (?:ads|advertising|content)
    | (?:your|withdraw|give|my)\ consent | (?:privacy|cookie)\ (?:policy|notice|statement) | legitimate\ interests?
    | tracking\ technologies | your\ privacy | before\ you\ continue | audience\ (?:insights|measurement))\b""",
    re.VERBOSE | re.IGNORECASE,
)
"""What texts say that ask for consent."""

_AGREE = re.compile(
    r"\W*(?:i )?(?:accept|agree|allow|consent|okay|ok|got it|continue)(?: (?:and|&) \w+| all| to all)?(?: cookies)?\W*",
    re.IGNORECASE,
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_LEADS_ON = re.compile(
    r"\W*(?:read (?:more|also|next|on)|also read|see also|more on this|more(?= ?:)|related"
    r"|(?:recommended|watch|listen)(?= ?:)|don.t miss|you may (?:also )?like|in pictures|editor.s picks?)\b",
    re.IGNORECASE,
)
_BLOCKS = ("div", "article", "section", "li")
_APART = (*_BLOCKS, "p", "ul", "ol", "dl", "table", "nav", "aside", "header", "footer", "form", "figure", "blockquote")
_HEADINGS = ("h2", "h3", "h4", "h5")
_CODE = ("script", "style", "template")
_NEVER = ("html", "body", "head", "meta", "link", "title", "main")
_MOST_CONTROLS = 20
_RUNNING = 20
"""A paragraph of this many words outside links is running text."""


def clear(tree: Element) -> None:
    """Remove from a parsed page what is not its article, in place; see the head of this module for the rules."""
    path = _article_path(tree)
    _layout_tables_to_blocks(tree)
    _drop_requests_for_consent(tree, path)
    running = _running_words(tree)
    measured, whole = (_running_words, running) if running else (_words, _words(tree))
    clutter = []
    waiting = [tree]
    while waiting:
        element = waiting.pop()
        if not isinstance(element.tag, str):
            continue
        if element in path:
            _unname(element)
            waiting.extend(element)
        elif _is_clutter(element) or (_is_named_clutter(element) and 2 * measured(element) <= whole):
            # Whatever it is called, most of the text of a page is its article.
            clutter.append(element)
        else:
            waiting.extend(element)
    for element in clutter:
        # Emptied, not dropped: dropping moves the text behind it, which takes squared time on pages made for that.
        element.clear(keep_tail=True)
        element.tag = "div" if element.tag in _APART else "span"


def controls_to_agree(tree: Element) -> list[Element]:
    """The buttons and links of a page by which one agrees, accepts or consents."""
    controls = tree.xpath("//button | //a | //input[@type='submit' or @type='button']")
    return [c for c in controls if _AGREE.fullmatch(" ".join((c.text_content() or c.get("value", "")).split()))]


def _drop_requests_for_consent(tree: Element, path: set[Element]) -> None:
    """Requests for consent that have no name: a control to agree, and around it the words of such requests."""
    for control in controls_to_agree(tree)[:_MOST_CONTROLS]:
        request, words, phrases = None, 0, 0
        for above in control.iterancestors():
            text = above.text_content()
            more_words, more_phrases = count_words(text) - words, len(CONSENT.findall(text)) - phrases
            if above in path or (words + more_words > 60 and more_words > 15 * more_phrases):
                break
            words, phrases = words + more_words, phrases + more_phrases
            request = above if phrases else None
        if request is not None and request.getparent() is not None:
            request.drop_tree()


def mark_body(tree: Element) -> None:
    """Give the block that holds most of the running text the name that extractors look for, where nothing else has it.

    Without it they take paragraphs alone, and headings and lists between them are lost.
    """
    if tree.xpath("//article | //*[contains(@itemprop, 'articleBody')]"):
        return
    held: dict[Element, int] = {}
    for paragraph, words in _running_paragraphs(tree):
        parent = paragraph.getparent()
        held[parent] = held.get(parent, 0) + words
    body = max(held, key=lambda element: held[element], default=None)
    if body is not None and body.tag in ("div", "section") and 10 * held[body] >= 8 * sum(held.values()):
        body.tag = "article"


def _unname(element: Element) -> None:
    """Take the names of clutter off an element that holds the article: extractors go by them too."""
    for attribute in ("class", "id"):
        if _NAMED.search(_hyphenated(element.get(attribute, ""))):
            del element.attrib[attribute]


def _article_path(tree: Element) -> set[Element]:
    """The elements that hold the headline, the main part or the declared body of the article."""
    bodies = tree.xpath("//main | //*[@role='main'] | //*[contains(@itemprop, 'articleBody')]")
    headlines = [h1 for h1 in tree.iter("h1") if not _in_a_layer(h1)]
    path: set[Element] = set(tree.xpath("/html | /html/body"))
    for element in (*bodies, *headlines):
        path.add(element)
        for above in element.iterancestors():
            if above in path:
                break
            path.add(above)
    return path


def _in_a_layer(headline: Element) -> bool:
    """Is it the headline of a dialogue, a consent text or a thread of comments, instead of the article's?"""
    for above in headline.iterancestors("div", "section", "dialog", "aside", "form", "amp-consent"):
        layer = above.get("role") in ("dialog", "alertdialog") or above.tag in ("dialog", "amp-consent")
        if (layer or _NEVER_ARTICLE.search(_names(above))) and above.find(".//article") is None:
            return True
    return False


def _names(element: Element) -> str:
    """The words of all that names an element, lower case, hyphens between them."""
    given = " ".join(element.get(attribute, "") for attribute in ("class", "id", "data-testid", "data-component"))
    names = _hyphenated(given).split()
    label = element.get("aria-label", "")
    if 0 < len(label.split()) <= 4:
        names.append(re.sub(r"\W+", "-", label.lower()))
    return " ".join(name for name in names if not _ABOUT_THE_PAGE.match(name))


def _hyphenated(names: str) -> str:
    return " ".join(re.sub(r"[_\W]+", "-", _CAMEL.sub("-", name)).lower().strip("-") for name in names.split())


def _is_clutter(element: Element) -> bool:
    if element.tag in _NEVER:
        return False
    if (element.tag == "p" and _only_leads_on(element)) or (element.tag in _HEADINGS and _leads_away(element)):
        return True
    if element.tag in _CODE or element.get("aria-modal") == "true" or _NEVER_ARTICLE.search(_names(element)):
        return True
    return is_teaser(element) or _is_list_of_links(element)


def _is_named_clutter(element: Element) -> bool:
    if element.tag in _NEVER:
        return False
    role = element.get("role", "").lower()
    return element.tag in _TAGS or role in _ROLES or bool(_NAMED.search(_names(element)))


def count_words(text: str) -> int:
    """Words between spaces; scripts that write none between words count a word for every eight characters.

    Of a very long text the number is an estimate: where it matters, texts are short.
    """
    if len(text) > 100_000:
        return len(text) // 6
    parts = text.split()
    return max(len(parts), sum(map(len, parts)) // 8)


def _words(element: Element) -> int:
    return count_words(element.text_content())


def linked_words(element: Element) -> int:
    """How many of the words of an element stand in its links."""
    return sum(_words(link) for link in element.iter("a"))


def _running_paragraphs(tree: Element) -> Iterator[tuple[Element, int]]:
    for paragraph in tree.iter("p"):
        words = _words(paragraph) - linked_words(paragraph)
        if words >= _RUNNING:
            yield paragraph, words


def _running_words(tree: Element) -> int:
    return sum(words for _, words in _running_paragraphs(tree))


def _only_leads_on(paragraph: Element) -> bool:
    """A paragraph that is a link to another story and nothing else, with or without "Read more:" before it."""
    linked = linked_words(paragraph)
    if linked < 3:
        return False
    beside = _words(paragraph) - linked
    return beside == 0 or (beside <= 5 and bool(_LEADS_ON.match(paragraph.text_content())))


def is_teaser(element: Element) -> bool:
    """A block headed by a link to another page, with a few lines of its own; more where such blocks are in a row."""
    if element.tag not in _BLOCKS or not _is_headed_by_a_link(element):
        return False
    beside = (element.getprevious(), element.getnext())
    in_a_row = any(one is not None and one.tag == element.tag and _is_headed_by_a_link(one) for one in beside)
    return _words(element) - linked_words(element) <= (200 if in_a_row else 60)


def _is_headed_by_a_link(element: Element) -> bool:
    """Does the block have a heading that is one link, or is its first part a link with no text around it?"""
    if any(_leads_away(child) for child in element):
        return True
    first = next(element.iterchildren("a"), None)
    if first is None or first.getprevious() is not None or (element.text or "").strip() or (first.tail or "").strip():
        return False
    return len(element) > 1 and _words(first) >= 3 and not first.get("href", "#").startswith("#")


def _leads_away(child: Element) -> bool:
    """A heading that is one link, or a link that holds a heading."""
    if child.tag == "a":
        link, heading = child, next(child.iter(*_HEADINGS), None)
    elif child.tag in _HEADINGS:
        link, heading = child.find(".//a"), child
    else:
        return False
    if link is None or heading is None or link.get("href", "#").startswith("#"):
        return False
    return _words(link) >= max(3, _words(heading))


def _is_list_of_links(element: Element) -> bool:
    if element.tag not in ("ul", "ol", "div", "section", "table") or element.find(".//a") is None:
        return False
    words = _words(element)
    links = len(list(element.iter("a")))
    return links >= 4 and linked_words(element) >= 0.8 * words


def _layout_tables_to_blocks(tree: Element) -> None:
    """Tables that lay out a page become plain blocks; tables of figures stay tables."""
    for table in list(tree.iter("table")):
        cells = [cell for cell in table.iter("td", "th") if _words(cell) > 40]
        if cells or table.get("role") in ("presentation", "none") or table.find(".//table") is not None:
            for part in table.iter("table", "tbody", "thead", "tfoot", "tr", "td", "th", "center"):
                part.tag = "div"
